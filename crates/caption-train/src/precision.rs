use std::borrow::Cow;

use burn::{
    module::{Module, ModuleMapper, Param},
    tensor::{Device, FloatDType, Tensor},
};
use serde::{Deserialize, Serialize};

use caption_model::{Batch, Network};

use super::{data::is_cpu, error::Error};

/// Floating-point type of the computation.
///
/// ```
/// use caption_train::{Precision, TrainConfig};
///
/// assert_eq!(TrainConfig::default().precision, Precision::F32);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Precision {
    /// 32 bits throughout.
    #[default]
    F32,
    /// Products in bfloat16; weights, optimiser, losses and the normalisers of both softmaxes in
    /// f32 (mixed precision, Micikevicius et al. 2018; bfloat16 has f32's range, so losses need not
    /// be scaled). For GPUs; the processor, which computes it by way of f32, refuses it.
    Bf16,
}

impl Precision {
    /// Refuses what a device is not faster with, as [`Trainer::run`](crate::Trainer::run) does; for
    /// programs that tell it before other work.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] for bf16 on the processor, and on devices that do not compute in it.
    pub fn check(self, device: &Device) -> Result<(), Error> {
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

    /// The network and the batch as they are computed with; gradients flow back to the weights as
    /// they are.
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
