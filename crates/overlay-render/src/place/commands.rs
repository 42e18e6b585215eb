//! What the words of a comment's mail ask for: `docs/spec/comment-layout.md`, sections 3 and 4.

use nico_comments::{Color, Mail, Position, Size};

use crate::rgba::Rgba;
use crate::text::family::Family;

/// Words looked at, and the longest one.
const MAX_WORDS: usize = 64;
const MAX_WORD_LEN: usize = 128;
/// How long a comment is shown that does not say so by `@N`, in centiseconds.
const USUAL_DISPLAY: i64 = 300;
/// Longest display of a comment, in centiseconds.
const MAX_LONG: f64 = 12_000.0;
/// Longest a script works.
const MAX_SCRIPT: f64 = 360_000.0;

/// The four properties that `@デフォルト` and `@置換` can give to other comments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Style {
    pub(crate) position: Option<Position>,
    pub(crate) size: Option<Size>,
    pub(crate) font: Option<Family>,
    pub(crate) color: Option<Fill>,
}

/// A fill colour, and whether it was written as the six-digit black or the name, which get a white
/// outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fill {
    pub(crate) color: Color,
    pub(crate) short: bool, // `#rgb`
}

/// Everything that the words say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Commands {
    pub(crate) style: Style,
    /// Display time in centiseconds, [`USUAL_DISPLAY`] if absent or nonsense.
    pub(crate) long: i64,
    /// Whether the words say the display time.
    pub(crate) says_long: bool,
    /// The last `@N`, in centiseconds, for scripts: absent, 0, or up to an hour.
    pub(crate) script_long: Option<i64>,
    pub(crate) full: bool,
    pub(crate) ender: bool,
    pub(crate) invisible: bool,
    pub(crate) live: bool,
    pub(crate) says_naka: bool,
    pub(crate) stroke: Option<Stroke>,
    pub(crate) fill_box: Option<Rgba>,
    pub(crate) frame: Option<Rgba>,
    pub(crate) opacity: Option<f64>,
}

/// The colour of `nico:stroke`; without an alpha of its own it has the outline's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) color: Color,
    pub(crate) alpha: Option<u8>,
}

impl Commands {
    pub(crate) fn parse(mail: &Mail, premium: bool) -> Self {
        let mut commands = Self {
            long: USUAL_DISPLAY,
            ..Self::default()
        };
        let words = mail.words().take(MAX_WORDS);
        for word in words.filter(|word| word.chars().count() <= MAX_WORD_LEN) {
            commands.word(word, premium);
        }
        commands
    }

    fn word(&mut self, word: &str, premium: bool) {
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        let style = &mut self.style;
        if let Some(number) = word.strip_prefix(['@', '＠']) {
            self.duration(number);
        } else if let Some(rest) = strip_nico(word) {
            self.extension(rest);
        } else if word.starts_with('#') {
            if premium && style.color.is_none() {
                style.color = Color::parse(word).map(|color| Fill {
                    color,
                    short: word.len() == 4,
                });
            }
        } else if is("full") {
            self.full = true;
        } else if is("ender") {
            self.ender = true;
        } else if is("invisible") {
            self.invisible = true;
        } else if is("_live") {
            self.live = true;
        } else if let Some(position) = named(Position::ALL, Position::as_str, word) {
            self.says_naka |= position == Position::Naka;
            style.position.get_or_insert(position);
        } else if let Some(size) = named(Size::ALL, Size::as_str, word) {
            style.size.get_or_insert(size);
        } else if let Some(font) = Family::named(word) {
            style.font.get_or_insert(font);
        } else if let Some(color) = Color::parse(word) {
            let short = false;
            style.color.get_or_insert(Fill { color, short });
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "clamped to at most an hour in centiseconds before"
    )]
    fn duration(&mut self, number: &str) {
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return;
        }
        let centis = number
            .parse::<f64>()
            .ok()
            .map(|secs| (secs * 100.0).floor());
        self.script_long = centis.map(|cs| cs.min(MAX_SCRIPT) as i64);
        self.says_long = centis.is_some_and(|cs| cs >= 1.0);
        self.long = match centis {
            Some(cs) if cs >= 1.0 => cs.min(MAX_LONG) as i64,
            _ => USUAL_DISPLAY,
        };
    }

    /// `nico:stroke:C` and the other words that the reference added to the player's.
    fn extension(&mut self, rest: &str) {
        let Some((name, value)) = rest.split_once(':') else {
            return;
        };
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        if is("stroke") {
            let parsed = parse_rgba(value);
            self.stroke = self
                .stroke
                .or(parsed.map(|(color, alpha)| Stroke { color, alpha }));
        } else if is("fill") {
            self.fill_box = self.fill_box.or(parse_rgba(value).map(opaque));
        } else if is("waku") {
            self.frame = self.frame.or(parse_rgba(value).map(opaque));
        } else if is("opacity") && self.opacity.is_none() {
            let opacity: Option<f64> = value.parse().ok();
            self.opacity = opacity.filter(|x| x.is_finite() && *x >= 0.0);
        }
    }
}

