use burn::{
    module::{Module, ModuleMapper, Param},
    tensor::Tensor,
};

/// Makes weights smaller by `share` of themselves: the weight decay of AdamW (Loshchilov, Hutter,
/// "Decoupled weight decay regularization", 2019, algorithm 2), where `share` is the learning rate
/// times the decay. Biases stay.
pub(super) fn decay_weights<M: Module>(module: M, share: f64) -> M {
    module.map(&mut Decay { left: 1.0 - share })
}

struct Decay {
    left: f64,
}

impl ModuleMapper for Decay {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if D < 2 {
            return param;
        }
        param.map(|weight| {
            if !weight.device().is_autodiff() {
                return weight.mul_scalar(self.left);
            }
            let learnt = weight.is_require_grad();
            let weight = Tensor::from_inner(weight.inner().mul_scalar(self.left));
            if learnt {
                weight.require_grad()
            } else {
                weight
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::{
        nn::{Linear, LinearConfig},
        optim::GradientsParams,
        tensor::Device,
    };

    /// A tenth less of the weights, the bias as it was, and both still learn.
    #[test]
    fn weights_shrink_and_biases_stay() {
        let device = Device::flex().autodiff();
        let linear: Linear = LinearConfig::new(2, 3).init(&device);
        let sums = |linear: &Linear| {
            let bias = linear.bias.as_ref().unwrap().val();
            [
                linear.weight.val().sum().into_scalar::<f32>(),
                bias.sum().into_scalar::<f32>(),
            ]
        };
        let before = sums(&linear);
        let linear = decay_weights(linear, 0.1);
        let after = sums(&linear);
        assert!((after[0] - 0.9 * before[0]).abs() < 1e-6, "{after:?}");
        assert!((after[1] - before[1]).abs() < 1e-9);
        let loss = linear.forward(Tensor::<2>::ones([1, 2], &device)).sum();
        assert_eq!(
            GradientsParams::from_grads(loss.backward(), &linear).len(),
            2
        );
    }
}
