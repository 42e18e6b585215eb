//! Frames as PNG pictures in a folder.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ffmpeg_next::{format, frame};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbaImage};

use super::failure;
use super::frame::Scaler;
use super::partial::Partial;
use crate::error::Error;
use crate::problem::{InputProblem, OutputProblem};

/// The list of pictures with their durations, which FFmpeg reads as a video.
const LIST: &str = "frames.ffconcat";

/// A folder that is being filled.
pub(super) struct PictureFolder {
    path: PathBuf,
    partial: Partial,
    list: String,
    written: u64,
    last: Option<(f64, f64)>, // time and duration of the last one, in seconds
}

impl PictureFolder {
    /// Begins a folder that will stand at `path`, where nothing may be but an empty folder.
    pub(super) fn new(path: &Path) -> Result<Self, Error> {
        let is_free = match fs::read_dir(path) {
            Ok(mut entries) => entries.next().is_none(),
            Err(_) => !path.exists(),
        };
        if !is_free {
            return Err(failure::output(path, OutputProblem::NotEmpty));
        }
        let partial = Partial::new(path)?;
        fs::create_dir(partial.path()).map_err(|source| Error::write(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            partial,
            list: "ffconcat version 1.0\n".to_owned(),
            written: 0,
            last: None,
        })
    }

    /// Writes the next picture, of a time and duration in seconds.
    pub(super) fn add(&mut self, png: &[u8], time: f64, duration: f64) -> Result<(), Error> {
        if let Some((last, _)) = self.last {
            self.lasts(time - last);
        }
        self.last = Some((time, duration));
        self.written += 1;
        let name = format!("{:06}.png", self.written);
        fs::write(self.partial.path().join(&name), png)
            .map_err(|source| Error::write(&self.path, source))?;
        writeln!(self.list, "file {name}").expect("strings take everything");
        Ok(())
    }

    fn lasts(&mut self, seconds: f64) {
        writeln!(self.list, "duration {seconds:.6}").expect("strings take everything");
    }

    /// Puts the folder in its place.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        if let Some((_, duration)) = self.last {
            self.lasts(duration);
        }
        fs::write(self.partial.path().join(LIST), &self.list)
            .map_err(|source| Error::write(&self.path, source))?;
        self.partial.put_in_place()
    }
}

/// A frame of any format as a picture of opaque pixels.
pub(super) fn to_rgba(
    frame: &frame::Video,
    scaler: &mut Scaler,
    (width, height): (u32, u32),
) -> Result<RgbaImage, ffmpeg_next::Error> {
    let size = (frame.width(), frame.height());
    let converted = scaler.run(frame, format::Pixel::RGBA, size)?;
    let stride = converted.stride(0);
    let wide = usize::try_from(width).unwrap_or(usize::MAX) * 4;
    let high = usize::try_from(height).unwrap_or(usize::MAX);
    let rows = converted.data(0).chunks(stride).take(high);
    let mut bytes: Vec<u8> = rows.flat_map(|row| &row[..wide]).copied().collect();
    bytes
        .iter_mut()
        .skip(3)
        .step_by(4)
        .for_each(|alpha| *alpha = 255);
    Ok(RgbaImage::from_raw(width, height, bytes).expect("there are four bytes for each pixel"))
}

/// A picture as a PNG file, without its transparency if it has none.
pub(super) fn to_png(path: &Path, picture: RgbaImage, is_opaque: bool) -> Result<Vec<u8>, Error> {
    let (width, height) = picture.dimensions();
    let mut bytes = picture.into_raw();
    let color = if is_opaque {
        let mut kept = 0;
        for at in (0..bytes.len()).step_by(4) {
            bytes.copy_within(at..at + 3, kept);
            kept += 3;
        }
        bytes.truncate(kept);
        ExtendedColorType::Rgb8
    } else {
        ExtendedColorType::Rgba8
    };
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive)
        .write_image(&bytes, width, height, color)
        .map_err(|error| failure::input_because(path, InputProblem::Png, error))?;
    Ok(png)
}
