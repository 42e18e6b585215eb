//! Frames as PNG pictures in a folder.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ffmpeg_next::{format, frame};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, RgbaImage, imageops};

use super::failure;
use super::frame::Scaler;
use super::partial::Partial;
use super::rotation::Rotation;
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
    size: (u32, u32),
) -> Result<RgbaImage, ffmpeg_next::Error> {
    let coded = (frame.width(), frame.height());
    let mut picture = to_image(&scaler.run(frame, format::Pixel::RGBA, coded)?, size);
    picture.pixels_mut().for_each(|pixel| pixel.0[3] = 255);
    Ok(picture)
}

/// A frame of any format as an upright picture of `size` with its transparency.
pub(super) fn to_transparent(
    frame: &frame::Video,
    scaler: &mut Scaler,
    rotation: Rotation,
    size: (u32, u32),
) -> Result<RgbaImage, ffmpeg_next::Error> {
    let stored = rotation.size(size);
    let picture = to_image(&scaler.run(frame, format::Pixel::RGBA, stored)?, stored);
    Ok(match rotation {
        Rotation::None => picture,
        Rotation::Quarter => imageops::rotate90(&picture),
        Rotation::Half => imageops::rotate180(&picture),
        Rotation::ThreeQuarters => imageops::rotate270(&picture),
    })
}

/// The upper left `width` x `height` pixels of a frame of RGBA.
fn to_image(frame: &frame::Video, (width, height): (u32, u32)) -> RgbaImage {
    let wide = usize::try_from(width).unwrap_or(usize::MAX) * 4;
    let high = usize::try_from(height).unwrap_or(usize::MAX);
    let rows = frame.data(0).chunks(frame.stride(0)).take(high);
    let bytes: Vec<u8> = rows.flat_map(|row| &row[..wide]).copied().collect();
    RgbaImage::from_raw(width, height, bytes).expect("there are four bytes for each pixel")
}

/// Lays `above` over a picture of its size, both with straight opacity.
pub(super) fn lay_over(picture: &mut RgbaImage, above: &RgbaImage) {
    for (below, above) in picture.pixels_mut().zip(above.pixels()) {
        let [.., alpha] = above.0;
        if alpha == 0 {
            continue;
        }
        // Opacities of 255² parts.
        let over = 255 * u32::from(alpha);
        let under = u32::from(below.0[3]) * u32::from(255 - alpha);
        let all = over + under;
        for (to, from) in below.0[..3].iter_mut().zip(above.0) {
            let sum = over * u32::from(from) + under * u32::from(*to);
            *to = u8::try_from((sum + all / 2) / all).unwrap_or(u8::MAX);
        }
        below.0[3] = u8::try_from((all + 127) / 255).unwrap_or(u8::MAX);
    }
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

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    /// Opaque over anything is itself; half red over nothing stays half red; half red (128 of 255)
    /// over half blue is 128 + 127·128/255 = 191.7 opaque, of which 128/191.7 = 66.8 % are red.
    #[test]
    fn opacity_is_straight() {
        let over = |above, below| {
            let mut picture = RgbaImage::from_pixel(1, 1, Rgba(below));
            lay_over(&mut picture, &RgbaImage::from_pixel(1, 1, Rgba(above)));
            picture.get_pixel(0, 0).0
        };
        assert_eq!(over([1, 2, 3, 255], [9, 9, 9, 77]), [1, 2, 3, 255]);
        assert_eq!(over([255, 0, 0, 128], [7, 7, 7, 0]), [255, 0, 0, 128]);
        assert_eq!(over([9, 9, 9, 0], [1, 2, 3, 4]), [1, 2, 3, 4]);
        assert_eq!(over([255, 0, 0, 128], [0, 0, 255, 128]), [170, 0, 85, 192]);
    }
}
