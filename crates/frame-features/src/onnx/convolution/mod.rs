//! Convolutions of networks from ONNX files, several times as fast on x86 as those of tract.
//!
//! A channel's picture is laid out with its border of zeros, apart by what remains of rows and
//! columns after the strides ([`geometry`]), so that each tap of the kernel reads the same row of
//! numbers from another place on. What is computed beyond the ends of lines is thrown away.
//! [`by_channel`] has a kernel of its own for each channel ("depthwise"), [`products`] sums over
//! the channels of a group. A bound on the results that follows alone (ReLU, ReLU6, clip) is
//! applied while they are in registers.

mod by_channel;
mod geometry;
mod products;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use pulp::Arch;
use tract_onnx::tract_hir::internal::*;
use tract_onnx::tract_hir::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_hir::tract_core::ops::cnn::{Conv, KernelFormat};
use tract_onnx::tract_hir::tract_core::ops::nn::DataFormat;

use by_channel::{ByChannel, Scratch};
use geometry::Geometry;
use products::{Lanes, Products, Room, in_tiles};

/// A convolution of pictures `[n, channels, rows, columns]` (or without `n`) with known weights,
/// and what bounds its results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Convolution {
    geometry: Geometry,
    /// Input and output channels.
    channels: [usize; 2],
    groups: usize,
    /// Of the whole result.
    shape: TVec<usize>,
    /// As [`ByChannel`] or, for each group in turn, [`Products`] reads them.
    weights: Arc<Tensor>,
    /// For each output channel.
    bias: Arc<Tensor>,
    bounds: Bounds,
}

/// Bits of the smallest and of the largest number that may come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bounds([u32; 2]);

impl Bounds {
    const NONE: Self = Self([f32::NEG_INFINITY.to_bits(), f32::INFINITY.to_bits()]);

    fn floats(self) -> [f32; 2] {
        self.0.map(f32::from_bits)
    }

    /// These and then another operation's.
    fn and(self, operation: &str, bound: f32) -> Option<Self> {
        let [least, most] = self.floats();
        let bounds = match operation {
            // What is bounded above first may not be raised over that.
            "Max" if bound <= most => [least.max(bound), most],
            "Min" => [least, most.min(bound)],
            _ => return None,
        };
        Some(Self(bounds.map(f32::to_bits)))
    }
}

/// Puts [`Convolution`]s in the places of those of tract that they can stand for.
pub(super) fn replace_convolutions(model: &mut TypedModel) -> TractResult<()> {
    model.prop_consts()?;
    for id in model.eval_order()? {
        let node = model.node(id);
        if let Some(op) = Convolution::of(model, node)? {
            let picture = node.inputs[0];
            TypedModelPatch::replace_single_op(model, node, &[picture], op)?.apply(model)?;
        }
    }
    Ok(())
}

/// Makes bounds that follow [`Convolution`]s part of them.
pub(super) fn take_in_bounds(model: &mut TypedModel) -> TractResult<()> {
    // What a patch makes stands at the end, and is looked at there for another bound.
    let mut id = 0;
    while id < model.nodes().len() {
        let node = model.node(id);
        if let Some(op) = node.op_as::<Convolution>()
            && let Some(bounded) = op.with_next(model, node)?
        {
            TypedModelPatch::fuse_with_next(model, node, bounded)?.apply(model)?;
        }
        id += 1;
    }
    Ok(())
}

impl Convolution {
    /// The operation of a node, if it is one of these.
    fn of(model: &TypedModel, node: &TypedNode) -> TractResult<Option<Self>> {
        let Some(conv) = node.op_as::<Conv>() else {
            return Ok(None);
        };
        let [picture, weights, bias] = *node.inputs.as_slice() else {
            return Ok(None);
        };
        let spec = &conv.pool_spec;
        let picture = model.outlet_fact(picture)?;
        let constants = [weights, bias].map(|it| model.outlet_fact(it).ok()?.konst.clone());
        let shapes = (
            picture.shape.as_concrete(),
            node.outputs[0].fact.shape.as_concrete(),
        );
        let (Some(shape), Some(output)) = shapes else {
            return Ok(None);
        };
        let ([.., rows, columns], [.., rows_out, columns_out]) = (shape, output) else {
            return Ok(None);
        };
        let (size, size_out) = ([*rows, *columns], [*rows_out, *columns_out]);
        let geometry = Geometry::of(spec, spec.input_channels, size, size_out);
        let (Some(geometry), [Some(weights), Some(bias)]) = (geometry, constants) else {
            return Ok(None);
        };
        let float = f32::datum_type();
        let floats = [picture.datum_type, weights.datum_type(), bias.datum_type()] == [float; 3];
        let pictures = matches!(spec.data_format, DataFormat::NCHW | DataFormat::CHW);
        let channels = [spec.input_channels, spec.output_channels];
        let whole = conv.group > 0
            && channels
                .iter()
                .all(|it| *it > 0 && it.is_multiple_of(conv.group));
        let oihw = conv.kernel_fmt == KernelFormat::OIHW;
        if !(floats && pictures && whole && oihw && conv.q_params.is_none()) {
            return Ok(None);
        }
        let (weights, bias) = (weights.try_as_plain_ram()?, bias.try_as_plain_ram()?);
        let (weights, bias) = (weights.as_slice::<f32>()?, bias.as_slice::<f32>()?);
        let bias = match *bias {
            [bias] => vec![bias; channels[1]],
            _ => bias.to_vec(),
        };
        let taps = geometry.kernel[0] * geometry.kernel[1] * channels[0] / conv.group;
        if weights.len() != taps * channels[1] || bias.len() != channels[1] {
            return Ok(None);
        }
        let weights = if channels == [conv.group; 2] {
            Cow::Borrowed(weights)
        } else {
            let outputs = channels[1] / conv.group;
            let lanes = Arch::new().dispatch(Lanes);
            let groups = weights.chunks_exact(outputs * taps);
            let tiles = groups.map(|weights| in_tiles(weights, outputs, lanes));
            Cow::Owned(tiles.collect::<Vec<_>>().concat())
        };
        Ok(Some(Self {
            geometry,
            channels,
            groups: conv.group,
            shape: output.into(),
            weights: Tensor::from_shape(&[weights.len()], &weights)?.into_arc_tensor(),
            bias: Tensor::from_shape(&[bias.len()], &bias)?.into_arc_tensor(),
            bounds: Bounds::NONE,
        }))
    }

