//! `nico run`: everything, in order, resuming what is done.

use std::{
    fs,
    path::{Path, PathBuf},
};

use caption_model::Captioner;
use frame_features::{FeatureStore, Layer, VideoSource};
use nico_comments::Comment;
use nico_corpus::{
    Boxes, CrowdRate, TrainingSummary,
    report::{RunSummary, StageSeconds, WrittenNames},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Context,
    comment::{WritingArgs, write, write_all},
    features::ExtractionArgs,
    render::{DrawingArgs, draw},
    stats::Tables,
    train::{self, LearningArgs, ModelName, learn},
};
use crate::{
    comments::read,
    corpus::Video,
    export::write_comments,
    failure::{Outcome, at},
    files::write_json,
    progress::Output,
    stages::Stages,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The video to learn from.
    #[arg(long, value_name = "FILE")]
    video: PathBuf,
    /// Its comments: XML or JSON, any format.
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
    #[command(flatten)]
    extraction: ExtractionArgs,
    #[command(flatten)]
    learning: LearningArgs,
    #[command(flatten)]
    writing: WritingArgs,
    #[command(flatten)]
    drawing: DrawingArgs,
}

/// What drawing came to.
#[derive(Debug, Serialize, Deserialize)]
struct Rendered {
    frames: u64,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let job = Job::new(args, context)?;
    let stats = job.stats()?;
    let features = job.features("features", &args.video, &job.video, &job.source_features)?;
    let target_features = match &args.target {
        Some(target) => {
            job.features("target features", target, &job.target, &job.target_features)?
        }
        None => 0.0,
    };
    let (learnt, train) = job.train()?;
    let comment = job.comment()?;
    let (rendered, render) = job.render()?;
    let written = job.written()?;
    let summary = RunSummary {
        video: args.video.clone(),
        target: job.target().to_owned(),
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
    source_features: PathBuf,
    target_features: PathBuf,
    /// SHA-256 of the files read, so that a stage is done again when one of them changed.
    video: String,
    target: String,
    comments: Vec<String>,
}

impl<'a> Job<'a> {
    fn new(args: &'a Args, context: Context) -> Outcome<Self> {
        let checksum = |path: &PathBuf| checksum_of(path);
        let features = args.out.join("features");
        let video = checksum(&args.video)?;
        let target = args.target.as_ref().map_or(Ok(video.clone()), checksum)?;
        if let Some(boxes) = &args.boxes {
            Boxes::read(boxes)?; // before the long work: a wrong name is told at once
        }
        Ok(Self {
            args,
            context,
            stages: Stages::new(&args.out, context.output),
            source_features: features.join("source"),
            target_features: match args.target {
                Some(_) => features.join("target"),
                None => features.join("source"),
            },
            comments: args.comments.iter().map(checksum).collect::<Outcome<_>>()?,
            video,
            target,
        })
    }

    fn target(&self) -> &Path {
        self.args.target.as_ref().unwrap_or(&self.args.video)
    }

    fn out(&self, name: &str) -> PathBuf {
        self.args.out.join(name)
    }

    fn stats(&self) -> Outcome<f64> {
        let path = self.out("stats.json");
        let inputs = json!({
            "video": self.video,
            "comments": self.comments,
            "fit": self.args.learning.corpus.fit.identity(),
            "dictionary": self.args.learning.corpus.dictionary.identity(),
            "vocabulary": self.args.learning.corpus.vocabulary,
        });
        let done = self
            .stages
            .run("stats", inputs, std::slice::from_ref(&path), || {
                let tables = Tables {
                    top: 30,
                    vocabulary: self.args.learning.corpus.vocabulary,
                    fit: self.args.learning.corpus.fit.clone(),
                    dictionary: self.args.learning.corpus.dictionary.clone(),
                };
                let video = Some(self.args.video.as_path());
                let report = tables.read(
                    &self.args.comments,
                    video,
                    &nico_corpus::Reading::default(),
                    self.context.output,
                )?;
                write_json(&path, &report)
            })?;
        Ok(done.seconds)
    }

