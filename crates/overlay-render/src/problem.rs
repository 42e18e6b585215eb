//! What can be wrong with a video that is read, and with one that is to be written.

use std::fmt;

/// What is wrong with a video that was to be read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum InputProblem {
    /// It is a folder.
    Folder,
    /// It is neither a file nor a folder: it can be read once only, and a video is read from two
    /// places at once.
    NotRegular,
    /// Its name is not UTF-8, which FFmpeg's bindings want.
    Name,
    /// FFmpeg does not recognise it.
    NotAVideo,
    /// It has sound or pictures, but no video.
    NoVideoStream,
    /// There is no decoder for its video.
    Undecodable,
    /// No frame of it can be decoded.
    NoFrames,
    /// It has no frame in the span asked for.
    NoFramesIn {
        /// Start of the span, in seconds.
        start: f64,
        /// End of the span, in seconds.
        end: f64,
        /// When its last frame ends, in seconds.
        last: f64,
    },
    /// It is another file than when reading it began, or was written to.
    Changed,
    /// Reading it failed before its first frame.
    Unreadable,
    /// It has frames that cannot be converted for drawing.
    Unconvertible,
    /// It has a frame that cannot be written as PNG.
    Png,
    /// The thread that decoded it, or one that drew on it, panicked.
    Panicked,
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder => f.write_str("is a folder, not a video"),
            Self::NotRegular => f.write_str("is no regular file"),
            Self::Name => f.write_str("the name is not UTF-8"),
            Self::NotAVideo => f.write_str("is no video that FFmpeg can read"),
            Self::NoVideoStream => f.write_str("has no video stream"),
            Self::Undecodable => f.write_str("cannot be decoded"),
            Self::NoFrames => f.write_str("has no frame that can be decoded"),
            Self::NoFramesIn { start, end, last } if end.is_finite() => {
                write!(
                    f,
                    "has no frame from {start} s to {end} s: it ends at {last:.3} s"
                )
            }
            Self::NoFramesIn { start, last, .. } => {
                write!(f, "has no frame from {start} s on: it ends at {last:.3} s")
            }
            Self::Changed => f.write_str("changed while it was read"),
            Self::Unreadable => f.write_str("cannot be read on"),
            Self::Unconvertible => f.write_str("has frames that cannot be converted for drawing"),
            Self::Png => f.write_str("has a frame that cannot be written as PNG"),
            Self::Panicked => f.write_str("decoding or drawing panicked"),
        }
    }
}

/// Why a video or a folder of pictures could not be written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum OutputProblem {
    /// Its name is not UTF-8, which FFmpeg's bindings want.
    Name,
    /// It is the video that is read.
    IsInput,
    /// Its name has no ending, which tells the container.
    NoEnding,
    /// FFmpeg knows no container for the name's ending.
    UnknownContainer,
    /// No encoder with transparency is usual for the name's ending.
    NoTransparentEncoder,
    /// FFmpeg has no video encoder of the name asked for.
    UnknownEncoder {
        /// The name.
        name: String,
        /// Usual ones that it has.
        available: Vec<&'static str>,
    },
    /// The encoder has no transparency.
    OpaqueEncoder {
        /// The encoder.
        name: String,
        /// Those with transparency that FFmpeg has.
        available: Vec<&'static str>,
    },
    /// The encoder's transparency gets lost in this container.
    OpaqueContainer {
        /// The encoder.
        name: String,
    },
    /// The encoder has no constant rate factor.
    NoCrf {
        /// The encoder.
        encoder: String,
    },
    /// The constant rate factor is beyond the encoder's worst.
    Crf {
        /// The encoder.
        encoder: String,
        /// The factor asked for.
        crf: u8,
        /// The largest that it takes.
        most: u8,
    },
    /// The encoder has no presets.
    NoPresets {
        /// The encoder.
        encoder: String,
    },
    /// The encoder has no such preset.
    Preset {
        /// The encoder.
        encoder: String,
        /// The preset asked for.
        preset: String,
        /// Those that there are.
        expected: Vec<String>,
    },
    /// The encoder needs hardware that is not there or does not work.
    NoHardware {
        /// The encoder.
        encoder: String,
        /// What it needs.
        needs: &'static str,
    },
    /// The encoder refuses frames of this size with its settings.
    EncoderRefuses {
        /// The encoder.
        encoder: String,
        /// Width of the frames, in pixels.
        width: u32,
        /// Height of the frames, in pixels.
        height: u32,
    },
    /// The container cannot hold a video of this encoder.
    ContainerRefuses {
        /// The encoder.
        encoder: String,
    },
    /// A frame could not be encoded.
    Encode,
    /// A packet could not be written.
    Write,
    /// There was no frame to write.
    NoFrames,
    /// The folder for pictures is there already, with something in it.
    NotEmpty,
}

impl fmt::Display for OutputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("the name is not UTF-8"),
            Self::IsInput => f.write_str("is the video that is read"),
            Self::NoEnding => f.write_str("the name has no ending, which tells the container"),
            Self::UnknownContainer => f.write_str(
                "the name's ending tells no container that can be written, expected .mp4, .mkv, .webm or another of FFmpeg's",
            ),
            Self::NoTransparentEncoder => f.write_str(
                "comments on a transparent background go into .mov (ProRes 4444), .webm (VP9) or .mkv (FFV1)",
            ),
            Self::UnknownEncoder { name, available } => write!(
                f,
                "this FFmpeg has no video encoder {name}, expected {} or another of its own",
                available.join(", ")
            ),
            Self::OpaqueEncoder { name, available } => write!(
                f,
                "{name} has no transparency, expected {}",
                available.join(", ")
            ),
            Self::OpaqueContainer { name } => write!(
                f,
                "the container cannot hold the transparency of {name}, expected .webm or .mkv"
            ),
            Self::NoCrf { encoder } => write!(f, "{encoder} has no constant rate factor"),
            Self::Crf { encoder, crf, most } => {
                write!(f, "{encoder} takes a crf of 0 to {most}, not {crf}")
            }
            Self::NoPresets { encoder } => write!(f, "{encoder} has no presets"),
            Self::Preset {
                encoder,
                preset,
                expected,
            } => write!(
                f,
                "{encoder} has no preset {preset:?}, expected one of {}",
                expected.join(", ")
            ),
            Self::NoHardware { encoder, needs } => {
                write!(f, "{encoder} does not start: it needs {needs}")
            }
            Self::EncoderRefuses {
                encoder,
                width,
                height,
            } => write!(
                f,
                "{encoder} does not take frames of {width}x{height} with these settings"
            ),
            Self::ContainerRefuses { encoder } => {
                write!(f, "the container cannot hold a video of {encoder}")
            }
            Self::Encode => f.write_str("a frame cannot be encoded"),
            Self::Write => f.write_str("cannot be written"),
            Self::NoFrames => f.write_str("has no frames"),
            Self::NotEmpty => f.write_str("is there already and not an empty folder"),
        }
    }
}
