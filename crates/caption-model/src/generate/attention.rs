use burn::tensor::Tensor;

use crate::{error::Error, host::to_host};

/// Attention weights before a word: where the model looked.
#[derive(Clone, Debug, PartialEq)]
pub struct WordAttention {
    /// Attention weights α of the locations, row by row from the top left; they sum to one.
    pub weights: Vec<f32>,
    /// Gate β of the context vector, 0 to 1, where the model has one.
    pub gate: Option<f32>,
}

/// The looks of some rows, `weights` being `[rows, locations]` and `gates` `[rows, 1]`.
pub(super) fn looks(
    weights: Tensor<2>,
    gates: Option<Tensor<2>>,
) -> Result<Vec<WordAttention>, Error> {
    let [_, locations] = weights.dims();
    let weights = to_host(weights)?;
    let gates = gates.map(to_host).transpose()?;
    let looks = weights.chunks_exact(locations.max(1)).enumerate();
    Ok(looks
        .map(|(row, weights)| WordAttention {
            weights: weights.to_vec(),
            gate: gates.as_ref().and_then(|gates| gates.get(row).copied()),
        })
        .collect())
}
