//! `nico train --model commenter`: trains a commenter on episodes.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use caption_model::{CommenterConfig, CommenterFolder, LearntPart, NgramHasher, commenter::Stream};
use caption_train::{
    CheckpointEvery, CommenterData, CommenterEvent, CommenterTrainer, FalseCandidates, FitConfig,
    FitOptimizer, RoundRecord, RunOptions, TrainingLength,
};
use clap::ValueEnum;
use frame_features::EncoderId;
use nico_corpus::{
    Part,
    commenting::{RateInputs, RateModel, StreamForm, learn_pieces, picture_encoder},
    stream::{Episode, EpisodeSplit, read_episodes},
};
use serde::Serialize;

use super::{Context, comment_stream::RATE_FILE, train::tell_stopped};
use crate::{
    comments::Skipped,
    device::DeviceName,
    failure::Outcome,
    interrupt::Stoppable,
    progress::{Output, Progress},
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Says that it is a commenter which is trained.
    #[arg(long, value_name = "commenter", required = true)]
    model: String,
    /// Folder of the episodes to learn from: SHOW/NN.json or .xml, with dialogue as SHOW/NN.srt,
    /// .vtt or .ass and pictures as SHOW/NN.features (made by `nico features`) where there are some.
    /// Of ten shows one is kept aside with all its seasons (show-1, show-2), for choosing the best
    /// weights; of a single show its last episodes.
    #[arg(long, value_name = "DIR")]
    episodes: PathBuf,
    /// Folder that gets the commenter. Training goes on where it stopped.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How large its networks are.
    #[arg(long, value_enum, default_value_t = Size::Tiny)]
    size: Size,
    /// Pieces of text in its vocabulary.
    #[arg(long, value_name = "N", default_value_t = 8_000)]
    pieces: usize,
    /// Trains the transformer about so long. How many steps that makes is measured with the first
    /// ones, and kept. The matcher comes before, the heads after it, with their own numbers of steps.
    #[arg(long, value_name = "MINUTES", conflicts_with = "network_steps")]
    minutes: Option<f64>,
    /// Steps of the matcher, 0 to leave it out.
    #[arg(long, value_name = "N", default_value_t = 1_200)]
    matcher_steps: usize,
    /// Steps of the transformer, 0 to leave it out.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    network_steps: usize,
    /// Steps in which the trained transformer learns to copy what it reads and to recall what was
    /// said in the whole video and in others, from every other episode that is kept aside; 0 to leave
    /// that out.
    #[arg(long, value_name = "N", default_value_t = 300)]
    head_steps: usize,
    /// Adam's step size for the matcher.
    #[arg(long, value_name = "RATE", default_value_t = 3e-3)]
    matcher_rate: f64,
    /// Step size for the transformer. Default: 8e-3 by Muon, 2e-3 by Adam.
    #[arg(long, value_name = "RATE")]
    network_rate: Option<f64>,
    /// What turns the transformer's gradients into steps: Adam, or Muon for its matrices.
    #[arg(long, value_enum, default_value_t = OptimizerName::Muon)]
    network_optimizer: OptimizerName,
    /// What the matcher learns to tell a moment's comment from: comments from `later` in the video,
    /// or from `both` sides, of which those that were read already can be known by that.
    #[arg(long, value_enum, default_value_t = Candidates::Later)]
    candidates: Candidates,
    /// Probability with which each kind of input is left out while training.
    #[arg(long, value_name = "P", default_value_t = 0.1)]
    input_dropout: f64,
    /// A checkpoint whenever so many minutes have passed, besides those between rounds.
    #[arg(long, value_name = "MINUTES", default_value_t = 10.0)]
    checkpoint_minutes: f64,
    /// A checkpoint every so many steps instead.
    #[arg(long, value_name = "STEPS")]
    checkpoint_steps: Option<usize>,
    /// Seed of everything that is drawn.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the networks run.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

/// How large the networks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Size {
    /// For two cores.
    Tiny,
    /// For a GPU.
    Base,
}

/// Optimizer of the transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OptimizerName {
    Adam,
    Muon,
}

/// False candidates of the matcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Candidates {
    Later,
    Both,
}

