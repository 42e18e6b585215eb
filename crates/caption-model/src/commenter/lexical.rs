//! How many n-grams candidates have in common with what was said and written, and how long ago.

use std::ops::Range;

use super::{
    match_batch::MatchMoment,
    stream::{EventKind, Stream},
};

/// Ends of the buckets of time back, of comments and of lines, milliseconds: what was just said,
/// and what is said in this video anyway.
const COMMENT_BUCKETS: [i64; 8] = [
    2_000,
    5_000,
    10_000,
    15_000,
    30_000,
    60_000,
    180_000,
    i64::MAX,
];
const LINE_BUCKETS: [i64; 6] = [2_000, 4_000, 7_000, 12_000, 25_000, i64::MAX];
/// What brings rarities, and logarithms of lengths, to about 1.
const RARITY: f32 = 0.1;
const LENGTH: f32 = 0.3;
/// Events that are read: longer streams forget.
const MOST_EVENTS: usize = 20_000;
const BUCKETS: usize = COMMENT_BUCKETS.len() + LINE_BUCKETS.len();
/// What is just said, as the baselines have it: comments of the past 15 s, lines of the past 12 s.
const JUST_SAID: [Range<usize>; 2] = [0..4, COMMENT_BUCKETS.len()..COMMENT_BUCKETS.len() + 4];
/// Numbers that a candidate gets: of n-grams of up to two characters, and of the others, for each
/// bucket; its cosines to what is just said; how rare it is as a whole, how rare its n-grams are on
/// average, and how long it is.
pub(super) const NUM_LEXICAL: usize = 2 * BUCKETS + JUST_SAID.len() + 3;

/// Counts of n-grams by how long ago they were read.
pub(super) struct LexicalCounts {
    counts: Vec<[f32; BUCKETS]>,
    touched: Vec<u32>,
    /// Lengths of the vectors of [`JUST_SAID`].
    norms: [f32; JUST_SAID.len()],
}

impl LexicalCounts {
    /// Of a table of so many rows.
    pub(super) fn new(rows: usize) -> Self {
        Self {
            counts: vec![[0.0; BUCKETS]; rows],
            touched: Vec::new(),
            norms: [0.0; JUST_SAID.len()],
        }
    }

    /// Counts what may be read at a moment; `weights` say how rare each row is.
    pub(super) fn read(&mut self, stream: &Stream, moment: &MatchMoment<'_>, weights: &[f32]) {
        let MatchMoment {
            millis,
            excluded,
            inputs,
        } = *moment;
        let mut just_said = Vec::new();
        for row in self.touched.drain(..) {
            self.counts[row as usize] = [0.0; BUCKETS];
        }
        let past = &stream.events()[..stream.end_at(millis)];
        for event in past.iter().rev().take(MOST_EVENTS) {
            let ago = millis.saturating_sub(event.millis);
            let (buckets, first, wanted) = match event.kind {
                EventKind::Line => (&LINE_BUCKETS[..], COMMENT_BUCKETS.len(), inputs.lines),
                EventKind::Comment(_) => (&COMMENT_BUCKETS[..], 0, inputs.comments),
                EventKind::Picture => continue,
            };
            let is_own = event
                .author
                .is_some_and(|author| excluded.contains(&author));
            if !wanted || is_own {
                continue;
            }
            let bucket = first + buckets.partition_point(|end| *end < ago);
            for row in &event.ngrams {
                if let Some(counts) = self.counts.get_mut(*row as usize) {
                    counts[bucket] += 1.0;
                    self.touched.push(*row);
                    if JUST_SAID.iter().any(|buckets| buckets.contains(&bucket)) {
                        just_said.push(*row);
                    }
                }
            }
        }
        just_said.sort_unstable();
        just_said.dedup();
        for (norm, buckets) in self.norms.iter_mut().zip(&JUST_SAID) {
            let squares = just_said.iter().map(|row| {
                let weight = weights.get(*row as usize).copied().unwrap_or(0.0);
                (weight * frequency(&self.counts[*row as usize][buckets.clone()])).powi(2)
            });
            *norm = squares.sum::<f32>().sqrt();
        }
    }

