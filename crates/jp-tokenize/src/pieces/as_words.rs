use std::collections::HashMap;

use super::bytes::{FIRST_TEXT_PIECE, byte_name};
use super::vocabulary::Pieces;
use crate::error::Error;
use crate::normalizer::Normalizer;
use crate::part_of_speech::PartOfSpeech;
use crate::vocabulary::{Entry, SPECIAL_WORDS, Vocabulary, VocabularyBuilder};

/// The part of speech of pieces without a letter or a digit, as IPADIC names it.
const SYMBOL: &str = "記号,一般";

/// Pieces as the words of a vocabulary, for models that know words.
impl Pieces {
    /// Part of speech of a piece: a symbol if it is a text without a letter or a digit, otherwise
    /// unknown.
    #[must_use]
    pub fn part_of_speech(&self, id: u32) -> PartOfSpeech<'static> {
        match self.piece(id) {
            Some(text) if !text.chars().any(char::is_alphanumeric) => PartOfSpeech::parse(SYMBOL),
            _ => PartOfSpeech::UNKNOWN,
        }
    }

    /// Makes the vocabulary whose words are the [names](Self::name) of the pieces, at the same ids,
    /// with their counts: what a model of words needs to work with pieces.
    ///
    /// Its [`decode`](Vocabulary::decode) is that of the pieces, and
    /// [`from_vocabulary`](Self::from_vocabulary) gives them back, but for their normalization.
    ///
    /// ```
    /// use jp_tokenize::{PieceOptions, Pieces, VocabularyBuilder};
    ///
    /// let pieces = Pieces::learn(["草", "草"], &PieceOptions::default())?;
    /// let vocabulary = pieces.to_vocabulary(&VocabularyBuilder::new());
    /// let ids = pieces.encode("草🌸");
    /// assert_eq!(vocabulary.word(ids[1]), Some("<0xF0>"));
    /// assert_eq!(vocabulary.decode(&ids), "草🌸");
    /// assert_eq!(Pieces::from_vocabulary(&vocabulary)?, Some(pieces));
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    #[must_use]
    pub fn to_vocabulary(&self, counts: &VocabularyBuilder) -> Vocabulary {
        let table: HashMap<&str, u64> = counts.table(|_| true).into_iter().collect();
        let names = (0..FIRST_TEXT_PIECE).chain((FIRST_TEXT_PIECE..).take(self.texts.len()));
        let entries = names.zip(0_usize..).filter_map(|(id, place)| {
            let name = self.name(id)?;
            let is_special = place < SPECIAL_WORDS.len();
            Some(Entry {
                count: table
                    .get(&*name)
                    .copied()
                    .filter(|_| !is_special)
                    .unwrap_or(0),
                part_of_speech: self.part_of_speech(id).as_str().into(),
                word: name.into(),
            })
        });
        Vocabulary::from_entries(entries.collect()).expect("names of pieces differ")
    }

    /// Takes the pieces out of a vocabulary whose words they are; none if its words are not pieces.
    /// They have no normalization, of which a vocabulary says nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Pieces`] if a word is no piece, because it is too long or there are too many.
    pub fn from_vocabulary(vocabulary: &Vocabulary) -> Result<Option<Self>, Error> {
        if !vocabulary.has_pieces() {
            return Ok(None);
        }
        let words = vocabulary.words().skip(256).map(|word| word.word.into());
        Self::from_texts(words.collect(), Normalizer::default()).map(Some)
    }
}

/// Whether words, without the special ones, begin with all bytes: then they are pieces.
pub(crate) fn are_pieces<'a>(mut words: impl Iterator<Item = &'a str>) -> bool {
    (0..=u8::MAX).all(|byte| words.next() == Some(&*byte_name(byte)))
}
