use serde::Serialize;

use super::{Beam, Sampling};
use crate::error::{Error, check_batch_size};

/// Widest beam that is searched with.
const MAX_WIDTH: usize = 4_096;

/// Decoding: greedy, beam search or sampling.
///
/// ```
/// use caption_model::{Beam, Decoding, GenerateOptions};
///
/// assert_eq!(Decoding::default(), Decoding::Greedy);
/// let options = GenerateOptions::greedy().decoding(Decoding::Beam(Beam::new(4)));
/// assert_eq!(options, GenerateOptions::beam(Beam::new(4)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decoding {
    /// Greedy decoding: the most probable word, word after word.
    #[default]
    Greedy,
    /// Beam search: the most probable comment among those that a beam finds.
    Beam(Beam),
    /// Sampling: each word is drawn.
    Sample(Sampling),
}

/// Rule for where symbols may stand, as the dictionary calls punctuation, brackets and ♪.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SymbolRule {
    /// Everywhere.
    Everywhere,
    /// Not as the first word: the original's rule.
    #[default]
    NotFirst,
    /// Nowhere.
    Nowhere,
}

/// Options of generation. The default is the original experiment's rule: the first word is drawn
/// from the model's distribution over words that are no symbols; from the second word on the most
/// probable word other than the unknown word is taken, until `<eos>`.
///
/// Every option goes with every other one.
///
/// ```
/// use caption_model::{Beam, GenerateOptions, Sampling};
///
/// let original = GenerateOptions::default().seed(7).max_words(12);
/// assert_eq!(original.batch_size, 256);
/// let beam = GenerateOptions::beam(Beam::new(4)).no_repeat_ngram(2);
/// let nucleus = GenerateOptions::sample(Sampling::default().top_p(0.9)).attention(true);
/// let first_drawn_then_beam = GenerateOptions::beam(Beam::new(4)).first_word(Sampling::default());
/// # let _ = (beam, nucleus, first_drawn_then_beam);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GenerateOptions {
    /// How words are chosen. Default: greedy decoding.
    pub decoding: Decoding,
    /// How the first word is drawn; `None` chooses it as the others. Default: drawn as the model
    /// says. Without it greedy and beam search write the same comment every time a frame is asked
    /// for one.
    pub first_word: Option<Sampling>,
    /// Where symbols may stand. Default: not first.
    pub symbols: SymbolRule,
    /// Whether the unknown word may be written. Default: no.
    pub unknown: bool,
    /// No run of so many words is written twice in a comment. Default: `None`, for people write
    /// 8888 and www.
    pub no_repeat_ngram: Option<usize>,
    /// What the log-probability of a word that was written before is multiplied with (Keskar et al.
    /// 2019, section 4.1, there on scores): above 1 it becomes rarer, 1 changes nothing. Default:
    /// 1.
    pub repetition_penalty: f32,
    /// Fewest words of a comment, at least one. Default: 1.
    pub min_words: usize,
    /// Most words of a comment, 1 to [`MAX_WORDS`](Self::MAX_WORDS). Default: 30.
    pub max_words: usize,
    /// Rows of the network at once, at least one: comments, or comments times the width of the
    /// beam, of which there is always one. Default: 256.
    pub batch_size: usize,
    /// Seed of what is drawn. Each comment has random numbers of its own, by its place among those
    /// asked for: the same seed draws the same, whatever the batch size. Default: 1.
    pub seed: u64,
    /// Whether to say where the model looked before each word, where it has attention. Default: no.
    pub attention: bool,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self {
            decoding: Decoding::Greedy,
            first_word: Some(Sampling::default()),
            symbols: SymbolRule::NotFirst,
            unknown: false,
            no_repeat_ngram: None,
            repetition_penalty: 1.0,
            min_words: 1,
            max_words: 30,
            batch_size: 256,
            seed: 1,
            attention: false,
        }
    }
}

impl GenerateOptions {
    /// Longest comment that is written, in words.
    pub const MAX_WORDS: usize = 1_000;

    /// Greedy decoding, also for the first word.
    #[must_use]
    pub fn greedy() -> Self {
        Self {
            first_word: None,
            ..Self::default()
        }
    }

    /// Beam search, also for the first word.
    #[must_use]
    pub fn beam(beam: Beam) -> Self {
        Self {
            decoding: Decoding::Beam(beam),
            ..Self::greedy()
        }
    }

    /// Sampling of every word, also the first.
    #[must_use]
    pub fn sample(sampling: Sampling) -> Self {
        Self {
            decoding: Decoding::Sample(sampling),
            ..Self::greedy()
        }
    }

    /// Sets [`decoding`](Self::decoding).
    #[must_use]
    pub fn decoding(mut self, decoding: Decoding) -> Self {
        self.decoding = decoding;
        self
    }

