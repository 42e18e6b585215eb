//! Scores of captions against references, as image captioning reports them.

mod bleu;
mod cider;
mod meteor;
mod ngrams;
mod porter;
mod rouge;

pub use bleu::{Bleu, self_bleu};
pub use cider::cider_d;
pub use meteor::meteor;
pub use porter::porter_stem;
pub use rouge::rouge_l;

use serde::{Deserialize, Serialize};

/// A caption that was written for a picture, and what people wrote for it.
///
/// ```
/// use caption_metrics::Captioned;
///
/// let captioned = Captioned::from_texts("a cat sits", &["a cat is sitting", "the cat"]);
/// assert_eq!(captioned.references[1], ["the", "cat"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captioned {
    /// Words of the caption to judge.
    pub hypothesis: Vec<String>,
    /// Words of each reference.
    pub references: Vec<Vec<String>>,
}

impl Captioned {
    /// Splits texts at white space.
    pub fn from_texts(hypothesis: &str, references: &[&str]) -> Self {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Self {
            hypothesis: words(hypothesis),
            references: references.iter().map(|text| words(text)).collect(),
        }
    }
}

/// The usual scores of a set of captions. All but CIDEr-D lie in 0 to 1; CIDEr-D in 0 to 10.
///
/// ```
/// use caption_metrics::{CaptionScores, Captioned};
///
/// let same = Captioned::from_texts("a cat sits on a mat", &["a cat sits on a mat"]);
/// let scores = CaptionScores::of(&[same]);
/// assert_eq!((scores.bleu, scores.rouge_l), ([1.0; 4], 1.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaptionScores {
    /// BLEU-1 to BLEU-4 of the whole set, with brevity penalty; see [`Bleu`].
    pub bleu: [f64; 4],
    /// Mean [`meteor`].
    pub meteor: f64,
    /// Mean [`rouge_l`].
    pub rouge_l: f64,
    /// [`cider_d`].
    pub cider_d: f64,
}

impl CaptionScores {
    /// Scores a set. References without words and captions without references count for nothing; an empty set scores 0.
    pub fn of(captions: &[Captioned]) -> Self {
        let mut bleu = Bleu::default();
        for caption in captions {
            bleu.add(&caption.hypothesis, &caption.references);
        }
        let mean = |score: fn(&[String], &[Vec<String>]) -> f64| {
            let sum: f64 = captions
                .iter()
                .map(|caption| score(&caption.hypothesis, &caption.references))
                .sum();
            sum / captions.len().max(1) as f64
        };
        Self {
            bleu: [1, 2, 3, 4].map(|order| bleu.score(order)),
            meteor: mean(meteor),
            rouge_l: mean(rouge_l),
            cider_d: cider_d(captions),
        }
    }
}
