use std::{num::NonZero, thread};

use jp_tokenize::{Tokenizer, VocabularyBuilder};

/// The words of many texts, packed; made by [`split_words`].
#[derive(Clone, Debug, Default)]
pub struct TextWords {
    /// Every word of all texts, one after the other, without the text between.
    words: Vec<String>,
    /// Where each text's words end.
    ends: Vec<usize>,
}

impl TextWords {
    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The words of text `index`.
    ///
    /// # Panics
    ///
    /// Panics if there is no such text.
    pub fn get(&self, index: usize) -> &[String] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.words[start..self.ends[index]]
    }
}

/// Splits texts into words on all cores. `count` says which texts' words are counted for a
/// vocabulary.
pub fn split_words(
    tokenizer: &Tokenizer,
    texts: &[&str],
    count: impl Fn(usize) -> bool + Sync,
) -> (TextWords, VocabularyBuilder) {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = texts.len().div_ceil(threads).max(1);
    let parts: Vec<(TextWords, VocabularyBuilder)> = thread::scope(|scope| {
        let workers: Vec<_> = texts
            .chunks(share)
            .enumerate()
            .map(|(part, texts)| {
                let count = &count;
                scope.spawn(move || split_part(tokenizer, texts, |i| count(part * share + i)))
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("splitting into words does not panic"))
            .collect()
    });
    let mut whole = TextWords::default();
    let mut counts = VocabularyBuilder::new();
    for (part, counted) in parts {
        let offset = whole.words.len();
        whole.words.extend(part.words);
        whole
            .ends
            .extend(part.ends.into_iter().map(|end| offset + end));
        counts.merge(counted);
    }
    (whole, counts)
}

fn split_part(
    tokenizer: &Tokenizer,
    texts: &[&str],
    count: impl Fn(usize) -> bool,
) -> (TextWords, VocabularyBuilder) {
    let mut worker = tokenizer.worker();
    let mut split = TextWords::default();
    let mut counts = VocabularyBuilder::new();
    for (index, text) in texts.iter().enumerate() {
        let counted = count(index);
        for token in worker.tokenize(text) {
            if counted {
                counts.add(token.surface, token.part_of_speech());
            }
            split.words.push(token.surface.to_owned());
        }
        split.ends.push(split.words.len());
    }
    (split, counts)
}
