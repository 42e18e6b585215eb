//! Results as JSON files and on standard output.

use std::{io::Write, path::Path};

use nico_comments::write_whole;
use serde::Serialize;

use crate::failure::{Outcome, at};

/// Writes a value as indented JSON, whole or not at all; makes the folder.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Outcome {
    let text = serde_json::to_string_pretty(value)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
    }
    Ok(write_whole(path, |out| writeln!(out, "{text}"))?)
}

/// Prints a value as indented JSON on standard output.
pub(crate) fn print_json(value: &impl Serialize) -> Outcome {
    let text = serde_json::to_string_pretty(value)?;
    print_line(&text)
}

/// Prints a line; a reader that has gone away (`| head`) is no error.
pub(crate) fn print_line(text: &str) -> Outcome {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(at(Path::new("standard output"))(error))
        }
        _ => Ok(()),
    }
}

/// The ending of a file's name, in lower case.
pub(crate) fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}
