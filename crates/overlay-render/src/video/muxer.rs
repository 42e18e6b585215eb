//! Packets into a container: those of the video, and all others as they were.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ffmpeg_next::{
    self as ffmpeg, Dictionary, Rational, codec, encoder, format, format::stream::Disposition,
};

use super::failure;
use super::ffi::{clear_codec_tag, set_disposition};
use super::files::{Container, file_url};
use super::losses::{self, Loss, StreamKind};
use super::span::Span;
use super::stream_info::{OtherStream, StreamInfo};
use super::time::offset;
use crate::error::Error;
use crate::problem::OutputProblem;

/// A container being written.
pub(super) struct Muxer {
    path: PathBuf,
    output: format::context::Output,
    video: usize,        // index of the stream
    time_base: Rational, // of the video in the file
    copied: HashMap<usize, Copied>,
    file: PathBuf,
    losses: Vec<Loss>,
}

/// A copied stream.
struct Copied {
    index: usize,
    from: Rational,
    to: Rational,
    offset: i64, // taken off times, in `from`
    kind: StreamKind,
    refused: u64, // packets that the container did not take
}

/// Whether the container at `file` keeps codecs' headers in one place; fails if the ending tells no
/// container.
pub(super) fn has_global_header(file: &Path, path: &Path) -> Result<bool, Error> {
    let url = file_url(file).ok_or_else(|| failure::output(path, OutputProblem::Name))?;
    let output = format::output(&url)
        .map_err(|error| failure::output_because(path, OutputProblem::UnknownContainer, error))?;
    Ok(output
        .format()
        .flags()
        .contains(format::Flags::GLOBAL_HEADER))
}

/// What the source is described by.
pub(super) struct Described<'a> {
    pub(super) info: &'a StreamInfo,
    pub(super) span: Span,
    /// Whether the description was to be copied.
    pub(super) copies: bool,
}

/// What is written beside the encoded video.
pub(super) struct Streams<'a> {
    pub(super) info: &'a StreamInfo,
    pub(super) span: Span,
    pub(super) encoder: &'a encoder::Video,
    /// Whether the other streams are copied; without them nothing counts as left out.
    pub(super) copies: bool,
    pub(super) is_transparent: bool,
}

impl Muxer {
    /// Opens `file` for writing and `path` for telling. Streams that the container refuses are left
    /// out, one by one.
    pub(super) fn open(file: &Path, path: &Path, streams: &Streams<'_>) -> Result<Self, Error> {
        let others = &streams.info.others;
        let candidates: Vec<&OtherStream> = others.iter().filter(|_| streams.copies).collect();
        let mut losses = Vec::new();
        let attempt = |kept: &[&OtherStream]| begin(file, streams, kept);
        let opened = match attempt(&candidates) {
            Ok(opened) => opened,
            Err(_) => {
                let mut kept = Vec::new();
                for other in candidates {
                    kept.push(other);
                    if attempt(&kept).is_err() {
                        kept.pop();
                        losses.push(Loss::stream(other));
                    }
                }
                attempt(&kept).map_err(|error| {
                    failure::output_because(path, OutputProblem::ContainerRefuses, error)
                })?
            }
        };
        let (output, video, copied) = opened;
        let time_base = output
            .stream(video)
            .map_or(streams.info.time_base, |stream| stream.time_base());
        Ok(Self {
            path: path.to_owned(),
            output,
            video,
            time_base,
            copied,
            file: file.to_owned(),
            losses,
        })
    }

    /// Writes a packet of the video, whose times are in `from`.
    pub(super) fn video(
        &mut self,
        mut packet: ffmpeg::Packet,
        from: Rational,
    ) -> Result<(), Error> {
        packet.set_stream(self.video);
        packet.rescale_ts(from, self.time_base);
        packet
            .write_interleaved(&mut self.output)
            .map_err(|error| self.fail(error))
    }

