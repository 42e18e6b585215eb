//! Scores of captions against references, as image captioning reports them.

mod bleu;
mod cider;
mod hypothesis;
mod meteor;
mod ngrams;
mod porter;
mod ptb;
mod rouge;
mod scores;

pub use bleu::{Bleu, self_bleu};
pub use cider::{cider_d, cider_d_each};
pub use hypothesis::CaptionHypothesis;
pub use meteor::meteor;
pub use porter::porter_stem;
pub use ptb::ptb_words;
pub use rouge::rouge_l;
pub use scores::CaptionScores;
