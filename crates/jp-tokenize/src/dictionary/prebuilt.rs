use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Dictionary, Origin, layout};
use crate::Error;

/// Largest file read and largest dictionary taken out of one, in bytes: UniDic for written Japanese takes half of it.
const MAX_FILE: u64 = 2 << 30;
/// First bytes of a file compressed with zstd.
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

impl Dictionary {
    /// Reads a dictionary that vibrato 0.5 compiled: `system.dic`, or with the feature `zstd` `system.dic.zst`.
    ///
    /// vibrato's published dictionaries are such files, in `.tar.xz` archives, and its `compile` program makes them. The fewer
    /// dictionaries with compact connection costs are refused.
    ///
    /// # Trust
    ///
    /// vibrato itself trusts such a file. It is therefore checked whole before vibrato gets it: a damaged or hostile file is an
    /// error, and it takes no more memory than a few times its size, at most 2 GiB. What no check can tell is whether its words
    /// and costs are those that its author meant: name the `sha256` of the file, in hexadecimal, where you know it.
    ///
    /// ```no_run
    /// use jp_tokenize::{Dictionary, Tokenizer};
    ///
    /// let tokenizer = Tokenizer::new(Dictionary::prebuilt("ipadic-mecab-2_7_0/system.dic.zst", None)?)?;
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be read; [`Error::Dictionary`] if it is not such a dictionary, is damaged or is not the one
    /// that `sha256` names.
    pub fn prebuilt(path: impl AsRef<Path>, sha256: Option<&str>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(Error::io(path, "read"))?;
        let bytes = read_to_end(file, path)?;
        if let Some(expected) = sha256 {
            let found = hex(&Sha256::digest(&bytes));
            if !found.eq_ignore_ascii_case(expected.trim()) {
                let reason = format!("its SHA-256 is {found}, expected {expected}");
                return Err(Error::dictionary(path, reason));
            }
        }
        let bytes = if bytes.starts_with(&ZSTD) {
            decompress(&bytes, path)?
        } else {
            bytes
        };
        Self::decode(&bytes, Origin::Prebuilt(path.to_owned()))
            .map_err(|reason| Error::dictionary(path, reason))
    }

    /// Decodes what vibrato wrote, after it was checked.
    pub(super) fn decode(bytes: &[u8], origin: Origin) -> Result<Self, String> {
        let sizes = layout::check(bytes)?;
        let inner = vibrato::Dictionary::read(bytes)
            .map_err(|cause| format!("cannot be decoded: {cause}"))?;
        Ok(Self {
            inner,
            origin,
            sizes,
            user_entries: Vec::new(),
        })
    }
}

pub(super) fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_to_end(reader: impl Read, path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    reader
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::io(path, "read"))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::dictionary(path, "larger than any dictionary"));
    }
    Ok(bytes)
}

#[cfg(feature = "zstd")]
fn decompress(bytes: &[u8], path: &Path) -> Result<Vec<u8>, Error> {
    let decoder = ruzstd::decoding::StreamingDecoder::new(bytes)
        .map_err(|cause| Error::dictionary(path, format!("cannot be decompressed: {cause}")))?;
    read_to_end(decoder, path)
}

#[cfg(not(feature = "zstd"))]
fn decompress(_: &[u8], path: &Path) -> Result<Vec<u8>, Error> {
    Err(Error::dictionary(
        path,
        "is compressed: decompress it with `zstd -d`, or build with the feature `zstd`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tokenizer;

    fn compiled() -> Vec<u8> {
        let dictionary = Dictionary::from_sources(
            "ここ,0,0,10,名詞\nすき,0,0,10,名詞\nここ,0,0,11,動詞\n",
            "1 1\n0 0 0\n",
            "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
            "DEFAULT,0,0,100,記号\nSPACE,0,0,100,記号\n",
        );
        let mut bytes = Vec::new();
        dictionary.unwrap().inner.write(&mut bytes).unwrap();
        bytes
    }

    fn load(bytes: &[u8], sha256: Option<&str>) -> Result<Dictionary, Error> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        Dictionary::prebuilt(file.path(), sha256)
    }

    #[test]
    fn what_vibrato_wrote_is_read() {
        let bytes = compiled();
        let digest = hex(&Sha256::digest(&bytes));
        let dictionary = load(&bytes, Some(&digest)).unwrap();
        assert!(matches!(dictionary.origin(), Origin::Prebuilt(_)));
        let dictionary = dictionary.with_user_lexicon("草,0,0,10,名詞").unwrap();
        let tokenizer = Tokenizer::new(dictionary).unwrap();
        assert_eq!(tokenizer.words("ここすき 草♪"), ["ここ", "すき", "草", "♪"]);
        let other = load(&bytes, Some("00")).unwrap_err().to_string();
        assert!(other.contains(&digest), "{other}");
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn compressed_files_are_read() {
        use ruzstd::encoding::{CompressionLevel, compress_to_vec};
        let bytes = compress_to_vec(compiled().as_slice(), CompressionLevel::Fastest);
        load(&bytes, None).unwrap();
        load(&bytes[..bytes.len() / 2], None).unwrap_err();
    }

    /// Every cut and every changed byte gives an error, or else a dictionary that splits texts.
    #[test]
    fn damage_does_not_panic() {
        let bytes = compiled();
        for end in (0..bytes.len())
            .step_by(97)
            .chain(bytes.len() - 40..bytes.len())
        {
            assert!(
                Dictionary::decode(&bytes[..end], Origin::Prebuilt("x".into())).is_err(),
                "{end}"
            );
        }
        // The tables of characters and of codes, most of the file, say the same over and over.
        let dull = |at: usize| bytes[at..].starts_with(&bytes[at - 8..at]);
        for at in (8..bytes.len()).filter(|&at| !dull(at)) {
            for value in [0, 1, 0x7F, 0x80, 0xFF] {
                let mut damaged = bytes.clone();
                damaged[at] = value;
                if let Ok(dictionary) = Dictionary::decode(&damaged, Origin::Prebuilt("x".into()))
                    && let Ok(tokenizer) = Tokenizer::new(dictionary)
                {
                    for text in ["ここすき 草", "こここ", "すここ\u{20BB7}\0", "き"] {
                        assert!(tokenizer.words(text).len() <= text.len());
                    }
                }
            }
        }
    }
}
