//! `nico caption`: a comment on each of some pictures.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::anyhow;
use caption_model::{Captioner, Decoding, GenerateOptions, ScoredCaption};
use clap::builder::RangedU64ValueParser;
use frame_features::{Picture, VideoFrames, VideoOptions};
use serde::Serialize;

use super::{Context, comment::seed_of};
use crate::{
    decoding::DecodingArgs,
    device::DeviceName,
    failure::{Outcome, at, one_line},
};

/// Pictures that are read before they are captioned.
const PICTURES_AT_ONCE: usize = 256;
/// What files of pictures in a folder end in.
const EXTENSIONS: [&str; 8] = ["png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff"];

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Pictures of any kind that FFmpeg reads, or folders of them.
    #[arg(value_name = "PICTURE", required = true)]
    pictures: Vec<PathBuf>,
    /// The model, made by `nico train`.
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// The model's encoder: VGG's weights in a .pth or .safetensors file of torchvision's, or an
    /// .onnx file with its settings beside it. Default: the model's own where its folder has
    /// encoder.safetensors, else the built-in one.
    #[arg(long, value_name = "FILE")]
    encoder: Option<PathBuf>,
    /// The N most probable captions of each picture that a beam finds; takes --decode beam and a
    /// --beam of N or more.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    n_best: usize,
    #[command(flatten)]
    decoding: DecodingArgs,
    /// Where the network runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Captions {
    captions: Vec<Captioned>,
}

/// A picture's captions, the best first.
#[derive(Serialize)]
struct Captioned {
    picture: PathBuf,
    #[serde(flatten)]
    best: Text,
    /// All that were asked for, the best among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    n_best: Vec<Text>,
}

/// A caption with its probability under the model.
#[derive(Clone, Serialize)]
struct Text {
    caption: String,
    /// Natural logarithm; its end is counted.
    log_probability: Option<f64>,
    log_probability_per_word: Option<f64>,
}

/// A picture, scaled as the encoder takes it.
struct Scaled {
    path: PathBuf,
    rgb: Vec<u8>,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    let mut captioner = Captioner::from_dir(&args.model, &args.device.device())?;
    if let Some(file) = &args.encoder {
        captioner = captioner.with_encoder_file(file)?;
    }
    captioner.load_encoder()?;
    let options = args.decoding.options(seed_of(&captioner));
    if args.n_best > 1 && !matches!(options.decoding, Decoding::Beam(_)) {
        return Err(anyhow!("--n-best {} takes --decode beam", args.n_best));
    }
    captioner.caption_n_best(&[], args.n_best, &options)?; // refuses options that cannot work
    let paths = paths(&args.pictures)?;
    let mut captions = Vec::with_capacity(paths.len());
    let mut progress = context.output.start("captions", "pictures", paths.len());
    for (first, paths) in (0..)
        .step_by(PICTURES_AT_ONCE)
        .zip(paths.chunks(PICTURES_AT_ONCE))
    {
        let pictures = read(paths, &captioner, context);
        let options = options.clone().seed(options.seed.wrapping_add(first));
        captions.extend(caption(pictures, &captioner, args.n_best, &options)?);
        progress.set(captions.len());
    }
    progress.finish();
    if captions.is_empty() {
        return Err(anyhow!("no picture could be read"));
    }
    let result = Captions { captions };
    context.print(&result, || result.lines())
}

/// The files of pictures, those of folders by name.
fn paths(given: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for path in given {
        if !path.is_dir() {
            paths.push(path.clone());
            continue;
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(path).map_err(at(path))? {
            let file = entry.map_err(at(path))?.path();
            let extension = file.extension().and_then(|extension| extension.to_str());
            let extension = extension.map(str::to_ascii_lowercase);
            if extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str())) {
                found.push(file);
            }
        }
        if found.is_empty() {
            let folder = path.display();
            return Err(anyhow!(
                "{folder}: no picture in this folder ({})",
                EXTENSIONS.join(", ")
            ));
        }
        found.sort();
        paths.extend(found);
    }
    Ok(paths)
}

/// Reads pictures; what is none is left out with a warning.
fn read(paths: &[PathBuf], captioner: &Captioner, context: Context) -> Vec<Scaled> {
    let read = paths
        .iter()
        .filter_map(|path| match scaled(path, captioner, context) {
            Ok(rgb) => Some(Scaled {
                path: path.clone(),
                rgb,
            }),
            Err(failure) => {
                let reason = one_line(&failure);
                context.output.warn(&format!("no caption: {reason}"));
                None
            }
        });
    read.collect()
}

fn scaled(path: &Path, captioner: &Captioner, context: Context) -> Outcome<Vec<u8>> {
    let side = u32::try_from(captioner.config().encoder.input_size)?;
    let mut frames = VideoFrames::open(path, VideoOptions::default().size(side, side).threads(1))?;
    let first = frames.next_frame()?;
    let first = first.ok_or_else(|| anyhow!("{}: holds no picture", path.display()))?;
    let rgb = first.picture().rgb().to_vec();
    if frames.skip_frame()?.is_some() {
        context.output.warn(&format!(
            "{}: holds several pictures, of which the first gets a caption",
            path.display()
        ));
    }
    Ok(rgb)
}

fn caption(
    scaled: Vec<Scaled>,
    captioner: &Captioner,
    n_best: usize,
    options: &GenerateOptions,
) -> Outcome<Vec<Captioned>> {
    let side = captioner.config().encoder.input_size;
    let pictures = scaled.iter().map(|one| Picture::new(side, side, &one.rgb));
    let pictures: Option<Vec<Picture<'_>>> = pictures.collect();
    let pictures = pictures.ok_or_else(|| anyhow!("the encoder takes pictures without pixels"))?;
    let best = captioner.caption_n_best(&pictures, n_best, options)?;
    let captioned = scaled.iter().zip(best).filter_map(|(scaled, best)| {
        let texts: Vec<Text> = best.iter().map(Text::new).collect();
        Some(Captioned {
            picture: scaled.path.clone(),
            best: texts.first()?.clone(),
            n_best: if n_best > 1 { texts } else { Vec::new() },
        })
    });
    Ok(captioned.collect())
}

impl Text {
    fn new(scored: &ScoredCaption) -> Self {
        Self {
            caption: scored.caption.text.clone(),
            log_probability: scored.log_probability,
            log_probability_per_word: scored.log_probability_per_word(),
        }
    }
}

impl Captions {
    /// A line a picture, or a line a caption with its log-probability where there are several.
    fn lines(&self) -> String {
        let mut lines = Vec::new();
        for captioned in &self.captions {
            let picture = captioned.picture.display();
            if captioned.n_best.is_empty() {
                lines.push(format!("{picture}: {}", captioned.best.caption));
            }
            for text in &captioned.n_best {
                let score = text.log_probability.unwrap_or(0.0);
                lines.push(format!("{picture}: {score:8.3} {}", text.caption));
            }
        }
        lines.join("\n")
    }
}
