use std::fmt::Write;
use std::path::Path;

use crate::error::{DictionaryErrorKind, Error};
use crate::part_of_speech::PartOfSpeech;

/// How many columns of a dictionary's CSV file follow the four of the split: the features.
const FEATURES: usize = 9;

/// A lexicon of words learnt from texts, the one that saves most bits first.
///
/// As [CSV](Self::to_csv) it is a user lexicon as MeCab reads them, which
/// [`Dictionary::with_user_lexicon`](crate::Dictionary::with_user_lexicon) adds to the dictionary
/// that it was learnt with.
///
/// ```
/// use jp_tokenize::Lexicon;
///
/// let csv = "うぽつ,1285,1285,6400,名詞,一般,*,*,*,*,うぽつ,*,*,12,2.3,22,236\n";
/// let lexicon = Lexicon::from_csv(csv)?;
/// assert_eq!(lexicon.entries()[0].surface, "うぽつ");
/// assert_eq!(lexicon.to_csv(), csv);
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lexicon {
    entries: Vec<LexiconEntry>,
}

/// An entry of a [`Lexicon`]: a word with its connection ids, its cost and what it was learnt from.
///
/// ```
/// let lexicon = jp_tokenize::Lexicon::from_csv("わこつ,5,6,4000,名詞,一般\n")?;
/// let entry = &lexicon.entries()[0];
/// assert_eq!((entry.left_id, entry.right_id, entry.cost), (5, 6, 4000));
/// assert_eq!((entry.part_of_speech.as_str(), entry.count), ("名詞,一般", 0));
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LexiconEntry {
    /// The word as it stands in texts.
    pub surface: String,
    /// Left connection id, to the word before it: one of the dictionary's.
    pub left_id: u16,
    /// Right connection id, to the word after it: one of the dictionary's.
    pub right_id: u16,
    /// Word cost: the lower, the sooner it comes out.
    pub cost: i16,
    /// Its part of speech, that of the dictionary's common nouns.
    pub part_of_speech: String,
    /// How often it counted as a word, see
    /// [`SlangOptions::min_count`](crate::SlangOptions::min_count). 0 if not known.
    pub count: u64,
    /// The branching entropy on its less free side, in bits. 0 if not known.
    pub branching_entropy: f64,
    /// The bits of description length that each occurrence saves. 0 if not known.
    pub bits_saved: f64,
    /// The bits that all its occurrences save, less those that spell it once. 0 if not known.
    pub gain: f64,
}

impl Lexicon {
    pub(super) fn new(entries: Vec<LexiconEntry>) -> Self {
        Self { entries }
    }

    /// The entries, the one that saves most bits first.
    #[must_use]
    pub fn entries(&self) -> &[LexiconEntry] {
        &self.entries
    }

