//! Packets into a container: those of the video, and all others as they were.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ffmpeg_next::{
    self as ffmpeg, Dictionary, Rational, codec, encoder, format, format::stream::Disposition,
    media,
};

use super::failure;
use super::ffi::{set_codec_tag, set_disposition};
use super::files::{Container, file_url};
use super::losses::{self, Loss, StreamKind};
use super::sound::Transcoder;
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
    last: Option<i64>, // decoding time of the packet before, in `to`
    may_repeat: bool,  // whether the container takes that time twice
    refused: u64,      // packets that the container did not take
    transcoder: Option<Transcoder>,
}

impl Copied {
    /// The decoding time by which a packet is written. FFmpeg makes one of others that have none;
    /// of a video's packets it need not be the time at which they are shown.
    fn time(&self, packet: &ffmpeg::Packet) -> Option<i64> {
        let shown = packet.pts().filter(|_| self.kind != StreamKind::Video);
        packet.dts().or(shown)
    }
}

/// A stream that is written beside the video.
struct Kept<'a> {
    stream: &'a OtherStream,
    transcoder: Option<Transcoder>,
}

impl<'a> Kept<'a> {
    /// As it is.
    fn as_it_is(stream: &'a OtherStream) -> Self {
        Self {
            stream,
            transcoder: None,
        }
    }
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
    pub(super) encoder_name: &'a str,
    /// Whether the other streams are copied; without them nothing counts as left out.
    pub(super) copies: bool,
    pub(super) is_transparent: bool,
}

