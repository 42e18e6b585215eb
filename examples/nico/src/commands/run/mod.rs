//! `nico run`: everything, in order, resuming what is done.

mod inputs;

use std::{
    path::{Path, PathBuf},
    slice,
};

use anyhow::anyhow;
use caption_model::Captioner;
use frame_features::FeatureStore;
use nico_comments::Comment;
use nico_corpus::{
    Boxes, CrowdRate, PlannedStage, StageInputs, TrainingSummary, WrittenNames,
    report::{RunSummary, StageSeconds},
};
use serde::{Deserialize, Serialize};

use self::inputs::{Inputs, features_of};
use super::{
    Context,
    comment::{WritingArgs, write, write_all},
    features::ExtractionArgs,
    render::{DrawingArgs, draw},
    stats::Tables,
    train::{self, LearningArgs, learn},
};
use crate::{
    comments::{files, read},
    corpus::Video,
    export::write_comments,
    failure::Outcome,
    files::write_json,
    progress::Output,
    stages::Stages,
};

/// Files of the folder that are written under another name first.
const FILES: [&str; 6] = [
    "stats.json",
    "comments.xml",
    "comments.json",
    "comments.ass",
    "commented.mp4",
    "summary.json",
];

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The video to learn from.
    #[arg(long, value_name = "FILE")]
    video: PathBuf,
    /// Its comments: files of any format, or folders of them.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    comments: Vec<PathBuf>,
    /// The video to comment on. Default: the one learnt from.
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
    /// Which character is where in the target, to tell how often a name is written while its
    /// character is seen.
    #[arg(long, value_name = "FILE")]
    boxes: Option<PathBuf>,
    /// Folder that gets everything.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Does stages again whose options or files are not those with which they were done in this
    /// folder, and removes what they left. Without it the run stops there and says what changed.
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    extraction: ExtractionArgs,
    #[command(flatten)]
    learning: LearningArgs,
    #[command(flatten)]
    writing: WritingArgs,
    #[command(flatten)]
    drawing: DrawingArgs,
}

impl Args {
    /// Refuses options with which no run comes to its end.
    fn check(&self) -> Outcome {
        self.learning.check()?;
        self.learning.corpus.check_one_video()?;
        if self.writing.rate == CrowdRate::Fitted {
            return Err(anyhow!(
                "--rate fitted: a run fits no rate; take another one here, then `nico rate` fits one to its model, for `nico comment --rate fitted`"
            ));
        }
        Ok((self.writing.options(self.learning.seed).generate).check()?)
    }
}

/// What drawing came to.
#[derive(Debug, Serialize, Deserialize)]
struct Rendered {
    frames: u64,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let job = Job::new(args, context)?;
    job.stages.check(&args.out, &job.plan()?, args.again)?;
    let stats = job.stats()?;
    let features = job.features(
        "features",
        &args.video,
        &job.inputs.features,
        &job.source_features,
    )?;
    let target_features = match &args.target {
        Some(target) => job.features(
            "target features",
            target,
            &job.inputs.target_features,
            &job.target_features,
        )?,
        None => 0.0,
    };
    let (learnt, train) = job.train()?;
    let comment = job.comment()?;
    let (rendered, render) = job.render()?;
    let written = job.written()?;
    let summary = RunSummary {
        video: args.video.clone(),
        target: job.target().to_owned(),
        comments: args.comments.clone(),
        names: job.names()?,
        learnt,
        comments_written: written.len(),
        frames_rendered: rendered.frames,
        seconds: StageSeconds {
            stats,
            features,
            target_features,
            train,
            comment,
            render,
        },
    };
    write_json(&args.out.join("summary.json"), &summary)?;
    tell(&summary, context, &args.out);
    context.print_json(&summary)
}

/// A run: where things lie and what was done before.
struct Job<'a> {
    args: &'a Args,
    context: Context,
    stages: Stages,
    inputs: Inputs,
    /// The comment files, those of folders among them.
    comments: Vec<PathBuf>,
    source_features: PathBuf,
    target_features: PathBuf,
}

