use std::cmp::Ordering;

use burn_fused::exp;
use serde::Serialize;

use crate::error::Error;

/// Options of sampling a word from the model's distribution: first the temperature, then the
/// `top_k` most probable words, then of those the nucleus.
///
/// ```
/// use caption_model::{GenerateOptions, Sampling};
///
/// let sampling = Sampling::default().temperature(0.8).top_k(40).top_p(0.95);
/// let options = GenerateOptions::sample(sampling).seed(7);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Sampling {
    /// What scores are divided by: below 1 probable words become more probable, above 1 all become
    /// alike. Default: 1.
    pub temperature: f32,
    /// Only so many words, the most probable ones (Fan et al. 2018). Default: all.
    pub top_k: Option<usize>,
    /// Only the nucleus: the fewest words, the most probable ones, that together have this
    /// probability (Holtzman et al. 2019, equation 2). Default: 1, all.
    pub top_p: f32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            top_k: None,
            top_p: 1.0,
        }
    }
}

/// A word with its score, or its probability.
type TokenScore = (f32, u32);

impl Sampling {
    /// Sets [`temperature`](Self::temperature).
    #[must_use]
    pub fn temperature(mut self, temperature: f32) -> Self {
        self.temperature = temperature;
        self
    }

    /// Sets [`top_k`](Self::top_k).
    #[must_use]
    pub fn top_k(mut self, words: impl Into<Option<usize>>) -> Self {
        self.top_k = words.into();
        self
    }

    /// Sets [`top_p`](Self::top_p).
    #[must_use]
    pub fn top_p(mut self, probability: f32) -> Self {
        self.top_p = probability;
        self
    }

    /// Refuses values that cannot work.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let refuse = |option, value: String, expected| {
            Err(Error::Option {
                option,
                value,
                expected,
            })
        };
        if !(0.01..=100.0).contains(&self.temperature) {
            let value = self.temperature.to_string();
            return refuse("temperature", value, "0.01 to 100");
        }
        if self.top_k == Some(0) {
            return refuse("top_k", "0".into(), "1 or more");
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            let value = self.top_p.to_string();
            return refuse("top_p", value, "above 0 and at most 1");
        }
        Ok(())
    }

    /// The word at `point`, 0 to 1, of the distribution with these scores (logarithms of
    /// probabilities up to a constant; −∞ cannot be drawn). Nothing if no word can be.
    pub(crate) fn draw(&self, scores: &[f32], point: f64) -> Option<u32> {
        let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if !largest.is_finite() {
            return None;
        }
        let exponent = |score: f32| (score - largest) / self.temperature;
        if self.top_k.is_none_or(|k| k >= scores.len()) && self.top_p >= 1.0 {
            let mut weights: Vec<f32> = scores.iter().map(|&score| exponent(score)).collect();
            exp(&mut weights);
            return pick_of_all(&weights, point);
        }
        let mut words = match self.top_k {
            Some(k) => most_probable(scores, k),
            None => (0..).zip(scores).map(|(id, &score)| (score, id)).collect(),
        };
        let mut weights: Vec<f32> = words.iter().map(|&(score, _)| exponent(score)).collect();
        exp(&mut weights);
        for ((score, _), weight) in words.iter_mut().zip(weights) {
            *score = weight;
        }
        if self.top_p < 1.0 {
            keep_nucleus(&mut words, self.top_p);
        }
        pick(words.iter().copied(), point)
    }
}

/// The most probable first, equal ones by their ids, so that ties fall the same way everywhere.
pub(super) fn by_score(a: &TokenScore, b: &TokenScore) -> Ordering {
    b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
}

