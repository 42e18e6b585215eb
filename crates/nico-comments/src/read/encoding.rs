//! From the bytes of a file to UTF-8: which encoding it is in, by its byte-order mark, its zero
//! bytes or its declaration (`docs/spec/comment-formats.md`, section 1.2, rule 1), and decoding it
//! as it comes.

use encoding_rs::{
    BIG5, CoderResult, Decoder, EUC_JP, EUC_KR, Encoding, GBK, REPLACEMENT, SHIFT_JIS, UTF_8,
    UTF_16BE, UTF_16LE,
};
use memchr::memmem;

/// Bytes in which a declaration is looked for.
const HEAD: usize = 512;
/// Bytes from the first that is not ASCII on that are looked at to tell UTF-8 from what is declared.
const PROBE: usize = 16 * 1024;

/// The encoding of a text, beside what was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Name of the encoding, `UTF-8` as long as nothing else showed.
    pub(crate) encoding: &'static str,
    /// Name of the encoding that the file declares, if that is another one.
    pub(crate) declared: Option<&'static str>,
}

/// Makes UTF-8 of the pieces of a file.
pub(crate) struct Transcoder {
    state: State,
    /// Bytes that wait for the state to change.
    held: Vec<u8>,
    found: Found,
}

enum State {
    /// The beginning has to show what it is.
    Head,
    /// UTF-8: bytes go through.
    Utf8,
    /// This is declared; what is not ASCII has to show whether that is so.
    Declared(&'static Encoding),
    Decoding(Decoder),
}

impl Transcoder {
    pub(crate) fn new() -> Self {
        let found = Found {
            encoding: UTF_8.name(),
            declared: None,
        };
        Self {
            state: State::Head,
            held: Vec::new(),
            found,
        }
    }

    /// What the text is in, as far as that has shown.
    pub(crate) fn found(&self) -> Found {
        self.found
    }

