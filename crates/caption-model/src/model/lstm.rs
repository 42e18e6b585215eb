use burn::{
    config::Config,
    module::Module,
    nn::{Linear, LinearConfig},
    tensor::{DType, Device, Int, Tensor},
};

use burn_fused::{linear, lstm_gates};

use crate::files::{layer, sum};

/// Configuration of [`Lstm`]; [`init`](LstmConfig::init) makes the layer.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use caption_model::{LstmConfig, LstmState};
///
/// let device = Device::flex();
/// let lstm = LstmConfig::new(3, 4).init(&device);
/// let state = lstm.step(Tensor::zeros([2, 3], &device), LstmState::zeros(2, 4, &device));
/// assert_eq!(state.hidden.dims(), [2, 4]);
/// ```
#[derive(Config, Debug)]
pub struct LstmConfig {
    /// Size of an input vector.
    pub d_input: usize,
    /// Size of the hidden and of the cell state, `n`.
    pub d_hidden: usize,
}

impl LstmConfig {
    /// Numbers of the weights.
    pub(crate) fn num_weights(&self) -> u128 {
        let gates = self.d_hidden.saturating_mul(4);
        sum([layer(self.d_input, gates), layer(self.d_hidden, gates)])
    }

    /// Makes the layer with PyTorch's initialisation, uniform in ±1/√n.
    #[must_use]
    pub fn init(&self, device: &Device) -> Lstm {
        let bound = 1.0 / f64::from(u32::try_from(self.d_hidden.max(1)).unwrap_or(u32::MAX)).sqrt();
        let initializer = burn::nn::Initializer::Uniform {
            min: -bound,
            max: bound,
        };
        let layer = |d_input| {
            LinearConfig::new(d_input, 4 * self.d_hidden)
                .with_initializer(initializer.clone())
                .init(device)
        };
        Lstm {
            input: layer(self.d_input),
            hidden: layer(self.d_hidden),
        }
    }
}

/// Long short-term memory with all four gates in one matrix.
///
/// The gates stand in PyTorch's order input, forget, cell, output, and both matrices have a bias,
/// so that weights of `torch.nn.LSTM` and `torch.nn.LSTMCell` carry over by transposing:
/// `i, f, o = σ(·)`, `g = tanh(·)` of `x·Wₓ + bₓ + h·Wₕ + bₕ`; `c' = f·c + i·g`; `h' = o·tanh(c')`.
///
/// See [`LstmConfig`] for an example.
#[derive(Module, Debug)]
pub struct Lstm {
    /// From the input to the gates, `[d_input, 4 * d_hidden]`.
    pub input: Linear,
    /// From the hidden state to the gates, `[d_hidden, 4 * d_hidden]`.
    pub hidden: Linear,
}

/// Hidden and cell state of an [`Lstm`].
///
/// ```
/// use burn::tensor::Device;
/// use caption_model::LstmState;
///
/// let state = LstmState::zeros(8, 256, &Device::flex());
/// assert_eq!(state.cell.dims(), [8, 256]);
/// ```
#[derive(Clone, Debug)]
pub struct LstmState {
    /// Hidden state `h`, `[batch, d_hidden]`.
    pub hidden: Tensor<2>,
    /// Cell state `c`, `[batch, d_hidden]`.
    pub cell: Tensor<2>,
}

impl LstmState {
    /// The state before the first step of a model that starts from nothing.
    #[must_use]
    pub fn zeros(batch: usize, d_hidden: usize, device: &Device) -> Self {
        Self {
            hidden: Tensor::zeros([batch, d_hidden], device),
            cell: Tensor::zeros([batch, d_hidden], device),
        }
    }

    /// The same in other numbers.
    pub(crate) fn cast(self, dtype: DType) -> Self {
        Self {
            hidden: self.hidden.cast(dtype),
            cell: self.cell.cast(dtype),
        }
    }

    /// The rows of the batch with these indices.
    pub(crate) fn select(self, rows: Tensor<1, Int>) -> Self {
        Self {
            hidden: self.hidden.select(0, rows.clone()),
            cell: self.cell.select(0, rows),
        }
    }
}

impl Lstm {
    /// One step on `[batch, d_input]`.
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    #[must_use]
    pub fn step(&self, input: Tensor<2>, state: LstmState) -> LstmState {
        self.step_projected(linear(&self.input, input), state)
    }

    /// One step on an input that went through [`input`](Self::input) already,
    /// `[batch, 4 * d_hidden]`: the products of all time steps of a known sequence are cheaper as
    /// one matrix product.
    ///
    /// # Panics
    ///
    /// Panics if a shape does not fit the configuration.
    #[must_use]
    pub fn step_projected(&self, projected: Tensor<2>, state: LstmState) -> LstmState {
        let LstmState { hidden, cell } = state;
        let gates = projected + linear(&self.hidden, hidden);
        let (hidden, cell) = lstm_gates(gates, cell);
        LstmState { hidden, cell }
    }
}
