use std::collections::HashSet;

use jp_tokenize::{EOS, PartOfSpeech, Vocabulary};
use serde::{Deserialize, Serialize};

use super::super::{bootstrap::Estimate, word_nlls::WordNlls};
use crate::pairs::Pairs;

/// What kind of word a word is, as far as pictures are concerned.
///
/// ```
/// use caption_metrics::WordClass;
/// use jp_tokenize::PartOfSpeech;
///
/// let class = WordClass::of(PartOfSpeech::parse("名詞,固有名詞,人名,名"));
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
    pub fn of(part_of_speech: PartOfSpeech<'_>) -> Self {
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
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "names",
            Self::Noun => "other nouns",
            Self::Interjection => "interjections",
            Self::Rest => "the rest",
        }
    }
}

/// The class of every word of a vocabulary.
///
/// ```
/// use caption_metrics::{WordClass, WordClasses};
/// use jp_tokenize::{PartOfSpeech, VocabularyBuilder};
///
/// let mut builder = VocabularyBuilder::new();
/// builder.add("ルリ", PartOfSpeech::parse("名詞,一般"));
/// let classes = WordClasses::new(&builder.build(None, 1), ["ルリ"]);
/// assert_eq!(classes.of(4), WordClass::Name);
/// ```
#[derive(Clone, Debug)]
pub struct WordClasses(Vec<WordClass>);

impl WordClasses {
    /// Takes the classes from the vocabulary's parts of speech; `names` are names whatever the dictionary says of them.
    pub fn new<'a>(vocabulary: &Vocabulary, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: HashSet<&str> = names.into_iter().collect();
        let mut classes = vec![WordClass::Rest; vocabulary.len()];
        for word in vocabulary.words() {
            classes[word.id as usize] = if names.contains(word.word) {
                WordClass::Name
            } else {
                WordClass::of(word.part_of_speech)
            };
        }
        Self(classes)
    }

    /// The class of a word; ids that do not exist are of the rest.
    pub fn of(&self, word: u32) -> WordClass {
        self.0
            .get(word as usize)
            .copied()
            .unwrap_or(WordClass::Rest)
    }
}

/// What the picture is worth to words of one class.
///
/// ```
/// use caption_metrics::{ClassGain, WordClass};
///
/// let gain = ClassGain { class: WordClass::Name, words: 10, nll: 1.0, shuffled_nll: 1.5 };
/// assert_eq!(gain.gain(), 0.5);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassGain {
    /// The class.
    pub class: WordClass,
    /// How many words of it there are.
    pub words: usize,
    /// Mean cost of one with its own picture, nats; 0 without words.
    pub nll: f64,
    /// The same with another picture.
    pub shuffled_nll: f64,
}

impl ClassGain {
    /// How much less a word costs with its own picture, nats.
    pub fn gain(&self) -> f64 {
        self.shuffled_nll - self.nll
    }
}

/// What the picture is worth: how much less words cost with their own picture than with one from another time.
///
/// 0 if the picture is not used; below 0 if it misleads.
///
/// ```
/// use caption_metrics::{Pairs, VisualGain, WordClasses, WordNlls};
/// use jp_tokenize::VocabularyBuilder;
///
/// let mut pairs = Pairs::new(30);
/// pairs.push(0, &[4]);
/// let (mut own, mut other) = (WordNlls::default(), WordNlls::default());
/// own.push([1.0, 0.5]);
/// other.push([2.0, 0.5]);
/// let classes = WordClasses::new(&VocabularyBuilder::new().build(None, 1), []);
/// assert_eq!(VisualGain::of(&pairs, &own, &other, &classes, 1).gain.value, 0.5); // 1 nat on two words
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisualGain {
    /// Mean gain of a word, nats, with a bootstrap interval over comments.
    pub gain: Estimate,
    /// By class of word.
    pub classes: Vec<ClassGain>,
}

impl VisualGain {
    /// Compares what the words of pairs cost with their own pictures and with others.
    ///
    /// # Panics
    ///
    /// Panics if the costs are not those of `pairs`.
    pub fn of(
        pairs: &Pairs,
        own: &WordNlls,
        shuffled: &WordNlls,
        classes: &WordClasses,
        seed: u64,
    ) -> Self {
        assert_eq!(pairs.len(), own.len(), "what each pair costs");
        assert_eq!(pairs.len(), shuffled.len(), "what each pair costs");
        let mut sums = WordClass::ALL.map(|class| ClassGain {
            class,
            words: 0,
            nll: 0.0,
            shuffled_nll: 0.0,
        });
        let (mut gains, mut words) = (Vec::new(), Vec::new());
        for (index, pair) in pairs.iter().enumerate() {
            let targets = pair.words.iter().copied().chain([EOS]);
            for ((word, &nll), &other) in targets.zip(own.get(index)).zip(shuffled.get(index)) {
                let sum = &mut sums[classes.of(word) as usize];
                sum.words += 1;
                sum.nll += f64::from(nll);
                sum.shuffled_nll += f64::from(other);
            }
            gains.push(shuffled.comment(index) - own.comment(index));
            words.push((pair.words.len() + 1) as f64);
        }
        for sum in &mut sums {
            sum.nll /= sum.words.max(1) as f64;
            sum.shuffled_nll /= sum.words.max(1) as f64;
        }
        Self {
            gain: Estimate::ratio(&gains, &words, seed),
            classes: sums.to_vec(),
        }
    }
}