    /// Appends what the next `bytes` mean, the last ones if `last`, to `out`; what is malformed in
    /// another encoding than UTF-8, such as a lone surrogate, as U+FFFD. Of UTF-8 the bytes go
    /// through as they are.
    ///
    /// # Errors
    ///
    /// The name of an encoding that is not known.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        last: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        match &mut self.state {
            State::Utf8 => out.extend_from_slice(bytes),
            State::Decoding(decoder) => decode(decoder, bytes, last, out),
            State::Declared(_) if self.held.is_empty() && bytes.is_ascii() => {
                out.extend_from_slice(bytes);
            }
            State::Head => {
                self.held.extend_from_slice(bytes);
                if last || self.held.len() >= HEAD || head_is_whole(&self.held) {
                    self.begin()?;
                    self.push_held(last, out)?;
                }
            }
            State::Declared(declared) => {
                let declared = *declared;
                let ascii = if self.held.is_empty() {
                    Encoding::ascii_valid_up_to(bytes)
                } else {
                    0
                };
                out.extend_from_slice(&bytes[..ascii]);
                self.held.extend_from_slice(&bytes[ascii..]);
                if last || self.held.len() >= PROBE {
                    self.decide(declared, last);
                    self.push_held(last, out)?;
                }
            }
        }
        Ok(())
    }

    fn push_held(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), String> {
        let held = std::mem::take(&mut self.held);
        self.push(&held, last, out)
    }

    /// Looks at the beginning of the file.
    fn begin(&mut self) -> Result<(), String> {
        let encoding = match *self.held {
            [0xFF, 0xFE, 0, 0, ..] | [b'<' | b'[' | b'{', 0, 0, 0, ..] => {
                return Err("UTF-32LE".to_owned());
            }
            [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<' | b'[' | b'{', ..] => {
                return Err("UTF-32BE".to_owned());
            }
            [0xFF, 0xFE, ..] => {
                self.held.drain(..2);
                UTF_16LE
            }
            [0xFE, 0xFF, ..] => {
                self.held.drain(..2);
                UTF_16BE
            }
            [b'<' | b'[' | b'{', 0, ..] => UTF_16LE,
            [0, b'<' | b'[' | b'{', ..] => UTF_16BE,
            _ => return self.begin_declared(),
        };
        self.found.encoding = encoding.name();
        self.state = State::Decoding(encoding.new_decoder_without_bom_handling());
        Ok(())
    }

    /// Looks at the declaration of a file whose beginning is ASCII.
    fn begin_declared(&mut self) -> Result<(), String> {
        self.state = State::Utf8;
        let marked = self.held.starts_with(b"\xEF\xBB\xBF");
        let Some(label) = declared(&self.held) else {
            return Ok(());
        };
        match encoding(label) {
            Some(encoding) if encoding == UTF_8 => {}
            // A mark says UTF-8, and letters that can be read one by one are not of two bytes.
            Some(encoding) if marked || [UTF_16LE, UTF_16BE].contains(&encoding) => {
                self.found.declared = Some(encoding.name());
            }
            Some(encoding) if encoding.is_ascii_compatible() => {
                self.state = State::Declared(encoding);
                self.found.encoding = encoding.name();
            }
            // ISO-2022-JP has no byte that is not ASCII.
            Some(encoding) => {
                self.found.encoding = encoding.name();
                self.state = State::Decoding(encoding.new_decoder_without_bom_handling());
            }
            None if marked => {}
            None => return Err(String::from_utf8_lossy(label).into_owned()),
        }
        Ok(())
    }

    /// Decides by what is held whether the text is in the encoding that it declares.
    fn decide(&mut self, declared: &'static Encoding, last: bool) {
        if is_rather_utf8(&self.held, declared, last) {
            self.found = Found {
                encoding: UTF_8.name(),
                declared: Some(declared.name()),
            };
            self.state = State::Utf8;
        } else {
            self.state = State::Decoding(declared.new_decoder_without_bom_handling());
        }
    }
}

/// Whether what a beginning can tell stands in it: it is no declaration, or a whole one.
fn head_is_whole(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let text = text.trim_ascii_start();
    let declares = text.len() < 5 || text.starts_with(b"<?xml");
    head.len() >= 4 && (!declares || memmem::find(text, b"?>").is_some())
}

/// The label in `encoding="…"` of an XML declaration at the beginning of a file.
fn declared(head: &[u8]) -> Option<&[u8]> {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let text = text.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = memmem::find(text, b"?>").or_else(|| memchr::memchr(b'>', text))?;
    let text = &text[..end];
    let behind = &text[memmem::find(text, b"encoding")? + b"encoding".len()..];
    let behind = behind
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii_start();
    let quote = *behind
        .first()
        .filter(|&&quote| matches!(quote, b'"' | b'\''))?;
    let len = memchr::memchr(quote, &behind[1..])?;
    Some(&behind[1..=len])
}

/// The encoding of a label: those of the web (WHATWG's Encoding Standard), and the names that
/// Windows and Java have for some.
fn encoding(label: &[u8]) -> Option<&'static Encoding> {
    let lower = label.to_ascii_lowercase();
    let named = match &*lower {
        b"cp932" | b"ms_932" | b"windows-932" => Some(SHIFT_JIS),
        b"eucjp" | b"euc_jp" | b"eucjp-ms" | b"cp51932" => Some(EUC_JP),
        b"cp936" => Some(GBK),
        b"cp949" => Some(EUC_KR),
        b"cp950" => Some(BIG5),
        _ => Encoding::for_label(label),
    };
    // What the standard reads as nothing but U+FFFD, for safety in browsers.
    named.filter(|&encoding| encoding != REPLACEMENT)
}

/// Whether bytes of a text that declares another encoding are UTF-8 all the same: they are
/// well-formed, and so much so that it is no accident. Two bytes side by side may be one letter of
/// UTF-8 and a kanji of another encoding; three and more rarely are.
fn is_rather_utf8(bytes: &[u8], declared: &'static Encoding, last: bool) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // Cut off inside a character.
        Err(error) if error.error_len().is_none() && !last => {
            match std::str::from_utf8(&bytes[..error.valid_up_to()]) {
                Ok(text) => text,
                Err(_) => return false,
            }
        }
        Err(_) => return false,
    };
    declared.is_single_byte() || valid.chars().any(|c| c.len_utf8() > 2)
}

