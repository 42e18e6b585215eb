//! A linear layer's weights in the order in which products read them.

use std::ops::Range;

use super::{lines::Lines, panels::panels, product::PANEL};

/// Panels of classes that a thread computes together: their logits of a chunk of rows stay in a
/// core's cache.
pub(crate) const PANELS: usize = 4;

/// A linear layer, `d` to `num_classes`, ready for products.
#[derive(Debug)]
pub(crate) struct PackedLinear {
    pub(crate) d: usize,
    pub(crate) num_classes: usize,
    /// `[panel][d][PANEL]`.
    panels: Lines,
    /// Filled up with a number that no softmax notices.
    bias: Lines,
}

impl PackedLinear {
    /// Copies `weight`, `[d, num_classes]`; `bias` holds `num_classes` numbers or nothing.
    pub(crate) fn new(weight: &[f32], d: usize, bias: Option<&[f32]>) -> Self {
        let num_classes = weight.len() / d.max(1);
        let mut padded = Lines::zeros(num_classes.next_multiple_of(PANEL));
        let (real, fillers) = padded.split_at_mut(num_classes);
        if let Some(bias) = bias {
            real.copy_from_slice(bias);
        }
        fillers.fill(-1e30);
        Self {
            d,
            num_classes,
            panels: panels(weight, d, num_classes),
            bias: padded,
        }
    }

    /// Makes a class's logit `-inf`.
    pub(crate) fn exclude(&mut self, class: usize) {
        self.bias[class] = f32::NEG_INFINITY;
    }

    /// Of whole panels.
    pub(crate) fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Panels of [`PANEL`] classes.
    pub(crate) fn num_panels(&self) -> usize {
        self.bias.len() / PANEL
    }

    /// The weights, `[panel][d][PANEL]`, and biases of some panels.
    pub(crate) fn block(&self, panels: Range<usize>) -> (&[f32], &[f32]) {
        let classes = panels.start * PANEL..panels.end * PANEL;
        (
            &self.panels[classes.start * self.d..classes.end * self.d],
            &self.bias[classes],
        )
    }
}
