use std::path::Path;

use encoding_rs::EUC_JP;

use crate::error::{DictionaryErrorKind, Error};

/// The text of a dictionary file, in UTF-8 (with or without byte-order mark) or EUC-JP, whichever
/// it is.
///
/// MeCab converts EUC-JP with the system's iconv, whose table differs from the web's, which
/// `encoding_rs` has, in six characters of IPADIC's character set; they come out as iconv has them,
/// so that the same comments match the same words.
pub(super) fn decode(bytes: &[u8], path: &Path) -> Result<String, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let Some(text) = EUC_JP.decode_without_bom_handling_and_without_replacement(bytes) else {
        return Err(Error::dictionary(path, DictionaryErrorKind::Encoding));
    };
    Ok(text.chars().map(as_iconv).collect())
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
    fn euc_jp_and_utf_8_are_told_apart() {
        let path = Path::new("Noun.csv");
        let euc = b"\xa4\xb3\xa4\xb3,1\n\xa1\xc1\xa1\xdd\xa1\xc2\xa1\xf2\n"; // ここ,1
        assert_eq!(decode(euc, path).unwrap(), "ここ,1\n〜−‖£\n");
        assert_eq!(
            decode("\u{FEFF}ここ\u{FF5E}".as_bytes(), path).unwrap(),
            "ここ\u{FF5E}"
        );
        let error = decode(b"\xff\xff", path).unwrap_err();
        assert!(error.to_string().starts_with("Noun.csv: neither"));
    }
}
