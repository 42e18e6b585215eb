use std::collections::HashSet;

use jp_tokenize::{PartOfSpeech, Vocabulary};
use serde::{Deserialize, Serialize};

/// Class of a word by its part of speech, as far as pictures are concerned.
///
/// ```
/// use caption_metrics::WordClass;
/// use jp_tokenize::PartOfSpeech;
///
/// let class = WordClass::from_part_of_speech(PartOfSpeech::parse("名詞,固有名詞,人名,名"));
/// assert_eq!(class, WordClass::Name);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordClass {
    /// A proper noun, or one of the names that were given.
    Name,
    /// Another noun.
    Noun,
    /// An interjection.
    Interjection,
    /// Every other word, `<unk>` and `<eos>`.
    Rest,
}

impl WordClass {
    /// All classes.
    pub const ALL: [Self; 4] = [Self::Name, Self::Noun, Self::Interjection, Self::Rest];

    /// The class of a part of speech.
    #[must_use]
    pub fn from_part_of_speech(part_of_speech: PartOfSpeech<'_>) -> Self {
        if part_of_speech.is_proper_noun() {
            Self::Name
        } else if part_of_speech.is_noun() {
            Self::Noun
        } else if part_of_speech.is_interjection() {
            Self::Interjection
        } else {
            Self::Rest
        }
    }

    /// Its name in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "names",
            Self::Noun => "other nouns",
            Self::Interjection => "interjections",
            Self::Rest => "the rest",
        }
    }
}

/// The [`WordClass`] of every word of a vocabulary.
///
/// ```
/// use caption_metrics::{WordClass, WordClasses};
/// use jp_tokenize::{PartOfSpeech, VocabularyBuilder};
///
/// let mut builder = VocabularyBuilder::new();
/// builder.add("ルリ", PartOfSpeech::parse("名詞,一般"));
/// let classes = WordClasses::new(&builder.build(None, 1), ["ルリ"]);
/// assert_eq!(classes.class(4), WordClass::Name);
/// ```
#[derive(Clone, Debug)]
pub struct WordClasses(Vec<WordClass>);

impl WordClasses {
    /// Takes the classes from the vocabulary's parts of speech; `names` are names whatever the
    /// dictionary says of them.
    #[must_use]
    pub fn new<'a>(vocabulary: &Vocabulary, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: HashSet<&str> = names.into_iter().collect();
        let mut classes = vec![WordClass::Rest; vocabulary.len()];
        for word in vocabulary.words() {
            classes[word.id as usize] = if names.contains(word.word) {
                WordClass::Name
            } else {
                WordClass::from_part_of_speech(word.part_of_speech)
            };
        }
        Self(classes)
    }

    /// The class of a word; ids that do not exist are of the rest.
    #[must_use]
    pub fn class(&self, word: u32) -> WordClass {
        self.0
            .get(word as usize)
            .copied()
            .unwrap_or(WordClass::Rest)
    }
}
