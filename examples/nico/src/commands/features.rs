//! `nico features`: VGG-19 features of a video's frames.

use std::path::PathBuf;

use frame_features::Layer;

use super::Context;
use crate::{device::DeviceName, failure::Outcome, source::Extraction};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The video.
    video: PathBuf,
    /// Folder that gets the features. Extraction goes on where it stopped.
    #[arg(long, value_name = "STORE")]
    out: PathBuf,
    #[command(flatten)]
    extraction: ExtractionArgs,
    /// VGG-19's layer: relu7 for Show and Tell, conv5_3 for Show, Attend and Tell.
    #[arg(long, default_value = "relu7")]
    layer: Layer,
    /// Where the network runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

/// How features are extracted: shared by `features` and `run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct ExtractionArgs {
    /// VGG-19's weights: `slim` for the built-in ones, or a .pth or .safetensors file of torchvision's.
    #[arg(long, value_name = "slim|FILE", default_value = "slim")]
    encoder: String,
    /// Side of the square that frames are scaled to: 224, or 448 for a finer grid of conv5_3.
    #[arg(long, default_value_t = 224, value_parser = size)]
    size: usize,
    /// Takes every Nth frame.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    every: usize,
}

impl ExtractionArgs {
    /// The extraction of a layer.
    pub(crate) fn extraction(&self, layer: Layer) -> Extraction {
        Extraction {
            encoder: self.encoder.clone(),
            layer,
            size: self.size,
            every: self.every,
        }
    }
}

/// VGG-19 halves pictures five times.
fn size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size) if (32..=2048).contains(&size) => Ok(size),
        _ => Err("expected 32 to 2048 pixels".into()),
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number >= 1 => Ok(number),
        _ => Err("expected 1 or more".into()),
    }
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    args.extraction.extraction(args.layer).run(
        &args.video,
        &args.out,
        &args.device.device(),
        context.output,
    )
}