/// What training came to.
#[derive(Serialize)]
struct Summary {
    train_episodes: usize,
    dev_episodes: usize,
    train_comments: usize,
    rounds: Vec<RoundRecord>,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    if args.model != "commenter" {
        bail!(
            "--model is {:?} with the options of a commenter",
            args.model
        );
    }
    let fits = args.fits();
    for config in fits.iter().flatten() {
        config.check()?;
    }
    // Before the episodes are read.
    drop(CommenterFolder::new(&args.out).lock()?);
    let mut skipped = Skipped::new(context.output);
    let episodes = read_episodes(&args.episodes, |error| skipped.tell(error))?;
    skipped.finish(None);
    let (train, dev) = parts(episodes);
    if dev.is_empty() {
        bail!(
            "{}: two episodes or more are needed: one is kept aside",
            args.episodes.display()
        );
    }
    if train.iter().all(|one| one.dialogue().lines().is_empty()) {
        context.output.warn(&format!(
            "{}: no episode that is learnt from has dialogue beside it (.srt, .vtt, .ass)",
            args.episodes.display()
        ));
    }
    let pieces = learn_pieces(&train, args.pieces)?;
    let config = match args.size {
        Size::Tiny => CommenterConfig::tiny(&pieces),
        Size::Base => CommenterConfig::base(&pieces),
    };
    let (config, encoder) = match with_pictures(&train, &dev, context)? {
        Some((encoder, size)) => (config.pictures(encoder.clone(), size), Some(encoder)),
        None => (config, None),
    };
    let rows = u32::try_from(config.matcher.num_rows).unwrap_or(u32::MAX);
    let form = StreamForm {
        pieces: &pieces,
        hasher: NgramHasher::new(rows),
        encoder: encoder.as_ref(),
    };
    let streams = |episodes: &[Episode]| -> Outcome<Vec<Stream>> {
        let each = episodes.iter().map(|episode| Ok(form.stream(episode)?));
        each.collect()
    };
    let (train_streams, dev_streams) = (streams(&train)?, streams(&dev)?);
    let [matcher, network, heads] = fits;
    let trainer = CommenterTrainer::new(config, &args.out)
        .matcher(matcher)
        .network(network)
        .heads(heads)
        .seed(args.seed)
        .run_options(args.run_options())
        .learnt_with([shows(&train, "shows"), shows(&dev, "shows kept aside")]);
    let data = CommenterData {
        train: &train_streams,
        dev: &dev_streams,
        pieces: &pieces,
    };
    let mut teller = Teller {
        output: context.output,
        progress: None,
    };
    let stoppable = Stoppable::new();
    let rounds = trainer
        .run(data, &args.device.device(), |event| {
            teller.tell(event);
            stoppable.go_on()
        })
        .map_err(|error| advised(error, context))?;
    drop(stoppable);
    teller.finish();
    // Not before: a folder of another training, which was refused, keeps its own.
    let inputs = RateInputs::SecondsAndLines;
    RateModel::fit(&train, &train, inputs, 1_000)?.save(args.out.join(RATE_FILE))?;
    context.print_json(&Summary {
        train_episodes: train.len(),
        dev_episodes: dev.len(),
        train_comments: train.iter().map(Episode::len).sum(),
        rounds,
    })
}

/// The encoder of the pictures and their size, if episodes that are learnt from have some.
fn with_pictures(
    train: &[Episode],
    dev: &[Episode],
    context: Context,
) -> Outcome<Option<(EncoderId, usize)>> {
    let found = picture_encoder(train.iter().chain(dev))?;
    let seen = train.iter().filter(|one| one.pictures().is_some()).count();
    if found.is_some() && seen < train.len() {
        context.output.warn(&format!(
            "{seen} of {} episodes that are learnt from have pictures beside them",
            train.len()
        ));
    }
    Ok(found.filter(|_| seen > 0))
}

