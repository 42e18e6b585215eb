//! `nico train`: trains a captioner on a video's features and comments.

use anyhow::anyhow;
use std::path::{Path, PathBuf};

use caption_model::{
    AttentionCaptionerConfig, Captioner, CaptionerConfig, GlobalCaptionerConfig, ModelFolder,
    NetworkConfig,
};
use caption_train::{FineTuner, TrainConfig, TrainEvent, Trainer, TrainingData, TunedBlocks};
use clap::ValueEnum;
use frame_features::{FeatureSource, FeatureStore, JoinedStores, Layer, Vgg};
#[cfg(feature = "video")]
use nico_corpus::StageInputs;
use nico_corpus::TrainingSummary;

use super::Context;
use crate::{
    comments::files,
    corpus::{CorpusArgs, Video},
    device::DeviceName,
    failure::Outcome,
    interrupt::Stoppable,
    source::{check_video, warn_of_store},
    switches::SwitchArgs,
    training_args::TrainingArgs,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The videos the features are of, in the same order; only to make sure that they are.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    video: Vec<PathBuf>,
    /// Comment files of any format, or folders of them. Of one video, as many files as there are; of
    /// several, one file each, in the order of --features.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    comments: Vec<PathBuf>,
    /// Features made by `nico features`, of one video or of several.
    #[arg(long, value_name = "DIR", required = true, num_args = 1..)]
    features: Vec<PathBuf>,
    /// Folder that gets the model. Training goes on where it stopped.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    learning: LearningArgs,
    #[command(flatten)]
    own: OwnArgs,
}

/// What `run` does not have: a model to begin with, other options to go on with, and the encoder's
/// last blocks trained along.
#[derive(clap::Args, Clone, Debug)]
struct OwnArgs {
    /// Begins with the weights of the model in this folder, and with its words; the network has to
    /// be the same, and the features of its encoder. With --fine-tune: captioner first, encoder
    /// after.
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Goes on though --learning-rate or other options of the optimizer are not those of the folder,
    /// or more --epochs under a schedule that depends on their number.
    #[arg(long)]
    allow_changes: bool,
    /// Trains the encoder's blocks from this one on with the captioner: conv2 to conv5, or fc.
    /// --features then hold the layer below, pool1 to pool5 (pool4 for conv5), and the model folder
    /// gets encoder.safetensors, to extract features with from then on.
    #[arg(long, value_name = "BLOCKS")]
    fine_tune: Option<TunedBlocks>,
    /// The encoder that --features were made with: `slim`, or a .pth or .safetensors file of
    /// torchvision's.
    #[arg(
        long,
        value_name = "slim|FILE",
        default_value = "slim",
        requires = "fine_tune"
    )]
    encoder: String,
    /// Learning rate of the encoder's blocks, as a share of --learning-rate.
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = 0.1,
        requires = "fine_tune"
    )]
    encoder_rate: f64,
}

/// How is learnt: shared by `train` and `run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct LearningArgs {
    /// Which captioner: Show and Tell reads relu7, Show, Attend and Tell conv5_3.
    #[arg(long, value_enum, default_value_t = ModelName::Global)]
    pub(crate) model: ModelName,
    #[command(flatten)]
    pub(crate) corpus: CorpusArgs,
    /// Size of word vectors, LSTM and attention.
    #[arg(long, default_value_t = 256)]
    hidden: usize,
    /// Probability of dropout.
    #[arg(long, default_value_t = 0.3)]
    dropout: f64,
    #[command(flatten)]
    switches: SwitchArgs,
    /// Seed of everything that is drawn.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where the network runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    pub(crate) device: DeviceName,
    #[command(flatten)]
    training: TrainingArgs,
}

