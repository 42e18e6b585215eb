//! Comment files as the commands read them.

use std::path::{Path, PathBuf};

use nico_comments::{Comment, Comments, ReadOptions, Summary, Timeline, Vpos, scale};

use crate::{
    failure::{Failure, Outcome},
    progress::Output,
};

/// Rejected comments told one by one; the others are counted.
const TOLD: u64 = 5;

/// Reads a file to its end: what is good in it, and the counts. What is not good is told on `output`.
///
/// # Errors
///
/// Fails if the file cannot be read at all or is no comment file.
pub(crate) fn read(path: &Path, output: Output) -> Outcome<(Vec<Comment>, Summary)> {
    let mut comments = Vec::new();
    let mut reader = Comments::open(path, ReadOptions::default())?;
    let mut rejected = 0;
    for comment in reader.by_ref() {
        match comment {
            Ok(comment) => comments.push(comment),
            Err(error) if comments.is_empty() && rejected == 0 && error.is_fatal() => {
                return Err(error.into());
            }
            Err(error) => {
                rejected += 1;
                if rejected <= TOLD {
                    output.say(&format!("skipped: {}", Failure::from(error)));
                }
            }
        }
    }
    if rejected > TOLD {
        let more = rejected - TOLD;
        output.say(&format!(
            "skipped: {}: {more} more comments",
            path.display()
        ));
    }
    Ok((comments, reader.summary()))
}

/// Reads several files, one after the other.
///
/// # Errors
///
/// As [`read`].
pub(crate) fn read_all(paths: &[PathBuf], output: Output) -> Outcome<Vec<Comment>> {
    let mut all = Vec::new();
    for path in paths {
        all.extend(read(path, output)?.0);
    }
    Ok(all)
}

/// Whether a comment is somebody speaking: not deleted, not empty, no script.
pub(crate) fn is_speech(comment: &Comment) -> bool {
    !comment.is_deleted() && !comment.is_script() && !comment.body.trim().is_empty()
}

/// The length that `--fit` without a number stands for: where the comments end.
const LAST_COMMENT: f64 = 0.0;

/// How times of comments are made to fit a video of another length.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct FitArgs {
    /// Stretches the comments' times from LENGTH seconds to the length of the video. Without a number the last comment
    /// marks the end.
    #[arg(long, value_name = "LENGTH", num_args = 0..=1, default_missing_value = "0")]
    fit: Option<f64>,
}

impl FitArgs {
    /// What a result depends on, for the records of the stages.
    pub(crate) fn identity(&self) -> Option<f64> {
        self.fit
    }

    /// Whether times are stretched at all.
    #[cfg(feature = "video")]
    pub(crate) fn is_asked_for(&self) -> bool {
        self.fit.is_some()
    }

    /// Stretches the times of `comments` to the length of a video, if that is asked for.
    pub(crate) fn apply(&self, comments: &mut [Comment], timeline: &Timeline) -> Outcome {
        match self.fit {
            None => {}
            Some(LAST_COMMENT) => timeline.fit(comments),
            Some(length) if length > 0.0 && length.is_finite() => {
                let (from, to) = (
                    Vpos::from_secs_f64(length),
                    Vpos::from_secs_f64(timeline.duration()),
                );
                for comment in comments {
                    comment.vpos = scale(comment.vpos, from, to);
                    comment.vpos_rest_ms = 0;
                }
            }
            Some(length) => {
                return Err(Failure::new(format!(
                    "--fit {length}: expected a length in seconds"
                )));
            }
        }
        Ok(())
    }
}
