use std::{fmt, str::FromStr};

use crate::NameError;

/// Text color of a comment, 8-bit RGB, as the mail commands give it. Displays as `#RRGGBB`.
///
/// ```
/// use nico_comments::Color;
///
/// assert_eq!(Color::parse("orange"), Some(Color::rgb(0xFF, 0xC0, 0x00)));
/// assert_eq!(Color::parse("madyellow"), Color::parse("yellow2"));
/// assert_eq!(Color::parse("#12abEF").map(|c| c.to_string()), Some("#12ABEF".into()));
/// assert_eq!(Color::parse("ue"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Color {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

/// Names in [`NAMED`].
pub(crate) const NUM_NAMES: usize = 28;

/// Names with their values: the ten open to everyone, then the ten Premium ones with their second
/// names. Values of the official player (`docs/spec/comment-formats.md`, section 5).
const NAMED: [(&str, u32); NUM_NAMES] = [
    ("white", 0xFF_FFFF),
    ("red", 0xFF_0000),
    ("pink", 0xFF_8080),
    ("orange", 0xFF_C000),
    ("yellow", 0xFF_FF00),
    ("green", 0x00_FF00),
    ("cyan", 0x00_FFFF),
    ("blue", 0x00_00FF),
    ("purple", 0xC0_00FF),
    ("black", 0x00_0000),
    ("white2", 0xCC_CC99),
    ("niconicowhite", 0xCC_CC99),
    ("red2", 0xCC_0033),
    ("truered", 0xCC_0033),
    ("pink2", 0xFF_33CC),
    ("orange2", 0xFF_6600),
    ("passionorange", 0xFF_6600),
    ("yellow2", 0x99_9900),
    ("madyellow", 0x99_9900),
    ("green2", 0x00_CC66),
    ("elementalgreen", 0x00_CC66),
    ("cyan2", 0x00_CCCC),
    ("blue2", 0x33_99FF),
    ("marineblue", 0x33_99FF),
    ("marinblue", 0x33_99FF),
    ("purple2", 0x66_33CC),
    ("nobleviolet", 0x66_33CC),
    ("black2", 0x66_6666),
];

impl Color {
    /// White, the colour of comments without a colour command.
    pub const WHITE: Self = Self::rgb(255, 255, 255);
    /// Black, the one colour that the player outlines in white.
    pub const BLACK: Self = Self::rgb(0, 0, 0);

    /// A colour of its channels.
    #[must_use]
    pub const fn rgb(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b }
    }

    /// The colour that a command word means: a name in any case, `#RRGGBB` or `#RGB`. `None` for
    /// other words.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word.strip_prefix('#') {
            Some(digits) => Self::parse_digits(digits),
            None => NAMED
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(word))
                .map(|&(_, value)| Self::from_u32(value)),
        }
    }

    /// The name of the colour, the first where it has two; `None` for one that only a code can
    /// give.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.place().map(|place| NAMED[place].0)
    }

    /// The named colours, each once.
    pub fn named() -> impl Iterator<Item = Self> {
        let first = |&(place, color): &(usize, Self)| color.place() == Some(place);
        NAMED
            .iter()
            .map(|&(_, value)| Self::from_u32(value))
            .enumerate()
            .filter(first)
            .map(|(_, color)| color)
    }

    /// The place of the colour's first name in the table.
    pub(crate) fn place(self) -> Option<usize> {
        NAMED
            .iter()
            .position(|&(_, value)| Self::from_u32(value) == self)
    }

    fn parse_digits(digits: &str) -> Option<Self> {
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let value = u32::from_str_radix(digits, 16).ok()?;
        match digits.len() {
            6 => Some(Self::from_u32(value)),
            3 => Some(Self::from_u32(
                (value >> 8) * 0x11_0000 + (value >> 4 & 15) * 0x1100 + (value & 15) * 0x11,
            )),
            _ => None,
        }
    }

    const fn from_u32(value: u32) -> Self {
        let [_, r, g, b] = value.to_be_bytes();
        Self { r, g, b }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("#{:02X}{:02X}{:02X}", self.r, self.g, self.b))
    }
}

/// As [`Color::parse`], with an error.
impl FromStr for Color {
    type Err = NameError;

    fn from_str(word: &str) -> Result<Self, NameError> {
        Self::parse(word).ok_or_else(|| NameError {
            found: word.to_owned(),
            what: "colour",
            expected: "a name such as red, #RRGGBB or #RGB",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_three_digits_double_each() {
        assert_eq!(Color::parse("#1aF"), Some(Color::rgb(0x11, 0xAA, 0xFF)));
    }

    #[test]
    fn named_colours_have_one_name() {
        assert_eq!(
            Color::parse("marinblue").and_then(Color::name),
            Some("blue2")
        );
        assert_eq!(Color::rgb(1, 2, 3).name(), None);
        assert!(Color::named().all(|color| color.name().and_then(Color::parse) == Some(color)));
        assert_eq!(Color::named().count(), 20);
    }

    #[test]
    fn texts_are_parsed_or_an_error() {
        assert_eq!("RED".parse(), Ok(Color::rgb(255, 0, 0)));
        let error = "ue".parse::<Color>().unwrap_err().to_string();
        assert!(error.starts_with("\"ue\" is not a colour"), "{error}");
    }

    #[test]
    fn other_words_are_no_colours() {
        for word in [
            "",
            "#",
            "#12345",
            "#1234567",
            "#+12345",
            "#gggggg",
            "whit",
            "#１２３４５６",
        ] {
            assert_eq!(Color::parse(word), None, "{word}");
        }
    }
}
