use std::borrow::Cow;

use burn::{
    module::{Module, ModuleMapper, Param},
    tensor::{Device, FloatDType, Tensor},
};
use serde::{Deserialize, Serialize};

use crate::{
    data::{Batch, is_cpu},
    error::Error,
    model::Network,
};

/// In which numbers training computes.
///
/// ```
/// use caption_model::{Precision, TrainConfig};
///
/// assert_eq!(TrainConfig::default().precision, Precision::F32);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32 bits throughout.
    #[default]
    F32,
    /// Products in bfloat16; weights, optimiser, losses and the normalisers of both softmaxes in f32 (mixed precision, Micikevicius et
    /// al. 2018; bfloat16 has f32's range, so losses need not be scaled). For GPUs; the processor, which computes it
    /// by way of f32, refuses it.
    Bf16,
}

impl Precision {
    /// Refuses what a device is not faster with.
    pub(super) fn check(self, device: &Device) -> Result<(), Error> {
        let refuse = |expected| {
            Err(Error::Option {
                option: "precision",
                value: "bf16".into(),
                expected,
            })
        };
        match self {
            Self::F32 => Ok(()),
            Self::Bf16 if is_cpu(device) => refuse("f32 on the processor, which is slower in bf16"),
            Self::Bf16 if !device.supports_dtype(FloatDType::BF16) => {
                refuse("f32: the device does not compute in bf16")
            }
            Self::Bf16 => Ok(()),
        }
    }

    /// The network and the batch as they are computed with; gradients flow back to the weights as they are.
    pub(super) fn lower<'a>(self, network: &'a Network, batch: &mut Batch) -> Cow<'a, Network> {
        match self {
            Self::F32 => Cow::Borrowed(network),
            Self::Bf16 => {
                batch.features = batch.features.clone().cast(FloatDType::BF16);
                Cow::Owned(network.clone().map(&mut Lower(FloatDType::BF16)))
            }
        }
    }
}

struct Lower(FloatDType);

impl ModuleMapper for Lower {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|weight| weight.cast(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::optim::GradientsParams;

    use crate::{
        data::Pairs,
        model::{AttentionCaptionerConfig, GlobalCaptionerConfig, NetworkConfig},
        train::{config::TrainConfig, objective::Objective},
    };

    /// bfloat16 has eight bits: loss and gradients agree with those of f32 to a few per cent, every weight has one, in f32, and so is
    /// the loss.
    #[test]
    fn losses_and_gradients_are_those_of_f32_but_for_rounding() {
        let device = Device::flex().autodiff();
        let configs = [
            NetworkConfig::Global(
                GlobalCaptionerConfig::new(12, 6)
                    .with_d_embedding(8)
                    .with_d_hidden(8),
            ),
            NetworkConfig::Attention(
                AttentionCaptionerConfig::new(12, 6)
                    .with_d_embedding(8)
                    .with_d_hidden(8)
                    .with_d_attention(8),
            ),
        ];
        for (config, locations) in configs.into_iter().zip([1, 5]) {
            device.seed(2);
            let network = config.init(&device);
            let mut pairs = Pairs::new(30);
            pairs.push(0, &[4, 9, 11]);
            pairs.push(0, &[7]);
            let values: Vec<f32> = (0..2 * locations * 6)
                .map(|i| (i * 5 % 7) as f32 / 7.0)
                .collect();
            let features = Tensor::<1>::from_floats(&values[..], &device);
            let features: Tensor<3> = features.reshape([2, locations, 6]);
            let run = |precision: Precision| {
                let mut batch = Batch::new(&pairs, &[0, 1], features.clone());
                let lowered = precision.lower(&network, &mut batch);
                let loss = Objective::new(&TrainConfig::default()).loss(&lowered, &batch);
                let value = loss.objective.clone();
                assert_eq!(value.dtype(), burn::tensor::DType::F32);
                assert_eq!(loss.nll.dtype(), burn::tensor::DType::F32);
                let gradients = GradientsParams::from_grads(loss.objective.backward(), &network);
                let gradient = gradients.get::<2>(network.word_layer().weight.id).unwrap();
                assert_eq!(gradient.dtype(), burn::tensor::DType::F32);
                (
                    value.into_scalar::<f32>(),
                    gradient.into_data().try_into_vec::<f32>().unwrap(),
                    gradients.len(),
                )
            };
            let (exact, gradient, count) = run(Precision::F32);
            let (rounded, other, rounded_count) = run(Precision::Bf16);
            assert!((exact - rounded).abs() < 0.01 * exact, "{exact} {rounded}");
            assert_ne!(exact, rounded);
            assert_eq!(count, rounded_count);
            let norm = |values: &[f32]| values.iter().map(|v| v * v).sum::<f32>().sqrt();
            let difference: Vec<f32> = gradient.iter().zip(&other).map(|(a, b)| a - b).collect();
            assert!(norm(&difference) < 0.05 * norm(&gradient));
        }
    }

    #[test]
    fn the_processor_refuses_bf16() {
        let error = Precision::Bf16.check(&Device::flex()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("precision is bf16, expected f32"),
            "{error}"
        );
        Precision::F32.check(&Device::flex()).unwrap();
    }
}
