use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use caption_train::{EpochRecord, StepRecord};
use nico_comments::Comment;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::summary::RunSummary;
use crate::{
    error::Error, file_id::FileId, reading::read_comments, stages::recorded_file,
    written_names::WrittenNames,
};

/// The commented video's name in the folder of a run.
pub(super) const VIDEO: &str = "commented.mp4";
/// The folder within it of what a commenter wrote for the same video.
pub(super) const COMMENTER: &str = "commenter";
/// The sections of an evaluation, which are stages as well.
const SECTIONS: [&str; 4] = ["likelihood", "retrieval", "writing", "grounding"];

/// What the folder of a run holds. Everything may be missing: the page then leaves it out.
#[derive(Debug)]
pub struct RunFolder {
    /// The folder.
    pub path: PathBuf,
    /// `summary.json`.
    pub summary: Option<RunSummary>,
    /// The written comments, by time.
    pub comments: Vec<Comment>,
    /// An `evaluation.md` that is left out, as it is of another model than the folder's.
    pub outdated_evaluation: Option<PathBuf>,
    pub(super) stats: Option<Stats>,
    pub(super) epochs: Vec<EpochRecord>,
    pub(super) steps: Vec<StepRecord>,
    /// `evaluation.md`.
    pub(super) evaluation: Option<String>,
    pub(super) has_video: bool,
    /// What a commenter wrote for the same video, in the folder `commenter`.
    pub(super) commenter: Option<CommenterPart>,
}

/// What a commenter wrote for the video, beside what the captioner did.
#[derive(Debug)]
pub(super) struct CommenterPart {
    /// `comments.xml`, by time.
    pub(super) comments: Vec<Comment>,
    /// `figures.md`.
    pub(super) figures: Option<String>,
    /// Of `written.json`, what `nico comment --json` printed.
    pub(super) names: Option<WrittenNames>,
    /// Whether there is `commented.mp4`.
    pub(super) has_video: bool,
}

/// The part of `stats.json` that the page shows.
#[derive(Debug, Deserialize)]
pub(super) struct Stats {
    pub(super) totals: BTreeMap<String, u64>,
    pub(super) words: Vec<(String, u64)>,
    pub(super) nouns: Vec<(String, u64)>,
    /// Comments, frame, time.
    pub(super) frames: Vec<(u64, u64, String)>,
    #[serde(default)]
    pub(super) time: Option<Times>,
    #[serde(default)]
    pub(super) splits: BTreeMap<String, SplitRow>,
}

/// Comments over the video.
#[derive(Debug, Deserialize)]
pub(super) struct Times {
    /// Comments of each second.
    pub(super) seconds: Vec<u64>,
}

/// What a way to split leaves.
#[derive(Debug, Deserialize)]
pub(super) struct SplitRow {
    pub(super) train: u64,
    pub(super) dev: u64,
    pub(super) leak: f64,
}

impl RunFolder {
    /// Reads what there is; `rejected` gets the written comments that cannot be read.
    ///
    /// # Errors
    ///
    /// Fails where a file is there and cannot be read, and where there is nothing of a run.
    pub fn read(
        path: &Path,
        mut rejected: impl FnMut(nico_comments::Error),
    ) -> Result<Self, Error> {
        let comments = written(path, &mut rejected)?;
        let (evaluation, outdated_evaluation) = evaluation(path)?;
        let folder = Self {
            path: path.to_owned(),
            summary: json(&path.join("summary.json"))?,
            stats: json(&path.join("stats.json"))?,
            epochs: lines(&path.join("model/training.jsonl"))?,
            steps: lines(&path.join("model/steps.jsonl"))?,
            comments,
            evaluation,
            outdated_evaluation,
            has_video: path.join(VIDEO).is_file(),
            commenter: CommenterPart::read(&path.join(COMMENTER), &mut rejected)?,
        };
        if folder.is_empty() {
            return Err(Error::NoRun {
                folder: path.to_owned(),
            });
        }
        Ok(folder)
    }

    fn is_empty(&self) -> bool {
        let Self {
            path: _,
            outdated_evaluation: _,
            summary,
            stats,
            epochs,
            steps: _,
            comments,
            evaluation,
            has_video,
            commenter,
        } = self;
        summary.is_none()
            && stats.is_none()
            && epochs.is_empty()
            && comments.is_empty()
            && evaluation.is_none()
            && !has_video
            && commenter.is_none()
    }

    /// The commented video, if it is there.
    #[must_use]
    pub fn video(&self) -> Option<PathBuf> {
        self.has_video.then(|| self.path.join(VIDEO))
    }

    /// What a commenter wrote for the same video, by time.
    #[must_use]
    pub fn commenters(&self) -> &[Comment] {
        let part = self.commenter.as_ref();
        part.map_or(&[], |part| &part.comments)
    }
}

/// The part of what `nico comment` printed that the page shows.
#[derive(Deserialize)]
struct Written {
    names: Option<WrittenNames>,
}