/// The `k` words of the largest scores, the largest first; −∞ is left out.
pub(super) fn most_probable(scores: &[f32], k: usize) -> Vec<TokenScore> {
    let all = || (0..).zip(scores).map(|(id, &score)| (score, id));
    let possible = |&(score, _): &TokenScore| score > f32::NEG_INFINITY;
    if k > 64 {
        let mut words: Vec<TokenScore> = all().filter(possible).collect();
        if words.len() > k {
            words.select_nth_unstable_by(k, by_score);
            words.truncate(k);
        }
        words.sort_unstable_by(by_score);
        return words;
    }
    // Few of many: most scores are below the last one kept, and one comparison says so.
    let mut best: Vec<TokenScore> = Vec::with_capacity(k + 1);
    let mut last = f32::NEG_INFINITY;
    for word in all() {
        if word.0 > last {
            let place = best.partition_point(|kept| by_score(kept, &word) == Ordering::Less);
            best.insert(place, word);
            best.truncate(k);
            if best.len() == k {
                last = best[k - 1].0;
            }
        }
    }
    best
}

/// Leaves the fewest words that together have `share` of the weight, the largest weights first, in
/// the order they have.
fn keep_nucleus(words: &mut Vec<TokenScore>, share: f32) {
    let total: f64 = words.iter().map(|word| f64::from(word.0)).sum();
    // All words below this together have less than what may be left out, so none of them is needed.
    let least = f64::from(1.0 - share) * total / words.len().max(1) as f64;
    words.retain(|word| f64::from(word.0) >= least);
    let mut needed = f64::from(share) * total;
    // Halves instead of sorting all: if the upper half has enough, the last word needed is in it,
    // else it is in the lower one.
    let mut sorted = words.clone();
    let mut rest = &mut sorted[..];
    while rest.len() > 1 {
        let half = rest.len() / 2;
        rest.select_nth_unstable_by(half, by_score);
        let upper: f64 = rest[..half].iter().map(|word| f64::from(word.0)).sum();
        rest = if upper >= needed {
            &mut rest[..half]
        } else {
            needed -= upper;
            &mut rest[half..]
        };
    }
    if let Some(&last) = rest.first() {
        words.retain(|word| by_score(word, &last) != Ordering::Greater);
    }
}

/// The word at `point` of the total weight; word `i` has the weight `weights[i]`. Sums of blocks
/// say in which block it lies.
fn pick_of_all(weights: &[f32], point: f64) -> Option<u32> {
    const BLOCK: usize = 128;
    let blocks: Vec<f64> = weights
        .chunks(BLOCK)
        .map(|block| f64::from(sum_of_few(block)))
        .collect();
    let mut left = point * blocks.iter().sum::<f64>();
    let mut found = blocks.iter().rposition(|&sum| sum > 0.0)?; // where rounding leads past the end
    for (index, sum) in blocks[..found].iter().enumerate() {
        if left < *sum {
            found = index;
            break;
        }
        left -= sum;
    }
    let start = found * BLOCK;
    let mut drawn = None;
    for (word, &weight) in (start..).zip(&weights[start..weights.len().min(start + BLOCK)]) {
        if weight > 0.0 {
            drawn = u32::try_from(word).ok();
            left -= f64::from(weight);
            if left < 0.0 {
                break;
            }
        }
    }
    drawn
}

/// The sum of up to a few hundred numbers, as eight sums at once.
pub(super) fn sum_of_few(values: &[f32]) -> f32 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for eight in eights {
        for (sum, value) in sums.iter_mut().zip(eight) {
            *sum += value;
        }
    }
    sums.iter().chain(rest).sum()
}