impl<'a> Job<'a> {
    fn new(args: &'a Args, context: Context) -> Outcome<Self> {
        let features = args.out.join("features");
        // Before the long work: what is wrong is told at once.
        args.check()?;
        if let Some(boxes) = &args.boxes {
            Boxes::read(boxes)?;
        }
        let comments = files(&args.comments, context.output)?;
        let inputs = Inputs::read(args, &comments)?;
        let stages = Stages::open(&args.out, &FILES, context.output)?;
        Ok(Self {
            args,
            context,
            stages: stages.watch(inputs.files.clone()),
            inputs,
            comments,
            source_features: features.join("source"),
            target_features: match args.target {
                Some(_) => features.join("target"),
                None => features.join("source"),
            },
        })
    }

    /// The stages in their order, with what they depend on where that is known before any is done.
    fn plan(&self) -> Outcome<Vec<PlannedStage>> {
        let (inputs, model) = (&self.inputs, self.model());
        let if_there = |path: &Path, inputs: &dyn Fn() -> Outcome<StageInputs>| {
            path.exists().then(inputs).transpose()
        };
        let weights = model.join("model.safetensors");
        let comment = if_there(&weights, &|| inputs.comment(&model))?;
        let names = if_there(&weights, &|| inputs.names(&model))?;
        let written = self.out("comments.xml");
        let render = if_there(&written, &|| inputs.render(&written))?;
        let known = |name, inputs: &StageInputs| PlannedStage::new(name, Some(inputs.clone()));
        let mut plan = vec![
            known("stats", &inputs.stats),
            known("features", &inputs.features),
        ];
        if self.args.target.is_some() {
            plan.push(known("target features", &inputs.target_features));
        }
        let after = ["train", "target features"];
        plan.push(known("train", &inputs.train).after(&["features"]));
        plan.push(PlannedStage::new("comment", comment).after(&after));
        if self.args.boxes.is_some() {
            plan.push(PlannedStage::new("names", names).after(&after));
        }
        plan.push(PlannedStage::new("render", render).after(&["comment"]));
        Ok(plan)
    }

    fn target(&self) -> &Path {
        self.args.target.as_ref().unwrap_or(&self.args.video)
    }

    fn model(&self) -> PathBuf {
        self.out("model")
    }

    fn out(&self, name: &str) -> PathBuf {
        self.args.out.join(name)
    }

    fn stats(&self) -> Outcome<f64> {
        let path = self.out("stats.json");
        let outputs = slice::from_ref(&path);
        let done = self.stages.run("stats", &self.inputs.stats, outputs, || {
            let tables = Tables {
                top: 30,
                vocabulary: self.args.learning.corpus.vocabulary,
                fit: self.args.learning.corpus.fit.clone(),
                dictionary: self.args.learning.corpus.dictionary.clone(),
            };
            let video = Some(self.args.video.as_path());
            let reading = self.args.learning.corpus.filters.reading(None)?;
            let report = tables.read(&self.comments, video, &reading, self.context.output)?;
            write_json(&path, &report)
        })?;
        Ok(done.seconds)
    }

    fn features(
        &self,
        name: &str,
        video: &Path,
        inputs: &StageInputs,
        folder: &Path,
    ) -> Outcome<f64> {
        self.stages.remove_changed(name, inputs, folder)?;
        let outputs = [folder.join("store.json")];
        let done = self.stages.run(name, inputs, &outputs, || {
            let device = self.args.learning.device.device();
            features_of(self.args).run(video, folder, &device, self.context.output)
        })?;
        Ok(done.seconds)
    }