    /// Writes a packet of another stream, by the stream's index in the source.
    pub(super) fn copy(&mut self, index: usize, mut packet: ffmpeg::Packet) -> Result<(), Error> {
        let Some(copied) = self.copied.get_mut(&index) else {
            return Ok(());
        };
        packet.set_pts(packet.pts().map(|pts| pts.saturating_sub(copied.offset)));
        packet.set_dts(packet.dts().map(|dts| dts.saturating_sub(copied.offset)));
        packet.rescale_ts(copied.from, copied.to);
        packet.set_position(-1);
        packet.set_stream(copied.index);
        match packet.write_interleaved(&mut self.output) {
            Ok(()) => Ok(()),
            // A broken packet of another stream does not stop the video.
            Err(ffmpeg::Error::InvalidData) => {
                copied.refused += 1;
                Ok(())
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Ends the file, and tells what of the source it does not have.
    pub(super) fn finish(mut self, streams: &Described<'_>) -> Result<Vec<Loss>, Error> {
        self.output
            .write_trailer()
            .map_err(|error| self.fail(error))?;
        let Self {
            path,
            output,
            copied,
            file,
            mut losses,
            ..
        } = self;
        drop(output); // which writes what is left
        for (index, copied) in copied {
            if copied.refused > 0 {
                losses.push(Loss::Packets {
                    index,
                    kind: copied.kind,
                    count: copied.refused,
                });
            }
        }
        if streams.copies {
            let url = file_url(&file).ok_or_else(|| failure::output(&path, OutputProblem::Name))?;
            let written = format::input(&url)
                .map_err(|error| failure::output_because(&path, OutputProblem::Write, error))?;
            losses.extend(losses::of_description(streams.info, streams.span, &written));
        }
        Ok(losses)
    }

    fn fail(&self, error: ffmpeg::Error) -> Error {
        failure::output_because(&self.path, OutputProblem::Write, error)
    }
}

/// Writes the beginning of a file with the video and `kept`, in the source's order.
fn begin(
    file: &Path,
    streams: &Streams<'_>,
    kept: &[&OtherStream],
) -> Result<(format::context::Output, usize, HashMap<usize, Copied>), ffmpeg::Error> {
    let info = streams.info;
    let url = file_url(file).ok_or(ffmpeg::Error::Bug)?; // its name was looked at before
    let mut output = format::output(&url)?;
    let (before, after): (Vec<&OtherStream>, Vec<&OtherStream>) =
        kept.iter().partition(|other| other.index < info.index);
    let mut indices = Vec::new();
    for &other in &before {
        indices.push((other, add_copied(&mut output, other)?));
    }
    let video = add_video(&mut output, streams)?;
    for &other in &after {
        indices.push((other, add_copied(&mut output, other)?));
    }
    if streams.copies {
        output.set_metadata(info.metadata.clone());
        for chapter in &info.chapters {
            if let Some((start, end)) = streams.span.cut(chapter) {
                output.add_chapter(chapter.id, chapter.time_base, start, end, &chapter.title)?;
            }
        }
    }
    let mut settings = Dictionary::new();
    if matches!(Container::of(file), Container::Mp4 | Container::Mov) {
        settings.set("movflags", "+faststart"); // browsers begin before they have the whole file
        // FLAC, which older FFmpegs hesitate to put into MP4.
        settings.set("strict", "experimental");
    }
    output.write_header_with(settings).map(drop)?;
    let start = info.start + streams.span.start;
    let copied = indices.into_iter().filter_map(|(other, index)| {
        let is_cover = other.disposition.contains(Disposition::ATTACHED_PIC);
        let copied = Copied {
            index,
            from: other.time_base,
            to: output.stream(index)?.time_base(),
            offset: if is_cover {
                0
            } else {
                offset(start, other.time_base)
            },
            kind: StreamKind::of(other.medium),
            refused: 0,
        };
        Some((other.index, copied))
    });
    let copied = copied.collect();
    Ok((output, video, copied))
}

fn add_video(
    output: &mut format::context::Output,
    streams: &Streams<'_>,
) -> Result<usize, ffmpeg::Error> {
    let info = streams.info;
    let mut stream = output.add_stream(streams.encoder.codec())?;
    stream.set_parameters(&**streams.encoder);
    stream.set_time_base(info.time_base);
    stream.set_avg_frame_rate(info.frame_rate);
    let mut metadata = info.stream_metadata.clone();
    if streams.is_transparent {
        metadata.set("alpha_mode", "1"); // WebM asks for it
    }
    stream.set_metadata(metadata);
    set_disposition(&mut stream, info.disposition);
    Ok(stream.index())
}

fn add_copied(
    output: &mut format::context::Output,
    other: &OtherStream,
) -> Result<usize, ffmpeg::Error> {
    let mut stream = output.add_stream(None::<ffmpeg::Codec>)?;
    stream.set_parameters(other.parameters.clone());
    stream.set_time_base(other.time_base);
    stream.set_metadata(other.metadata.clone());
    set_disposition(&mut stream, other.disposition);
    let mut parameters: codec::Parameters = stream.parameters();
    clear_codec_tag(&mut parameters);
    Ok(stream.index())
}
