use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;

use super::compiled::{Dictionary, Origin};
use super::verified::FileState;
use crate::atomic_file::write_atomic;
use crate::error::Error;
use crate::identity::{Checksum, DictionaryIdentity};

/// First bytes of a file, and part of its name: changes with what is written and with what is made
/// of the sources.
pub(super) const FORMAT: &[u8] = b"jp-tokenize dictionary 2, vibrato 0.5\n";
pub(super) const CHECKSUM: usize = 32;

/// The cache of compiled dictionaries: in which folder, if in any.
///
/// A file there is named after the SHA-256 of the sources and the version of the format, so that a
/// changed dictionary is compiled anew. It is written under a temporary name and renamed, so that
/// several processes may start at once; and it carries a checksum, so that a damaged one is
/// compiled anew as well. On Unix a second file, `.json`, records the states of all these files
/// (length, times, inode) when they had been read through: while none of them changes, the next
/// start reads neither the sources nor the checksum. It may be deleted at any time.
///
/// ```
/// use jp_tokenize::Cache;
///
/// assert_eq!(Cache::default(), Cache::User);
/// assert_eq!(Cache::from(std::path::PathBuf::from("out")), Cache::Folder("out".into()));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Cache {
    /// In `jp-tokenize` in the user's cache folder: `$XDG_CACHE_HOME`, or else `~/.cache`; on
    /// Windows `%LOCALAPPDATA%`.
    #[default]
    User,
    /// In this folder, which is made if need be.
    Folder(PathBuf),
    /// Nowhere: compile each time.
    Off,
}

impl From<PathBuf> for Cache {
    fn from(folder: PathBuf) -> Self {
        Self::Folder(folder)
    }
}

/// The folder of a cache, if it has one.
pub(super) fn folder(cache: &Cache) -> Option<PathBuf> {
    match cache {
        Cache::Folder(folder) => Some(folder.clone()),
        Cache::Off => None,
        Cache::User => {
            // The XDG specification: a path that is not absolute is to be ignored.
            let absolute = |path: &PathBuf| path.is_absolute();
            let folder = |name| env::var_os(name).map(PathBuf::from).filter(absolute);
            let caches = if cfg!(windows) {
                folder("LOCALAPPDATA")
            } else {
                folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))
            };
            Some(caches?.join("jp-tokenize"))
        }
    }
}

/// The name of the file for a dictionary's sources.
pub(super) fn name(sources: &DictionaryIdentity) -> String {
    let of_all = [FORMAT, sources.sha256.as_bytes()].concat();
    format!("{}.dic", Checksum::of(&of_all))
}

/// Reads a file of the cache, and the state it was in; `None` if it is absent or damaged in any
/// way.
pub(super) fn load(
    path: &Path,
    identity: DictionaryIdentity,
) -> Option<(Dictionary, Option<FileState>)> {
    let mut file = File::open(path).ok()?;
    let state = FileState::of(&file.metadata().ok()?);
    let mut header = [0; FORMAT.len() + CHECKSUM];
    file.read_exact(&mut header).ok()?;
    let (format, checksum) = header.split_at(FORMAT.len());
    let mut content = Vec::new();
    file.read_to_end(&mut content).ok()?;
    if format != FORMAT {
        return None;
    }
    // Decoding checks what it decodes, so that it need not wait for the checksum.
    let dictionary = thread::scope(|scope| {
        let whole = scope.spawn(|| *checksum == *Checksum::of(&content).as_bytes());
        let origin = Origin::Cache(path.to_owned());
        let decoded = Dictionary::decode(&content, path, origin, identity);
        whole
            .join()
            .is_ok_and(|whole| whole)
            .then_some(decoded)?
            .ok()
    })?;
    let unchanged = FileState::of(&file.metadata().ok()?) == state;
    Some((dictionary, state.filter(|_| unchanged)))
}

/// Writes a file of the cache.
pub(super) fn store(path: &Path, dictionary: &Dictionary) -> Result<(), Error> {
    let content = dictionary
        .encode()
        .map_err(|cause| Error::io(path, "write")(io::Error::other(cause)))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io(folder, "create"))?;
    }
    write_atomic(path, |file| {
        file.write_all(FORMAT)?;
        file.write_all(Checksum::of(&content).as_bytes())?;
        file.write_all(&content)
    })
}