    fn train(&self) -> Outcome<(TrainingSummary, f64)> {
        let (folder, inputs) = (self.model(), &self.inputs.train);
        self.stages.remove_changed("train", inputs, &folder)?;
        let outputs = ["model.safetensors", "config.json", "vocabulary.tsv"];
        let outputs = outputs.map(|name| folder.join(name));
        let done = self.stages.run("train", inputs, &outputs, || {
            let store = FeatureStore::open(&self.source_features)?;
            let args = self.args;
            let video = Video {
                comments: &self.comments,
                store: &store,
            };
            learn(&args.learning, &[video], &folder, self.context)
        })?;
        train::tell(&done.result, self.context);
        Ok((done.result, done.seconds))
    }

    fn captioner(&self) -> Outcome<Captioner> {
        let device = self.args.learning.device.device();
        Ok(Captioner::from_dir(self.model(), &device)?)
    }

    fn comment(&self) -> Outcome<f64> {
        let outputs = ["xml", "json", "ass"].map(|format| self.out(&format!("comments.{format}")));
        let inputs = self.inputs.comment(&self.model())?;
        let done = self.stages.run("comment", &inputs, &outputs, || {
            let captioner = self.captioner()?;
            let store = FeatureStore::open(&self.target_features)?;
            let options = self.args.writing.options(self.args.learning.seed);
            let written = write(&captioner, &store, &options, self.context)?;
            let comments: Vec<Comment> = written.into_iter().map(|one| one.comment).collect();
            outputs
                .iter()
                .try_for_each(|path| write_comments(path, &comments))
        })?;
        Ok(done.seconds)
    }

    fn render(&self) -> Outcome<(Rendered, f64)> {
        let path = self.out("commented.mp4");
        let inputs = self.inputs.render(&self.out("comments.xml"))?;
        let outputs = slice::from_ref(&path);
        let done = self.stages.run("render", &inputs, outputs, || {
            let (comments, _) = read(&self.out("comments.xml"), self.context.output)?;
            let report = draw(
                self.target(),
                &comments,
                &path,
                &self.args.drawing,
                self.context,
            )?;
            Ok(Rendered {
                frames: report.frames,
            })
        })?;
        Ok((done.result, done.seconds))
    }

    /// The comments that were written, as they are on the disk.
    fn written(&self) -> Outcome<Vec<Comment>> {
        Ok(read(&self.out("comments.xml"), Output::Quiet)?.0)
    }

    /// Counts names over as many comments as the model learnt from: the thinned ones hold a few
    /// dozen names, a share of which says little.
    fn names(&self) -> Outcome<Option<WrittenNames>> {
        let Some(path) = &self.args.boxes else {
            return Ok(None);
        };
        let inputs = self.inputs.names(&self.model())?;
        let done = self.stages.run("names", &inputs, &[], || {
            let boxes = Boxes::read(path)?;
            let captioner = self.captioner()?;
            let store = FeatureStore::open(&self.target_features)?;
            let args = WritingArgs {
                rate: CrowdRate::Data,
                ..self.args.writing.clone()
            };
            let options = args.options(self.args.learning.seed);
            let written = write_all(
                &captioner,
                &store,
                None,
                &options,
                self.context.output,
                |_| Ok(()),
            )?;
            let naming = boxes.naming(
                written
                    .iter()
                    .map(|one| (one.frame, one.comment.body.as_str())),
            );
            Ok(WrittenNames::new(written.len(), &naming))
        })?;
        if done.result.written == 0 {
            self.context.output.warn(&format!(
                "{}: none of its names is in the {} comments that were written",
                path.display(),
                done.result.comments
            ));
        }
        Ok(Some(done.result))
    }
}

/// Says what a run came to.
fn tell(summary: &RunSummary, context: Context, out: &Path) {
    if let Some(names) = summary.names.as_ref().filter(|names| names.written > 0) {
        context.output.say(&format!("run: {names}"));
    }
    context.output.say(&format!(
        "run: {} comments for {}; watch {}, read {}",
        summary.comments_written,
        summary.target.display(),
        out.join("commented.mp4").display(),
        out.join("summary.json").display()
    ));
}
