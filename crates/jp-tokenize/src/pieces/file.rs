use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::options::MAX_SIZE;
use super::vocabulary::Pieces;
use crate::atomic_file::write_atomic;
use crate::error::{Error, PiecesErrorKind};
use crate::normalizer::Normalizer;

/// What the file calls itself.
const FORMAT: &str = "jp-tokenize pieces";
/// Raised when an older program would read a newer file wrongly.
const VERSION: u32 = 1;
/// Largest file that is read, in bytes: [`MAX_SIZE`] pieces of 64 bytes each.
const MAX_FILE: u64 = 64 * MAX_SIZE as u64;

/// The file; `P` is a list of pieces.
#[derive(Serialize, Deserialize)]
struct Contents<N, P> {
    format: String,
    version: u32,
    normalizer: N,
    pieces: P,
}

/// What is read of a file first: a version says how to read the rest.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
}

impl Pieces {
    /// Writes the pieces as `pieces.json`: format and version, the normalization, and the texts of
    /// the pieces from id 260 on, one a line. The file is written under a temporary name and
    /// renamed: it is whole or absent.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        write_atomic(path.as_ref(), |file| self.write(file))
    }

    /// Writes what [`save`](Self::save) writes to any writer.
    ///
    /// # Errors
    ///
    /// The writer's.
    pub fn write(&self, mut writer: impl Write) -> io::Result<()> {
        let texts: Vec<&str> = self.texts.iter().map(|text| &**text).collect();
        let contents = Contents {
            format: FORMAT.to_owned(),
            version: VERSION,
            normalizer: self.normalizer(),
            pieces: texts,
        };
        serde_json::to_writer_pretty(&mut writer, &contents)?;
        writer.write_all(b"\n")
    }

    /// Reads pieces that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be read and [`Error::Pieces`], with the reason, if it is
    /// not what `save` writes.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(Error::io(path, "read"))?;
        Self::read(file).map_err(|error| match error {
            Error::Pieces { kind, source, .. } => Error::Pieces {
                path: Some(path.to_owned()),
                kind,
                source,
            },
            Error::Read(source) => Error::io(path, "read")(source),
            other => other,
        })
    }

    /// Reads pieces from any reader, to its end.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] if the reader fails and [`Error::Pieces`], with the reason, if what is read
    /// is not what [`save`](Self::save) writes.
    pub fn read(reader: impl Read) -> Result<Self, Error> {
        let wrong = |kind, source| Error::Pieces {
            path: None,
            kind,
            source,
        };
        let mut bytes = Vec::new();
        let mut reader = reader.take(MAX_FILE + 1);
        reader.read_to_end(&mut bytes).map_err(Error::Read)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(wrong(PiecesErrorKind::TooLarge(MAX_FILE), None));
        }
        let json = |error| wrong(PiecesErrorKind::Malformed, Some(error));
        let header: Header = serde_json::from_slice(&bytes).map_err(json)?;
        if header.format != FORMAT {
            return Err(wrong(PiecesErrorKind::Format(header.format), None));
        }
        if header.version != VERSION {
            return Err(wrong(PiecesErrorKind::Version(header.version), None));
        }
        let contents: Contents<Normalizer, Vec<Box<str>>> =
            serde_json::from_slice(&bytes).map_err(json)?;
        Self::from_texts(contents.pieces, contents.normalizer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::options::PieceOptions;

    fn learnt() -> Pieces {
        let options = PieceOptions::default().normalizer(Normalizer::default().nfkc(true));
        Pieces::learn(["ここ\n\"\\", "ここ\n\"\\", "草\0"], &options).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pieces.json");
        learnt().save(&path).unwrap();
        let read = Pieces::load(&path).unwrap();
        assert_eq!(read, learnt());
        assert_eq!(read.encode("草ここ\n"), learnt().encode("草ここ\n"));
        assert_ne!(read, Pieces::learn([""], &PieceOptions::default()).unwrap());
    }

    #[test]
    fn other_files_are_refused_with_the_reason() {
        let message = |text: &str| Pieces::read(text.as_bytes()).unwrap_err().to_string();
        let with = |pieces: &str| {
            message(&format!(
                r#"{{"format":"{FORMAT}","version":1,"normalizer":{{}},"pieces":{pieces}}}"#
            ))
        };
        assert_eq!(message("{"), "pieces: not a vocabulary of pieces");
        assert!(with("[3]").contains("not a vocabulary"));
        assert!(message(r#"{"format":"x","version":1}"#).contains("\"x\""));
        let newer = format!(r#"{{"format":"{FORMAT}","version":2}}"#);
        assert!(message(&newer).contains("version 2"), "{}", message(&newer));
        assert!(with(r#"["a","a"]"#).contains("\"a\" stands there twice"));
        assert!(with(r#"["a",""]"#).contains("261"));
        assert!(with(r#"["<0x00>"]"#).contains("<0x00>"));
        assert!(with(&format!("[\"{}\"]", "a".repeat(65))).contains("64"));
        let endless = io::repeat(b' ');
        let error = Pieces::read(endless).unwrap_err();
        assert!(error.to_string().contains("larger than"), "{error}");

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pieces.json");
        std::fs::write(&path, "[]").unwrap();
        let error = Pieces::load(&path).unwrap_err();
        assert!(error.to_string().contains("pieces.json"), "{error}");
        assert!(std::error::Error::source(&error).is_some());
    }
}
