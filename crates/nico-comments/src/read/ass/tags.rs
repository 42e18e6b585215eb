//! The text of an event: what it shows, and the override tags between braces.

use super::{Style, number};
use crate::{Color, Vpos};

/// What the text of an event says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Looks {
    pub(super) text: String,
    /// Where it stands, or where its way begins.
    pub(super) at: Option<(f64, f64)>,
    /// Where its way ends.
    pub(super) moves_to: Option<(f64, f64)>,
    /// By the keypad: 7 is the upper left corner.
    pub(super) alignment: u8,
    /// Whether a tag gave the alignment.
    pub(super) is_aligned: bool,
    pub(super) size: f64,
    pub(super) color: Color,
    /// Transparency of the letters, if a tag gave it.
    pub(super) alpha: Option<u8>,
    pub(super) is_drawing: bool,
    /// Whether it changes while it is shown, is cut or turned.
    pub(super) has_effects: bool,
}

/// Reads the text of an event in this style.
pub(super) fn parse(text: &str, style: &Style) -> Looks {
    let mut looks = Looks {
        text: String::with_capacity(text.len()),
        at: None,
        moves_to: None,
        alignment: style.alignment,
        is_aligned: false,
        size: style.size,
        color: style.color,
        alpha: None,
        is_drawing: false,
        has_effects: false,
    };
    let mut rest = text;
    while let Some(at) = rest.find(['{', '\\']) {
        looks.text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(block) = rest.strip_prefix('{')
            && let Some(end) = block.find('}')
        {
            block[..end]
                .split('\\')
                .skip(1)
                .for_each(|tag| looks.apply(tag, style));
            rest = &block[end + 1..];
            continue;
        }
        let (meaning, len) = escape(rest);
        looks.text.push_str(meaning);
        rest = &rest[len..];
    }
    looks.text.push_str(rest);
    looks.text = without_guards(&looks.text);
    looks
}

/// What begins with a brace or backslash and is no block of tags.
fn escape(text: &str) -> (&str, usize) {
    match text.as_bytes() {
        [b'\\', b'N' | b'n', ..] => ("\n", 2),
        [b'\\', b'h', ..] => ("\u{A0}", 2),
        [b'\\', b'{' | b'}', ..] => (&text[1..2], 2),
        // Written behind a backslash so that it means itself.
        [b'\\', 0xE2, 0x80, 0x8B, ..] => ("\\", 4),
        _ => (&text[..1], 1),
    }
}

