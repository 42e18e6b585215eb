//! `nico stats`: the original's tables of comment files.

use std::path::{Path, PathBuf};

use jp_tokenize::{PartOfSpeech, VocabularyBuilder};
use nico_comments::{Comment, FrameCounts, SplitRule};
use serde::Serialize;

use super::Context;
use crate::{
    comments::{FitArgs, is_speech, read},
    corpus::SplitTable,
    failure::Outcome,
    files::{print_json, print_line},
    progress::Output,
    words::{DictionaryArgs, split},
};

/// Seed of the splits in the table.
const SPLIT_SEED: u64 = 1;

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Comment files: XML or JSON, any format.
    #[arg(required = true)]
    comments: Vec<PathBuf>,
    /// The video they belong to: adds comments per frame and splits.
    #[arg(long, value_name = "FILE")]
    video: Option<PathBuf>,
    #[command(flatten)]
    tables: Tables,
}

/// Which tables, and how.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Tables {
    /// Rows of each table.
    #[arg(long, default_value_t = 30)]
    pub(crate) top: usize,
    #[command(flatten)]
    pub(crate) fit: FitArgs,
    #[command(flatten)]
    pub(crate) dictionary: DictionaryArgs,
}

/// The tables: what `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    files: Vec<FileReport>,
    totals: Totals,
    /// Most frequent words of all comments that speak.
    words: Vec<(String, u64)>,
    /// Most frequent nouns.
    nouns: Vec<(String, u64)>,
    /// Frames with the most comments: count, index, time. Empty without a video.
    frames: Vec<(u32, usize, String)>,
    /// Frames without comments, where there is a video.
    #[serde(skip_serializing_if = "Option::is_none")]
    frames_without: Option<usize>,
    /// What each way to split leaves to learn from and to measure on. Empty without a video.
    splits: std::collections::BTreeMap<String, SplitTable>,
}

#[derive(Debug, Serialize)]
struct FileReport {
    path: String,
    /// Short name of the format; absent if the file holds no comment.
    format: Option<&'static str>,
    /// Comment elements that could be read, deleted ones included.
    comments: u64,
    deleted: u64,
    owner: u64,
    rejected: u64,
    ends_early: bool,
}

#[derive(Debug, Default, Serialize)]
struct Totals {
    comments: u64,
    deleted: u64,
    owner: u64,
    rejected: u64,
    /// Comments that are not deleted, not empty and no script: what the tables below count.
    speech: u64,
    /// Words of these, and how many distinct ones.
    words: u64,
    distinct_words: usize,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let report = Report::of(
        &args.comments,
        args.video.as_deref(),
        &args.tables,
        context.output,
    )?;
    if context.json {
        print_json(&report)
    } else {
        print_line(&report.text())
    }
}

impl Report {
    /// Reads the files and counts.
    pub(crate) fn of(
        paths: &[PathBuf],
        video: Option<&Path>,
        tables: &Tables,
        output: Output,
    ) -> Outcome<Self> {
        let mut files = Vec::new();
        let mut totals = Totals::default();
        let mut comments = Vec::new();
        for path in paths {
            let (read, summary) = read(path, output)?;
            totals.comments += summary.comments;
            totals.deleted += summary.deleted;
            totals.owner += summary.owner;
            totals.rejected += summary.rejected;
            files.push(FileReport {
                path: path.display().to_string(),
                format: summary.format.map(|format| format.as_str()),
                comments: summary.comments,
                deleted: summary.deleted,
                owner: summary.owner,
                rejected: summary.rejected,
                ends_early: summary.ends_early,
            });
            comments.extend(read);
        }
        comments.retain(is_speech);
        totals.speech = comments.len() as u64;
        let counts = count_words(&comments, tables)?;
        totals.words = counts.total();
        totals.distinct_words = counts.num_words();
        let mut report = Self {
            files,
            totals,
            words: top(&counts, tables.top, |_| true),
            nouns: top(&counts, tables.top, |part| part.is_noun()),
            frames: Vec::new(),
            frames_without: None,
            splits: std::collections::BTreeMap::new(),
        };
        if let Some(video) = video {
            report.add_frames(video, comments, tables, output)?;
        }
        Ok(report)
    }

