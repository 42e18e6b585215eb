//! The last blocks of VGG-19 by themselves, to be trained over features of the blocks below.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::layers::{annotations, classify, convolution, convolve};
use super::network::Vgg;
use super::tail_problem::VggTailProblem;
use crate::error::Error;
use crate::layer::Depth;
use crate::layer::Layer;
use crate::layout::VggVariant;

/// Most weights of a tail: several times those of VGG-19, so that a damaged configuration asks for
/// no terabytes.
const MAX_WEIGHTS: u128 = 1 << 30;

/// Configuration of a [`VggTail`]: between which layers it lies, and inputs and outputs of each of
/// its layers.
///
/// # Example
///
/// ```
/// use burn::tensor::Device;
/// use frame_features::{Layer, VggConfig};
///
/// let device = Device::flex();
/// let network = VggConfig::slim(16).init(&device);
/// let config = network.tail("pool4".parse()?, Layer::Conv5_3)?.config();
/// assert_eq!(config.convolutions, [[32, 32]; 3]);
/// assert_eq!(config.init(&device).config(), config);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VggTailConfig {
    /// The layer whose output it reads, a pooling.
    pub below: Layer,
    /// The layer whose output it gives.
    pub layer: Layer,
    /// Input and output channels of its convolutions.
    pub convolutions: Vec<[usize; 2]>,
    /// Input and output sizes of its fully connected layers.
    pub fully_connected: Vec<[usize; 2]>,
}

impl VggTailConfig {
    /// Size of the vectors it reads, one for each location.
    #[must_use]
    pub fn d_input(&self) -> usize {
        match (self.convolutions.first(), self.fully_connected.first()) {
            (Some([input, _]), _) => *input,
            (None, Some([input, _])) => input / crate::layout::POOLED_SIDE.pow(2),
            (None, None) => 0,
        }
    }

    /// Size of the vectors it gives.
    #[must_use]
    pub fn d_output(&self) -> usize {
        let last = self.fully_connected.last().or(self.convolutions.last());
        last.map_or(0, |&[_, output]| output)
    }

    /// Whether it can read feature maps of so many locations: squares of which something is left
    /// after its poolings.
    #[must_use]
    pub fn accepts(&self, locations: usize) -> bool {
        let side = locations.isqrt();
        self.depths().is_some_and(|(below, depth)| {
            side * side == locations && side >> (depth.halvings() - below.halvings()) > 0
        })
    }

    /// The depths of its two layers: in VGG-19, unless only VGG-16 has as many convolutions between
    /// them.
    fn depths(&self) -> Option<(Depth, Depth)> {
        let in_variant = |variant| depths(variant, self.below, self.layer);
        let fits = |(below, depth): &(Depth, Depth)| {
            depth.convolutions - below.convolutions == self.convolutions.len()
        };
        let vgg16 = || in_variant(VggVariant::Vgg16).filter(fits);
        let vgg19 = in_variant(VggVariant::Vgg19);
        vgg19.filter(fits).or_else(vgg16).or(vgg19)
    }

    /// What does not fit together in it, if something does not. Of a [`VggTail`]'s own
    /// configuration nothing does.
    #[must_use]
    pub fn problem(&self) -> Option<VggTailProblem> {
        let Some((below, depth)) = self.depths() else {
            let (below, layer) = (self.below, self.layer);
            return Some(VggTailProblem::NoSuchPart { below, layer });
        };
        let found = [self.convolutions.len(), self.fully_connected.len()];
        let expected = [
            depth.convolutions - below.convolutions,
            depth.fully_connected,
        ];
        if found != expected {
            return Some(VggTailProblem::NumLayers { found, expected });
        }
        let pooled = crate::layout::POOLED_SIDE.pow(2);
        let chain = |layers: &[[usize; 2]]| layers.windows(2).all(|pair| pair[0][1] == pair[1][0]);
        let joined = match (self.convolutions.last(), self.fully_connected.first()) {
            (Some([_, channels]), Some([input, _])) => channels.checked_mul(pooled) == Some(*input),
            (None, Some([input, _])) => input % pooled == 0,
            _ => true,
        };
        if !(chain(&self.convolutions) && chain(&self.fully_connected) && joined) {
            return Some(VggTailProblem::Unconnected);
        }
        let weights = |layers: &[[usize; 2]], kernel: u128| -> u128 {
            let each = layers
                .iter()
                .map(|&[input, output]| input as u128 * output as u128 * kernel);
            each.fold(0, u128::saturating_add)
        };
        let weights =
            weights(&self.convolutions, 9).saturating_add(weights(&self.fully_connected, 1));
        let most = MAX_WEIGHTS;
        (weights > most).then_some(VggTailProblem::TooManyWeights { weights, most })
    }

