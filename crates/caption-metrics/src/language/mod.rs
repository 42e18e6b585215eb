//! Language models that see no picture, and likelihoods by character and by class of word.

mod bits_per_character;
mod character_unigram;
mod second_unigram;
mod trigram;
mod unigram;
mod visual_gain;
mod word_class;

pub use bits_per_character::bits_per_character;
pub use character_unigram::CharacterUnigram;
pub use second_unigram::SecondUnigram;
pub use trigram::Trigram;
pub use unigram::Unigram;
pub use visual_gain::{ClassGain, PictureNlls, VisualGain};
pub use word_class::{WordClass, WordClasses};
