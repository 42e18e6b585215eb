//! `nico attend`: draws where the model looks.

use anyhow::anyhow;
use std::{
    io::Cursor,
    path::{Path, PathBuf},
};

use caption_model::{Captioner, GenerateOptions, ScoreOptions, WordAttention};
use frame_features::{Frame, frame_at, frames_at};
use image::{ImageFormat, RgbImage};
use nico_comments::{Vpos, write_whole};
use nico_corpus::LearntWith;
use overlay_render::{Contrast, Fonts, PAPER_SMOOTHING, TileOptions, WordMap, draw_tiles};
use serde::Serialize;

use super::{
    Context,
    comment::{has_attention, no_attention, seed_of},
    layout::system_fonts,
};
use crate::{
    decoding::DecodingArgs, device::DeviceName, failure::Outcome, files::ending,
    word_maps::word_maps, words::DictionaryArgs,
};

/// What the command is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The model, made by `nico train --model attention`.
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// The video.
    #[arg(long, value_name = "FILE")]
    video: PathBuf,
    /// The moment: seconds, or minutes:seconds.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: f64,
    /// Makes the model write this word.
    #[arg(long, value_name = "WORD", conflicts_with = "comment")]
    word: Option<String>,
    /// Makes the model write this comment. Without it and --word the model writes its own.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// The picture to write, a .png.
    #[arg(long, value_name = "PNG")]
    out: PathBuf,
    /// The model's encoder, if it is neither built in nor in its folder: VGG's weights in a .pth or
    /// .safetensors file of torchvision's, or an .onnx file with its settings beside it.
    #[arg(long, value_name = "FILE")]
    encoder: Option<PathBuf>,
    /// Width of a tile, pixels.
    #[arg(long, value_name = "N", default_value_t = 240, value_parser = clap::value_parser!(u32).range(32..=4096))]
    tile_width: u32,
    /// Most tiles in a row.
    #[arg(long, value_name = "N", default_value_t = 5)]
    columns: usize,
    /// How far maps are smoothed, in locations: the standard deviation of a Gaussian. 0
    /// interpolates.
    #[arg(long, value_name = "X", default_value_t = PAPER_SMOOTHING)]
    smoothing: f32,
    /// Draws a weight of 0 black, and not the smallest one: an even map is white everywhere.
    #[arg(long)]
    from_zero: bool,
    #[command(flatten)]
    decoding: DecodingArgs,
    #[command(flatten)]
    dictionary: DictionaryArgs,
    /// Where the network runs.
    #[arg(long, value_enum, default_value_t = DeviceName::Cpu)]
    device: DeviceName,
}

/// What the command came to.
#[derive(Serialize)]
struct Report<'a> {
    out: &'a Path,
    /// Time of the frame, seconds.
    seconds: f64,
    words: Vec<WordMap>,
}

pub(crate) fn run(args: &Args, context: Context) -> Outcome {
    if ending(&args.out).as_deref() != Some("png") {
        return Err(anyhow!(
            "{}: the name has to end in .png",
            args.out.display()
        ));
    }
    let mut captioner = Captioner::from_dir(&args.model, &args.device.device())?;
    if !has_attention(&captioner) {
        return Err(no_attention(&args.model));
    }
    // All that can be refused is, before frames are decoded up to the moment.
    let generate = args.decoding.options(seed_of(&captioner));
    generate.check()?;
    if let Some(file) = &args.encoder {
        captioner = captioner.with_encoder_file(file)?;
    }
    captioner.load_encoder()?;
    let forced = args.forced_words(&captioner)?;
    let fonts = system_fonts()?;
    let frame = frame_at(&args.video, args.at)?;
    let (words, ids) = match forced {
        Some(forced) => forced,
        None => own_words(&captioner, &frame, &generate)?,
    };
    let looked = look(&captioner, frame, words, &ids)?;
    let contrast = if args.from_zero {
        Contrast::FromZero
    } else {
        Contrast::Stretched
    };
    let options = TileOptions::default()
        .tile_width(args.tile_width)
        .columns(args.columns)
        .smoothing(args.smoothing)
        .contrast(contrast);
    let tiles = looked.tiles(&fonts, options)?;
    let mut png = Cursor::new(Vec::new());
    tiles.write_to(&mut png, ImageFormat::Png)?;
    write_whole(&args.out, |out| out.write_all(png.get_ref()))?;
    let report = Report {
        out: &args.out,
        seconds: looked.frame.time.seconds(),
        words: looked.maps,
    };
    for word in &report.words {
        let weights = word.map.weights();
        let largest = weights.iter().copied().fold(0.0, f32::max);
        let gate = word
            .gate
            .map_or_else(String::new, |gate| format!(", β {gate:.2}"));
        context.output.say(&format!(
            "attend: {}: largest weight {largest:.4} of {}{gate}",
            word.word,
            weights.len()
        ));
    }
    context.print_json(&report)
}

