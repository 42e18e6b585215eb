//! How well a model predicts and writes comments, each score beside what does so without the picture.
//!
//! What is measured falls into six groups, none of which knows comment files:
//!
//! - **Likelihood**: [`WordNlls`] of the model or of [`Trigram`], [`SameSecond`] and [`Unigram`];
//!   [`bits_per_character`] with a [`Spelling`] of unknown words; [`VisualGain`] by [`WordClass`].
//! - **Retrieval**: [`CandidatePool`] draws the candidates of a moment, [`first_true_rank`] and [`Ranking`] score an order of them,
//!   [`chance`] says what a random order scores.
//! - **Diversity and copying**: [`Diversity`], [`self_bleu`], [`Copying`].
//! - **Captions** against references: [`CaptionScores`] with [`Bleu`], [`meteor`], [`rouge_l`] and [`cider_d`].
//! - **Grounding**: does attention look at those who are named? [`GroundTruth`], [`pointing`], [`swap_test`], [`presence`],
//!   [`Hallucination`], [`AttentionGuard`].
//! - **Timing**: [`HeldOutSeconds`] are the bins; [`Correlation`], [`BurstHits`], [`RateFit`] and [`WordDivergence`].

mod bootstrap;
mod captions;
mod copying;
mod diversity;
mod grounding;
mod language;
mod likelihood;
mod pairs;
mod retrieval;
mod shuffle;
mod timing;
mod unigram;
mod word_nlls;

pub use bootstrap::Estimate;
pub use captions::{
    Bleu, CaptionScores, Captioned, cider_d, meteor, porter_stem, rouge_l, self_bleu,
};
pub use copying::{Copying, LearntComments};
pub use diversity::Diversity;
pub use grounding::{
    Aim, AttentionGuard, AttentionMap, AttentionSum, GroundTruth, Hallucination, Mention,
    NamePointing, NamePresence, NameStep, NameSwap, NameTemplate, NamedAt, NamedAttention, Region,
    UsualPlaces, average_precision, pointing, presence,
};
pub use language::{
    ClassGain, SameSecond, Spelling, Trigram, VisualGain, WordClass, WordClasses,
    bits_per_character,
};
pub use likelihood::Likelihood;
pub use pairs::{Pair, Pairs};
pub use retrieval::{
    Candidate, CandidateKind, CandidateOptions, CandidatePool, CandidateSet, Chance, PoolComment,
    PoolPart, Ranking, chance, first_true_rank,
};
pub use shuffle::shuffled_pictures;
pub use timing::{
    BurstHits, Correlation, HeldOutSeconds, RateFit, SaidWords, WordDivergence, js_divergence,
    pearson, poisson_deviance, spearman,
};
pub use unigram::Unigram;
pub use word_nlls::WordNlls;
