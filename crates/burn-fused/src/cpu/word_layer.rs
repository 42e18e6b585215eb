//! The word layer's weights in the order in which they are read.

use std::ops::Range;

use super::{lines::Lines, panels::panels, product::PANEL};

/// Panels of words that a thread computes together: their logits of a chunk of positions stay in a core's cache.
pub(super) const PANELS: usize = 4;

/// A word layer, `d` to `num_words`, ready for products.
#[derive(Debug)]
pub(crate) struct WordLayer {
    pub(super) d: usize,
    pub(super) num_words: usize,
    /// `[panel][d][PANEL]`.
    panels: Lines,
    /// Filled up with a number that no softmax notices.
    bias: Lines,
}

impl WordLayer {
    /// Copies `weight`, `[d, num_words]`; `bias` holds `num_words` numbers or nothing.
    pub(crate) fn new(weight: &[f32], d: usize, bias: Option<&[f32]>) -> Self {
        let num_words = weight.len() / d.max(1);
        let mut padded = Lines::zeros(num_words.next_multiple_of(PANEL));
        let (real, fillers) = padded.split_at_mut(num_words);
        if let Some(bias) = bias {
            real.copy_from_slice(bias);
        }
        fillers.fill(-1e30);
        Self {
            d,
            num_words,
            panels: panels(weight, d, num_words),
            bias: padded,
        }
    }

    /// Forbids a word: its logit is `-inf`.
    pub(crate) fn ban(&mut self, word: usize) {
        self.bias[word] = f32::NEG_INFINITY;
    }

    /// Of whole panels.
    pub(super) fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Panels of [`PANEL`] words.
    pub(super) fn num_panels(&self) -> usize {
        self.bias.len() / PANEL
    }

    /// The weights, `[panel][d][PANEL]`, and biases of some panels.
    pub(super) fn block(&self, panels: Range<usize>) -> (&[f32], &[f32]) {
        let words = panels.start * PANEL..panels.end * PANEL;
        (
            &self.panels[words.start * self.d..words.end * self.d],
            &self.bias[words],
        )
    }
}
