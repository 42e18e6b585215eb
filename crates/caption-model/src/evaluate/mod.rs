//! How well a model predicts comments, beside what predicts them without a picture.

mod likelihood;
mod shuffle;
mod unigram;

pub use likelihood::Likelihood;
pub(crate) use likelihood::word_nlls;
pub use shuffle::shuffled_pictures;
pub use unigram::Unigram;
