use std::collections::HashMap;

/// Stands before and behind a text, so that a single character has pairs too.
const BORDER: char = '\u{0}';

/// Similarity of texts: the cosine of the TF-IDF vectors of their pairs of characters.
///
/// A text's weight of a pair is how often it has it, times `ln(texts / texts that have it)` (Salton
/// and Buckley 1988, `tfc`).
#[derive(Clone, Debug)]
pub(crate) struct TfIdf {
    texts: usize,
    /// For each pair of characters the texts that have it, and how often.
    postings: HashMap<[char; 2], Vec<(usize, f64)>>,
    norms: Vec<f64>,
}

impl TfIdf {
    pub(crate) fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut postings: HashMap<[char; 2], Vec<(usize, f64)>> = HashMap::new();
        let mut num_texts = 0;
        for text in texts {
            for (pair, times) in count([text]) {
                postings.entry(pair).or_default().push((num_texts, times));
            }
            num_texts += 1;
        }
        let mut norms = vec![0.0; num_texts];
        let mut pairs: Vec<_> = postings.iter().collect();
        pairs.sort_unstable_by_key(|&(pair, _)| *pair); // so that sums are the same in every run
        for (_, having) in pairs {
            let weight = weight(num_texts, having.len());
            for &(text, times) in having {
                norms[text] += (times * weight).powi(2);
            }
        }
        Self {
            texts: num_texts,
            postings,
            norms: norms.into_iter().map(f64::sqrt).collect(),
        }
    }

    /// The texts that have a pair in common with `query`, taken as one text, the most similar
    /// first; equal ones in their order.
    pub(crate) fn ranked<'a>(&self, query: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
        let mut products: HashMap<usize, f64> = HashMap::new();
        let mut pairs: Vec<_> = count(query).into_iter().collect();
        pairs.sort_unstable_by_key(|&(pair, _)| pair); // so that sums are the same in every run
        for (pair, times) in pairs {
            let Some(having) = self.postings.get(&pair) else {
                continue;
            };
            let weight = weight(self.texts, having.len());
            for &(text, own) in having {
                *products.entry(text).or_default() += times * own * weight * weight;
            }
        }
        // The norm of the query is the same for all.
        let mut similar: Vec<(usize, f64)> = products
            .into_iter()
            .map(|(text, product)| (text, product / self.norms[text]))
            .filter(|&(_, similarity)| similarity > 0.0)
            .collect();
        similar.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        similar.into_iter().map(|(text, _)| text).collect()
    }
}

fn weight(texts: usize, having: usize) -> f64 {
    (texts as f64 / having as f64).ln()
}

fn count<'a>(texts: impl IntoIterator<Item = &'a str>) -> HashMap<[char; 2], f64> {
    let mut counts = HashMap::new();
    for text in texts {
        let mut before = BORDER;
        for character in text.chars().chain([BORDER]) {
            *counts.entry([before, character]).or_insert(0.0) += 1.0;
            before = character;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "ab" and "ac" share the pair (border, a) only, whose weight is ln(3/2); "ab" has (a, b)
    /// alone, of weight ln 3. Asked for "ab", itself has cosine 1 and "ac" less; "xy" has nothing
    /// in common.
    #[test]
    fn equal_texts_come_first_and_strangers_not_at_all() {
        let texts = TfIdf::new(["xy", "ac", "ab"]);
        assert_eq!(texts.ranked(["ab"]), [2, 1]);
        assert_eq!(texts.ranked(["z"]), [0usize; 0]);
    }

    /// Of "abab" and "abcd" the first says (a, b) twice; its norm grows as well, so that what
    /// counts is the direction.
    #[test]
    fn long_texts_have_no_advantage() {
        let texts = TfIdf::new(["草草草草草草草草草", "草生える", "かわいい"]);
        assert_eq!(texts.ranked(["草生"])[0], 1);
    }
}
