//! The bits that words, candidates and characters take.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::corpus::Corpus;

/// How often words and candidates occur in the best split of the texts.
pub(super) struct Counts {
    pub(super) words: Vec<u64>,
    /// `None`: no longer a candidate.
    pub(super) candidates: Vec<Option<u64>>,
}

/// The bits of words and candidates that follow from their counts.
pub(super) struct CodeLengths {
    pub(super) words: Vec<f64>,
    pub(super) candidates: Vec<f64>,
}

impl CodeLengths {
    pub(super) fn new(counts: &Counts) -> Self {
        let candidates = counts.candidates.iter().flatten();
        let total: u64 = counts.words.iter().chain(candidates).sum();
        let bits = |count: u64| ((total + 1) as f64 / (count as f64 + 0.5)).log2();
        let candidates = counts.candidates.iter();
        Self {
            words: counts.words.iter().map(|&count| bits(count)).collect(),
            candidates: candidates
                .map(|count| count.map_or(f64::INFINITY, bits))
                .collect(),
        }
    }
}

/// A unigram model of characters: the bits of each on its own.
pub(super) struct CharacterModel {
    bits: HashMap<char, f64, RandomState>,
}

impl CharacterModel {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let mut counts = HashMap::<char, u64, RandomState>::default();
        for (&c, &weight) in corpus.chars.iter().zip(&corpus.weights) {
            *counts.entry(c).or_default() += u64::from(weight);
        }
        let total: u64 = counts.values().sum();
        let bits = |count: u64| (total as f64 / count as f64).log2();
        let bits = counts.into_iter().map(|(c, count)| (c, bits(count)));
        Self {
            bits: bits.collect(),
        }
    }

    /// The bits of a character.
    pub(super) fn bits(&self, c: char) -> f64 {
        self.bits.get(&c).copied().unwrap_or(21.0)
    }

    /// The bits that a word and its end take in the list of words.
    pub(super) fn bits_of_word(&self, word: &[char]) -> f64 {
        word.iter().chain(&['\0']).map(|&c| self.bits(c)).sum()
    }
}
