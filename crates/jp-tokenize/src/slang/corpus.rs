use std::collections::HashMap;

use foldhash::fast::RandomState;

/// A run of a character of at least this many is one run, whatever its length: no word begins, ends
/// or lies in it.
const RUN: usize = 3;

/// The distinct texts, one after the other, by character.
#[derive(Debug, Default)]
pub(super) struct Corpus {
    /// What may be part of a word, and NULs for what may not: spaces, control characters, runs; one
    /// ends each text.
    pub(super) chars: Vec<char>,
    /// Whether a word may begin or end before the character: not between two Latin letters or two
    /// digits, for example.
    pub(super) borders: Vec<bool>,
    /// How much an occurrence counts there.
    pub(super) weights: Vec<u8>,
    /// Where each text begins.
    pub(super) starts: Vec<u32>,
}

impl Corpus {
    /// Lines up texts, which are given with how often each occurs, in an order that depends on
    /// nothing else.
    pub(super) fn new(texts: &HashMap<Box<str>, u32, RandomState>) -> (Self, Vec<&str>) {
        let mut sorted: Vec<_> = texts
            .iter()
            .map(|(text, &times)| (&**text, times))
            .collect();
        sorted.sort_unstable();
        let mut corpus = Self::default();
        for &(text, times) in &sorted {
            corpus.push(text, times);
        }
        (corpus, sorted.into_iter().map(|(text, _)| text).collect())
    }

    fn push(&mut self, text: &str, times: u32) {
        let start = self.chars.len();
        self.starts.push(u32::try_from(start).unwrap_or(u32::MAX));
        // A text that is said a thousand times is one person's spam as often as it is a thousand
        // people's word.
        let weight = u8::try_from(times.max(1).ilog2() + 1).unwrap_or(u8::MAX);
        let mut before = None;
        for c in text.chars() {
            let kind = Kind::of(c);
            let part = kind != Kind::Space;
            self.borders
                .push(!part || kind == Kind::Other || before != Some(kind));
            self.chars.push(if part { c } else { '\0' });
            before = Some(kind);
        }
        self.chars.push('\0');
        self.borders.push(true);
        self.weights.resize(self.chars.len(), weight);

        let mut at = start;
        for run in text_runs(&self.chars[start..]) {
            if run >= RUN {
                self.chars[at..at + run].fill('\0');
                let end = self.borders.len().min(at + run + 1);
                self.borders[at..end].fill(true);
            }
            at += run;
        }
    }

    pub(super) fn text(&self, number: usize) -> std::ops::Range<usize> {
        let start = self.starts[number] as usize;
        let next = self.starts.get(number + 1);
        start..next.map_or(self.chars.len(), |&next| next as usize) - 1
    }
}

/// The lengths of the runs of equal characters.
fn text_runs(chars: &[char]) -> Vec<usize> {
    chars.chunk_by(PartialEq::eq).map(<[char]>::len).collect()
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Space,
    Latin,
    Digit,
    Other,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            _ if c.is_whitespace() || c.is_control() || is_invisible(c) => Self::Space,
            'a'..='z' | 'A'..='Z' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' => Self::Latin,
            '0'..='9' | '０'..='９' => Self::Digit,
            _ => Self::Other,
        }
    }
}

/// Characters that show nothing, with which comment art is filled up.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}
