use std::sync::OnceLock;

use burn::tensor::{Device, Int, Tensor, TensorData};
use jp_tokenize::{BOS, EOS, PAD};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{
    attention::WordAttention, constraints::Constraints, decoder::Decoder, options::GenerateOptions,
};
use crate::error::Error;

/// A comment that was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Generated {
    pub(super) words: Vec<u32>,
    /// For each word, if it was asked for and there is any.
    pub(super) looks: Vec<WordAttention>,
}

/// A model with the constraints and options that it writes by, and what is made once for all
/// batches.
pub(super) struct DecodeBatch<'a, D: Decoder> {
    pub(super) decoder: &'a D,
    pub(super) constraints: Constraints,
    pub(super) options: GenerateOptions,
    pub(super) device: Device,
    /// For each of the constraints' phases; `None` where no word may be written.
    argmax: [OnceLock<Option<D::Argmax>>; 3],
}

impl<'a, D: Decoder> DecodeBatch<'a, D> {
    pub(super) fn new(
        decoder: &'a D,
        constraints: Constraints,
        options: &GenerateOptions,
        device: &Device,
    ) -> Result<Self, Error> {
        options.check()?;
        Ok(Self {
            decoder,
            constraints,
            options: options.clone(),
            device: device.clone(),
            argmax: Default::default(),
        })
    }

    /// The random numbers of a comment, by its number.
    pub(super) fn rng(&self, number: usize) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.options.seed);
        rng.set_stream(number as u64);
        rng
    }

    /// The most probable words at a position, where constraints do not look back; the scores never
    /// leave the device.
    pub(super) fn best(&self, pre_logits: Tensor<2>, position: usize) -> Result<Vec<u32>, Error> {
        let [rows, _] = pre_logits.dims();
        let phase = self.constraints.position_class(position);
        let make = || {
            let mask = self.constraints.mask(phase);
            let any = mask.contains(&0.0);
            any.then(|| self.decoder.argmax(mask))
        };
        match self.argmax[phase].get_or_init(make) {
            Some(argmax) => ids(self.decoder.best(pre_logits, argmax)),
            None => Ok(vec![EOS; rows]),
        }
    }

    pub(super) fn upload(&self, words: &[u32]) -> Tensor<1, Int> {
        let words: Vec<i64> = words.iter().copied().map(i64::from).collect();
        let count = words.len();
        Tensor::from_data(TensorData::new(words, [count]), &self.device)
    }

    pub(super) fn upload_indices(&self, indices: &[usize]) -> Tensor<1, Int> {
        let indices: Vec<i64> = indices
            .iter()
            .map(|&index| i64::try_from(index).expect("a batch has fewer than 2^63 rows"))
            .collect();
        let count = indices.len();
        Tensor::from_data(TensorData::new(indices, [count]), &self.device)
    }
}

/// Word ids on the host. Where every score is −∞ the device finds the first word, `<pad>`: that is
/// the end.
fn ids(indices: Tensor<1, Int>) -> Result<Vec<u32>, Error> {
    let ids = indices
        .try_into_vec_as::<i64>()
        .map_err(|error| Error::Device(error.to_string()))?;
    let id = |id| match u32::try_from(id) {
        Ok(PAD | BOS) | Err(_) => EOS,
        Ok(word) => word,
    };
    Ok(ids.into_iter().map(id).collect())
}