/// A captioner on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelName {
    /// Show and Tell.
    Global,
    /// Show, Attend and Tell.
    Attention,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    args.learning.check()?;
    let stores = args.features.iter().map(FeatureStore::open);
    let stores: Vec<FeatureStore> = stores.collect::<Result<_, _>>()?;
    for store in &stores {
        warn_of_store(store, context.output)?;
    }
    let comments = files(&args.comments, context.output)?;
    let videos = args.videos(&comments, &stores)?;
    let learnt = learn_with(&args.learning, Some(&args.own), &videos, &args.out, context)?;
    tell(&learnt, context);
    context.print_json(&learnt)
}

impl Args {
    /// Each store with its comments.
    fn videos<'a>(
        &self,
        comments: &'a [PathBuf],
        stores: &'a [FeatureStore],
    ) -> Outcome<Vec<Video<'a>>> {
        let of_each = |files: &[PathBuf], what: &str| {
            if files.len() == stores.len() {
                return Ok(());
            }
            Err(anyhow!(
                "--features has {} videos, but there are {} files of {what}; with several videos each needs one, in the same order",
                stores.len(),
                files.len()
            ))
        };
        if !self.video.is_empty() {
            of_each(&self.video, "--video")?;
            for (video, store) in self.video.iter().zip(stores) {
                check_video(store, video)?;
            }
        }
        if let [store] = stores {
            return Ok(vec![Video { comments, store }]);
        }
        of_each(comments, "--comments")?;
        let pairs = comments.chunks(1).zip(stores);
        Ok(pairs
            .map(|(comments, store)| Video { comments, store })
            .collect())
    }
}

