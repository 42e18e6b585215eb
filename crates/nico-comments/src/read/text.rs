//! What happens to every text, whatever format it came in: control characters are deleted, line
//! ends become LF (`docs/spec/comment-formats.md`, section 1.2, rule 5).

use std::borrow::Cow;

/// Whether [`clean`] would change something about this byte: all controls below U+0020 but TAB and
/// LF. Without a branch, for [`any_byte`].
pub(super) fn is_control(byte: u8) -> bool {
    (byte < 0x20) & (byte != b'\t') & (byte != b'\n')
}

/// Whether a byte passes `test`. Looks at all bytes of a block before it decides, which the
/// compiler turns into a few instructions for all of them, if `test` has no branch (`|` and `&`
/// instead of `||` and `&&`): else it takes byte after byte, and reading a file a fifth longer.
pub(super) fn any_byte(bytes: &[u8], test: impl Fn(u8) -> bool) -> bool {
    let any = |block: &[u8; 32]| {
        let found = |found, &byte: &u8| found | u8::from(test(byte));
        block.iter().fold(0, found) != 0
    };
    match bytes.last_chunk() {
        // The last block may overlap the one before.
        Some(last) => bytes.as_chunks().0.iter().any(any) || any(last),
        None => bytes.iter().any(|&byte| test(byte)),
    }
}

/// The bytes as text, invalid UTF-8 as U+FFFD. Faster than asking the standard library at once
/// where all is valid.
pub(super) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Deletes U+0000–08, 0B, 0C and 0E–1F; CRLF and CR become LF.
pub(crate) fn clean(text: Cow<'_, str>) -> Cow<'_, str> {
    if !any_byte(text.as_bytes(), is_control) {
        return text;
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                cleaned.push('\n');
            }
            '\t' | '\n' | ' '.. => cleaned.push(c),
            _ => {}
        }
    }
    Cow::Owned(cleaned)
}

/// An integer as XML attributes hold it: white space around it and a sign are allowed, it must fit.
pub(super) fn integer(text: &str) -> Option<i64> {
    // Nearly all are a few digits and nothing else.
    let mut number = 0;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 || text.len() > 18 {
            return text.trim().parse().ok();
        }
        number = number * 10 + i64::from(digit);
    }
    (!text.is_empty()).then_some(number)
}

/// An integer as JSON members hold it: also `200.0` and `2e2`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "whole and within ±2^63, which is checked"
)]
pub(super) fn lenient_integer(text: &str) -> Option<i64> {
    integer(text).or_else(|| {
        let number: f64 = text.trim().parse().ok()?;
        let limit = 9_223_372_036_854_775_808.0; // 2^63
        (number.fract() == 0.0 && (-limit..limit).contains(&number)).then_some(number as i64)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn controls_go_and_line_ends_become_lf() {
        assert_eq!(
            clean("a\0\u{8}b\tc\r\nd\re\n\u{7F}\u{1F}".into()),
            "ab\tc\nd\ne\n\u{7F}"
        );
        assert!(matches!(clean("草\u{200B}".into()), Cow::Borrowed(_)));
    }

    #[test]
    fn integers_fit_or_are_none() {
        assert_eq!(integer(" +600\n"), Some(600));
        assert_eq!(integer("99999999999999999999"), None);
        assert_eq!(integer("200.0"), None);
        assert_eq!(lenient_integer("200.0"), Some(200));
        assert_eq!(lenient_integer("-2e2"), Some(-200));
        assert_eq!(lenient_integer("1e19"), None);
        assert_eq!(lenient_integer("0.5"), None);
        assert_eq!(lenient_integer("nan"), None);
    }

    proptest! {
        #[test]
        fn bytes_are_found_wherever_they_are(bytes in prop::collection::vec(any::<u8>(), 0..100), wanted: u8) {
            prop_assert_eq!(any_byte(&bytes, |byte| byte == wanted), bytes.contains(&wanted));
        }

        #[test]
        fn integers_are_those_of_the_standard_library(text in prop_oneof!["[0-9]{0,22}", "[ +-]?[0-9]{0,20}[ a１]?", any::<i64>().prop_map(|n| n.to_string())]) {
            prop_assert_eq!(integer(&text), text.trim().parse().ok());
        }
    }
}
