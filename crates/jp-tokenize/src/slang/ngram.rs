use std::collections::HashMap;

use foldhash::fast::RandomState;

/// How likely each character is before any was seen: all of Unicode alike.
const UNIFORM: f64 = 1.0 / 1_112_064.0;

/// The order of the character model that spells new words.
const CHARACTER_ORDER: usize = 4;

/// Stands before the first and after the last symbol.
const END: u32 = 0;

/// An interpolated Kneser-Ney n-gram model over words of an open vocabulary: it spells the words it
/// has not seen.
///
/// It gives each text a number of bits whatever words the text is split into, so that ways of
/// splitting can be compared: the fewer bits a character, the better. A word's probability after
/// its context is discounted and interpolated with that after a context shorter by a word, down to
/// that of its spelling by a model of the same kind over characters, which learns each distinct
/// word once (Kneser and Ney, "Improved backing-off for m-gram language modeling", 1995, in the
/// hierarchical reading of Teh, "A hierarchical Bayesian language model based on Pitman-Yor
/// processes", 2006, with one table a type). The discount of each order is n1 / (n1 + 2 n2), where
/// n1 and n2 are how many counts are one and two.
///
/// The probabilities of all sequences of words sum to one, so that the bits of one way of splitting
/// are an upper bound of those of the text, which may be split in several.
///
/// ```
/// use jp_tokenize::NgramModel;
///
/// let mut model = NgramModel::new(3);
/// for _ in 0..10 {
///     model.add(["ココア", "かわいい"]);
/// }
/// assert!(model.bits(["ココア", "かわいい"]) < 8.0);
/// assert!(model.bits(["ココア", "がわいい"]) > 16.0); // unseen, but not impossible
/// ```
#[derive(Clone, Debug)]
pub struct NgramModel {
    words: HashMap<String, u32, RandomState>,
    counts: Hierarchy,
    characters: Hierarchy,
}

impl NgramModel {
    /// Makes a model of n-grams of up to `order` words, which has seen nothing.
    ///
    /// # Panics
    ///
    /// Panics if `order` is 0.
    #[must_use]
    pub fn new(order: usize) -> Self {
        assert!(order > 0, "an n-gram has one word or more");
        Self {
            words: HashMap::default(),
            counts: Hierarchy::new(order),
            characters: Hierarchy::new(CHARACTER_ORDER),
        }
    }

    /// Learns the words of a text. Memory grows by what of it was not seen before.
    pub fn add<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) {
        let mut sequence = vec![END; self.counts.order - 1];
        for word in words {
            let id = match self.words.get(word) {
                Some(&id) => id,
                None => {
                    let id = u32::try_from(self.words.len() + 1).unwrap_or(u32::MAX);
                    self.words.insert(word.to_owned(), id);
                    id
                }
            };
            sequence.push(id);
            if self.counts.add_last(&sequence) {
                self.characters.add_all(&spelled(word));
            }
        }
        sequence.push(END);
        self.counts.add_last(&sequence);
    }

    /// Cross-entropy of a text of these words: the bits that it takes, its end included.
    #[must_use]
    pub fn bits<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> f64 {
        let mut sequence = vec![END; self.counts.order - 1];
        let mut bits = 0.0;
        for word in words {
            let id = self.words.get(word).copied();
            sequence.push(id.unwrap_or(u32::MAX));
            bits += self.bits_of_last(&sequence, word);
        }
        sequence.push(END);
        // The end is no word that could be spelled: it has a share of its own, which matters to an
        // empty model only.
        bits - self
            .counts
            .probability_of_last(&sequence, || UNIFORM)
            .log2()
    }

    /// The bits of the last word of a sequence, which is `word`.
    fn bits_of_last(&self, sequence: &[u32], word: &str) -> f64 {
        let spelled = spelled(word);
        let spell = || (1.0 - UNIFORM) * self.characters.probability_of_all(&spelled);
        let probability = self.counts.probability_of_last(sequence, spell);
        if probability >= f64::MIN_POSITIVE {
            return -probability.log2();
        }
        // Never seen, and so long that its probability is below the least number: the bits are
        // those of its spelling, which are added up one by one, and of the share that is left to
        // new words.
        let left = self.counts.probability_of_last(sequence, || 1.0 - UNIFORM);
        self.characters.bits_of_all(&spelled) - left.log2()
    }
}

/// A word's characters and its end, as symbols.
fn spelled(word: &str) -> Vec<u32> {
    let start = [END; CHARACTER_ORDER - 1].into_iter();
    let characters = word.chars().map(|c| c as u32 + 1);
    start.chain(characters).chain([END]).collect()
}

/// Counts of symbols after contexts: a context's parent is the context without its farthest symbol,
/// and it counts a symbol once for each child that has it.
#[derive(Clone, Debug)]
struct Hierarchy {
    order: usize,
    contexts: Vec<Context>,
    children: HashMap<(u32, u32), u32, RandomState>,
    counts: HashMap<(u32, u32), u32, RandomState>,
    /// How many counts are one and two, by the length of the context.
    ones_and_twos: Vec<[u64; 2]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Context {
    total: u32,
    distinct: u32,
}

impl Hierarchy {
    fn new(order: usize) -> Self {
        Self {
            order,
            contexts: vec![Context::default()],
            children: HashMap::default(),
            counts: HashMap::default(),
            ones_and_twos: vec![[0; 2]; order],
        }
    }

