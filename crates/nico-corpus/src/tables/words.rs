//! Words of comments that come one at a time: counted, and kept as numbers to compare comments by.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

use jp_tokenize::{Tokenizer, Vocabulary, VocabularyBuilder};
use nico_comments::Vpos;

use crate::words::split_words;

/// Texts that are split together, so that all cores have work.
const BATCH: usize = 16_384;
/// Bytes of text at which they are split though they are fewer.
const BATCH_BYTES: usize = 4 << 20;

/// What is kept of the comments that speak: 24 bytes of each and 4 of each of its words, not its
/// text.
#[derive(Debug)]
pub(crate) struct TokenizedComments<'a> {
    tokenizer: &'a Tokenizer,
    waiting: Vec<String>,
    bytes: usize,
    /// Words of all texts.
    pub(crate) counts: VocabularyBuilder,
    /// Where each comment appears.
    pub(crate) positions: Vec<Vpos>,
    /// The file each comment is from.
    pub(crate) files: Vec<usize>,
    /// A hash of each text: that two of a million share one is as likely as 3 in 100 million.
    pub(crate) texts: Vec<u64>,
    hash: RandomState,
    numbers: HashMap<String, u32>,
    /// The words of all texts by their numbers, and where each text's end.
    words: Vec<u32>,
    ends: Vec<usize>,
}

impl<'a> TokenizedComments<'a> {
    pub(crate) fn new(tokenizer: &'a Tokenizer) -> Self {
        Self {
            tokenizer,
            waiting: Vec::new(),
            bytes: 0,
            counts: VocabularyBuilder::new(),
            positions: Vec::new(),
            files: Vec::new(),
            texts: Vec::new(),
            hash: RandomState::new(),
            numbers: HashMap::new(),
            words: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Takes a comment of the file.
    pub(crate) fn push(&mut self, file: usize, vpos: Vpos, text: String) {
        self.files.push(file);
        self.positions.push(vpos);
        self.texts.push(self.hash.hash_one(&text));
        self.bytes += text.len();
        self.waiting.push(text);
        if self.waiting.len() >= BATCH || self.bytes >= BATCH_BYTES {
            self.finish();
        }
    }

    /// Splits the texts that wait; to be called after the last.
    pub(crate) fn finish(&mut self) {
        let texts: Vec<&str> = self.waiting.iter().map(String::as_str).collect();
        let (split, counts) = split_words(self.tokenizer, &texts, |_| true);
        self.counts.merge(counts);
        for index in 0..texts.len() {
            for word in split.get(index) {
                let number = match self.numbers.get(word) {
                    Some(&number) => number,
                    None => {
                        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX); // 4 billion words do not fit in memory
                        self.numbers.insert(word.clone(), next);
                        next
                    }
                };
                self.words.push(number);
            }
            self.ends.push(self.words.len());
        }
        self.waiting.clear();
        self.bytes = 0;
    }

    /// A hash of each comment's words with those that the vocabulary does not have replaced by the
    /// unknown one: as such the original compared comments.
    pub(crate) fn known(&self, vocabulary: &Vocabulary) -> Vec<u64> {
        let mut ids = vec![jp_tokenize::UNK; self.numbers.len()];
        for (word, &number) in &self.numbers {
            if let Some(id) = ids.get_mut(number as usize) {
                *id = vocabulary.encode([word.as_str()])[0];
            }
        }
        let mut start = 0;
        let mut known = Vec::with_capacity(self.ends.len());
        for &end in &self.ends {
            let words: Vec<u32> = self.words[start..end]
                .iter()
                .map(|&number| {
                    ids.get(number as usize)
                        .copied()
                        .unwrap_or(jp_tokenize::UNK)
                })
                .collect();
            known.push(self.hash.hash_one(&words));
            start = end;
        }
        known
    }
}
