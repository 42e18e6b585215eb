use std::{path::PathBuf, slice, sync::Arc};

use burn::{module::Module, tensor::Device};
use caption_model::{ModelConfig, ModelFolder, Network, NetworkConfig};

use super::{
    checkpoint::{CheckpointIdentity, Checkpoints, PartialEpoch, TrainState},
    config::TrainConfig,
    context::TrainContext,
    data::DeviceFeatures,
    epoch::run_epoch,
    epoch_log::{EpochRecord, TrainReport, write_epoch_log},
    error::Error,
    event::TrainEvent,
    metric::{CommentMetric, FrameF1},
    objective::ObjectiveState,
    run_options::RunOptions,
    sample::Sample,
    select_by::SelectBy,
    selection::{best, is_over, selection_score},
    step::Learner,
    step_log::StepLog,
    training_data::TrainingData,
};

/// Trains a captioner into a model folder.
///
/// After each epoch, and within it as often as [`RunOptions::checkpoint_every`] says, the folder
/// holds a checkpoint; a trainer with the same configuration and data continues from it, with the
/// same losses as if it had never stopped. `model.safetensors` is always the best epoch's. The
/// device's random numbers (dropout) belong to the whole process and are seeded for each step:
/// losses repeat if nothing else draws from them meanwhile.
///
/// ```no_run
/// use burn::tensor::Device;
/// use caption_metrics::Pairs;
/// use caption_model::{CommentRate, GlobalCaptionerConfig};
/// use caption_train::{TrainConfig, Trainer, TrainingData};
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
/// let data = TrainingData {
///     store: &store, train: &train, dev: &dev, vocabulary: &vocabulary, rate: &rate,
/// };
/// let report = Trainer::new(network.into(), TrainConfig::default(), "model")
///     .run(data, &Device::flex(), |event| println!("{event:?}"))?;
/// println!("dev perplexity {:.1}", report.best_perplexity);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trainer {
    network: NetworkConfig,
    config: TrainConfig,
    options: RunOptions,
    folder: PathBuf,
    metric: Arc<dyn CommentMetric>,
    first: Option<Network>,
}

impl Trainer {
    /// A trainer that leaves its model in `folder`.
    pub fn new(network: NetworkConfig, config: TrainConfig, folder: impl Into<PathBuf>) -> Self {
        Self {
            network,
            config,
            options: RunOptions::default(),
            folder: folder.into(),
            metric: Arc::new(FrameF1),
            first: None,
        }
    }

    /// Begins with these weights, on a device with autodiff, instead of random ones.
    pub(crate) fn starting_from(mut self, network: Network) -> Self {
        self.first = Some(network);
        self
    }