/// The word at `point` of the total weight.
fn pick(words: impl Iterator<Item = TokenScore> + Clone, point: f64) -> Option<u32> {
    let total: f64 = words.clone().map(|(weight, _)| f64::from(weight)).sum();
    let mut left = point * total;
    let mut drawn = None;
    for (weight, id) in words {
        if weight <= 0.0 {
            continue;
        }
        drawn = Some(id);
        left -= f64::from(weight);
        if left < 0.0 {
            break;
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs(probabilities: &[f32]) -> Vec<f32> {
        probabilities.iter().map(|p| p.ln()).collect()
    }

    /// How often each word comes over a thousand points spread evenly: its probability in
    /// thousandths.
    fn shares(sampling: &Sampling, scores: &[f32]) -> Vec<usize> {
        let mut counts = vec![0; scores.len()];
        for point in 0..1_000 {
            let word = sampling
                .draw(scores, (f64::from(point) + 0.5) / 1_000.0)
                .unwrap();
            counts[word as usize] += 1;
        }
        counts
    }

    #[test]
    fn words_come_as_often_as_they_are_probable() {
        let scores = logs(&[0.5, 0.0, 0.3, 0.2]);
        assert_eq!(shares(&Sampling::default(), &scores), [500, 0, 300, 200]);
    }

    /// At temperature 1/2 probabilities are squared: 0.25, 0.09, 0.04 of 0.38 are 0.658, 0.237,
    /// 0.105. At 2 they are rooted: 0.707, 0.548, 0.447 of 1.702 are 0.415, 0.322, 0.263.
    #[test]
    fn temperature_sharpens_and_flattens() {
        let scores = logs(&[0.5, 0.3, 0.2]);
        let at = |temperature| shares(&Sampling::default().temperature(temperature), &scores);
        assert_eq!(at(0.5), [658, 237, 105]);
        assert_eq!(at(2.0), [415, 322, 263]);
    }

    /// Of 0.4, 0.3, 0.2, 0.1 the two most probable are 4/7 and 3/7.
    #[test]
    fn top_k_keeps_the_most_probable() {
        let scores = logs(&[0.1, 0.3, 0.4, 0.2]);
        assert_eq!(
            shares(&Sampling::default().top_k(2), &scores),
            [0, 429, 571, 0]
        );
        assert_eq!(
            shares(&Sampling::default().top_k(9), &scores),
            [100, 300, 400, 200]
        );
        assert_eq!(
            shares(&Sampling::default().top_k(1), &scores),
            [0, 0, 1_000, 0]
        );
    }

    /// 0.4 + 0.3 is less than 0.75, so the third word is needed as well; 0.69 needs two.
    #[test]
    fn the_nucleus_is_the_fewest_words_with_enough_probability() {
        let scores = logs(&[0.1, 0.3, 0.4, 0.2]);
        let at = |top_p| shares(&Sampling::default().top_p(top_p), &scores);
        assert_eq!(at(0.69), [0, 429, 571, 0]);
        assert_eq!(at(0.75), [0, 333, 445, 222]);
        assert_eq!(at(1e-6), [0, 0, 1_000, 0]);
    }

    /// First the temperature: squared they are 0.16, 0.09, 0.04, 0.01 of 0.3, so the nucleus of 0.8
    /// is two words.
    #[test]
    fn temperature_comes_before_the_nucleus() {
        let scores = logs(&[0.1, 0.3, 0.4, 0.2]);
        let sampling = Sampling::default().temperature(0.5).top_p(0.8).top_k(3);
        assert_eq!(shares(&sampling, &scores), [0, 360, 640, 0]);
    }

    #[test]
    fn both_ways_to_the_most_probable_agree() {
        let scores: Vec<f32> = (0..500u16).map(|i| f32::from(i * 37 % 101)).collect();
        let mut sorted: Vec<TokenScore> =
            (0..).zip(&scores).map(|(id, &score)| (score, id)).collect();
        sorted.sort_by(by_score);
        for k in [1, 2, 63, 64, 65, 499, 500, 900] {
            assert_eq!(most_probable(&scores, k), sorted[..k.min(500)], "{k}");
        }
    }

    /// 500 words in blocks: every thousandth of the way leads to the word that one by one would be
    /// found.
    #[test]
    fn blocks_lead_to_the_same_word() {
        let weights: Vec<f32> = (0..500u16).map(|i| f32::from(i * 37 % 101 % 7)).collect();
        let scored = || (0..).zip(&weights).map(|(id, &weight)| (weight, id));
        for step in 0..=1_000 {
            let point = f64::from(step) / 1_000.0;
            assert_eq!(
                pick_of_all(&weights, point),
                pick(scored(), point),
                "{point}"
            );
        }
        assert_eq!(pick_of_all(&[0.0; 300], 0.5), None);
    }

    #[test]
    fn nothing_possible_draws_nothing() {
        assert_eq!(Sampling::default().draw(&[f32::NEG_INFINITY; 3], 0.5), None);
        assert_eq!(Sampling::default().draw(&[], 0.5), None);
        assert_eq!(
            Sampling::default().draw(&[f32::NEG_INFINITY, 2.0], 1.0),
            Some(1)
        );
    }
}
