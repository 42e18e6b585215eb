//! Fine-tuning: the encoder's last blocks trained along with the captioner.

mod blocks;
mod network;
mod tuner;

pub use blocks::TunedBlocks;
pub use network::{CaptionerConfig, FineTuned, FineTunedConfig};
pub use tuner::FineTuner;
