//! Dictionaries that vibrato compiled, whole and damaged.

use jp_tokenize::{Dictionary, DictionaryErrorKind, Error, Origin, Tokenizer};

/// What vibrato writes for a few words.
fn compiled() -> Vec<u8> {
    let dictionary = vibrato::SystemDictionaryBuilder::from_readers(
        "ここ,0,0,10,名詞\nすき,0,0,10,名詞\nここ,0,0,11,動詞\n".as_bytes(),
        "1 1\n0 0 0\n".as_bytes(),
        "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n".as_bytes(),
        "DEFAULT,0,0,100,記号\nSPACE,0,0,100,記号\n".as_bytes(),
    );
    let mut bytes = Vec::new();
    dictionary.unwrap().write(&mut bytes).unwrap();
    bytes
}

fn load(bytes: &[u8], sha256: Option<&str>) -> Result<Dictionary, Error> {
    Dictionary::read_prebuilt(bytes, "a.dic", sha256)
}

fn kind(error: Error) -> DictionaryErrorKind {
    match error {
        Error::Dictionary { kind, .. } => kind,
        other => panic!("{other}"),
    }
}

#[test]
fn what_vibrato_wrote_is_read() {
    let bytes = compiled();
    let wrong = load(&bytes, Some("00")).unwrap_err();
    let DictionaryErrorKind::Checksum { found, .. } = kind(wrong) else {
        panic!("the checksum is not compared");
    };
    let dictionary = load(&bytes, Some(&found)).unwrap();
    assert!(matches!(dictionary.origin(), Origin::Prebuilt(_)));
    let dictionary = dictionary.with_user_lexicon("草,0,0,10,名詞").unwrap();
    let tokenizer = Tokenizer::new(dictionary).unwrap();
    assert_eq!(tokenizer.words("ここすき 草♪"), ["ここ", "すき", "草", "♪"]);

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    let of_file = Dictionary::prebuilt(file.path(), Some(&found)).unwrap();
    let (of_file, in_memory) = (
        Tokenizer::new(of_file),
        load(&bytes, None).and_then(Tokenizer::new),
    );
    let (of_file, in_memory) = (of_file.unwrap(), in_memory.unwrap());
    assert!(
        of_file
            .identity()
            .difference(in_memory.identity())
            .is_none()
    );
    assert_eq!(in_memory.identity().dictionary.name, "a.dic");
}

#[cfg(feature = "zstd")]
#[test]
fn compressed_files_are_read() {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    let bytes = compress_to_vec(compiled().as_slice(), CompressionLevel::Fastest);
    load(&bytes, None).unwrap();
    load(&bytes[..bytes.len() / 2], None).unwrap_err();
}

#[cfg(not(feature = "zstd"))]
#[test]
fn compressed_files_are_named_as_such() {
    let error = load(&[0x28, 0xB5, 0x2F, 0xFD, 0], None).unwrap_err();
    assert_eq!(kind(error), DictionaryErrorKind::Compressed);
}

/// Every cut and every changed byte gives an error, or else a dictionary that splits texts.
#[test]
fn damage_does_not_panic() {
    let bytes = compiled();
    // The tables of characters and of codes, most of the file, say the same over and over.
    let dull = |at: usize| bytes[at..].starts_with(&bytes[at - 8..at]);
    let telling: Vec<usize> = (8..bytes.len()).filter(|&at| !dull(at)).collect();
    let cuts = (0..bytes.len()).step_by(9_973).chain(telling.clone());
    for end in cuts.chain(bytes.len() - 40..bytes.len()) {
        assert!(load(&bytes[..end], None).is_err(), "{end}");
    }
    let mut damaged = bytes.clone();
    for at in telling {
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            if value == bytes[at] {
                continue;
            }
            damaged[at] = value;
            if let Ok(tokenizer) = load(&damaged, None).and_then(Tokenizer::new) {
                for text in ["ここすき 草", "こここ", "すここ\u{20BB7}\0", "き"] {
                    assert!(tokenizer.words(text).len() <= text.len());
                }
            }
        }
        damaged[at] = bytes[at];
    }
}
