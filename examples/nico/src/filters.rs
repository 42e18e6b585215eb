//! Which comments are taken and when they appear, on the command line.

#[cfg(feature = "video")]
use nico_comments::Comment;
use nico_comments::{Fork, Format, Kind, ScoreLimit, Vpos};
use nico_corpus::{FilterOptions, Reading, RecordingStart};
use nico_fetch::parse_date;

use crate::failure::Outcome;

/// Which comments are taken and when they appear: shared by the commands that read them.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Comments that are taken")]
pub(crate) struct FilterArgs {
    /// Moves all comments by so many seconds, or minutes and seconds: 1:02.5; -3 is earlier.
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    shift: Option<Vpos>,
    /// When the recording of a broadcast begins: a date (2023-07-22T13:26:40, in Japan, or unix
    /// seconds) counts from the dates of the comments; a time (4:00:00) from where their positions
    /// begin.
    #[arg(long, value_name = "DATE|TIME", value_parser = start)]
    recording_start: Option<RecordingStart>,
    /// Leaves out what came before: comments of the same thread, fork and number; where the thread
    /// is not known, of the same id, or of the same number, date, user, position and text.
    #[arg(long)]
    drop_repeats: bool,
    /// Leaves out deleted, empty, owner, easy, script, premium, anonymous or art.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    without: Vec<Kind>,
    /// Takes comments of these forks only: main, owner, easy.
    #[arg(long, value_name = "FORK", value_delimiter = ',')]
    fork: Vec<String>,
    /// Leaves out comments with this text; @FILE has one a line.
    #[arg(long, value_name = "TEXT|@FILE")]
    ng_word: Vec<String>,
    /// Leaves out comments that a regular expression matches; @FILE has one a line.
    #[arg(long, value_name = "REGEX|@FILE")]
    ng_pattern: Vec<String>,
    /// Leaves out a user's comments; @FILE has one a line.
    #[arg(long, value_name = "USER|@FILE")]
    ng_user: Vec<String>,
    /// Leaves out comments with this command, such as device:3DS; all: with any.
    #[arg(long, value_name = "COMMAND|@FILE")]
    ng_command: Vec<String>,
    /// Leaves out by the site's shared NG: weak, medium, strong, or the score from which on.
    #[arg(long, value_name = "LEVEL", allow_hyphen_values = true)]
    ng_score: Option<ScoreLimit>,
    /// Takes what was posted from this date on.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    posted_from: Option<i64>,
    /// Takes what was posted before this date.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    posted_before: Option<i64>,
}

impl FilterArgs {
    /// Reads several files and folders; tells what was taken away.
    #[cfg(feature = "video")]
    pub(crate) fn read(
        &self,
        paths: &[std::path::PathBuf],
        output: crate::progress::Output,
    ) -> Outcome<Vec<Comment>> {
        crate::comments::Reader::new(self.reading(None)?, output).read_all(paths)
    }

    /// As [`read`](Self::read), in little memory.
    #[cfg(feature = "video")]
    pub(crate) fn read_packed(
        &self,
        paths: &[std::path::PathBuf],
        output: crate::progress::Output,
    ) -> Outcome<overlay_render::PackedComments> {
        let mut packed = overlay_render::PackedComments::new();
        let reader = crate::comments::Reader::new(self.reading(None)?, output);
        reader.read_files(paths, |comment| packed.push(&comment))?;
        Ok(packed)
    }

    /// How comments are read; `format` is what files have to be, if it is known.
    pub(crate) fn reading(&self, format: Option<Format>) -> Outcome<Reading> {
        Ok(self.options()?.reading(format)?)
    }

    /// What was asked for, with the lines of @FILE.
    pub(crate) fn options(&self) -> Outcome<FilterOptions> {
        let forks = self.fork.iter().map(|name| Fork::parse(name));
        Ok(FilterOptions::default()
            .shift(self.shift)
            .recording_start(self.recording_start)
            .drop_repeats(self.drop_repeats)
            .without(self.without.iter().copied())
            .forks(forks)
            .ng_words(values(&self.ng_word)?)
            .ng_patterns(values(&self.ng_pattern)?)
            .ng_users(values(&self.ng_user)?)
            .ng_commands(values(&self.ng_command)?)
            .ng_score(self.ng_score)
            .posted_from(self.posted_from)
            .posted_before(self.posted_before))
    }
}

/// The values of an option, those of a file for each @FILE.
pub(crate) fn values(given: &[String]) -> Outcome<Vec<String>> {
    let mut all = Vec::new();
    for value in given {
        match value.strip_prefix('@') {
            Some(file) => {
                let text =
                    std::fs::read_to_string(file).map_err(crate::failure::at(file.as_ref()))?;
                all.extend(
                    text.lines()
                        .filter(|line| !line.is_empty())
                        .map(str::to_owned),
                );
            }
            None => all.push(value.clone()),
        }
    }
    Ok(all)
}

fn time(text: &str) -> Result<Vpos, String> {
    Vpos::parse(text).ok_or_else(|| "expected seconds, m:s or h:m:s".to_owned())
}

fn start(text: &str) -> Result<RecordingStart, String> {
    let date = parse_date(text).map(RecordingStart::Date);
    date.or_else(|_| time(text).map(|begins| RecordingStart::Position(begins.0)))
        .map_err(|_| "expected a date, or h:m:s".to_owned())
}
