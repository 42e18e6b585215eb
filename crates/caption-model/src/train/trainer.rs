use std::{path::PathBuf, time::Instant};

use burn::{
    module::Module,
    optim::{GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};
use frame_features::FeatureStore;
use jp_tokenize::Vocabulary;

use super::{
    adam::FusedAdam,
    checkpoint::{Checkpoints, Identity, State},
    clip::clip_by_global_norm,
    config::TrainConfig,
    history::{EpochRecord, TrainReport, write_history},
    objective::Objective,
};
use crate::{
    data::{Batch, Pairs, plan_batches},
    error::Error,
    evaluate::Likelihood,
    folder::{Encoder, ModelConfig, ModelFolder},
    generate::CommentRate,
    model::{Network, NetworkConfig},
};

/// Steps between two looks at the loss: looking makes the host wait for the device.
const STEPS_A_LOOK: usize = 10;

/// What a captioner learns from.
///
/// See [`Trainer`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct TrainingData<'a> {
    /// Features of the frames.
    pub store: &'a FeatureStore,
    /// Pairs to learn from.
    pub train: &'a Pairs,
    /// Pairs to measure on; no weight is ever fitted to them.
    pub dev: &'a Pairs,
    /// The words behind the ids.
    pub vocabulary: &'a Vocabulary,
    /// How many comments frames have, kept for generation.
    pub rate: &'a CommentRate,
}

/// What [`Trainer::run`] tells while it works.
///
/// ```
/// use caption_model::Event;
///
/// let event = Event::Resumed { epoch: 3 };
/// assert!(matches!(event, Event::Resumed { epoch: 3 }));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A checkpoint was found: training goes on after this epoch.
    Resumed {
        /// The last epoch that was done.
        epoch: usize,
    },
    /// Some steps are done.
    Step {
        /// Epoch, from 1.
        epoch: usize,
        /// Comments of this epoch learnt so far.
        comments: usize,
        /// Comments an epoch.
        of: usize,
        /// Mean loss of a word over the last steps, nats.
        loss: f64,
    },
    /// An epoch is done and its checkpoint is on the disk.
    Epoch(EpochRecord),
}

/// Trains a captioner into a model folder.
///
/// After each epoch the folder holds a checkpoint; a trainer with the same configuration and data continues from it, with
/// the same losses as if it had never stopped. `model.safetensors` is always the best epoch's. The device's random
/// numbers (dropout) belong to the whole process: losses repeat if nothing else draws from them meanwhile.
///
/// ```no_run
/// use burn::tensor::Device;
/// use caption_model::{
///     CommentRate, GlobalCaptionerConfig, NetworkConfig, Pairs, TrainConfig, Trainer, TrainingData,
/// };
/// use frame_features::FeatureStore;
/// use jp_tokenize::Vocabulary;
///
/// let store = FeatureStore::open("features")?;
/// let vocabulary = Vocabulary::load("vocabulary.tsv")?;
/// let (mut train, mut dev) = (Pairs::new(30), Pairs::new(30));
/// train.push(0, &vocabulary.encode(["ここ", "すき"]));
/// dev.push(1, &vocabulary.encode(["すき"]));
/// let network = GlobalCaptionerConfig::new(vocabulary.len(), 512);
/// let rate = CommentRate::from_counts([1, 1], 30.0);
/// let data = TrainingData { store: &store, train: &train, dev: &dev, vocabulary: &vocabulary, rate: &rate };
/// let report = Trainer::new(NetworkConfig::Global(network), TrainConfig::default(), "model")
///     .run(data, &Device::flex(), |event| println!("{event:?}"))?;
/// println!("dev perplexity {:.1}", report.best_perplexity);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trainer {
    network: NetworkConfig,
    config: TrainConfig,
    folder: PathBuf,
}

impl Trainer {
    /// A trainer that leaves its model in `folder`.
    pub fn new(network: NetworkConfig, config: TrainConfig, folder: impl Into<PathBuf>) -> Self {
        Self {
            network,
            config,
            folder: folder.into(),
        }
    }

    /// Trains until the dev perplexity stops falling or all epochs are done, and tells `observe` how it goes.
    ///
    /// # Errors
    ///
    /// Fails without pairs, with features of another shape, when the loss is no number any more, when a file cannot be
    /// written, and when the folder holds a checkpoint of other data or another configuration.
    pub fn run(
        &self,
        data: TrainingData<'_>,
        device: &Device,
        mut observe: impl FnMut(Event),
    ) -> Result<TrainReport, Error> {
        self.check(&data)?;
        let identity = self.identity(&data);
        let folder = ModelFolder::new(&self.folder);
        let checkpoints = Checkpoints::new(folder.path());
        let device = device.clone().autodiff();
        device.seed(self.config.seed);
        let mut network = self.network.init(&device);
        let mut optimizer = ModuleOptimizer::from(FusedAdam::default());
        let mut state = State {
            identity,
            epochs: Vec::new(),
            finished: false,
        };
        match checkpoints.newest()? {
            Some((path, found)) if found.identity == state.identity => {
                (network, optimizer) = Checkpoints::load(&path, network, optimizer)?;
                state = found;
                observe(Event::Resumed {
                    epoch: state.epochs.len(),
                });
            }
            Some((path, _)) => {
                return Err(Error::model(
                    &path,
                    "was made with other options or other data; remove the folder or train into another one",
                ));
            }
            None => folder.create(&self.model_config(&data), data.vocabulary, data.rate)?,
        }
        while !state.finished {
            let epoch = state.epochs.len() + 1;
            let record;
            (network, record) =
                self.epoch(epoch, &data, network, &mut optimizer, &device, &mut observe)?;
            let best = best(&state.epochs).is_none_or(|best| record.dev_nll < best.dev_nll);
            if best {
                folder.save_network(&network.valid())?;
            }
            state.epochs.push(EpochRecord { best, ..record });
            state.finished = self.is_over(&state.epochs);
            checkpoints.save(&network, &optimizer, &state)?;
            write_history(&folder.path().join("training.jsonl"), &state.epochs)?;
            observe(Event::Epoch(state.epochs[epoch - 1].clone()));
        }
        let best = best(&state.epochs).expect("a finished training has an epoch");
        Ok(TrainReport {
            best_epoch: best.epoch,
            best_perplexity: best.dev_perplexity,
            epochs: state.epochs,
        })
    }

