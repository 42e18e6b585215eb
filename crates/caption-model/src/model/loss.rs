use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// Target of the doubly stochastic regularizer: the attention weight that a location should get in
/// all, over a comment's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionTarget {
    /// 1, as in the paper. `T` words have `T` to give to `L` locations: with `T` far below `L` no
    /// map comes near it, and the flattest one is nearest.
    #[default]
    One,
    /// `T / L`, what a location gets if all are looked at alike, `T` the comment's words with
    /// `<eos>`: the same for `T = L`.
    Reachable,
}

/// Doubly stochastic regularizer of Show, Attend and Tell (section 4.2.1, equation 14): the mean
/// over pictures and locations of `(τ − Σ_t α_ti)²`, which asks the model to look everywhere about
/// equally often. The paper's `τ` is 1 and the paper sums over locations; the mean keeps λ
/// independent of their number.
///
/// # Shapes
///
/// - `weights`: `[batch, time, locations]`
/// - `mask`: `[batch, time]`, 1 where the target is a word or `<eos>`, 0 where it is padding
/// - returned: `[1]`
///
/// # Panics
///
/// Panics if the shapes do not fit.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::{AttentionTarget, doubly_stochastic};
///
/// let device = Device::flex();
/// let mask = Tensor::ones([1, 2], &device);
/// // Two words: each of four locations gets 1/2 in all.
/// let uniform = Tensor::full([1, 2, 4], 0.25, &device);
/// let paper = doubly_stochastic(uniform.clone(), mask.clone(), AttentionTarget::One);
/// assert_eq!(paper.into_scalar::<f32>(), 0.25);
/// let reachable = doubly_stochastic(uniform, mask, AttentionTarget::Reachable);
/// assert_eq!(reachable.into_scalar::<f32>(), 0.0);
/// ```
#[must_use]
pub fn doubly_stochastic(
    weights: Tensor<3>,
    mask: Tensor<2>,
    target: AttentionTarget,
) -> Tensor<1> {
    let [_, _, locations] = weights.dims();
    // [batch, 1, locations]
    let looked: Tensor<3> = (weights * mask.clone().unsqueeze_dim(2)).sum_dim(1);
    let missing = match target {
        AttentionTarget::One => looked.neg() + 1.0,
        AttentionTarget::Reachable => {
            let words = mask.sum_dim(1).unsqueeze_dim::<3>(2); // [batch, 1, 1]
            words.div_scalar(locations as f64) - looked
        }
    };
    missing.square().mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    /// Two places. The first comment has two words and looks (1, 0) and (1/2, 1/2): 3/2 and 1/2 in
    /// all. The second has one, (1, 0), and padding. Against 1: (1/4 + 1/4 + 0 + 1) / 4 = 3/8.
    /// Against T/L, 1 and 1/2: (1/4 + 1/4 + 1/4 + 1/4) / 4 = 1/4.
    #[test]
    fn both_targets_are_the_sums_written_out() {
        let device = Device::flex();
        let weights = Tensor::<3>::from_floats(
            [[[1.0, 0.0], [0.5, 0.5]], [[1.0, 0.0], [0.5, 0.5]]],
            &device,
        );
        let mask = Tensor::<2>::from_floats([[1.0, 1.0], [1.0, 0.0]], &device);
        for (target, expected) in [
            (AttentionTarget::One, 0.375),
            (AttentionTarget::Reachable, 0.25),
        ] {
            let found = doubly_stochastic(weights.clone(), mask.clone(), target);
            assert_eq!(found.into_scalar::<f32>(), expected);
        }
    }
}
