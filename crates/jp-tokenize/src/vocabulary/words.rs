use std::collections::HashMap;
use std::sync::Arc;

use super::special::{SPECIAL_WORDS, UNK};
use crate::part_of_speech::PartOfSpeech;
use crate::pieces::{are_pieces, decode as decode_pieces};

/// Most words of a vocabulary: far above any language's, low enough that ids fit and a file of
/// noise is refused.
pub(super) const MAX_WORDS: usize = 1 << 24;

/// A vocabulary: the words that a model knows, each with an id, from the most frequent one, after
/// four special words.
///
/// Made by a [`VocabularyBuilder`](crate::VocabularyBuilder) or [loaded](Self::load) from a file.
/// Ids go from 0 to [`len`](Self::len) − 1: [`PAD`](crate::PAD), [`BOS`](crate::BOS),
/// [`EOS`](crate::EOS), [`UNK`], then the words by falling count, equal counts in the order of
/// their UTF-8 bytes. The count of `<unk>` is the number of counted words that were cut off.
///
/// The words may also be [`Pieces`](crate::Pieces), in their order: then
/// [`has_pieces`](Self::has_pieces) and [`decode`](Self::decode) joins them as such.
///
/// ```
/// use jp_tokenize::{PartOfSpeech, UNK, VocabularyBuilder};
///
/// let mut builder = VocabularyBuilder::new();
/// for word in ["ここ", "すき", "www", "www", "ここ", "www"] {
///     builder.add(word, PartOfSpeech::parse("名詞,一般"));
/// }
/// let vocabulary = builder.build(Some(2), 1); // the two most frequent words
/// assert_eq!(vocabulary.len(), 6);
/// assert_eq!(vocabulary.id("www"), Some(4));
/// assert_eq!(vocabulary.encode(["ここ", "すき", "www"]), [5, UNK, 4]);
/// assert_eq!(vocabulary.decode(&[5, 4]), "ここwww");
/// assert_eq!(vocabulary.known_share(), 5.0 / 6.0);
/// ```
#[derive(Clone, Debug)]
pub struct Vocabulary {
    pub(super) entries: Vec<Entry>,
    ids: HashMap<Arc<str>, u32>,
    has_pieces: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) word: Arc<str>,
    pub(crate) count: u64,
    pub(crate) part_of_speech: Arc<str>,
}

/// A word of a [`Vocabulary`] with its id, count and part of speech. Given by
/// [`Vocabulary::words`].
///
/// ```
/// use jp_tokenize::{PartOfSpeech, VocabularyBuilder};
///
/// let mut builder = VocabularyBuilder::new();
/// builder.add("草", PartOfSpeech::parse("名詞,一般"));
/// let vocabulary = builder.build(None, 1);
/// let word = vocabulary.words().next().expect("one word was added");
/// assert_eq!((word.id, word.word, word.count), (4, "草", 1));
/// assert!(word.part_of_speech.is_noun());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct VocabularyWord<'a> {
    /// Its id.
    pub id: u32,
    /// Its surface.
    pub word: &'a str,
    /// How often it was counted.
    pub count: u64,
    /// The part of speech it was counted with most often.
    pub part_of_speech: PartOfSpeech<'a>,
}

