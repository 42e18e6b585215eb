use burn::{
    nn::Linear,
    tensor::{FloatDType, Tensor, activation},
};

/// Looks at a picture: scores each location, weighs the annotations by the softmax of the scores
/// (Xu et al. 2015, equations 4, 5 and 13).
///
/// # Shapes
///
/// - `keys`: `[batch, locations, d_attention]`, `W_a a + b_a`
/// - `query`: `[batch, d_attention]`, `W_u h`
/// - `score`: `d_attention` to 1, `w_v`
/// - `annotations`: `[batch, locations, d_annotation]`
/// - returned: the weighted mean `[batch, d_annotation]` and the weights `[batch, locations]`
pub(crate) fn attend(
    keys: Tensor<3>,
    query: Tensor<2>,
    score: &Linear,
    annotations: Tensor<3>,
) -> (Tensor<2>, Tensor<2>) {
    let scores = score.forward((keys + query.unsqueeze_dim(1)).tanh()); // [batch, locations, 1]
    let scores = scores.squeeze_dim::<2>(2).cast(FloatDType::F32); // sums of many small numbers
    let weights = activation::softmax(scores, 1);
    let mean = weights
        .clone()
        .cast(annotations.dtype())
        .unsqueeze_dim::<3>(1)
        .matmul(annotations)
        .squeeze_dim::<2>(1);
    (mean, weights)
}
