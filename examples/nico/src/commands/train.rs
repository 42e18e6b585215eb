//! `nico train`: trains a captioner on a video's features and comments.

use std::path::PathBuf;

use caption_model::{
    AttentionCaptionerConfig, Event, GlobalCaptionerConfig, NetworkConfig, TrainConfig,
    TrainReport, Trainer, TrainingData, Unigram, shuffled_pictures,
};
use clap::ValueEnum;
use frame_features::FeatureStore;
use serde::{Deserialize, Serialize};

use super::Context;
use crate::{
    corpus::{Corpus, CorpusArgs},
    device::DeviceName,
    failure::{Failure, Outcome},
    files::print_json,
    source::check_video,
    split_record::SplitRecord,
};

/// Times between a comment and the picture it is measured under for the visual gain, seconds.
const APART: f64 = 60.0;

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The video the features are of; only to make sure that they are.
    #[arg(long, value_name = "FILE")]
    video: Option<PathBuf>,
    /// Its comments: XML or JSON, any format.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    comments: Vec<PathBuf>,
    /// Its features, made by `nico features`.
    #[arg(long, value_name = "DIR")]
    features: PathBuf,
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
    /// Most epochs; training stops earlier when the dev perplexity has stopped falling.
    #[arg(long, default_value_t = 25)]
    epochs: usize,
    /// Comments a batch.
    #[arg(long, default_value_t = 256)]
    batch: usize,
    /// Adam's step size.
    #[arg(long, default_value_t = 1e-3)]
    learning_rate: f64,
    /// Size of word vectors, LSTM and attention.
    #[arg(long, default_value_t = 256)]
    hidden: usize,
    /// Probability of dropout.
    #[arg(long, default_value_t = 0.3)]
    dropout: f64,
    /// Epochs without a better dev perplexity before training stops.
    #[arg(long, default_value_t = 3)]
    patience: usize,
    /// Weight of the regulariser of attention.
    #[arg(long, default_value_t = 1.0)]
    attention_regulariser: f64,
    /// Seed of everything that is drawn.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where the network runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    pub(crate) device: DeviceName,
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
    let store = FeatureStore::open(&args.features)?;
    if let Some(video) = &args.video {
        check_video(&store, video)?;
    }
    let learnt = learn(&args.learning, &args.comments, &store, &args.out, context)?;
    if context.json {
        print_json(&learnt)
    } else {
        learnt.tell(context);
        Ok(())
    }
}

/// Trains into a folder and measures the result.
pub(crate) fn learn(
    args: &LearningArgs,
    comments: &[PathBuf],
    store: &FeatureStore,
    out: &std::path::Path,
    context: Context,
) -> Outcome<Learnt> {
    let corpus = Corpus::read(comments, store, &args.corpus, args.seed, context.output)?;
    corpus.tell(context.output);
    SplitRecord::new(args.corpus.split, args.seed, args.corpus.cut, [store]).write(out)?;
    let network = args.network(store, corpus.vocabulary.len())?;
    let data = TrainingData {
        store,
        train: &corpus.train,
        dev: &corpus.dev,
        vocabulary: &corpus.vocabulary,
        rate: &corpus.rate,
    };
    let trainer = Trainer::new(network, args.training(), out);
    let device = args.device.device();
    let mut progress = context.output.start("train", "comments", 0);
    let mut learnt_before = 0;
    let report = trainer.run(data, &device, |event| match event {
        Event::Resumed { epoch } => {
            progress.say(&format!("train: going on after epoch {epoch}"));
        }
        Event::Step {
            epoch,
            comments,
            of,
            loss,
        } => {
            progress.set_total(learnt_before + of);
            progress.set(learnt_before + comments);
            let perplexity = loss.exp();
            progress.note(format!(
                "epoch {epoch}, loss {loss:.3}, perplexity {perplexity:.1}"
            ));
        }
        Event::Epoch(record) => {
            learnt_before += corpus.train.len();
            progress.say(&format!(
                "train: epoch {}, train perplexity {:.2}, dev perplexity {:.2}{}, {:.0} comments/s",
                record.epoch,
                record.train_nll.exp(),
                record.dev_perplexity,
                if record.best { " (best)" } else { "" },
                record.comments_per_second
            ));
        }
        _ => {}
    })?;
    progress.finish();
    measure(args, &corpus, store, out, &report)
}

/// Measures the model that was kept beside its baselines.
fn measure(
    args: &LearningArgs,
    corpus: &Corpus,
    store: &FeatureStore,
    out: &std::path::Path,
    report: &TrainReport,
) -> Outcome<Learnt> {
    let captioner = caption_model::Captioner::from_dir(out, &args.device.device())?;
    let dev = captioner.measure(&corpus.dev, store, args.batch)?;
    let others = shuffled_pictures(&corpus.dev, &store.info().times, APART, args.seed);
    let shuffled = captioner.measure(&others, store, args.batch)?;
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

    fn training(&self) -> TrainConfig {
        TrainConfig::default()
            .epochs(self.epochs)
            .batch_size(self.batch)
            .learning_rate(self.learning_rate)
            .patience(self.patience)
            .attention_regulariser(self.attention_regulariser)
            .seed(self.seed)
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
