//! Scores of image captioners and comment writers, each beside a baseline that does not see the
//! picture.
//!
//! Nothing here reads files or runs a network: comments come as words or word ids
//! ([`Pairs`] holds them with their frames), models as negative log-likelihoods per word
//! ([`WordNlls`]) or as the scores and attention maps that they gave.
//!
//! - **Captions** against references: [`CaptionScores`] with [`Bleu`], [`meteor`], [`rouge_l`] and
//!   [`cider_d`].
//! - **Likelihood**: [`Likelihood`] is perplexity per word, of a captioner or of the language
//!   models [`Unigram`], [`Trigram`] and [`SecondUnigram`]; [`bits_per_character`] compares
//!   vocabularies; [`VisualGain`] is what the picture adds, by [`WordClass`].
//! - **Retrieval**: [`CandidatePool`] draws the candidates of a moment, [`first_true_rank`] and
//!   [`Ranking`] score an order of them, [`chance`] a random order.
//! - **Diversity and copying**: [`Diversity`], [`self_bleu`], [`Copying`].
//! - **Grounding**, whether attention looks at those who are named: [`pointing`], [`NameSwap`],
//!   [`presence`], [`Hallucination`] and [`AttentionDiagnostics`] against a [`GroundTruth`].
//! - **Timing**: [`Correlation`], [`BurstHits`], [`RateFit`] and [`WordDivergence`] over
//!   [`HeldOutSeconds`].
//!
//! # Example
//!
//! A captioner is worth what it adds to its baselines: to the captions of other pictures, and to a
//! language model that knows the words' frequencies alone.
//!
//! ```
//! use caption_metrics::{CaptionScores, CaptionHypothesis, Likelihood, Pairs, Unigram, WordNlls};
//!
//! let written = ["a cat sits on a mat", "a dog runs over grass"];
//! let people = ["a cat is sitting on a mat", "a brown dog runs in the grass"];
//! let captions = [0, 1].map(|at| CaptionHypothesis::from_texts(written[at], &[people[at]]));
//! let swapped = [0, 1].map(|at| CaptionHypothesis::from_texts(written[at], &[people[1 - at]]));
//! let (own, other) = (CaptionScores::measure(&captions), CaptionScores::measure(&swapped));
//! println!("CIDEr-D {:.2?}, under other pictures {:.2?}", own.cider_d, other.cider_d);
//! assert!(own.cider_d > other.cider_d);
//!
//! let (mut train, mut dev) = (Pairs::new(30), Pairs::new(30));
//! for row in 0..50 {
//!     train.push(row, &[4, 5]); // word ids from 4 on; the first ones are special
//!     dev.push(50 + row, &[4, 5]);
//! }
//! let unigram = Unigram::fit(&train, 6).measure(&dev);
//! // A model that gives each word, <eos> too, a probability of 0.9:
//! let mut nlls = WordNlls::default();
//! for pair in dev.iter() {
//!     nlls.push(pair.targets().map(|_| -0.9f32.ln()));
//! }
//! let model = Likelihood::from_nlls(&dev, &nlls);
//! println!("perplexity {:.2}, of the unigram {:.2}", model.perplexity(), unigram.perplexity());
//! assert!(model.perplexity() < 1.2 && unigram.perplexity() > 2.9);
//! ```
//!
//! # Intervals, units and empty input
//!
//! Intervals are 95 % percentile bootstrap intervals of 1,000 resamples ([`Estimate`]); what
//! resembles each other, such as the seconds of a scene, is drawn together. The same seed gives the
//! same numbers. Likelihoods are in nats unless the name says bits; `<eos>` counts as a word. Word
//! ids are those of `jp-tokenize`: 0 to 3 are `<pad>`, `<bos>`, `<eos>` and `<unk>`.
//!
//! A mean or a share over nothing is 0, and the number of things that it is over stands beside it.
//! A figure that does not exist is `None`: the correlation with a rate that never varies, the rank
//! of a candidate that is not there. Lists that belong together and differ in length are a bug of
//! the caller: the function panics and says so in its documentation.

mod bootstrap;
mod captions;
mod commenting;
mod copying;
mod diversity;
mod grounding;
mod language;
mod likelihood;
mod pairs;
mod retrieval;
mod shuffle;
mod timing;
mod word_nlls;

pub use bootstrap::Estimate;
pub use captions::{
    Bleu, CaptionHypothesis, CaptionScores, cider_d, cider_d_each, meteor, porter_stem, ptb_words,
    rouge_l, self_bleu,
};
pub use commenting::{
    CharacterNgram, NgramCache, TextSimilarity, TextVector, UnitNgram, folded_text,
};
pub use copying::{Copying, TrainingComments};
pub use diversity::Diversity;
pub use grounding::{
    AttentionDiagnostics, AttentionMap, AttentionSum, BoundingBox, FrequentPositions, GroundTruth,
    Hallucination, Mention, MentionMaps, NameMap, NamePointing, NamePosition, NamePresence,
    NameSwap, NameTemplate, NamedAttention, PointingScore, average_precision, pointing, presence,
};
pub use language::{
    CharacterUnigram, ClassGain, PictureNlls, SecondUnigram, Trigram, Unigram, VisualGain,
    WordClass, WordClasses, bits_per_character,
};
pub use likelihood::Likelihood;
pub use pairs::{Pair, Pairs};
pub use retrieval::{
    Candidate, CandidateKind, CandidateOptions, CandidatePool, CandidateSet, Chance, PoolComment,
    PoolSubset, Ranking, chance, first_true_rank,
};
pub use shuffle::shuffled_pictures;
pub use timing::{
    BurstHits, Correlation, DivergenceComments, HeldOutSeconds, RateFit, TimedWords,
    WordDivergence, js_divergence, negative_binomial_deviance, pearson, poisson_deviance, spearman,
};
pub use word_nlls::WordNlls;

/// The programs of the README are compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
