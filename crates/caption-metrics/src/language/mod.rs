//! Language models that see no picture, and likelihoods by character and by class of word.

mod characters;
mod same_second;
mod spelling;
mod trigram;
mod unigram;
mod visual_gain;
mod word_class;

pub use characters::bits_per_character;
pub use same_second::SameSecond;
pub use spelling::Spelling;
pub use trigram::Trigram;
pub use unigram::Unigram;
pub use visual_gain::{ClassGain, PictureNlls, VisualGain};
pub use word_class::{WordClass, WordClasses};
