//! `steps.jsonl`: the loss while training, a line every few steps.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{error::Error, files::write_atomic};

/// A line of `steps.jsonl` in a model folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepRecord {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Steps of this epoch that were done.
    pub step: usize,
    /// Mean negative log-likelihood of a training word over the steps since the line before, nats.
    pub nll: f64,
    /// Learning rate of the last step.
    pub learning_rate: f64,
    /// Training comments a second since the epoch began or went on.
    pub comments_per_second: f64,
}

/// The file, to which lines are added.
#[derive(Debug)]
pub(super) struct StepLog {
    path: PathBuf,
}

impl StepLog {
    /// Opens the curve of a model folder. Lines of steps after those of the checkpoint that
    /// training goes on from are removed: they are done again.
    pub(super) fn open(folder: &Path, epochs: usize, steps: usize) -> Result<Self, Error> {
        let path = folder.join("steps.jsonl");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::io(&path)(error)),
        };
        // A kill can leave half a line at the end.
        let kept: String = text
            .split_inclusive('\n')
            .filter(|line| {
                serde_json::from_str(line).is_ok_and(|record: StepRecord| {
                    record.epoch <= epochs || (record.epoch == epochs + 1 && record.step <= steps)
                })
            })
            .collect();
        if kept != text || text.is_empty() {
            write_atomic(&path, kept.as_bytes())?;
        }
        Ok(Self { path })
    }

    pub(super) fn push(&self, record: &StepRecord) -> Result<(), Error> {
        let mut line = serde_json::to_vec(record).map_err(Error::json(&self.path))?;
        line.push(b'\n');
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(&self.path)
            .and_then(|mut file| file.write_all(&line))
            .map_err(Error::io(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(epoch: usize, step: usize) -> StepRecord {
        StepRecord {
            epoch,
            step,
            nll: 2.5,
            learning_rate: 1e-3,
            comments_per_second: 100.0,
        }
    }

    /// The checkpoint was made after step 20 of epoch 2: what came later, and half a line, go.
    #[test]
    fn steps_that_are_done_again_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let curve = StepLog::open(folder.path(), 0, 0).unwrap();
        for (epoch, step) in [(1, 10), (1, 25), (2, 10), (2, 20), (2, 25)] {
            curve.push(&record(epoch, step)).unwrap();
        }
        let path = folder.path().join("steps.jsonl");
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str(r#"{"epoch":1,"st"#);
        fs::write(&path, text).unwrap();
        StepLog::open(folder.path(), 1, 20).unwrap();
        let left: Vec<StepRecord> = fs::read_to_string(&path)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(
            left,
            [record(1, 10), record(1, 25), record(2, 10), record(2, 20)]
        );
    }
}