impl Muxer {
    /// Opens `file` for writing and `path` for telling. Of streams that the container refuses sound
    /// is encoded anew, others are left out, one by one.
    pub(super) fn open(file: &Path, path: &Path, streams: &Streams<'_>) -> Result<Self, Error> {
        let others = &streams.info.others;
        let candidates: Vec<&OtherStream> = others.iter().filter(|_| streams.copies).collect();
        let mut kept: Vec<Kept<'_>> = candidates.iter().copied().map(Kept::as_it_is).collect();
        let mut losses = Vec::new();
        let mut opened = begin(file, streams, &kept);
        if opened.is_err() {
            kept.clear();
            for other in candidates {
                kept.push(Kept::as_it_is(other));
                if begin(file, streams, &kept).is_ok() {
                    continue;
                }
                kept.pop();
                let anew = transcoder(file, other).map(|transcoder| Kept {
                    stream: other,
                    transcoder: Some(transcoder),
                });
                kept.extend(anew);
                match kept.last().and_then(|kept| kept.transcoder.as_ref()) {
                    Some(transcoder) if begin(file, streams, &kept).is_ok() => {
                        losses.push(Loss::Reencoded {
                            index: other.index,
                            from: other.codec_name(),
                            to: transcoder.name().to_owned(),
                        });
                    }
                    made => {
                        if made.is_some() {
                            kept.pop();
                        }
                        losses.push(Loss::stream(other));
                    }
                }
            }
            opened = begin(file, streams, &kept);
        }
        let (output, video, indices) = opened.map_err(|error| {
            let encoder = streams.encoder_name.to_owned();
            failure::output_because(path, OutputProblem::ContainerRefuses { encoder }, error)
        })?;
        let time_base = |index: usize| output.stream(index).map(|stream| stream.time_base());
        let flags = output.format().flags();
        let may_repeat = flags.contains(format::Flags::TS_NONSTRICT);
        let start = streams.info.start + streams.span.start;
        let copied = kept.into_iter().zip(indices).filter_map(|(kept, index)| {
            let Kept { stream, transcoder } = kept;
            let is_cover = stream.disposition.contains(Disposition::ATTACHED_PIC);
            let kind = StreamKind::of(stream.medium);
            let copied = Copied {
                index,
                from: stream.time_base,
                to: time_base(index)?,
                offset: if is_cover {
                    0
                } else {
                    offset(start, stream.time_base)
                },
                kind,
                last: None,
                may_repeat: may_repeat || matches!(kind, StreamKind::Subtitle | StreamKind::Data),
                refused: 0,
                transcoder,
            };
            Some((stream.index, copied))
        });
        let copied = copied.collect();
        let time_base = time_base(video).unwrap_or(streams.info.time_base);
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

    /// Writes a packet of another stream, by the stream's index in the source. One whose time goes
    /// back, for which FFmpeg would end the file, is left out and counted.
    pub(super) fn copy(&mut self, index: usize, mut packet: ffmpeg::Packet) -> Result<(), Error> {
        let Some(copied) = self.copied.get_mut(&index) else {
            return Ok(());
        };
        packet.set_pts(packet.pts().map(|pts| pts.saturating_sub(copied.offset)));
        packet.set_dts(packet.dts().map(|dts| dts.saturating_sub(copied.offset)));
        if let Some(transcoder) = &mut copied.transcoder {
            if transcoder.send(&packet).is_err() {
                copied.refused += 1;
            }
            return self.encoded(index);
        }
        if copied.kind == StreamKind::Subtitle {
            begin_in_part(&mut packet);
        }
        packet.rescale_ts(copied.from, copied.to);
        if let Some(time) = copied.time(&packet) {
            let goes_back = copied.last.is_some_and(|last| match copied.may_repeat {
                true => time < last,
                false => time <= last,
            });
            if goes_back {
                copied.refused += 1;
                return Ok(());
            }
            copied.last = Some(time);
        }
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

    /// Writes what a stream's encoder has ready.
    fn encoded(&mut self, index: usize) -> Result<(), Error> {
        let Some(copied) = self.copied.get_mut(&index) else {
            return Ok(());
        };
        let Some(transcoder) = &mut copied.transcoder else {
            return Ok(());
        };
        while let Some(mut packet) = transcoder.packet() {
            packet.rescale_ts(transcoder.time_base(), copied.to);
            packet.set_stream(copied.index);
            let written = packet.write_interleaved(&mut self.output);
            if let Err(error) = written {
                return Err(self.fail(error));
            }
        }
        Ok(())
    }

    /// Ends the file, and tells what of the source it does not have.
    pub(super) fn finish(mut self, streams: &Described<'_>) -> Result<Vec<Loss>, Error> {
        let indices: Vec<usize> = self.copied.keys().copied().collect();
        for index in indices {
            if let Some(copied) = self.copied.get_mut(&index)
                && let Some(transcoder) = &mut copied.transcoder
            {
                if transcoder.finish().is_err() {
                    copied.refused += 1; // its end is missing
                }
                self.encoded(index)?;
            }
        }
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

/// Of a subtitle that began before the part, what is seen in it: for a time below 0 Matroska would
/// move all streams.
fn begin_in_part(packet: &mut ffmpeg::Packet) {
    if let Some(before) = packet.pts().filter(|&pts| pts < 0) {
        let rest = packet.duration().saturating_add(before).max(0);
        packet.set_duration(rest);
        packet.set_pts(Some(0));
        packet.set_dts(Some(0));
    }
}

/// An encoder for sound that the container at `file` does not hold, into what is usual there.
fn transcoder(file: &Path, stream: &OtherStream) -> Option<Transcoder> {
    if stream.medium != media::Type::Audio {
        return None;
    }
    let output = format::output(&file_url(file)?).ok()?;
    let format = output.format();
    let global_header = format.flags().contains(format::Flags::GLOBAL_HEADER);
    let id = format.codec(file, media::Type::Audio);
    Transcoder::open(stream, id, global_header).ok()
}

/// Writes the beginning of a file with the video and `kept`, in the source's order; gives the
/// file's index of the video and of each of `kept`.
fn begin(
    file: &Path,
    streams: &Streams<'_>,
    kept: &[Kept<'_>],
) -> Result<(format::context::Output, usize, Vec<usize>), ffmpeg::Error> {
    let info = streams.info;
    let url = file_url(file).ok_or(ffmpeg::Error::Bug)?; // its name was looked at before
    let mut output = format::output(&url)?;
    let (before, after): (Vec<&Kept<'_>>, Vec<&Kept<'_>>) =
        kept.iter().partition(|kept| kept.stream.index < info.index);
    let mut indices = Vec::new();
    for kept in before {
        indices.push(add_copied(&mut output, kept)?);
    }
    let video = add_video(&mut output, streams, Container::of(file))?;
    for kept in after {
        indices.push(add_copied(&mut output, kept)?);
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
    Ok((output, video, indices))
}

fn add_video(
    output: &mut format::context::Output,
    streams: &Streams<'_>,
    container: Container,
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
    let is_hevc = streams.encoder.id() == codec::Id::HEVC;
    if is_hevc && matches!(container, Container::Mp4 | Container::Mov) {
        // Apple's players take no other.
        set_codec_tag(&mut stream.parameters(), *b"hvc1");
    }
    Ok(stream.index())
}

fn add_copied(
    output: &mut format::context::Output,
    kept: &Kept<'_>,
) -> Result<usize, ffmpeg::Error> {
    let other = kept.stream;
    let mut stream = output.add_stream(None::<ffmpeg::Codec>)?;
    match &kept.transcoder {
        Some(transcoder) => {
            stream.set_parameters(&**transcoder.encoder());
            stream.set_time_base(transcoder.time_base());
        }
        None => {
            stream.set_parameters(other.parameters.clone());
            stream.set_time_base(other.time_base);
        }
    }
    stream.set_metadata(other.metadata.clone());
    set_disposition(&mut stream, other.disposition);
    let mut parameters: codec::Parameters = stream.parameters();
    set_codec_tag(&mut parameters, [0; 4]);
    Ok(stream.index())
}
