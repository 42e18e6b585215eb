//! Words that the dictionary lacks, learnt from texts.

mod base_split;
mod candidates;
mod code_lengths;
mod corpus;
mod cross_validation;
mod lattice;
mod learner;
mod lexicon;
mod ngram;
mod options;
mod selection;
mod word_costs;

pub use self::learner::SlangLearner;
pub use self::lexicon::{Lexicon, LexiconEntry};
pub use self::ngram::NgramModel;
pub use self::options::SlangOptions;
