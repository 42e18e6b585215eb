//! Which compiled dictionary was found whole, for which sources: so that neither is read through at
//! every start.
//!
//! Reading IPADIC's sources to know whether they are those that were compiled, and its compiled
//! form to know whether it is whole, takes longer than all else at a start. So a start that did it
//! leaves a record of the files' states: length, times of modification and change, device and
//! inode. While all of them are the same, and no file has come or gone, the files are what they
//! were: the time of change is the system's own and cannot be set back by a program. What was
//! changed too recently for that time to tell is not recorded.

use std::fs::{self, File, Metadata};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::cache::FORMAT;
use super::compiled::{Dictionary, Origin};
use super::sources::SourceFiles;
use crate::atomic_file::write_atomic;
use crate::identity::{Checksum, DictionaryIdentity};

/// How long ago a file must have changed: longer than the steps in which any file system counts.
const SETTLED: Duration = Duration::from_secs(2);
/// Longest record that is read, in bytes.
const MAX_RECORD: u64 = 1 << 20;

/// What tells that a file is as it was.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(super) struct FileState {
    length: u64,
    device: u64,
    inode: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

/// The states of a folder's sources, by file name.
type SourceStates = Vec<(String, FileState)>;

/// The sources of a dictionary before they are read.
pub(super) struct SourcesBefore {
    folder: PathBuf,
    states: SourceStates,
    time: SystemTime,
}

#[derive(Serialize, Deserialize)]
struct Record {
    sources: SourceStates,
    sha256: Checksum,
    sizes: (u16, u16),
    compiled: FileState,
}

