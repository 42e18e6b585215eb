use burn::tensor::{Int, Tensor};

use burn_fused::ArgmaxLayer;

use crate::model::{Network, NetworkState};

/// What decoding needs of a model; tests bring one whose probabilities are written down.
pub(super) trait Decoder: Sync {
    /// What the model carries from word to word, a row for each comment.
    type State;

    /// Reads one word of each comment, `[rows]`.
    fn step(&self, words: Tensor<1, Int>, state: Self::State) -> Step<Self::State>;

    /// The scores of the next word, `[rows, num_words]`.
    fn logits(&self, pre_logits: Tensor<2>) -> Tensor<2>;

    /// What [`best`](Self::best) works with.
    type Argmax;

    /// Makes ready to choose among the words whose `mask` is 0, at least one; that of the others is
    /// −∞.
    fn argmax(&self, mask: &[f32]) -> Self::Argmax;

    /// The words of the largest scores among those that may be chosen, `[rows]`.
    fn best(&self, pre_logits: Tensor<2>, argmax: &Self::Argmax) -> Tensor<1, Int>;

    /// Rows of the state; one may be taken several times.
    fn select(&self, state: Self::State, rows: Tensor<1, Int>) -> Self::State;
}

/// One step of a [`Decoder`].
pub(super) struct Step<S> {
    /// What its word layer takes, `[rows, d]`.
    pub(super) pre_logits: Tensor<2>,
    /// Attention weights, `[rows, locations]`.
    pub(super) weights: Option<Tensor<2>>,
    /// Gates, `[rows, 1]`.
    pub(super) gates: Option<Tensor<2>>,
    pub(super) state: S,
}

impl Decoder for Network {
    type State = NetworkState;

    fn step(&self, words: Tensor<1, Int>, state: NetworkState) -> Step<NetworkState> {
        let step = Network::step(self, words, state);
        Step {
            pre_logits: step.pre_logits,
            weights: step.weights,
            gates: step.gate,
            state: step.state,
        }
    }

    fn logits(&self, pre_logits: Tensor<2>) -> Tensor<2> {
        Network::logits(self, pre_logits)
    }

    type Argmax = ArgmaxLayer;

    fn argmax(&self, mask: &[f32]) -> ArgmaxLayer {
        let banned: Vec<u32> = (0u32..)
            .zip(mask)
            .filter(|(_, mask)| **mask == f32::NEG_INFINITY)
            .map(|(word, _)| word)
            .collect();
        ArgmaxLayer::new(self.word_layer(), &banned)
    }

    fn best(&self, pre_logits: Tensor<2>, argmax: &ArgmaxLayer) -> Tensor<1, Int> {
        argmax.argmax(pre_logits)
    }

    fn select(&self, state: NetworkState, rows: Tensor<1, Int>) -> NetworkState {
        match state {
            NetworkState::Global(state) => NetworkState::Global(state.select(rows)),
            NetworkState::Attention(state) => NetworkState::Attention(state.select(rows)),
        }
    }
}