/// Trains into a folder and measures the result.
#[cfg(feature = "video")]
pub(crate) fn learn(
    args: &LearningArgs,
    videos: &[Video<'_>],
    out: &Path,
    context: Context,
) -> Outcome<TrainingSummary> {
    learn_with(args, None, videos, out, context)
}

fn learn_with(
    args: &LearningArgs,
    own: Option<&OwnArgs>,
    videos: &[Video<'_>],
    out: &Path,
    context: Context,
) -> Outcome<TrainingSummary> {
    let stores = JoinedStores::new(videos.iter().map(|video| video.store))?;
    // Before the comments are read: what they do not change.
    let tuned = match own.and_then(|own| Some((own, own.fine_tune?))) {
        None => {
            args.network(videos[0].store, 0)?;
            None
        }
        Some((own, blocks)) => {
            check_below(videos[0].store, blocks)?;
            let encoder = args.encoder(own)?;
            let tuner = args.tuner(encoder.clone(), blocks, 0, TrainConfig::default(), out)?;
            tuner.check_source(&stores)?;
            Some((own, blocks, encoder))
        }
    };
    if out.is_dir() {
        drop(ModelFolder::new(out).lock()?);
    }
    let device = args.device.device();
    let from = own.and_then(|own| own.from.as_deref());
    let begun_with = from
        .map(|from| Captioner::from_dir(from, &device))
        .transpose()?;
    let given = from.zip(begun_with.as_ref().map(Captioner::vocabulary));
    if own.is_some() && args.corpus.pieces.is_some() {
        (args.corpus.dictionary).refuse("--pieces learns from the comments")?;
    }
    let allow_changes = own.is_some_and(|own| own.allow_changes);
    let (corpus, record) = (args.corpus).read(videos, args.seed, given, context.output)?;
    let data = TrainingData {
        store: &stores,
        train: &corpus.train,
        dev: &corpus.dev,
        vocabulary: &corpus.vocabulary,
        rate: &corpus.rate,
    };
    let config = (args.switches)
        .training(args.training.config())
        .seed(args.seed);
    let devices = args.device.devices(args.training.devices.into());
    let mut teller = args.training.teller(context.output, corpus.train.len());
    let mut recorded = Ok(());
    let stoppable = Stoppable::new();
    let mut observe = |event: TrainEvent| {
        // Only now is it certain that the folder is this training's.
        if matches!(event, TrainEvent::Begun | TrainEvent::Resumed { .. }) {
            recorded = record.write(out);
        }
        teller.tell(event);
        stoppable.go_on()
    };
    let num_words = corpus.vocabulary.len();
    let (report, trained) = if let Some((tuning, blocks, encoder)) = tuned {
        let config = config.encoder_rate(tuning.encoder_rate);
        let mut tuner = args
            .tuner(encoder, blocks, num_words, config, out)?
            .learnt_with(record.parts())
            .allow_changes(allow_changes);
        if let Some(model) = &begun_with {
            tuner = tuner.starting_from(model);
        }
        let report = tuner.run(data, &devices[0], &mut observe);
        (report, tuner.work_folder())
    } else {
        let mut trainer = Trainer::new(args.network(videos[0].store, num_words)?, config, out)
            .run_options(args.training.run_options())
            .learnt_with(record.parts())
            .allow_changes(allow_changes);
        if let Some(model) = &begun_with {
            trainer = trainer.starting_from(model);
        }
        let report = trainer.run_on(data, &devices, &mut observe);
        (report, out.to_owned())
    };
    recorded?;
    let report = report.map_err(|error| advised(error, context))?;
    drop(stoppable);
    teller.finish();
    let captioner = Captioner::from_dir(trained, &device)?;
    let data = (&corpus, &stores as &dyn FeatureSource);
    let (batch, seed) = (args.training.batch, args.seed);
    Ok(TrainingSummary::measure(
        &captioner,
        data,
        report.best_epoch,
        batch,
        seed,
    )?)
}

/// Refuses features of another layer than the one below the blocks.
fn check_below(store: &FeatureStore, blocks: TunedBlocks) -> Outcome {
    let (found, wanted) = (store.info().plan.encoder.layer, blocks.below());
    if found == wanted {
        return Ok(());
    }
    Err(anyhow!(
        "{}: holds {found} features, --fine-tune {blocks} reads {wanted}; extract them with --layer {wanted}",
        store.path().display()
    ))
}

/// An error with what to do about it.
fn advised(error: caption_train::Error, context: Context) -> anyhow::Error {
    let advice = match &error {
        caption_train::Error::Stopped => {
            tell_stopped(context);
            return error.into();
        }
        caption_train::Error::NotFinite { .. } => {
            "try a third of --learning-rate, --warmup or a smaller --clip-norm, in another folder"
        }
        caption_train::Error::OtherTraining {
            may_change: true, ..
        } => "--allow-changes goes on with them, another --out trains anew",
        caption_train::Error::OtherTraining { .. } | caption_train::Error::OtherModel { .. } => {
            "train into another folder, or remove this one"
        }
        _ => return error.into(),
    };
    anyhow!("{error}; {advice}")
}

/// Says what becomes of a training that Ctrl-C stopped: the program says no more.
pub(crate) fn tell_stopped(context: Context) {
    let output = context.output;
    output.say("train: stopped, with a checkpoint if a step was done; the same command goes on");
}

impl LearningArgs {
    /// Refuses options that do not go together, before any work.
    pub(crate) fn check(&self) -> Outcome {
        let config = self.switches.training(self.training.config());
        config.check()?;
        config.precision.check(&self.device.device())?;
        self.training.run_options().check()?;
        if !(0.0..1.0).contains(&self.dropout) || self.hidden == 0 {
            return Err(anyhow!(
                "--dropout is {} and --hidden {}, expected 0 or more and less than 1, and 1 or more",
                self.dropout,
                self.hidden
            ));
        }
        match (self.model, self.switches.of_attention()) {
            (ModelName::Global, Some(switch)) => Err(anyhow!(
                "{switch}: is of --model attention; the global captioner has no attention"
            )),
            _ => Ok(()),
        }
    }

    /// Adds how is learnt to what a stage depends on.
    #[cfg(feature = "video")]
    pub(crate) fn inputs(&self, inputs: StageInputs) -> StageInputs {
        let config = self.switches.training(self.training.config());
        let inputs = match &self.corpus.pieces {
            Some(pieces) => inputs.value("pieces", pieces),
            None => inputs,
        };
        inputs
            .options(&self.corpus.options(self.seed))
            .options(&config.seed(self.seed))
            .value("captioner", &self.captioner(0, 0)) // sizes of the data follow from the rest
    }

    fn network(&self, store: &FeatureStore, num_words: usize) -> Outcome<NetworkConfig> {
        let encoder = &store.info().plan.encoder;
        let layer = |wanted: &str, kind: &str| {
            let folder = store.path().display();
            if encoder.layer == Layer::Output {
                return anyhow!(
                    "{folder}: holds features of shape {:?} by {encoder}, this model reads a {kind}; `output` and `kind` beside the encoder choose one",
                    store.shape()
                );
            }
            anyhow!(
                "{folder}: holds {} features, this model reads {wanted}; extract them with --layer {wanted}",
                encoder.layer
            )
        };
        match (self.model, store.shape()) {
            (ModelName::Global, &[d]) | (ModelName::Attention, &[_, d]) => {
                Ok(self.captioner(num_words, d).into())
            }
            (ModelName::Global, _) => Err(layer("relu7", "row")),
            (ModelName::Attention, _) => Err(layer("conv5_3", "map")),
        }
    }

    /// The captioner for vectors of this size.
    fn captioner(&self, num_words: usize, d: usize) -> CaptionerConfig {
        match self.model {
            ModelName::Global => {
                let config = GlobalCaptionerConfig::new(num_words, d)
                    .with_d_embedding(self.hidden)
                    .with_d_hidden(self.hidden)
                    .with_dropout(self.dropout);
                CaptionerConfig::Global(self.switches.global(config))
            }
            ModelName::Attention => {
                let config = AttentionCaptionerConfig::new(num_words, d)
                    .with_d_embedding(self.hidden)
                    .with_d_hidden(self.hidden)
                    .with_d_attention(self.hidden)
                    .with_dropout(self.dropout);
                CaptionerConfig::Attention(self.switches.attention(config))
            }
        }
    }

    /// The encoder whose blocks are trained with the captioner.
    fn encoder(&self, tuning: &OwnArgs) -> Outcome<Vgg> {
        let (layer, device) = (self.captioner(1, 1).layer(), self.device.device());
        if frame_features::is_onnx(&tuning.encoder) {
            return Err(anyhow!(
                "{}: a network in ONNX is not trained; --fine-tune takes weights of VGG",
                tuning.encoder
            ));
        }
        Ok(match tuning.encoder.as_str() {
            "slim" => Vgg::slim(&device)?,
            file => Vgg::load_for(file, layer, &device)?,
        })
    }

    /// What trains the encoder's blocks with the captioner.
    fn tuner(
        &self,
        encoder: Vgg,
        blocks: TunedBlocks,
        num_words: usize,
        config: TrainConfig,
        out: &Path,
    ) -> Outcome<FineTuner> {
        let layer = self.captioner(num_words, 1).layer();
        let shape = encoder.feature_shape(layer, 224)?; // its last size is the same for all sizes of pictures
        let d = shape.last().copied().unwrap_or(0);
        let captioner = self.captioner(num_words, d);
        let tuner = FineTuner::new(encoder, blocks, captioner, config, out);
        Ok(tuner.run_options(self.training.run_options()))
    }
}

/// Tells the figures with their baselines, and warns if the pictures were of no use.
pub(crate) fn tell(learnt: &TrainingSummary, context: Context) {
    context.output.say(&format!(
        "train: dev perplexity per word {:.2} (epoch {}); word unigram {:.2}; with other pictures {:.2}, so the picture is worth {:.3} nats a word",
        learnt.dev_perplexity,
        learnt.best_epoch,
        learnt.unigram_perplexity,
        learnt.shuffled_perplexity,
        learnt.visual_gain
    ));
    if learnt.visual_gain < 0.0005 {
        // told above as 0.000 or less
        context.output.warn(
            "train: with the pictures of other moments the model does as well: it makes no use of what is seen",
        );
    }
}
