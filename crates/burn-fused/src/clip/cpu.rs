//! Clipping on the CPU: gradients are read once, and written, in place, only if their norm is too
//! large.

use burn::{
    backend::Flex,
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::Tensor,
};

use super::simd::{scale, squared_norm};
use crate::cpu::tensor::{floats, in_order, on_cpu};

/// Gives the gradients back if one lies on another device.
pub(super) fn clip<M: Module>(
    module: &M,
    gradients: GradientsParams,
    max_norm: f64,
) -> Result<GradientsParams, GradientsParams> {
    let mut norm = Norm {
        gradients: &gradients,
        squared: Some(0.0),
    };
    module.visit(&mut norm);
    let Some(squared) = norm.squared else {
        return Err(gradients);
    };
    // A norm that is no number makes the factor none: that is found in the loss.
    let factor = max_norm / squared.sqrt().max(1e-12);
    if factor >= 1.0 {
        return Ok(gradients);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a factor below 1")]
    let mut scaling = Scaling {
        gradients,
        factor: factor as f32,
    };
    module.visit(&mut scaling);
    Ok(scaling.gradients)
}

struct Norm<'a> {
    gradients: &'a GradientsParams,
    squared: Option<f64>,
}

impl ModuleVisitor for Norm<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            let squared = on_cpu(gradient).map(|tensor| squared_norm(&floats(&tensor)));
            self.squared = self.squared.zip(squared).map(|(sum, part)| sum + part);
        }
    }
}

struct Scaling {
    gradients: GradientsParams,
    factor: f32,
}

impl ModuleVisitor for Scaling {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else {
            return;
        };
        let mut gradient = in_order(on_cpu(gradient).expect("the norm was taken on the CPU"));
        scale(gradient.storage_mut(), self.factor);
        self.gradients
            .register(param.id, Tensor::<D>::from_primitive::<Flex>(gradient));
    }
}
