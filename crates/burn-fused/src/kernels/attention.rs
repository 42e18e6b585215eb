use burn::{
    backend::{
        Backend, TensorMetadata, backend_extension, fusion::custom::TensorSpec, tensor::FloatTensor,
    },
    tensor::{DType, Shape},
};
use burn_cubecl::{CubeBackend, tensor::CubeTensor};
use cubecl::prelude::*;

use super::{element, empty, in_order, units};

/// Units that share the numbers of a location.
const LANES: usize = 32;
/// Locations whose sums are there at a time.
const TILE: usize = 32;

/// A look at a picture, see [`attend`](crate::attend). A cube for each picture; sums and softmax in `f32`, whatever the tensors are.
#[backend_extension(Cube, Fusion)]
pub(crate) trait AttentionKernels: Backend {
    /// From keys `[batch, locations, k]`, query `[batch, k]`, score `[k, 1]` and annotations `[batch, locations, d]` to weighted mean
    /// and weights side by side, `[batch, d + locations]`, in `f32`.
    #[fusion(meta = looked)]
    fn look(
        keys: FloatTensor<Self>,
        query: FloatTensor<Self>,
        score: FloatTensor<Self>,
        annotations: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// From the same, their output and its gradient to the gradient of the keys and, side by side in `f32`, those of the query and of
    /// each picture's part in the score, `[batch, 2k]`.
    #[fusion(meta = looked_back)]
    fn look_backward(
        keys: FloatTensor<Self>,
        query: FloatTensor<Self>,
        score: FloatTensor<Self>,
        annotations: FloatTensor<Self>,
        output: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

fn looked(
    keys: &TensorSpec,
    _query: &TensorSpec,
    _score: &TensorSpec,
    annotations: &TensorSpec,
) -> TensorSpec {
    TensorSpec::new(look_shape(&keys.shape, &annotations.shape), DType::F32)
}

fn looked_back(
    keys: &TensorSpec,
    _query: &TensorSpec,
    _score: &TensorSpec,
    _annotations: &TensorSpec,
    _output: &TensorSpec,
    _upstream: &TensorSpec,
) -> (TensorSpec, TensorSpec) {
    let small = TensorSpec::new(small_shape(&keys.shape), DType::F32);
    (keys.clone(), small)
}

fn look_shape(keys: &Shape, annotations: &Shape) -> Shape {
    let ([batch, locations, _], [_, _, d]) = (keys.dims(), annotations.dims());
    Shape::new([batch, d + locations])
}

fn small_shape(keys: &Shape) -> Shape {
    let [batch, _, k] = keys.dims();
    Shape::new([batch, 2 * k])
}

/// A cube for each picture, and how many locations the pictures have.
fn cubes(keys: &CubeTensor) -> (CubeCount, CubeDim, usize) {
    let [batch, locations, _] = keys.shape().dims();
    let batch = u32::try_from(batch).expect("no device holds so many pictures");
    let count = CubeCount::Static(batch, 1, 1);
    (count, CubeDim::new_1d(units(keys)), locations)
}

impl AttentionKernels for CubeBackend {
    fn look(
        keys: FloatTensor<Self>,
        query: FloatTensor<Self>,
        score: FloatTensor<Self>,
        annotations: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [keys, query, score, annotations] = in_order([keys, query, score, annotations]);
        let shape = look_shape(&keys.shape(), &annotations.shape());
        let output = empty(&keys, shape, DType::F32);
        let (count, dim, locations) = cubes(&keys);
        look_kernel::launch(
            &output.client,
            count,
            dim,
            keys.clone().into_tensor_arg(),
            query.into_tensor_arg(),
            score.into_tensor_arg(),
            annotations.clone().into_tensor_arg(),
            output.clone().into_tensor_arg(),
            locations,
            [element(&keys), element(&annotations)],
        );
        output
    }

    fn look_backward(
        keys: FloatTensor<Self>,
        query: FloatTensor<Self>,
        score: FloatTensor<Self>,
        annotations: FloatTensor<Self>,
        output: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [keys, query, score, annotations, output, upstream] =
            in_order([keys, query, score, annotations, output, upstream]);
        let of_keys = empty(&keys, keys.shape(), keys.dtype);
        let small = empty(&keys, small_shape(&keys.shape()), DType::F32);
        let (count, dim, locations) = cubes(&keys);
        look_backward_kernel::launch(
            &of_keys.client,
            count,
            dim,
            keys.clone().into_tensor_arg(),
            query.into_tensor_arg(),
            score.into_tensor_arg(),
            annotations.clone().into_tensor_arg(),
            output.into_tensor_arg(),
            upstream.into_tensor_arg(),
            of_keys.clone().into_tensor_arg(),
            small.clone().into_tensor_arg(),
            locations,
            [element(&keys), element(&annotations)],
        );
        (of_keys, small)
    }
}

/// What the units that share a location have summed up.
#[cube]
fn of_lanes(parts: &Shared<[f32]>, place: usize) -> f32 {
    let mut sum = 0.0f32;
    for lane in 0..LANES {
        sum += parts[place * LANES + lane];
    }
    sum
}

#[cube(launch)]
fn look_kernel<K: Float, A: Float>(
    keys: &Tensor<K>,
    query: &Tensor<K>,
    score: &Tensor<K>,
    annotations: &Tensor<A>,
    output: &mut Tensor<f32>,
    #[comptime] locations: usize,
    #[define(K, A)] _elements: [ElemType; 2],
) {
    let picture = CUBE_POS_X as usize;
    let unit = UNIT_POS_X as usize;
    let num_units = CUBE_DIM_X as usize;
    let (lane, group, groups) = (unit % LANES, unit / LANES, num_units / LANES);
    let (k, d) = (keys.shape(2), annotations.shape(2));
    let mut parts = Shared::<[f32]>::new_slice(TILE * LANES);
    let mut weights = Shared::<[f32]>::new_slice(locations);

    let mut first = 0usize;
    while first < locations {
        let mut place = group;
        while place < TILE {
            let mut sum = 0.0f32;
            if first + place < locations {
                let key = (picture * locations + first + place) * k;
                let mut i = lane;
                while i < k {
                    let warm =
                        f32::cast_from(keys[key + i]) + f32::cast_from(query[picture * k + i]);
                    sum += f32::cast_from(score[i]) * warm.tanh();
                    i += LANES;
                }
            }
            parts[place * LANES + lane] = sum;
            place += groups;
        }
        sync_cube();
        if unit < TILE && first + unit < locations {
            weights[first + unit] = of_lanes(&parts, unit);
        }
        sync_cube();
        first += TILE;
    }

    let mut highest = weights[0];
    for place in 1..locations {
        highest = max(highest, weights[place]);
    }
    let mut sum = 0.0f32;
    for place in 0..locations {
        sum += (weights[place] - highest).exp();
    }
    sync_cube();
    let to = picture * (d + locations);
    let mut place = unit;
    while place < locations {
        let weight = (weights[place] - highest).exp() / sum;
        weights[place] = weight;
        output[to + d + place] = weight;
        place += num_units;
    }
    sync_cube();

    let mut i = unit;
    while i < d {
        let mut mean = 0.0f32;
        for place in 0..locations {
            let annotation = annotations[(picture * locations + place) * d + i];
            mean += weights[place] * f32::cast_from(annotation);
        }
        output[to + i] = mean;
        i += num_units;
    }
}

#[cube(launch)]
fn look_backward_kernel<K: Float, A: Float>(
    keys: &Tensor<K>,
    query: &Tensor<K>,
    score: &Tensor<K>,
    annotations: &Tensor<A>,
    output: &Tensor<f32>,
    upstream: &Tensor<f32>,
    of_keys: &mut Tensor<K>,
    of_query_and_score: &mut Tensor<f32>,
    #[comptime] locations: usize,
    #[define(K, A)] _elements: [ElemType; 2],
) {
    let picture = CUBE_POS_X as usize;
    let unit = UNIT_POS_X as usize;
    let num_units = CUBE_DIM_X as usize;
    let (lane, group, groups) = (unit % LANES, unit / LANES, num_units / LANES);
    let (k, d) = (keys.shape(2), annotations.shape(2));
    let from = picture * (d + locations);
    let mut parts = Shared::<[f32]>::new_slice(TILE * LANES);
    // First the gradients of the weights, then those of the scores.
    let mut slopes = Shared::<[f32]>::new_slice(locations);

    let mut first = 0usize;
    while first < locations {
        let mut place = group;
        while place < TILE {
            let mut sum = 0.0f32;
            if first + place < locations {
                let annotation = (picture * locations + first + place) * d;
                let mut i = lane;
                while i < d {
                    sum += upstream[from + i] * f32::cast_from(annotations[annotation + i]);
                    i += LANES;
                }
            }
            parts[place * LANES + lane] = sum;
            place += groups;
        }
        sync_cube();
        if unit < TILE && first + unit < locations {
            slopes[first + unit] = upstream[from + d + first + unit] + of_lanes(&parts, unit);
        }
        sync_cube();
        first += TILE;
    }

    let mut mean = 0.0f32;
    for place in 0..locations {
        mean += output[from + d + place] * slopes[place];
    }
    sync_cube();
    let mut place = unit;
    while place < locations {
        slopes[place] = output[from + d + place] * (slopes[place] - mean);
        place += num_units;
    }
    sync_cube();

    let mut i = unit;
    while i < k {
        let asked = f32::cast_from(query[picture * k + i]);
        let scale = f32::cast_from(score[i]);
        let mut of_query = 0.0f32;
        let mut of_score = 0.0f32;
        for place in 0..locations {
            let at = (picture * locations + place) * k + i;
            let warm = (f32::cast_from(keys[at]) + asked).tanh();
            let slope = slopes[place];
            let of_key = slope * scale * (1.0f32 - warm * warm);
            of_keys[at] = K::cast_from(of_key);
            of_query += of_key;
            of_score += slope * warm;
        }
        of_query_and_score[picture * 2 * k + i] = of_query;
        of_query_and_score[picture * 2 * k + k + i] = of_score;
        i += num_units;
    }
}