    fn features(&self, name: &str, video: &Path, sha256: &str, folder: &Path) -> Outcome<f64> {
        let layer = match self.args.learning.model {
            ModelName::Global => Layer::Relu7,
            ModelName::Attention => Layer::Conv5_3,
        };
        let extraction = self.args.extraction.extraction(layer);
        let inputs = json!({
            "video": sha256,
            "extraction": format!("{extraction:?}"),
        });
        self.remove_if_stale(name, &inputs, folder)?;
        let outputs = [folder.join("store.json")];
        let done = self.stages.run(name, inputs, &outputs, || {
            let device = self.args.learning.device.device();
            extraction.run(video, folder, &device, self.context.output)
        })?;
        Ok(done.seconds)
    }

    fn train(&self) -> Outcome<(TrainingSummary, f64)> {
        let folder = self.out("model");
        let inputs = json!({
            "video": self.video,
            "comments": self.comments,
            "extraction": format!("{:?}", self.args.extraction),
            "learning": format!("{:?}", self.args.learning),
        });
        self.remove_if_stale("train", &inputs, &folder)?;
        let outputs = [folder.join("model.safetensors"), folder.join("config.json")];
        let done = self.stages.run("train", inputs, &outputs, || {
            let store = FeatureStore::open(&self.source_features)?;
            let args = self.args;
            let video = Video {
                comments: &args.comments,
                store: &store,
            };
            learn(&args.learning, &[video], &folder, self.context)
        })?;
        train::tell(&done.result, self.context);
        Ok((done.result, done.seconds))
    }

    fn comment(&self) -> Outcome<f64> {
        let outputs = ["xml", "json", "ass"].map(|format| self.out(&format!("comments.{format}")));
        let inputs = json!({
            "model": checksum_of(&self.out("model/model.safetensors"))?,
            "target": self.target,
            "writing": format!("{:?}", self.args.writing),
            "seed": self.args.learning.seed,
        });
        let done = self.stages.run("comment", inputs, &outputs, || {
            let captioner =
                Captioner::from_dir(self.out("model"), &self.args.learning.device.device())?;
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
        let inputs = json!({
            "comments": checksum_of(&self.out("comments.xml"))?,
            "target": self.target,
            "drawing": self.args.drawing.identity(),
        });
        let done = self
            .stages
            .run("render", inputs, std::slice::from_ref(&path), || {
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
        let inputs = json!({
            "model": checksum_of(&self.out("model/model.safetensors"))?,
            "target": self.target,
            "boxes": checksum_of(path)?,
            "decoding": format!("{:?}", self.args.writing.decoding),
            "seed": self.args.learning.seed,
        });
        let done = self.stages.run("names", inputs, &[], || {
            let boxes = Boxes::read(path)?;
            let captioner =
                Captioner::from_dir(self.out("model"), &self.args.learning.device.device())?;
            let store = FeatureStore::open(&self.target_features)?;
            let args = WritingArgs {
                rate: CrowdRate::Data,
                ..self.args.writing.clone()
            };
            let options = args.options(self.args.learning.seed);
            let written = write_all(&captioner, &store, None, &options, |_| Ok(()))?;
            let naming = boxes.naming(
                written
                    .iter()
                    .map(|one| (one.frame, one.comment.body.as_str())),
            );
            Ok(WrittenNames {
                comments: written.len(),
                written: naming.said,
                while_seen: naming.seen,
                share: naming.share(),
                chance: naming.chance(),
            })
        })?;
        Ok(Some(done.result))
    }

    /// Removes what a stage left when it was done with other inputs or by another version.
    fn remove_if_stale(&self, name: &str, inputs: &serde_json::Value, folder: &Path) -> Outcome {
        if self.stages.is_stale(name, inputs) && folder.exists() {
            self.context.output.say(&format!(
                "{name}: other inputs or another version than before; removing {}",
                folder.display()
            ));
            self.stages.forget(name)?;
            fs::remove_dir_all(folder).map_err(at(folder))?;
        }
        Ok(())
    }
}

fn checksum_of(path: &Path) -> Outcome<String> {
    Ok(VideoSource::read(path)?.sha256)
}

/// Says what a run came to.
fn tell(summary: &RunSummary, context: Context, out: &Path) {
    if let Some(names) = &summary.names {
        context.output.say(&format!(
                "names: {} written in {} comments, {:.0} % of them while the character is seen; chance {:.0} %",
                names.written,
                names.comments,
                100.0 * names.share,
                100.0 * names.chance
            ));
    }
    context.output.say(&format!(
        "run: {} comments for {}; watch {}, read {}",
        summary.comments_written,
        summary.target.display(),
        out.join("commented.mp4").display(),
        out.join("summary.json").display()
    ));
}