impl Vocabulary {
    /// Number of ids, the four special words included.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "never empty: it has the special words"
    )]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Number of words without the special ones.
    #[must_use]
    pub fn num_words(&self) -> usize {
        self.entries.len() - SPECIAL_WORDS.len()
    }

    /// The id of a word. The special words have theirs; a word that is not there has none.
    #[must_use]
    pub fn id(&self, word: &str) -> Option<u32> {
        self.ids.get(word).copied()
    }

    /// The word of an id, or `None` past the last id.
    #[must_use]
    pub fn word(&self, id: u32) -> Option<&str> {
        self.entry(id).map(|entry| &*entry.word)
    }

    /// How often the word was counted, 0 past the last id. For [`UNK`]: how many words were cut
    /// off.
    #[must_use]
    pub fn count(&self, id: u32) -> u64 {
        self.entry(id).map_or(0, |entry| entry.count)
    }

    /// The part of speech the word was counted with most often; [`PartOfSpeech::UNKNOWN`] for
    /// special words and past the last id.
    #[must_use]
    pub fn part_of_speech(&self, id: u32) -> PartOfSpeech<'_> {
        self.entry(id).map_or(PartOfSpeech::UNKNOWN, |entry| {
            PartOfSpeech::parse(&entry.part_of_speech)
        })
    }

    /// Whether the word is a [symbol](PartOfSpeech::is_symbol). The special words are none.
    #[must_use]
    pub fn is_symbol(&self, id: u32) -> bool {
        self.part_of_speech(id).is_symbol()
    }

    /// Whether the id is one of the four special words.
    #[must_use]
    pub fn is_special(&self, id: u32) -> bool {
        id <= UNK
    }

    /// Whether the words are [`Pieces`](crate::Pieces): whether the first 256 after the special
    /// words are the names of all bytes.
    #[must_use]
    pub fn has_pieces(&self) -> bool {
        self.has_pieces
    }

    /// The words without the special ones, by id.
    #[must_use]
    pub fn words(&self) -> impl DoubleEndedIterator<Item = VocabularyWord<'_>> {
        (UNK + 1..self.num_ids())
            .zip(&self.entries[SPECIAL_WORDS.len()..])
            .map(|(id, entry)| VocabularyWord {
                id,
                word: &entry.word,
                count: entry.count,
                part_of_speech: PartOfSpeech::parse(&entry.part_of_speech),
            })
    }

    /// Encodes words as ids, [`UNK`] for those that are not there; neither [`BOS`](crate::BOS) nor
    /// [`EOS`](crate::EOS) is added.
    ///
    /// A word that is spelt like a special word becomes [`UNK`], so that no text can end a comment
    /// early.
    #[must_use]
    pub fn encode<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Vec<u32> {
        words
            .into_iter()
            .map(|word| self.id(word).filter(|&id| id > UNK).unwrap_or(UNK))
            .collect()
    }

    /// Decodes ids to a text.
    ///
    /// `<pad>`, `<bos>` and `<eos>` give no text; `<unk>` and ids past the last one give `<unk>`.
    /// Words are joined without spaces, as Japanese is written. MeCab drops the spaces between
    /// words of Latin letters or digits, so one is put back between two words where an ASCII letter
    /// would meet an ASCII letter or a digit a digit, for MeCab would not have split them there;
    /// except between two equal one-letter words, into which it splits a very long `wwww`. Of
    /// 10,402 different lines of one episode's comments 99.0 % came back as they were, the others
    /// without some spaces.
    ///
    /// [Pieces](Self::has_pieces) are decoded as [`Pieces::decode`](crate::Pieces::decode) does it.
    ///
    /// ```
    /// use jp_tokenize::{PartOfSpeech, VocabularyBuilder};
    ///
    /// let words = ["nice", "boat", "sm", "9", "草"];
    /// let mut builder = VocabularyBuilder::new();
    /// words.map(|word| builder.add(word, PartOfSpeech::UNKNOWN));
    /// let vocabulary = builder.build(None, 1);
    /// assert_eq!(vocabulary.decode(&vocabulary.encode(words)), "nice boat sm9草");
    /// ```
    #[must_use]
    pub fn decode(&self, ids: &[u32]) -> String {
        if self.has_pieces {
            return decode_pieces(ids, |id| self.word(id));
        }
        let mut text = String::new();
        let mut before = "";
        for &id in ids.iter().filter(|&&id| id >= UNK) {
            let word = self.word(id).unwrap_or(SPECIAL_WORDS[3]);
            if needs_space(before, word) {
                text.push(' ');
            }
            text.push_str(word);
            before = word;
        }
        text
    }

    /// The share of counted words that the vocabulary has, from 0 to 1; the others are unknown. 1
    /// if nothing was counted.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share of counts, exact below 2^53"
    )]
    pub fn known_share(&self) -> f64 {
        let known: u128 = self.words().map(|word| u128::from(word.count)).sum();
        let all = known + u128::from(self.count(UNK));
        if all == 0 {
            1.0
        } else {
            known as f64 / all as f64
        }
    }

    /// The count of the least frequent word, after which the vocabulary was cut, or `None` without
    /// words.
    #[must_use]
    pub fn count_at_cut(&self) -> Option<u64> {
        self.words().next_back().map(|word| word.count)
    }

    /// [`len`](Self::len) as an id.
    fn num_ids(&self) -> u32 {
        u32::try_from(self.len()).expect("builders and readers stop at 2^24 words")
    }

    fn entry(&self, id: u32) -> Option<&Entry> {
        self.entries.get(usize::try_from(id).ok()?)
    }

    /// Numbers entries, the special words first; gives back a word that stands twice, and where.
    pub(crate) fn from_entries(entries: Vec<Entry>) -> Result<Self, (usize, Arc<str>)> {
        let mut ids = HashMap::with_capacity(entries.len());
        for ((place, entry), id) in entries.iter().enumerate().zip(0..) {
            if ids.insert(Arc::clone(&entry.word), id).is_some() {
                return Err((place, Arc::clone(&entry.word)));
            }
        }
        let words = entries.iter().skip(SPECIAL_WORDS.len());
        Ok(Self {
            has_pieces: are_pieces(words.map(|entry| &*entry.word)),
            entries,
            ids,
        })
    }
}

