use burn::tensor::Device;
use caption_model::{Captioner, Network};
use frame_features::FeatureSource;

/// A network and the pictures that it is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Probe<'a> {
    /// The network.
    pub network: &'a Network,
    /// Features of the pictures: one video's, or several joined.
    pub source: &'a dyn FeatureSource,
    /// Comments or pictures at once.
    pub batch_size: usize,
    /// Where the network is.
    pub device: &'a Device,
}

impl<'a> Probe<'a> {
    /// A captioner's network, asked about `source`.
    #[must_use]
    pub fn new(captioner: &'a Captioner, source: &'a dyn FeatureSource, batch_size: usize) -> Self {
        Self {
            network: captioner.network(),
            source,
            batch_size: batch_size.max(1),
            device: captioner.device(),
        }
    }
}
