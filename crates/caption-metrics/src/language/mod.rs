//! Models of comments that see no picture, and what comments cost by character and by kind of word.

mod characters;
mod classes;
mod same_second;
mod spelling;
mod trigram;

pub use characters::bits_per_character;
pub use classes::{ClassGain, VisualGain, WordClass, WordClasses};
pub use same_second::SameSecond;
pub use spelling::Spelling;
pub use trigram::Trigram;
