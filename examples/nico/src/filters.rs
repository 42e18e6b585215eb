//! Which comments are taken and when they appear, on the command line.

use nico_comments::{
    Comment, DateIn, Filters, Fork, Format, Kind, NgCommands, NgPatterns, NgUsers, NgWords,
    ReadOptions, Repeats, ScoreLimit, Vpos, Without,
};
use nico_corpus::Reading;
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
    recording_start: Option<Start>,
    /// Leaves out what came before: comments of the same thread and number.
    #[arg(long)]
    drop_repeats: bool,
    /// Leaves out deleted, empty, owner, easy, script, premium, anonymous or art.
    #[arg(long, value_name = "KIND", value_parser = kind, value_delimiter = ',')]
    without: Vec<(String, Kind)>,
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

/// Where a recording begins.
#[derive(Clone, Copy, Debug)]
enum Start {
    Date(i64),
    Position(Vpos),
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

    /// How comments are read; `format` is what files have to be, if it is known.
    pub(crate) fn reading(&self, format: Option<Format>) -> Outcome<Reading> {
        let mut shift = self.shift.unwrap_or_default();
        let mut options = ReadOptions::default().format(format);
        match self.recording_start {
            Some(Start::Date(seconds)) => options = options.recording_start(seconds, 0),
            Some(Start::Position(begins)) => shift = shift - begins,
            None => {}
        }
        let mut filters = Filters::new();
        if self.drop_repeats {
            filters = filters.with("repeats", Repeats::of_comments());
        }
        for (name, kind) in &self.without {
            filters = filters.with(name, Without(*kind));
        }
        if !self.fork.is_empty() {
            let forks: Vec<_> = self.fork.iter().map(|name| Fork::parse(name)).collect();
            let is_one = move |comment: &Comment| forks.contains(&comment.fork);
            filters = filters.with("other forks", is_one);
        }
        if !self.ng_word.is_empty() {
            filters = filters.with("NG words", NgWords::new(values(&self.ng_word)?));
        }
        if !self.ng_pattern.is_empty() {
            filters = filters.with("NG patterns", NgPatterns::new(values(&self.ng_pattern)?)?);
        }
        if !self.ng_user.is_empty() {
            filters = filters.with("NG users", NgUsers::new(values(&self.ng_user)?));
        }
        if !self.ng_command.is_empty() {
            filters = filters.with("NG commands", NgCommands::new(values(&self.ng_command)?));
        }
        if let Some(limit) = self.ng_score {
            filters = filters.with("NG score", limit);
        }
        if let Some(from) = self.posted_from {
            filters = filters.with("posted before", DateIn(from..));
        }
        if let Some(before) = self.posted_before {
            filters = filters.with("posted later", DateIn(..before));
        }
        Ok(Reading::new(options.shift(shift), filters))
    }
}

/// The values of an option, those of a file for each @FILE.
fn values(given: &[String]) -> Outcome<Vec<String>> {
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

fn start(text: &str) -> Result<Start, String> {
    let date = parse_date(text).map(Start::Date);
    date.or_else(|_| time(text).map(Start::Position))
        .map_err(|_| "expected a date, or h:m:s".to_owned())
}

fn kind(name: &str) -> Result<(String, Kind), String> {
    let kind = match name {
        "deleted" => Kind::Deleted,
        "empty" => Kind::Empty,
        "owner" => Kind::Owner,
        "easy" => Kind::Easy,
        "script" => Kind::Script,
        "premium" => Kind::Premium,
        "anonymous" => Kind::Anonymous,
        "art" => Kind::CommentArt,
        _ => {
            return Err(
                "expected deleted, empty, owner, easy, script, premium, anonymous or art".into(),
            );
        }
    };
    Ok((name.to_owned(), kind))
}
