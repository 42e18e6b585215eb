//! Networks of one convolution, as tract computes them and with ours in its place.

use tract_onnx::tract_hir::tract_core::ops::cnn::{PaddingSpec, PoolSpec};
use tract_onnx::tract_hir::tract_core::ops::math;

use super::*;

/// A convolution to be tried.
struct Case {
    size: [usize; 2],
    channels: [usize; 2],
    groups: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    /// Zeros before and after.
    border: [[usize; 2]; 2],
}

impl Case {
    /// Without strides, dilation, border.
    fn new(size: [usize; 2], channels: [usize; 2], groups: usize, kernel: [usize; 2]) -> Self {
        Self {
            size,
            channels,
            groups,
            kernel,
            stride: [1; 2],
            dilation: [1; 2],
            border: [[0; 2]; 2],
        }
    }

    fn stride(self, down: usize, right: usize) -> Self {
        let stride = [down, right];
        Self { stride, ..self }
    }

    fn dilation(self, down: usize, right: usize) -> Self {
        let dilation = [down, right];
        Self { dilation, ..self }
    }

    fn border(self, before: [usize; 2], after: [usize; 2]) -> Self {
        let border = [before, after];
        Self { border, ..self }
    }

    /// Two pictures through the convolution and a bound on each side.
    fn model(&self) -> TypedModel {
        let mut model = TypedModel::default();
        let picture = model
            .add_source("picture", f32::fact(self.shape()))
            .unwrap();
        let [inputs, outputs] = self.channels;
        let weights = [
            outputs,
            inputs / self.groups,
            self.kernel[0],
            self.kernel[1],
        ];
        let weights = model.add_const("weights", numbers(&weights, 1.0)).unwrap();
        let bias = model.add_const("bias", numbers(&[outputs], 2.0)).unwrap();
        let [before, after] = self.border;
        let pool_spec = PoolSpec {
            data_format: DataFormat::NCHW,
            kernel_shape: TVec::from_slice(&self.kernel),
            padding: PaddingSpec::Explicit(TVec::from_slice(&before), TVec::from_slice(&after)),
            dilations: Some(TVec::from_slice(&self.dilation)),
            strides: Some(TVec::from_slice(&self.stride)),
            input_channels: inputs,
            output_channels: outputs,
        };
        let conv = Conv::new(pool_spec, KernelFormat::OIHW, self.groups, None);
        let mut wire = model
            .wire_node("conv", conv, &[picture, weights, bias])
            .unwrap();
        for (name, bound, op) in [
            ("least", -1.5_f32, math::max()),
            ("most", 1.75, math::min()),
        ] {
            let bound = Tensor::from_shape(&[1, 1, 1, 1], &[bound]).unwrap();
            let bound = model.add_const(format!("{name}.bound"), bound).unwrap();
            wire = model.wire_node(name, op, &[wire[0], bound]).unwrap();
        }
        model.select_output_outlets(&wire).unwrap();
        model
    }

    fn shape(&self) -> [usize; 4] {
        [2, self.channels[0], self.size[0], self.size[1]]
    }

    fn results(&self, model: TypedModel) -> Vec<f32> {
        let input = numbers(&self.shape(), 0.0);
        let outputs = model
            .into_runnable()
            .unwrap()
            .run(tvec![input.into_tvalue()])
            .unwrap();
        let output = outputs[0].try_as_plain_ram().unwrap();
        output.as_slice::<f32>().unwrap().to_vec()
    }
}

/// Numbers that repeat nowhere within a test.
fn numbers(shape: &[usize], seed: f32) -> Tensor {
    let number = shape.iter().product();
    let numbers: Vec<f32> = (0..number).map(|i| (i as f32 * 0.7 + seed).sin()).collect();
    Tensor::from_shape(shape, &numbers).unwrap()
}