    /// The blocks with random weights, as [`VggConfig::init`](crate::VggConfig::init) makes
    /// them.
    ///
    /// # Panics
    ///
    /// Panics if there is a [`problem`](Self::problem).
    #[must_use]
    pub fn init(&self, device: &Device) -> VggTail {
        if let Some(problem) = self.problem() {
            panic!("{problem}");
        }
        VggTail {
            convolutions: self
                .convolutions
                .iter()
                .map(|&channels| convolution(channels).init(device))
                .collect(),
            fully_connected: self
                .fully_connected
                .iter()
                .map(|&[input, output]| LinearConfig::new(input, output).init(device))
                .collect(),
            below: self.below,
            layer: self.layer,
        }
    }
}

/// The tail of a [`Vgg`]: its last blocks, from a pooling's output to a layer's, for fine-tuning.
///
/// With it the blocks can be trained along with what reads them, while the features of the blocks
/// below, which stay as they are, come from a [`FeatureStore`](crate::FeatureStore). Made by
/// [`Vgg::tail`]; [`Vgg::with_tail`] puts it back.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use frame_features::{Layer, VggConfig};
///
/// let device = Device::flex();
/// let network = VggConfig::slim(64).init(&device);
/// let pictures = Tensor::<4>::ones([1, 3, 32, 32], &device);
/// let pool4: Layer = "pool4".parse()?;
/// let rows = network.forward(pool4, pictures.clone())?; // as a store has them
/// let tail = network.tail(pool4, Layer::Conv5_3)?;
/// let difference = tail.forward(rows) - network.forward(Layer::Conv5_3, pictures)?;
/// assert_eq!(difference.abs().max().into_scalar::<f32>(), 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Module, Debug)]
pub struct VggTail {
    convolutions: Vec<Conv2d>,
    fully_connected: Vec<Linear>,
    #[module(skip)]
    below: Layer,
    #[module(skip)]
    layer: Layer,
}

impl VggTail {
    /// Its sizes.
    #[must_use]
    pub fn config(&self) -> VggTailConfig {
        let channels = |layer: &Conv2d| {
            let [output, input, ..] = layer.weight.dims();
            [input, output]
        };
        VggTailConfig {
            below: self.below,
            layer: self.layer,
            convolutions: self.convolutions.iter().map(channels).collect(),
            fully_connected: self
                .fully_connected
                .iter()
                .map(|layer| layer.weight.dims())
                .collect(),
        }
    }

    /// Runs the blocks.
    ///
    /// # Shapes
    ///
    /// - `rows`: `[batch, locations, d_input]`, a square of locations row by row
    /// - returned: `[batch, locations, d_output]`; one location for fully connected layers
    ///
    /// # Panics
    ///
    /// Panics if the [locations](VggTailConfig::accepts) are no square or too few, or if `d_input`
    /// is another.
    #[must_use]
    pub fn forward(&self, rows: Tensor<3>) -> Tensor<3> {
        let (below, depth) = self.config().depths().expect("it was made between the two");
        let [batch, locations, channels] = rows.dims();
        let side = locations.isqrt();
        assert_eq!(
            side * side,
            locations,
            "{locations} locations are no square"
        );
        let grid = rows.swap_dims(1, 2).reshape([batch, channels, side, side]);
        let grid = convolve(&self.convolutions, below.convolutions, grid, depth);
        match depth.fully_connected {
            0 => annotations(grid),
            _ => classify(&self.fully_connected, grid, depth).unsqueeze_dim(1),
        }
    }
}

impl Vgg {
    /// The blocks from `below`, a pooling, to `layer`: copies of their weights, on the same device.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchLayer`] if this network was loaded without the weights of `layer`.
    ///
    /// # Panics
    ///
    /// Panics if `below` is no pooling under `layer`.
    pub fn tail(&self, below: Layer, layer: Layer) -> Result<VggTail, Error> {
        self.depth(layer)?;
        let (from, to) = depths(self.variant(), below, layer).expect("a pooling under the layer");
        Ok(VggTail {
            convolutions: self.convolutions[from.convolutions..to.convolutions].to_vec(),
            fully_connected: self.fully_connected[..to.fully_connected].to_vec(),
            below,
            layer,
        })
    }