    #[cfg(feature = "video")]
    fn add_frames(
        &mut self,
        video: &Path,
        mut comments: Vec<Comment>,
        tables: &Tables,
        output: Output,
    ) -> Outcome {
        let timeline = crate::source::timeline(video, output)?;
        tables.fit.apply(&mut comments, &timeline)?;
        let counts = FrameCounts::new(&timeline, comments.iter().map(|comment| comment.vpos));
        self.frames = counts
            .top(tables.top)
            .into_iter()
            .map(|(count, frame)| (count, frame, timeline.minutes_seconds(frame)))
            .collect();
        self.frames_without = Some(counts.num_empty());
        for rule in SplitRule::ALL {
            let table = SplitTable::new(rule, &comments, &timeline, SPLIT_SEED);
            self.splits.insert(rule.to_string(), table);
        }
        Ok(())
    }

    #[cfg(not(feature = "video"))]
    fn add_frames(&mut self, video: &Path, _: Vec<Comment>, _: &Tables, _: Output) -> Outcome {
        Err(crate::failure::Failure::new(format!(
            "{}: this program reads no video",
            video.display()
        )))
    }

    /// The tables as text.
    fn text(&self) -> String {
        let mut text = String::new();
        self.write_text(&mut text)
            .expect("a String takes all that is written to it");
        text.truncate(text.trim_end().len());
        text
    }

    fn write_text(&self, out: &mut impl std::fmt::Write) -> std::fmt::Result {
        writeln!(
            out,
            "  comments  deleted    owner rejected  format          file"
        )?;
        for file in &self.files {
            writeln!(
                out,
                "{:>10} {:>8} {:>8} {:>8}  {:<14}  {}{}",
                file.comments,
                file.deleted,
                file.owner,
                file.rejected,
                file.format.unwrap_or("-"),
                file.path,
                if file.ends_early { " (ends early)" } else { "" }
            )?;
        }
        let totals = &self.totals;
        writeln!(
            out,
            "\n{} comments speak; {} words, {} distinct",
            totals.speech, totals.words, totals.distinct_words
        )?;
        for (title, table) in [("words", &self.words), ("nouns", &self.nouns)] {
            writeln!(out, "\n{title}")?;
            for (word, count) in table {
                writeln!(out, "{count:>10}  {}", visible(word))?;
            }
        }
        if !self.frames.is_empty() {
            writeln!(out, "\n  comments   frame  time")?;
            for (count, frame, time) in &self.frames {
                writeln!(out, "{count:>10} {frame:>7}  {time}")?;
            }
        }
        if let Some(frames) = self.frames_without {
            writeln!(out, "{frames} frames have no comments")?;
        }
        if !self.splits.is_empty() {
            writeln!(
                out,
                "\nsplit         all    train      dev  distinct: all    train      dev  in both  leak"
            )?;
            for (name, split) in &self.splits {
                writeln!(out, "{name:<8} {split}")?;
            }
        }
        Ok(())
    }
}

fn count_words(comments: &[Comment], tables: &Tables) -> Outcome<VocabularyBuilder> {
    let tokenizer = tables.dictionary.tokenizer()?;
    let texts: Vec<&str> = comments
        .iter()
        .map(|comment| comment.body.as_str())
        .collect();
    Ok(split(&tokenizer, &texts, |_| true).1)
}

fn top(
    counts: &VocabularyBuilder,
    rows: usize,
    select: impl FnMut(PartOfSpeech<'_>) -> bool,
) -> Vec<(String, u64)> {
    counts
        .table(select)
        .into_iter()
        .take(rows)
        .map(|(word, count)| (word.to_owned(), count))
        .collect()
}

/// A word as a terminal may show it: spaces by name, nothing that moves the cursor.
fn visible(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            '\u{3000}' => "U+3000".to_owned(),
            c if c.is_control() || c.is_whitespace() => c.escape_unicode().to_string(),
            c => c.to_string(),
        })
        .collect()
}
