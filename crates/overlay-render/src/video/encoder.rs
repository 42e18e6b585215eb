//! Frames into packets, with the durations that containers want.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ffmpeg_next::{self as ffmpeg, Rational, codec, encoder, format, frame, picture};

use super::codecs::Choice;
use super::colors::depth_and_alpha;
use super::failure;
use super::ffi::{Surfaces, set_layout};
use super::geometry::Geometry;
use super::light_metadata::LightMetadata;
use super::options::RenderOptions;
use super::time::ratio;
use crate::error::Error;
use crate::problem::OutputProblem;

/// Frames that an encoder may put before others that are shown earlier.
const MOST_REORDERED: i64 = 32;

/// An encoder at work.
pub(super) struct Encoder {
    path: PathBuf,
    inner: encoder::Video,
    pub(super) time_base: Rational,
    durations: BTreeMap<i64, i64>, // of frames in the encoder, by time
    first_pts: i64,
    last_pts: Option<i64>,
    last_dts: Option<i64>,
    nominal: i64, // duration of a packet that is not of a known frame
    surfaces: Option<Surfaces>,
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
        let has_alpha = depth_and_alpha(first.format()).1;
        let light = LightMetadata::of(first);
        let mut settings = choice.settings(path, options, has_alpha, &light)?;
        choice.steady(&mut settings, first.width());
        if is_live {
            choice.hurry(&mut settings, ratio(frame_rate));
        }
        let mut context = codec::Context::new_with_codec(choice.codec);
        context.set_threading(codec::threading::Config::count(options.threads));
        let mut flags = codec::Flags::empty();
        // Players may begin at a key picture, and browsers fail where something before it is needed.
        flags.set(codec::Flags::CLOSED_GOP, choice.closes_groups());
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
            failure::output_because(path, choice.refusal((width, height)), error)
        };
        let surfaces = surfaces(&mut context, choice, first.format(), (width, height));
        let surfaces = surfaces.map_err(fail)?;
        let mut video = context.encoder().video().map_err(fail)?;
        video.set_width(width);
        video.set_height(height);
        video.set_format(match surfaces {
            Some(_) => format::Pixel::VAAPI,
            None => first.format(),
        });
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
            first_pts: 0,
            last_pts: None,
            last_dts: None,
            nominal,
            surfaces,
        })
    }

    /// Makes sure that an encoder of hardware starts, with a small picture.
    pub(super) fn try_hardware(
        path: &Path,
        options: &RenderOptions,
        choice: &Choice,
    ) -> Result<(), Error> {
        const SIZE: (u32, u32) = (640, 368); // which all of them take
        if !choice.needs_hardware() {
            return Ok(());
        }
        let settings = choice.settings(path, options, false, &LightMetadata::default())?;
        let opened = || {
            let mut context = codec::Context::new_with_codec(choice.codec);
            let surfaces = surfaces(&mut context, choice, choice.any_format(), SIZE)?;
            let mut video = context.encoder().video()?;
            video.set_width(SIZE.0);
            video.set_height(SIZE.1);
            video.set_format(match surfaces {
                Some(_) => format::Pixel::VAAPI,
                None => choice.any_format(),
            });
            video.set_time_base(Rational(1, 25));
            video.open_with(settings.clone()).map(drop)
        };
        opened().map_err(|error| failure::output_because(path, choice.refusal(SIZE), error))
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
        match self.last_pts {
            Some(last) => {
                if let Some(duration) = self.durations.get_mut(&last) {
                    *duration = pts.saturating_sub(last);
                }
            }
            None => self.first_pts = pts,
        }
        self.durations.insert(pts, duration);
        self.last_pts = Some(pts);
        picture.set_pts(Some(pts));
        picture.set_kind(picture::Type::None);
        let sent = match &self.surfaces {
            Some(surfaces) => surfaces
                .upload(picture)
                .and_then(|surface| self.inner.send_frame(&surface)),
            None => self.inner.send_frame(picture),
        };
        sent.map_err(|error| fail(&self.path, error))
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
            let dts = self.plausible(dts, pts).min(pts).max(earliest);
            packet.set_dts(Some(dts));
            self.last_dts = Some(dts);
        }
        Some(packet)
    }

    /// When a packet is to be decoded. libx265 gives numbers that it never set where there are fewer
    /// frames than it looks ahead: then the frames still inside come one after the other.
    fn plausible(&self, dts: i64, pts: i64) -> i64 {
        let reordered = self.nominal.saturating_mul(MOST_REORDERED);
        if dts >= self.first_pts.saturating_sub(reordered) {
            return dts;
        }
        let next = self.durations.keys().next().copied();
        let inside = i64::try_from(self.durations.len()).unwrap_or(i64::MAX);
        next.map_or(pts, |next| next.min(pts))
            .saturating_sub(self.nominal.saturating_mul(inside))
    }
}

/// Room for pictures of a format and size in the memory of the hardware, for encoders that take no
/// others.
fn surfaces(
    context: &mut codec::Context,
    choice: &Choice,
    format: format::Pixel,
    size: (u32, u32),
) -> Result<Option<Surfaces>, ffmpeg::Error> {
    if !choice.takes_surfaces {
        return Ok(None);
    }
    let surfaces = Surfaces::new(format, size)?;
    surfaces.give_to(context);
    Ok(Some(surfaces))
}

fn fail(path: &Path, error: ffmpeg::Error) -> Error {
    failure::output_because(path, OutputProblem::Encode, error)
}
