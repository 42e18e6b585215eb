//! `nico evaluate`: judges a model and its comments, every score beside what does without the
//! picture.

mod captions;

use std::{cell::RefCell, path::PathBuf};

use anyhow::{Context as _, anyhow};
use caption_model::Captioner;
use clap::{ArgMatches, Command, FromArgMatches, ValueEnum};
use frame_features::FeatureStore;
use nico_comments::write_whole;
use nico_corpus::{
    Boxes, Error, FilterOptions, LearntVideo, LearntWith, SplitRule, SplitWords, StageInputs,
    TimeFit,
    evaluate::{
        CANDIDATES, Evaluation, EvaluationComments, EvaluationContext, EvaluationData,
        EvaluationProgress, SplitSource, measure_generation, measure_grounding, measure_likelihood,
        measure_retrieval,
    },
    grounding::{characters_without_word, ground_truth},
    learnt_and_held_out, row_timeline,
};

use self::captions::CaptionsArgs;
use super::{Context, comment::seed_of};
use crate::{
    comments::{FitArgs, Reader, files, read},
    device::DeviceName,
    failure::Outcome,
    files::write_json,
    filters::FilterArgs,
    progress::{Output, Progress},
    source::SourceArgs,
    stages::Stages,
    words::{DictionaryArgs, ModelWords},
};

/// What the command is told: a model to judge, or with the subcommand `captions` a file of
/// captions.
#[derive(Debug)]
pub(crate) enum Args {
    Model(Box<ModelArgs>),
    Captions(CaptionsArgs),
}

/// Files of the folder that are written under another name first.
const FILES: [&str; 3] = ["evaluation.json", "evaluation.md", CANDIDATES];

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
    /// The video's comments: files of any format, or folders of them.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub(crate) comments: Vec<PathBuf>,
    /// The comments the model learnt from, where they are other videos', a file a video: then all
    /// of this video is held out.
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
    #[command(flatten)]
    filters: FilterArgs,
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
    /// Whether a section is to be measured.
    fn wants(&self, section: Section) -> bool {
        self.only.is_empty() || self.only.contains(&section)
    }

    /// The comments to judge the model on, divided as they were when it learnt.
    fn data(
        &self,
        read: Read,
        captioner: &Captioner,
        store: &FeatureStore,
        tokenizer: &dyn SplitWords,
        output: Output,
    ) -> Outcome<EvaluationData> {
        let Read {
            record,
            fit,
            mut comments,
            files,
            learnt_from,
            ..
        } = read;
        fit.apply(&mut comments.video, &row_timeline(store)?)?;
        let origin = SplitSource {
            record,
            rule: self.split,
            seed: seed_of(captioner),
        };
        if comments.learnt_from.iter().all(Vec::is_empty) {
            if let (Some(recorded), Some(asked)) = (origin.overridden(), self.split) {
                output.warn(&format!(
                    "evaluate: the model learnt from a split by {recorded}; by {asked} it is evaluated on comments that it has learnt"
                ));
            }
            if let Some(record) = &origin.record
                && record.video(store).is_some()
            {
                warn_of_record(record, store, &files, output)?;
            }
        } else {
            let (record, held_out) = (origin.record.as_ref(), LearntVideo::of_store(store));
            for same in learnt_and_held_out(record, held_out, &files, &learnt_from)? {
                output.warn(&format!("evaluate: {same}, are the same"));
            }
        }
        match EvaluationData::new(captioner, store, tokenizer, comments, &origin) {
            Err(error @ Error::NotSplit { .. }) => Err(anyhow::Error::new(error).context(format!(
                "{}: say with --learnt-from from which comments it learnt, and all of this video is held out",
                self.model.display()
            ))),
            data => Ok(data?),
        }
    }
}

