//! JSON files that are whole or absent.

use std::{fs, path::Path};

use atomic_write_file::AtomicWriteFile;
use serde::Serialize;
use serde_json::Value;

use crate::error::Error;

/// A value as JSON that is to stand in this file.
pub(crate) fn to_value(path: &Path, value: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(Error::json(path))
}

/// Writes a value as indented JSON; makes the folder.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    use std::io::Write;

    let mut text = serde_json::to_vec_pretty(value).map_err(Error::json(path))?;
    text.push(b'\n');
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
    }
    let write = || {
        let mut file = AtomicWriteFile::open(path)?;
        file.write_all(&text)?;
        file.commit()
    };
    write().map_err(Error::io(path))
}