    /// Appends the numbers of a candidate: the mean over its n-grams, weighed by how rare they are,
    /// of `ln(1 + count)`; the cosines of TF-IDF vectors; and what it is like anywhere.
    pub(super) fn append(&self, ngrams: &[u32], weights: &[f32], numbers: &mut Vec<f32>) {
        // The whole, and then 3 n - 3 n-grams of the n characters, marks included.
        let characters = ngrams.len().div_ceil(3);
        let short = (2 * characters).min(ngrams.len());
        let (whole, rest) = ngrams.split_at(ngrams.len().min(1));
        let (short, long) = rest.split_at(short.saturating_sub(1));
        numbers.extend(self.overlap(short.iter(), weights));
        numbers.extend(self.overlap(long.iter().chain(whole), weights));
        numbers.extend(self.cosines(ngrams, weights));
        let rarity = |row: &u32| weights.get(*row as usize).copied().unwrap_or(0.0);
        let all: f32 = rest.iter().map(rarity).sum();
        numbers.extend([
            whole.first().map_or(0.0, rarity) * RARITY,
            all / rest.len().max(1) as f32 * RARITY,
            (characters as f32).ln_1p() * LENGTH,
        ]);
    }

    fn cosines(&self, ngrams: &[u32], weights: &[f32]) -> [f32; JUST_SAID.len()] {
        let mut distinct = ngrams.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let (mut products, mut squares) = ([0.0; JUST_SAID.len()], 0.0);
        for row in distinct {
            let row = row as usize;
            let (Some(counts), Some(weight)) = (self.counts.get(row), weights.get(row)) else {
                continue;
            };
            squares += weight * weight;
            for (product, buckets) in products.iter_mut().zip(&JUST_SAID) {
                *product += weight * weight * frequency(&counts[buckets.clone()]);
            }
        }
        let norm = squares.sqrt();
        std::array::from_fn(|at| products[at] / (norm * self.norms[at]).max(1e-6))
    }

    fn overlap<'a>(
        &self,
        ngrams: impl Iterator<Item = &'a u32>,
        weights: &[f32],
    ) -> [f32; BUCKETS] {
        let (mut sums, mut total) = ([0.0; BUCKETS], 1e-3);
        for row in ngrams {
            let row = *row as usize;
            let (Some(counts), Some(weight)) = (self.counts.get(row), weights.get(row)) else {
                continue;
            };
            total += weight;
            for (sum, count) in sums.iter_mut().zip(counts) {
                if *count > 0.0 {
                    *sum += weight * count.ln_1p();
                }
            }
        }
        sums.map(|sum| sum / total)
    }
}

/// What an n-gram that was read so often counts.
fn frequency(counts: &[f32]) -> f32 {
    let count: f32 = counts.iter().sum();
    if count > 0.0 { 1.0 + count.ln() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        NgramHasher,
        commenter::{Inputs, StreamEvent},
    };

    const ROWS: u32 = 4_096;

    fn ngrams(text: &str) -> Vec<u32> {
        NgramHasher::new(ROWS).rows(text)
    }

    fn said(second: i64, text: &str) -> StreamEvent {
        StreamEvent {
            millis: second * 1_000,
            kind: EventKind::Line,
            author: None,
            pieces: Box::default(),
            ngrams: ngrams(text).into(),
            features: None,
        }
    }

    /// At second 100: a line of five seconds ago, of the third bucket of lines, has all n-grams of
    /// its own text once, and none of another; a line of a minute ago is of the last bucket.
    #[test]
    fn what_was_said_is_counted_by_how_long_ago() {
        let stream = Stream::new([said(40, "遠い昔の話"), said(95, "おはよう")]);
        let weights = vec![1.0; ROWS as usize];
        let mut counts = LexicalCounts::new(weights.len());
        let moment = MatchMoment {
            millis: 100_000,
            excluded: &[],
            inputs: Inputs::default(),
        };
        counts.read(&stream, &moment, &weights);
        let numbers = |text: &str| {
            let mut numbers = Vec::new();
            counts.append(&ngrams(text), &weights, &mut numbers);
            numbers
        };
        let same = numbers("おはよう");
        assert_eq!(same.len(), NUM_LEXICAL);
        let third_of_lines = COMMENT_BUCKETS.len() + 2;
        let once = 2f32.ln();
        assert!((same[third_of_lines] - once).abs() < 1e-2, "{same:?}");
        assert!(
            (same[BUCKETS + third_of_lines] - once).abs() < 1e-2,
            "{same:?}"
        );
        assert!(
            (same[2 * BUCKETS + 1] - 1.0).abs() < 1e-5,
            "the cosine: {same:?}"
        );
        assert!(
            same[2 * BUCKETS].abs() < 1e-6,
            "there are no comments: {same:?}"
        );
        let far = numbers("遠い昔の話");
        assert!((far[BUCKETS - 1] - once).abs() < 1e-2, "{far:?}");
        assert!(far[2 * BUCKETS + 1] < 0.3, "{far:?}");
    }
}
