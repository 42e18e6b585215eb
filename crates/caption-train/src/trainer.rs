use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    slice,
    sync::Arc,
};

use burn::{module::Module, tensor::Device};
use caption_metrics::Unigram;
use caption_model::{Captioner, LearntPart, ModelConfig, ModelFolder, Network, NetworkConfig};

use super::{
    checkpoint::{CheckpointIdentity, Checkpoints, OptionChange, PartialEpoch, TrainState},
    compare::surpasses,
    config::TrainConfig,
    context::TrainContext,
    data::DeviceFeatures,
    difference::Difference,
    epoch::run_epoch,
    epoch_log::{EpochRecord, TrainReport, write_epoch_log},
    error::Error,
    event::TrainEvent,
    fingerprint,
    metric::{CommentMetric, FrameF1},
    objective::ObjectiveState,
    resume::Changes,
    run_options::RunOptions,
    sample::Sample,
    select_by::SelectBy,
    selection::{best, is_over, selection_score},
    start::Start,
    step::Learner,
    step_log::StepLog,
    training_data::TrainingData,
    warning::TrainWarning,
};

/// Trains a captioner into a model folder.
///
/// After each epoch, and within it as often as [`RunOptions::checkpoint_every`] says, the folder
/// holds a checkpoint; a trainer with the same configuration and data continues from it, with the
/// same losses as if it had never stopped. `model.safetensors` is always the best epoch's; it is
/// written after the checkpoint. One trainer writes a folder at a time. The device's random numbers
/// (dropout) belong to the whole process and are seeded for each step: losses repeat if nothing
/// else draws from them meanwhile.
///
/// # Going on
///
/// A finished training goes on with more [`epochs`](TrainConfig::epochs), or more
/// [`patience`](TrainConfig::patience), to the result that it would have had with them from the
/// start. Under a schedule that ends with the last epoch (cosine, linear) there is no such result:
/// that, another learning rate and other options of the optimiser are taken where
/// [`allow_changes`](Self::allow_changes) says so. Anything else that differs is refused by name:
/// the network, the seed, the data. [`starting_from`](Self::starting_from) begins another training
/// with the weights of a model.
///
/// ```no_run
/// use std::ops::ControlFlow;
///
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
///     .run(data, &Device::flex(), |event| {
///         println!("{event:?}");
///         ControlFlow::Continue(())
///     })?;
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
    first: Option<First>,
    start: Option<Start>,
    learnt_with: Vec<LearntPart>,
    allow_changes: bool,
}

