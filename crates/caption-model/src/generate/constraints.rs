use jp_tokenize::{BOS, EOS, PAD, UNK, Vocabulary};

use burn_fused::exp;

use super::{GenerateOptions, SymbolRule, sampling::sum_of_few};

/// Constraints on which word may stand where.
#[derive(Clone, Debug)]
pub(super) struct Constraints {
    /// What is added to the scores of the first word, of the words before the fewest are written,
    /// and of the rest: 0 or −∞.
    masks: [Vec<f32>; 3],
    min_words: usize,
    no_repeat_ngram: Option<usize>,
    repetition_penalty: f32,
}

impl Constraints {
    pub(super) fn new(vocabulary: &Vocabulary, options: &GenerateOptions) -> Self {
        Self::with_symbols(vocabulary.len(), |word| vocabulary.is_symbol(word), options)
    }

    /// Constraints for `num_words` words, of which some are symbols.
    pub(super) fn with_symbols(
        num_words: usize,
        is_symbol: impl Fn(u32) -> bool,
        options: &GenerateOptions,
    ) -> Self {
        let ids = || (0..num_words).map(|id| u32::try_from(id).unwrap_or(u32::MAX));
        let special = |id| match id {
            PAD | BOS => true,
            UNK => !options.unknown,
            _ => false,
        };
        // Nothing but symbols was ever said: then symbols it is.
        let only_symbols = !ids().any(|id| id > UNK && !is_symbol(id));
        let mask = |symbols: bool, eos: bool| {
            let banned = |id: u32| {
                special(id) || (id == EOS && !eos) || (id > UNK && !symbols && is_symbol(id))
            };
            let weight = |id| if banned(id) { f32::NEG_INFINITY } else { 0.0 };
            ids().map(weight).collect::<Vec<f32>>()
        };
        let (first, later) = match options.symbols {
            SymbolRule::Everywhere => (true, true),
            SymbolRule::NotFirst => (only_symbols, true),
            SymbolRule::Nowhere => (only_symbols, only_symbols),
        };
        Self {
            masks: [mask(first, false), mask(later, false), mask(later, true)],
            min_words: options.min_words,
            no_repeat_ngram: options.no_repeat_ngram,
            repetition_penalty: options.repetition_penalty,
        }
    }

    pub(super) fn num_words(&self) -> usize {
        self.masks[0].len()
    }

    /// Which mask a position has, from 0.
    pub(super) fn position_class(&self, position: usize) -> usize {
        match position {
            0 => 0,
            _ if position < self.min_words => 1,
            _ => 2,
        }
    }

    /// The mask of a phase: what is added to the score of each word, 0 or −∞.
    pub(super) fn mask(&self, phase: usize) -> &[f32] {
        &self.masks[phase]
    }

    /// Whether constraints depend on what was written before.
    pub(super) fn needs_history(&self) -> bool {
        self.no_repeat_ngram.is_some() || self.repetition_penalty != 1.0
    }

    /// Changes scores (logarithms of probabilities up to a constant) to those of the words that may
    /// follow `written`: −∞ for the others.
    pub(super) fn apply(&self, written: &[u32], scores: &mut [f32]) {
        if self.repetition_penalty != 1.0 && !written.is_empty() {
            let total = log_sum(scores);
            let mut words = written.to_vec();
            words.sort_unstable();
            words.dedup();
            for word in words {
                if let Some(score) = scores.get_mut(word as usize) {
                    *score = total + self.repetition_penalty * (*score - total);
                }
            }
        }
        for (score, mask) in scores
            .iter_mut()
            .zip(&self.masks[self.position_class(written.len())])
        {
            *score += mask;
        }
        for word in self.repeated(written) {
            if let Some(score) = scores.get_mut(word as usize) {
                *score = f32::NEG_INFINITY;
            }
        }
    }

    /// The words that would complete a run of words that was written before.
    fn repeated<'a>(&self, written: &'a [u32]) -> impl Iterator<Item = u32> + use<'a> {
        let n = self.no_repeat_ngram.filter(|&n| n <= written.len());
        let (runs, end) = match n {
            Some(n) => (written.windows(n), &written[written.len() + 1 - n..]),
            None => (written.windows(usize::MAX), &written[..0]),
        };
        runs.filter_map(move |run| {
            let (&last, start) = run.split_last()?;
            (start == end).then_some(last)
        })
    }
}

