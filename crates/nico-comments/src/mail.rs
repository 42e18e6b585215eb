use std::fmt;
use std::time::Duration;

use crate::{Color, Font, Position, Size};

/// Stands between two words in [`Mail`]'s text. A control character that is deleted from every
/// word.
const SEPARATOR: char = '\u{1F}';

/// Mail commands of a comment: words in the order they were written, with typed answers.
///
/// Of each kind the first word counts, as in the official player; words that are no commands are
/// kept and mean nothing. Styles are compared without regard to case; `full`, `ender`, `invisible`
/// and `_live` only count in lower case (`docs/spec/comment-formats.md`, section 5).
///
/// ```
/// use nico_comments::{Color, Mail, Position, Size};
///
/// let mail = Mail::parse("184 ue　RED blue @5 middle");
/// assert_eq!(mail.position(), Position::Ue);
/// assert_eq!(mail.size(), Size::Medium);
/// assert_eq!(mail.color(), Color::parse("red"));
/// assert!(mail.is_184());
/// assert_eq!(mail.words().last(), Some("middle"));
/// assert_eq!(mail.to_string(), "184 ue RED blue @5 middle");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Mail {
    text: String, // words joined by SEPARATOR: one allocation a comment
}

impl Mail {
    /// The words of `text`, separated by white space (U+3000 too).
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Self {
                text: text.to_owned(), // a word as it is, most often `184`
            };
        }
        Self::from_words(text.split_whitespace())
    }

    /// A mail of these words. Empty words and the control character U+001F are left out; white
    /// space inside a word stays, as in files that hold the words as a list.
    #[must_use]
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut mail = Self::default();
        words.into_iter().for_each(|word| mail.push(word));
        mail
    }

    /// The mail that says no more than these looks: a word for each that is not the default.
    pub(crate) fn of_looks(position: Position, size: Size, color: Option<Color>) -> Self {
        let mut mail = Self::default();
        if position != Position::default() {
            mail.push(position.as_str());
        }
        if size != Size::default() {
            mail.push(size.as_str());
        }
        if let Some(color) = color.filter(|&color| color != Color::WHITE) {
            match color.name() {
                Some(name) => mail.push(name),
                None => mail.push(&color.to_string()),
            }
        }
        mail
    }

    /// Adds a word at the end, as [`from_words`](Self::from_words) does.
    pub fn push(&mut self, word: &str) {
        if word.contains(SEPARATOR) {
            let kept: String = word.chars().filter(|&c| c != SEPARATOR).collect();
            return self.push(&kept);
        }
        if word.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push(SEPARATOR);
        }
        self.text.push_str(word);
    }

    /// The words, in order.
    #[must_use]
    pub fn words(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        self.text.split(SEPARATOR).filter(|word| !word.is_empty())
    }

    /// Whether there is no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether `word` is among the words, letter by letter.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.words().any(|w| w == word)
    }

    /// Whether `word` is among the words, ASCII letters in any case.
    fn has_style(&self, word: &str) -> bool {
        self.words().any(|w| w.eq_ignore_ascii_case(word))
    }

    /// The position, [`Position::Naka`] if not given.
    #[must_use]
    pub fn position(&self) -> Position {
        self.words()
            .find_map(Position::from_name)
            .unwrap_or_default()
    }

    /// The size, [`Size::Medium`] if not given.
    #[must_use]
    pub fn size(&self) -> Size {
        self.words().find_map(Size::from_name).unwrap_or_default()
    }

    /// The font, [`Font::Defont`] if not given.
    #[must_use]
    pub fn font(&self) -> Font {
        self.words().find_map(Font::from_name).unwrap_or_default()
    }

    /// The first colour command, name or `#RRGGBB`, whoever wrote it. `None` means white by
    /// default.
    ///
    /// Players ignore codes (and the official one also the second set of names) from somebody
    /// without Premium: [`color_for`](Self::color_for) answers for them.
    #[must_use]
    pub fn color(&self) -> Option<Color> {
        self.words().find_map(Color::parse)
    }

    /// The first colour command that counts for a writer with or without Premium: `#RRGGBB` codes
    /// need it, names do not.
    #[must_use]
    pub fn color_for(&self, premium: bool) -> Option<Color> {
        self.words()
            .filter(|word| premium || !word.starts_with('#'))
            .find_map(Color::parse)
    }

    /// Whether the writer asked for anonymity (`184`).
    #[must_use]
    pub fn is_184(&self) -> bool {
        self.has("184")
    }

    /// The first duration command, `@N` with N in seconds and possibly a fraction.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.durations().next()
    }

    /// All duration commands in order; players that let the last one count take the last. `＠`
    /// (U+FF20) is accepted too.
    #[must_use]
    pub fn durations(&self) -> impl DoubleEndedIterator<Item = Duration> + Clone {
        self.words().filter_map(|word| {
            let number = word.strip_prefix(['@', '＠'])?;
            let digits =
                !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            digits.then(|| {
                number
                    .parse()
                    .ok()
                    .and_then(|secs| Duration::try_from_secs_f64(secs).ok())
            })?
        })
    }

    /// Whether a fixed comment may use the whole width (`full`).
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.has("full")
    }

    /// Whether the text does not shrink because of many lines (`ender`).
    #[must_use]
    pub fn is_ender(&self) -> bool {
        self.has("ender")
    }

    /// Whether the comment is not drawn (`invisible`).
    #[must_use]
    pub fn is_invisible(&self) -> bool {
        self.has("invisible")
    }

    /// Whether the comment is drawn half transparent (`_live`).
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.has("_live")
    }

    /// Whether the comment is marked as comment art (`patissier` or `ca`).
    #[must_use]
    pub fn is_comment_art(&self) -> bool {
        self.has_style("patissier") || self.has_style("ca")
    }
}

