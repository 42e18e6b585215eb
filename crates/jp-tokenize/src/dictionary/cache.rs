use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;

use sha2::{Digest, Sha256};

use super::prebuilt::hex;
use super::sources::{SourceFile, SourceFiles};
use super::{Cache, Dictionary, Origin};
use crate::Error;
use crate::whole_file::write_whole;

/// First bytes of a file, and part of its name: changes with what is written and with what is made of the sources.
const FORMAT: &[u8] = b"jp-tokenize dictionary 2, vibrato 0.5\n";
const CHECKSUM: usize = 32;

/// The folder of a cache, if it has one.
pub(super) fn folder(cache: &Cache) -> Option<PathBuf> {
    match cache {
        Cache::Folder(folder) => Some(folder.clone()),
        Cache::Off => None,
        Cache::User => {
            // The XDG specification: a path that is not absolute is to be ignored.
            let absolute = |path: &PathBuf| path.is_absolute();
            let folder = |name| env::var_os(name).map(PathBuf::from).filter(absolute);
            let caches =
                folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?;
            Some(caches.join("jp-tokenize"))
        }
    }
}

/// The name of the file for a dictionary's sources.
pub(super) fn name(files: &SourceFiles) -> String {
    let digest = |file: &SourceFile| Sha256::digest(&file.bytes);
    // The matrix is about as large as all others together.
    let (matrix, others) = thread::scope(|scope| {
        let matrix = scope.spawn(|| digest(files.matrix()));
        let others: Vec<_> = files.others().map(digest).collect();
        (matrix.join().expect("hashing does not panic"), others)
    });
    let mut hasher = Sha256::new();
    hasher.update(FORMAT);
    for digest in others.iter().chain([&matrix]) {
        hasher.update(digest);
    }
    format!("{}.dic", hex(&hasher.finalize()))
}

/// Reads a file of the cache; `None` if it is absent or damaged in any way.
pub(super) fn load(path: &Path) -> Option<Dictionary> {
    let mut file = File::open(path).ok()?;
    let mut header = [0; FORMAT.len() + CHECKSUM];
    file.read_exact(&mut header).ok()?;
    let (format, checksum) = header.split_at(FORMAT.len());
    let mut content = Vec::new();
    file.read_to_end(&mut content).ok()?;
    if format != FORMAT {
        return None;
    }
    // Decoding checks what it decodes, so that it need not wait for the checksum.
    thread::scope(|scope| {
        let whole = scope.spawn(|| checksum == Sha256::digest(&content).as_slice());
        let decoded = Dictionary::decode(&content, Origin::Cache(path.to_owned()));
        whole
            .join()
            .is_ok_and(|whole| whole)
            .then_some(decoded)?
            .ok()
    })
}

/// Writes a file of the cache.
pub(super) fn store(path: &Path, dictionary: &vibrato::Dictionary) -> Result<(), Error> {
    let mut content = Vec::new();
    dictionary
        .write(&mut content)
        .map_err(|e| Error::io(path, "write")(io::Error::other(e.to_string())))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io(folder, "create"))?;
    }
    write_whole(path, |file| {
        file.write_all(FORMAT)?;
        file.write_all(&Sha256::digest(&content))?;
        file.write_all(&content)
    })
}