impl Args {
    /// How matcher and transformer are trained.
    fn fits(&self) -> [Option<FitConfig>; 3] {
        let steps = |steps: usize| (steps > 0).then_some(TrainingLength::Steps(steps));
        let fit = |config: FitConfig, length: Option<TrainingLength>| {
            let config = config.input_dropout(self.input_dropout);
            length.map(|length| config.length(length))
        };
        let candidates = match self.candidates {
            Candidates::Later => FalseCandidates::Later,
            Candidates::Both => FalseCandidates::Both,
        };
        let (optimizer, usual_rate) = match self.network_optimizer {
            OptimizerName::Adam => (FitOptimizer::Adam, 2e-3),
            OptimizerName::Muon => (FitOptimizer::Muon, 8e-3),
        };
        [
            fit(
                FitConfig::matcher()
                    .false_candidates(candidates)
                    .learning_rate(self.matcher_rate),
                steps(self.matcher_steps),
            ),
            fit(
                FitConfig::network()
                    .optimizer(optimizer)
                    .learning_rate(self.network_rate.unwrap_or(usual_rate)),
                match self.minutes {
                    Some(minutes) => Some(TrainingLength::Minutes(minutes)),
                    None => steps(self.network_steps),
                },
            ),
            fit(FitConfig::heads(), steps(self.head_steps)),
        ]
    }

    fn run_options(&self) -> RunOptions {
        RunOptions::default().checkpoint_every(match self.checkpoint_steps {
            Some(steps) => CheckpointEvery::Steps(steps),
            None => CheckpointEvery::Minutes(self.checkpoint_minutes),
        })
    }
}

/// Those learnt from, and those kept aside: shows, or of a single one its last episodes.
fn parts(episodes: Vec<Episode>) -> (Vec<Episode>, Vec<Episode>) {
    let parts = EpisodeSplit::Shows.parts(&episodes);
    if parts.iter().all(|part| part.first() != Some(&Part::Dev)) {
        let mut train = episodes;
        let kept = train.len().div_ceil(10).min(train.len().saturating_sub(1));
        let dev = train.split_off(train.len() - kept);
        return (train, dev);
    }
    let (mut train, mut dev) = (Vec::new(), Vec::new());
    for (episode, part) in episodes.into_iter().zip(parts) {
        match part.first() {
            Some(Part::Dev) => dev.push(episode),
            Some(Part::Train) => train.push(episode),
            _ => {} // it has no comments
        }
    }
    (train, dev)
}

fn shows(episodes: &[Episode], what: &str) -> LearntPart {
    let mut names: Vec<&str> = episodes.iter().map(Episode::show).collect();
    names.dedup();
    LearntPart::choice(what, names.join(", "))
}

/// Tells how training goes, each network with a bar of its own.
struct Teller {
    output: Output,
    /// Of which task, and how far it is.
    progress: Option<(&'static str, Progress)>,
}

impl Teller {
    fn tell(&mut self, event: CommenterEvent) {
        match event {
            CommenterEvent::Resumed { task, steps } => {
                self.output
                    .say(&format!("train: {task} goes on after {steps} steps"));
                self.start(task, steps);
            }
            CommenterEvent::Step {
                task,
                step,
                of,
                loss,
                ..
            } => {
                if self.progress.as_ref().is_none_or(|(told, _)| *told != task) {
                    self.start(task, step.saturating_sub(1));
                }
                if let Some((_, progress)) = &mut self.progress {
                    progress.note(format!("loss {loss:.3}"));
                    progress.set_total(of.unwrap_or(step)); // how many there will be is measured first
                    progress.set(step);
                }
            }
            CommenterEvent::Round(round) => self.say(&format!(
                "train: {} after {} steps, {:.0} s: train loss {:.4}, dev loss {:.4}{}",
                round.task,
                round.steps,
                round.seconds,
                round.train_loss,
                round.dev_loss,
                if round.best { " (best)" } else { "" }
            )),
            _ => {}
        }
    }

    fn start(&mut self, task: &'static str, done: usize) {
        self.finish();
        let progress = self.output.start(task, "steps", 0).going_on(done);
        self.progress = Some((task, progress));
    }

    fn say(&self, text: &str) {
        match &self.progress {
            Some((_, progress)) => progress.say(text),
            None => self.output.say(text),
        }
    }

    fn finish(&mut self) {
        if let Some((_, progress)) = self.progress.take() {
            progress.finish();
        }
    }
}

/// An error with what to do about it.
fn advised(error: caption_train::Error, context: Context) -> anyhow::Error {
    match &error {
        caption_train::Error::Stopped => {
            tell_stopped(context);
            error.into()
        }
        caption_train::Error::OtherTraining { .. } => {
            anyhow!("{error}; train into another folder, or remove this one")
        }
        _ => error.into(),
    }
}
