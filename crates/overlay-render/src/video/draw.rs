//! Drawing on frames, each independent of the others.

use std::path::Path;

use bytemuck::Pod;
use ffmpeg_next::{self as ffmpeg, Rational, chroma, color, format, frame};
use image::{RgbaImage, imageops};

use super::codecs::Choice;
use super::colors::encoding;
use super::failure;
use super::frame::{FramePlanes, Preparer, Scaler, without_j};
use super::frames::TimedFrame;
use super::geometry::Geometry;
use super::options::{Attention, Background, RenderOptions};
use super::paint_format::PaintFormat;
use super::pictures::{lay_over, to_png, to_rgba, to_transparent};
use super::pool::Pool;
use super::rotation::Rotation;
use super::time::seconds;
use crate::attention::HeatMap;
use crate::draw::Overlay;
use crate::draw::sample::Sample;
use crate::error::Error;
use crate::place::Layout;
use crate::problem::InputProblem;

/// What all drawers of a rendering share.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) input: &'a Path,
    pub(super) layout: &'a Layout,
    pub(super) options: &'a RenderOptions,
    pub(super) time_base: Rational,
    pub(super) rotation: Rotation,
    pub(super) pixel_aspect: Rational,
    /// The codec of a video that has transparency in a layer beside its pictures.
    pub(super) alpha_layer: Option<&'a str>,
    /// The encoder; none makes PNG pictures.
    pub(super) choice: Option<&'a Choice>,
    pub(super) pool: &'a Pool,
}

/// What follows from the first frame for all others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas {
    pub(super) geometry: Geometry,
    /// Whether pictures are drawn on with their transparency, in RGB.
    pub(super) keeps_alpha: bool,
    /// How opaque pictures are painted on.
    pub(super) format: PaintFormat,
}

impl Job<'_> {
    pub(super) fn is_transparent(&self) -> bool {
        self.options.background == Background::Transparent
    }

    /// How pictures of a format are painted on: as far as the encoder takes them as they are and
    /// they can be turned as the video is. PNG pictures have 8 bits.
    pub(super) fn paint_format(&self, source: format::Pixel) -> PaintFormat {
        match self.choice {
            Some(choice) => PaintFormat::of_source(source, |format| {
                self.rotation.turns(format.chroma) && choice.takes(format)
            }),
            None => PaintFormat::USUAL,
        }
    }

    /// Whether the output can hold transparent pictures of the video. Maps of attention are laid
    /// over opaque ones only.
    pub(super) fn can_keep_alpha(&self) -> bool {
        let holds = |choice: &Choice| choice.transparent_format().is_some();
        self.choice.is_none_or(holds) && self.options.attention.is_none() && !self.is_transparent()
    }
}

/// A frame that is ready to be written.
pub(super) struct Drawn {
    pub(super) payload: Payload,
    pub(super) pts: i64,
    pub(super) duration: i64,
    /// Comments in it.
    pub(super) comments: usize,
}

pub(super) enum Payload {
    /// In the encoder's format.
    Frame(frame::Video),
    /// The bytes of a file.
    Png(Vec<u8>),
}

/// Draws one frame after the other; keeps drawn comments from one to the next.
pub(super) struct Drawer<'a> {
    job: Job<'a>,
    canvas: Canvas,
    preparer: Preparer,
    overlay: Overlay<'a>,
    scaler: Scaler,
}

impl<'a> Drawer<'a> {
    pub(super) fn new(job: Job<'a>, canvas: Canvas) -> Result<Self, Error> {
        let geometry = canvas.geometry;
        Ok(Self {
            job,
            canvas,
            preparer: Preparer::new(geometry, canvas.format),
            overlay: Overlay::new(job.layout, geometry.viewport()?).outline(job.options.outline),
            scaler: Scaler::default(),
        })
    }

    /// Makes of a source's frame what is written.
    pub(super) fn draw(&mut self, timed: TimedFrame) -> Result<Drawn, Error> {
        let TimedFrame {
            picture,
            pts,
            duration,
        } = timed;
        let t = seconds(pts, self.job.time_base) * 100.0;
        let comments = self.overlay.look(t);
        let payload = match self.job.choice {
            None => {
                let (picture, is_opaque) = self.picture(picture, t)?;
                Payload::Png(to_png(self.job.input, picture, is_opaque)?)
            }
            Some(choice) if self.job.is_transparent() => {
                let drawn = self.overlay.picture(t);
                Payload::Frame(self.transparent(&drawn, choice)?)
            }
            Some(choice) if self.canvas.keeps_alpha => {
                let drawn = self.composited(&picture, t)?;
                Payload::Frame(self.transparent(&drawn, choice)?)
            }
            Some(choice) => Payload::Frame(self.opaque(picture, t, choice)?),
        };
        Ok(Drawn {
            payload,
            pts,
            duration,
            comments,
        })
    }

