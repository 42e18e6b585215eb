//! How is trained, on the command line, and what is told meanwhile.

use caption_train::{
    CheckpointEvery, FeaturesOnDevice, Precision, RunOptions, Schedule, SelectBy, Shuffle,
    TrainConfig, TrainEvent,
};
use clap::ValueEnum;

use crate::progress::{Output, Progress};

/// Options of training: shared by `train` and `run`.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Training")]
pub(crate) struct TrainingArgs {
    /// Most epochs; training stops earlier when it has stopped learning.
    #[arg(long, value_name = "N", default_value_t = 25)]
    epochs: usize,
    /// Comments a batch.
    #[arg(long, value_name = "N", default_value_t = 256)]
    pub(crate) batch: usize,
    /// Adam's step size.
    #[arg(long, value_name = "RATE", default_value_t = 1e-3)]
    learning_rate: f64,
    /// How the learning rate changes: to 0 at the last epoch along a cosine or a line, as one over
    /// the square root of the steps, or lowered whenever epochs brought nothing (plateau).
    #[arg(long, value_enum, default_value_t = ScheduleName::Constant)]
    schedule: ScheduleName,
    /// Steps in which the learning rate rises to the full one.
    #[arg(long, value_name = "STEPS", default_value_t = 0)]
    warmup: usize,
    /// With --schedule plateau: what the learning rate is multiplied by.
    #[arg(long, value_name = "FACTOR", default_value_t = 0.5)]
    plateau_factor: f64,
    /// With --schedule plateau: epochs without a better one before that.
    #[arg(long, value_name = "EPOCHS", default_value_t = 1)]
    plateau_patience: usize,
    /// Largest norm of all gradients together.
    #[arg(long, value_name = "NORM", default_value_t = 5.0)]
    clip_norm: f64,
    /// Share of themselves times the learning rate that weights lose at each step.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    weight_decay: f64,
    /// Label smoothing: this much of the target is spread over all words.
    #[arg(long, value_name = "EPSILON", default_value_t = 0.0)]
    label_smoothing: f64,
    /// Probability with which a word that is read becomes the unknown word.
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    word_dropout: f64,
    /// Probability with which a word that is read is the model's own instead of the real one
    /// (scheduled sampling).
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    scheduled_sampling: f64,
    /// Epochs in which that probability grows from 0.
    #[arg(long, value_name = "EPOCHS", default_value_t = 10)]
    sampling_epochs: usize,
    /// Epochs without a better one before training stops.
    #[arg(long, value_name = "EPOCHS", default_value_t = 3)]
    patience: usize,
    /// By what epochs are compared: perplexity on dev, or the words of comments that the model
    /// writes for dev frames.
    #[arg(long, value_enum, default_value_t = SelectName::Perplexity)]
    select: SelectName,
    /// With --select comments: dev frames to write for.
    #[arg(long, value_name = "N", default_value_t = 256)]
    select_frames: usize,
    /// How pairs are mixed: everywhere, within windows of so many neighbouring rows, or auto
    /// (everywhere if the features fit into memory).
    #[arg(long, value_name = "auto|everywhere|ROWS", default_value = "auto", value_parser = shuffle)]
    shuffle: Shuffle,
    /// A checkpoint within an epoch whenever so many minutes have passed.
    #[arg(long, value_name = "MINUTES", default_value_t = 10.0)]
    checkpoint_minutes: f64,
    /// A checkpoint every so many steps instead.
    #[arg(long, value_name = "STEPS")]
    checkpoint_steps: Option<usize>,
    /// Batches that are read ahead.
    #[arg(long, value_name = "N", default_value_t = 3)]
    prefetch: usize,
    /// Whether the features are kept on the device.
    #[arg(long, value_enum, default_value_t = OnDevice::Auto)]
    features_on_device: OnDevice,
    /// Most memory that they may take there, MiB.
    #[arg(long, value_name = "MIB", default_value_t = 4096)]
    device_memory: u64,
    /// In which numbers is computed: f32, or bf16 with weights and losses in f32, which GPUs are
    /// faster with.
    #[arg(long, value_enum, default_value_t = PrecisionName::F32)]
    precision: PrecisionName,
    /// Devices of the kind that each batch is dealt out to.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) devices: u16,
}

/// A schedule on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ScheduleName {
    Constant,
    Cosine,
    Linear,
    InverseSqrt,
    Plateau,
}

/// By what epochs are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SelectName {
    Perplexity,
    Comments,
}

/// In which numbers is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PrecisionName {
    F32,
    Bf16,
}

/// Whether features are kept on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnDevice {
    Auto,
    Always,
    Never,
}

fn shuffle(text: &str) -> Result<Shuffle, String> {
    match text {
        "auto" => Ok(Shuffle::Auto),
        "everywhere" => Ok(Shuffle::Everywhere),
        rows => match rows.parse() {
            Ok(rows) if rows > 0 => Ok(Shuffle::Windows(rows)),
            _ => Err("expected auto, everywhere or a number of rows".into()),
        },
    }
}

