//! `nico evaluate`: judges a model and its comments, every score beside what does without the
//! picture.

mod captions;

use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
};

use anyhow::anyhow;
use caption_metrics::GroundTruth;
use caption_model::Captioner;
use clap::{ArgMatches, Command, FromArgMatches, ValueEnum};
use frame_features::{FeatureStore, VideoSource};
use jp_tokenize::Tokenizer;
use nico_comments::write_whole;
use nico_corpus::{
    Boxes, Done, Error, SplitRecord, SplitRule,
    evaluate::{
        CANDIDATES, Evaluation, EvaluationComments, EvaluationContext, EvaluationData,
        EvaluationProgress, Seconds, SplitSource, measure_generation, measure_grounding,
        measure_likelihood, measure_retrieval,
    },
    grounding::ground_truth,
    row_timeline,
};
use serde_json::json;

use self::captions::CaptionsArgs;
use super::{Context, comment::seed_of};
use crate::{
    comments::{FitArgs, read, read_all},
    device::DeviceName,
    failure::{Outcome, at},
    files::write_json,
    progress::{Output, Progress},
    source::SourceArgs,
    stages::Stages,
    words::DictionaryArgs,
};

/// What the command is told: a model to judge, or with the subcommand `captions` a file of
/// captions.
#[derive(Debug)]
pub(crate) enum Args {
    Model(Box<ModelArgs>),
    Captions(CaptionsArgs),
}

/// The name of the subcommand.
const CAPTIONS: &str = "captions";

