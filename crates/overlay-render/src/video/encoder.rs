//! Frames into packets, with the durations that containers want.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ffmpeg_next::{self as ffmpeg, Rational, codec, encoder, frame, picture};

use super::codecs::Choice;
use super::colors::depth_and_alpha;
use super::failure;
use super::ffi::set_layout;
use super::frame::Geometry;
use super::options::RenderOptions;
use super::time::ratio;
use crate::error::Error;
use crate::problem::OutputProblem;

/// An encoder at work.
pub(super) struct Encoder {
    path: PathBuf,
    inner: encoder::Video,
    pub(super) time_base: Rational,
    durations: BTreeMap<i64, i64>, // of frames in the encoder, by time
    last_pts: Option<i64>,
    last_dts: Option<i64>,
    nominal: i64, // duration of a packet that is not of a known frame
}

/// What the encoder must know beforehand.
pub(super) struct Setup<'a> {
    pub(super) path: &'a Path,
    pub(super) time_base: Rational,
    pub(super) frame_rate: Rational,
    /// How long a frame lasts at the average rate, in the time base.
    pub(super) nominal: i64,
    pub(super) geometry: Geometry,
    pub(super) options: &'a RenderOptions,
    pub(super) choice: &'a Choice,
    /// Whether the container keeps the codec's headers in one place.
    pub(super) global_header: bool,
    /// Whether each frame has to come out as soon as it can, and whoever tunes in soon sees one.
    pub(super) is_live: bool,
}

impl Encoder {
    /// Opens the encoder for frames like the first one.
    pub(super) fn open(setup: &Setup<'_>, first: &frame::Video) -> Result<Self, Error> {
        let Setup {
            path,
            time_base,
            frame_rate,
            nominal,
            geometry,
            options,
            choice,
            global_header,
            is_live,
        } = *setup;
        let mut settings = choice.settings(path, options, depth_and_alpha(first.format()).1)?;
        if is_live {
            choice.hurry(&mut settings, ratio(frame_rate));
        }
        let mut context = codec::Context::new_with_codec(choice.codec);
        context.set_threading(codec::threading::Config::count(options.threads));
        let mut flags = codec::Flags::empty();
        if global_header {
            flags |= codec::Flags::GLOBAL_HEADER;
        }
        // Lines of two moments must not be mixed: x264 then codes them apart and says so in its
        // headers.
        let fields = geometry.is_as_stored && first.is_interlaced() && choice.codes_lines();
        if fields {
            flags |= codec::Flags::INTERLACED_DCT;
        }
        context.set_flags(flags);
        set_layout(&mut context, first, fields);
        let (width, height) = (first.width(), first.height());
        let fail = |error: ffmpeg::Error| {
            let problem = OutputProblem::EncoderRefuses {
                encoder: choice.name.clone(),
                width,
                height,
            };
            failure::output_because(path, problem, error)
        };
        let mut video = context.encoder().video().map_err(fail)?;
        video.set_width(width);
        video.set_height(height);
        video.set_format(first.format());
        video.set_aspect_ratio(geometry.pixel_aspect);
        video.set_time_base(time_base);
        video.set_frame_rate(Some(frame_rate));
        video.set_colorspace(first.color_space());
        video.set_color_range(first.color_range());
        video.set_color_primaries(first.color_primaries());
        video.set_color_transfer_characteristic(first.color_transfer_characteristic());
        let inner = video.open_with(settings).map_err(fail)?;
        Ok(Self {
            path: path.to_owned(),
            inner,
            time_base,
            durations: BTreeMap::new(),
            last_pts: None,
            last_dts: None,
            nominal,
        })
    }

    /// The opened encoder, for the stream's parameters.
    pub(super) fn inner(&self) -> &encoder::Video {
        &self.inner
    }

    /// Takes a frame; `pts` counts from the start of the output.
    pub(super) fn send(
        &mut self,
        picture: &mut frame::Video,
        pts: i64,
        duration: i64,
    ) -> Result<(), Error> {
        if let Some(last) = self.last_pts
            && let Some(duration) = self.durations.get_mut(&last)
        {
            *duration = pts.saturating_sub(last);
        }
        self.durations.insert(pts, duration);
        self.last_pts = Some(pts);
        picture.set_pts(Some(pts));
        picture.set_kind(picture::Type::None);
        self.inner
            .send_frame(picture)
            .map_err(|error| fail(&self.path, error))
    }

    /// Says that there are no more frames.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        self.inner
            .send_eof()
            .map_err(|error| fail(&self.path, error))
    }

    /// A packet, if one is ready, in [`time_base`](Self::time_base).
    pub(super) fn packet(&mut self) -> Option<ffmpeg::Packet> {
        let mut packet = ffmpeg::Packet::empty();
        self.inner.receive_packet(&mut packet).ok()?;
        let duration = packet.pts().and_then(|pts| self.durations.remove(&pts));
        packet.set_duration(duration.unwrap_or(self.nominal));
        // Encoders guess when a packet is to be decoded, and some guess wrong where frames come
        // unevenly or are few.
        if let (Some(pts), Some(dts)) = (packet.pts(), packet.dts()) {
            let earliest = self
                .last_dts
                .map_or(i64::MIN, |last| last.saturating_add(1));
            let dts = dts.min(pts).max(earliest);
            packet.set_dts(Some(dts));
            self.last_dts = Some(dts);
        }
        Some(packet)
    }
}

fn fail(path: &Path, error: ffmpeg::Error) -> Error {
    failure::output_because(path, OutputProblem::Encode, error)
}
