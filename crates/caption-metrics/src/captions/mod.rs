//! Scores of captions against references, as image captioning reports them.

mod bleu;
mod cider;
mod hypothesis;
mod meteor;
mod ngrams;
mod porter;
mod rouge;
mod scores;

pub use bleu::{Bleu, self_bleu};
pub use cider::cider_d;
pub use hypothesis::CaptionHypothesis;
pub use meteor::meteor;
pub use porter::porter_stem;
pub use rouge::rouge_l;
pub use scores::CaptionScores;