/// What stands under the tile of where the model looks once it has read the last word.
const AFTER: &str = "…";

/// A frame with the words of a comment, and where the model looks before each and after the last.
struct Looked {
    frame: Frame,
    maps: Vec<WordMap>,
}

impl Looked {
    fn tiles(&self, fonts: &Fonts, options: TileOptions) -> Outcome<RgbImage> {
        let frame = &self.frame;
        let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let picture = RgbImage::from_raw(side(frame.width), side(frame.height), frame.rgb.clone())
            .ok_or_else(|| anyhow!("the frame has no pixels"))?;
        let options = options.caption(Vpos::from_secs_f64(frame.time.seconds()).to_string());
        Ok(draw_tiles(&picture, &self.maps, fonts, &options)?)
    }
}

/// The tiles of the model's own comments on the frames that are shown at some moments.
pub(super) fn own_tiles(
    captioner: &Captioner,
    video: &Path,
    moments: &[f64],
) -> Outcome<Vec<RgbImage>> {
    let fonts = system_fonts()?;
    let frames = frames_at(video, moments)?.into_iter();
    frames
        .map(|frame| {
            let (words, ids) = own_words(captioner, &frame, &GenerateOptions::default())?;
            look(captioner, frame, words, &ids)?.tiles(&fonts, TileOptions::default())
        })
        .collect()
}

impl Args {
    /// The words that the model is made to write, if it is, and their ids.
    fn forced_words(&self, captioner: &Captioner) -> Outcome<Option<(Vec<String>, Vec<u32>)>> {
        let vocabulary = captioner.vocabulary();
        if let Some(word) = &self.word {
            let id = vocabulary
                .id(word)
                .ok_or_else(|| anyhow!("the model does not know the word {word}"))?;
            return Ok(Some((vec![word.clone()], vec![id])));
        }
        let Some(text) = &self.comment else {
            return Ok(None);
        };
        let record = LearntWith::read(&self.model)?;
        let dictionary = &self.dictionary;
        let splitter = dictionary.words_of(&self.model, record.as_ref(), vocabulary)?;
        let mut words: Vec<String> = Vec::new();
        splitter.splitter().worker()(text, &mut |word, _| words.push(word.to_owned()));
        if words.is_empty() {
            return Err(anyhow!("--comment {text:?}: has no words"));
        }
        let ids = vocabulary.encode(words.iter().map(String::as_str));
        Ok(Some((words, ids)))
    }
}

/// What the model writes.
fn own_words(
    captioner: &Captioner,
    frame: &Frame,
    options: &GenerateOptions,
) -> Outcome<(Vec<String>, Vec<u32>)> {
    let ids = captioner.caption(&frame.picture(), options)?.words;
    let words = ids
        .iter()
        .map(|&word| captioner.vocabulary().decode(&[word]));
    Ok((words.collect(), ids))
}

/// Makes the model write these words.
fn look(
    captioner: &Captioner,
    frame: Frame,
    mut words: Vec<String>,
    ids: &[u32],
) -> Outcome<Looked> {
    let wanted = ScoreOptions::default().attention(true);
    let scored = captioner.score_pictures(&[(frame.picture(), ids)], &wanted)?;
    let mut seen: Vec<WordAttention> = Vec::new();
    for scored in scored {
        seen.extend(scored.attention.into_iter().flatten());
        if let Some(after) = scored.attention_after {
            words.push(AFTER.to_owned());
            seen.push(after);
        }
    }
    let maps = word_maps(captioner, &words, &seen, |weight| weight)?;
    Ok(Looked { frame, maps })
}

/// Seconds, from `75.5` or `1:15.5`.
fn moment(text: &str) -> Result<f64, String> {
    let (minutes, seconds) = text.split_once(':').unwrap_or(("0", text));
    match (minutes.parse::<u32>(), seconds.parse::<f64>()) {
        (Ok(minutes), Ok(seconds)) if (0.0..1e6).contains(&seconds) => {
            Ok(f64::from(minutes) * 60.0 + seconds)
        }
        _ => Err("expected seconds or minutes:seconds".into()),
    }
}
