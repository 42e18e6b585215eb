//! `nico train`: trains a captioner on a video's features and comments.

use std::path::{Path, PathBuf};

use caption_model::{
    AttentionCaptionerConfig, GlobalCaptionerConfig, JoinedStores, Likelihood, NetworkConfig,
    TrainReport, Trainer, TrainingData, Unigram, shuffled_pictures,
};
use clap::ValueEnum;
use frame_features::FeatureStore;
use serde::{Deserialize, Serialize};

use super::Context;
use crate::{
    corpus::{Corpus, CorpusArgs, Video},
    device::DeviceName,
    failure::{Failure, Outcome},
    files::print_json,
    source::check_video,
    training::TrainingArgs,
};

/// Times between a comment and the picture it is measured under for the visual gain, seconds.
const APART: f64 = 60.0;

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The videos the features are of, in the same order; only to make sure that they are.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    video: Vec<PathBuf>,
    /// Comments: XML or JSON, any format. Of one video, as many files as there are; of several, one file each, in the order of
    /// --features.
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
    /// Weight of the regulariser of attention.
    #[arg(long, default_value_t = 1.0)]
    attention_regulariser: f64,
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

/// What learning came to: perplexities beside those of models without pictures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Learnt {
    /// Pairs learnt from, and measured on.
    pub(crate) train_comments: usize,
    pub(crate) dev_comments: usize,
    /// Distinct dev comments, and how many of them are also in train.
    pub(crate) dev_distinct: u64,
    pub(crate) dev_distinct_in_train: u64,
    /// Words of the vocabulary, special ones included.
    pub(crate) vocabulary: usize,
    /// The epoch that was kept.
    pub(crate) best_epoch: usize,
    /// Perplexity per word on dev.
    pub(crate) dev_perplexity: f64,
    /// The same over words of the vocabulary alone.
    pub(crate) dev_perplexity_known: f64,
    /// Perplexity per word on dev of the word frequencies of train.
    pub(crate) unigram_perplexity: f64,
    /// Perplexity per word on dev of the model with pictures of other moments.
    pub(crate) shuffled_perplexity: f64,
    /// How much less a word costs with its own picture than with another one, nats.
    pub(crate) visual_gain: f64,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let stores = args.features.iter().map(FeatureStore::open);
    let stores: Vec<FeatureStore> = stores.collect::<Result<_, _>>()?;
    let videos = args.videos(&stores)?;
    let learnt = learn(&args.learning, &videos, &args.out, context)?;
    if context.json {
        print_json(&learnt)
    } else {
        learnt.tell(context);
        Ok(())
    }
}

impl Args {
    /// Each store with its comments.
    fn videos<'a>(&'a self, stores: &'a [FeatureStore]) -> Outcome<Vec<Video<'a>>> {
        let of_each = |files: &[PathBuf], what: &str| {
            if files.len() == stores.len() {
                return Ok(());
            }
            Err(Failure::new(format!(
                "--features has {} videos, but there are {} files of {what}; with several videos each needs one, in the same order",
                stores.len(),
                files.len()
            )))
        };
        if !self.video.is_empty() {
            of_each(&self.video, "--video")?;
            for (video, store) in self.video.iter().zip(stores) {
                check_video(store, video)?;
            }
        }
        if let [store] = stores {
            let comments = &self.comments;
            return Ok(vec![Video { comments, store }]);
        }
        of_each(&self.comments, "--comments")?;
        let pairs = self.comments.chunks(1).zip(stores);
        Ok(pairs
            .map(|(comments, store)| Video { comments, store })
            .collect())
    }
}