/// Vocabularies are equal when they have the same words, counts and parts of speech at the same
/// ids.
impl PartialEq for Vocabulary {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Eq for Vocabulary {}

/// Whether MeCab must have dropped a space between two words.
fn needs_space(before: &str, after: &str) -> bool {
    let (Some(left), Some(right)) = (before.chars().next_back(), after.chars().next()) else {
        return false;
    };
    if before == after && before.len() == 1 {
        return false;
    }
    (left.is_ascii_alphabetic() && right.is_ascii_alphabetic())
        || (left.is_ascii_digit() && right.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::special::{BOS, EOS, PAD};
    use super::*;

    fn vocabulary(words: &[&str]) -> Vocabulary {
        let entry = |word: &&str| Entry {
            word: (*word).into(),
            count: 1,
            part_of_speech: "名詞,一般".into(),
        };
        let entries = SPECIAL_WORDS.iter().chain(words).map(entry);
        Vocabulary::from_entries(entries.collect()).unwrap()
    }

    #[test]
    fn special_words_are_none_of_the_text() {
        let vocabulary = vocabulary(&["a"]);
        assert_eq!(vocabulary.len(), 5);
        assert_eq!(vocabulary.id("<eos>"), Some(EOS));
        assert_eq!(vocabulary.encode(["<eos>", "a"]), [UNK, 4]);
        assert_eq!(
            vocabulary.decode(&[BOS, 4, UNK, EOS, PAD, 99]),
            "a<unk><unk>"
        );
    }

    #[test]
    fn spaces_come_back_where_mecab_dropped_them() {
        for (words, text) in [
            (&["This", "is"][..], "This is"),
            (&["2", "3"], "2 3"),
            (&["sm", "9"], "sm9"),
            (&["草", "w"], "草w"),
            (&["ｗ", "a"], "ｗa"),
        ] {
            let vocabulary = vocabulary(words);
            assert_eq!(
                vocabulary.decode(&vocabulary.encode(words.iter().copied())),
                text
            );
        }
        assert_eq!(vocabulary(&["w"]).decode(&[4, 4]), "ww");
    }

    #[test]
    fn ids_past_the_end_are_nothing() {
        let vocabulary = vocabulary(&[]);
        assert_eq!(vocabulary.word(4), None);
        assert_eq!(vocabulary.count(u32::MAX), 0);
        assert_eq!(vocabulary.part_of_speech(4), PartOfSpeech::UNKNOWN);
        assert_eq!(vocabulary.count_at_cut(), None);
    }
}
