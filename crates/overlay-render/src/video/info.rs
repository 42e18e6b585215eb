use std::path::Path;

use ffmpeg_next::codec;

use super::colors::depth_and_alpha;
use super::failure;
use super::ffi::pixel_aspect;
use super::open::open;
use super::rotation::Rotation;
use super::time::ratio;
use crate::error::Error;
use crate::problem::InputProblem;
use crate::viewport::ASPECTS;

/// How large a video is shown, and how long it is, as its file says: what subtitles have to know of
/// it. No frame is decoded.
///
/// ```no_run
/// use std::path::Path;
///
/// use overlay_render::{AssOptions, VideoInfo};
///
/// let video = VideoInfo::read(Path::new("in.mp4"))?;
/// let options = AssOptions::default().size(video.width, video.height);
/// # Ok::<(), overlay_render::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct VideoInfo {
    /// Width in square pixels, after rotation: what its pixels' shape makes of the stored width.
    pub width: u32,
    /// Height in pixels, after rotation.
    pub height: u32,
    /// Duration in seconds, if the file says it.
    pub seconds: Option<f64>,
}

impl VideoInfo {
    /// Reads what a file says of its video.
    ///
    /// # Errors
    ///
    /// [`Error::Read`] for a file that cannot be read, [`Error::Input`] for one without a video.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let (input, video) = open(path)?;
        let stream = input
            .stream(video)
            .ok_or_else(|| failure::input(path, InputProblem::NoVideoStream))?;
        let decoder = codec::Context::from_parameters(stream.parameters())
            .and_then(|context| context.decoder().video())
            .map_err(|error| failure::input_because(path, InputProblem::Undecodable, error))?;
        // The container's word counts before the codec's; unknown shapes are square.
        let aspects = [pixel_aspect(&stream), decoder.aspect_ratio()].map(ratio);
        let aspect = aspects.into_iter().find(|&aspect| aspect > 0.0);
        let stored = (f64::from(decoder.width()), f64::from(decoder.height()));
        let shape = aspect
            .unwrap_or(1.0)
            .clamp(*ASPECTS.start(), *ASPECTS.end());
        let (width, height) = match Rotation::of(&stream).size((1, 2)) {
            (2, 1) => (stored.1 / shape, stored.0), // lies on its side
            _ => (stored.0 * shape, stored.1),
        };
        let of_stream = seconds(stream.duration(), ratio(stream.time_base()));
        let of_file = seconds(
            input.duration(),
            1.0 / f64::from(ffmpeg_next::ffi::AV_TIME_BASE),
        );
        Ok(Self {
            width: side(width),
            height: side(height),
            seconds: of_stream.or(of_file),
        })
    }
}

/// Whether a video has more than 8 bits a sample, as its file says.
pub(super) fn is_deep(path: &Path) -> Result<bool, Error> {
    let (input, video) = open(path)?;
    let decoder = input.stream(video).and_then(|stream| {
        let context = codec::Context::from_parameters(stream.parameters()).ok()?;
        context.decoder().video().ok() // what cannot be decoded is told where it is
    });
    Ok(decoder.is_some_and(|decoder| depth_and_alpha(decoder.format()).0 > 8))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "durations of a video are far below 2⁵³"
)]
fn seconds(duration: i64, unit: f64) -> Option<f64> {
    (duration > 0).then_some(duration as f64 * unit)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and lengths are not negative"
)]
fn side(length: f64) -> u32 {
    let narrowest = u32::from(length > 0.0); // of a picture that is there
    (length.round() as u32).max(narrowest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column whose pixels are a twentieth as wide as high is seen all the same.
    #[test]
    fn a_picture_that_is_there_has_a_width() {
        assert_eq!([0.0, 0.05, 1.4, 1.5].map(side), [0, 1, 1, 2]);
    }
}