/// `ln Σ exp`: sums of a few terms in f32, those sums in f64.
pub(super) fn log_sum(scores: &[f32]) -> f32 {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !largest.is_finite() {
        return largest;
    }
    let mut terms = [0.0; 128];
    let sum: f64 = scores
        .chunks(terms.len())
        .map(|chunk| {
            for (term, score) in terms.iter_mut().zip(chunk) {
                *term = score - largest;
            }
            let terms = &mut terms[..chunk.len()];
            exp(terms);
            f64::from(sum_of_few(terms))
        })
        .sum();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a logarithm, where f32 is what scores are"
    )]
    let log = sum.ln() as f32;
    largest + log
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seven words: the special ones, 4 and 6, and the symbol 5.
    fn constraints(options: &GenerateOptions) -> Constraints {
        Constraints::with_symbols(7, |word| word == 5, options)
    }

    fn allowed(constraints: &Constraints, written: &[u32]) -> Vec<u32> {
        let mut scores = vec![0.0; 7];
        constraints.apply(written, &mut scores);
        (0..7)
            .filter(|&word| scores[word as usize] == 0.0)
            .collect()
    }

    #[test]
    fn symbols_the_unknown_word_and_the_end_stand_where_they_may() {
        let default = GenerateOptions::default;
        let plain = constraints(&default());
        assert_eq!(allowed(&plain, &[]), [4, 6]);
        assert_eq!(allowed(&plain, &[4]), [2, 4, 5, 6]);
        let longer = constraints(&default().min_words(2).symbols(SymbolRule::Nowhere));
        assert_eq!(allowed(&longer, &[4]), [4, 6]);
        assert_eq!(allowed(&longer, &[4, 4]), [2, 4, 6]);
        let open = constraints(&default().unknown(true).symbols(SymbolRule::Everywhere));
        assert_eq!(allowed(&open, &[]), [3, 4, 5, 6]);
    }

    #[test]
    fn where_everything_is_a_symbol_symbols_may_stand() {
        let options = GenerateOptions::default().symbols(SymbolRule::Nowhere);
        let constraints = Constraints::with_symbols(6, |word| word > 3, &options);
        let mut scores = vec![0.0; 6];
        constraints.apply(&[], &mut scores);
        assert_eq!(scores[4..], [0.0, 0.0]);
    }

    /// After 4 6 4 the pair 4 6 was there: 6 may not follow. After 4 4 neither may 4.
    #[test]
    fn no_pair_is_written_twice() {
        let constraints = constraints(&GenerateOptions::default().no_repeat_ngram(2));
        assert_eq!(allowed(&constraints, &[4]), [2, 4, 5, 6]);
        assert_eq!(allowed(&constraints, &[4, 6, 4]), [2, 4, 5]);
        assert_eq!(allowed(&constraints, &[4, 4]), [2, 5, 6]);
    }

    #[test]
    fn no_word_is_written_twice() {
        let constraints = constraints(&GenerateOptions::default().no_repeat_ngram(1));
        assert_eq!(allowed(&constraints, &[]), [4, 6]);
        assert_eq!(allowed(&constraints, &[4, 6]), [2, 5]);
        assert_eq!(allowed(&constraints, &[4, 5, 6]), [2]);
    }

    /// Word 4 has probability 1/4 of all: ln 1/4 times 2 is ln 1/16, whatever constant the scores
    /// carry.
    #[test]
    fn words_written_before_become_rarer() {
        let constraints = constraints(&GenerateOptions::default().repetition_penalty(2.0));
        for constant in [0.0, 3.0, -20.0] {
            let mut scores: Vec<f32> = [0.125f32, 0.125, 0.125, 0.125, 0.25, 0.125, 0.125]
                .map(|p| p.ln() + constant)
                .to_vec();
            constraints.apply(&[4], &mut scores);
            assert!((scores[4] - constant - (1.0f32 / 16.0).ln()).abs() < 1e-4);
            assert!((scores[6] - constant - 0.125f32.ln()).abs() < 1e-4);
        }
    }

    #[test]
    fn log_sums_by_hand() {
        assert!((log_sum(&[0.0; 1000]) - 1000f32.ln()).abs() < 1e-5);
        assert!((log_sum(&[1000.0, 1000.0]) - 1000.0 - 2f32.ln()).abs() < 1e-4);
        assert_eq!(log_sum(&[f32::NEG_INFINITY; 3]), f32::NEG_INFINITY);
    }
}
