//! What is done already: a stage whose inputs are the same and whose outputs are as it left them is
//! not done again.

mod inputs;
mod plan;
mod record;

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    time::Instant,
};

use folder_lock::FolderLock;
use serde::{Deserialize, Serialize};

use self::record::{Finished, Kept, Record, VERSION};
pub use self::{
    inputs::{InputChange, StageInputs},
    plan::{OutdatedStages, PlannedStage},
};
use crate::{error::Error, file_id::FileId, files::to_value, partial_videos};

/// The folder of the records.
const RECORDS: &str = "stages";

/// The stages of a long job, recorded in the folder `stages/` of its own, which one program at a
/// time may use.
///
/// A stage depends on [contents](StageInputs), never on names: files that were moved are the same.
/// That a stage was begun is recorded before its work, so that it is known with which inputs even
/// where the work was killed.
///
/// ```
/// use nico_corpus::{Error, Stage, StageInputs, Stages};
///
/// # let folder = tempfile::tempdir().expect("a folder");
/// # let folder = folder.path();
/// let stages = Stages::open(folder)?;
/// let inputs = |epochs| StageInputs::default().value("epochs", &epochs);
/// let count = || -> Result<usize, Error> { Ok(42) }; // long work
/// assert!(!stages.run("count", &inputs(1), &[], count)?.was_done);
/// assert!(stages.run("count", &inputs(1), &[], count)?.was_done);
///
/// let Stage::Changed(changes) = stages.look("count", &inputs(2))? else {
///     panic!("one epoch was counted");
/// };
/// assert_eq!(changes[0].to_string(), "epochs was 1, is 2");
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct Stages {
    folder: PathBuf,
    lock: FolderLock,
}

/// What is known of a stage before it is done.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Stage {
    /// It was not begun.
    New,
    /// It was begun with the same inputs and not done to its end.
    Unfinished,
    /// It was done with the same inputs, and what it left is there.
    Done,
    /// It was done with the same inputs, and a file that it left is gone: the name of one.
    Missing(String),
    /// It was begun with other inputs, or a file that it left is not the same: what differs.
    Changed(Vec<InputChange>),
    /// It was done by a version that did not keep what it depended on.
    Unknown,
}

/// In words: "done before", or why it is done again.
impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => f.write_str("not begun"),
            Self::Unfinished => f.write_str("begun before"),
            Self::Done => f.write_str("done before"),
            Self::Missing(file) => write!(f, "{file} is not there"),
            Self::Changed(changes) => {
                for (number, change) in changes.iter().enumerate() {
                    let between = if number == 0 { "" } else { "; " };
                    write!(f, "{between}{change}")?;
                }
                Ok(())
            }
            Self::Unknown => {
                f.write_str("done by a version that did not keep what its stages depended on")
            }
        }
    }
}

/// What a stage came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Done<T> {
    /// What it told the later stages.
    pub result: T,
    /// How long it took, when it was done.
    pub seconds: f64,
    /// Whether it had been done before.
    pub was_done: bool,
}

