use std::collections::HashMap;

/// How many characters Unicode has: code points without surrogates.
const CHARACTERS: f64 = 1_112_064.0;

/// Unigram model of characters, which gives unknown words a probability by their spelling.
///
/// Each character that occurred, the end of the word, and "any other character" are counted once
/// more than they occurred; all other characters of Unicode share the latter evenly. The
/// probabilities of all words sum to 1.
///
/// ```
/// use caption_metrics::CharacterUnigram;
///
/// let spelling = CharacterUnigram::fit(["aa"]); // a: 2 + 1, end: 1 + 1, other: 0 + 1; 6 in all
/// assert!((spelling.bits("a") - (-(0.5f64).log2() - (2.0f64 / 6.0).log2())).abs() < 1e-12);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CharacterUnigram {
    counts: HashMap<char, u64>,
    ends: u64,
    total: u64,
}

impl CharacterUnigram {
    /// Counts the characters of words.
    #[must_use]
    pub fn fit<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut counts: HashMap<char, u64> = HashMap::new();
        let mut ends = 1;
        for word in words {
            ends += 1;
            for character in word.chars() {
                *counts.entry(character).or_insert(1) += 1;
            }
        }
        Self {
            total: counts.values().sum::<u64>() + ends + 1,
            counts,
            ends,
        }
    }

    /// Negative log-likelihood of the characters of a word and of its end, bits.
    #[must_use]
    pub fn bits(&self, word: &str) -> f64 {
        let letters: f64 = word.chars().map(|c| -self.probability(c).log2()).sum();
        letters - (self.ends as f64 / self.total as f64).log2()
    }

    fn probability(&self, character: char) -> f64 {
        let total = self.total as f64;
        match self.counts.get(&character) {
            Some(&count) => count as f64 / total,
            None => 1.0 / total / (CHARACTERS - self.counts.len() as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over every character and the end.
    #[test]
    fn probabilities_sum_to_one() {
        let spelling = CharacterUnigram::fit(["草", "草生える", "www"]);
        let characters: f64 = ('\0'..=char::MAX).map(|c| spelling.probability(c)).sum();
        let end = 2f64.powf(-spelling.bits(""));
        assert!((characters + end - 1.0).abs() < 1e-9);
    }
}
