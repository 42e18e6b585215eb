//! What of a video the output does not have.

use std::fmt;

use ffmpeg_next::{format, frame, frame::side_data, media};
use serde::Serialize;

use super::codecs::Choice;
use super::colors::depth_and_alpha;
use super::draw::{Canvas, Job};
use super::span::Span;
use super::stream_info::{OtherStream, StreamInfo};

/// Something of a video that the output does not have, or not as it was.
///
/// The text is one line, for a user.
///
/// ```
/// use overlay_render::Loss;
///
/// let loss = Loss::Chapters { count: 12 };
/// assert_eq!(loss.to_string(), "12 chapters");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "loss")]
#[non_exhaustive]
pub enum Loss {
    /// A stream that the output's container does not hold.
    Stream {
        /// Its place in the source, from 0.
        index: usize,
        /// What it is.
        kind: StreamKind,
        /// FFmpeg's name of its codec.
        codec: String,
        /// The name of an attached file.
        file_name: Option<String>,
    },
    /// Sound that the output's container does not hold as it was, and that was encoded anew.
    Reencoded {
        /// Its place in the source, from 0.
        index: usize,
        /// FFmpeg's name of the codec that it had.
        from: String,
        /// That of the one that it has.
        to: String,
    },
    /// Packets of a stream that the output's container did not take: damaged ones, and those whose
    /// time is before that of the ones before.
    Packets {
        /// The stream's place in the source, from 0.
        index: usize,
        /// What it is.
        kind: StreamKind,
        /// Packets left out.
        count: u64,
    },
    /// Marks of chapters.
    Chapters {
        /// How many are lost.
        count: usize,
    },
    /// What the file says of itself, such as its title.
    Tags {
        /// The names that are lost.
        names: Vec<String>,
    },
    /// Samples of more bits than are written.
    Depth {
        /// Bits of a sample in the source.
        bits: u32,
        /// Those that are written.
        written: u32,
        /// FFmpeg's name of its format of pictures.
        format: String,
    },
    /// Pictures that are transparent in places became opaque.
    Transparency {
        /// FFmpeg's name of their format, or that of their codec.
        format: String,
    },
    /// What goes with the pictures: the display that they were made on, a projection, captions.
    Description {
        /// What it is.
        what: String,
    },
    /// Lines of two moments in one picture: it was written as that of one.
    Interlacing,
    /// Pictures between those of the rate that was asked for.
    Pictures {
        /// How many were left out.
        count: u64,
    },
    /// Times of pictures that are before those of the ones before, as where two files were joined
    /// byte by byte: such pictures are shown for a moment each.
    Times {
        /// How many pictures these are.
        count: u64,
    },
}

/// What a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StreamKind {
    /// Sound.
    Audio,
    /// Subtitles.
    Subtitle,
    /// A further video, or a cover.
    Video,
    /// An attached file.
    Attachment,
    /// Data such as time codes.
    Data,
}

impl StreamKind {
    pub(super) fn of(medium: media::Type) -> Self {
        match medium {
            media::Type::Audio => Self::Audio,
            media::Type::Subtitle => Self::Subtitle,
            media::Type::Video => Self::Video,
            media::Type::Attachment => Self::Attachment,
            media::Type::Data | media::Type::Unknown => Self::Data,
        }
    }
}

impl fmt::Display for StreamKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Audio => "audio",
            Self::Subtitle => "subtitle",
            Self::Video => "video",
            Self::Attachment => "attachment",
            Self::Data => "data",
        })
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream {
                index,
                kind,
                codec,
                file_name,
            } => {
                let name = file_name.as_ref().unwrap_or(codec);
                write!(f, "{kind} stream {index} ({name})")
            }
            Self::Reencoded { index, from, to } => {
                write!(
                    f,
                    "audio stream {index} as it was ({from}): encoded anew as {to}"
                )
            }
            Self::Packets { index, kind, count } => {
                write!(f, "{count} packets of {kind} stream {index}")
            }
            Self::Chapters { count: 1 } => f.write_str("1 chapter"),
            Self::Chapters { count } => write!(f, "{count} chapters"),
            Self::Tags { names } => write!(f, "what the file says of its {}", names.join(", ")),
            Self::Depth {
                bits,
                written,
                format,
            } => write!(f, "{bits} bits a sample ({format}): {written} are written"),
            Self::Transparency { format } => write!(f, "the video's transparency ({format})"),
            Self::Description { what } => f.write_str(what),
            Self::Interlacing => f.write_str("interlacing: frames are written as whole pictures"),
            Self::Pictures { count } => {
                write!(f, "{count} pictures between those of the rate asked for")
            }
            Self::Times { count } => write!(
                f,
                "the times of {count} pictures, which go back: they are shown for a moment each"
            ),
        }
    }
}

