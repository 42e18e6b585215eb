use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use super::ngrams::count;

/// Longest runs of words that are compared.
const ORDERS: usize = 4;
/// What a count of zero becomes in the BLEU of a single sentence: method 1 of Chen and Cherry
/// (2014).
const SMOOTHED_ZERO: f64 = 0.1;

/// BLEU of a set of captions (Papineni et al. 2002, section 2.3), 0 to 1: n-gram matches are summed
/// over the set before they are divided.
///
/// A run of words matches as often as the reference that has most of it; the brevity penalty
/// compares with the reference whose length is closest, the shorter one of two.
///
/// ```
/// use caption_metrics::Bleu;
///
/// let mut bleu = Bleu::default();
/// bleu.add(&["the", "the", "the"], &[["the", "cat", "sat"]]);
/// assert!((bleu.score(1) - 1.0 / 3.0).abs() < 1e-12); // "the" counts once
/// assert_eq!(bleu.score(2), 0.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bleu {
    matches: [usize; ORDERS],
    runs: [usize; ORDERS],
    length: usize,
    reference_length: usize,
}

impl Bleu {
    /// Counts a caption; one without references is left out.
    pub fn add<W: Eq + Hash, R: AsRef<[W]>>(&mut self, hypothesis: &[W], references: &[R]) {
        let references: Vec<&[W]> = references.iter().map(AsRef::as_ref).collect();
        let lengths = references.iter().map(|words| words.len());
        let Some(closest) = closest_length(hypothesis.len(), lengths) else {
            return;
        };
        self.length += hypothesis.len();
        self.reference_length += closest;
        for n in 1..=ORDERS {
            let references: Vec<_> = references.iter().map(|words| count(words, n)).collect();
            for (run, times) in count(hypothesis, n) {
                let most = references.iter().filter_map(|counts| counts.get(run)).max();
                self.matches[n - 1] += times.min(most.copied().unwrap_or(0));
                self.runs[n - 1] += times;
            }
        }
    }

    /// BLEU-`order`: the geometric mean of the precisions of runs of 1 to `order` words, times the
    /// brevity penalty.
    ///
    /// # Panics
    ///
    /// Panics if `order` is not 1 to 4.
    #[must_use]
    pub fn score(&self, order: usize) -> f64 {
        assert!((1..=ORDERS).contains(&order), "BLEU-{order}: 1 to {ORDERS}");
        let precisions = self.matches[..order].iter().zip(&self.runs[..order]);
        let logs: f64 = precisions
            .map(|(&matches, &runs)| (matches as f64 / runs.max(1) as f64).ln())
            .sum();
        (logs / order as f64).exp() * brevity_penalty(self.length, self.reference_length)
    }
}

/// The length among `lengths` that is closest to `length`, the shorter one of two.
fn closest_length(length: usize, lengths: impl Iterator<Item = usize>) -> Option<usize> {
    lengths.min_by_key(|&other| (other.abs_diff(length), other))
}

fn brevity_penalty(length: usize, reference: usize) -> f64 {
    if length == 0 {
        0.0
    } else {
        (1.0 - reference as f64 / length as f64).min(0.0).exp()
    }
}

/// Self-BLEU-4: how much each sentence resembles the others, 0 to 1, lower being more varied (Zhu
/// et al. 2018, "Texygen").
///
/// The mean over sentences of the BLEU of one with all others as references. Comments are short, so
/// the orders that a sentence is too short for are left out of its geometric mean; an order above
/// the first without a match counts as 0.1 matches (method 1 of Chen and Cherry 2014), and a
/// sentence that has no word in common with the others scores 0, as in NLTK. Takes time in
/// proportion to the number of words. 0 for fewer than two sentences; empty ones are left out.
///
/// ```
/// use caption_metrics::self_bleu;
///
/// assert_eq!(self_bleu(&[vec![1, 2], vec![1, 2]]), 1.0);
/// assert_eq!(self_bleu(&[vec![1, 2], vec![3, 4]]), 0.0);
/// let alike = self_bleu(&[vec![1, 2], vec![1, 3]]);
/// assert!((alike - (0.5f64 * 0.1).sqrt()).abs() < 1e-12); // 1 of 2 words, 0.1 of 1 pair
/// ```
#[must_use]
pub fn self_bleu<W: Eq + Hash, S: AsRef<[W]>>(sentences: &[S]) -> f64 {
    let sentences: Vec<&[W]> = sentences
        .iter()
        .map(AsRef::as_ref)
        .filter(|words| !words.is_empty())
        .collect();
    if sentences.len() < 2 {
        return 0.0;
    }
    let most: Vec<HashMap<&[W], Most>> = (1..=ORDERS).map(|n| most(&sentences, n)).collect();
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for sentence in &sentences {
        *lengths.entry(sentence.len()).or_default() += 1;
    }
    let scores = sentences.iter().enumerate().map(|(index, sentence)| {
        let orders = ORDERS.min(sentence.len());
        let logs: f64 = (1..=orders)
            .map(|n| {
                let matches: usize = count(sentence, n)
                    .into_iter()
                    .map(|(run, times)| times.min(most[n - 1][run].among_others(index)))
                    .sum();
                let matches = match (matches, n) {
                    (0, 1) => 0.0,
                    (0, _) => SMOOTHED_ZERO,
                    (some, _) => some as f64,
                };
                (matches / (sentence.len() + 1 - n) as f64).ln()
            })
            .sum();
        let own = sentence.len();
        let others = lengths
            .iter()
            .filter(|&(&length, &sentences)| length != own || sentences > 1)
            .map(|(&length, _)| length);
        let closest = closest_length(own, others).unwrap_or(own);
        (logs / orders as f64).exp() * brevity_penalty(own, closest)
    });
    scores.sum::<f64>() / sentences.len() as f64
}

/// How often a run of words occurs in the sentence that has most of it, and in the one that is
/// next.
#[derive(Clone, Copy, Default)]
struct Most {
    first: usize,
    sentence: usize,
    second: usize,
}

impl Most {
    fn among_others(self, sentence: usize) -> usize {
        if self.sentence == sentence {
            self.second
        } else {
            self.first
        }
    }
}

fn most<'a, W: Eq + Hash>(sentences: &[&'a [W]], n: usize) -> HashMap<&'a [W], Most> {
    let mut runs: HashMap<&[W], Most> = HashMap::new();
    for (sentence, words) in sentences.iter().enumerate() {
        for (run, times) in count(words, n) {
            let most = runs.entry(run).or_default();
            if times > most.first {
                most.second = most.first;
                (most.first, most.sentence) = (times, sentence);
            } else {
                most.second = most.second.max(times);
            }
        }
    }
    runs
}
