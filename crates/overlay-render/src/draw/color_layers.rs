//! Glyphs of layers in colour (COLR, versions 0 and 1), drawn by tiny-skia.

use rustybuzz::ttf_parser::colr::{
    ClipBox, ColorStop, CompositeMode, GradientExtend, LinearGradient, Paint as ColrPaint, Painter,
    RadialGradient, SweepGradient,
};
use rustybuzz::ttf_parser::{self, Face, GlyphId, OutlineBuilder, RgbaColor};
use tiny_skia::{
    BlendMode, Color, FillRule, GradientStop, Mask, Paint, Path, PathBuilder, Pixmap, PixmapPaint,
    Point, Rect, Shader, SpreadMode, Transform,
};

use super::color_glyph::{ColorGlyph, ColorPen, MAX_SIDE};

/// Steps of painting after which the rest of a glyph is left out: emoji take some tens to hundreds.
const MAX_STEPS: usize = 10_000;
/// Layers within each other.
const MAX_LAYERS: usize = 16;
/// What stands for the colour of the text, which a drawing does not depend on.
const FOREGROUND: RgbaColor = RgbaColor {
    red: 255,
    green: 255,
    blue: 255,
    alpha: 255,
};

/// Draws a glyph with the face's first palette. `None` if it is too large or empty.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "lengths of some hundreds of pixels, checked before"
)]
pub(super) fn draw(face: &Face<'_>, id: GlyphId, pen: ColorPen) -> Option<ColorGlyph> {
    let per_em = f32::from(face.units_per_em().max(1));
    let scale = (pen.em.0 / per_em, pen.em.1 / per_em);
    // What a glyph may reach: its clip box; without one, its em and as much again on each side.
    let (ascent, descent) = (f32::from(face.ascender()), f32::from(face.descender()));
    let advance = f32::from(face.glyph_hor_advance(id).unwrap_or(0));
    let bounds = face
        .tables()
        .colr
        .and_then(|colr| colr.clip_box(id, face.variation_coordinates()))
        .unwrap_or(ClipBox {
            x_min: -per_em / 2.0,
            y_min: descent.min(0.0) - per_em / 2.0,
            x_max: advance + per_em / 2.0,
            y_max: ascent.max(per_em) + per_em / 2.0,
        });
    let left = (bounds.x_min * scale.0 + pen.subpixel.0).floor();
    let top = (-bounds.y_max * scale.1 + pen.subpixel.1).floor();
    let width = ((bounds.x_max * scale.0 + pen.subpixel.0).ceil() - left).max(1.0);
    let height = ((-bounds.y_min * scale.1 + pen.subpixel.1).ceil() - top).max(1.0);
    let is_drawn = width <= MAX_SIDE as f32 && height <= MAX_SIDE as f32;
    if !is_drawn || !left.is_finite() || !top.is_finite() {
        return None;
    }
    let pixmap = Pixmap::new(width as u32, height as u32)?;
    let base = Transform::from_row(
        scale.0,
        0.0,
        0.0,
        -scale.1,
        pen.subpixel.0 - left,
        pen.subpixel.1 - top,
    );
    let mut painter = Layers {
        face,
        outline: None,
        transforms: vec![base],
        clips: Vec::new(),
        layers: vec![(pixmap, BlendMode::SourceOver)],
        ignored: 0,
        steps: 0,
    };
    face.paint_color_glyph(id, 0, FOREGROUND, &mut painter)?;
    let (pixmap, _) = painter.layers.into_iter().next()?;
    let pixels = pixmap.data().as_chunks().0; // as colours times opacity
    Some(ColorGlyph {
        left: left as i32,
        top: top as i32,
        width: pixmap.width() as usize,
        height: pixmap.height() as usize,
        pixels: pixels.into(),
    })
}

