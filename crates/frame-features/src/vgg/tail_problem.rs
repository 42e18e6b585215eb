use crate::layer::Layer;

/// Why a [`VggTailConfig`](crate::VggTailConfig) describes no part of a VGG-19: what does not fit
/// together in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VggTailProblem {
    /// There is nothing between its layers.
    #[error("no part of VGG-19 lies between {below} and {layer}")]
    NoSuchPart {
        /// The layer that it reads.
        below: Layer,
        /// The layer that it gives.
        layer: Layer,
    },
    /// It has more or fewer layers than lie between its two.
    #[error(
        "{} convolutions and {} fully connected layers, expected {} and {}",
        found[0],
        found[1],
        expected[0],
        expected[1]
    )]
    NumLayers {
        /// Its convolutions and fully connected layers.
        found: [usize; 2],
        /// Those between its layers.
        expected: [usize; 2],
    },
    /// A layer reads more or fewer numbers than the one before gives.
    #[error("a layer's outputs are not the next one's inputs")]
    Unconnected,
    /// It is several times as large as a VGG-19.
    #[error("{weights} weights, of which {most} are the most")]
    TooManyWeights {
        /// Its weights.
        weights: u128,
        /// The most that are allowed.
        most: u128,
    },
}