    /// This and the bound that follows it alone, if one does.
    fn with_next(&self, model: &TypedModel, node: &TypedNode) -> TractResult<Option<Self>> {
        let Some(next) = model.single_succ(node.id)? else {
            return Ok(None);
        };
        if model.outputs.contains(&node.id.into()) {
            return Ok(None);
        }
        let (Some(op), [first, second]) = (next.op_as::<TypedBinOp>(), next.inputs.as_slice())
        else {
            return Ok(None);
        };
        let other = if first.node == node.id { second } else { first };
        let constant = model.outlet_fact(*other)?.konst.as_ref();
        let bound = constant.and_then(|constant| constant.as_uniform());
        let Some(bound) = bound.filter(|bound| bound.datum_type() == f32::datum_type()) else {
            return Ok(None);
        };
        let bounds = self.bounds.and(op.0.name(), bound.cast_to_scalar()?);
        Ok(bounds.map(|bounds| Self {
            bounds,
            ..self.clone()
        }))
    }

    /// Computes pictures' channels one after the other.
    fn by_channel(&self, pictures: &[f32], weights: &[f32], bias: &[f32], output: &mut [f32]) {
        let geometry = &self.geometry;
        let arch = Arch::new();
        let mut scratch = Scratch::new(geometry);
        let kernels = weights.chunks_exact(geometry.kernel[0] * geometry.kernel[1]);
        let pictures = pictures.chunks_exact(geometry.input[0] * geometry.input[1]);
        let output = output.chunks_exact_mut(geometry.output[0] * geometry.output[1]);
        let each = kernels.zip(bias).cycle();
        for ((picture, output), (kernel, bias)) in pictures.zip(output).zip(each) {
            arch.dispatch(ByChannel {
                geometry,
                scratch: &mut scratch,
                picture,
                kernel,
                bias: *bias,
                bounds: self.bounds,
                output,
            });
        }
    }

    /// Computes pictures' groups of channels one after the other.
    fn products(&self, pictures: &[f32], weights: &[f32], bias: &[f32], output: &mut [f32]) {
        let geometry = &self.geometry;
        let arch = Arch::new();
        let [inputs, outputs] = self.channels.map(|channels| channels / self.groups);
        let taps = geometry.taps();
        let size = geometry.input[0] * geometry.input[1];
        let mut planes = Vec::new();
        if !geometry.is_plain() {
            planes.resize(inputs * geometry.plane(), 0.0);
        }
        let mut room = Room::default();
        let weights = weights.chunks_exact(weights.len() / self.groups);
        let each = weights.zip(bias.chunks_exact(outputs)).cycle();
        let pictures = pictures.chunks_exact(inputs * size);
        let output = output.chunks_exact_mut(outputs * geometry.output[0] * geometry.output[1]);
        for ((picture, output), (weights, bias)) in pictures.zip(output).zip(each) {
            if !geometry.is_plain() {
                let channels = planes.chunks_exact_mut(geometry.plane());
                for (channel, plane) in picture.chunks_exact(size).zip(channels) {
                    geometry.lay_out(channel, plane);
                }
            }
            arch.dispatch(Products {
                geometry,
                planes: if geometry.is_plain() {
                    picture
                } else {
                    &planes
                },
                taps: &taps,
                weights,
                bias,
                bounds: self.bounds,
                room: &mut room,
                output,
            });
        }
    }
}

impl Op for Convolution {
    fn name(&self) -> StaticName {
        "Convolution".into()
    }

    fn validation(&self) -> Validation {
        Validation::Rounding
    }

    op_as_typed_op!();
}

impl EvalOp for Convolution {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let pictures = args_1!(inputs);
        let mut output = Tensor::zero::<f32>(&self.shape)?;
        let views = [&*pictures, &self.weights, &self.bias].map(Tensor::try_as_plain_ram);
        let [pictures, weights, bias] = views;
        let (pictures, weights, bias) = (pictures?, weights?, bias?);
        let (pictures, weights) = (pictures.as_slice::<f32>()?, weights.as_slice::<f32>()?);
        let bias = bias.as_slice::<f32>()?;
        let mut output_view = output.try_as_plain_ram_mut()?;
        let results = output_view.as_slice_mut::<f32>()?;
        if self.channels == [self.groups; 2] {
            self.by_channel(pictures, weights, bias, results);
        } else {
            self.products(pictures, weights, bias, results);
        }
        Ok(tvec![output.into_tvalue()])
    }
}

impl TypedOp for Convolution {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec![inputs[0].datum_type.fact(&self.shape)])
    }

    as_op!();
}
