//! Stream information.

use std::path::Path;

use ffmpeg_next as ffmpeg;
use ffmpeg_next::{codec, format, media};

use super::rotation::Rotation;
use super::units::{rational, side};
use crate::error::{Error, VideoProblem};
use crate::rational::Rational;

/// Stream information: what a container says of its video before a frame is decoded.
///
/// # Example
///
/// ```no_run
/// let info = frame_features::VideoInfo::read("cafe.mp4")?;
/// println!("{}x{}, {} frames/s", info.width, info.height, info.frame_rate);
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VideoInfo {
    /// Frames, as the container counts or its duration and rate give; 0 if it says nothing. What
    /// decodes may differ.
    pub frames: usize,
    /// Frames per second on average; 0/0 if unknown.
    pub frame_rate: Rational,
    /// Seconds from the first frame's time to the end of the last one's, as the container says; 0
    /// if it says nothing.
    pub duration: f64,
    /// Width in pixels as it is shown, after rotation.
    pub width: usize,
    /// Height in pixels as it is shown, after rotation.
    pub height: usize,
    /// Unit of frame times, in seconds.
    pub time_base: Rational,
    /// Index of the video stream in the file.
    pub stream: usize,
    /// Whether there is sound.
    pub has_audio: bool,
    /// The codec's name, such as `h264`.
    pub codec: String,
}

impl VideoInfo {
    /// Reads what a file says of its video.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::Video`] if the file cannot be read, is no video or has no video
    /// stream.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Ok(Opened::new(path, None)?.info)
    }
}

/// A file whose video stream was found.
pub(super) struct Opened {
    pub(super) input: format::context::Input,
    pub(super) stream: usize,
    pub(super) parameters: codec::Parameters,
    pub(super) rotation: Rotation,
    /// Seconds that the container states for all its streams together, or 0.
    pub(super) stated: f64,
    pub(super) info: VideoInfo,
}

impl Opened {
    pub(super) fn new(path: &Path, wanted: Option<usize>) -> Result<Self, Error> {
        let metadata = std::fs::metadata(path).map_err(Error::io("open", path))?;
        if metadata.is_dir() {
            return Err(Error::video(path, VideoProblem::Folder));
        }
        start();
        // Without the protocol FFmpeg would take a name such as "concat:a" for an address.
        let mut address = std::ffi::OsString::from("file:");
        address.push(path);
        let input = format::input(&address)
            .map_err(|error| Error::video(path, VideoProblem::UnknownFormat).caused_by(error))?;
        let stream = match wanted {
            None => input
                .streams()
                .best(media::Type::Video)
                .ok_or_else(|| Error::video(path, VideoProblem::NoVideoStream))?,
            Some(index) => input
                .stream(index)
                .filter(|stream| stream.parameters().medium() == media::Type::Video)
                .ok_or_else(|| Error::video(path, VideoProblem::NoSuchStream(index)))?,
        };
        let parameters = stream.parameters();
        let rotation = Rotation::from_stream(&stream);
        let frame_rate = known(stream.avg_frame_rate()).or_else(|| known(stream.rate()));
        let time_base = rational(stream.time_base());
        let duration = match stream.duration() {
            ticks if ticks > 0 => Rational::new(ticks, 1).to_f64() * time_base.to_f64(),
            _ => seconds(input.duration()),
        };
        let decoder = decoder(&parameters, 1)
            .map_err(|error| Error::video(path, VideoProblem::NoDecoder).caused_by(error))?;
        let (width, height) = rotation.rotated_size(side(decoder.width()), side(decoder.height()));
        let frame_rate = frame_rate.unwrap_or(Rational::new(0, 0));
        let info = VideoInfo {
            frames: usize::try_from(stream.frames())
                .ok()
                .filter(|&frames| frames > 0)
                .unwrap_or_else(|| count(duration * frame_rate.to_f64())),
            frame_rate,
            duration,
            width,
            height,
            time_base,
            stream: stream.index(),
            has_audio: input.streams().best(media::Type::Audio).is_some(),
            codec: decoder
                .codec()
                .map_or_else(String::new, |codec| codec.name().to_owned()),
        };
        Ok(Self {
            stream: stream.index(),
            parameters,
            rotation,
            stated: seconds(input.duration()),
            info,
            input,
        })
    }
}

/// Keeps FFmpeg from writing to standard error: what goes wrong is returned. Not `ffmpeg::init`,
/// which also starts cameras and screens, and links two hundred libraries for them.
fn start() {
    static STARTED: std::sync::Once = std::sync::Once::new();
    STARTED.call_once(|| {
        ffmpeg::util::error::register_all(); // texts of errors
        ffmpeg::util::log::set_level(ffmpeg::util::log::Level::Fatal);
    });
}

/// A decoder on so many threads; 0 lets FFmpeg choose.
pub(super) fn decoder(
    parameters: &codec::Parameters,
    threads: usize,
) -> Result<ffmpeg::decoder::Video, ffmpeg::Error> {
    let mut context = codec::Context::from_parameters(parameters.clone())?;
    context.set_threading(codec::threading::Config {
        kind: codec::threading::Type::Frame,
        count: threads,
        ..Default::default()
    });
    context.decoder().video()
}

fn known(rate: ffmpeg::Rational) -> Option<Rational> {
    (rate.numerator() > 0 && rate.denominator() > 0).then(|| rational(rate))
}

fn seconds(microseconds: i64) -> f64 {
    Rational::new(microseconds.max(0), 1_000_000).to_f64()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast to an integer is held within its range"
)]
fn count(frames: f64) -> usize {
    frames.round() as usize
}