/// A glyph while it is painted.
struct Layers<'a, 'f> {
    face: &'a Face<'f>,
    /// In the pixmap.
    outline: Option<Path>,
    /// From font units to the pixmap; the last one counts.
    transforms: Vec<Transform>,
    /// `None` shows all, and so does an empty list; the last one counts.
    clips: Vec<Option<Mask>>,
    /// With how each is laid over the one below.
    layers: Vec<(Pixmap, BlendMode)>,
    /// Layers beyond [`MAX_LAYERS`].
    ignored: usize,
    steps: usize,
}

impl Layers<'_, '_> {
    fn transform(&self) -> Transform {
        self.transforms.last().copied().unwrap_or_default()
    }

    /// Whether there may be another step.
    fn step(&mut self) -> bool {
        self.steps += 1;
        self.steps <= MAX_STEPS
    }

    fn clip(&mut self, path: Option<Path>) {
        if !self.step() {
            self.clips.push(None);
            return;
        }
        let Some((pixmap, _)) = self.layers.first() else {
            return;
        };
        let below = self.clips.last().and_then(Option::as_ref);
        let mask = match (below, path) {
            (_, None) => Mask::new(pixmap.width(), pixmap.height()), // nothing is inside
            (Some(mask), Some(path)) => {
                let mut mask = mask.clone();
                mask.intersect_path(&path, FillRule::Winding, true, Transform::identity());
                Some(mask)
            }
            (None, Some(path)) => {
                let mask = Mask::new(pixmap.width(), pixmap.height());
                mask.map(|mut mask| {
                    mask.fill_path(&path, FillRule::Winding, true, Transform::identity());
                    mask
                })
            }
        };
        self.clips.push(mask);
    }
}

impl<'a> Painter<'a> for Layers<'_, '_> {
    fn outline_glyph(&mut self, id: GlyphId) {
        self.outline = None;
        if !self.step() {
            return;
        }
        let mut outline = Outline(PathBuilder::new());
        if self.face.outline_glyph(id, &mut outline).is_some() {
            let path = outline.0.finish();
            self.outline = path.and_then(|path| path.transform(self.transform()));
        }
    }

    fn paint(&mut self, paint: ColrPaint<'a>) {
        if !self.step() {
            return;
        }
        let transform = self.transform();
        let shader = match paint {
            ColrPaint::Solid(color) => Some(Shader::SolidColor(to_color(color))),
            ColrPaint::LinearGradient(gradient) => linear(&gradient, transform),
            ColrPaint::RadialGradient(gradient) => radial(&gradient, transform),
            ColrPaint::SweepGradient(gradient) => sweep(&gradient, transform),
        };
        let (Some(shader), Some((pixmap, _))) = (shader, self.layers.last_mut()) else {
            return;
        };
        let paint = Paint {
            shader,
            ..Paint::default()
        };
        match self.clips.last() {
            // All that is inside: version 1 has clipped to the outline before.
            Some(mask) => {
                let (width, height) = (pixmap.width(), pixmap.height());
                #[expect(clippy::cast_precision_loss, reason = "at most 4,096 pixels")]
                let all = Rect::from_xywh(0.0, 0.0, width as f32, height as f32);
                if let Some(all) = all {
                    pixmap.fill_rect(all, &paint, Transform::identity(), mask.as_ref());
                }
            }
            None => {
                if let Some(outline) = &self.outline {
                    pixmap.fill_path(
                        outline,
                        &paint,
                        FillRule::Winding,
                        Transform::identity(),
                        None,
                    );
                }
            }
        }
    }

    fn push_clip(&mut self) {
        let outline = self.outline.clone();
        self.clip(outline);
    }

