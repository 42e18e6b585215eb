//! Owner comment lists: the times of the upload editor's JSON, and the older text form
//! (`docs/spec/comment-formats.md`, section 4).

use std::borrow::Cow;

use super::chat::excerpt;
use super::error::ErrorKind;
use super::text::{clean, lossy};
use crate::{Comment, Fork, Mail, Vpos};

/// The position that `m:s`, `m:s.c` or seconds with or without a fraction mean. A fraction is cut
/// to centiseconds.
pub(crate) fn time(text: &str) -> Option<Vpos> {
    let text = text.trim();
    let (negative, text) = text
        .strip_prefix('-')
        .map_or((false, text), |rest| (true, rest));
    let mut parts = text.split(':');
    let seconds = parts.next_back()?;
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let number = |digits: &str| {
        digits
            .parse::<i64>()
            .ok()
            .filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
    };
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digit = |at: usize| {
        fraction
            .as_bytes()
            .get(at)
            .map_or(0, |b| i64::from(b - b'0'))
    };
    let mut larger = 0_i64; // minutes, or hours and minutes
    for part in parts {
        larger = larger.checked_mul(60)?.checked_add(number(part)?)?;
    }
    let seconds = larger.checked_mul(60)?.checked_add(number(whole)?)?;
    let centis = seconds
        .checked_mul(100)?
        .checked_add(digit(0) * 10 + digit(1))?;
    Some(Vpos(if negative { -centis } else { centis }))
}

/// Whether a text is an owner's list: the first line with two colons begins with a time, and what
/// follows is no further number, as in the times of subtitles and logs.
pub(super) fn begins(text: &[u8]) -> bool {
    let first = text.split(|&byte| byte == b'\n').find_map(line);
    let Some(Ok(comment)) = first else {
        return false;
    };
    !comment
        .mail
        .words()
        .any(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word != "184")
}

/// The comment of a line `seconds:commands:text`. `None` for lines with fewer than two colons.
pub(super) fn line(line: &[u8]) -> Option<Result<Comment, ErrorKind>> {
    let line = lossy(line);
    let line = line.strip_prefix('\u{FEFF}').unwrap_or(&line);
    let mut parts = line.trim_end_matches(['\r', '\n']).splitn(3, ':');
    let (seconds, commands, body) = (parts.next()?, parts.next()?, parts.next()?);
    let comment = time(seconds).map(|vpos| {
        Comment::new(vpos, clean(Cow::Borrowed(body)))
            .mail(Mail::parse(&clean(Cow::Borrowed(commands))))
            .fork(Fork::Owner)
    });
    Some(comment.ok_or_else(|| ErrorKind::Time(excerpt(seconds))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_all_kinds() {
        let cases = [
            ("01:02.50", 6250),
            ("1:2", 6200),
            ("62", 6200),
            ("62.5", 6250),
            ("0.999", 99),
            ("1:00:00", 360_000),
            ("-1.5", -150),
        ];
        for (text, centis) in cases {
            assert_eq!(time(text), Some(Vpos(centis)), "{text}");
        }
        for text in [
            "",
            ":",
            "1.",
            ".5",
            "1:x",
            "+5",
            "1.-5",
            "99999999999999999999",
            "9223372036854775807:00",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn further_colons_belong_to_the_text() {
        let comment = line(b"\xEF\xBB\xBF12.5:ue red:a:b\r\n").unwrap().unwrap();
        assert_eq!(
            (comment.vpos, &*comment.body, comment.mail.to_string()),
            (Vpos(1250), "a:b", "ue red".into())
        );
        assert!(comment.is_owner());
        assert!(line(b"12:ue").is_none());
        assert!(line(b"x:ue:text").unwrap().is_err());
    }
}