    fn add_all(&mut self, symbols: &[u32]) {
        for end in self.order..=symbols.len() {
            self.add_last(&symbols[..end]);
        }
    }

    /// Counts the last symbol after those before it; says whether it is new altogether.
    fn add_last(&mut self, symbols: &[u32]) -> bool {
        let at = symbols.len() - 1;
        let mut path = vec![0_u32]; // contexts from the empty one to the longest
        for length in 1..self.order {
            let parent = path[length - 1];
            let next = u32::try_from(self.contexts.len()).unwrap_or(u32::MAX);
            let child = *self
                .children
                .entry((parent, symbols[at - length]))
                .or_insert(next);
            if child == next {
                self.contexts.push(Context::default());
            }
            path.push(child);
        }
        for (length, &context) in path.iter().enumerate().rev() {
            let count = self.counts.entry((context, symbols[at])).or_insert(0);
            *count = count.saturating_add(1);
            let seen = &mut self.contexts[context as usize];
            seen.total = seen.total.saturating_add(1);
            let [ones, twos] = &mut self.ones_and_twos[length];
            match *count {
                1 => {
                    *ones += 1;
                    seen.distinct += 1;
                }
                2 => {
                    *ones -= 1;
                    *twos += 1;
                    return false;
                }
                3 => {
                    *twos -= 1;
                    return false;
                }
                _ => return false,
            }
        }
        true
    }

    fn probability_of_all(&self, symbols: &[u32]) -> f64 {
        let ends = self.order..=symbols.len();
        ends.map(|end| self.probability_of_last(&symbols[..end], || UNIFORM))
            .product()
    }

    /// The bits of what [`probability_of_all`](Self::probability_of_all) is the probability of.
    fn bits_of_all(&self, symbols: &[u32]) -> f64 {
        let ends = self.order..=symbols.len();
        ends.map(|end| -self.probability_of_last(&symbols[..end], || UNIFORM).log2())
            .sum()
    }

    /// The probability of the last symbol after those before it; `base` is that without any context
    /// and count.
    fn probability_of_last(&self, symbols: &[u32], base: impl FnOnce() -> f64) -> f64 {
        let at = symbols.len() - 1;
        let mut context = 0;
        let mut weight = 1.0; // what is left to the shorter contexts, times the longer ones' shares
        let mut levels = Vec::with_capacity(self.order);
        for length in 0..self.order {
            if length > 0 {
                match self.children.get(&(context, symbols[at - length])) {
                    Some(&child) => context = child,
                    None => break,
                }
            }
            let seen = self.contexts[context as usize];
            if seen.total == 0 {
                break;
            }
            let [ones, twos] = self.ones_and_twos[length];
            let discount = (ones as f64 + 0.5) / (ones as f64 + 2.0 * twos as f64 + 1.0);
            let count = self.counts.get(&(context, symbols[at])).copied();
            let own =
                count.map_or(0.0, |count| f64::from(count) - discount) / f64::from(seen.total);
            let rest = discount * f64::from(seen.distinct) / f64::from(seen.total);
            levels.push((own, rest));
        }
        let mut probability = 0.0;
        for &(own, rest) in levels.iter().rev() {
            probability += weight * own;
            weight *= rest;
        }
        probability + weight * base()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probabilities_of_all_next_symbols_sum_to_one() {
        let mut hierarchy = Hierarchy::new(3);
        for text in [
            &[0, 0, 1, 2, 3, 0][..],
            &[0, 0, 1, 2, 2, 0],
            &[0, 0, 3, 3, 0],
        ] {
            hierarchy.add_all(text);
        }
        for context in [[0, 0], [1, 2], [2, 2], [3, 1], [7, 7], [7, 2]] {
            let of =
                |symbol| hierarchy.probability_of_last(&[context[0], context[1], symbol], || 0.1);
            let sum: f64 = (0..10).map(of).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{context:?}: {sum}");
        }
    }

    /// With order 1 a, b, a and the end, each seen: discounts (2 + 0.5) / (2 + 2 + 1) = 0.5, so
    /// that a has (2 - 0.5) / 4.
    #[test]
    fn one_order_is_counts_less_the_discount() {
        let mut model = NgramModel::new(1);
        model.add(["a", "b", "a"]);
        let spell_a = model.characters.probability_of_all(&spelled("a"));
        let a = 1.5 / 4.0 + 0.5 * 3.0 / 4.0 * (1.0 - UNIFORM) * spell_a;
        let end = 0.5 / 4.0 + 0.5 * 3.0 / 4.0 * UNIFORM;
        assert!((model.bits(["a"]) + a.log2() + end.log2()).abs() < 1e-9);
    }

    /// Each further character of a word never seen costs as much as the one before, however small
    /// its probability has become.
    #[test]
    fn very_long_words_have_finite_bits() {
        let mut model = NgramModel::new(2);
        model.add(["草", "木"]);
        let bits = |len: usize| model.bits([&*"龍".repeat(len)]);
        let each = bits(11) - bits(10);
        for len in [60, 100, 5_000] {
            let expected = bits(10) + each * (len - 10) as f64;
            let found = bits(len);
            assert!(
                (found - expected).abs() < 1e-6 * expected,
                "{len}: {found}, expected {expected}"
            );
        }
    }

    #[test]
    fn an_empty_model_gives_finite_bits() {
        assert!(NgramModel::new(3).bits(["草", ""]).is_finite());
        assert!(NgramModel::new(1).bits([]).is_finite());
    }
}