/// A text without the U+200B that keep blanks at the ends of lines, and with empty lines where one
/// blank stands for them.
fn without_guards(text: &str) -> String {
    let guard = '\u{200B}';
    let blank = |c: char| matches!(c, ' ' | '\t');
    let lines = text.split('\n').map(|line| {
        let line = match line.strip_prefix(guard) {
            Some(behind) if behind.starts_with(blank) => behind,
            _ => line,
        };
        let line = match line.strip_suffix(guard) {
            Some(before) if before.ends_with(blank) => before,
            _ => line,
        };
        if line == " " { "" } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Looks {
    /// Takes a tag in, without its backslash.
    fn apply(&mut self, tag: &str, style: &Style) {
        let tag = tag.trim();
        if let Some(points) = arguments(tag, "move") {
            if let [x, y, to_x, to_y, ..] = points[..] {
                (self.at, self.moves_to) = (Some((x, y)), Some((to_x, to_y)));
            }
        } else if let Some(points) = arguments(tag, "pos") {
            if let [x, y] = points[..] {
                self.at = Some((x, y));
            }
        } else if let Some(size) = tag.strip_prefix("fs").and_then(number) {
            self.size = if size > 0.0 { size } else { style.size };
        } else if let Some(place) = tag.strip_prefix("an").and_then(|text| text.parse().ok()) {
            (self.alignment, self.is_aligned) = (place, true);
        } else if let Some(old) = tag.strip_prefix('a').and_then(|text| text.parse().ok()) {
            (self.alignment, self.is_aligned) = (keypad(old), true);
        } else if let Some(text) = tag.strip_prefix("1a").or_else(|| tag.strip_prefix("alpha")) {
            self.alpha = hex(text).and_then(|value| u8::try_from(value).ok());
        } else if let Some(text) = tag.strip_prefix("1c").or_else(|| tag.strip_prefix('c')) {
            match color(text) {
                Some(color) => self.color = color,
                None if text.is_empty() => self.color = style.color,
                None => self.has_effects |= tag.starts_with("clip"),
            }
        } else if let Some(text) = tag.strip_prefix('p').and_then(number) {
            self.is_drawing |= text > 0.0;
        } else {
            let effects = ["fad", "t(", "iclip", "k", "K", "fr", "fa", "fsc", "org"];
            self.has_effects |= effects.iter().any(|effect| tag.starts_with(effect));
        }
    }
}

/// The numbers of `name(…)`.
fn arguments(tag: &str, name: &str) -> Option<Vec<f64>> {
    let inner = tag.strip_prefix(name)?.trim_start().strip_prefix('(')?;
    let inner = inner.split(')').next()?;
    inner.split(',').take(8).map(number).collect()
}

/// The alignment of SSA's `\a` as that of the keypad.
fn keypad(old: u8) -> u8 {
    match old {
        5..=7 => old + 2,
        9..=11 => old - 5,
        _ => old,
    }
}

/// A colour `&HBBGGRR&` or `&HAABBGGRR`, or a decimal number of the same meaning.
pub(super) fn color(text: &str) -> Option<Color> {
    let [.., b, g, r] = hex(text)?.to_be_bytes();
    Some(Color::rgb(r, g, b))
}

fn hex(text: &str) -> Option<u32> {
    let text = text.trim().trim_matches('&');
    match text.strip_prefix(['H', 'h']) {
        Some(digits) => u32::from_str_radix(digits.trim_end_matches('&'), 16).ok(),
        None => text
            .parse::<i64>()
            .ok()
            .and_then(|value| u32::try_from(value & 0xFFFF_FFFF).ok()),
    }
}

/// A time `H:MM:SS.cc`.
pub(super) fn time(text: &str) -> Option<Vpos> {
    let (rest, seconds) = text.trim().rsplit_once(':')?;
    let (hours, minutes) = rest.rsplit_once(':').unwrap_or(("0", rest));
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let count = |digits: &str| {
        let are = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|_| are)
    };
    let digit = |at: usize| {
        fraction
            .as_bytes()
            .get(at)
            .map_or(0, |&byte| i64::from(byte - b'0'))
    };
    count(fraction)?;
    let minutes = count(hours)?
        .checked_mul(60)?
        .checked_add(count(minutes)?)?;
    let seconds = minutes.checked_mul(60)?.checked_add(count(whole)?)?;
    Some(Vpos(
        seconds
            .checked_mul(100)?
            .checked_add(digit(0) * 10 + digit(1))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(text: &str) -> Looks {
        parse(text, &Style::default())
    }

    #[test]
    fn tags_are_taken_in() {
        let found = looks(r"{\an8\move(640,0,-95.5,0)\fs36\c&H0000FF&\1a&H80&}草\N{\i1}\{1\}");
        assert_eq!(found.text, "草\n{1}");
        assert_eq!(
            (found.at, found.moves_to),
            (Some((640.0, 0.0)), Some((-95.5, 0.0)))
        );
        assert_eq!(
            (found.alignment, found.size, found.alpha),
            (8, 36.0, Some(128))
        );
        assert_eq!(found.color, Color::rgb(255, 0, 0));
        assert!(!found.has_effects && !found.is_drawing);
        assert!(looks(r"{\fad(1,2)}a").has_effects && looks(r"{\t(0,9,\fs20)}a").has_effects);
        assert!(looks(r"{\clip(0,0,1,1)}a").has_effects && looks(r"{\p1}m 0 0").is_drawing);
        assert_eq!(looks(r"{\a6}w").alignment, 8);
        assert_eq!(looks("{not a tag").text, "{not a tag");
        assert_eq!(looks(r"{\pos(1,x)}{}w\").text, r"w\");
    }

    #[test]
    fn what_was_escaped_comes_back() {
        assert_eq!(looks("\\{\\\u{200B}b1\\}").text, r"{\b1}");
        assert_eq!(looks("\u{200B} a\\N \\Nb\t\u{200B}").text, " a\n\nb\t");
    }

    #[test]
    fn times_and_colours() {
        assert_eq!(time("2:01:01.23"), Some(Vpos(726_123)));
        assert_eq!(time("01:02.5"), Some(Vpos(6_250)));
        for text in [
            "",
            "1",
            "a:b:c",
            "1:00:0x",
            "99999999999999999:0:0",
            "0:0:1.-5",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
        assert_eq!(color("&H00FF0102"), Some(Color::rgb(2, 1, 255)));
        assert_eq!(color("65535"), Some(Color::rgb(255, 255, 0)));
        assert_eq!(color("red"), None);
    }
}