/// A network to begin with, and the checksum of those of its weights that were given.
#[derive(Clone, Debug)]
struct First {
    network: Network,
    checksum: u64,
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
            start: None,
            learnt_with: Vec::new(),
            allow_changes: false,
        }
    }

    /// Begins with these weights, on a device with autodiff, instead of random ones; `checksum` is
    /// that of those that were given.
    pub(crate) fn with_network(mut self, network: Network, checksum: u64) -> Self {
        self.first = Some(First { network, checksum });
        self
    }

    /// Begins with the weights of a model instead of random ones. It has to have the same network,
    /// but for dropout, and the vocabulary of the training data, and read features of the same
    /// encoder.
    #[must_use]
    pub fn starting_from(mut self, model: &Captioner) -> Self {
        self.start = Some(Start::new(model));
        self
    }

    /// Names what the data is made of: videos, comments, words, the split. Checkpoints keep it, and
    /// with other parts training does not go on. Default: nothing; other data is then known by
    /// checksums of its pairs, vocabulary and features alone.
    #[must_use]
    pub fn learnt_with(mut self, parts: impl IntoIterator<Item = LearntPart>) -> Self {
        self.learnt_with = parts.into_iter().collect();
        self
    }

    /// Whether a training goes on though options of the optimiser, such as the learning rate, have
    /// other values than in its folder; its result is then not that of either. Default: no.
    #[must_use]
    pub fn allow_changes(mut self, allow: bool) -> Self {
        self.allow_changes = allow;
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
    /// `observe` how it goes. Where that breaks, training ends with [`Error::Stopped`] and a
    /// checkpoint of the last step, and `observe` is not called again; once all is done the answer
    /// does not matter.
    ///
    /// # Errors
    ///
    /// Fails without pairs or words, with features of another shape, when the loss is no number any
    /// more, when a file cannot be written, when another program writes into the folder, and when
    /// the folder holds a checkpoint of other data or another configuration, or a model without
    /// checkpoints.
    pub fn run(
        &self,
        data: TrainingData<'_>,
        device: &Device,
        observe: impl FnMut(TrainEvent) -> ControlFlow<()>,
    ) -> Result<TrainReport, Error> {
        self.run_on(data, slice::from_ref(device), observe)
    }

    /// As [`run`](Self::run), each batch dealt out to several devices. Their gradients are averaged
    /// at each step, so that the step is that of the whole batch on one device but for rounding;
    /// the weights live on the first. With one device nothing is copied.
    ///
    /// With dropout, word dropout, scheduled sampling or hard attention each device draws for its
    /// share of the batch, so that another number of them gives other losses. Dropout and hard
    /// attention draw in the order in which the devices come to it, and losses do not repeat to the
    /// last bit.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and without devices.
    pub fn run_on(
        &self,
        data: TrainingData<'_>,
        devices: &[Device],
        mut observe: impl FnMut(TrainEvent) -> ControlFlow<()>,
    ) -> Result<TrainReport, Error> {
        let mut was_stopped = false; // the observer is not asked again
        let mut tell = |event| {
            was_stopped = was_stopped || observe(event).is_break();
            match was_stopped {
                true => Err(Error::Stopped),
                false => Ok(()),
            }
        };
        self.check(&data, devices)?;
        let devices: Vec<Device> = devices.iter().cloned().map(Device::autodiff).collect();
        let folder = ModelFolder::new(&self.folder);
        let _one_writer = folder.lock()?;
        let checkpoints = Checkpoints::new(folder.path());
        checkpoints.remove_leftovers()?;
        let mut state = self.first_state(&data)?;
        let newest = checkpoints.newest()?;
        let changes = match &newest {
            Some((path, found)) => self.changes(path, found, &state.identity)?,
            None if folder.has_weights() && !checkpoints.exist() => {
                return Err(Error::OtherModel {
                    path: self.folder.clone(),
                });
            }
            None => Vec::new(),
        };
        let mut learner = Learner::new(self.first_network(&devices[0]), &self.config, &devices);
        if let Some((path, found)) = newest {
            learner.map(|network, optimizer| Checkpoints::load(&path, network, optimizer))?;
            learner.restore(found.objective);
            state = self.resumed(found, state.identity, &changes);
            // A kill may have come between the checkpoint and the kept weights, or the curve.
            if state.is_best() {
                folder.save_network(&learner.network().valid())?;
            }
            write_epoch_log(&folder.path().join("training.jsonl"), &state.epochs)?;
            tell(TrainEvent::Resumed {
                epoch: state.epochs.len(),
                steps: state.underway.steps,
            })?;
            if !changes.is_empty() {
                tell(TrainEvent::Changed(changes))?;
                folder.create(
                    &self.model_config(&data, &state),
                    data.vocabulary,
                    data.rate,
                )?;
            }
        } else {
            checkpoints.create()?;
            folder.create(
                &self.model_config(&data, &state),
                data.vocabulary,
                data.rate,
            )?;
            tell(TrainEvent::Begun)?;
        }
        if let Some(warning) = TrainWarning::of_size(data.train.len(), data.dev.len()) {
            tell(TrainEvent::Warning(warning))?;
        }
        if !state.finished {
            let context = self.context(data, devices, checkpoints, &state, &mut tell)?;
            while !state.finished {
                let record = run_epoch(&context, &mut learner, &mut state, &mut tell)?;
                let best = best(&state.epochs)
                    .is_none_or(|best| surpasses(selection_score(&record), selection_score(best)));
                state.epochs.push(EpochRecord { best, ..record });
                state.finished = is_over(&self.config, &state.epochs);
                let (network, optimizer) = (learner.network(), learner.optimizer());
                context
                    .checkpoints
                    .save(network, optimizer, &state, state.place())?;
                if best {
                    folder.save_network(&network.valid())?;
                }
                write_epoch_log(&folder.path().join("training.jsonl"), &state.epochs)?;
                let told = tell(TrainEvent::Epoch(
                    state.epochs[state.epochs.len() - 1].clone(),
                ));
                let warned = TrainWarning::of_epochs(&state.epochs)
                    .map_or(Ok(()), |warning| tell(TrainEvent::Warning(warning)));
                if !state.finished {
                    told.and(warned)?;
                }
            }
        }
        let best = best(&state.epochs).expect("a finished training has an epoch");
        let unigram = Unigram::fit(data.train, data.vocabulary.len()).measure(data.dev);
        let warning = TrainWarning::of_result(best.dev_perplexity, unigram.perplexity());
        if let Some(warning) = warning {
            let _ = tell(TrainEvent::Warning(warning));
        }
        let _ = tell(TrainEvent::Finished {
            epochs: state.epochs.len(),
            best_epoch: best.epoch,
            stopped_early: state.epochs.len() < self.config.epochs,
        });
        Ok(TrainReport {
            best_epoch: best.epoch,
            best_perplexity: best.dev_perplexity,
            epochs: state.epochs,
        })
    }

    /// The network before the first step. What is drawn for it depends on the seed alone.
    fn first_network(&self, device: &Device) -> Network {
        device.seed(self.config.seed);
        match (&self.first, &self.start) {
            (Some(first), _) => first.network.clone(),
            (None, Some(start)) => {
                let dropout = self.network.captioner.dropout();
                Network::from(start.network(dropout, device))
            }
            (None, None) => self.network.init(device),
        }
    }

    /// In what options a checkpoint's training may differ and does.
    fn changes(
        &self,
        path: &Path,
        found: &TrainState,
        wanted: &CheckpointIdentity,
    ) -> Result<Vec<Difference>, Error> {
        let Changes {
            free,
            steering,
            fixed,
        } = Changes::between(found, wanted);
        if fixed.is_empty() && (steering.is_empty() || self.allow_changes) {
            return Ok([free, steering].concat());
        }
        Err(Error::OtherTraining {
            path: path.to_owned(),
            may_change: fixed.is_empty(),
            differences: [fixed, steering].concat(),
        })
    }

    /// A checkpoint's state as this trainer goes on with it.
    fn resumed(
        &self,
        found: TrainState,
        identity: CheckpointIdentity,
        changes: &[Difference],
    ) -> TrainState {
        if changes.is_empty() {
            return found;
        }
        let (epochs, steps) = (found.epochs.len(), found.underway.steps);
        let changes = changes.iter().map(|difference| OptionChange {
            epochs,
            steps,
            difference: difference.clone(),
        });
        TrainState {
            finished: !found.epochs.is_empty() && is_over(&self.config, &found.epochs),
            changes: found.changes.into_iter().chain(changes).collect(),
            identity,
            ..found
        }
    }

    fn context<'a>(
        &'a self,
        data: TrainingData<'a>,
        devices: Vec<Device>,
        checkpoints: Checkpoints,
        state: &TrainState,
        tell: &mut impl FnMut(TrainEvent) -> Result<(), Error>,
    ) -> Result<TrainContext<'a>, Error> {
        let (config, options) = (&self.config, &self.options);
        let (when, limit) = (options.features_on_device, options.device_bytes);
        let residents = when.load(limit, data.store, &[data.train, data.dev], &devices)?;
        if let Some(bytes) = residents[0].as_ref().map(DeviceFeatures::bytes) {
            tell(TrainEvent::FeaturesOnDevice { bytes })?;
        }
        if let Some(rows) = state.window_rows {
            tell(TrainEvent::Windows { rows })?;
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
        if data.vocabulary.num_words() == 0 {
            return Err(Error::Option {
                option: "the number of words",
                value: "0".into(),
                expected: "1 or more",
            });
        }
        if let Some(start) = &self.start {
            let captioner = &self.network.captioner;
            start.check(captioner, data.store.encoder(), data.vocabulary)?;
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
    fn first_state(&self, data: &TrainingData<'_>) -> Result<TrainState, Error> {
        let first = self.first.as_ref().map(|first| first.checksum);
        Ok(TrainState {
            identity: CheckpointIdentity {
                network: self.network.clone(),
                training: self.config.clone(),
                metric: match self.config.select_by {
                    SelectBy::Perplexity => None,
                    SelectBy::Comments { .. } => Some(self.metric.name().to_owned()),
                },
                encoder: data.store.encoder().to_string(),
                encoder_id: Some(data.store.encoder().clone()),
                train_pairs: data.train.len(),
                dev_pairs: data.dev.len(),
                train: data.train.fingerprint(),
                dev: data.dev.fingerprint(),
                features: Some(fingerprint::of_features(data.store)?),
                vocabulary: Some(fingerprint::of_vocabulary(data.vocabulary)),
                first: first.or_else(|| self.start.as_ref().map(Start::fingerprint)),
                learnt_with: self.learnt_with.clone(),
            },
            epochs: Vec::new(),
            underway: PartialEpoch::default(),
            finished: false,
            window_rows: self.config.shuffle.window_rows(data.store),
            objective: ObjectiveState::default(),
            changes: Vec::new(),
        })
    }

    /// The configuration, with what was changed in it while training.
    fn model_config(&self, data: &TrainingData<'_>, state: &TrainState) -> ModelConfig {
        let plain = "a configuration is plain data";
        let mut training = serde_json::to_value(&self.config).expect(plain);
        if !state.changes.is_empty() {
            training["changes"] = serde_json::to_value(&state.changes).expect(plain);
        }
        ModelConfig::new(self.network.clone(), data.store.encoder().clone()).training(training)
    }
}