// By hand: clap's derive takes flattened arguments of flattened arguments for required when there
// is a subcommand.
impl clap::Args for Args {
    fn augment_args(command: Command) -> Command {
        let captions = Command::new(CAPTIONS)
            .about("Scores captions against references: BLEU, METEOR, ROUGE-L, CIDEr-D");
        ModelArgs::augment_args(command)
            .subcommand(CaptionsArgs::augment_args(captions))
            .args_conflicts_with_subcommands(true)
            .subcommand_negates_reqs(true)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Args {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        match matches.subcommand_matches(CAPTIONS) {
            Some(matches) => Ok(Self::Captions(CaptionsArgs::from_arg_matches(matches)?)),
            None => Ok(Self::Model(Box::new(ModelArgs::from_arg_matches(matches)?))),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Which model is evaluated on what.
#[derive(clap::Args, Debug)]
pub(crate) struct ModelArgs {
    /// The model, made by `nico train`.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: PathBuf,
    #[command(flatten)]
    source: SourceArgs,
    /// The video's comments: XML or JSON, any format.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub(crate) comments: Vec<PathBuf>,
    /// The comments the model learnt from, where they are another video's: then all of this video
    /// is held out.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) learnt_from: Vec<PathBuf>,
    /// Comments written for the video, to be evaluated instead of ones that are written now.
    #[arg(long, value_name = "FILE")]
    generated: Option<PathBuf>,
    /// Which character is where, such as the program `world` makes: what names there are, and where
    /// attention should look.
    #[arg(long, value_name = "FILE")]
    boxes: Option<PathBuf>,
    /// Folder that gets evaluation.json, evaluation.md and candidates.json.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Sections to measure; the others are left out. Default: all.
    #[arg(long, value_enum, value_name = "SECTION", num_args = 1..)]
    only: Vec<Section>,
    /// How the video was split. Default: as the model says.
    #[arg(long)]
    pub(crate) split: Option<SplitRule>,
    /// Most moments at which the model has to find the right comments; each costs two runs over 100
    /// comments.
    #[arg(long, value_name = "N", default_value_t = 200)]
    moments: usize,
    /// Comments a batch.
    #[arg(long, default_value_t = 256)]
    batch: usize,
    /// Seed of what is drawn here: candidates, other pictures, resamples, written comments.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    pub(crate) fit: FitArgs,
    #[command(flatten)]
    pub(crate) dictionary: DictionaryArgs,
    /// Where the network runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

/// A part of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Section {
    /// Perplexity, bits per character, visual gain.
    Likelihood,
    /// A moment's comments among others.
    Retrieval,
    /// Diversity, copying and timing.
    Writing,
    /// Who is looked at; needs --boxes.
    Grounding,
}

impl ModelArgs {
    /// Measures a section, if it is wanted.
    fn only<T>(
        &self,
        section: Section,
        measure: impl FnOnce() -> Outcome<T>,
    ) -> Outcome<Option<T>> {
        let wanted = self.only.is_empty() || self.only.contains(&section);
        wanted.then(measure).transpose()
    }

    /// What the characters are called and where they are, if boxes are given.
    fn boxes(
        &self,
        store: &FeatureStore,
        captioner: &Captioner,
    ) -> Outcome<(Vec<String>, Option<GroundTruth>)> {
        let Some(path) = &self.boxes else {
            return Ok((Vec::new(), None));
        };
        let boxes = Boxes::read(path)?;
        let mut names: Vec<String> = Vec::new();
        for name in boxes.characters.iter().flat_map(|one| &one.names) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        let truth = ground_truth(&boxes, store, captioner.vocabulary());
        Ok((names, Some(truth)))
    }

    /// The comments to judge the model on, divided as they were when it learnt.
    fn data(
        &self,
        captioner: &Captioner,
        store: &FeatureStore,
        tokenizer: &Tokenizer,
        output: Output,
    ) -> Outcome<EvaluationData> {
        let mut video = read_all(&self.comments, output)?;
        let timeline = row_timeline(store)?;
        self.fit.times().apply(&mut video, &timeline)?;
        let learnt_from = read_all(&self.learnt_from, output)?;
        let origin = SplitSource {
            record: SplitRecord::read(&self.model)?,
            rule: self.split,
            seed: seed_of(captioner),
        };
        if learnt_from.is_empty() {
            if let (Some(recorded), Some(asked)) = (origin.overridden()?, self.split) {
                output.say(&format!(
                    "evaluate: the model learnt from a split by {recorded}; by {asked} it is evaluated on comments that it has learnt"
                ));
            }
            if origin.is_guess() {
                output.say("evaluate: the model does not say how its comments were split; taking blocks (see --split)");
            }
        }
        let comments = EvaluationComments { video, learnt_from };
        match EvaluationData::new(captioner, store, tokenizer, comments, &origin) {
            Err(error @ Error::NotSplit { .. }) => Err(anyhow::Error::new(error).context(format!(
                "{}: say with --learnt-from from which comments it learnt, and all of this video is held out",
                self.model.display()
            ))),
            data => Ok(data?),
        }
    }
}

/// SHA-256 of a file.
fn checksum(path: &Path) -> Outcome<String> {
    Ok(VideoSource::read(path)?.sha256)
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    match args {
        Args::Captions(captions) => captions::run(captions, context),
        Args::Model(model) => judge(model, context),
    }
}

fn judge(args: &ModelArgs, context: Context) -> Outcome {
    let output = context.output;
    if args.moments == 0 || args.batch == 0 {
        return Err(anyhow!("--moments and --batch take 1 or more"));
    }
    if args.only.contains(&Section::Grounding) && args.boxes.is_none() {
        return Err(anyhow!("--only grounding needs --boxes"));
    }
    let device = args.device.device();
    let captioner = Captioner::from_dir(&args.model, &device)?;
    fs::create_dir_all(&args.out).map_err(at(&args.out))?;
    let store = args
        .source
        .open(&captioner, &args.out.join("video"), &device, output)?;
    let (names, truth) = args.boxes(&store, &captioner)?;
    let tokenizer = args.dictionary.tokenizer()?;
    let data = args.data(&captioner, &store, &tokenizer, output)?;
    output.say(&format!("evaluate: {}", data.division().sentence()));
    let generated = match &args.generated {
        Some(path) => Some((path.as_path(), read(path, output)?.0)),
        None => None,
    };
    let bar = ProgressOf::new(output);
    let tell = |progress| bar.tell(progress);
    let evaluated = EvaluationContext {
        captioner: &captioner,
        store: &store,
        data: &data,
        names: &names,
        truth: truth.as_ref(),
        tokenizer: &tokenizer,
        generated: generated
            .as_ref()
            .map(|(path, comments)| (*path, comments.as_slice())),
        moments: args.moments,
        batch_size: args.batch,
        seed: args.seed,
        progress: &tell,
    };
    let evaluation = measure(args, &evaluated, output)?;
    write_json(&args.out.join("evaluation.json"), &evaluation)?;
    let report = evaluation.report();
    let path = args.out.join("evaluation.md");
    write_whole(&path, |out| out.write_all(report.as_bytes()))?;
    context.print(&evaluation, || report)
}

/// Measures every section that is not measured already on the same things.
fn measure(
    args: &ModelArgs,
    evaluated: &EvaluationContext<'_>,
    output: Output,
) -> Outcome<Evaluation> {
    let stages = Stages::new(&args.out, output);
    let checksums = |paths: &[PathBuf]| -> Outcome<Vec<String>> {
        paths.iter().map(|path| checksum(path)).collect()
    };
    let plan = &evaluated.store.info().plan;
    let on = json!({
        "model": checksum(&args.model.join("model.safetensors"))?,
        "vocabulary": checksum(&args.model.join("vocabulary.tsv"))?,
        "features": [plan.encoder.sha256, plan.encoder.layer.to_string(), plan.video.sha256, evaluated.store.len().to_string()],
        "comments": checksums(&args.comments)?,
        "learnt_from": checksums(&args.learnt_from)?,
        "fit": format!("{:?}", args.fit),
        "dictionary": format!("{:?}", args.dictionary),
        "division": evaluated.data.division(),
        "names": evaluated.names,
        "seed": args.seed,
    });
    let likelihood = args.only(Section::Likelihood, || {
        stages.run("likelihood", on.clone(), &[], || {
            Ok(measure_likelihood(evaluated)?)
        })
    })?;
    let retrieval = args.only(Section::Retrieval, || {
        let inputs = json!({"on": on, "moments": args.moments});
        let candidates = args.out.join(CANDIDATES);
        stages.run("retrieval", inputs, &[candidates], || {
            Ok(measure_retrieval(evaluated, &args.out)?)
        })
    })?;
    let writing = args.only(Section::Writing, || {
        let inputs = json!({
            "on": on,
            "generated": args.generated.as_deref().map(checksum).transpose()?,
            "rate": evaluated.captioner.rate(),
            "boxes": args.boxes.as_deref().map(checksum).transpose()?,
        });
        stages.run("writing", inputs, &[], || {
            Ok(measure_generation(evaluated)?)
        })
    })?;
    let grounding = match evaluated.truth {
        Some(truth) => args.only(Section::Grounding, || {
            let inputs =
                json!({"on": on, "boxes": args.boxes.as_deref().map(checksum).transpose()?});
            stages.run("grounding", inputs, &[], || {
                Ok(measure_grounding(evaluated, truth)?)
            })
        })?,
        None => None,
    };
    Ok(Evaluation {
        model: args.model.clone(),
        seed: args.seed,
        division: evaluated.data.division().clone(),
        seconds: Seconds {
            likelihood: seconds(likelihood.as_ref()),
            retrieval: seconds(retrieval.as_ref()),
            writing: seconds(writing.as_ref()),
            grounding: seconds(grounding.as_ref()),
        },
        likelihood: likelihood.map(|done| done.result),
        retrieval: retrieval.map(|done| done.result),
        writing: writing.map(|done| done.result),
        grounding: grounding.map(|done| done.result),
    })
}

/// How long a section took; 0 where it was left out.
fn seconds<T>(done: Option<&Done<T>>) -> f64 {
    done.map_or(0.0, |done| done.seconds)
}

/// A bar for each thing that is measured.
struct ProgressOf {
    output: Output,
    bar: RefCell<Option<(&'static str, Progress)>>,
}

impl ProgressOf {
    fn new(output: Output) -> Self {
        Self {
            output,
            bar: RefCell::new(None),
        }
    }

    fn tell(&self, progress: EvaluationProgress) {
        let EvaluationProgress { label, done, total } = progress;
        let mut bar = self.bar.borrow_mut();
        if bar.as_ref().is_none_or(|(of, _)| *of != label) {
            *bar = Some((label, self.output.start(label, "comments", total)));
        }
        if let Some((_, bar)) = bar.as_mut() {
            bar.set(done);
        }
        if done >= total
            && let Some((_, bar)) = bar.take()
        {
            bar.finish();
        }
    }
}
