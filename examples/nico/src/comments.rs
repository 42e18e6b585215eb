//! Comment files as the commands read them.

use std::{
    collections::BTreeMap,
    io::BufRead,
    path::{Path, PathBuf},
};

use nico_comments::{Comment, CommentFiles, Comments, Summary};
use nico_corpus::{Reading, TimeFit, remarks};

use crate::{
    failure::{Outcome, one_line},
    progress::Output,
};

/// Rejected comments told one by one; the others are counted.
const TOLD: u64 = 5;

/// Reads comment files and tells what is not good in them.
pub(crate) struct Reader {
    reading: Reading,
    output: Output,
}

impl Reader {
    pub(crate) fn new(reading: Reading, output: Output) -> Self {
        Self { reading, output }
    }

    /// Reads a file, or standard input for `-`, to its end, one comment at a time.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be read at all or is no comment file, and where `each` does.
    pub(crate) fn read_each(
        &self,
        path: &Path,
        each: impl FnMut(Comment) -> Outcome,
    ) -> Outcome<Summary> {
        if path == Path::new("-") {
            let mut input = self.reading.comments(std::io::stdin().lock());
            return self.each(Path::new("standard input"), &mut input, each);
        }
        self.each(path, &mut self.reading.open(path)?, each)
    }

    fn each<R: BufRead>(
        &self,
        path: &Path,
        comments: &mut Comments<R>,
        each: impl FnMut(Comment) -> Outcome,
    ) -> Outcome<Summary> {
        let mut skipped = Skipped::new(self.output);
        let tell = |error| skipped.tell(error);
        let summary = self.reading.each(comments, tell, each)?;
        skipped.finish(Some(path));
        for remark in remarks(comments) {
            self.output.warn(&format!("{}: {remark}", path.display()));
        }
        Ok(summary)
    }

    /// Reads the comments of several files and folders, one after the other, and tells what filters
    /// took away.
    ///
    /// # Errors
    ///
    /// As [`read_each`](Self::read_each).
    pub(crate) fn read_all(&self, paths: &[PathBuf]) -> Outcome<Vec<Comment>> {
        let mut all = Vec::new();
        self.read_files(paths, |comment| all.push(comment))?;
        Ok(all)
    }

    /// As [`read_all`](Self::read_all), one comment at a time.
    pub(crate) fn read_files(&self, paths: &[PathBuf], mut each: impl FnMut(Comment)) -> Outcome {
        for path in files(paths, self.output)? {
            self.read_each(&path, |comment| {
                each(comment);
                Ok(())
            })?;
        }
        self.tell();
        Ok(())
    }

    /// What filters took away so far, by their names.
    pub(crate) fn taken(&self) -> BTreeMap<String, u64> {
        let tally = self.reading.filters().tally();
        tally.into_iter().map(|one| (one.name, one.taken)).collect()
    }

    /// Tells what filters took away, where there are some.
    pub(crate) fn tell(&self) {
        if !self.taken().is_empty() {
            self.output.say(&self.reading.filters().to_string());
        }
    }
}

/// The comment files that paths mean, those of folders among them; what is none in a folder is told.
pub(crate) fn files(paths: &[PathBuf], output: Output) -> Outcome<Vec<PathBuf>> {
    let found = CommentFiles::find(paths)?;
    for path in &found.left_out {
        output.warn(&format!("{}: left out, no comment file", path.display()));
    }
    Ok(found.files)
}

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
    Reader::new(Reading::default(), output).read_each(path, each)
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
