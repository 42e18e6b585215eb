use std::path::Path;

use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS};

use crate::error::{DictionaryErrorKind, Error};

/// The text of a dictionary file: in UTF-8, EUC-JP or Shift_JIS, whichever it is, or in UTF-16
/// with its byte-order mark.
///
/// MeCab converts EUC-JP and Shift_JIS with the system's iconv, whose table differs from the web's,
/// which `encoding_rs` has, in six characters of IPADIC's character set; they come out as iconv has
/// them, so that the same comments match the same words.
pub(super) fn decode(bytes: &[u8], path: &Path) -> Result<String, Error> {
    let strict = |encoding: &'static Encoding, bytes| {
        encoding.decode_without_bom_handling_and_without_replacement(bytes)
    };
    let wrong = |kind| Error::dictionary(path, kind);
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let text = strict(encoding, &bytes[length..]);
        let text = text.ok_or_else(|| wrong(DictionaryErrorKind::Undecodable(encoding.name())))?;
        return Ok(text.into_owned());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let text = strict(EUC_JP, bytes)
        .or_else(|| strict(SHIFT_JIS, bytes).filter(|text| !is_mostly_half_width_kana(text)))
        .ok_or_else(|| wrong(DictionaryErrorKind::Encoding))?;
    Ok(text.chars().map(as_iconv).collect())
}

/// Whether a text looks like damaged EUC-JP that was taken for Shift_JIS: nearly every byte of it
/// is a half-width katakana there.
fn is_mostly_half_width_kana(text: &str) -> bool {
    let is_half_width = |c: &char| ('\u{FF61}'..='\u{FF9F}').contains(c);
    let half_width = text.chars().filter(is_half_width).count();
    2 * half_width > text.chars().filter(|c| !c.is_ascii()).count()
}

fn as_iconv(c: char) -> char {
    match c {
        '\u{FF5E}' => '\u{301C}', // 0xA1C1, wave dash
        '\u{FF0D}' => '\u{2212}', // 0xA1DD, minus sign
        '\u{2225}' => '\u{2016}', // 0xA1C2, double vertical line
        '\u{FFE0}' => '\u{00A2}', // 0xA1F1, cent sign
        '\u{FFE1}' => '\u{00A3}', // 0xA1F2, pound sign
        '\u{FFE2}' => '\u{00AC}', // 0xA2CC, not sign
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let path = Path::new("Noun.csv");
        let euc = b"\xa4\xb3\xa4\xb3,1\n\xa1\xc1\xa1\xdd\xa1\xc2\xa1\xf2\n"; // ここ,1
        assert_eq!(decode(euc, path).unwrap(), "ここ,1\n〜−‖£\n");
        let sjis = b"\xca\xdf\xbc,,,1,\x96\xbc\x8e\x8c,\x88\xea\x94\xca,\x81\x60\n"; // ﾊﾟｼ,,,1,名詞,一般,〜
        assert_eq!(decode(sjis, path).unwrap(), "ﾊﾟｼ,,,1,名詞,一般,〜\n");
        assert_eq!(
            decode("\u{FEFF}ここ\u{FF5E}".as_bytes(), path).unwrap(),
            "ここ\u{FF5E}"
        );
        let utf16 = "\u{FEFF}ここ\u{FF5E}".encode_utf16();
        let little: Vec<u8> = utf16.clone().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = utf16.flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&little, path).unwrap(), "ここ\u{FF5E}");
        assert_eq!(decode(&big, path).unwrap(), "ここ\u{FF5E}");
    }

    /// No other words than those of the file: what is damaged is an error, in whatever encoding.
    #[test]
    fn damage_is_named() {
        let path = Path::new("Noun.csv");
        for (bytes, expected) in [
            (
                &b"\xff\xff"[..],
                "Noun.csv: neither UTF-8, EUC-JP nor Shift_JIS",
            ),
            // 名詞,一般 in EUC-JP with a byte too many, which is half-width kana in Shift_JIS.
            (
                b"\xcc\xbe\xbb\xec,\xb0\xec\xc8\xcc\xb0,",
                "Noun.csv: neither UTF-8",
            ),
            (
                b"\xEF\xBB\xBF\xff",
                "Noun.csv: not UTF-8, as its byte-order mark says",
            ),
            (
                b"\xFF\xFE\x00\xD8",
                "Noun.csv: not UTF-16LE, as its byte-order mark says",
            ),
        ] {
            let error = decode(bytes, path).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