impl Loss {
    /// A stream that is left out.
    pub(super) fn stream(stream: &OtherStream) -> Self {
        Self::Stream {
            index: stream.index,
            kind: StreamKind::of(stream.medium),
            codec: stream.codec_name(),
            file_name: stream.metadata.get("filename").map(str::to_owned),
        }
    }
}

/// What of the source's pictures the output cannot have, by the first of them.
pub(super) fn of_pictures(source: &frame::Video, job: Job<'_>, canvas: &Canvas) -> Vec<Loss> {
    let Canvas {
        geometry,
        keeps_alpha,
        format,
    } = *canvas;
    let mut lost = Vec::new();
    let (bits, has_alpha, name) = depth_and_alpha(source.format());
    let bits = bits.unsigned_abs();
    let written = if keeps_alpha { 8 } else { format.bits.into() };
    if bits > written {
        lost.push(Loss::Depth {
            bits,
            written,
            format: name.to_owned(),
        });
    }
    let alpha = has_alpha.then_some(name).or(job.alpha_layer);
    if let Some(format) = alpha.filter(|_| !keeps_alpha) {
        lost.push(Loss::Transparency {
            format: format.to_owned(),
        });
    }
    let keeps_light = job.choice.is_some_and(Choice::keeps_light_metadata);
    for (kind, what) in DESCRIPTIONS {
        let is_kept = keeps_light && LIGHT.contains(&kind);
        if source.side_data(kind).is_some() && !is_kept {
            let what = what.to_owned();
            lost.push(Loss::Description { what });
        }
    }
    let writes_captions = job.choice.is_some_and(|choice| choice.name == "libx264");
    if !writes_captions && source.side_data(side_data::Type::A53CC).is_some() {
        let what = "closed captions in the pictures (CEA-608, CEA-708)".to_owned();
        lost.push(Loss::Description { what });
    }
    let keeps_lines = geometry.is_as_stored && job.choice.is_some_and(Choice::codes_lines);
    if source.is_interlaced() && !keeps_lines {
        lost.push(Loss::Interlacing);
    }
    lost
}

/// What encoders of high dynamic range are given.
const LIGHT: [side_data::Type; 2] = [
    side_data::Type::MasteringDisplayMetadata,
    side_data::Type::ContentLightLevel,
];

/// What goes with pictures and encoders are not given.
const DESCRIPTIONS: [(side_data::Type, &str); 5] = [
    (
        side_data::Type::MasteringDisplayMetadata,
        "HDR metadata: the display that it was made on",
    ),
    (
        side_data::Type::ContentLightLevel,
        "HDR metadata: the brightest of its pictures",
    ),
    (side_data::Type::Spherical, "the projection of a panorama"),
    (
        side_data::Type::Stereo3D,
        "the arrangement of two eyes' pictures",
    ),
    (side_data::Type::IccProfile, "the colour profile (ICC)"),
];

/// What of a file's chapters and tags its copy lacks, by reading the copy: containers leave them
/// out without a word.
pub(super) fn of_description(
    info: &StreamInfo,
    span: Span,
    output: &format::context::Input,
) -> Vec<Loss> {
    let mut lost = Vec::new();
    let chapters = info
        .chapters
        .iter()
        .filter(|chapter| span.cut(chapter).is_some());
    let chapters = chapters.count();
    let missing = chapters.saturating_sub(output.nb_chapters().try_into().unwrap_or(0));
    if missing > 0 {
        lost.push(Loss::Chapters { count: missing });
    }
    let kept = output.metadata();
    let has = |name: &str| kept.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    let names: Vec<String> = info
        .metadata
        .iter()
        .map(|(name, _)| name)
        .filter(|name| !is_of_the_container(name) && !has(name))
        .map(str::to_owned)
        .collect();
    if !names.is_empty() {
        lost.push(Loss::Tags { names });
    }
    lost
}

/// Whether a tag describes the file that was read and not the work in it.
fn is_of_the_container(name: &str) -> bool {
    const TECHNICAL: [&str; 12] = [
        "major_brand",
        "minor_version",
        "compatible_brands",
        "encoder",
        "creation_time",
        "duration",
        "filesize",
        "software",
        "encoded_by",
        "videocodecid",
        "audiocodecid",
        "hasvideo",
    ];
    TECHNICAL
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}