/// Warns where this video's comments are not all that the model learnt from, or not what it learnt
/// from of this video.
fn warn_of_record(
    record: &LearntWith,
    store: &FeatureStore,
    comments: &[PathBuf],
    output: Output,
) -> Outcome {
    let videos = record.num_learnt();
    if record.rule().is_some() && videos > 1 {
        output.warn(&format!(
            "evaluate: the model learnt from {videos} videos; popularity, n-grams and copying, which stand beside it, are of this one's comments alone"
        ));
    }
    if record.has_other_comments(&store.info().plan.video, comments)? {
        output.warn(
            "evaluate: the model learnt from other files of comments of this video than these; what of them it learnt is not known",
        );
    }
    Ok(())
}

/// What is read before the first frame is.
struct Read {
    record: Option<LearntWith>,
    fit: TimeFit,
    filters: FilterOptions,
    /// The files of the video's comments.
    files: Vec<PathBuf>,
    /// The files of those learnt from.
    learnt_from: Vec<PathBuf>,
    comments: EvaluationComments,
}

impl Read {
    fn new(args: &ModelArgs, record: Option<LearntWith>, output: Output) -> Outcome<Self> {
        let model = args.model.display();
        if let Some(gaps) = LearntWith::gaps(record.as_ref()) {
            output.warn(&format!("{model}: {gaps}"));
        }
        let (asked, asked_filters) = (args.fit.asked(), args.filters.options()?);
        let (fit, filters, learnt) = match &record {
            Some(record) => {
                let video = args.source.video()?;
                let fit = record.fit_of(&video, asked);
                let both =
                    fit.and_then(|fit| Ok((fit, record.filters_of(&video, &asked_filters)?)));
                let (fit, filters) = both.with_context(|| model.to_string())?;
                (fit, filters, record.filters.clone())
            }
            None => (
                asked.unwrap_or_default(),
                asked_filters,
                FilterOptions::default(),
            ),
        };
        let differing = filters.clone().with_times_of(&learnt) != learnt;
        if differing && record.is_some() {
            output.warn("evaluate: the model learnt with other filters of comments than these");
        }
        let files = files(&args.comments, output)?;
        let learnt_from = self::files(&args.learnt_from, output)?;
        let video = Reader::new(filters.reading(None)?, output).read_all(&files)?;
        // A file is a video: what was said in a second of one is no news of that second of another.
        let reader = Reader::new(learnt.reading(None)?, output);
        let comments_of = |file: &PathBuf| -> Outcome<Vec<_>> {
            let mut own = Vec::new();
            reader.read_each(file, |comment| {
                own.push(comment);
                Ok(())
            })?;
            Ok(own)
        };
        let others = learnt_from.iter().map(comments_of);
        let others = others.collect::<Outcome<Vec<_>>>()?;
        reader.tell();
        Ok(Self {
            comments: EvaluationComments {
                video,
                learnt_from: others,
            },
            record,
            fit,
            filters,
            files,
            learnt_from,
        })
    }

