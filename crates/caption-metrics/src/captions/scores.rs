use serde::{Deserialize, Serialize};

use super::{
    bleu::Bleu,
    cider::{cider_d, cider_d_each},
    hypothesis::CaptionHypothesis,
    meteor::meteor,
    rouge::rouge_l,
};

/// BLEU, METEOR, ROUGE-L and CIDEr-D of a set of captions. CIDEr-D lies in 0 to 10, the others in
/// 0 to 1.
///
/// What a score is worth shows beside the same captions under the references of other pictures:
///
/// ```
/// use caption_metrics::{CaptionScores, CaptionHypothesis};
///
/// let written = ["a cat sits on a mat", "a dog runs over grass"];
/// let references = ["a cat is sitting on a mat", "a brown dog runs in the grass"];
/// let captions = [0, 1].map(|at| CaptionHypothesis::from_texts(written[at], &[references[at]]));
/// let swapped =
///     [0, 1].map(|at| CaptionHypothesis::from_texts(written[at], &[references[1 - at]]));
/// let (own, chance) = (CaptionScores::measure(&captions), CaptionScores::measure(&swapped));
/// assert!(own.meteor > 2.0 * chance.meteor && own.cider_d > chance.cider_d);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaptionScores {
    /// BLEU-1 to BLEU-4 of the whole set, with brevity penalty; see [`Bleu`].
    pub bleu: [f64; 4],
    /// Mean [`meteor`].
    pub meteor: f64,
    /// Mean [`rouge_l`].
    pub rouge_l: f64,
    /// [`cider_d`]; `None` for fewer than two captions.
    pub cider_d: Option<f64>,
}

impl CaptionScores {
    /// Scores a set of captions; captions without references are left out. An empty set scores 0,
    /// but for CIDEr-D.
    #[must_use]
    pub fn measure(captions: &[CaptionHypothesis]) -> Self {
        let captions: Vec<&CaptionHypothesis> = captions
            .iter()
            .filter(|caption| !caption.references.is_empty())
            .collect();
        let mut bleu = Bleu::default();
        for caption in &captions {
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
            cider_d: cider_d(captions.iter().copied()),
        }
    }

    /// Scores each caption of a set by itself; `None` for one without references.
    ///
    /// BLEU is that of a set of one caption: 0 where no run of a length matches. CIDEr-D weighs
    /// words by the whole set.
    ///
    /// ```
    /// use caption_metrics::{CaptionHypothesis, CaptionScores};
    ///
    /// let captions = [
    ///     CaptionHypothesis::from_texts("a cat sits on a mat", &["a cat sits on a mat"]),
    ///     CaptionHypothesis::from_texts("a cat sits on a mat", &["two dogs run away"]),
    /// ];
    /// let each = CaptionScores::measure_each(&captions);
    /// let rouge: Vec<f64> = each.iter().flatten().map(|scores| scores.rouge_l).collect();
    /// assert_eq!(rouge, [1.0, 0.0]);
    /// ```
    #[must_use]
    pub fn measure_each(captions: &[CaptionHypothesis]) -> Vec<Option<Self>> {
        let cider = cider_d_each(captions);
        let each = captions.iter().enumerate().map(|(index, caption)| {
            let own = Self::measure(std::slice::from_ref(caption));
            (!caption.references.is_empty()).then_some(Self {
                cider_d: cider.as_ref().and_then(|scores| scores[index]),
                ..own
            })
        });
        each.collect()
    }
}
