//! How much of what a crowd writes repeats what was just written.

use std::collections::{HashMap, VecDeque};

/// What was written so long ago, in milliseconds, is no echo any more.
const PAST: i64 = 60_000;
/// The most that may be echoes of the latest comments. People's share is 15 % in the mean of 48
/// episodes, 5 to 26 % (`docs/results/commenting.md`).
const MOST: f64 = 0.2;
/// How many of the latest comments are counted.
const LATEST: usize = 200;
/// Texts that are kept without looking whether they are still needed.
const KEPT: usize = 1_024;

/// Counts how many of the latest comments that were written here repeat a text of the past minute,
/// by whomever.
///
/// A crowd reads what it writes, and what is short and usual becomes likelier each time: without a
/// bound it may end in saying one thing.
#[derive(Debug)]
pub(super) struct Echoes {
    /// When each text was written last.
    last: HashMap<String, i64>,
    /// When so many are kept, those that are too old are forgotten.
    forget_at: usize,
    /// Of the latest comments that were written here whether they are echoes.
    latest: VecDeque<bool>,
}

impl Default for Echoes {
    fn default() -> Self {
        Self {
            last: HashMap::new(),
            forget_at: KEPT,
            latest: VecDeque::new(),
        }
    }
}

impl Echoes {
    /// Takes a comment, folded, that was read or, if `is_ours`, written here.
    pub(super) fn push(&mut self, millis: i64, text: String, is_ours: bool) {
        if is_ours {
            if self.latest.len() == LATEST {
                self.latest.pop_front();
            }
            self.latest.push_back(self.is_echo(millis, &text));
        }
        self.last.insert(text, millis);
        if self.last.len() >= self.forget_at {
            self.last.retain(|_, at| millis.saturating_sub(*at) <= PAST);
            self.forget_at = KEPT.max(2 * self.last.len());
        }
    }

    /// Whether this text, folded, was written in the past minute.
    pub(super) fn is_echo(&self, millis: i64, text: &str) -> bool {
        let last = self.last.get(text);
        last.is_some_and(|last| millis.saturating_sub(*last) <= PAST)
    }

    /// Whether as many of the latest comments are echoes as may be.
    pub(super) fn are_enough(&self) -> bool {
        let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        let echoes = self.latest.iter().filter(|is_echo| **is_echo).count();
        count(echoes) > MOST * count(self.latest.len()) + 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_the_past_minute_is_an_echo() {
        let mut echoes = Echoes::default();
        echoes.push(1_000, "草".to_owned(), false);
        assert!(echoes.is_echo(61_000, "草"));
        assert!(!echoes.is_echo(61_001, "草"));
        assert!(!echoes.is_echo(2_000, "乙"));
    }

    /// What is read is none of ours; of ours a fifth and one more may be.
    #[test]
    fn a_fifth_are_enough() {
        let mut echoes = Echoes::default();
        for millis in 0..50 {
            echoes.push(millis, "草".to_owned(), false);
        }
        assert!(!echoes.are_enough());
        for (number, enough) in [(1, false), (2, true)] {
            echoes.push(50, "草".to_owned(), true);
            assert_eq!(echoes.are_enough(), enough, "{number}");
        }
        for number in 0..20 {
            echoes.push(51, number.to_string(), true);
        }
        assert!(!echoes.are_enough());
    }

    /// A day of comments of which none is like another is not kept.
    #[test]
    fn what_is_old_is_forgotten() {
        let mut echoes = Echoes::default();
        for second in 0..86_400 {
            echoes.push(second * 1_000, second.to_string(), true);
            assert!(echoes.last.len() <= KEPT && echoes.latest.len() <= LATEST);
        }
        assert!(echoes.is_echo(86_400_000, "86390"));
    }
}
