//! Comment files as the commands read them.

use std::path::{Path, PathBuf};

use nico_comments::{Comment, Summary};
use nico_corpus::{TimeFit, read_comments};

use crate::{
    failure::{Outcome, one_line},
    progress::Output,
};

/// Rejected comments told one by one; the others are counted.
const TOLD: u64 = 5;

/// Reads a file to its end: what is good in it, and the counts. What is not good is told on
/// `output`.
///
/// # Errors
///
/// Fails if the file cannot be read at all or is no comment file.
pub(crate) fn read(path: &Path, output: Output) -> Outcome<(Vec<Comment>, Summary)> {
    let mut comments = Vec::new();
    let summary = read_each(path, output, |comment| {
        comments.push(comment);
        Ok(())
    })?;
    Ok((comments, summary))
}

/// Reads a file to its end as [`read`] does, one comment at a time.
///
/// # Errors
///
/// As [`read`], and where `each` does.
pub(crate) fn read_each(
    path: &Path,
    output: Output,
    each: impl FnMut(Comment) -> Outcome,
) -> Outcome<Summary> {
    let mut skipped = Skipped::new(output);
    let summary = read_comments(path, |error| skipped.tell(error), each)?;
    skipped.finish(Some(path));
    Ok(summary)
}

/// Tells the comments that could not be read: the first ones one by one, the others by their
/// number.
pub(crate) struct Skipped {
    output: Output,
    rejected: u64,
}

impl Skipped {
    pub(crate) fn new(output: Output) -> Self {
        Self {
            output,
            rejected: 0,
        }
    }

    pub(crate) fn tell(&mut self, error: nico_comments::Error) {
        self.rejected += 1;
        if self.rejected <= TOLD {
            let line = one_line(&error.into());
            self.output.say(&format!("skipped: {line}"));
        }
    }

    /// Tells how many more there were, of this file where it is one.
    pub(crate) fn finish(self, path: Option<&Path>) {
        if self.rejected > TOLD {
            let more = self.rejected - TOLD;
            let file = path.map_or_else(String::new, |path| format!("{}: ", path.display()));
            self.output
                .say(&format!("skipped: {file}{more} more comments"));
        }
    }
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

/// How times of comments are made to fit a video of another length.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct FitArgs {
    /// Stretches the comments' times from LENGTH seconds to the length of the video. Without a
    /// number the last comment marks the end.
    #[arg(long, value_name = "LENGTH", num_args = 0..=1, default_missing_value = LAST, value_parser = fit)]
    fit: Option<TimeFit>,
}

/// What `--fit` without a number stands for.
const LAST: &str = "last";

fn fit(text: &str) -> Result<TimeFit, String> {
    match text.parse::<f64>() {
        _ if text == LAST => Ok(TimeFit::LastComment),
        Ok(length) if length > 0.0 && length.is_finite() => Ok(TimeFit::Length(length)),
        _ => Err("expected a positive number of seconds, or none for the last comment".into()),
    }
}

impl FitArgs {
    /// How times are stretched.
    pub(crate) fn times(&self) -> TimeFit {
        self.fit.unwrap_or_default()
    }

    /// How times are to be stretched, where it was said.
    pub(crate) fn asked(&self) -> Option<TimeFit> {
        self.fit
    }

    /// Whether times are stretched at all.
    #[cfg(feature = "video")]
    pub(crate) fn is_asked_for(&self) -> bool {
        self.fit.is_some()
    }
}
