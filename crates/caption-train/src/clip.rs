use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::Tensor,
};

/// Clips the gradients of a module by their global norm: scales all of them together so that their
/// Euclidean norm is at most `max_norm` (Pascanu, Mikolov and Bengio, "On the difficulty of
/// training recurrent neural networks", 2013, algorithm 1).
///
/// Burn's own clipping looks at one parameter at a time, which changes the direction of the step.
/// Nothing is read back from a device. The same gradients give the same bits, whatever the number
/// of threads.
pub(super) fn clip_by_global_norm<M: Module>(
    module: &M,
    gradients: GradientsParams,
    max_norm: f64,
) -> GradientsParams {
    let mut norm = SquaredNorm {
        gradients: &gradients,
        sum: None,
    };
    module.visit(&mut norm);
    let Some(sum) = norm.sum else {
        return gradients;
    };
    // A norm that is no number makes the scale none: that is found in the loss.
    let scale = sum.sqrt().clamp_min(1e-12).recip().mul_scalar(max_norm);
    let mut scaling = Scaling {
        gradients,
        scale: scale.clamp_max(1.0),
    };
    module.visit(&mut scaling);
    scaling.gradients
}

struct SquaredNorm<'a> {
    gradients: &'a GradientsParams,
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for SquaredNorm<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            // By dimensions: `sum` adds up four million numbers and more on the CPU in an order that
            // depends on which thread was free.
            let squared = (0..D)
                .rev()
                .fold(gradient.square(), |sum, dim| sum.sum_dim(dim))
                .reshape([1]);
            self.sum = Some(match self.sum.take() {
                Some(sum) => sum + squared,
                None => squared,
            });
        }
    }
}

struct Scaling {
    gradients: GradientsParams,
    scale: Tensor<1>,
}

impl ModuleVisitor for Scaling {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            self.gradients
                .register(param.id, gradient * self.scale.clone().unsqueeze());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::{
        nn::{Linear, LinearConfig},
        tensor::{Device, Distribution},
    };

    /// Gradients (3, …) and (4): the norm of all of them is 5, so clipping at 1 divides by 5 and
    /// clipping at 10 does nothing.
    #[test]
    fn clipping_keeps_the_direction() {
        let device = Device::flex();
        let linear: Linear = LinearConfig::new(1, 1).init(&device);
        let bias = linear.bias.as_ref().expect("the layer has a bias").id;
        for (max_norm, expected) in [(1.0, [0.6, 0.8]), (10.0, [3.0, 4.0])] {
            let mut gradients = GradientsParams::new();
            gradients.register::<2>(linear.weight.id, Tensor::from_floats([[3.0]], &device));
            gradients.register::<1>(bias, Tensor::from_floats([4.0], &device));
            let clipped = clip_by_global_norm(&linear, gradients, max_norm);
            let weight = clipped.get::<2>(linear.weight.id).expect("registered");
            let bias = clipped.get::<1>(bias).expect("registered");
            for (value, expected) in [
                (weight.into_scalar::<f32>(), expected[0]),
                (bias.into_scalar::<f32>(), expected[1]),
            ] {
                assert!((f64::from(value) - expected).abs() < 1e-6);
            }
        }
    }

    /// Five million gradients, with one thread and with several.
    #[test]
    fn repeats_whatever_the_number_of_threads() {
        let device = Device::flex();
        let linear: Linear = LinearConfig::new(250, 20_000)
            .with_bias(false)
            .init(&device);
        let random = Distribution::Normal(0.0, 1.0);
        let gradient = Tensor::<2>::random([250, 20_000], random, &device);
        let clipped = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().expect("a pool").install(|| {
                let mut gradients = GradientsParams::new();
                gradients.register(linear.weight.id, gradient.clone());
                let clipped = clip_by_global_norm(&linear, gradients, 1.0);
                let weight = clipped.get::<2>(linear.weight.id).expect("registered");
                weight.into_data()
            })
        };
        let expected = clipped(1);
        for threads in [2, 5] {
            assert_eq!(clipped(threads), expected, "{threads} threads");
        }
    }
}
