//! Where drawn frames go: a video file, or a folder of pictures. Whole or not at all.

use std::path::Path;

use ffmpeg_next::{self as ffmpeg, frame};

use super::codecs::Choice;
use super::draw::{Canvas, Drawn, Payload};
use super::encoder::{Encoder, Setup};
use super::failure;
use super::losses::Loss;
use super::muxer::{Described, Muxer, Streams};
use super::options::{Background, RenderOptions};
use super::partial::Partial;
use super::pictures::PictureFolder;
use super::pool::Pool;
use super::span::Span;
use super::stream_info::StreamInfo;
use super::time::seconds;
use crate::error::Error;
use crate::problem::OutputProblem;

/// What is written to.
pub(super) enum Sink<'a> {
    Video(Box<VideoFile<'a>>),
    Pictures(PictureFolder),
}

/// A video file that is written under a name of its own until it is whole.
pub(super) struct VideoFile<'a> {
    output: &'a Path,
    partial: Partial,
    options: &'a RenderOptions,
    choice: &'a Choice,
    global_header: bool,
    open: Option<(Encoder, Muxer)>,
    early: Vec<(usize, ffmpeg::Packet)>, // packets before the first frame
}

/// What there is to know about the source and its first frame.
#[derive(Clone, Copy)]
pub(super) struct Opening<'a> {
    pub(super) info: &'a StreamInfo,
    pub(super) span: Span,
    pub(super) canvas: Canvas,
    pub(super) pool: &'a Pool,
}

impl<'a> VideoFile<'a> {
    /// Makes sure that the file can be written, before anything is decoded.
    pub(super) fn new(
        output: &'a Path,
        options: &'a RenderOptions,
        choice: &'a Choice,
    ) -> Result<Self, Error> {
        let global_header = choice.check(output, options)?;
        Ok(Self {
            output,
            partial: Partial::new(output)?,
            options,
            choice,
            global_header,
            open: None,
            early: Vec::new(),
        })
    }

    fn begin(
        &self,
        opening: &Opening<'_>,
        first: &frame::Video,
    ) -> Result<(Encoder, Muxer), Error> {
        let setup = Setup {
            path: self.output,
            time_base: opening.info.time_base,
            frame_rate: opening.info.frame_rate,
            nominal: opening.info.nominal_duration(),
            geometry: opening.canvas.geometry,
            options: self.options,
            choice: self.choice,
            global_header: self.global_header,
            is_live: false,
        };
        let encoder = Encoder::open(&setup, first)?;
        let is_transparent = self.options.background == Background::Transparent;
        let streams = Streams {
            info: opening.info,
            span: opening.span,
            encoder: encoder.inner(),
            encoder_name: &self.choice.name,
            copies: !is_transparent,
            is_transparent: is_transparent || opening.canvas.keeps_alpha,
        };
        let muxer = Muxer::open(&self.partial.path(), self.output, &streams)?;
        Ok((encoder, muxer))
    }

    fn frame(
        &mut self,
        mut picture: frame::Video,
        times: (i64, i64),
        opening: &Opening<'_>,
    ) -> Result<(), Error> {
        if self.open.is_none() {
            let (encoder, mut muxer) = self.begin(opening, &picture)?;
            for (index, packet) in self.early.drain(..) {
                muxer.copy(index, packet)?;
            }
            self.open = Some((encoder, muxer));
        }
        if let Some((encoder, muxer)) = &mut self.open {
            encoder.send(&mut picture, times.0, times.1)?;
            drain(encoder, muxer)?;
            opening.pool.give(picture);
        }
        Ok(())
    }

    fn finish(self, info: &StreamInfo, span: Span) -> Result<Vec<Loss>, Error> {
        let Some((mut encoder, mut muxer)) = self.open else {
            return Err(failure::output(self.output, OutputProblem::NoFrames));
        };
        encoder.finish()?;
        drain(&mut encoder, &mut muxer)?;
        let described = Described {
            info,
            span,
            copies: self.options.background == Background::Video,
        };
        let losses = muxer.finish(&described)?;
        self.partial.put_in_place()?;
        Ok(losses)
    }
}

fn drain(encoder: &mut Encoder, muxer: &mut Muxer) -> Result<(), Error> {
    while let Some(packet) = encoder.packet() {
        muxer.video(packet, encoder.time_base)?;
    }
    Ok(())
}

impl Sink<'_> {
    /// Writes a frame.
    pub(super) fn frame(&mut self, drawn: Drawn, opening: &Opening<'_>) -> Result<(), Error> {
        let time_base = opening.info.time_base;
        match (self, drawn.payload) {
            (Self::Video(file), Payload::Frame(picture)) => {
                let pts = opening.span.moved(drawn.pts, time_base);
                file.frame(picture, (pts, drawn.duration), opening)
            }
            (Self::Pictures(folder), Payload::Png(png)) => folder.add(
                &png,
                seconds(drawn.pts, time_base),
                seconds(drawn.duration, time_base),
            ),
            _ => unreachable!("drawers make what the sink takes: both go by the encoder"),
        }
    }

    /// Writes a packet of another stream.
    pub(super) fn packet(&mut self, index: usize, packet: ffmpeg::Packet) -> Result<(), Error> {
        match self {
            Self::Video(file) => match &mut file.open {
                Some((_, muxer)) => muxer.copy(index, packet),
                None => {
                    file.early.push((index, packet));
                    Ok(())
                }
            },
            Self::Pictures(_) => Ok(()),
        }
    }

    /// Ends the output and puts it in its place; tells what it does not have.
    pub(super) fn finish(self, info: &StreamInfo, span: Span) -> Result<Vec<Loss>, Error> {
        match self {
            Self::Video(file) => file.finish(info, span),
            Self::Pictures(folder) => folder.finish().map(|()| Vec::new()),
        }
    }
}