    fn epoch(
        &self,
        epoch: usize,
        data: &TrainingData<'_>,
        mut network: Network,
        optimizer: &mut ModuleOptimizer,
        device: &Device,
        observe: &mut impl FnMut(Event),
    ) -> Result<(Network, EpochRecord), Error> {
        let start = Instant::now();
        // Each epoch has its own random numbers, so that one continued from a checkpoint draws the same.
        device.seed(self.config.seed.wrapping_add(epoch as u64).rotate_left(17));
        let plan = plan_batches(
            data.train,
            self.config.batch_size,
            self.config.seed,
            epoch as u64,
        );
        let mut epoch_loss = Mean::default();
        let mut comments = 0;
        for (step, looks) in plan.chunks(STEPS_A_LOOK).enumerate() {
            let mut loss = Mean::default();
            let mut sum: Option<Tensor<1>> = None;
            for indices in looks {
                let batch = Batch::load(data.train, indices, data.store, device)?;
                let (stepped, nll) = self.step(network, optimizer, &batch);
                network = stepped;
                sum = Some(sum.map_or_else(|| nll.clone(), |sum| sum + nll.clone()));
                loss.count += batch.num_targets;
                comments += indices.len();
            }
            loss.sum = sum.map_or(0.0, |sum| f64::from(sum.into_scalar::<f32>()));
            if !loss.sum.is_finite() {
                return Err(Error::NotFinite {
                    loss: loss.mean(),
                    epoch,
                    step: (step + 1) * STEPS_A_LOOK,
                });
            }
            epoch_loss.sum += loss.sum;
            epoch_loss.count += loss.count;
            observe(Event::Step {
                epoch,
                comments,
                of: data.train.len(),
                loss: loss.mean(),
            });
        }
        let trained = start.elapsed().as_secs_f64();
        let inference = device.clone().inner();
        let dev = Likelihood::measure(
            &network.valid(),
            data.dev,
            data.store,
            self.config.batch_size,
            &inference,
        )?;
        let record = EpochRecord {
            epoch,
            train_nll: epoch_loss.mean(),
            dev_nll: dev.nll(),
            dev_perplexity: dev.perplexity(),
            seconds: start.elapsed().as_secs_f64(),
            comments_per_second: data.train.len() as f64 / trained.max(1e-9),
            best: false,
        };
        Ok((network, record))
    }

    /// One step of Adam; returns the summed NLL of the batch's words.
    fn step(
        &self,
        network: Network,
        optimizer: &mut ModuleOptimizer,
        batch: &Batch,
    ) -> (Network, Tensor<1>) {
        let loss = Objective::new(&self.config).loss(&network, batch);
        let gradients = GradientsParams::from_grads(loss.objective.backward(), &network);
        let gradients = clip_by_global_norm(&network, gradients, self.config.clip_norm);
        let network = optimizer.step(self.config.learning_rate, network, gradients);
        (network, loss.nll.inner())
    }

    fn is_over(&self, epochs: &[EpochRecord]) -> bool {
        let best = best(epochs).map_or(0, |best| best.epoch);
        epochs.len() >= self.config.epochs || epochs.len() - best >= self.config.patience.max(1)
    }

    fn check(&self, data: &TrainingData<'_>) -> Result<(), Error> {
        self.config.check()?;
        if !(0.0..1.0).contains(&self.network.dropout()) {
            return Err(Error::Option {
                option: "dropout",
                value: self.network.dropout().to_string(),
                expected: "0 or more and less than 1",
            });
        }
        if data.train.is_empty() {
            return Err(Error::NoPairs("train on"));
        }
        if data.dev.is_empty() {
            return Err(Error::NoPairs(
                "measure on; use another split or a longer video",
            ));
        }
        self.network_accepts(data.store)
    }

    fn network_accepts(&self, store: &FeatureStore) -> Result<(), Error> {
        if self.network.accepts(store.shape()) {
            return Ok(());
        }
        Err(Error::FeatureShape {
            found: store.shape().to_vec(),
            expected: self.network.expected_features(),
        })
    }

    fn identity(&self, data: &TrainingData<'_>) -> Identity {
        Identity {
            network: self.network.clone(),
            training: self.config.clone(),
            encoder: Encoder::of(data.store).to_string(),
            train_pairs: data.train.len(),
            train_targets: data.train.num_targets(),
            dev_pairs: data.dev.len(),
            dev_targets: data.dev.num_targets(),
        }
    }

    fn model_config(&self, data: &TrainingData<'_>) -> ModelConfig {
        ModelConfig {
            network: self.network.clone(),
            encoder: Encoder::of(data.store),
            training: self.config.clone(),
        }
    }
}

fn best(epochs: &[EpochRecord]) -> Option<&EpochRecord> {
    epochs.iter().min_by(|a, b| a.dev_nll.total_cmp(&b.dev_nll))
}

/// A sum and the count to divide it by.
#[derive(Default)]
struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }
}
