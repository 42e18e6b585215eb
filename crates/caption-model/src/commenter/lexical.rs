//! How many n-grams candidates have in common with what was said and written, and how long ago.

use super::{stream::Stream, window::Inputs};

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
/// Events that are read: longer streams forget.
const MOST_EVENTS: usize = 20_000;
const BUCKETS: usize = COMMENT_BUCKETS.len() + LINE_BUCKETS.len();
/// Numbers that a candidate gets: of n-grams of up to two characters, and of the others, for each
/// bucket.
pub(super) const NUM_LEXICAL: usize = 2 * BUCKETS;

/// Counts of n-grams by how long ago they were read.
pub(super) struct LexicalCounts {
    counts: Vec<[f32; BUCKETS]>,
    touched: Vec<u32>,
}

impl LexicalCounts {
    /// Of a table of so many rows.
    pub(super) fn new(rows: usize) -> Self {
        Self {
            counts: vec![[0.0; BUCKETS]; rows],
            touched: Vec::new(),
        }
    }

    /// Counts what may be read at a moment.
    pub(super) fn read(&mut self, stream: &Stream, millis: i64, excluded: &[u32], inputs: Inputs) {
        for row in self.touched.drain(..) {
            self.counts[row as usize] = [0.0; BUCKETS];
        }
        let past = &stream.events()[..stream.end_at(millis)];
        for event in past.iter().rev().take(MOST_EVENTS) {
            let ago = millis.saturating_sub(event.millis);
            let (buckets, first, wanted) = match event.is_line() {
                true => (&LINE_BUCKETS[..], COMMENT_BUCKETS.len(), inputs.lines),
                false => (&COMMENT_BUCKETS[..], 0, inputs.comments),
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
                }
            }
        }
    }

    /// Appends the numbers of a candidate: the mean over its n-grams, weighed by how rare they are,
    /// of `ln(1 + count)`.
    pub(super) fn append(&self, ngrams: &[u32], weights: &[f32], numbers: &mut Vec<f32>) {
        // The whole, and then 3 n - 3 n-grams of the n characters, marks included.
        let characters = ngrams.len().div_ceil(3);
        let short = (2 * characters).min(ngrams.len());
        let (whole, rest) = ngrams.split_at(ngrams.len().min(1));
        let (short, long) = rest.split_at(short.saturating_sub(1));
        numbers.extend(self.overlap(short.iter(), weights));
        numbers.extend(self.overlap(long.iter().chain(whole), weights));
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
