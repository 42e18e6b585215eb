//! Tokens with what stands before each of them in its event.

use jp_tokenize::BOS;

/// Tokens of events in order: each with its place in its event, and with the two before it there.
///
/// What stands before a token is told to the network beside the token, so that its first layer knows
/// pairs and triples without looking for them.
#[derive(Clone, Debug, Default)]
pub(super) struct TokenSequence {
    pub(super) tokens: Vec<i64>,
    pub(super) places: Vec<i64>,
    /// The token before, of the same event; [`BOS`] at its beginning.
    pub(super) previous: Vec<i64>,
    /// Hashes of the token with the one before, and with the two before.
    hashes: [Vec<u64>; 2],
}

impl TokenSequence {
    /// Number of tokens.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Adds a token after the two before it in its event, [`BOS`] where there is none.
    pub(super) fn push(&mut self, token: u32, place: usize, [second, first]: [u32; 2]) {
        self.tokens.push(i64::from(token));
        self.places.push(place as i64);
        self.previous.push(i64::from(first));
        let [pairs, triples] = &mut self.hashes;
        let pair = mixed(mixed(0, first), token);
        pairs.push(pair);
        triples.push(mixed(pair, second));
    }

    /// Adds the tokens of another sequence.
    pub(super) fn extend(&mut self, other: &Self) {
        self.tokens.extend(&other.tokens);
        self.places.extend(&other.places);
        self.previous.extend(&other.previous);
        for (own, other) in self.hashes.iter_mut().zip(&other.hashes) {
            own.extend(other);
        }
    }

    /// Adds so many tokens that mean nothing.
    pub(super) fn fill(&mut self, count: usize) {
        for _ in 0..count {
            self.push(BOS, 0, [BOS; 2]);
        }
    }

    /// The rows of the pairs' and triples' vectors in a table of so many.
    pub(super) fn ngram_rows(&self, num_rows: usize) -> [Vec<i64>; 2] {
        let num_rows = num_rows.max(1) as u64;
        self.hashes
            .each_ref()
            .map(|hashes| hashes.iter().map(|hash| (hash % num_rows) as i64).collect())
    }
}

/// Mixes a number into a hash (the finaliser of SplitMix64: Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", 2014).
pub(super) fn mixed(hash: u64, token: u32) -> u64 {
    let mut bits = hash
        .wrapping_add(u64::from(token))
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens of equal pasts have equal rows, whatever is further away; of others, others.
    #[test]
    fn rows_are_of_the_token_and_the_two_before_it() {
        let mut sequence = TokenSequence::default();
        for (token, before) in [(7, [1, 5]), (7, [2, 5]), (5, [2, 7]), (7, [1, 5])] {
            sequence.push(token, 1, before);
        }
        let [pairs, triples] = sequence.ngram_rows(1 << 40);
        assert_eq!(pairs[0], pairs[1]);
        assert_ne!(pairs[0], pairs[2]);
        assert_ne!(triples[0], triples[1]);
        assert_eq!((pairs[0], triples[0]), (pairs[3], triples[3]));
        let [few, _] = sequence.ngram_rows(3);
        assert!(few.iter().all(|row| (0..3).contains(row)));
    }
}