impl FileState {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        Some(Self {
            length: metadata.len(),
            device: metadata.dev(),
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// Other systems have no time of change that programs cannot set.
    #[cfg(not(unix))]
    pub(super) fn of(_: &Metadata) -> Option<Self> {
        None
    }

    /// Whether a change after `time` would show.
    fn is_settled(&self, time: SystemTime) -> bool {
        let Ok(since_epoch) = time.duration_since(UNIX_EPOCH) else {
            return false;
        };
        let settled = since_epoch.saturating_sub(SETTLED).as_secs();
        i64::try_from(settled).is_ok_and(|settled| self.changed.0 < settled)
    }
}

impl SourcesBefore {
    /// The sources of a folder, as they are no sooner than at this time.
    pub(super) fn new(folder: &Path, time: SystemTime) -> Option<Self> {
        Some(Self {
            folder: folder.to_owned(),
            states: states(folder)?,
            time,
        })
    }

    /// Leaves a record for the next start that the sources, which have been read since, make this
    /// dictionary, whose compiled form is in this state. It is no error if it cannot be written:
    /// the next start takes as long.
    pub(super) fn keep(self, cache: &Path, dictionary: &Dictionary, compiled: FileState) {
        let settled = |state: &FileState| state.is_settled(self.time);
        let all_settled = self.states.iter().all(|(_, state)| settled(state)) && settled(&compiled);
        if !all_settled || states(&self.folder).as_ref() != Some(&self.states) {
            return;
        }
        let record = Record {
            sources: self.states,
            sha256: dictionary.system_identity().sha256,
            sizes: dictionary.sizes(),
            compiled,
        };
        if let (Some(path), Ok(text)) = (
            record_path(cache, &self.folder),
            serde_json::to_vec(&record),
        ) {
            let _slow_next_time = write_atomic(&path, |file| file.write_all(&text));
        }
    }
}

/// The compiled dictionary of a folder's sources, if a record tells that both are as they were when
/// they were read through.
pub(super) fn load(cache: &Path, folder: &Path) -> Option<Dictionary> {
    let mut text = Vec::new();
    let file = File::open(record_path(cache, folder)?).ok()?;
    file.take(MAX_RECORD).read_to_end(&mut text).ok()?;
    let record: Record = serde_json::from_slice(&text).ok()?;
    if states(folder)? != record.sources {
        return None;
    }
    let identity = DictionaryIdentity::new(folder, record.sha256);
    let path = cache.join(super::cache::name(&identity));
    let file = File::open(&path).ok()?;
    if FileState::of(&file.metadata().ok()?)? != record.compiled {
        return None;
    }
    let mut file = BufReader::with_capacity(1 << 18, file);
    let mut header = [0; FORMAT.len() + super::cache::CHECKSUM];
    file.read_exact(&mut header).ok()?;
    header.starts_with(FORMAT).then_some(())?;
    Dictionary::decode_verified(file, Origin::Cache(path), identity, record.sizes).ok()
}

/// The record of a folder's sources: named after the folder and the form of what is written.
fn record_path(cache: &Path, folder: &Path) -> Option<PathBuf> {
    let folder = fs::canonicalize(folder).ok()?;
    let name = [FORMAT, folder.as_os_str().as_encoded_bytes()].concat();
    Some(cache.join(format!("{}.json", Checksum::of(&name))))
}

fn states(folder: &Path) -> Option<SourceStates> {
    let state = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.to_owned();
        Some((name, FileState::of(&fs::metadata(&path).ok()?)?))
    };
    SourceFiles::paths(folder)
        .ok()?
        .into_iter()
        .map(state)
        .collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::dictionary::DictionaryOptions;
    use std::thread;

    const SOURCES: [(&str, &str); 4] = [
        ("words.csv", "草,0,0,10,名詞\n"),
        ("matrix.def", "1 1\n0 0 0\n"),
        ("char.def", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n"),
        ("unk.def", "DEFAULT,0,0,100,記号\nSPACE,0,0,100,記号\n"),
    ];

    /// Whatever is done to a file after it was read shows, the time of modification set back or
    /// not.
    #[test]
    fn a_record_holds_only_while_no_file_changes() {
        let here = tempfile::tempdir().unwrap();
        let (folder, cache) = (here.path().join("sources"), here.path().join("cache"));
        fs::create_dir(&folder).unwrap();
        for (name, text) in SOURCES {
            fs::write(folder.join(name), text).unwrap();
        }
        let options = DictionaryOptions::default()
            .folder(folder.clone())
            .cache(cache.clone());
        let checksum_at = |time| options.open_at(time).unwrap().system_identity().sha256;
        let checksum = || checksum_at(SystemTime::now());
        // As if the files had been left alone for so long.
        let checksum_later = || checksum_at(SystemTime::now() + SETTLED + Duration::from_secs(1));
        // Longer than the steps in which any file system counts times of change.
        let wait = || thread::sleep(Duration::from_millis(30));
        let first = checksum();
        checksum();
        assert!(
            load(&cache, &folder).is_none(),
            "recorded though it has just changed"
        );
        checksum_later();
        let loaded = load(&cache, &folder).expect("recorded");
        assert_eq!(loaded.system_identity().sha256, first);

        wait();
        let words = folder.join("words.csv");
        let modified = fs::metadata(&words).unwrap().modified().unwrap();
        fs::write(&words, "木,0,0,10,名詞\n").unwrap(); // as long as before
        File::options()
            .write(true)
            .open(&words)
            .unwrap()
            .set_modified(modified)
            .unwrap();
        assert!(load(&cache, &folder).is_none());
        assert_ne!(checksum(), first);
        fs::write(&words, SOURCES[0].1).unwrap();
        assert_eq!(checksum(), first);
        assert!(
            load(&cache, &folder).is_none(),
            "the file is as it was, its time is not"
        );

        checksum_later();
        assert!(load(&cache, &folder).is_some());
        fs::write(folder.join("more.csv"), "").unwrap();
        assert!(load(&cache, &folder).is_none(), "a file has come");
        fs::remove_file(folder.join("more.csv")).unwrap();
        assert!(load(&cache, &folder).is_some());
        let compiled = cache.join(super::super::cache::name(loaded.system_identity()));
        let mut bytes = fs::read(&compiled).unwrap();
        bytes[100] ^= 1;
        wait();
        fs::write(&compiled, bytes).unwrap();
        assert!(
            load(&cache, &folder).is_none(),
            "the compiled form was changed"
        );
        assert_eq!(checksum(), first);
    }
}