impl Stages {
    /// Opens the stages of a job's folder, which is made if it does not exist, and keeps other
    /// programs out of it until this value is dropped or the program ends.
    ///
    /// # Errors
    ///
    /// Fails if another program has the folder open, and if it cannot be made.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let lock = FolderLock::acquire(folder)?;
        let records = folder.join(RECORDS);
        fs::create_dir_all(&records).map_err(Error::io(&records))?;
        lock.remove_leftovers_in(RECORDS, |name| name.ends_with(".json"));
        Ok(Self {
            folder: folder.to_owned(),
            lock,
        })
    }

    /// Removes what killed programs left of these files of the folder under the names of files that
    /// are being written; what cannot be removed stays.
    pub fn remove_leftovers(&self, names: &[&str]) {
        self.lock.remove_leftovers(|name| names.contains(&name));
        partial_videos::remove(&self.folder, |name| names.contains(&name));
    }

    /// What is known of a stage that would be done with these inputs.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if its record or one of its outputs cannot be read.
    pub fn look(&self, name: &str, inputs: &StageInputs) -> Result<Stage, Error> {
        match Record::read(&self.path(name))? {
            Kept::Nothing => Ok(Stage::New),
            Kept::Unknown => Ok(Stage::Unknown),
            Kept::Record(record) => self.compare(&record, inputs),
        }
    }

    /// Does a stage unless it was done with the same inputs and all of its outputs, which lie in the
    /// job's folder, are as it left them.
    ///
    /// # Errors
    ///
    /// Fails where `work` does, if an output that it should have left is not there, and if its
    /// record cannot be read or written.
    pub fn run<T: Serialize + for<'a> Deserialize<'a>, E: From<Error>>(
        &self,
        name: &str,
        inputs: &StageInputs,
        outputs: &[PathBuf],
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<Done<T>, E> {
        let path = self.path(name);
        if let Kept::Record(record) = Record::read(&path)?
            && self.compare(&record, inputs)? == Stage::Done
            && let Some(done) = record.done
            && let Ok(result) = serde_json::from_value(done.result)
        {
            return Ok(Done {
                result,
                seconds: done.seconds,
                was_done: true,
            });
        }
        let mut record = Record::begun(inputs.clone());
        record.write(&path)?;
        let start = Instant::now();
        let result = work()?;
        let seconds = start.elapsed().as_secs_f64();
        record.done = Some(Finished {
            seconds,
            result: to_value(&path, &result)?,
            outputs: self.read_outputs(outputs)?,
        });
        record.write(&path)?;
        Ok(Done {
            result,
            seconds,
            was_done: false,
        })
    }

    /// Forgets a stage before its outputs are removed, so that a kill in between leaves no record
    /// of what is gone.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if the record cannot be removed.
    pub fn forget(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io(&path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Removes a folder of the job with all that is in it, unless another program writes into it.
    ///
    /// # Errors
    ///
    /// Fails, naming the folder, if another program writes into it or it cannot be removed.
    pub fn remove_folder(&self, folder: &Path) -> Result<(), Error> {
        if !folder.exists() {
            return Ok(());
        }
        let _lock = FolderLock::acquire(folder)?;
        fs::remove_dir_all(folder).map_err(Error::io(folder))
    }

    fn compare(&self, record: &Record, inputs: &StageInputs) -> Result<Stage, Error> {
        let mut changes = record.inputs.changes_to(inputs);
        if record.version != VERSION {
            let versions = (record.version.as_str().into(), VERSION.into());
            changes.push(InputChange::new("version", &versions.0, &versions.1));
        }
        let Some(done) = &record.done else {
            return Ok(match changes.is_empty() {
                true => Stage::Unfinished,
                false => Stage::Changed(changes),
            });
        };
        let mut missing = None;
        for (name, left) in &done.outputs {
            let path = self.folder.join(name);
            if !path.exists() {
                missing.get_or_insert_with(|| name.clone());
                continue;
            }
            let found = FileId::new(name, FileId::read(&path)?.sha256);
            if found != *left {
                let values = (to_value(&path, left)?, to_value(&path, &found)?);
                changes.push(InputChange::new("what it left", &values.0, &values.1));
            }
        }
        Ok(match (changes.is_empty(), missing) {
            (false, _) => Stage::Changed(changes),
            (true, Some(name)) => Stage::Missing(name),
            (true, None) => Stage::Done,
        })
    }

    fn read_outputs(&self, outputs: &[PathBuf]) -> Result<BTreeMap<String, FileId>, Error> {
        let read = |path: &PathBuf| {
            let name = path.strip_prefix(&self.folder).unwrap_or(path);
            let name = name.to_string_lossy().into_owned();
            let file = FileId::new(name.clone(), FileId::read(path)?.sha256);
            Ok((name, file))
        };
        outputs.iter().map(read).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(RECORDS).join(format!("{name}.json"))
    }
}

/// The file that a stage in a job's folder was begun with, by the name of the input; none where
/// that is not recorded.
#[cfg(feature = "report")]
pub(crate) fn recorded_file(
    folder: &Path,
    stage: &str,
    input: &str,
) -> Result<Option<FileId>, Error> {
    let path = folder.join(RECORDS).join(format!("{stage}.json"));
    Ok(match Record::read(&path)? {
        Kept::Record(record) => record.inputs.file_of(input),
        Kept::Nothing | Kept::Unknown => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(epochs: usize) -> StageInputs {
        StageInputs::default().value("epochs", &epochs)
    }

    /// Writes the number into `out.txt`, which is the stage's output.
    fn run(stages: &Stages, folder: &Path, number: usize) -> Done<usize> {
        let path = folder.join("out.txt");
        let outputs = [path.clone()];
        stages
            .run("train", &inputs(number), &outputs, || {
                fs::write(&path, number.to_string()).map_err(Error::io(&path))?;
                Ok::<_, Error>(number)
            })
            .unwrap()
    }

    #[test]
    fn what_was_done_is_done_again_when_inputs_or_outputs_change() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let stages = Stages::open(folder).unwrap();
        assert_eq!(stages.look("train", &inputs(1)).unwrap(), Stage::New);
        assert!(!run(&stages, folder, 1).was_done);
        assert_eq!(stages.look("train", &inputs(1)).unwrap(), Stage::Done);
        let again = run(&stages, folder, 1);
        assert_eq!((again.was_done, again.result), (true, 1));

        let told = |stage: Stage| match stage {
            Stage::Changed(changes) => changes[0].to_string(),
            other => panic!("{other:?}"),
        };
        let changed = stages.look("train", &inputs(2)).unwrap();
        assert_eq!(told(changed), "epochs was 1, is 2");
        fs::write(folder.join("out.txt"), "by hand").unwrap();
        let changed = told(stages.look("train", &inputs(1)).unwrap());
        assert!(
            changed.starts_with("what it left was out.txt (6b86b273ff34…), is out.txt ("),
            "{changed}"
        );
        assert!(!run(&stages, folder, 1).was_done);
        fs::remove_file(folder.join("out.txt")).unwrap();
        assert_eq!(
            stages.look("train", &inputs(1)).unwrap(),
            Stage::Missing("out.txt".to_owned())
        );
        assert!(!run(&stages, folder, 1).was_done);
    }

    /// The record is there before the work: what was killed is known by its inputs.
    #[test]
    fn a_stage_that_failed_goes_on_or_tells_what_changed() {
        let folder = tempfile::tempdir().unwrap();
        let stages = Stages::open(folder.path()).unwrap();
        let failing = || Err::<(), _>(Error::NoMoments);
        assert!(stages.run("train", &inputs(1), &[], failing).is_err());
        let look = |epochs| stages.look("train", &inputs(epochs)).unwrap();
        assert_eq!(look(1), Stage::Unfinished);
        assert!(matches!(look(2), Stage::Changed(_)));
        stages.forget("train").unwrap();
        assert_eq!(look(2), Stage::New);
    }

    /// What a stage told is told again to the last bit (`float_roundtrip` of serde_json; without it
    /// one float in some hundreds is the neighbour of what was written).
    #[test]
    fn floats_survive() {
        let mut bits = 1_u64;
        let numbers: Vec<f64> = (0..10_000)
            .map(|_| {
                bits = bits
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                f64::from_bits((bits >> 2) | 1 << 60) // positive, of most sizes, none infinite
            })
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let stages = Stages::open(folder.path()).unwrap();
        let run = || {
            let work = || Ok::<_, Error>(numbers.clone());
            stages.run("train", &inputs(1), &[], work).unwrap()
        };
        assert!(!run().was_done);
        let again = run();
        assert!(again.was_done);
        assert!(again.result == numbers);
    }

    /// Records as they were, with debug text for options, and files that are none.
    #[test]
    fn records_that_do_not_say_what_a_stage_depended_on_are_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let stages = Stages::open(folder.path()).unwrap();
        let old = r#"{"version":"0.1.0","inputs":{"learning":"LearningArgs { epochs: 1 }"},
                      "seconds":4.8,"result":null}"#;
        for text in [old, "", "{}", "\u{0}"] {
            fs::write(folder.path().join("stages/train.json"), text).unwrap();
            let found = stages.look("train", &inputs(1)).unwrap();
            assert_eq!(found, Stage::Unknown, "{text:?}");
        }
    }

    #[test]
    fn a_folder_has_one_writer_and_leftovers_go() {
        let folder = tempfile::tempdir().unwrap();
        let stages = Stages::open(folder.path()).unwrap();
        assert!(matches!(
            Stages::open(folder.path()),
            Err(Error::Busy { .. })
        ));
        drop(stages);
        let left =
            ["stages/.train.json.a8Xn2s", ".stats.json.a8Xn2s"].map(|it| folder.path().join(it));
        for path in &left {
            fs::write(path, "").unwrap();
        }
        let video = |of: &str| {
            let partial = folder.path().join(format!(".partial-{of}"));
            fs::create_dir(&partial).unwrap();
            fs::write(partial.join(of), "").unwrap();
            partial
        };
        let (ours, others) = (video("commented.mp4"), video("another.mp4"));
        let notes = folder.path().join(".notes.txt.a8Xn2s");
        fs::write(&notes, "").unwrap();
        let stages = Stages::open(folder.path()).unwrap();
        stages.remove_leftovers(&["stats.json", "commented.mp4"]);
        assert!(left.iter().all(|path| !path.exists()) && notes.exists());
        assert!(!ours.exists() && others.exists());
    }
}
