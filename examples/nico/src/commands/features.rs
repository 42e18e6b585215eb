//! `nico features`: features of a video's frames.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{anyhow, bail};
use burn::tensor::Device;
use frame_features::{DuplicateFrames, FrameEncoder, Layer, Rational, Sampling};
use nico_comments::Vpos;
use nico_corpus::is_speech;
use serde_json::{Value, json};

use super::Context;
use crate::{
    comments::read_each,
    device::DeviceName,
    failure::Outcome,
    jobs,
    source::{Extraction, timeline},
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The video; with --into several, which are done one after the other.
    #[arg(value_name = "VIDEO", required_unless_present = "list")]
    videos: Vec<PathBuf>,
    /// File with the names of videos, one a line; - is standard input.
    #[arg(
        long,
        value_name = "FILE|-",
        conflicts_with = "videos",
        requires = "into"
    )]
    list: Option<PathBuf>,
    /// Folder that gets the features. Extraction goes on where it stopped.
    #[arg(long, value_name = "STORE", required_unless_present = "into")]
    out: Option<PathBuf>,
    /// Folder that gets a folder with features for each video, by its name without the ending.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "commented"])]
    into: Option<PathBuf>,
    #[command(flatten)]
    extraction: ExtractionArgs,
    /// The layer of VGG: relu7 for Show and Tell (the default), conv5_3 for Show, Attend and Tell.
    #[arg(long)]
    layer: Option<Layer>,
    /// Only frames that have comments in this file, at the times that stand there: not for a
    /// training that moves them (--shift, --recording-start, --fit).
    #[arg(long, value_name = "COMMENTS", conflicts_with_all = ["every", "per_second"])]
    commented: Option<PathBuf>,
    /// Where the network runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

/// How features are extracted: shared by `features` and `run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct ExtractionArgs {
    /// The encoder: `slim` for the built-in one, weights of VGG-19 or VGG-16 in a .pth or
    /// .safetensors file of torchvision's, or an .onnx file with its settings in a .toml beside it.
    #[arg(long, value_name = "slim|FILE", default_value = "slim")]
    encoder: String,
    /// Side of the square that frames are scaled to. Default: 224 (448 gives conv5_3 a finer grid),
    /// or what an .onnx file takes.
    #[arg(long, value_parser = size)]
    size: Option<usize>,
    /// Takes every Nth frame.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = at_least_one)]
    every: usize,
    /// Takes so many frames a second: 2, or a fraction such as 30000/1001.
    #[arg(long, value_name = "N", value_parser = rate, conflicts_with = "every")]
    per_second: Option<Rational>,
    /// Frames that count as the one before them, still shown, and share its features: off, equal,
    /// or those that differ by at most N (0 to 255, mean of a tile; 1 to 2 lets noise of
    /// compression pass).
    #[arg(long, value_name = "off|equal|N", default_value = "equal", value_parser = duplicates)]
    duplicates: DuplicateFrames,
}

impl ExtractionArgs {
    /// The extraction of a layer.
    pub(crate) fn extraction(&self, layer: Option<Layer>) -> Extraction {
        Extraction {
            encoder: self.encoder.clone(),
            layer,
            size: self.size,
            sampling: self
                .per_second
                .map_or_else(|| Sampling::every(self.every), Sampling::PerSecond),
            duplicates: self.duplicates,
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

fn rate(text: &str) -> Result<Rational, String> {
    let (num, den) = text.split_once('/').unwrap_or((text, "1"));
    match (num.parse(), den.parse()) {
        (Ok(num @ 1..), Ok(den @ 1..)) => Ok(Rational::new(num, den)),
        _ => Err("expected a positive number or fraction".into()),
    }
}

fn duplicates(text: &str) -> Result<DuplicateFrames, String> {
    match (text, text.parse()) {
        ("off", _) => Ok(DuplicateFrames::Separate),
        ("equal", _) => Ok(DuplicateFrames::Equal),
        (_, Ok(limit)) if (0.0..=255.0).contains(&limit) => Ok(DuplicateFrames::Within(limit)),
        _ => Err("expected off, equal or a number from 0 to 255".into()),
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number >= 1 => Ok(number),
        _ => Err("expected 1 or more".into()),
    }
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let device = args.device.device();
    let Some(into) = &args.into else {
        let ([video], Some(out)) = (&*args.videos, &args.out) else {
            bail!("--out takes the features of one video; several need --into");
        };
        let encoder = args.encoder(&device, context)?;
        return context.print_json(&extract(args, &*encoder, video, out, context)?);
    };
    let videos = match &args.list {
        Some(list) => {
            let lines = jobs::read_list(list, ["a video"])?;
            lines.into_iter().flatten().collect()
        }
        None => args.videos.clone(),
    };
    let stores = videos.into_iter().map(|video| {
        let name = video
            .file_stem()
            .ok_or_else(|| anyhow!("{}: no file", video.display()))?;
        let out = into.join(name);
        Ok((video, out))
    });
    let stores: Vec<(PathBuf, PathBuf)> = stores.collect::<Outcome<_>>()?;
    jobs::check_outputs(stores.iter().map(|(video, out)| (&**video, &**out)))?;
    let encoder = args.encoder(&device, context)?; // once for all of them
    jobs::each(
        &stores,
        |(video, _)| video,
        context,
        |(video, out)| extract(args, &*encoder, video, out, context),
    )
}

impl Args {
    fn encoder(&self, device: &Device, context: Context) -> Outcome<Arc<dyn FrameEncoder>> {
        let extraction = self.extraction.extraction(self.layer);
        extraction.load(device, context.output)
    }
}

/// The features of one video, and what is told of them.
fn extract(
    args: &Args,
    encoder: &dyn FrameEncoder,
    video: &Path,
    out: &Path,
    context: Context,
) -> Outcome<Value> {
    let mut extraction = args.extraction.extraction(args.layer);
    if let Some(comments) = &args.commented {
        extraction.sampling = Sampling::Frames(commented_frames(video, comments, context)?);
    }
    let report = extraction.extract_with(encoder, video, out, context.output)?;
    let info = &report.info;
    Ok(json!({
        "features": out,
        "encoder": info.plan.encoder,
        "shape": info.plan.shape,
        "rows": info.frames.len(),
        "rows_made": report.rows_made,
        "duplicate_rows": report.duplicate_rows,
        "video_frames": info.video_frames,
        "duration": info.duration,
        "missing_seconds": info.missing_seconds,
        "ended_early": info.ended_early,
        "time_repairs": info.time_repairs,
        "damaged_packets": report.damaged_packets,
    }))
}

/// The frames at which a comment that speaks appears.
fn commented_frames(video: &Path, comments: &Path, context: Context) -> Outcome<Vec<usize>> {
    let timeline = timeline(video, context.output)?;
    let mut positions: Vec<Vpos> = Vec::new();
    read_each(comments, context.output, |comment| {
        if is_speech(&comment) {
            positions.push(comment.vpos);
        }
        Ok(())
    })?;
    Ok(positions
        .into_iter()
        .map(|vpos| timeline.frame_at(vpos))
        .collect())
}
