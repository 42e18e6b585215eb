//! `nico evaluate`: judges a model and its comments, every score beside what does without the picture.

mod captions;
#[cfg(feature = "video")]
mod grounding;
mod likelihood;
mod material;
mod retrieval;
mod tables;
mod writing;

use std::{
    fs,
    path::{Path, PathBuf},
};

use caption_model::{
    Captioner, Pairs,
    evaluate::{GroundTruth, WordNlls},
};
use clap::{ArgMatches, Command, FromArgMatches, ValueEnum};
use frame_features::{FeatureStore, VideoSource};
use nico_comments::write_whole;
use nico_corpus::SplitRule;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::{
    captions::CaptionsArgs,
    likelihood::LikelihoodSection,
    material::{Division, Material},
    retrieval::{CANDIDATES, RetrievalSection},
    writing::WritingSection,
};
use super::Context;
use crate::{
    comments::FitArgs,
    device::DeviceName,
    failure::{Failure, Outcome},
    files::{print_json, print_line, write_json},
    progress::Output,
    source::SourceArgs,
    stages::{Done, Stages},
    words::DictionaryArgs,
};

/// What the command is told: a model to judge, or with the subcommand `captions` a file of captions.
#[derive(Debug)]
pub(crate) enum Args {
    Model(Box<ModelArgs>),
    Captions(CaptionsArgs),
}

/// The name of the subcommand.
const CAPTIONS: &str = "captions";

// By hand: clap's derive takes flattened arguments of flattened arguments for required when there is a subcommand.
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

/// Which model is judged on what.
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
    /// The comments the model learnt from, where they are another video's: then all of this video is held out.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) learnt_from: Vec<PathBuf>,
    /// Comments written for the video, to be judged instead of ones that are written now.
    #[arg(long, value_name = "FILE")]
    generated: Option<PathBuf>,
    /// Which character is where, made by `nico world`: what names there are, and where attention should look.
    #[cfg(feature = "video")]
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
    /// Most moments at which the model has to find the right comments; each costs two runs over 100 comments.
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
    #[cfg(feature = "video")]
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

    /// What the characters are called and where they are, if the demo's boxes are given.
    #[cfg(feature = "video")]
    fn boxes(
        &self,
        store: &FeatureStore,
        captioner: &Captioner,
    ) -> Outcome<(Vec<String>, Option<GroundTruth>)> {
        let Some(path) = &self.boxes else {
            return Ok((Vec::new(), None));
        };
        let (boxes, names) = grounding::read(path)?;
        let truth = crate::grounding::truth(&boxes, store, captioner.vocabulary());
        Ok((names, Some(truth)))
    }

    #[cfg(not(feature = "video"))]
    fn boxes(
        &self,
        _: &FeatureStore,
        _: &Captioner,
    ) -> Outcome<(Vec<String>, Option<GroundTruth>)> {
        Ok((Vec::new(), None))
    }

    /// What the sections depend on that look at boxes.
    #[cfg(feature = "video")]
    fn boxes_checksum(&self) -> Outcome<Option<String>> {
        self.boxes.as_deref().map(checksum).transpose()
    }

    #[cfg(not(feature = "video"))]
    fn boxes_checksum(&self) -> Outcome<Option<String>> {
        Ok(None)
    }
}

/// SHA-256 of a file.
fn checksum(path: &Path) -> Outcome<String> {
    Ok(VideoSource::of(path)?.sha256)
}

/// What the sections are measured on.
pub(crate) struct Judged<'a> {
    captioner: &'a Captioner,
    store: &'a FeatureStore,
    material: &'a Material,
    /// Names of characters, where boxes tell them.
    names: &'a [String],
    /// Who is where, where boxes tell it.
    truth: Option<&'a GroundTruth>,
    generated: Option<&'a Path>,
    dictionary: &'a DictionaryArgs,
    moments: usize,
    batch: usize,
    seed: u64,
    output: Output,
}

impl Judged<'_> {
    /// What each word of pairs costs the model, with progress.
    fn word_nlls(&self, label: &str, pairs: &Pairs) -> Outcome<WordNlls> {
        let mut progress = self.output.start(label, "comments", pairs.len());
        let nlls = self
            .captioner
            .word_nlls(pairs, self.store, self.batch, |done| progress.set(done))?;
        progress.finish();
        Ok(nlls)
    }
}

/// `evaluation.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Evaluation {
    model: PathBuf,
    seed: u64,
    division: Division,
    likelihood: Option<LikelihoodSection>,
    retrieval: Option<RetrievalSection>,
    writing: Option<WritingSection>,
    /// Where boxes tell who is where.
    #[cfg(feature = "video")]
    grounding: Option<crate::grounding::Grounding>,
    /// How long each section took when it was measured, seconds.
    seconds: Seconds,
}

