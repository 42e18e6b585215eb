use std::{ops::ControlFlow, path::PathBuf};

use burn::{module::Module, tensor::Device};
use frame_features::{EncoderId, FeatureSource, Layer, Vgg};

use caption_model::{
    Captioner, CaptionerConfig, LearntPart, ModelConfig, ModelFolder, Network, NetworkConfig,
};

use super::blocks::TunedBlocks;
use crate::{
    config::TrainConfig, epoch_log::TrainReport, error::Error, event::TrainEvent, fingerprint,
    run_options::RunOptions, start::Start, trainer::Trainer, training_data::TrainingData,
};

/// The folder of the training, in the model folder.
const WORK: &str = "fine-tuning";
/// The encoder's file in the model folder; its name is the encoder's.
const ENCODER: &str = "encoder";

/// Trains a captioner and the last blocks of its encoder together.
///
/// The blocks below are frozen, so what they make of the frames is extracted once: the feature
/// store holds the layer [`TunedBlocks::below`], of the same encoder. The blocks learn at a rate of
/// their own, [`TrainConfig::encoder_rate`].
///
/// The model folder gets what a [`Trainer`] leaves there, and `encoder.safetensors`: the whole
/// encoder up to the layer that the captioner reads, in torchvision's layout. Features for the
/// model are extracted with that file from then on, and only those are accepted. The training
/// itself, with its checkpoints, lies in the folder `fine-tuning` in it; that is a model folder
/// too, whose network reads the store trained on.
///
/// ```no_run
/// use std::ops::ControlFlow;
///
/// use burn::tensor::Device;
/// use caption_metrics::Pairs;
/// use caption_model::{AttentionCaptionerConfig, CaptionerConfig, CommentRate};
/// use caption_train::{FineTuner, TrainConfig, TrainingData, TunedBlocks};
/// use frame_features::{FeatureStore, Vgg};
/// use jp_tokenize::Vocabulary;
///
/// let device = Device::flex();
/// let store = FeatureStore::open("pool4-features")?;
/// let vocabulary = Vocabulary::load("vocabulary.tsv")?;
/// let (train, dev) = (Pairs::new(30), Pairs::new(30)); // to be filled
/// let rate = CommentRate::from_counts([1, 1], 30.0);
/// let data = TrainingData {
///     store: &store, train: &train, dev: &dev, vocabulary: &vocabulary, rate: &rate,
/// };
/// let captioner = AttentionCaptionerConfig::new(vocabulary.len(), 64);
/// FineTuner::new(
///     Vgg::slim(&device)?,
///     TunedBlocks::Conv5,
///     CaptionerConfig::Attention(captioner),
///     TrainConfig::default().learning_rate(1e-3).encoder_rate(0.1),
///     "model",
/// )
/// .run(data, &device, |event| {
///     println!("{event:?}");
///     ControlFlow::Continue(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FineTuner {
    encoder: Vgg,
    blocks: TunedBlocks,
    captioner: CaptionerConfig,
    config: TrainConfig,
    options: RunOptions,
    folder: PathBuf,
    start: Option<Start>,
    learnt_with: Vec<LearntPart>,
    allow_changes: bool,
}

impl FineTuner {
    /// A tuner that begins with this encoder and leaves its model in `folder`.
    pub fn new(
        encoder: Vgg,
        blocks: TunedBlocks,
        captioner: CaptionerConfig,
        config: TrainConfig,
        folder: impl Into<PathBuf>,
    ) -> Self {
        Self {
            encoder,
            blocks,
            captioner,
            config,
            options: RunOptions::default(),
            folder: folder.into(),
            start: None,
            learnt_with: Vec::new(),
            allow_changes: false,
        }
    }

    /// Begins with a trained captioner instead of random weights: captioner first, and the encoder
    /// with it after. It has to have the same network, but for dropout, and the vocabulary of the
    /// training data, and read this encoder's features.
    #[must_use]
    pub fn starting_from(mut self, model: &Captioner) -> Self {
        self.start = Some(Start::new(model));
        self
    }

    /// As [`Trainer::learnt_with`].
    #[must_use]
    pub fn learnt_with(mut self, parts: impl IntoIterator<Item = LearntPart>) -> Self {
        self.learnt_with = parts.into_iter().collect();
        self
    }

    /// As [`Trainer::allow_changes`].
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

    /// The folder of the training, in the model folder: a model folder too, whose network reads the
    /// features trained on.
    #[must_use]
    pub fn work_folder(&self) -> PathBuf {
        self.folder.join(WORK)
    }