    fn push_clip_box(&mut self, bounds: ClipBox) {
        let ClipBox {
            x_min,
            y_min,
            x_max,
            y_max,
        } = bounds;
        let rect = Rect::from_ltrb(x_min, y_min, x_max, y_max);
        let path = rect.map(PathBuilder::from_rect);
        let path = path.and_then(|path| path.transform(self.transform()));
        self.clip(path);
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn push_layer(&mut self, mode: CompositeMode) {
        let size = self.layers.first().map(|(pixmap, _)| pixmap);
        let layer = size.and_then(|below| Pixmap::new(below.width(), below.height()));
        match layer {
            Some(layer) if self.layers.len() < MAX_LAYERS && self.step() => {
                self.layers.push((layer, blend_mode(mode)));
            }
            _ => self.ignored += 1,
        }
    }

    fn pop_layer(&mut self) {
        if self.ignored > 0 {
            self.ignored -= 1;
            return;
        }
        if self.layers.len() < 2 {
            return;
        }
        let (Some((layer, blend_mode)), Some((below, _))) =
            (self.layers.pop(), self.layers.last_mut())
        else {
            return;
        };
        let paint = PixmapPaint {
            blend_mode,
            ..PixmapPaint::default()
        };
        let mask = self.clips.last().and_then(Option::as_ref);
        below.draw_pixmap(0, 0, layer.as_ref(), &paint, Transform::identity(), mask);
    }

    fn push_transform(&mut self, transform: ttf_parser::Transform) {
        let ttf_parser::Transform { a, b, c, d, e, f } = transform;
        let next = self
            .transform()
            .pre_concat(Transform::from_row(a, b, c, d, e, f));
        self.transforms.push(next);
    }

    fn pop_transform(&mut self) {
        if self.transforms.len() > 1 {
            self.transforms.pop();
        }
    }
}

/// An outline in font units.
struct Outline(PathBuilder);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

fn to_color(color: RgbaColor) -> Color {
    Color::from_rgba8(color.red, color.green, color.blue, color.alpha)
}

fn spread(extend: GradientExtend) -> SpreadMode {
    match extend {
        GradientExtend::Pad => SpreadMode::Pad,
        GradientExtend::Repeat => SpreadMode::Repeat,
        GradientExtend::Reflect => SpreadMode::Reflect,
    }
}

/// Stops of a gradient from 0 to 1, and where on the font's line these are: fonts may have stops
/// before its beginning and after its end.
struct Stops {
    stops: Vec<(f32, Color)>,
    first: f32,
    last: f32,
}

impl Stops {
    fn new(stops: impl Iterator<Item = ColorStop>) -> Option<Self> {
        let mut stops: Vec<ColorStop> = stops.collect();
        if stops.iter().any(|stop| !stop.stop_offset.is_finite()) {
            return None;
        }
        stops.sort_by(|a, b| a.stop_offset.total_cmp(&b.stop_offset));
        let (first, last) = (stops.first()?.stop_offset, stops.last()?.stop_offset);
        let length = last - first;
        let stop = |stop: &ColorStop| {
            let at = if length > 0.0 {
                (stop.stop_offset - first) / length
            } else {
                0.0
            };
            (at, to_color(stop.color))
        };
        Some(Self {
            stops: stops.iter().map(stop).collect(),
            first,
            last,
        })
    }

    /// The same from the end to the beginning.
    fn reversed(mut self) -> Self {
        self.stops.reverse();
        self.stops.iter_mut().for_each(|(at, _)| *at = 1.0 - *at);
        self
    }

