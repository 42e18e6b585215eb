//! The demo's encoder: VGG-19 of an eighth of the width, trained on drawn characters that are not those of the shows.

mod network;
mod pictures;
mod probe;
mod train;

use std::path::PathBuf;

pub use probe::{ProbeResult, probe_encoder};
pub use train::{Accuracy, EncoderOptions, Phase, TrainedEncoder, TrainingEvent, train_encoder};

/// Why an encoder could not be trained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncoderError {
    /// A folder or file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A checkpoint could not be read or written.
    #[error("{}: {reason}; remove the folder to begin anew", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The thread that draws pictures has ended early.
    #[error("drawing pictures stopped unexpectedly")]
    Drawing,
}

/// Draws the first training pictures as one sheet, eight a row, `size` pixels each.
pub fn sample_sheet(rows: u32, size: u32) -> image::RgbImage {
    let mut sheet = image::RgbImage::new(8 * size, rows * size);
    for i in 0..rows * 8 {
        let example = pictures::example(u64::from(i), size);
        image::imageops::replace(
            &mut sheet,
            &example.picture,
            i64::from(i % 8 * size),
            i64::from(i / 8 * size),
        );
    }
    sheet
}