    /// The network up to the tail's layer with the tail's weights in place of its own; what lies
    /// above is left out, as it was trained on something else.
    ///
    /// # Panics
    ///
    /// Panics if the tail's first layer does not fit on the network, or if it is of the other
    /// [variant](Self::variant).
    #[must_use]
    pub fn with_tail(&self, tail: &VggTail) -> Self {
        let (below, depth) = depths(self.variant(), tail.below, tail.layer)
            .expect("the tail of a network of the same kind");
        assert_eq!(
            depth.convolutions - below.convolutions,
            tail.convolutions.len(),
            "the tail of another kind of network"
        );
        let [channels, ..] = self.convolutions[below.convolutions - 1].weight.dims();
        assert_eq!(
            channels,
            tail.config().d_input(),
            "the tail of another network"
        );
        let mut convolutions = self.convolutions[..below.convolutions].to_vec();
        convolutions.extend_from_slice(&tail.convolutions);
        Self::of_variant(self.variant(), convolutions, tail.fully_connected.clone())
            .named(self.name())
    }
}

/// The depths of a pooling and of a layer over it.
fn depths(variant: VggVariant, below: Layer, layer: Layer) -> Option<(Depth, Depth)> {
    let (below, layer) = (below.depth(variant)?, layer.depth(variant)?);
    let under = below.convolutions < layer.convolutions || layer.fully_connected > 0;
    (below.pooled && below.fully_connected == 0 && under).then_some((below, layer))
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use crate::vgg::VggConfig;
    use burn::tensor::Distribution;

    /// From every pooling to both of the captioners' layers, and put back together, the network is
    /// the same.
    #[test]
    fn a_tail_does_what_its_blocks_do() {
        let device = Device::flex();
        let network = VggConfig::slim(64).init(&device);
        let pictures = Tensor::<4>::random([2, 3, 64, 64], Distribution::Default, &device);
        for below in ["pool1", "pool2", "pool3", "pool4", "pool5"] {
            for layer in [Layer::Conv5_3, Layer::Relu7] {
                let below: Layer = below.parse().unwrap();
                if depths(VggVariant::Vgg19, below, layer).is_none() {
                    assert_eq!(
                        (below.to_string().as_str(), layer),
                        ("pool5", Layer::Conv5_3)
                    );
                    continue;
                }
                let rows = network.forward(below, pictures.clone()).unwrap();
                let tail = network.tail(below, layer).unwrap();
                let expected = network.forward(layer, pictures.clone()).unwrap();
                let difference = tail.forward(rows) - expected;
                assert_eq!(difference.abs().max().into_scalar::<f32>(), 0.0);
                let joined = network.with_tail(&tail);
                let fingerprints = [&joined, &network].map(|it| it.fingerprint(layer).unwrap());
                assert_eq!(fingerprints[0], fingerprints[1]);
                assert_eq!(tail.config().problem(), None);
            }
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_told() {
        let network = VggConfig::slim(64).init(&Device::flex());
        let config = network
            .tail("pool4".parse().unwrap(), Layer::Relu7)
            .unwrap()
            .config();
        assert_eq!((config.d_input(), config.d_output()), (8, 64));
        let accepted = |locations: &usize| config.accepts(*locations); // pool5 halves the side
        let found: Vec<usize> = (0..=16).filter(accepted).collect();
        assert_eq!(found, [4, 9, 16]);
        let problem = |change: fn(&mut VggTailConfig)| {
            let mut changed = config.clone();
            change(&mut changed);
            changed.problem().expect("it does not fit")
        };
        let (below, layer) = (Layer::Relu7, Layer::Relu7);
        assert_eq!(
            problem(|config| config.below = Layer::Relu7),
            VggTailProblem::NoSuchPart { below, layer }
        );
        assert!(matches!(
            problem(|config| config.fully_connected[1][1] = usize::MAX),
            VggTailProblem::TooManyWeights { .. }
        ));
        let mut vgg16 = config.clone();
        vgg16.convolutions.pop();
        assert_eq!(vgg16.problem(), None, "as VGG-16 has them");
        let (found, expected) = ([2, 2], [4, 2]);
        assert_eq!(
            problem(|config| config.convolutions.truncate(2)),
            VggTailProblem::NumLayers { found, expected }
        );
        assert_eq!(
            problem(|config| config.fully_connected[0][0] += 1),
            VggTailProblem::Unconnected
        );
    }
}