    /// Sets the options of the run, which do not change its result. Default:
    /// [`RunOptions::default`].
    #[must_use]
    pub fn run_options(mut self, options: RunOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets the metric by which epochs are compared where [`SelectBy::Comments`] asks for one.
    /// Default: [`FrameF1`].
    #[must_use]
    pub fn metric(mut self, metric: impl CommentMetric + 'static) -> Self {
        self.metric = Arc::new(metric);
        self
    }

    /// Trains until dev says that it has stopped learning or all epochs are done, and tells
    /// `observe` how it goes.
    ///
    /// # Errors
    ///
    /// Fails without pairs, with features of another shape, when the loss is no number any more,
    /// when a file cannot be written, and when the folder holds a checkpoint of other data or
    /// another configuration.
    pub fn run(
        &self,
        data: TrainingData<'_>,
        device: &Device,
        observe: impl FnMut(TrainEvent),
    ) -> Result<TrainReport, Error> {
        self.run_on(data, slice::from_ref(device), observe)
    }

    /// As [`run`](Self::run), each batch dealt out to several devices. Their gradients are averaged
    /// at each step, so that the step is that of the whole batch on one device; the weights live on
    /// the first. With one device nothing is copied.
    ///
    /// With dropout the devices draw in the order in which they come to it, and losses do not
    /// repeat to the last bit.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and without devices.
    pub fn run_on(
        &self,
        data: TrainingData<'_>,
        devices: &[Device],
        mut observe: impl FnMut(TrainEvent),
    ) -> Result<TrainReport, Error> {
        self.check(&data, devices)?;
        let devices: Vec<Device> = devices.iter().cloned().map(Device::autodiff).collect();
        let folder = ModelFolder::new(&self.folder);
        let checkpoints = Checkpoints::new(folder.path());
        devices[0].seed(self.config.seed);
        let network = match &self.first {
            Some(network) => network.clone(),
            None => self.network.init(&devices[0]),
        };
        let mut learner = Learner::new(network, &self.config, &devices);
        let mut state = self.start(&data);
        match checkpoints.newest()? {
            Some((path, found)) if found.identity == state.identity => {
                learner.map(|network, optimizer| Checkpoints::load(&path, network, optimizer))?;
                learner.restore(found.objective);
                state = found;
                // A kill may have come between the checkpoint and the curve.
                write_epoch_log(&folder.path().join("training.jsonl"), &state.epochs)?;
                observe(TrainEvent::Resumed {
                    epoch: state.epochs.len(),
                    steps: state.underway.steps,
                });
            }
            Some((path, _)) => {
                return Err(Error::OtherTraining { path });
            }
            None => {
                folder.create(&self.model_config(&data), data.vocabulary, data.rate)?;
                observe(TrainEvent::Begun);
            }
        }
        if !state.finished {
            let context = self.context(data, devices, checkpoints, &state, &mut observe)?;
            while !state.finished {
                let record = run_epoch(&context, &mut learner, &mut state, &mut observe)?;
                let best = best(&state.epochs)
                    .is_none_or(|best| selection_score(&record) > selection_score(best));
                if best {
                    folder.save_network(&learner.network().valid())?;
                }
                state.epochs.push(EpochRecord { best, ..record });
                state.finished = is_over(&self.config, &state.epochs);
                let (network, optimizer) = (learner.network(), learner.optimizer());
                context.checkpoints.save(network, optimizer, &state)?;
                write_epoch_log(&folder.path().join("training.jsonl"), &state.epochs)?;
                observe(TrainEvent::Epoch(
                    state.epochs[state.epochs.len() - 1].clone(),
                ));
            }
        }
        let best = best(&state.epochs).expect("a finished training has an epoch");
        Ok(TrainReport {
            best_epoch: best.epoch,
            best_perplexity: best.dev_perplexity,
            epochs: state.epochs,
        })
    }

    fn context<'a>(
        &'a self,
        data: TrainingData<'a>,
        devices: Vec<Device>,
        checkpoints: Checkpoints,
        state: &TrainState,
        observe: &mut impl FnMut(TrainEvent),
    ) -> Result<TrainContext<'a>, Error> {
        let (config, options) = (&self.config, &self.options);
        let residents = devices
            .iter()
            .map(|device| {
                let pairs = [data.train, data.dev];
                let (when, limit) = (options.features_on_device, options.device_bytes);
                when.load(limit, data.store, &pairs, device)
            })
            .collect::<Result<Vec<Option<DeviceFeatures>>, Error>>()?;
        if let Some(bytes) = residents[0].as_ref().map(DeviceFeatures::bytes) {
            observe(TrainEvent::FeaturesOnDevice { bytes });
        }
        if let Some(rows) = state.window_rows {
            observe(TrainEvent::Windows { rows });
        }
        let sample = match config.select_by {
            SelectBy::Perplexity => None,
            SelectBy::Comments { frames } => Some((
                Sample::draw(data.dev, frames, config.seed),
                self.metric.as_ref(),
            )),
        };
        Ok(TrainContext {
            config,
            options,
            data,
            step_log: StepLog::open(&self.folder, state.epochs.len(), state.underway.steps)?,
            devices,
            residents,
            checkpoints,
            sample,
        })
    }

    fn check(&self, data: &TrainingData<'_>, devices: &[Device]) -> Result<(), Error> {
        self.config.check()?;
        self.options.check()?;
        let dropout = self.network.captioner.dropout();
        if !(0.0..1.0).contains(&dropout) {
            return Err(Error::Option {
                option: "dropout",
                value: dropout.to_string(),
                expected: "0 or more and less than 1",
            });
        }
        if devices.is_empty() {
            return Err(Error::Option {
                option: "the number of devices",
                value: "0".into(),
                expected: "1 or more",
            });
        }
        for device in devices {
            self.config.precision.check(device)?;
        }
        if data.train.is_empty() {
            return Err(Error::NoPairs("training"));
        }
        if data.dev.is_empty() {
            return Err(Error::NoPairs("dev"));
        }
        if self.network.accepts(data.store.row_shape()) {
            return Ok(());
        }
        Err(Error::FeatureShape {
            found: data.store.row_shape().to_vec(),
            expected: self.network.expected_features(),
        })
    }

    /// The state before the first step.
    fn start(&self, data: &TrainingData<'_>) -> TrainState {
        TrainState {
            identity: CheckpointIdentity {
                network: self.network.clone(),
                training: self.config.clone(),
                metric: match self.config.select_by {
                    SelectBy::Perplexity => None,
                    SelectBy::Comments { .. } => Some(self.metric.name().to_owned()),
                },
                encoder: data.store.encoder().to_string(),
                train_pairs: data.train.len(),
                dev_pairs: data.dev.len(),
                train: data.train.fingerprint(),
                dev: data.dev.fingerprint(),
            },
            epochs: Vec::new(),
            underway: PartialEpoch::default(),
            finished: false,
            window_rows: self.config.shuffle.window_rows(data.store),
            objective: ObjectiveState::default(),
        }
    }

    fn model_config(&self, data: &TrainingData<'_>) -> ModelConfig {
        ModelConfig {
            network: self.network.clone(),
            encoder: data.store.encoder().clone(),
            training: serde_json::to_value(&self.config).expect("a configuration is plain data"),
        }
    }
}
