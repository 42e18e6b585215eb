//! The estimator that hard attention is trained with: Xu et al., "Show, Attend and Tell" (2015),
//! section 4.1.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::error::Error;

/// Training of hard attention.
///
/// One location a word is drawn from the softmax's distribution. The gradient of the bound
/// `L_s = Σ_s p(s|a) log p(y|s, a)` is estimated by one sample `s` (equation 12, with the baseline
/// and the entropy of the paragraphs after it):
///
/// `∂ log p(y|s, a) + λ_r (log p(y|s, a) − b) ∂ log p(s|a) + λ_e ∂ H[s]`
///
/// - With probability [`expected_share`](Self::expected_share) a comment sees the expectation
///   instead of its samples.
/// - `b` is the moving average of the steps before, `b_k = 0.9 b_{k−1} + 0.1 log p(y|s_k, a)`. It
///   is kept for a word and multiplied by the words of each comment, since comments have between 1
///   and 30 words and batches hold comments of equal length. It begins with `−ln V`, what a model
///   gets that knows nothing of `V` words.
/// - The sum is divided by the words of the batch, as the likelihood is.
///
/// The authors' program differs: one draw for a whole batch decides whether it sees the
/// expectation; each word's loss, and without the baseline unless asked for, weighs the gradient of
/// that word's own location only; λ_r is 1/10.
///
/// ```
/// use caption_train::{HardAttention, TrainConfig};
///
/// let config = TrainConfig::default().hard_attention(Some(HardAttention::default()));
/// assert_eq!(config.hard_attention.map(|hard| hard.expected_share), Some(0.5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HardAttention {
    /// Weight λ_r of what is learnt from rewards. Default: 1, with which the estimate is unbiased.
    pub reinforce: f64,
    /// Weight λ_e of the entropy of the weights, nats. Default: 0.01; the paper does not give its
    /// own, the program's is 0.
    pub entropy: f64,
    /// Probability with which a comment sees the expectation. Default: 0.5, as in the paper.
    pub expected_share: f64,
}

impl Default for HardAttention {
    fn default() -> Self {
        Self {
            reinforce: 1.0,
            entropy: 0.01,
            expected_share: 0.5,
        }
    }
}

/// What is known of the comments of a batch after a pass with locations drawn.
pub(super) struct SampledLocations {
    /// `−log p(y|s, a)` of each comment, `[batch, 1]`, nats. Carries no gradient.
    pub(super) nll: Tensor<2>,
    /// `log α` of the locations drawn, `[batch, time]`; 0 where the expectation was seen.
    pub(super) log_drawn: Tensor<2>,
    /// Weights `α`, `[batch, time, locations]`.
    pub(super) weights: Tensor<3>,
    /// 1 where the target counts, `[batch, time]`.
    pub(super) mask: Tensor<2>,
}

impl HardAttention {
    /// Refuses what cannot work.
    pub(super) fn check(&self) -> Result<(), Error> {
        let at_least_0 = |value: f64| value >= 0.0 && value.is_finite();
        let wrong = [
            (
                "hard_attention.reinforce",
                self.reinforce,
                at_least_0(self.reinforce),
                "0 or a positive number",
            ),
            (
                "hard_attention.entropy",
                self.entropy,
                at_least_0(self.entropy),
                "0 or a positive number",
            ),
            (
                "hard_attention.expected_share",
                self.expected_share,
                (0.0..=1.0).contains(&self.expected_share),
                "0 to 1",
            ),
        ];
        match wrong.into_iter().find(|(_, _, fits, _)| !fits) {
            None => Ok(()),
            Some((option, value, _, expected)) => Err(Error::Option {
                option,
                value: value.to_string(),
                expected,
            }),
        }
    }

    /// What is added to the negative log-likelihood of each comment so that its gradient is the
    /// estimate, `[batch, 1]`. `baseline` is `b` of a word.
    pub(super) fn surrogate(&self, drawn: SampledLocations, baseline: f64) -> Tensor<2> {
        let SampledLocations {
            nll,
            log_drawn,
            weights,
            mask,
        } = drawn;
        let words = mask.clone().sum_dim(1);
        // −(log p − b) = nll + b
        let cost = nll.detach() + words.mul_scalar(baseline);
        let log_drawn = (log_drawn * mask.clone()).sum_dim(1);
        let logs = weights.clone().clamp_min(f32::MIN_POSITIVE).log();
        let negative_entropy: Tensor<2> = (weights * logs).sum_dim(2).squeeze_dim(2);
        cost * log_drawn.mul_scalar(self.reinforce)
            + (negative_entropy * mask)
                .sum_dim(1)
                .mul_scalar(self.entropy)
    }
}

/// The moving average `b` of a word's log-likelihood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Baseline(pub(super) f64);

impl Baseline {
    /// Before the first step.
    pub(super) fn of_words(num_words: usize) -> Self {
        Self(-(num_words.max(1) as f64).ln())
    }

    /// After a step in which a word's mean log-likelihood was `log_likelihood`.
    pub(super) fn moved(self, log_likelihood: f64) -> Self {
        Self(0.9 * self.0 + 0.1 * log_likelihood)
    }
}