    /// Trains as [`Trainer::run`] does, and goes on where it stopped.
    ///
    /// # Errors
    ///
    /// As [`Trainer::run`]; also if the folder holds a model that no tuner made, if the features are of another layer or encoder, if the captioner
    /// reads no layer over the blocks or vectors of another size, and if the encoder was loaded
    /// without the captioner's layer.
    pub fn run(
        &self,
        data: TrainingData<'_>,
        device: &Device,
        observe: impl FnMut(TrainEvent) -> ControlFlow<()>,
    ) -> Result<TrainReport, Error> {
        self.check_source(data.store)?;
        let config = self.network_config()?;
        if let Some(start) = &self.start {
            let encoder = self.encoder_id(self.captioner.layer(), data.store)?;
            start.check(&self.captioner, &encoder, data.vocabulary)?;
        }
        let folder = ModelFolder::new(&self.folder);
        let _one_writer = folder.lock()?;
        let work = self.work_folder();
        if folder.has_weights() && !work.is_dir() {
            return Err(Error::OtherModel {
                path: self.folder.clone(),
            });
        }
        let trainer = Trainer::new(config.clone(), self.config.clone(), &work)
            .run_options(self.options.clone())
            .learnt_with(self.learnt_with.clone())
            .allow_changes(self.allow_changes);
        let (network, checksum) = self.first_network(&config, device)?;
        let report = trainer
            .with_network(network, checksum)
            .run(data, device, observe)?;
        self.keep(&ModelFolder::new(&work), &data, device)?;
        Ok(report)
    }

    /// The encoder's own blocks under the captioner to begin with, or one with random weights, and
    /// the checksum of the weights that are not random.
    fn first_network(
        &self,
        config: &NetworkConfig,
        device: &Device,
    ) -> Result<(Network, u64), Error> {
        let device = device.clone().autodiff();
        let tail = self
            .encoder
            .tail(self.blocks.below(), self.captioner.layer())?;
        let blocks = fingerprint::of_weights(&tail);
        let start = self.start.as_ref();
        let checksum = start.map_or(blocks, |start| blocks ^ start.fingerprint());
        device.seed(self.config.seed);
        let network = Network {
            tail: Some(tail.train().fork(&device)),
            captioner: match start {
                Some(start) => start.network(self.captioner.dropout(), &device),
                None => config.captioner.init(&device),
            },
        };
        Ok((network, checksum))
    }

    /// Writes the best network of the training as an encoder and a captioner.
    fn keep(
        &self,
        work: &ModelFolder,
        data: &TrainingData<'_>,
        device: &Device,
    ) -> Result<(), Error> {
        let config = work.config()?;
        let Network { tail, captioner } = work.load_network(&config, device)?;
        let Some(tail) = tail else {
            return Err(Error::NoFineTuning {
                path: work.path().to_owned(),
            });
        };
        let layer = self.captioner.layer();
        let encoder = self
            .encoder
            .clone()
            .to_device(device)
            .with_tail(&tail)
            .named(ENCODER);
        encoder.save_safetensors(self.folder.join(format!("{ENCODER}.safetensors")))?;
        let id = EncoderId::new(
            ENCODER,
            encoder.fingerprint(layer)?,
            layer,
            data.store.encoder().input_size,
        );
        let kept = ModelConfig::new(self.captioner.clone().into(), id).training(config.training);
        let folder = ModelFolder::new(&self.folder);
        folder.create(&kept, data.vocabulary, data.rate)?;
        Ok(folder.save_network(&captioner.into())?)
    }

    fn network_config(&self) -> Result<NetworkConfig, Error> {
        let (below, layer) = (self.blocks.below(), self.captioner.layer());
        if self.blocks == TunedBlocks::Fc && matches!(self.captioner, CaptionerConfig::Attention(_))
        {
            return Err(Error::Option {
                option: "the lowest block to be trained",
                value: self.blocks.to_string(),
                expected: "conv2 to conv5 with attention, which reads conv5_3",
            });
        }
        let tail = self.encoder.tail(below, layer)?.config();
        let found = vec![tail.d_output()];
        let config = NetworkConfig::fine_tuned(tail, self.captioner.clone());
        if config.problem().is_some() {
            return Err(Error::FeatureShape {
                found,
                expected: self.captioner.feature_shape(),
            });
        }
        Ok(config)
    }

    /// The identity of one of the encoder's layers, for pictures of the store's size.
    fn encoder_id(&self, layer: Layer, store: &dyn FeatureSource) -> Result<EncoderId, Error> {
        Ok(EncoderId::new(
            self.encoder.name(),
            self.encoder.fingerprint(layer)?,
            layer,
            store.encoder().input_size,
        ))
    }

    /// Refuses features of another layer or of other weights below the blocks, as
    /// [`run`](Self::run) does; for programs that tell it before other work.
    ///
    /// # Errors
    ///
    /// Fails, naming both encoders, if they differ.
    pub fn check_source(&self, store: &dyn FeatureSource) -> Result<(), Error> {
        let found = store.encoder();
        let wanted = self.encoder_id(self.blocks.below(), store)?;
        if found.matches(&wanted) {
            return Ok(());
        }
        Err(Error::Model(caption_model::Error::OtherEncoder {
            features: found.to_string(),
            model: wanted.to_string(),
        }))
    }
}
