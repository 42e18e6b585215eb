use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    path::Path,
};

use atomic_write_file::AtomicWriteFile;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    error::Error,
    stream::{Episode, Past},
};

/// Longest candidate, characters of its folded text.
const LONGEST: usize = 40;

/// Which of the candidates was written in this second of this episode? A line of `cases.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChoiceCase {
    /// Its number.
    pub id: u64,
    /// The episode's name.
    pub episode: String,
    /// The second, in seconds of the video. What came before it may be read.
    pub time: f64,
    /// Users whose comments may not be read: those who wrote in this second.
    pub exclude: Vec<String>,
    /// The texts to choose from.
    pub candidates: Vec<String>,
}

/// The candidates of a case that are true. A line of `truth.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceTruth {
    /// The case.
    pub id: u64,
    /// The numbers of the true candidates, from 0.
    #[serde(rename = "true")]
    pub is_true: Vec<usize>,
}

/// What somebody thinks of the candidates of a case; greater is likelier. A line of
/// `scores.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChoiceScores {
    /// The case.
    pub id: u64,
    /// A number for each candidate.
    pub scores: Vec<f64>,
}

impl ChoiceCase {
    /// What may be read of its episode.
    #[must_use]
    pub fn past<'a>(&self, episode: &'a Episode) -> Past<'a> {
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let millis = (self.time * 1000.0).round() as i64;
        episode.past_at(millis)
    }

    /// The numbers of the users who may not be read.
    #[must_use]
    pub fn excluded(&self, episode: &Episode) -> Vec<u32> {
        let users = self.exclude.iter();
        users.filter_map(|user| episode.user(user)).collect()
    }
}

/// The folded text of a comment that can be a candidate: one line of at most 40 characters.
pub(super) fn candidate(text: &str) -> Option<String> {
    if text.contains('\n') {
        return None;
    }
    let folded = caption_metrics::folded_text(text);
    (1..=LONGEST)
        .contains(&folded.chars().count())
        .then_some(folded)
}

/// Reads a file of JSON lines; empty ones are passed over.
///
/// # Errors
///
/// Fails if the file cannot be read, and at a line that does not hold what it should; the error
/// names it.
pub fn read_lines<T: DeserializeOwned>(path: impl AsRef<Path>) -> Result<Vec<T>, Error> {
    let path = path.as_ref();
    let file = File::open(path).map_err(Error::io(path))?;
    let mut values = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.map_err(Error::io(path))?;
        if line.trim().is_empty() {
            continue;
        }
        values.push(
            serde_json::from_str(&line).map_err(|source| Error::JsonLine {
                path: path.to_owned(),
                line: number,
                source,
            })?,
        );
    }
    Ok(values)
}

/// Writes a file of JSON lines, whole or not at all.
///
/// # Errors
///
/// Fails if the file cannot be written.
pub fn write_lines<T: Serialize>(path: impl AsRef<Path>, values: &[T]) -> Result<(), Error> {
    let path = path.as_ref();
    let mut lines = Vec::new();
    for value in values {
        serde_json::to_writer(&mut lines, value).map_err(Error::json(path))?;
        lines.push(b'\n');
    }
    let write = || {
        let mut file = AtomicWriteFile::open(path)?;
        file.write_all(&lines)?;
        file.commit()
    };
    write().map_err(Error::io(path))
}
