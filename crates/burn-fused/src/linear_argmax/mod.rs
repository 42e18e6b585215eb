#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod quantized;
#[cfg(all(feature = "flex", any(test, not(target_arch = "x86_64"))))]
mod scalar;
#[cfg(feature = "flex")]
mod screen;
#[cfg(feature = "flex")]
mod simd;
#[cfg(all(feature = "flex", target_arch = "x86_64"))]
mod vnni;

use burn::{
    nn::Linear,
    tensor::{Int, Tensor},
};

/// A linear layer prepared for taking the argmax of its output over and over, as greedy decoding
/// does.
///
/// For each row it gives the class with the largest logit among those not excluded: exactly that of
/// `layer.forward(input).argmax(1)` up to rounding, the first of equals. No logit is kept, no
/// softmax computed, and nothing is read back to the host on devices other than the CPU. On the CPU
/// the weights are copied once, by [`new`](Self::new), into the order in which products read them:
/// make it once per model, not once per step.
///
/// ```
/// use burn::{module::Param, nn::LinearConfig, tensor::{Device, Int, Tensor}};
/// use burn_fused::ArgmaxLayer;
///
/// let device = Device::flex();
/// let mut layer = LinearConfig::new(1, 3).init(&device);
/// layer.weight = Param::from_data([[1.0, 3.0, 2.0]], &device);
/// let input = Tensor::from_floats([[10.0], [-10.0]], &device);
/// let classes = |excluded: &[u32]| -> Vec<i64> {
///     let argmax = ArgmaxLayer::new(&layer, excluded).argmax(input.clone());
///     argmax.into_data().iter().collect()
/// };
/// assert_eq!(classes(&[]), [1, 0]);
/// assert_eq!(classes(&[1]), [2, 0]);
/// ```
#[derive(Debug)]
pub struct ArgmaxLayer {
    layer: Linear,
    /// 0 for a class that may be found and `-inf` for another, `[1, num_classes]`.
    mask: Option<Tensor<2>>,
    #[cfg(feature = "flex")]
    cpu: Option<cpu::CpuLayer>,
}

impl ArgmaxLayer {
    /// Prepares `layer`, `d` to `num_classes`; no class of `excluded` is ever found.
    ///
    /// # Panics
    ///
    /// Panics if an excluded class is none of the layer's or all of them are excluded.
    #[must_use]
    pub fn new(layer: &Linear, excluded: &[u32]) -> Self {
        let [_, num_classes] = layer.weight.dims();
        let mut mask = vec![0.0; num_classes];
        for &class in excluded {
            mask[class as usize] = f32::NEG_INFINITY;
        }
        assert!(
            mask.contains(&0.0),
            "all {num_classes} classes are excluded: there is none to find"
        );
        let device = layer.weight.device().inner();
        Self {
            layer: layer.clone(),
            #[cfg(feature = "flex")]
            cpu: cpu::CpuLayer::new(layer, excluded),
            mask: (!excluded.is_empty())
                .then(|| Tensor::<1>::from_floats(&mask[..], &device).unsqueeze()),
        }
    }

    /// The class with the largest logit of each row, from `[rows, d]` to `[rows]`. Carries no
    /// gradient.
    ///
    /// # Panics
    ///
    /// Panics if the shape does not fit the layer.
    #[must_use]
    pub fn argmax(&self, input: Tensor<2>) -> Tensor<1, Int> {
        let ([_, d], [d_layer, _]) = (input.dims(), self.layer.weight.dims());
        assert_eq!(d, d_layer, "the layer reads vectors of {d_layer} numbers");
        let input = input.inner();
        #[cfg(feature = "flex")]
        if let Some(classes) = self.cpu.as_ref().and_then(|layer| layer.argmax(&input)) {
            return classes;
        }
        let mut logits = self.layer.forward(input).inner();
        if let Some(mask) = &self.mask {
            logits = logits + mask.clone();
        }
        logits.argmax(1).squeeze_dim(1)
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use crate::cpu::tensor::indices;
    use burn::{
        nn::LinearConfig,
        tensor::{Device, Distribution},
    };

    /// 3, 31 and 700 classes: less than a panel, less than a block, blocks and a rest; against
    /// plain tensor operations.
    #[test]
    fn agrees_with_argmax_of_logits() {
        let device = Device::flex();
        for (d, num_classes, rows) in [(1, 3, 1), (5, 31, 7), (33, 700, 255), (16, 256, 20)] {
            let layer = LinearConfig::new(d, num_classes).init(&device);
            let input = Tensor::<2>::random([rows, d], Distribution::Default, &device);
            let logits = layer.forward(input.clone());
            let expected = logits.clone().argmax(1).squeeze_dim::<1>(1);
            let found = ArgmaxLayer::new(&layer, &[]).argmax(input.clone());
            found
                .into_data()
                .assert_eq(&expected.clone().into_data(), true);
            let excluded = indices(expected, num_classes)[0];
            let excluded = u32::try_from(excluded).unwrap();
            let found = ArgmaxLayer::new(&layer, &[excluded]).argmax(input);
            assert!(!indices(found, num_classes).contains(&(excluded as usize)));
        }
    }

    /// Equal logits: the first class, wherever the block's borders are.
    #[test]
    fn first_of_equals() {
        let device = Device::flex();
        let layer = LinearConfig::new(4, 600).with_bias(false).init(&device);
        let classes = |excluded: &[u32]| {
            let layer = ArgmaxLayer::new(&layer, excluded);
            indices(layer.argmax(Tensor::zeros([2, 4], &device)), 600)
        };
        assert_eq!(classes(&[]), [0, 0]);
        assert_eq!(classes(&(0..300).collect::<Vec<_>>()), [300, 300]);
    }

    #[test]
    #[should_panic(expected = "all 2 classes are excluded")]
    fn a_class_must_be_left() {
        let layer = LinearConfig::new(1, 2).init(&Device::flex());
        let _ = ArgmaxLayer::new(&layer, &[0, 1]);
    }
}