    /// Writes a user lexicon in MeCab's CSV form: a line a word, with surface, left and right id,
    /// cost, nine features as IPADIC has them, and four more with count, branching entropy, bits
    /// saved and gain. Numbers are rounded to two places.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut csv = String::new();
        for entry in &self.entries {
            let part_of_speech: Vec<_> = entry.part_of_speech.split(',').collect();
            let levels = part_of_speech.iter().chain(&["*"; 6]).take(6);
            let levels = levels.copied().collect::<Vec<_>>().join(",");
            let surface = quoted(&entry.surface);
            let [branching_entropy, bits_saved, gain] =
                [entry.branching_entropy, entry.bits_saved, entry.gain]
                    .map(|x| (x * 100.0).round() / 100.0);
            let _infallible = writeln!(
                csv,
                "{surface},{},{},{},{levels},{surface},*,*,{},{branching_entropy},{bits_saved},{gain}",
                entry.left_id, entry.right_id, entry.cost, entry.count
            );
        }
        csv
    }

    /// Parses a user lexicon in MeCab's CSV form. What [`to_csv`](Self::to_csv) writes comes back,
    /// but for the rounding; of others count, branching entropy, bits saved and gain are 0. Empty
    /// lines, comments (lines that begin with `#`) and a byte-order mark are skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Dictionary`], with the line, if one has fewer than four columns, an empty word, or
    /// an id or cost that is none: what is left empty is filled in by
    /// [`Dictionary::with_user_lexicon`](crate::Dictionary::with_user_lexicon) alone.
    pub fn from_csv(csv: &str) -> Result<Self, Error> {
        let csv = csv.strip_prefix('\u{FEFF}').unwrap_or(csv);
        let mut entries = Vec::new();
        for (line, number) in csv.lines().zip(1_u64..) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let columns = columns(line);
            let wrong = |what: &str| {
                let reason = format!("{what}: {line:?}");
                let kind = DictionaryErrorKind::malformed(number, reason);
                Error::dictionary(Path::new("user lexicon"), kind)
            };
            let [surface, left_id, right_id, cost, features @ ..] = &columns[..] else {
                return Err(wrong("fewer than four columns"));
            };
            if surface.is_empty() {
                return Err(wrong("the word is empty"));
            }
            let id = |text: &str| {
                text.parse()
                    .map_err(|_| wrong("an id is no number up to 65535"))
            };
            let number = |at: usize| -> f64 {
                let text = features.get(FEATURES + at);
                let number: Option<f64> = text.and_then(|text| text.parse().ok());
                number.filter(|number| number.is_finite()).unwrap_or(0.0)
            };
            let levels = features
                .iter()
                .take(4)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(",");
            entries.push(LexiconEntry {
                surface: surface.clone(),
                left_id: id(left_id)?,
                right_id: id(right_id)?,
                cost: cost
                    .parse()
                    .map_err(|_| wrong("the cost is no number from -32768 to 32767"))?,
                part_of_speech: PartOfSpeech::parse(&levels).as_str().to_owned(),
                count: features
                    .get(FEATURES)
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(0),
                branching_entropy: number(1),
                bits_saved: number(2),
                gain: number(3),
            });
        }
        Ok(Self { entries })
    }
}

/// A column, between quotation marks if it would not be one column, or its line a comment, without.
fn quoted(column: &str) -> String {
    if column.contains([',', '"', '\n', '\r']) || column.starts_with('#') {
        format!("\"{}\"", column.replace('"', "\"\""))
    } else {
        column.to_owned()
    }
}

/// The columns of a line.
fn columns(line: &str) -> Vec<String> {
    let mut columns = vec![String::new()];
    let mut is_quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let last = columns.len() - 1;
        match c {
            '"' if is_quoted && chars.next_if_eq(&'"').is_some() => columns[last].push('"'),
            '"' if is_quoted || columns[last].is_empty() => is_quoted = !is_quoted,
            ',' if !is_quoted => columns.push(String::new()),
            _ => columns[last].push(c),
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_commas_and_quotation_marks_come_back() {
        let entry = |surface: &str| LexiconEntry {
            surface: surface.into(),
            left_id: 1,
            right_id: 2,
            cost: -3,
            part_of_speech: "名詞,一般".into(),
            count: 9,
            branching_entropy: 1.25,
            bits_saved: 0.5,
            gain: -1.0,
        };
        let lexicon = Lexicon::new(vec![
            entry("(・,・)"),
            entry("\"あ\""),
            entry("#あ"),
            entry("草"),
        ]);
        assert_eq!(Lexicon::from_csv(&lexicon.to_csv()).unwrap(), lexicon);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_word() {
        let lexicon =
            Lexicon::from_csv("\u{FEFF}#木,1,1,1\r\n草,1,1,1\r\n\r\n木,1,1,1\r\n").unwrap();
        let words = lexicon.entries().iter().map(|entry| &*entry.surface);
        assert_eq!(words.collect::<Vec<_>>(), ["草", "木"]);
    }

    #[test]
    fn errors_name_the_line() {
        for (csv, expected) in [
            (
                "草,1,1,1\n木,1\n",
                "user lexicon: line 2: fewer than four columns: \"木,1\"",
            ),
            (",1,1,1,名詞", "line 1: the word is empty"),
            ("草,x,1,1", "an id is no number"),
            ("草,1,1,70000", "the cost is no number"),
        ] {
            let error = Lexicon::from_csv(csv).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
