//! Fine-tuning: the encoder's last blocks trained along with the captioner.

mod blocks;
mod tuner;

pub use blocks::TunedBlocks;
pub use tuner::FineTuner;