    /// Sets [`first_word`](Self::first_word).
    #[must_use]
    pub fn first_word(mut self, sampling: impl Into<Option<Sampling>>) -> Self {
        self.first_word = sampling.into();
        self
    }

    /// Sets [`symbols`](Self::symbols).
    #[must_use]
    pub fn symbols(mut self, symbols: SymbolRule) -> Self {
        self.symbols = symbols;
        self
    }

    /// Sets [`unknown`](Self::unknown).
    #[must_use]
    pub fn unknown(mut self, allowed: bool) -> Self {
        self.unknown = allowed;
        self
    }

    /// Sets [`no_repeat_ngram`](Self::no_repeat_ngram).
    #[must_use]
    pub fn no_repeat_ngram(mut self, words: impl Into<Option<usize>>) -> Self {
        self.no_repeat_ngram = words.into();
        self
    }

    /// Sets [`repetition_penalty`](Self::repetition_penalty).
    #[must_use]
    pub fn repetition_penalty(mut self, factor: f32) -> Self {
        self.repetition_penalty = factor;
        self
    }

    /// Sets [`min_words`](Self::min_words).
    #[must_use]
    pub fn min_words(mut self, words: usize) -> Self {
        self.min_words = words;
        self
    }

    /// Sets [`max_words`](Self::max_words).
    #[must_use]
    pub fn max_words(mut self, words: usize) -> Self {
        self.max_words = words;
        self
    }

    /// Sets [`batch_size`](Self::batch_size).
    #[must_use]
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = rows;
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets [`attention`](Self::attention).
    #[must_use]
    pub fn attention(mut self, wanted: bool) -> Self {
        self.attention = wanted;
        self
    }

    /// Comments written at once.
    pub(crate) fn comments_at_once(&self) -> usize {
        let rows = match &self.decoding {
            Decoding::Beam(beam) => self.batch_size / beam.width,
            Decoding::Greedy | Decoding::Sample(_) => self.batch_size,
        };
        rows.max(1)
    }

    /// Refuses values that cannot work, as generating does: for programs that have long work to do
    /// before.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] names the option, its value and what it may be.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |option, value: String, expected| {
            Err(Error::Option {
                option,
                value,
                expected,
            })
        };
        if let Decoding::Beam(beam) = &self.decoding {
            if !(1..=MAX_WIDTH).contains(&beam.width) {
                return refuse("width of the beam", beam.width.to_string(), "1 to 4096");
            }
            let alpha = beam.length_penalty.exponent();
            if !(0.0..=10.0).contains(&alpha) {
                return refuse("length penalty", alpha.to_string(), "0 to 10");
            }
        }
        let drawn = match &self.decoding {
            Decoding::Sample(sampling) => Some(sampling),
            _ => None,
        };
        for sampling in drawn.into_iter().chain(&self.first_word) {
            sampling.check()?;
        }
        if self.no_repeat_ngram == Some(0) {
            return refuse("no_repeat_ngram", "0".into(), "1 or more");
        }
        if !(0.01..=100.0).contains(&self.repetition_penalty) {
            let value = self.repetition_penalty.to_string();
            return refuse("repetition_penalty", value, "0.01 to 100");
        }
        if !(1..=Self::MAX_WORDS).contains(&self.max_words) {
            let value = self.max_words.to_string();
            return refuse("max_words", value, "1 to 1000");
        }
        if !(1..=self.max_words).contains(&self.min_words) {
            let value = self.min_words.to_string();
            return refuse("min_words", value, "1 to max_words");
        }
        check_batch_size(self.batch_size)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::LengthPenalty;

    #[test]
    fn values_that_cannot_work_are_named() {
        let default = GenerateOptions::default;
        let beam = |beam| GenerateOptions::beam(beam);
        let alpha = LengthPenalty::Wu { alpha: f64::NAN };
        for (options, name) in [
            (beam(Beam::new(0)), "width"),
            (beam(Beam::new(usize::MAX)), "width"),
            (beam(Beam::new(2).length_penalty(alpha)), "length penalty"),
            (
                default().first_word(Sampling::default().top_p(0.0)),
                "top_p",
            ),
            (
                GenerateOptions::sample(Sampling::default().temperature(0.0)),
                "temperature",
            ),
            (
                GenerateOptions::sample(Sampling::default().top_k(0)),
                "top_k",
            ),
            (default().no_repeat_ngram(0), "no_repeat_ngram"),
            (default().repetition_penalty(0.0), "repetition_penalty"),
            (default().min_words(9).max_words(8), "min_words"),
            (default().max_words(1_001), "max_words"),
            (default().max_words(0), "max_words"),
            (default().min_words(0), "min_words"),
            (default().batch_size(0), "batch_size"),
        ] {
            let message = options.check().unwrap_err().to_string();
            assert!(message.contains(name), "{name}: {message}");
        }
        assert!(default().check().is_ok());
    }
}