fn opaque((color, alpha): (Color, Option<u8>)) -> Rgba {
    Rgba::new(color, alpha.unwrap_or(255))
}

fn strip_nico(word: &str) -> Option<&str> {
    let head = word.get(..5)?;
    head.eq_ignore_ascii_case("nico:").then(|| &word[5..])
}

/// What a word names, ASCII letters in any case. Most words name nothing: `parse` would make an
/// error of each.
fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, word: &str) -> Option<T> {
    let mut all = all.iter().copied();
    all.find(|&one| name(one).eq_ignore_ascii_case(word))
}

/// A name, `#rgb`, `#rgba`, `#rrggbb` or `#rrggbbaa`.
fn parse_rgba(text: &str) -> Option<(Color, Option<u8>)> {
    let Some(digits) = text.strip_prefix('#').filter(|digits| digits.is_ascii()) else {
        return Color::parse(text).map(|color| (color, None));
    };
    let (color, alpha) = match digits.len() {
        4 => (&digits[..3], Some(digits[3..].repeat(2))),
        8 => (&digits[..6], Some(digits[6..].to_owned())),
        _ => (digits, None),
    };
    let color = Color::parse(&format!("#{color}"))?;
    match alpha {
        None => Some((color, None)),
        Some(alpha) => Some((color, Some(u8::from_str_radix(&alpha, 16).ok()?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(mail: &str) -> Commands {
        Commands::parse(&Mail::parse(mail), true)
    }

    #[test]
    fn first_words_win_except_for_the_duration() {
        let commands = parse("184 UE shita big small @3.9 @3.939 red #00ff00 mincho");
        assert_eq!(commands.style.position, Some(Position::Ue));
        assert_eq!(commands.style.size, Some(Size::Big));
        assert_eq!(commands.style.font, Some(Family::Mincho));
        assert_eq!(
            commands.style.color.map(|fill| fill.color),
            Color::parse("red")
        );
        assert_eq!(commands.long, 393);
    }

    #[test]
    fn durations_have_limits() {
        assert_eq!(parse("@0").long, 300);
        assert_eq!(parse("@0").script_long, Some(0));
        assert_eq!(parse("＠500").long, 12_000);
        assert_eq!(parse("@1.2.3").long, 300);
        assert_eq!(parse("@a").script_long, None);
    }

    #[test]
    fn codes_need_premium() {
        let mail = Mail::parse("#123456 red");
        assert_eq!(
            Commands::parse(&mail, false)
                .style
                .color
                .map(|fill| fill.color),
            Color::parse("red")
        );
        assert!(parse("#FFF").style.color.is_some_and(|fill| fill.short));
    }

    #[test]
    fn extensions_of_the_reference() {
        let commands =
            parse("nico:stroke:#FF000080 nico:fill:blue nico:opacity:0.25 nico:waku:#F00");
        assert_eq!(commands.stroke.and_then(|stroke| stroke.alpha), Some(0x80));
        assert_eq!(
            commands.fill_box,
            Some(Rgba::new(Color::rgb(0, 0, 255), 255))
        );
        assert_eq!(commands.frame, Some(Rgba::new(Color::rgb(255, 0, 0), 255)));
        assert_eq!(commands.opacity, Some(0.25));
        assert_eq!(parse("nico:stroke:#ééé nico:opacity:-1 nico:"), parse(""));
    }
}
