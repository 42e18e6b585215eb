//! Stream information.

use std::path::Path;

use ffmpeg_next as ffmpeg;
use ffmpeg_next::{Packet, codec, format, media};

use super::ffi::states_duration;
use super::frame::FrameTime;
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

/// How long a container says that it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StatedLength {
    /// Seconds of all its streams together, or 0 if it does not say.
    pub(super) seconds: f64,
    pub(super) begins: Begins,
}

/// Where a container's length counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    /// From time 0.
    AtZero,
    /// From the first packet.
    AtFirst,
    /// From either: files of both kinds are common.
    Unknown,
}

/// A file whose streams end this much before the end that it states was cut off.
const MISSING_SECONDS: f64 = 0.5;
/// A length that is exceeded by so many seconds does not count from time 0.
const EXCESS: f64 = 0.5;

impl StatedLength {
    /// Seconds that are not there, if more than half a one, of a file whose packets begin and end
    /// at these.
    pub(super) fn missing(self, span: (f64, f64)) -> Option<f64> {
        Some(self.missing_after(span)).filter(|&missing| missing > MISSING_SECONDS)
    }

    fn missing_after(self, (first, last): (f64, f64)) -> f64 {
        let from_zero = match self.begins {
            Begins::AtZero => true,
            Begins::AtFirst => false,
            Begins::Unknown => first >= 0.0 && last <= self.seconds + EXCESS,
        };
        let there = if from_zero { last } else { last - first };
        self.seconds - there
    }

    fn read(input: &format::context::Input, stream: &format::stream::Stream<'_>) -> Self {
        let name = input.format().name().to_owned();
        let begins = match name.as_str() {
            "matroska,webm" | "avi" => Begins::AtZero,
            "flv" => Begins::AtFirst,
            _ => Begins::Unknown,
        };
        let mut stated = Self {
            seconds: 0.0,
            begins,
        };
        if states_duration(input) {
            stated.seconds = seconds(input.duration());
        }
        if name == "avi" {
            // What is read of a cut file is what its index or its size say; its head counts frames.
            let rate = known(stream.avg_frame_rate()).map_or(0.0, Rational::to_f64);
            let frames = Rational::new(stream.frames().max(0), 1).to_f64();
            if rate > 0.0 {
                stated.seconds = stated.seconds.max(frames / rate);
            }
        }
        stated
    }
}

/// A file whose video stream was found.
pub(super) struct Opened {
    pub(super) input: format::context::Input,
    pub(super) stream: usize,
    pub(super) parameters: codec::Parameters,
    pub(super) rotation: Rotation,
    pub(super) stated: StatedLength,
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
            stated: StatedLength::read(&input, &stream),
            info,
            input,
        })
    }
}

impl Opened {
    /// When a packet's contents begin and end, in seconds; nothing if it does not say.
    pub(super) fn span_of(&self, packet: &Packet) -> Option<(f64, f64)> {
        let stream = self.input.stream(packet.stream())?;
        let ticks = packet.pts().or(packet.dts())?;
        let seconds = |ticks| {
            FrameTime {
                ticks,
                time_base: rational(stream.time_base()),
            }
            .seconds()
        };
        let end = ticks.saturating_add(packet.duration().max(0));
        Some((seconds(ticks), seconds(end)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_seconds_count_from_where_the_container_does() {
        let missing = |seconds, begins, span| StatedLength { seconds, begins }.missing_after(span);
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found}");
        near(missing(4.0, Begins::AtZero, (0.0, 2.0)), 2.0);
        near(missing(9.0, Begins::AtZero, (5.0, 7.0)), 2.0);
        near(missing(9.0, Begins::AtZero, (5.0, 9.001)), -0.001);
        near(missing(4.0, Begins::AtFirst, (1.0, 3.0)), 2.0);
        near(missing(4.0, Begins::Unknown, (0.0, 2.0)), 2.0);
        near(missing(9.0, Begins::Unknown, (5.0, 7.0)), 2.0);
        near(missing(4.0, Begins::Unknown, (95_000.0, 95_002.0)), 2.0);
        near(missing(4.0, Begins::Unknown, (-0.5, 3.5)), 0.0);
    }
}