impl TrainingArgs {
    /// What the trainer is told.
    pub(crate) fn config(&self) -> TrainConfig {
        TrainConfig::default()
            .epochs(self.epochs)
            .batch_size(self.batch)
            .learning_rate(self.learning_rate)
            .schedule(match self.schedule {
                ScheduleName::Constant => Schedule::Constant,
                ScheduleName::Cosine => Schedule::Cosine,
                ScheduleName::Linear => Schedule::Linear,
                ScheduleName::InverseSqrt => Schedule::InverseSqrt,
                ScheduleName::Plateau => Schedule::Plateau {
                    factor: self.plateau_factor,
                    patience: self.plateau_patience,
                },
            })
            .warmup_steps(self.warmup)
            .clip_norm(self.clip_norm)
            .weight_decay(self.weight_decay)
            .label_smoothing(self.label_smoothing)
            .word_dropout(self.word_dropout)
            .scheduled_sampling(self.scheduled_sampling)
            .sampling_epochs(self.sampling_epochs)
            .patience(self.patience)
            .select_by(match self.select {
                SelectName::Perplexity => SelectBy::Perplexity,
                SelectName::Comments => SelectBy::Comments {
                    frames: self.select_frames,
                },
            })
            .precision(match self.precision {
                PrecisionName::F32 => Precision::F32,
                PrecisionName::Bf16 => Precision::Bf16,
            })
            .shuffle(self.shuffle)
    }

    /// How the trainer is run.
    pub(crate) fn run_options(&self) -> RunOptions {
        RunOptions::default()
            .checkpoint_every(match self.checkpoint_steps {
                Some(steps) => CheckpointEvery::Steps(steps),
                None => CheckpointEvery::Minutes(self.checkpoint_minutes),
            })
            .prefetch(self.prefetch)
            .features_on_device(match self.features_on_device {
                OnDevice::Auto => FeaturesOnDevice::Auto,
                OnDevice::Always => FeaturesOnDevice::Always,
                OnDevice::Never => FeaturesOnDevice::Never,
            })
            .device_bytes(self.device_memory.saturating_mul(1 << 20))
    }

    /// What is told while a corpus of so many comments is learnt.
    pub(crate) fn teller(&self, output: Output, comments: usize) -> Teller {
        Teller {
            output,
            progress: output.start("train", "comments", 0),
            before: 0,
            comments,
            batch: self.batch,
        }
    }
}

/// Tells how training goes: a bar with the time that is left, and a line an epoch.
#[derive(Debug)]
pub(crate) struct Teller {
    output: Output,
    progress: Progress,
    /// Comments that earlier runs learnt.
    before: usize,
    /// Comments an epoch.
    comments: usize,
    batch: usize,
}

impl Teller {
    pub(crate) fn tell(&mut self, event: TrainEvent) {
        match event {
            TrainEvent::Resumed { epoch, steps } => {
                self.before = epoch * self.comments + steps * self.batch;
                let steps = match steps {
                    0 => String::new(),
                    steps => format!(" and {steps} steps of the next"),
                };
                self.progress
                    .say(&format!("train: going on after epoch {epoch}{steps}"));
            }
            TrainEvent::FeaturesOnDevice { bytes } => self.progress.say(&format!(
                "train: the features are on the device, {} MB",
                bytes.div_ceil(1_000_000)
            )),
            TrainEvent::Windows { rows } => self.progress.say(&format!(
                "train: the features are read in windows of {rows} neighbouring rows"
            )),
            TrainEvent::Step(step) => {
                let all = step.epochs * step.of;
                let done = (step.epoch - 1) * step.of + step.comments;
                self.progress.note(format!(
                    "epoch {} of {}, {:.0} comments/s, loss {:.3}, perplexity {:.1}, rate {:.1e}",
                    step.epoch,
                    step.epochs,
                    step.comments_per_second,
                    step.loss,
                    step.perplexity(),
                    step.learning_rate
                ));
                self.progress.set_total(all.saturating_sub(self.before));
                self.progress.set(done.saturating_sub(self.before));
            }
            TrainEvent::Epoch(record) => {
                let score = record
                    .score
                    .map_or(String::new(), |score| format!(", score {score:.4}"));
                self.progress.say(&format!(
                    "train: epoch {}, train perplexity {:.2}, dev perplexity {:.2}{score}{}, {:.0} comments/s",
                    record.epoch,
                    record.train_nll.exp(),
                    record.dev_perplexity,
                    if record.best { " (best)" } else { "" },
                    record.comments_per_second
                ));
            }
            TrainEvent::Changed(differences) => {
                let all: Vec<_> = differences.iter().map(ToString::to_string).collect();
                self.progress
                    .say(&format!("train: going on with {}", all.join(", ")));
            }
            TrainEvent::Warning(warning) => self.output.warn(&format!("train: {warning}")),
            TrainEvent::Finished {
                epochs,
                best_epoch,
                stopped_early: true,
            } => self.progress.say(&format!(
                "train: over after epoch {epochs}: none was better than epoch {best_epoch} (--patience)"
            )),
            _ => {}
        }
    }

    pub(crate) fn finish(self) {
        self.progress.finish();
    }
}