/// Trains into a folder and measures the result.
pub(crate) fn learn(
    args: &LearningArgs,
    videos: &[Video<'_>],
    out: &Path,
    context: Context,
) -> Outcome<Learnt> {
    let stores = JoinedStores::new(videos.iter().map(|video| video.store))?;
    let corpus = Corpus::read(videos, &stores, &args.corpus, args.seed, context.output)?;
    corpus.tell(context.output);
    let network = args.network(videos[0].store, corpus.vocabulary.len())?;
    let data = TrainingData {
        store: &stores,
        train: &corpus.train,
        dev: &corpus.dev,
        vocabulary: &corpus.vocabulary,
        rate: &corpus.rate,
    };
    let config = (args.training.config())
        .attention_regulariser(args.attention_regulariser)
        .seed(args.seed);
    let devices = args.device.devices(args.training.devices.into());
    let mut teller = args.training.teller(context.output, corpus.train.len());
    let trainer = Trainer::new(network, config, out);
    let report = trainer.run_on(data, &devices, |event| teller.tell(event))?;
    teller.finish();
    measure(args, &corpus, &stores, out, &report)
}

/// Measures the model that was kept beside its baselines.
fn measure(
    args: &LearningArgs,
    corpus: &Corpus,
    stores: &JoinedStores<'_>,
    out: &Path,
    report: &TrainReport,
) -> Outcome<Learnt> {
    let device = args.device.device();
    let captioner = caption_model::Captioner::from_dir(out, &device)?;
    let batch = args.training.batch;
    let measure = |pairs| Likelihood::measure(captioner.network(), pairs, stores, batch, &device);
    let dev = measure(&corpus.dev)?;
    let others = shuffled_pictures(&corpus.dev, &corpus.times, APART, args.seed);
    let shuffled = measure(&others)?;
    let unigram = Unigram::fit(&corpus.train, corpus.vocabulary.len()).measure(&corpus.dev);
    Ok(Learnt {
        train_comments: corpus.train.len(),
        dev_comments: corpus.dev.len(),
        dev_distinct: corpus.tally.distinct_dev,
        dev_distinct_in_train: corpus.tally.shared,
        vocabulary: corpus.vocabulary.len(),
        best_epoch: report.best_epoch,
        dev_perplexity: dev.perplexity(),
        dev_perplexity_known: dev.perplexity_known(),
        unigram_perplexity: unigram.perplexity(),
        shuffled_perplexity: shuffled.perplexity(),
        visual_gain: shuffled.nll() - dev.nll(),
    })
}

impl LearningArgs {
    fn network(&self, store: &FeatureStore, num_words: usize) -> Outcome<NetworkConfig> {
        let layer = |wanted: &str| {
            Failure::new(format!(
                "{}: holds {} features, this model reads {wanted}; extract them with --layer {wanted}",
                store.path().display(),
                store.info().plan.layer
            ))
        };
        Ok(match (self.model, store.shape()) {
            (ModelName::Global, &[d_features]) => NetworkConfig::Global(
                GlobalCaptionerConfig::new(num_words, d_features)
                    .with_d_embedding(self.hidden)
                    .with_d_hidden(self.hidden)
                    .with_dropout(self.dropout),
            ),
            (ModelName::Attention, &[_, d_annotation]) => NetworkConfig::Attention(
                AttentionCaptionerConfig::new(num_words, d_annotation)
                    .with_d_embedding(self.hidden)
                    .with_d_hidden(self.hidden)
                    .with_d_attention(self.hidden)
                    .with_dropout(self.dropout),
            ),
            (ModelName::Global, _) => return Err(layer("relu7")),
            (ModelName::Attention, _) => return Err(layer("conv5_3")),
        })
    }
}

impl Learnt {
    /// Tells the figures with their baselines.
    pub(crate) fn tell(&self, context: Context) {
        context.output.say(&format!(
            "train: dev perplexity per word {:.2} (epoch {}); word unigram {:.2}; with other pictures {:.2}, so the picture is worth {:.3} nats a word",
            self.dev_perplexity,
            self.best_epoch,
            self.unigram_perplexity,
            self.shuffled_perplexity,
            self.visual_gain
        ));
    }
}
