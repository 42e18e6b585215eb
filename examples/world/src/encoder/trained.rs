//! What the training gives.

use frame_features::Vgg;

use super::accuracy::{self, Accuracy};
use super::network::Trainee;

/// A trained network.
#[derive(Debug)]
pub struct TrainedEncoder {
    network: Trainee,
}

impl TrainedEncoder {
    pub(super) fn new(network: Trainee) -> Self {
        Self { network }
    }

    /// The plain network, batch normalisation folded into the convolutions.
    #[must_use]
    pub fn vgg19(&self) -> Vgg {
        self.network.folded()
    }

    /// Asks about `pictures` held-out pictures of the given size.
    #[must_use]
    pub fn accuracy(&self, pictures: usize, size: u32) -> Vec<Accuracy> {
        accuracy::measure(&self.network, pictures, size)
    }
}
