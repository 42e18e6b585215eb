use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::special::{SPECIAL_WORDS, UNK};
use super::words::{Entry, MAX_WORDS, Vocabulary};
use crate::part_of_speech::PartOfSpeech;

/// Counts words and makes a [`Vocabulary`] of the most frequent ones.
///
/// Workers can count on their own and be [merged](Self::merge): the vocabulary depends on the
/// counts only, not on the order in which words came.
///
/// ```
/// use jp_tokenize::{PartOfSpeech, VocabularyBuilder};
///
/// let noun = PartOfSpeech::parse("名詞,一般,*,*");
/// let mut one = VocabularyBuilder::new();
/// one.add("草", noun);
/// let mut two = VocabularyBuilder::new();
/// two.add("草", noun);
/// two.add("。", PartOfSpeech::parse("記号,句点,*,*"));
/// one.merge(two);
///
/// assert_eq!(one.total(), 3);
/// assert_eq!(one.table(PartOfSpeech::is_noun), [("草", 2)]);
/// let vocabulary = one.build(Some(30_000), 1);
/// assert!(vocabulary.is_symbol(5));
/// ```
#[derive(Clone, Debug, Default)]
pub struct VocabularyBuilder {
    words: HashMap<Box<str>, Counts, RandomState>,
    parts: Vec<Arc<str>>,
    part_ids: HashMap<Arc<str>, u32, RandomState>,
    total: u64,
}

/// How often a word was counted with each part of speech: nearly all words have one only.
#[derive(Clone, Debug)]
struct Counts {
    first: (u32, u64),
    others: Vec<(u32, u64)>,
}

