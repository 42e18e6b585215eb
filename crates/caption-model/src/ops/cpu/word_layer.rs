//! The word layer's weights in the order in which they are read, and its logits.

use pulp::Simd;

use super::{
    panels,
    product::{PANEL, Rows, RowsMut, multiply},
};

/// Panels that are computed together: their logits of a chunk of positions stay in a core's cache.
pub(super) const PANELS: usize = 8;
/// Words of a block.
pub(super) const BLOCK: usize = PANELS * PANEL;
/// From one position's logits in a block to the next one's. Not a power of two, so that a column of them lies in all of
/// the cache's sets.
pub(super) const STRIDE: usize = BLOCK + 16;

/// A word layer, `d` to `num_words`, ready for products.
#[derive(Debug)]
pub(in crate::ops) struct WordLayer {
    pub(super) d: usize,
    pub(super) num_words: usize,
    /// `[panel][d][PANEL]`.
    pub(super) panels: Vec<f32>,
    /// Filled up with a number that no softmax notices.
    pub(super) bias: Vec<f32>,
}

impl WordLayer {
    /// Copies `weight`, `[d, num_words]`; `bias` holds `num_words` numbers or nothing.
    pub(in crate::ops) fn new(weight: &[f32], d: usize, bias: Option<&[f32]>) -> Self {
        let num_words = weight.len() / d.max(1);
        let mut bias = bias.map_or_else(|| vec![0.0; num_words], <[f32]>::to_vec);
        bias.resize(num_words.next_multiple_of(PANEL), -1e30);
        Self {
            d,
            num_words,
            panels: panels::pack(weight, d, num_words),
            bias,
        }
    }

    /// Forbids a word: its logit is `-inf`.
    pub(in crate::ops) fn ban(&mut self, word: usize) {
        self.bias[word] = f32::NEG_INFINITY;
    }

    pub(super) fn num_blocks(&self) -> usize {
        self.bias.len().div_ceil(BLOCK)
    }

    /// The blocks' weights and biases.
    pub(super) fn block(&self, number: usize) -> (&[f32], &[f32]) {
        let (first, end) = (number * BLOCK, ((number + 1) * BLOCK).min(self.bias.len()));
        (
            &self.panels[first * self.d..end * self.d],
            &self.bias[first..end],
        )
    }
}

/// `logits[rows, STRIDE] = deep[rows, d] · panels + bias` for a block.
#[inline(always)]
pub(super) fn logits<S: Simd>(
    simd: S,
    deep: &[f32],
    d: usize,
    panels: &[f32],
    bias: &[f32],
    logits: &mut [f32],
) {
    let rows = deep.len() / d;
    let deep = Rows {
        values: deep,
        stride: d,
    };
    for (number, panel) in panels.chunks_exact(d * PANEL).enumerate() {
        let panel = Rows {
            values: panel,
            stride: PANEL,
        };
        let mut sums = RowsMut {
            values: &mut logits[number * PANEL..],
            stride: STRIDE,
        };
        multiply(simd, rows, d, deep, panel, &mut sums, false);
    }
    let bias = S::as_simd_f32s(bias).0;
    for row in logits.chunks_exact_mut(STRIDE) {
        let row = S::as_mut_simd_f32s(row).0;
        for (logit, bias) in row.iter_mut().zip(bias) {
            *logit = simd.add_f32s(*logit, *bias);
        }
    }
}

/// The largest of some logits.
#[inline(always)]
pub(super) fn largest<S: Simd>(simd: S, logits: &[S::f32s]) -> f32 {
    let mut largest = simd.splat_f32s(f32::MIN);
    for logit in logits {
        largest = simd.max_f32s(largest, *logit);
    }
    simd.reduce_max_f32s(largest)
}
