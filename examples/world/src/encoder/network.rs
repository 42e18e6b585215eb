//! VGG-19 as it is trained: with batch normalisation, which is folded into the convolutions
//! afterwards.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig};
use burn::tensor::module::adaptive_avg_pool2d;
use burn::tensor::{Device, Tensor, activation};
use burn_fused::{batch_norm_relu, convolution, halving_max_pool};
use frame_features::{Vgg, VggConfig, fold_batch_norm};

use super::pictures::{ATTRIBUTES, Attribute, CELL_OUTPUTS, OUTPUTS, SOMEBODY, cell_attributes};

/// After which convolutions the picture is halved, as in the paper's configuration E.
const POOLED: [usize; 5] = [1, 3, 7, 11, LAST];
/// The last convolution.
const LAST: usize = 15;
/// The convolutions whose cells are asked what is there: `conv3_4`, `conv4_4` and `conv5_3`.
const SIDE_HEADS: [usize; 3] = [7, 11, 14];

/// Rows and columns of cells that `fc6` takes.
const CELLS: usize = 7;

/// The network under training.
#[derive(Module, Debug)]
pub(super) struct Trainee {
    convolutions: Vec<Conv2d>,
    norms: Vec<BatchNorm>,
    fc6: Linear,
    fc7: Linear,
    head: Linear,
    /// Answers from single cells of the layers of [`SIDE_HEADS`]: shorter ways for the gradients,
    /// without which so deep a network hardly begins to learn, and what makes the annotation
    /// vectors of `conv5_3` useful by themselves.
    side_heads: Vec<Conv2d>,
}

impl Trainee {
    /// A network of the given widths with random weights.
    pub(super) fn new(config: &VggConfig, device: &Device) -> Self {
        let channels = config.channels[4];
        let linear = |input, output| LinearConfig::new(input, output).init(device);
        Self {
            convolutions: (0..16)
                .map(|i| config.convolution(i).init(device))
                .collect(),
            norms: (0..16)
                .map(|i| BatchNormConfig::new(config.convolution_channels(i)[1]).init(device))
                .collect(),
            fc6: linear(channels * CELLS * CELLS, config.d_hidden),
            fc7: linear(config.d_hidden, config.d_hidden),
            head: linear(config.d_hidden, OUTPUTS),
            side_heads: SIDE_HEADS
                .iter()
                .map(|&i| {
                    Conv2dConfig::new([config.convolution_channels(i)[1], CELL_OUTPUTS], [1, 1])
                        .init(device)
                })
                .collect(),
        }
    }

    /// The answers from `relu7` and those from the cells of the layers between, before any sigmoid
    /// or softmax.
    ///
    /// # Shapes
    ///
    /// - `pictures`: `[batch, 3, size, size]`
    /// - returned: `[batch, outputs]`, and `[batch, cell outputs, grid, grid]` with finer grids
    ///   first
    pub(super) fn forward(&self, pictures: Tensor<4>) -> (Tensor<2>, Vec<Tensor<4>>) {
        let mut x = pictures;
        let mut cells = Vec::new();
        for (i, (layer, norm)) in self.convolutions.iter().zip(&self.norms).enumerate() {
            x = batch_norm_relu(norm, convolution(layer, x));
            if SIDE_HEADS.contains(&i) {
                cells.push(self.side_heads[cells.len()].forward(x.clone()));
            }
            // The last map of a small picture has no more cells than `fc6` takes: each then learns
            // about the part of a picture that it will see in a large one.
            let is_small = i == LAST && x.dims()[3] <= CELLS;
            if POOLED.contains(&i) && !is_small {
                x = halving_max_pool(x);
            }
        }
        let pooled: Tensor<2> = adaptive_avg_pool2d(x, [CELLS, CELLS]).flatten(1, 3);
        let relu6 = activation::relu(self.fc6.forward(pooled));
        let relu7 = activation::relu(self.fc7.forward(relu6));
        (self.head.forward(relu7), cells)
    }

    /// Takes in the last step's statistics. Burn does so with the next step, and what is written
    /// before would be without them.
    pub(super) fn settle(&self) {
        for norm in &self.norms {
            norm.running_mean.value_sync();
            norm.running_var.value_sync();
        }
    }

    /// The plain network, as it is published.
    pub(super) fn folded(&self) -> Vgg {
        let convolutions = self
            .convolutions
            .iter()
            .zip(&self.norms)
            .map(|(one, norm)| fold_batch_norm(one, norm))
            .collect();
        Vgg::from_layers(convolutions, vec![self.fc6.clone(), self.fc7.clone()])
    }
}

/// How wrong answers about whole pictures are: the sum of the cross entropies of the attributes, of
/// which that of the background counts `background` times. Where several answers are right they share
/// the probability; where none is (nobody is there), an attribute does not count.
///
/// # Shapes
///
/// - `answers`, `labels`: `[batch, outputs]`
pub(super) fn loss(answers: Tensor<2>, labels: Tensor<2>, background: f64) -> Tensor<1> {
    let [batch, outputs] = answers.dims();
    let shape = [batch, outputs, 1, 1];
    let (answers, labels) = (answers.reshape(shape), labels.reshape(shape));
    let mut sum = Tensor::zeros([1], &answers.device());
    for attribute in &ATTRIBUTES {
        let weight = if attribute.is_background {
            background
        } else {
            1.0
        };
        sum = sum + cross_entropy(&answers, &labels, attribute).mul_scalar(weight);
    }
    sum
}

/// How wrong the answers of cells are: as [`loss`], for what has a place, and whether anybody is
/// there.
///
/// # Shapes
///
/// - `answers`, `labels`: `[batch, cell outputs, grid, grid]`
pub(super) fn cell_loss(answers: &Tensor<4>, labels: &Tensor<4>) -> Tensor<1> {
    let part = |tensor: &Tensor<4>| tensor.clone().narrow(1, SOMEBODY, 1);
    let (x, y) = (part(answers), part(labels));
    let mut sum = (activation::relu(x.clone()) - x.clone() * y + (-x.abs()).exp().log1p()).mean();
    for attribute in cell_attributes() {
        sum = sum + cross_entropy(answers, labels, attribute);
    }
    sum
}

fn cross_entropy(answers: &Tensor<4>, labels: &Tensor<4>, attribute: &Attribute) -> Tensor<1> {
    let part = |tensor: &Tensor<4>| tensor.clone().narrow(1, attribute.first, attribute.count);
    let y = part(labels);
    let right = y.clone().sum_dim(1);
    let counted = right.clone().clamp(0.0, 1.0).sum().clamp_min(1.0);
    let y = y / right.clamp_min(1.0);
    (activation::log_softmax(part(answers), 1) * y).sum().neg() / counted
}