impl CommenterPart {
    /// None if there is nothing of it.
    fn read(
        path: &Path,
        rejected: &mut impl FnMut(nico_comments::Error),
    ) -> Result<Option<Self>, Error> {
        let part = Self {
            comments: written(path, rejected)?,
            figures: text(&path.join("figures.md"))?,
            names: json::<Written>(&path.join("written.json"))?.and_then(|written| written.names),
            has_video: path.join(VIDEO).is_file(),
        };
        let is_empty = part.comments.is_empty() && part.figures.is_none() && !part.has_video;
        Ok((!is_empty).then_some(part))
    }
}

/// The evaluation in the folder of a run, or instead its file if it is of another model.
fn evaluation(run: &Path) -> Result<(Option<String>, Option<PathBuf>), Error> {
    let weights = run.join("model/model.safetensors");
    for folder in [run.join("evaluation"), run.to_owned()] {
        let file = folder.join("evaluation.md");
        if let Some(text) = text(&file)? {
            return Ok(match is_of_model(&folder, &weights)? {
                true => (Some(text), None),
                false => (None, Some(file)),
            });
        }
    }
    Ok((None, None))
}

/// Whether all sections of the evaluation in a folder were measured on these weights, as far as
/// that is recorded.
fn is_of_model(folder: &Path, weights: &Path) -> Result<bool, Error> {
    let found = json::<Value>(&folder.join("evaluation.json"))?;
    let Some(found) = found.filter(|_| weights.is_file()) else {
        return Ok(true);
    };
    let weights = FileId::read(weights)?;
    for section in SECTIONS {
        if found.get(section).is_some_and(|section| !section.is_null())
            && recorded_file(folder, section, "model")?.is_some_and(|file| file != weights)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The comments of `comments.xml` in a folder, if it is there, by time.
fn written(
    folder: &Path,
    rejected: &mut impl FnMut(nico_comments::Error),
) -> Result<Vec<Comment>, Error> {
    let file = folder.join("comments.xml");
    let mut comments = Vec::new();
    if file.exists() {
        read_comments(&file, rejected, |comment| -> Result<(), Error> {
            comments.push(comment);
            Ok(())
        })?;
    }
    comments.sort_by_key(|comment| comment.vpos);
    Ok(comments)
}

/// A file's text, if it is there.
fn text(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(path)(error)),
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    let Some(text) = text(path)? else {
        return Ok(None);
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(Error::json(path))
}

/// The lines of a file that are whole: a kill can leave half of one.
fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    let text = text(path)?.unwrap_or_default();
    let records = text.lines().map(serde_json::from_str);
    Ok(records.filter_map(Result::ok).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stages::{StageInputs, Stages};

    const STATS: &str = r#"{"totals":{},"words":[],"nouns":[],"frames":[]}"#;

    /// Sections that were measured on other weights before, and are no part of it, do not count.
    #[test]
    fn an_evaluation_of_another_model_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let (evaluation, weights) = (
            path.join("evaluation"),
            path.join("model/model.safetensors"),
        );
        fs::create_dir(path.join("model")).unwrap();
        fs::write(&weights, "weights").unwrap();
        fs::create_dir(&evaluation).unwrap();
        fs::write(evaluation.join("evaluation.md"), "# Evaluation").unwrap();
        let sections = r#"{"likelihood":{},"retrieval":null,"grounding":{}}"#;
        fs::write(evaluation.join("evaluation.json"), sections).unwrap();
        let shown = || {
            let found = RunFolder::read(path, |_| ());
            found.map(|found| (found.evaluation.is_some(), found.outdated_evaluation))
        };
        assert_eq!(shown().unwrap(), (true, None), "nothing is recorded");

        let stages = Stages::open(&evaluation).unwrap();
        let before = FileId::new("model.safetensors", "00");
        for (section, inputs) in [
            ("likelihood", StageInputs::default().file("model", &weights)),
            (
                "retrieval",
                Ok(StageInputs::default().value("model", &before)),
            ),
        ] {
            let measure = || Ok::<_, Error>(());
            stages.run(section, &inputs.unwrap(), &[], measure).unwrap();
        }
        assert_eq!(shown().unwrap(), (true, None));
        fs::write(&weights, "others").unwrap();
        fs::write(path.join("stats.json"), STATS).unwrap();
        let file = evaluation.join("evaluation.md");
        assert_eq!(shown().unwrap(), (false, Some(file)));
    }

    #[test]
    fn what_is_missing_is_left_out_and_what_is_broken_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let nothing = RunFolder::read(path, |_| ()).unwrap_err();
        assert!(nothing.to_string().contains("nothing of a run here"));

        fs::create_dir(path.join("model")).unwrap();
        let line = r#"{"epoch":1,"train_nll":5.5,"dev_nll":5.2,"dev_perplexity":181.3,"seconds":4.0,"comments_per_second":9.0,"best":true}"#;
        fs::write(
            path.join("model/training.jsonl"),
            format!("{line}\n{{\"epoch\":2,"),
        )
        .unwrap();
        let found = RunFolder::read(path, |_| ()).unwrap();
        assert_eq!((found.epochs.len(), found.steps.len()), (1, 0));
        assert!(found.summary.is_none() && found.video().is_none());

        fs::write(path.join("stats.json"), "{\"totals\": 3}").unwrap();
        let broken = RunFolder::read(path, |_| ()).unwrap_err();
        assert!(broken.to_string().contains("stats.json"), "{broken}");
    }
}
