use super::special::UNK;
use super::words::Vocabulary;

/// Coverage of a text by a [`Vocabulary`]: how many of its words are known. Made by
/// [`Vocabulary::coverage`].
///
/// ```
/// use jp_tokenize::{PartOfSpeech, VocabularyBuilder};
///
/// let mut builder = VocabularyBuilder::new();
/// builder.add("草", PartOfSpeech::UNKNOWN);
/// let coverage = builder.build(None, 1).coverage(["草", "草", "大草原", "草"]);
/// assert_eq!((coverage.known, coverage.total), (3, 4));
/// assert_eq!(coverage.unknown_share(), 0.25);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Coverage {
    /// Words that the vocabulary has.
    pub known: u64,
    /// All words.
    pub total: u64,
}

impl Coverage {
    /// The share of known words, from 0 to 1; 1 if there were no words.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share of counts, exact below 2^53"
    )]
    pub fn known_share(self) -> f64 {
        if self.total == 0 {
            1.0
        } else {
            self.known as f64 / self.total as f64
        }
    }

    /// The share of unknown words, from 0 to 1; 0 if there were no words.
    #[must_use]
    pub fn unknown_share(self) -> f64 {
        1.0 - self.known_share()
    }
}

impl Vocabulary {
    /// Measures coverage: how many of the words the vocabulary has, of the text it was made from
    /// or, better, of another one.
    ///
    /// A word counts as known when [`encode`](Self::encode) does not make it [`UNK`].
    #[must_use]
    pub fn coverage<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Coverage {
        let mut coverage = Coverage::default();
        for word in words {
            coverage.total += 1;
            coverage.known += u64::from(self.id(word).is_some_and(|id| id > UNK));
        }
        coverage
    }
}