    fn into_gradient(self) -> Vec<GradientStop> {
        let stops = self.stops.into_iter();
        stops
            .map(|(at, color)| GradientStop::new(at, color))
            .collect()
    }
}

fn between(from: f32, to: f32, at: f32) -> f32 {
    from + (to - from) * at
}

fn linear(gradient: &LinearGradient<'_>, transform: Transform) -> Option<Shader<'static>> {
    let stops = Stops::new(gradient.stops(0, &[]))?;
    let (x0, y0) = (gradient.x0, gradient.y0);
    // The third point turns the lines of even colour, which run from the first one to it.
    let (along, turn) = (
        (gradient.x1 - x0, gradient.y1 - y0),
        (gradient.x2 - x0, gradient.y2 - y0),
    );
    let across = (turn.1, -turn.0);
    let length = across.0 * across.0 + across.1 * across.1;
    let share = if length > 0.0 {
        (along.0 * across.0 + along.1 * across.1) / length
    } else {
        return None;
    };
    let (x1, y1) = (x0 + across.0 * share, y0 + across.1 * share);
    let at = |at: f32| Point::from_xy(between(x0, x1, at), between(y0, y1, at));
    tiny_skia::LinearGradient::new(
        at(stops.first),
        at(stops.last),
        stops.into_gradient(),
        spread(gradient.extend),
        transform,
    )
}

fn radial(gradient: &RadialGradient<'_>, transform: Transform) -> Option<Shader<'static>> {
    let stops = Stops::new(gradient.stops(0, &[]))?;
    let RadialGradient {
        x0,
        y0,
        r0,
        r1,
        x1,
        y1,
        ..
    } = *gradient;
    let at = |at: f32| Point::from_xy(between(x0, x1, at), between(y0, y1, at));
    let radius = |at: f32| between(r0, r1, at).max(0.0);
    tiny_skia::RadialGradient::new(
        at(stops.first),
        radius(stops.first),
        at(stops.last),
        radius(stops.last),
        stops.into_gradient(),
        spread(gradient.extend),
        transform,
    )
}

/// Angles are counted in half turns, less one, counter-clockwise from the right.
fn sweep(gradient: &SweepGradient<'_>, transform: Transform) -> Option<Shader<'static>> {
    let mut stops = Stops::new(gradient.stops(0, &[]))?;
    let (start, end) = (
        (gradient.start_angle + 1.0) * 180.0,
        (gradient.end_angle + 1.0) * 180.0,
    );
    let mut angles = (
        between(start, end, stops.first),
        between(start, end, stops.last),
    );
    if angles.0 > angles.1 {
        angles = (angles.1, angles.0);
        stops = stops.reversed();
    }
    tiny_skia::SweepGradient::new(
        Point::from_xy(gradient.center_x, gradient.center_y),
        angles.0,
        angles.1,
        stops.into_gradient(),
        spread(gradient.extend),
        transform,
    )
}

fn blend_mode(mode: CompositeMode) -> BlendMode {
    match mode {
        CompositeMode::Clear => BlendMode::Clear,
        CompositeMode::Source => BlendMode::Source,
        CompositeMode::Destination => BlendMode::Destination,
        CompositeMode::SourceOver => BlendMode::SourceOver,
        CompositeMode::DestinationOver => BlendMode::DestinationOver,
        CompositeMode::SourceIn => BlendMode::SourceIn,
        CompositeMode::DestinationIn => BlendMode::DestinationIn,
        CompositeMode::SourceOut => BlendMode::SourceOut,
        CompositeMode::DestinationOut => BlendMode::DestinationOut,
        CompositeMode::SourceAtop => BlendMode::SourceAtop,
        CompositeMode::DestinationAtop => BlendMode::DestinationAtop,
        CompositeMode::Xor => BlendMode::Xor,
        CompositeMode::Plus => BlendMode::Plus,
        CompositeMode::Screen => BlendMode::Screen,
        CompositeMode::Overlay => BlendMode::Overlay,
        CompositeMode::Darken => BlendMode::Darken,
        CompositeMode::Lighten => BlendMode::Lighten,
        CompositeMode::ColorDodge => BlendMode::ColorDodge,
        CompositeMode::ColorBurn => BlendMode::ColorBurn,
        CompositeMode::HardLight => BlendMode::HardLight,
        CompositeMode::SoftLight => BlendMode::SoftLight,
        CompositeMode::Difference => BlendMode::Difference,
        CompositeMode::Exclusion => BlendMode::Exclusion,
        CompositeMode::Multiply => BlendMode::Multiply,
        CompositeMode::Hue => BlendMode::Hue,
        CompositeMode::Saturation => BlendMode::Saturation,
        CompositeMode::Color => BlendMode::Color,
        CompositeMode::Luminosity => BlendMode::Luminosity,
    }
}