impl Counts {
    fn add(&mut self, part: u32, times: u64) {
        if self.first.0 == part {
            self.first.1 = self.first.1.saturating_add(times);
            return;
        }
        match self.others.iter_mut().find(|(known, _)| *known == part) {
            Some((_, count)) => *count = count.saturating_add(times),
            None => self.others.push((part, times)),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (u32, u64)> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

impl VocabularyBuilder {
    /// Makes a builder that has counted nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a word once. An empty word is no word and is not counted.
    pub fn add(&mut self, word: &str, part_of_speech: PartOfSpeech<'_>) {
        self.add_times(word, part_of_speech, 1);
    }

    /// Counts a word `times` times.
    pub fn add_times(&mut self, word: &str, part_of_speech: PartOfSpeech<'_>, times: u64) {
        if word.is_empty() || times == 0 {
            return;
        }
        self.total = self.total.saturating_add(times);
        let part_of_speech = part_of_speech.as_str();
        if let Some(counts) = self.words.get_mut(word)
            && *self.parts[counts.first.0 as usize] == *part_of_speech
        {
            counts.first.1 = counts.first.1.saturating_add(times); // nearly always
            return;
        }
        let part = self.part_id(part_of_speech);
        match self.words.get_mut(word) {
            Some(counts) => counts.add(part, times),
            None => {
                let first = (part, times);
                self.words.insert(
                    word.into(),
                    Counts {
                        first,
                        others: Vec::new(),
                    },
                );
            }
        }
    }

    /// Merges another builder: adds all that it counted.
    pub fn merge(&mut self, other: Self) {
        let parts: Vec<u32> = other.parts.iter().map(|part| self.part_id(part)).collect();
        self.total = self.total.saturating_add(other.total);
        for (word, mut counts) in other.words {
            for (part, _) in std::iter::once(&mut counts.first).chain(&mut counts.others) {
                *part = parts[*part as usize];
            }
            match self.words.get_mut(&word) {
                Some(mine) => counts.iter().for_each(|(part, n)| mine.add(part, n)),
                None => {
                    self.words.insert(word, counts);
                }
            }
        }
    }

    /// Number of different words counted.
    #[must_use]
    pub fn num_words(&self) -> usize {
        self.words.len()
    }

    /// Number of words counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Lists words by falling count, equal counts in the order of their UTF-8 bytes: each counted
    /// only as the parts of speech that `select` chooses.
    ///
    /// `|_| true` gives the table of all words, [`PartOfSpeech::is_noun`] that of nouns.
    #[must_use]
    pub fn table<'a>(
        &'a self,
        mut select: impl FnMut(PartOfSpeech<'a>) -> bool,
    ) -> Vec<(&'a str, u64)> {
        let selected: Vec<bool> = self
            .parts
            .iter()
            .map(|part| select(PartOfSpeech::parse(part)))
            .collect();
        let mut table: Vec<(&str, u64)> = self
            .words
            .iter()
            .map(|(word, counts)| {
                let counts = counts.iter().filter(|(part, _)| selected[*part as usize]);
                (
                    &**word,
                    counts.fold(0_u64, |sum, (_, n)| sum.saturating_add(n)),
                )
            })
            .filter(|&(_, count)| count > 0)
            .collect();
        table.sort_unstable_by_key(|&(word, count)| (Reverse(count), word));
        table
    }

    /// Makes the vocabulary of the `max_words` most frequent words (the special ones not counted;
    /// `None`: all) that were counted at least `min_count` times.
    ///
    /// A word's part of speech is the one it was counted with most often, the first by UTF-8 bytes
    /// where two are equal. Words spelt like [special words](SPECIAL_WORDS) are never among them
    /// and count as cut off.
    #[must_use]
    pub fn build(&self, max_words: Option<usize>, min_count: u64) -> Vocabulary {
        let table = self.table(|_| true);
        let kept = table
            .into_iter()
            .filter(|&(word, count)| count >= min_count && !SPECIAL_WORDS.contains(&word))
            .take(max_words.unwrap_or(usize::MAX).min(MAX_WORDS));

        let nothing: Arc<str> = PartOfSpeech::UNKNOWN.as_str().into();
        let special = |word: &str| Entry {
            word: word.into(),
            count: 0,
            part_of_speech: Arc::clone(&nothing),
        };
        let mut entries: Vec<Entry> = SPECIAL_WORDS.into_iter().map(special).collect();
        let mut known = 0_u64;
        for (word, count) in kept {
            known = count.saturating_add(known);
            let part = self.words[word]
                .iter()
                .max_by_key(|&(part, n)| (n, Reverse(&self.parts[part as usize])))
                .map_or(&nothing, |(part, _)| &self.parts[part as usize]);
            entries.push(Entry {
                word: word.into(),
                count,
                part_of_speech: Arc::clone(part),
            });
        }
        entries[UNK as usize].count = self.total.saturating_sub(known);
        Vocabulary::from_entries(entries).expect("the keys of a map differ from each other")
    }

    fn part_id(&mut self, part: &str) -> u32 {
        if let Some(&id) = self.part_ids.get(part) {
            return id;
        }
        let id =
            u32::try_from(self.parts.len()).expect("a dictionary has far fewer parts of speech");
        let part: Arc<str> = part.into();
        self.parts.push(Arc::clone(&part));
        self.part_ids.insert(part, id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOUN: &str = "名詞,一般";
    const VERB: &str = "動詞,自立";

    fn count(words: &[(&str, &str)]) -> VocabularyBuilder {
        let mut builder = VocabularyBuilder::new();
        for (word, part) in words {
            builder.add(word, PartOfSpeech::parse(part));
        }
        builder
    }

    #[test]
    fn falling_count_then_bytes() {
        let builder = count(&[
            ("b", NOUN),
            ("a", NOUN),
            ("c", VERB),
            ("c", NOUN),
            ("", NOUN),
        ]);
        let vocabulary = builder.build(None, 1);
        let words: Vec<_> = vocabulary
            .words()
            .map(|w| (w.id, w.word, w.count))
            .collect();
        assert_eq!(words, [(4, "c", 2), (5, "a", 1), (6, "b", 1)]);
        assert_eq!(builder.table(PartOfSpeech::is_verb), [("c", 1)]);
    }

    #[test]
    fn the_cut_goes_to_unknown() {
        let builder = count(&[
            ("a", NOUN),
            ("a", NOUN),
            ("b", NOUN),
            ("b", NOUN),
            ("c", NOUN),
        ]);
        assert_eq!(builder.build(None, 2).len(), 6);
        let vocabulary = builder.build(Some(1), 1);
        assert_eq!(vocabulary.num_words(), 1);
        assert_eq!(vocabulary.count(UNK), 3);
        assert_eq!(vocabulary.count_at_cut(), Some(2));
        assert_eq!(vocabulary.known_share(), 0.4);
        assert_eq!(builder.build(Some(0), 1).known_share(), 0.0);
    }

    #[test]
    fn words_spelt_like_special_words_are_unknown() {
        let vocabulary = count(&[("a", NOUN), ("<eos>", NOUN), ("<unk>", NOUN)]).build(None, 1);
        assert_eq!(vocabulary.len(), 5);
        assert_eq!(vocabulary.count(UNK), 2);
        assert_eq!(count(&[]).build(None, 1).known_share(), 1.0);
    }

    #[test]
    fn merging_is_counting_together() {
        let words = [
            ("a", NOUN),
            ("b", VERB),
            ("a", VERB),
            ("c", NOUN),
            ("b", NOUN),
            ("a", VERB),
        ];
        let together = count(&words).build(None, 1);
        for cut in 0..=words.len() {
            let mut one = count(&words[..cut]);
            one.merge(count(&words[cut..]));
            assert_eq!(one.build(None, 1), together);
        }
        assert!(together.part_of_speech(4).is_verb());
        assert!(together.part_of_speech(5).is_verb()); // 1 : 1, 動詞 comes first by bytes
    }
}
