use std::collections::{BTreeMap, HashMap, HashSet};

/// Stand before and behind a text, so that a single character has pairs too.
const BORDERS: [char; 2] = ['^', '$'];

/// Similarity of short texts: the cosine of the TF-IDF vectors of their pairs of characters.
///
/// A pair that texts say k times has the weight `(1 + ln k) · ln(N / (1 + n))`, where n of the N
/// texts that were learnt from have it (Manning, Raghavan and Schütze 2008, chapter 6: `ltc`).
///
/// ```
/// use caption_metrics::TextSimilarity;
///
/// let similarity = TextSimilarity::fit(["草", "かわいい", "かわいすぎ", "8888"]);
/// let past = similarity.vector(["かわいい", "草"]);
/// let near = similarity.vector(["かわいすぎ"]).cosine(&past);
/// assert!(near > similarity.vector(["8888"]).cosine(&past));
/// ```
#[derive(Clone, Debug, Default)]
pub struct TextSimilarity {
    texts: usize,
    having: HashMap<[char; 2], usize>,
}

/// The vector of one or several texts, of length 1, or 0 without any pair that tells texts apart.
#[derive(Clone, Debug, Default)]
pub struct TextVector {
    // In order, so that sums are the same in every run.
    weights: BTreeMap<[char; 2], f64>,
}

impl TextSimilarity {
    /// Counts in how many of these texts each pair is.
    #[must_use]
    pub fn fit<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut similarity = Self::default();
        for text in texts {
            let pairs: HashSet<[char; 2]> = pairs(text).collect();
            for pair in pairs {
                *similarity.having.entry(pair).or_default() += 1;
            }
            similarity.texts += 1;
        }
        similarity
    }

    /// The vector of texts, taken together.
    #[must_use]
    pub fn vector<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> TextVector {
        let mut counts = BTreeMap::<[char; 2], f64>::new();
        for pair in texts.into_iter().flat_map(pairs) {
            *counts.entry(pair).or_default() += 1.0;
        }
        let all = self.texts.max(2) as f64;
        let weight = |pair: &[char; 2], count: f64| {
            let having = self.having.get(pair).copied().unwrap_or(0);
            (1.0 + count.ln()) * (all / (1 + having) as f64).ln()
        };
        let mut weights: BTreeMap<[char; 2], f64> = counts
            .into_iter()
            .map(|(pair, count)| (pair, weight(&pair, count)))
            .collect();
        let length = weights.values().map(|w| w * w).sum::<f64>().sqrt();
        if length > 0.0 {
            weights.values_mut().for_each(|weight| *weight /= length);
        }
        TextVector { weights }
    }
}

impl TextVector {
    /// The cosine of the angle to another vector: 1 for equal texts, 0 for those without a common
    /// pair.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f64 {
        let (few, many) = if self.weights.len() <= other.weights.len() {
            (self, other)
        } else {
            (other, self)
        };
        few.weights
            .iter()
            .filter_map(|(pair, weight)| Some(weight * many.weights.get(pair)?))
            .sum()
    }
}

fn pairs(text: &str) -> impl Iterator<Item = [char; 2]> + '_ {
    let [start, end] = BORDERS;
    let mut before = start;
    text.chars().chain([end]).map(move |character| {
        let pair = [before, character];
        before = character;
        pair
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of "ab" and "cd" (N = 2, each pair in one text) every pair weighs ln(2/2) = 0, so nothing can
    /// be told apart; a pair that nobody had weighs ln 2.
    #[test]
    fn weights_are_those_of_the_formula() {
        let similarity = TextSimilarity::fit(["ab", "cd"]);
        assert_eq!(
            similarity.vector(["ab"]).cosine(&similarity.vector(["ab"])),
            0.0
        );
        // "xx" has ^x, xx, x$, each new and of equal weight: cosine with "x" (^x, x$) is 2/√(3·2).
        let cosine = similarity.vector(["xx"]).cosine(&similarity.vector(["x"]));
        assert!((cosine - 2.0 / 6f64.sqrt()).abs() < 1e-12, "{cosine}");
        // Said four times, a pair weighs 1 + ln 4 times as much as once.
        let often = similarity.vector(["xxxxx", "y"]);
        let (xx, y) = (often.weights[&['x', 'x']], often.weights[&['^', 'y']]);
        assert!((xx / y - (1.0 + 4f64.ln())).abs() < 1e-12);
    }
}
