use burn::{
    backend::{
        Backend, TensorMetadata, backend_extension, fusion::custom::TensorSpec, tensor::FloatTensor,
    },
    tensor::{DType, Shape},
};
use burn_cubecl::{CubeBackend, tensor::CubeTensor};
use cubecl::prelude::*;

use crate::kernel::{element, empty, in_order, units};

/// Units that share the numbers of a location.
const LANES: usize = 32;
/// Locations whose sums are there at a time.
const TILE: usize = 32;

/// Additive attention. A cube for each item of the batch; sums and softmax in `f32`, whatever the
/// tensors are.
#[backend_extension(Cube, Fusion)]
pub(crate) trait AttentionKernels: Backend {
    /// From keys `[batch, locations, k]`, query `[batch, k]`, score `[k, 1]` and annotations
    /// `[batch, locations, d]` to weighted mean and weights side by side, `[batch, d + locations]`,
    /// in `f32`.
    #[fusion(meta = forward_spec)]
    fn attention(
        keys: FloatTensor<Self>,
        query: FloatTensor<Self>,
        score: FloatTensor<Self>,
        annotations: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// From the same, their output and its gradient to the gradient of the keys and, side by side
    /// in `f32`, those of the query and of each item's part in the score, `[batch, 2k]`.
    #[fusion(meta = backward_spec)]
    fn attention_backward(
        keys: FloatTensor<Self>,
        query: FloatTensor<Self>,
        score: FloatTensor<Self>,
        annotations: FloatTensor<Self>,
        output: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

fn forward_spec(
    keys: &TensorSpec,
    _query: &TensorSpec,
    _score: &TensorSpec,
    annotations: &TensorSpec,
) -> TensorSpec {
    TensorSpec::new(output_shape(&keys.shape, &annotations.shape), DType::F32)
}

fn backward_spec(
    keys: &TensorSpec,
    _query: &TensorSpec,
    _score: &TensorSpec,
    _annotations: &TensorSpec,
    _output: &TensorSpec,
    _upstream: &TensorSpec,
) -> (TensorSpec, TensorSpec) {
    let query_and_score = TensorSpec::new(query_and_score_shape(&keys.shape), DType::F32);
    (keys.clone(), query_and_score)
}

fn output_shape(keys: &Shape, annotations: &Shape) -> Shape {
    let ([batch, locations, _], [_, _, d]) = (keys.dims(), annotations.dims());
    Shape::new([batch, d + locations])
}

fn query_and_score_shape(keys: &Shape) -> Shape {
    let [batch, _, k] = keys.dims();
    Shape::new([batch, 2 * k])
}

/// A cube for each item, and how many locations the items have.
fn cubes(keys: &CubeTensor) -> (CubeCount, CubeDim, usize) {
    let [batch, locations, _] = keys.shape().dims();
    let batch = u32::try_from(batch).expect("no device holds so many items");
    let count = CubeCount::Static(batch, 1, 1);
    (count, CubeDim::new_1d(units(keys)), locations)
}

impl AttentionKernels for CubeBackend {
    fn attention(
        keys: FloatTensor<Self>,
        query: FloatTensor<Self>,
        score: FloatTensor<Self>,
        annotations: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [keys, query, score, annotations] = in_order([keys, query, score, annotations]);
        let shape = output_shape(&keys.shape(), &annotations.shape());
        let output = empty(&keys, shape, DType::F32);
        let (count, dim, locations) = cubes(&keys);
        attention_kernel::launch(
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

    fn attention_backward(
        keys: FloatTensor<Self>,
        query: FloatTensor<Self>,
        score: FloatTensor<Self>,
        annotations: FloatTensor<Self>,
        output: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [keys, query, score, annotations, output, upstream] =
            in_order([keys, query, score, annotations, output, upstream]);
        let grad_keys = empty(&keys, keys.shape(), keys.dtype);
        let query_and_score = empty(&keys, query_and_score_shape(&keys.shape()), DType::F32);
        let (count, dim, locations) = cubes(&keys);
        attention_backward_kernel::launch(
            &grad_keys.client,
            count,
            dim,
            keys.clone().into_tensor_arg(),
            query.into_tensor_arg(),
            score.into_tensor_arg(),
            annotations.clone().into_tensor_arg(),
            output.into_tensor_arg(),
            upstream.into_tensor_arg(),
            grad_keys.clone().into_tensor_arg(),
            query_and_score.clone().into_tensor_arg(),
            locations,
            [element(&keys), element(&annotations)],
        );
        (grad_keys, query_and_score)
    }
}

/// What the units that share a location have summed up.
#[cube]
fn sum_of_lanes(parts: &Shared<[f32]>, place: usize) -> f32 {
    let mut sum = 0.0f32;
    for lane in 0..LANES {
        sum += parts[place * LANES + lane];
    }
    sum
}

#[cfg_attr(not(all(test, feature = "cuda-source")), cube(launch))]
#[cfg_attr(all(test, feature = "cuda-source"), cube(launch, create_dummy_kernel))]
fn attention_kernel<K: Float, A: Float>(
    keys: &Tensor<K>,
    query: &Tensor<K>,
    score: &Tensor<K>,
    annotations: &Tensor<A>,
    output: &mut Tensor<f32>,
    #[comptime] locations: usize,
    #[define(K, A)] _elements: [ElemType; 2],
) {
    let item = CUBE_POS_X as usize;
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
                let key = (item * locations + first + place) * k;
                let mut i = lane;
                while i < k {
                    let sum_of_both =
                        f32::cast_from(keys[key + i]) + f32::cast_from(query[item * k + i]);
                    sum += f32::cast_from(score[i]) * sum_of_both.tanh();
                    i += LANES;
                }
            }
            parts[place * LANES + lane] = sum;
            place += groups;
        }
        sync_cube();
        if unit < TILE && first + unit < locations {
            weights[first + unit] = sum_of_lanes(&parts, unit);
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
    let to = item * (d + locations);
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
            let annotation = annotations[(item * locations + place) * d + i];
            mean += weights[place] * f32::cast_from(annotation);
        }
        output[to + i] = mean;
        i += num_units;
    }
}

#[cfg_attr(not(all(test, feature = "cuda-source")), cube(launch))]
#[cfg_attr(all(test, feature = "cuda-source"), cube(launch, create_dummy_kernel))]
fn attention_backward_kernel<K: Float, A: Float>(
    keys: &Tensor<K>,
    query: &Tensor<K>,
    score: &Tensor<K>,
    annotations: &Tensor<A>,
    output: &Tensor<f32>,
    upstream: &Tensor<f32>,
    grad_keys: &mut Tensor<K>,
    grad_query_and_score: &mut Tensor<f32>,
    #[comptime] locations: usize,
    #[define(K, A)] _elements: [ElemType; 2],
) {
    let item = CUBE_POS_X as usize;
    let unit = UNIT_POS_X as usize;
    let num_units = CUBE_DIM_X as usize;
    let (lane, group, groups) = (unit % LANES, unit / LANES, num_units / LANES);
    let (k, d) = (keys.shape(2), annotations.shape(2));
    let from = item * (d + locations);
    let mut parts = Shared::<[f32]>::new_slice(TILE * LANES);
    // First the gradients of the weights, then those of the scores.
    let mut grad_scores = Shared::<[f32]>::new_slice(locations);

    let mut first = 0usize;
    while first < locations {
        let mut place = group;
        while place < TILE {
            let mut sum = 0.0f32;
            if first + place < locations {
                let annotation = (item * locations + first + place) * d;
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
            grad_scores[first + unit] =
                upstream[from + d + first + unit] + sum_of_lanes(&parts, unit);
        }
        sync_cube();
        first += TILE;
    }

    let mut mean = 0.0f32;
    for place in 0..locations {
        mean += output[from + d + place] * grad_scores[place];
    }
    sync_cube();
    let mut place = unit;
    while place < locations {
        grad_scores[place] = output[from + d + place] * (grad_scores[place] - mean);
        place += num_units;
    }
    sync_cube();

    let mut i = unit;
    while i < k {
        let query_i = f32::cast_from(query[item * k + i]);
        let scale = f32::cast_from(score[i]);
        let mut grad_query = 0.0f32;
        let mut grad_score = 0.0f32;
        for place in 0..locations {
            let at = (item * locations + place) * k + i;
            let activated = (f32::cast_from(keys[at]) + query_i).tanh();
            let slope = grad_scores[place];
            let grad_key = slope * scale * (1.0f32 - activated * activated);
            grad_keys[at] = K::cast_from(grad_key);
            grad_query += grad_key;
            grad_score += slope * activated;
        }
        grad_query_and_score[item * 2 * k + i] = grad_query;
        grad_query_and_score[item * 2 * k + k + i] = grad_score;
        i += num_units;
    }
}

#[cfg(all(test, feature = "cuda-source"))]
mod tests {
    use super::*;
    use crate::cuda_source::{ELEMENTS, properties, tensor, write};

    /// 196 locations, as of VGG-19's conv5_3.
    #[test]
    #[ignore = "writes files: scripts/check-kernels.sh"]
    fn cuda_source() {
        let (batch, locations, k, d) = (256, 196, 256, 512);
        let (count, dim) = (CubeCount::Static(256, 1, 1), CubeDim::new_1d(256));
        for (name, element) in ELEMENTS {
            let (properties, target) = properties();
            let kernel = attention_kernel::create_dummy_kernel(
                properties.clone(),
                target.clone(),
                count.clone(),
                dim,
                tensor([batch, locations, k]),
                tensor([batch, k]),
                tensor([k, 1]),
                tensor([batch, locations, d]),
                tensor([batch, d + locations]),
                locations,
                [element, element],
            );
            write(&format!("attention_{name}"), kernel);
            let kernel = attention_backward_kernel::create_dummy_kernel(
                properties,
                target,
                count.clone(),
                dim,
                tensor([batch, locations, k]),
                tensor([batch, k]),
                tensor([k, 1]),
                tensor([batch, locations, d]),
                tensor([batch, d + locations]),
                tensor([batch, d + locations]),
                tensor([batch, locations, k]),
                tensor([batch, 2 * k]),
                locations,
                [element, element],
            );
            write(&format!("attention_backward_{name}"), kernel);
        }
    }
}