    /// What every section depends on of them.
    fn inputs(&self) -> Outcome<StageInputs> {
        Ok(StageInputs::default()
            .files("comments", &self.files)?
            .files("learnt-from", &self.learnt_from)?
            .options(&self.filters)
            .value("fit", &self.fit))
    }
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
    let stages = Stages::open(&args.out, &FILES, output)?;
    let device = args.device.device();
    let captioner = Captioner::from_dir(&args.model, &device)?;
    let record = LearntWith::read(&args.model)?;
    let words = (args.dictionary).words_of(&args.model, record.as_ref(), captioner.vocabulary())?;
    let read_first = Read::new(args, record, output)?;
    let boxes = args.boxes.as_ref().map(Boxes::read).transpose()?;
    let generated = match &args.generated {
        Some(path) => Some((path.as_path(), read(path, output)?.0)),
        None => None,
    };
    if let (Some(path), Some(boxes)) = (&args.boxes, &boxes) {
        let mut comments = read_first.comments.video.iter();
        if comments.all(|comment| boxes.mentioned(&comment.body).next().is_none()) {
            let path = path.display();
            output.warn(&format!("{path}: none of its names is in the comments"));
        }
        let unknown = characters_without_word(boxes, captioner.vocabulary());
        if !unknown.is_empty() {
            let names = unknown.iter().filter_map(|one| one.names.first());
            let names: Vec<&str> = names.map(String::as_str).collect();
            output.warn(&format!(
                "{}: the vocabulary has no word for {}, so that what is said of them is in no score of names",
                path.display(),
                names.join(", ")
            ));
        }
    }
    let store = args
        .source
        .open(&captioner, &args.out.join("video"), &device, output)?;
    let names = boxes.as_ref().map_or(Vec::new(), Boxes::names);
    let truth = boxes.map(|boxes| ground_truth(&boxes, &store, captioner.vocabulary()));
    let read_from = read_first.inputs()?;
    let data = args.data(read_first, &captioner, &store, words.splitter(), output)?;
    output.say(&format!("evaluate: {}", data.division().sentence()));
    let bar = ProgressOf::new(output);
    let tell = |progress| bar.tell(progress);
    let generated = generated.as_ref();
    let generated = generated.map(|(path, comments)| (*path, comments.as_slice()));
    let evaluated = EvaluationContext::new(&captioner, &store, &data, words.splitter())
        .names(&names)
        .truth(truth.as_ref())
        .generated(generated)
        .moments(args.moments)
        .batch_size(args.batch)
        .seed(args.seed)
        .progress(&tell);
    let evaluation = measure(args, &evaluated, &words, &read_from, &stages)?;
    write_json(&args.out.join("evaluation.json"), &evaluation)?;
    let report = evaluation.report();
    let path = args.out.join("evaluation.md");
    write_whole(&path, |out| out.write_all(report.as_bytes()))?;
    context.print(&evaluation, || report)
}

/// What every section depends on.
fn inputs(
    args: &ModelArgs,
    evaluated: &EvaluationContext<'_>,
    words: &ModelWords,
    read_from: &StageInputs,
) -> Outcome<StageInputs> {
    let inputs = (evaluated.inputs())
        .and(read_from)
        .file("model", &args.model.join("model.safetensors"))?
        .file("model's vocabulary", &args.model.join("vocabulary.tsv"))?;
    Ok(args.dictionary.inputs_of(words, inputs))
}

/// Measures every section that is not measured already on the same things.
fn measure(
    args: &ModelArgs,
    evaluated: &EvaluationContext<'_>,
    words: &ModelWords,
    read_from: &StageInputs,
    stages: &Stages,
) -> Outcome<Evaluation> {
    let on = inputs(args, evaluated, words, read_from)?;
    let with_boxes = |inputs: StageInputs| match &args.boxes {
        Some(boxes) => Ok(inputs.file("boxes", boxes)?),
        None => Outcome::Ok(inputs),
    };
    let mut evaluation = Evaluation::new(&args.model, evaluated);
    if args.wants(Section::Likelihood) {
        evaluation = evaluation.likelihood(stages.run("likelihood", &on, &[], || {
            Ok(measure_likelihood(evaluated)?)
        })?);
    }
    if args.wants(Section::Retrieval) {
        let inputs = on.clone().value("moments", &args.moments);
        let candidates = args.out.join(CANDIDATES);
        evaluation =
            evaluation.retrieval(stages.run("retrieval", &inputs, &[candidates], || {
                Ok(measure_retrieval(evaluated, &args.out)?)
            })?);
    }
    if args.wants(Section::Writing) {
        let mut inputs = with_boxes(on.clone())?.value("rate", evaluated.captioner.rate());
        if let Some(generated) = &args.generated {
            inputs = inputs.file("generated", generated)?;
        }
        evaluation = evaluation.writing(stages.run("writing", &inputs, &[], || {
            Ok(measure_generation(evaluated)?)
        })?);
    }
    if let Some(truth) = evaluated.truth.filter(|_| args.wants(Section::Grounding)) {
        let inputs = with_boxes(on.clone())?;
        evaluation = evaluation.grounding(stages.run("grounding", &inputs, &[], || {
            Ok(measure_grounding(evaluated, truth)?)
        })?);
    }
    Ok(evaluation)
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
