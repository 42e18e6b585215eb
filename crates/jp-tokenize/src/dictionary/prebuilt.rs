use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::compiled::{Dictionary, Origin};
use crate::error::{DictionaryErrorKind, Error};
use crate::identity::{Checksum, DictionaryIdentity};

/// Largest file read and largest dictionary taken out of one, in bytes: UniDic for written Japanese
/// takes half of it.
const MAX_FILE: u64 = 2 << 30;
/// First bytes of a file compressed with zstd.
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

impl Dictionary {
    /// Reads a dictionary that vibrato 0.5 compiled: `system.dic`, or with the feature `zstd`
    /// `system.dic.zst`.
    ///
    /// vibrato's published dictionaries are such files, in `.tar.xz` archives, and its `compile`
    /// program makes them. The fewer dictionaries with compact connection costs are refused.
    ///
    /// # Trust
    ///
    /// vibrato itself trusts such a file. It is therefore checked whole before vibrato gets it: a
    /// damaged or hostile file is an error, and it takes no more memory than a few times its size,
    /// at most 2 GiB. What no check can tell is whether its words and costs are those that its
    /// author meant: name the `sha256` of the file, in hexadecimal, where you know it.
    ///
    /// ```no_run
    /// use jp_tokenize::{Dictionary, Tokenizer};
    ///
    /// let dictionary = Dictionary::prebuilt("ipadic-mecab-2_7_0/system.dic.zst", None)?;
    /// let tokenizer = Tokenizer::new(dictionary)?;
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be read; [`Error::Dictionary`] if it is not such a
    /// dictionary, is damaged or is not the one that `sha256` names.
    pub fn prebuilt(path: impl AsRef<Path>, sha256: Option<&str>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(Error::io(path, "read"))?;
        Self::read_prebuilt(file, path, sha256)
    }

    /// The same from a reader, such as `&[u8]` for one that is in memory or in the program itself
    /// (`include_bytes!`). `name` is what errors, the dictionary's [`origin`](Self::origin) and its
    /// identity call it by.
    ///
    /// ```no_run
    /// use jp_tokenize::Dictionary;
    ///
    /// # let download = || Vec::new();
    /// let bytes: Vec<u8> = download();
    /// let dictionary = Dictionary::read_prebuilt(&*bytes, "system.dic", None)?;
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`prebuilt`](Self::prebuilt).
    pub fn read_prebuilt(
        reader: impl Read,
        name: impl AsRef<Path>,
        sha256: Option<&str>,
    ) -> Result<Self, Error> {
        let path = name.as_ref();
        let bytes = read_to_end(reader, path)?;
        if let Some(expected) = sha256 {
            let found = Checksum::of(&bytes).to_string();
            if !found.eq_ignore_ascii_case(expected.trim()) {
                let expected = expected.to_owned();
                let kind = DictionaryErrorKind::Checksum { expected, found };
                return Err(Error::dictionary(path, kind));
            }
        }
        let bytes = if bytes.starts_with(&ZSTD) {
            decompress(&bytes, path)?
        } else {
            bytes
        };
        let identity = DictionaryIdentity::new(path, Checksum::of(&bytes));
        Self::decode(&bytes, path, Origin::Prebuilt(path.to_owned()), identity)
    }
}

fn read_to_end(reader: impl Read, path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    reader
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::io(path, "read"))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::dictionary(
            path,
            DictionaryErrorKind::TooLarge(MAX_FILE),
        ));
    }
    Ok(bytes)
}

#[cfg(feature = "zstd")]
fn decompress(bytes: &[u8], path: &Path) -> Result<Vec<u8>, Error> {
    let decoder = ruzstd::decoding::StreamingDecoder::new(bytes).map_err(|cause| {
        let kind = DictionaryErrorKind::Damaged("it cannot be decompressed".to_owned());
        Error::dictionary_because(path, kind, cause)
    })?;
    read_to_end(decoder, path)
}

#[cfg(not(feature = "zstd"))]
fn decompress(_: &[u8], path: &Path) -> Result<Vec<u8>, Error> {
    Err(Error::dictionary(path, DictionaryErrorKind::Compressed))
}
