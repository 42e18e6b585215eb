#[cfg(feature = "flex")]
mod backward;
#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod distribution;
#[cfg(feature = "flex")]
mod forward;
mod plain;
#[cfg(feature = "flex")]
mod simd;
#[cfg(all(test, feature = "flex"))]
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod tests;

use burn::tensor::{Int, Tensor};

use crate::Relations;

/// What stands for the logarithm of 0: the log-likelihood of a target that no visible token equals.
/// Its gradient is 0.
pub const NO_COPY: f32 = -1e4;

/// Log-likelihoods of a pointer that copies a token or copies none, in nats.
#[derive(Clone, Debug)]
pub struct CopyLogLikelihood {
    /// That a token is copied which equals the target, `[batch, length]`; [`NO_COPY`] where there
    /// is none.
    pub target: Tensor<2>,
    /// That none is copied, `[batch, length]`: the weight of another distribution with which this
    /// one is mixed.
    pub none: Tensor<2>,
}

/// The log-likelihood of copying each position's target from the tokens before it, by a pointer
/// network (Vinyals, Fortunato and Jaitly 2015) over what [`Relations`] let it see.
///
/// Position `i` points at the visible positions `j < i`, or at none, by the softmax of
/// `q_i · k_j / √d` and 0 for none: the sentinel of Merity et al., "Pointer Sentinel Mixture
/// Models" (2017). The likelihood of a target is the sum over all positions whose token equals it,
/// as in See, Liu and Manning, "Get To The Point" (2017, equation 9), and Grave, Joulin and Usunier,
/// "Improving Neural Language Models with a Continuous Cache" (2017). For a mixture with a softmax
/// over the vocabulary, `p(target) = exp(target) + exp(none) · p_vocabulary(target)`.
///
/// The classes of `relations` are not told apart, except for [`Relations::HIDDEN`]. On the CPU
/// this is one node of the autodiff graph that holds scores for a block of queries and keys at a
/// time and computes them again in the backward pass.
///
/// # Shapes
///
/// - `query`, `key`: `[batch, length, d]`; key `j` tells when token `j` is to be copied, and is
///   made of what was known before it: the caller shifts states by one
/// - `tokens`, `targets`: `[batch, length]`, numbers from 0 to 2³² − 1
///
/// # Panics
///
/// Panics if `d` is 0, if the shapes do not fit each other or `relations`, and on the CPU if a token or target
/// is out of range.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_fused::{NO_COPY, Relations, copy_log_likelihood};
///
/// let device = Device::flex();
/// let zeros = Tensor::zeros([1, 4, 2], &device);
/// let tokens = Tensor::from_ints([[7, 8, 7, 9]], &device);
/// let targets = Tensor::from_ints([[7, 7, 9, 7]], &device);
/// let relations = Relations::causal(1, 4);
/// let copy = copy_log_likelihood(zeros.clone(), zeros, tokens, targets, &relations);
/// // All scores are 0: the last position has two of three tokens to copy 7 from, or copies none.
/// let target = copy.target.into_data().try_into_vec::<f32>()?;
/// assert_eq!([target[0], target[2]], [NO_COPY; 2]);
/// assert!((target[1] - 0.5f32.ln()).abs() < 1e-6 && (target[3] - 0.5f32.ln()).abs() < 1e-6);
/// let none = copy.none.into_data().try_into_vec::<f32>()?;
/// assert!((none[3] - 0.25f32.ln()).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn copy_log_likelihood(
    query: Tensor<3>,
    key: Tensor<3>,
    tokens: Tensor<2, Int>,
    targets: Tensor<2, Int>,
    relations: &Relations,
) -> CopyLogLikelihood {
    let [batch, length, d] = query.dims();
    assert!(d > 0, "queries have numbers");
    assert_eq!(key.dims(), query.dims(), "a key for each query");
    assert_eq!(tokens.dims(), [batch, length], "a token for each key");
    assert_eq!(targets.dims(), [batch, length], "a target for each query");
    let found = [relations.batch(), relations.length()];
    assert_eq!(found, [batch, length], "relations of all positions");
    if batch * length == 0 {
        let empty = Tensor::zeros([batch, length], &query.device());
        return CopyLogLikelihood {
            target: empty.clone(),
            none: empty,
        };
    }
    #[cfg(feature = "flex")]
    if let Some(copy) = cpu::copy_log_likelihood(&query, &key, &tokens, &targets, relations) {
        return copy;
    }
    plain::copy_log_likelihood(query, key, tokens, targets, relations)
}

/// Probabilities of a pointer that copies a token or copies none; they sum to 1.
#[derive(Clone, Debug)]
pub struct CopyDistribution {
    /// That each of the vocabulary is copied, `[batch, new, num_tokens]`.
    pub tokens: Tensor<3>,
    /// That none is copied, `[batch, new]`.
    pub none: Tensor<2>,
}

/// The probability of copying each token of a vocabulary, for the last positions of a sequence:
/// [`copy_log_likelihood`] of all targets at once, for decoding. Carries no gradient.
///
/// # Shapes
///
/// - `query`: `[batch, new, d]`, the last `new` of `length` positions
/// - `key`: `[batch, length, d]`
/// - `tokens`: `[batch, length]`, numbers below `num_tokens`; the last one of an item is not seen
///   by any query
///
/// # Panics
///
/// Panics if `d` is 0, if the shapes do not fit each other or `relations`, and on the CPU if a token is not
/// below `num_tokens`.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_fused::{Relations, copy_distribution};
///
/// let device = Device::flex();
/// let (query, key) = (Tensor::zeros([1, 1, 2], &device), Tensor::zeros([1, 4, 2], &device));
/// // What the last position will hold is not known yet: any token stands for it.
/// let tokens = Tensor::from_ints([[2, 0, 2, 0]], &device);
/// let copy = copy_distribution(query, key, tokens, 4, &Relations::causal(1, 4));
/// assert_eq!(copy.tokens.into_data().try_into_vec::<f32>()?, [0.25, 0.0, 0.5, 0.0]);
/// assert_eq!(copy.none.into_scalar::<f32>(), 0.25);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn copy_distribution(
    query: Tensor<3>,
    key: Tensor<3>,
    tokens: Tensor<2, Int>,
    num_tokens: usize,
    relations: &Relations,
) -> CopyDistribution {
    let ([batch, new, d], [_, length, _]) = (query.dims(), key.dims());
    assert!(d > 0, "queries have numbers");
    assert_eq!(key.dims(), [batch, length, d], "keys of the queries' size");
    assert!(new <= length, "{new} queries of {length} positions");
    assert_eq!(tokens.dims(), [batch, length], "a token for each key");
    let found = [relations.batch(), relations.length()];
    assert_eq!(found, [batch, length], "relations of all positions");
    let (query, key) = (query.inner(), key.inner());
    if batch * new == 0 {
        return CopyDistribution {
            tokens: Tensor::zeros([batch, new, num_tokens], &query.device()),
            none: Tensor::zeros([batch, new], &query.device()),
        };
    }
    #[cfg(feature = "flex")]
    if let Some(copy) = cpu::copy_distribution(&query, &key, &tokens, num_tokens, relations) {
        return copy;
    }
    plain::copy_distribution(query, key, tokens, num_tokens, relations)
}

/// Factor of scores of vectors of `d` numbers, `1/√d`.
#[cfg(feature = "flex")]
fn scale(d: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "sizes of vectors are small")]
    let d = d as f32;
    1.0 / d.sqrt()
}
