use std::collections::{BTreeMap, HashMap, HashSet};

use super::{hypothesis::CaptionHypothesis, ngrams::count};

/// Longest runs of words that are compared.
const ORDERS: usize = 4;
/// Standard deviation of the penalty of a length that differs, in words.
const SIGMA: f64 = 6.0;

/// CIDEr-D of a set of captions, 0 to 10 (Vedantam et al. 2015, section 8); `None` for fewer than
/// two, for which it is not defined.
///
/// The mean of [`cider_d_each`]. Captions without references are left out.
///
/// ```
/// use caption_metrics::{CaptionHypothesis, cider_d};
///
/// let captions = [
///     CaptionHypothesis::from_texts("a red cat here", &["a red cat here"]),
///     CaptionHypothesis::from_texts("some dogs run away", &["some dogs run away"]),
/// ];
/// assert!((cider_d(&captions).expect("two") - 10.0).abs() < 1e-9);
/// assert_eq!(cider_d(&captions[..1]), None);
/// ```
#[must_use]
pub fn cider_d<'a>(captions: impl IntoIterator<Item = &'a CaptionHypothesis>) -> Option<f64> {
    let scores = cider_d_each(captions)?;
    let scores: Vec<f64> = scores.into_iter().flatten().collect();
    Some(scores.iter().sum::<f64>() / scores.len() as f64)
}

/// CIDEr-D of each caption of a set, 0 to 10, `None` for one without references; nothing for fewer
/// than two captions with references.
///
/// The mean over a caption's references and runs of 1 to 4 words of the cosine of the runs' TF-IDF
/// vectors, those of the caption clipped to those of the reference, times
/// `exp(−(difference of lengths)² / (2·6²))`, times 10. A run's document frequency is the number of
/// captions of the set that have it in a reference: with a single caption every run would be in
/// every document, and every weight 0.
#[must_use]
pub fn cider_d_each<'a>(
    captions: impl IntoIterator<Item = &'a CaptionHypothesis>,
) -> Option<Vec<Option<f64>>> {
    let captions: Vec<&CaptionHypothesis> = captions.into_iter().collect();
    let with_references = captions
        .iter()
        .copied()
        .filter(|caption| !caption.references.is_empty());
    let with_references: Vec<&CaptionHypothesis> = with_references.collect();
    if with_references.len() < 2 {
        return None;
    }
    let documents = DocumentFrequencies::of(&with_references);
    let scores = captions
        .iter()
        .map(|caption| (!caption.references.is_empty()).then(|| documents.cider_d(caption)));
    Some(scores.collect())
}

/// The TF-IDF weights of runs of words of one length.
type Vector<'a> = BTreeMap<&'a [String], f64>; // in order, so that sums are the same in every run

struct DocumentFrequencies<'a> {
    captions: usize,
    of: HashMap<&'a [String], usize>,
}

impl<'a> DocumentFrequencies<'a> {
    fn of(captions: &[&'a CaptionHypothesis]) -> Self {
        let mut of: HashMap<&[String], usize> = HashMap::new();
        for caption in captions {
            let runs: HashSet<&[String]> = caption
                .references
                .iter()
                .flat_map(|words| (1..=ORDERS).flat_map(|n| words.windows(n)))
                .collect();
            for run in runs {
                *of.entry(run).or_default() += 1;
            }
        }
        Self {
            captions: captions.len(),
            of,
        }
    }

    /// The score of a caption, which has references.
    fn cider_d(&self, caption: &CaptionHypothesis) -> f64 {
        let hypothesis = self.vectors(&caption.hypothesis);
        let sum: f64 = caption
            .references
            .iter()
            .map(|reference| {
                let apart = caption.hypothesis.len() as f64 - reference.len() as f64;
                let similarity: f64 = hypothesis
                    .iter()
                    .zip(self.vectors(reference))
                    .map(|(a, b)| clipped_cosine(a, &b))
                    .sum();
                similarity * (-apart * apart / (2.0 * SIGMA * SIGMA)).exp()
            })
            .sum();
        10.0 * sum / (ORDERS * caption.references.len()) as f64
    }

    fn vectors<'w>(&self, words: &'w [String]) -> Vec<Vector<'w>> {
        let weight = |run: &[String]| {
            let documents = self.of.get(run).copied().unwrap_or(0).max(1);
            (self.captions as f64 / documents as f64).ln()
        };
        let vector = |n| {
            count(words, n)
                .into_iter()
                .map(|(run, times)| (run, times as f64 * weight(run)))
                .collect()
        };
        (1..=ORDERS).map(vector).collect()
    }
}

fn clipped_cosine(hypothesis: &Vector<'_>, reference: &Vector<'_>) -> f64 {
    let norm = |vector: &Vector<'_>| vector.values().map(|x| x * x).sum::<f64>().sqrt();
    let norms = norm(hypothesis) * norm(reference);
    if norms == 0.0 {
        return 0.0;
    }
    let product: f64 = hypothesis
        .iter()
        .filter_map(|(run, &own)| reference.get(run).map(|&other| own.min(other) * other))
        .sum();
    product / norms
}
