//! Variants: where the papers and the programs that their authors published differ.

use burn::{
    nn::Embedding,
    tensor::{Int, Tensor},
};
use jp_tokenize::BOS;
use serde::{Deserialize, Serialize};

/// Input of the step before the first word.
///
/// ```
/// use caption_model::{FirstInput, GlobalCaptionerConfig};
///
/// let config = GlobalCaptionerConfig::new(100, 512).with_first_input(FirstInput::Zero);
/// assert_eq!(serde_json::to_value(&config)?["first_input"], "zero");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstInput {
    /// The word vector of `<bos>`, which is learnt: Show and Tell's start word.
    #[default]
    Bos,
    /// Zeros: what the program of Show, Attend and Tell does. The word vector of `<bos>` is not
    /// used then.
    Zero,
}

impl FirstInput {
    /// Vectors of the words read, `[batch, time]` to `[batch, time, d_embedding]`.
    pub(super) fn embed(self, vectors: &Embedding, words: Tensor<2, Int>) -> Tensor<3> {
        match self {
            Self::Bos => vectors.forward(words),
            Self::Zero => {
                let later = words.clone().not_equal_elem(BOS).float();
                let read = vectors.forward(words);
                let later = later.unsqueeze_dim(2).cast(read.dtype());
                read * later
            }
        }
    }
}

/// Initial state of an attention captioner, from the mean annotation `ā`.
///
/// ```
/// use burn::tensor::Device;
/// use caption_model::{AttentionCaptionerConfig, InitialState};
///
/// let config = AttentionCaptionerConfig::new(100, 64).with_initial_state(InitialState::TwoLayers);
/// assert!(config.init(&Device::flex()).init_mean.is_some());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialState {
    /// `h₀ = tanh(W_h0 ā + b)`, `c₀ = tanh(W_c0 ā + b)`: the program of Show, Attend and Tell as
    /// its functions default.
    #[default]
    OneLayer,
    /// `relu(W_m ā + b)` in place of `ā`: the same program as its script for COCO runs it. The
    /// paper says "two separate MLPs", and not how deep they are.
    TwoLayers,
    /// `h₀ = tanh(b)`, `c₀ = tanh(b)`, the same for every picture: the state knows only what
    /// attention has looked at. Where the mean annotation already tells who is in the picture, as
    /// on the demo shows, nothing else makes a captioner look (`docs/recognition.md`). In neither
    /// paper.
    Blind,
}

/// Context vector of an attention captioner when it writes and when it is measured: the expectation
/// or one location.
///
/// With hard attention the paper means one location; the authors' program takes the expectation,
/// which is better in practice and gives the same whatever is drawn.
///
/// ```
/// use caption_model::{AttentionCaptionerConfig, AttentionInference};
///
/// let config = AttentionCaptionerConfig::new(100, 64).with_inference(AttentionInference::Argmax);
/// assert_eq!(serde_json::to_value(&config)?["look"], "largest"); // the name in files
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionInference {
    /// The mean of all annotations by their weights ("deterministic" in the authors' program).
    #[default]
    Expected,
    /// The location of the largest weight, the first of them if several are equal.
    #[serde(rename = "largest")]
    Argmax,
    /// A location drawn by the weights, with the device's random numbers: `device.seed` makes it
    /// repeat.
    Sampled,
}