    /// The picture at `t` centiseconds, and whether all of it is opaque.
    pub(super) fn picture(
        &mut self,
        frame: frame::Video,
        t: f64,
    ) -> Result<(RgbaImage, bool), Error> {
        if self.job.is_transparent() {
            return Ok((self.overlay.picture(t), false));
        }
        if self.canvas.keeps_alpha {
            return Ok((self.composited(&frame, t)?, false));
        }
        let painted = self.painted(frame, t)?;
        let picture = to_rgba(&painted, &mut self.scaler, self.canvas.geometry.shown)
            .map_err(|error| self.unfit(error))?;
        Ok((picture, true))
    }

    /// The video's frame with maps and comments on it.
    fn painted(&mut self, frame: frame::Video, t: f64) -> Result<frame::Video, Error> {
        let location = frame.chroma_location();
        let heat = match &self.job.options.attention {
            Some(attention) => heat_at(attention, t, self.canvas.geometry.picture.size())?,
            None => None,
        };
        let shown = self.overlay.look(t);
        let mut picture = self
            .preparer
            .prepare(frame, shown > 0 || heat.is_some(), self.job.pool)
            .map_err(|error| self.unfit(error))?;
        if self.canvas.format.bytes() == 1 {
            self.paint::<u8>(&mut picture, location, heat.as_ref(), shown);
        } else {
            self.paint::<u16>(&mut picture, location, heat.as_ref(), shown);
        }
        Ok(picture)
    }

    /// Paints a map and the comments that were looked up on a frame with samples of type `S`.
    fn paint<S: Sample + Pod>(
        &mut self,
        picture: &mut frame::Video,
        location: chroma::Location,
        heat: Option<&HeatMap>,
        shown: usize,
    ) {
        let Canvas {
            geometry, format, ..
        } = self.canvas;
        let encoding = encoding(picture, location, format.bits);
        if let Some(heat) = heat {
            let corner = (geometry.picture.left, geometry.picture.top);
            heat.paint(
                &mut FramePlanes::<S>::new(picture, format, corner),
                encoding,
            );
        }
        if shown > 0 {
            let mut planes = FramePlanes::<S>::new(picture, format, (0, 0));
            self.overlay.paint(&mut planes, encoding);
        }
    }

    fn opaque(
        &mut self,
        frame: frame::Video,
        t: f64,
        choice: &Choice,
    ) -> Result<frame::Video, Error> {
        let picture = self.painted(frame, t)?;
        encodable(picture, self.canvas.format, &mut self.scaler, choice)
            .map_err(|error| self.unfit(error))
    }

    /// The video's picture in RGB with its transparency, and comments over it.
    fn composited(&mut self, frame: &frame::Video, t: f64) -> Result<RgbaImage, Error> {
        let geometry = &self.canvas.geometry;
        let Geometry {
            rotation, picture, ..
        } = *geometry;
        let mut upright = to_transparent(frame, &mut self.scaler, rotation, picture.size())
            .map_err(|error| self.unfit(error))?;
        if geometry.has_bars() {
            let mut framed = RgbaImage::new(geometry.shown.0, geometry.shown.1);
            imageops::replace(
                &mut framed,
                &upright,
                picture.left.into(),
                picture.top.into(),
            );
            upright = framed;
        }
        if self.overlay.look(t) > 0 {
            lay_over(&mut upright, &self.overlay.picture(t));
        }
        Ok(upright)
    }

    /// A picture in the encoder's format with transparency.
    fn transparent(&mut self, drawn: &RgbaImage, choice: &Choice) -> Result<frame::Video, Error> {
        let (width, height) = self.canvas.geometry.coded();
        let mut picture = frame::Video::new(format::Pixel::RGBA, width, height);
        picture.set_color_range(color::Range::JPEG);
        let stride = picture.stride(0);
        let wide = 4 * usize::try_from(drawn.width()).unwrap_or(usize::MAX);
        let data = picture.data_mut(0);
        data.fill(0);
        let rows = drawn.as_raw().chunks_exact(wide);
        for (to, from) in data.chunks_mut(stride).zip(rows) {
            to[..wide].copy_from_slice(from);
        }
        match choice.transparent_format() {
            Some(format::Pixel::RGBA) => Ok(picture),
            Some(wanted) => self
                .scaler
                .run(&picture, wanted, (width, height))
                .map_err(|error| self.unfit(error)),
            None => unreachable!("encoders without transparency were refused before"),
        }
    }

    fn unfit(&self, error: ffmpeg::Error) -> Error {
        failure::input_because(self.job.input, InputProblem::Unconvertible, error)
    }
}

/// A frame that was painted on, in a format that the encoder takes.
pub(super) fn encodable(
    mut picture: frame::Video,
    format: PaintFormat,
    scaler: &mut Scaler,
    choice: &Choice,
) -> Result<frame::Video, ffmpeg::Error> {
    let wanted = choice.format_for(&picture, format);
    if picture.format() != wanted && wanted == format::Pixel::YUV420P {
        without_j(&mut picture);
    }
    if picture.format() == wanted {
        return Ok(picture);
    }
    let size = (picture.width(), picture.height());
    scaler.run(&picture, wanted, size)
}

fn heat_at(attention: &Attention, t: f64, size: (u32, u32)) -> Result<Option<HeatMap>, Error> {
    attention
        .track
        .map_at(t)
        .map(|map| HeatMap::new(&map, size, attention.smoothing, attention.contrast))
        .transpose()
}
