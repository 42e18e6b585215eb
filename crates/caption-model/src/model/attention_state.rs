//! State of an attention captioner, and its output word by word.

use burn::tensor::{Int, Tensor};

use super::lstm::LstmState;

/// Attention weights and gates of an [`AttentionCaptioner`](crate::AttentionCaptioner), word by
/// word.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::AttentionCaptionerConfig;
///
/// let device = Device::flex();
/// let model = AttentionCaptionerConfig::new(10, 8).init(&device);
/// let words = Tensor::from_ints([[1, 4, 5]], &device);
/// let (_, attention) = model.forward(Tensor::ones([1, 4, 8], &device), words);
/// assert_eq!(attention.gates.dims(), [1, 3]);
/// ```
#[derive(Clone, Debug)]
pub struct Attention {
    /// Attention weights `α`, `[batch, time, locations]`; each row sums to one.
    pub weights: Tensor<3>,
    /// Gates `β` of the context vectors, `[batch, time]`, 0 to 1; all 1 without a gate.
    pub gates: Tensor<2>,
}

/// Recurrent state of an [`AttentionCaptioner`](crate::AttentionCaptioner) between words.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::AttentionCaptionerConfig;
///
/// let device = Device::flex();
/// let model = AttentionCaptionerConfig::new(10, 8).init(&device);
/// let state = model.start(Tensor::ones([1, 4, 8], &device));
/// assert_eq!(state.lstm.hidden.dims(), [1, 256]);
/// ```
#[derive(Clone, Debug)]
pub struct AttentionState {
    /// State of the LSTM.
    pub lstm: LstmState,
    pub(super) annotations: Tensor<3>,
    pub(super) keys: Tensor<3>,
}

impl AttentionState {
    /// The rows of the batch with these indices.
    pub(crate) fn select(self, rows: Tensor<1, Int>) -> Self {
        Self {
            lstm: self.lstm.select(rows.clone()),
            annotations: self.annotations.select(0, rows.clone()),
            keys: self.keys.select(0, rows),
        }
    }
}

/// One step of an [`AttentionCaptioner`](crate::AttentionCaptioner).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::AttentionCaptionerConfig;
///
/// let device = Device::flex();
/// let model = AttentionCaptionerConfig::new(10, 8).init(&device);
/// let state = model.start(Tensor::ones([1, 4, 8], &device));
/// let step = model.step(Tensor::from_ints([1], &device), state);
/// assert_eq!(step.weights.sum().into_scalar::<f32>(), 1.0);
/// ```
#[derive(Clone, Debug)]
pub struct AttentionStep {
    /// What [`AttentionCaptioner::logits`](crate::AttentionCaptioner::logits) takes,
    /// `[batch, d_embedding]`.
    pub pre_logits: Tensor<2>,
    /// Attention weights `α`, `[batch, locations]`; each row sums to one.
    pub weights: Tensor<2>,
    /// Gate `β` of the context vector, `[batch, 1]`, 0 to 1; 1 without a gate.
    pub gate: Tensor<2>,
    /// The state for the next word.
    pub state: AttentionState,
}