#[test]
fn any_shape_is_as_tract_has_it() {
    let cases = [
        // By channel.
        Case::new([7, 7], [3, 3], 3, [3, 3]).border([1, 1], [1, 1]),
        Case::new([14, 9], [2, 2], 2, [5, 5])
            .stride(2, 2)
            .border([2, 2], [2, 2]),
        Case::new([13, 30], [2, 2], 2, [3, 3])
            .stride(2, 2)
            .border([0, 0], [1, 1]),
        Case::new([20, 17], [2, 2], 2, [3, 5])
            .dilation(2, 3)
            .border([2, 6], [2, 6]),
        Case::new([10, 11], [2, 2], 2, [1, 7])
            .stride(3, 2)
            .border([0, 3], [0, 3]),
        Case::new([9, 8], [2, 2], 2, [2, 2]).stride(2, 3),
        Case::new([1, 1], [2, 2], 2, [3, 3]).border([1, 1], [1, 1]),
        Case::new([3, 40], [2, 2], 2, [3, 3])
            .stride(4, 4)
            .border([3, 3], [3, 3]),
        // Channels with each other; panels of every number of vectors.
        Case::new([7, 7], [5, 13], 1, [1, 1]),
        Case::new([1, 3], [4, 6], 1, [1, 1]),
        Case::new([5, 5], [3, 7], 1, [1, 1]),
        Case::new([11, 13], [3, 9], 1, [3, 3]).border([1, 1], [1, 1]),
        Case::new([12, 12], [3, 8], 1, [3, 3]),
        Case::new([16, 16], [4, 4], 1, [1, 1]).stride(2, 2),
        Case::new([15, 17], [3, 8], 1, [3, 3])
            .stride(2, 2)
            .border([0, 0], [1, 1]),
        Case::new([9, 10], [2, 3], 1, [3, 2])
            .dilation(2, 2)
            .border([2, 1], [1, 2]),
        // More taps than are summed up at once.
        Case::new([4, 5], [130, 7], 1, [3, 3]).border([1, 1], [1, 1]),
        Case::new([11, 13], [2500, 3], 1, [1, 1]),
        // Groups.
        Case::new([8, 9], [6, 9], 3, [3, 3]).border([1, 1], [1, 1]),
        Case::new([6, 5], [2, 4], 2, [1, 1]),
    ];
    for case in cases {
        let mut ours = case.model();
        replace_convolutions(&mut ours).unwrap();
        take_in_bounds(&mut ours).unwrap();
        let names: Vec<_> = ours.nodes().iter().map(|node| node.op().name()).collect();
        assert!(names.contains(&"Convolution".into()), "{names:?}");
        assert!(!names.contains(&"Max".into()), "{names:?}");
        assert!(!names.contains(&"Min".into()), "{names:?}");
        let (theirs, ours) = (case.results(case.model()), case.results(ours));
        assert_eq!(theirs.len(), ours.len());
        for (place, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
            let [size, kernel, stride] = [case.size, case.kernel, case.stride];
            assert!(
                (theirs - ours).abs() < 2e-5 * theirs.abs().max(1.0),
                "{size:?} by {kernel:?}, stride {stride:?}: at {place} {ours} for {theirs}"
            );
        }
    }
}

#[test]
fn a_bound_that_others_read_too_stays() {
    let case = Case::new([4, 4], [2, 2], 1, [1, 1]);
    let mut model = case.model();
    let conv = model.node_by_name("conv").unwrap().id;
    let most = model.outputs[0];
    model.select_output_outlets(&[most, conv.into()]).unwrap();
    replace_convolutions(&mut model).unwrap();
    take_in_bounds(&mut model).unwrap();
    let names: Vec<_> = model.nodes().iter().map(|node| node.op().name()).collect();
    assert!(names.contains(&"Max".into()), "{names:?}");
}

#[test]
fn what_is_bounded_above_is_not_raised_over_that() {
    let bounds = Bounds::NONE.and("Min", 6.0).unwrap();
    assert_eq!(bounds.and("Max", 0.0).unwrap().floats(), [0.0, 6.0]);
    assert!(bounds.and("Max", 7.0).is_none());
    assert!(bounds.and("Add", 1.0).is_none());
}

#[test]
fn huge_strides_are_left_to_tract() {
    let case = Case::new([4, 4], [2, 2], 1, [1, 1]).stride(1 << 40, 1 << 40);
    let mut model = case.model();
    replace_convolutions(&mut model).unwrap();
    assert!(
        model
            .nodes()
            .iter()
            .all(|node| node.op_as::<Convolution>().is_none())
    );
}

/// Both sizes of tiles, whatever vectors this machine has.
#[test]
fn tiles_of_other_machines_give_the_same() {
    let [inputs, outputs, size] = [5, 19, 29];
    let spec = PoolSpec {
        data_format: DataFormat::NCHW,
        kernel_shape: TVec::from_slice(&[1, 1]),
        padding: PaddingSpec::Valid,
        dilations: None,
        strides: None,
        input_channels: inputs,
        output_channels: outputs,
    };
    let geometry = Geometry::of(&spec, inputs, [1, size], [1, size]).unwrap();
    let floats = |shape: &[usize], seed| {
        let numbers = numbers(shape, seed);
        numbers
            .try_as_plain_ram()
            .unwrap()
            .as_slice::<f32>()
            .unwrap()
            .to_vec()
    };
    let (planes, weights) = (
        floats(&[inputs, size], 0.0),
        floats(&[outputs, inputs], 1.0),
    );
    let bias = floats(&[outputs], 2.0);
    let results = |lanes: usize, by_tiles: fn(&mut Products<'_>)| {
        let mut output = vec![0.0; outputs * size];
        by_tiles(&mut Products {
            geometry: &geometry,
            planes: &planes,
            taps: &geometry.taps(),
            weights: &in_tiles(&weights, outputs, lanes),
            bias: &bias,
            bounds: Bounds::NONE,
            room: &mut Room::default(),
            output: &mut output,
        });
        output
    };
    let small = results(8, |products| {
        products.run::<pulp::Scalar, 6, 2>(pulp::Scalar::new())
    });
    let large = results(16, |products| {
        products.run::<pulp::Scalar, 8, 3>(pulp::Scalar::new())
    });
    for (place, (small, large)) in small.iter().zip(&large).enumerate() {
        let (output, location) = (place / size, place % size);
        let products = (0..inputs)
            .map(|input| weights[output * inputs + input] * planes[input * size + location]);
        let expected = bias[output] + products.sum::<f32>();
        assert!(
            (small - expected).abs() < 1e-5,
            "at {place} {small} for {expected}"
        );
        assert!(
            (large - expected).abs() < 1e-5,
            "at {place} {large} for {expected}"
        );
    }
}