/// Appends what `decoder` makes of the next `bytes`, of the last ones if `last`; what is malformed,
/// such as a lone surrogate, as U+FFFD.
fn decode(decoder: &mut Decoder, mut bytes: &[u8], last: bool, out: &mut Vec<u8>) {
    let mut chunk = [0; 1024];
    loop {
        let (result, read, written, _) = decoder.decode_to_utf8(bytes, &mut chunk, last);
        out.extend_from_slice(&chunk[..written]);
        bytes = &bytes[read..];
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file in pieces of every length, and what it was found to be.
    fn read(file: &[u8]) -> Result<(String, Found), String> {
        let mut results = [1, 2, 3, 7, 1000].into_iter().map(|len| {
            let mut transcoder = Transcoder::new();
            let mut out = Vec::new();
            file.chunks(len)
                .try_for_each(|piece| transcoder.push(piece, false, &mut out))?;
            transcoder.push(&[], true, &mut out)?;
            Ok((String::from_utf8(out).expect("UTF-8"), transcoder.found()))
        });
        let first = results.next().expect("a length");
        assert!(results.all(|result| result == first));
        first
    }

    fn declaring(label: &str, text: &str, encoding: &'static Encoding) -> Vec<u8> {
        let file = format!("<?xml version=\"1.0\" encoding='{label}'?><chat>{text}</chat>");
        encoding.encode(&file).0.into_owned()
    }

    #[test]
    fn declared_encodings_are_obeyed() {
        for (label, encoding) in [
            ("Shift_JIS", SHIFT_JIS),
            ("cp932", SHIFT_JIS),
            ("EUC-JP", EUC_JP),
            ("GBK", GBK),
            ("Big5", BIG5),
            ("iso-2022-jp", encoding_rs::ISO_2022_JP),
        ] {
            let text = "日本語のコメント";
            let (read, found) = read(&declaring(label, text, encoding)).unwrap();
            assert!(
                read.ends_with(&format!("<chat>{text}</chat>")),
                "{label}: {read}"
            );
            assert_eq!(
                (found.encoding, found.declared),
                (encoding.name(), None),
                "{label}"
            );
        }
    }

    #[test]
    fn declarations_that_lie_are_told() {
        for label in ["Shift_JIS", "EUC-JP", "windows-1252", "UTF-16"] {
            let (read, found) = read(&declaring(label, "草", UTF_8)).unwrap();
            assert!(read.ends_with("<chat>草</chat>"), "{label}: {read}");
            assert_eq!(found.encoding, "UTF-8");
            assert_eq!(
                found.declared,
                encoding(label.as_bytes()).map(Encoding::name)
            );
        }
        // Two half-width katakana are one letter of UTF-8 as well: the declaration decides.
        let katakana = declaring("Shift_JIS", "ﾂｱ", SHIFT_JIS);
        assert!(read(&katakana).unwrap().0.ends_with("<chat>ﾂｱ</chat>"));
        let marked = [b"\xEF\xBB\xBF".to_vec(), declaring("Shift_JIS", "é", UTF_8)].concat();
        assert_eq!(read(&marked).unwrap().1.declared, Some("Shift_JIS"));
    }

    #[test]
    fn unknown_encodings_are_named() {
        assert_eq!(
            read(&declaring("x-mine", "w", UTF_8)),
            Err("x-mine".to_owned())
        );
        assert_eq!(read(b"\xFF\xFE\0\0<\0\0\0"), Err("UTF-32LE".to_owned()));
        assert_eq!(read(b"\0\0\0<"), Err("UTF-32BE".to_owned()));
    }

    #[test]
    fn utf16_needs_no_mark() {
        let text = "<chat>草\u{1F600}</chat>";
        for mark in [&[][..], &[0xFEFF]] {
            let units = mark.iter().copied().chain(text.encode_utf16());
            let little: Vec<u8> = units.clone().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
            assert_eq!(read(&little).unwrap().0, text);
            assert_eq!(read(&big).unwrap().0, text);
        }
        let lone = read(&[0xFF, 0xFE, 0x00, 0xD8, 0x41, 0x00, 0x42]).unwrap();
        assert_eq!(lone.0, "\u{FFFD}A\u{FFFD}");
    }

    #[test]
    fn everything_else_goes_through() {
        for text in [
            "",
            "<",
            "草",
            "\u{FEFF}[",
            "<?xml version='1.0'?>é",
            "<?xml encoding='UTF-8'",
        ] {
            assert_eq!(read(text.as_bytes()).unwrap().0, text);
        }
    }
}
