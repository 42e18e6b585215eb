//! The demo's encoder: VGG-19 of an eighth of the width, trained on drawn characters that are not
//! those of the shows.

mod accuracy;
mod batches;
mod checkpoint;
mod error;
mod network;
mod options;
mod pictures;
mod probe;
mod sheet;
mod tensors;
mod train;
mod trained;

pub use accuracy::Accuracy;
pub use error::EncoderError;
pub use options::{EncoderOptions, Phase};
pub use probe::{ProbeResult, probe_encoder};
pub use sheet::sample_sheet;
pub use train::{TrainingEvent, train_encoder};
pub use trained::TrainedEncoder;