#[derive(Debug, Serialize, Deserialize)]
struct Seconds {
    likelihood: f64,
    retrieval: f64,
    writing: f64,
    #[cfg(feature = "video")]
    grounding: f64,
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
        return Err(Failure::new("--moments and --batch take 1 or more"));
    }
    #[cfg(feature = "video")]
    if args.only.contains(&Section::Grounding) && args.boxes.is_none() {
        return Err(Failure::new("--only grounding needs --boxes"));
    }
    let device = args.device.device();
    let captioner = Captioner::from_dir(&args.model, &device)?;
    fs::create_dir_all(&args.out).map_err(Failure::at(&args.out))?;
    let store = args
        .source
        .open(&captioner, &args.out.join("video"), &device, output)?;
    let (names, truth) = args.boxes(&store, &captioner)?;
    let material = Material::read(args, &captioner, &store, output)?;
    material.division.tell(output);
    let judged = Judged {
        captioner: &captioner,
        store: &store,
        material: &material,
        names: &names,
        truth: truth.as_ref(),
        generated: args.generated.as_deref(),
        dictionary: &args.dictionary,
        moments: args.moments,
        batch: args.batch,
        seed: args.seed,
        output,
    };
    let evaluation = measure(args, &judged)?;
    write_json(&args.out.join("evaluation.json"), &evaluation)?;
    let report = evaluation.report();
    let path = args.out.join("evaluation.md");
    write_whole(&path, |out| out.write_all(report.as_bytes()))?;
    if context.json {
        print_json(&evaluation)
    } else {
        print_line(report.trim_end())
    }
}

/// Measures every section that is not measured already on the same things.
fn measure(args: &ModelArgs, judged: &Judged<'_>) -> Outcome<Evaluation> {
    let stages = Stages::new(&args.out, judged.output);
    let checksums = |paths: &[PathBuf]| -> Outcome<Vec<String>> {
        paths.iter().map(|path| checksum(path)).collect()
    };
    let plan = &judged.store.info().plan;
    let on = json!({
        "model": checksum(&args.model.join("model.safetensors"))?,
        "vocabulary": checksum(&args.model.join("vocabulary.tsv"))?,
        "features": [plan.encoder.sha256, plan.layer.to_string(), plan.video.sha256, judged.store.len().to_string()],
        "comments": checksums(&args.comments)?,
        "learnt_from": checksums(&args.learnt_from)?,
        "fit": format!("{:?}", args.fit),
        "dictionary": format!("{:?}", args.dictionary),
        "division": judged.material.division,
        "names": judged.names,
        "seed": args.seed,
    });
    let likelihood = args.only(Section::Likelihood, || {
        stages.run("likelihood", on.clone(), &[], || {
            likelihood::measure(judged)
        })
    })?;
    let retrieval = args.only(Section::Retrieval, || {
        let inputs = json!({"on": on, "moments": args.moments});
        let candidates = args.out.join(CANDIDATES);
        stages.run("retrieval", inputs, &[candidates], || {
            retrieval::measure(judged, &args.out)
        })
    })?;
    let writing = args.only(Section::Writing, || {
        let inputs = json!({
            "on": on,
            "generated": args.generated.as_deref().map(checksum).transpose()?,
            "rate": judged.captioner.rate(),
            "boxes": args.boxes_checksum()?,
        });
        stages.run("writing", inputs, &[], || writing::measure(judged))
    })?;
    #[cfg(feature = "video")]
    let grounding = match judged.truth {
        Some(truth) => args.only(Section::Grounding, || {
            let inputs = json!({"on": on, "boxes": args.boxes_checksum()?});
            stages.run("grounding", inputs, &[], || {
                grounding::measure(judged, truth)
            })
        })?,
        None => None,
    };
    Ok(Evaluation {
        model: args.model.clone(),
        seed: args.seed,
        division: judged.material.division.clone(),
        seconds: Seconds {
            likelihood: seconds(likelihood.as_ref()),
            retrieval: seconds(retrieval.as_ref()),
            writing: seconds(writing.as_ref()),
            #[cfg(feature = "video")]
            grounding: seconds(grounding.as_ref()),
        },
        likelihood: likelihood.map(|done| done.result),
        retrieval: retrieval.map(|done| done.result),
        writing: writing.map(|done| done.result),
        #[cfg(feature = "video")]
        grounding: grounding.map(|done| done.result),
    })
}

/// How long a section took; 0 where it was left out.
fn seconds<T>(done: Option<&Done<T>>) -> f64 {
    done.map_or(0.0, |done| done.seconds)
}

impl Evaluation {
    /// The tables, as `evaluation.md` has them.
    fn report(&self) -> String {
        let mut out = format!("# Evaluation of {}\n\n", self.model.display());
        out.push_str(&self.division.sentence());
        out.push_str("\n\n");
        if let Some(likelihood) = &self.likelihood {
            likelihood.write(&mut out);
        }
        if let Some(retrieval) = &self.retrieval {
            retrieval.write(&mut out);
        }
        if let Some(writing) = &self.writing {
            writing.write(&mut out);
        }
        #[cfg(feature = "video")]
        if let Some(grounding) = &self.grounding {
            grounding::write(grounding, &mut out);
        }
        out
    }
}

impl Division {
    fn sentence(&self) -> String {
        let leaky = if self.split == "frames" {
            " This split leaks: every held-out picture has neighbours that were learnt from."
        } else {
            ""
        };
        format!(
            "Split by {} (seed {}): {} comments learnt from, {} held out over {} whole seconds, {} in neither. Leak: {} of {} distinct held-out comments are also in train ({:.1} %).{leaky}",
            self.split,
            self.seed,
            self.train,
            self.dev,
            self.held_out_seconds,
            self.guard,
            self.leaked,
            self.dev_distinct,
            100.0 * self.leak
        )
    }

    fn tell(&self, output: Output) {
        output.say(&format!("evaluate: {}", self.sentence()));
    }
}
