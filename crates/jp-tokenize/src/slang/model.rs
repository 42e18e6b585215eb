//! What words, candidates and characters cost, in bits.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::corpus::Corpus;

/// Counts of a round, and what follows from them.
pub(super) struct Model {
    pub(super) words: Vec<u64>,
    pub(super) candidates: Vec<Option<u64>>, // none: no longer one
    pub(super) word_bits: Vec<f64>,
    pub(super) candidate_bits: Vec<f64>,
}

impl Model {
    pub(super) fn weigh(&mut self) {
        let candidates = self.candidates.iter().flatten();
        let total: u64 = self.words.iter().chain(candidates).sum();
        let bits = |count: u64| ((total + 1) as f64 / (count as f64 + 0.5)).log2();
        self.word_bits = self.words.iter().map(|&count| bits(count)).collect();
        self.candidate_bits = self
            .candidates
            .iter()
            .map(|count| count.map_or(f64::INFINITY, bits))
            .collect();
    }
}

/// What characters cost on their own.
pub(super) struct Spelling {
    bits: HashMap<char, f64, RandomState>,
}

impl Spelling {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let mut counts = HashMap::<char, u64, RandomState>::default();
        for (&c, &weight) in corpus.chars.iter().zip(&corpus.weights) {
            *counts.entry(c).or_default() += u64::from(weight);
        }
        let total: u64 = counts.values().sum();
        let bits = |count: u64| (total as f64 / count as f64).log2();
        Self {
            bits: counts
                .into_iter()
                .map(|(c, count)| (c, bits(count)))
                .collect(),
        }
    }

    pub(super) fn char(&self, c: char) -> f64 {
        self.bits.get(&c).copied().unwrap_or(21.0)
    }

    /// The bits that a word and its end take in the list of words.
    pub(super) fn word(&self, word: &[char]) -> f64 {
        word.iter().chain(&['\0']).map(|&c| self.char(c)).sum()
    }
}