impl<'a> FromIterator<&'a str> for Mail {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Self {
        Self::from_words(words)
    }
}

impl From<&str> for Mail {
    fn from(text: &str) -> Self {
        Self::parse(text)
    }
}

/// The words joined by spaces.
impl fmt::Display for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text.replace(SEPARATOR, " "))
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail")?;
        f.debug_list().entries(self.words()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_of_each_kind_counts() {
        let mail = Mail::parse("small ue BIG shita #00ff00 red Gothic mincho");
        assert_eq!(mail.size(), Size::Small);
        assert_eq!(mail.position(), Position::Ue);
        assert_eq!(mail.font(), Font::Gothic);
        assert_eq!(mail.color(), Some(Color::rgb(0, 255, 0)));
        assert_eq!(mail.color_for(false), Some(Color::rgb(255, 0, 0)));
    }

    #[test]
    fn some_words_count_in_lower_case_only() {
        let mail = Mail::parse("FULL Ender INVISIBLE _LIVE Patissier");
        assert!(
            !mail.is_full()
                && !mail.is_ender()
                && !mail.is_invisible()
                && !mail.is_live()
                && mail.is_comment_art()
        );
    }

    #[test]
    fn durations_are_numbers_of_seconds() {
        let mail = Mail::parse("@x @1.2.3 @-4 @ ＠2.5 @60 @99999999999999999999999");
        assert_eq!(mail.duration(), Some(Duration::from_millis(2500)));
        assert_eq!(mail.durations().last(), Some(Duration::from_secs(60)));
    }

    #[test]
    fn words_of_a_list_keep_their_spaces() {
        let mail = Mail::from_words(["184", "", "no command\u{1F}", "\u{1F}", "ue"]);
        assert_eq!(
            mail.words().collect::<Vec<_>>(),
            ["184", "no command", "ue"]
        );
        assert_eq!(format!("{mail:?}"), r#"Mail["184", "no command", "ue"]"#);
    }
}
