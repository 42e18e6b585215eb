//! Glyphs as coverage: the filled outline, and the outline widened by a round brush.

use ab_glyph::{
    Font, FontRef, Glyph, GlyphId, OutlineCurve, OutlinedGlyph, Point, PxScale, PxScaleFactor,
    point,
};
use pulp::{Arch, Simd, WithSimd};

use super::area::Area;
use super::outline::OutlineStyle;

/// Largest mask that is made, in pixels; no font of a real size comes near it.
const MAX_PIXELS: usize = 1 << 25;
/// How far a polyline may lie from its curve, in pixels.
const FLATNESS: f32 = 0.05;

/// How a glyph is drawn: pixels per em in both directions, the brush, and where between two pixels
/// it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pen {
    pub(crate) em: (f32, f32),
    /// How far the outline reaches from the contour, in vertical pixels.
    pub(crate) radius: f32,
    /// 0 to below 1.
    pub(crate) subpixel: (f32, f32),
    pub(crate) style: OutlineStyle,
}

/// Coverage of a glyph, 0 to 255, row by row; `left` and `top` are whole pixels from its origin,
/// downwards positive.
#[derive(Debug, Default)]
pub(crate) struct GlyphMask {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) fill: Box<[u8]>,
    /// The contour drawn with the brush, and everything inside.
    pub(crate) stroke: Box<[u8]>,
}

impl GlyphMask {
    /// An empty mask if the glyph has no outline.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and what does not fit is refused"
    )]
    pub(crate) fn draw(arch: Arch, font: &FontRef<'_>, id: u16, pen: Pen) -> Self {
        let per_em = font.units_per_em().unwrap_or(1000.0).max(1.0);
        let id = GlyphId(id);
        let Some(outline) = font.outline(id) else {
            return Self::default();
        };
        let factor = PxScaleFactor {
            horizontal: pen.em.0 / per_em,
            vertical: pen.em.1 / per_em,
        };
        let at = point(pen.subpixel.0, pen.subpixel.1);
        let place = |p: Point| {
            point(
                p.x * factor.horizontal + at.x,
                p.y * -factor.vertical + at.y,
            )
        };
        let curves = outline.curves.clone();
        let glyph = Glyph {
            id,
            scale: PxScale::from(pen.em.1),
            position: at,
        };
        let outlined = OutlinedGlyph::new(glyph, outline, factor);
        let bounds = outlined.px_bounds();
        let stretch = pen.em.1 / pen.em.0; // horizontal pixels in vertical ones
        let (reach_x, reach_y) = ((pen.radius / stretch).ceil() + 1.0, pen.radius.ceil() + 1.0);
        let (left, top) = (bounds.min.x - reach_x, bounds.min.y - reach_y);
        let (width, height) = (
            (bounds.width() + 2.0 * reach_x) as usize,
            (bounds.height() + 2.0 * reach_y) as usize,
        );
        if width.saturating_mul(height) > MAX_PIXELS || !left.is_finite() || !top.is_finite() {
            return Self::default();
        }
        let mut fill = vec![0; width * height];
        let (inset_x, inset_y) = (reach_x as usize, reach_y as usize);
        outlined.draw(|x, y, coverage| {
            let at = (y as usize + inset_y) * width + x as usize + inset_x;
            if let Some(pixel) = fill.get_mut(at) {
                *pixel = (coverage.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
            }
        });
        let stroke = match pen.style {
            OutlineStyle::Round => arch.dispatch(Widening {
                field: DistanceField::new(width, height, pen.radius + 1.0, stretch),
                lines: flatten(&curves, place),
                corner: point(left, top),
                fill: &fill,
                radius: pen.radius,
            }),
            OutlineStyle::Eightfold => {
                let step = |reach: f32| reach.round().max(1.0) as usize;
                eightfold(&fill, width, step(pen.radius / stretch), step(pen.radius))
            }
        };
        Self {
            left: left as i32,
            top: top as i32,
            width,
            height,
            stroke: stroke.into(),
            fill: fill.into(),
        }
    }

    /// Where it lies when its origin is at `x`, `y`.
    pub(super) fn area(&self, x: i32, y: i32) -> Area {
        let side = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
        let (left, top) = (x.saturating_add(self.left), y.saturating_add(self.top));
        Area {
            left,
            top,
            right: left.saturating_add(side(self.width)),
            bottom: top.saturating_add(side(self.height)),
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.fill.len() * 2 + size_of::<Self>()
    }
}

/// The most that any of the eight neighbours so many pixels away covers. Rows and columns near the
/// edges are empty in `fill`.
fn eightfold(fill: &[u8], width: usize, across: usize, down: usize) -> Vec<u8> {
    let mut stroke = fill.to_vec();
    let down = down * width;
    for shift in [across, down, down + across, down.saturating_sub(across)] {
        for (to, &from) in stroke.iter_mut().zip(fill.iter().skip(shift)) {
            *to = from.max(*to);
        }
        for (to, &from) in stroke.iter_mut().skip(shift).zip(fill) {
            *to = from.max(*to);
        }
    }
    stroke
}

/// The curves as straight lines, placed.
fn flatten(curves: &[OutlineCurve], place: impl Fn(Point) -> Point) -> Vec<(Point, Point)> {
    let mut lines = Vec::with_capacity(curves.len() * 4);
    let mut polyline = |start: Point, steps: usize, at: &dyn Fn(f32) -> Point| {
        let mut from = start;
        for step in 1..=steps {
            #[expect(clippy::cast_precision_loss, reason = "at most 32 steps")]
            let to = at(step as f32 / steps as f32);
            lines.push((from, to));
            from = to;
        }
    };
    for curve in curves {
        match *curve {
            OutlineCurve::Line(a, b) => {
                let b = place(b);
                polyline(place(a), 1, &|_| b);
            }
            OutlineCurve::Quad(a, b, c) => {
                let (a, b, c) = (place(a), place(b), place(c));
                let bend = bend(a, b, c);
                polyline(a, steps(bend), &|t| {
                    let u = 1.0 - t;
                    mix(&[(a, u * u), (b, 2.0 * u * t), (c, t * t)])
                });
            }
            OutlineCurve::Cubic(a, b, c, d) => {
                let (a, b, c, d) = (place(a), place(b), place(c), place(d));
                let bend = bend(a, b, c).max(bend(b, c, d)) * 3.0;
                polyline(a, steps(bend), &|t| {
                    let u = 1.0 - t;
                    mix(&[
                        (a, u * u * u),
                        (b, 3.0 * u * u * t),
                        (c, 3.0 * u * t * t),
                        (d, t * t * t),
                    ])
                });
            }
        }
    }
    lines
}

/// How far three control points are from lying evenly on a line: the second difference, which
/// bounds a curve's sagitta.
fn bend(a: Point, b: Point, c: Point) -> f32 {
    (a.x - 2.0 * b.x + c.x).hypot(a.y - 2.0 * b.y + c.y)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 1 to 32"
)]
fn steps(bend: f32) -> usize {
    (bend / (4.0 * FLATNESS)).sqrt().ceil().clamp(1.0, 32.0) as usize
}

fn mix(weighed: &[(Point, f32)]) -> Point {
    weighed.iter().fold(point(0.0, 0.0), |sum, (p, weight)| {
        point(sum.x + p.x * weight, sum.y + p.y * weight)
    })
}

/// Lines drawn with a round brush, and what is inside of them.
struct Widening<'a> {
    field: DistanceField,
    lines: Vec<(Point, Point)>,
    corner: Point, // of the field
    fill: &'a [u8],
    radius: f32,
}

impl WithSimd for Widening<'_> {
    type Output = Vec<u8>;

    /// Compiled for each instruction set, by which it is made into vectors.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) -> Vec<u8> {
        for (a, b) in self.lines {
            self.field.add(a - self.corner, b - self.corner);
        }
        self.field.widened(self.fill, self.radius)
    }
}

/// Squared distance of pixel centres to the nearest line, as far as `reach`.
struct DistanceField {
    width: usize,
    height: usize,
    reach: f32,
    stretch: f32,
    squares: Vec<f32>,
}

impl DistanceField {
    fn new(width: usize, height: usize, reach: f32, stretch: f32) -> Self {
        Self {
            width,
            height,
            reach,
            stretch,
            squares: vec![f32::MAX; width * height],
        }
    }

    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "pixel indices, clamped to the mask"
    )]
    fn add(&mut self, a: Point, b: Point) {
        let (ax, ay) = (a.x * self.stretch, a.y);
        let (dx, dy) = (b.x * self.stretch - ax, b.y - ay);
        let length = dx * dx + dy * dy;
        let inverse = if length > 1e-12 { 1.0 / length } else { 0.0 };
        let first = |low: f32, reach: f32| (low - reach).floor().max(0.0) as usize;
        let last = |high: f32, reach: f32, size: usize| {
            ((high + reach).ceil().max(0.0) as usize).min(size)
        };
        let reach_x = self.reach / self.stretch;
        let rows = first(a.y.min(b.y), self.reach)..last(a.y.max(b.y), self.reach, self.height);
        let columns = first(a.x.min(b.x), reach_x)..last(a.x.max(b.x), reach_x, self.width);
        if columns.is_empty() {
            return;
        }
        for y in rows {
            let py = y as f32 + 0.5 - ay;
            let row = &mut self.squares[y * self.width..][columns.clone()];
            for (x, square) in columns.clone().zip(row) {
                let px = (x as f32 + 0.5) * self.stretch - ax;
                let t = ((px * dx + py * dy) * inverse).clamp(0.0, 1.0);
                let (ex, ey) = (px - t * dx, py - t * dy);
                *square = square.min(ex * ex + ey * ey);
            }
        }
    }

    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a byte's values"
    )]
    fn widened(&self, fill: &[u8], radius: f32) -> Vec<u8> {
        let covered = |(square, &inside): (&f32, &u8)| {
            let coverage = (radius + 0.5 - square.sqrt()).clamp(0.0, 1.0);
            inside.max((coverage * 255.0 + 0.5) as u8)
        };
        self.squares.iter().zip(fill).map(covered).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dot in the middle of 7x7, copied 2 to the sides and 1 up and down: the 3x3 corners, sides
    /// and middle of a box of 5x3.
    #[test]
    fn eight_copies_stand_around() {
        let mut fill = vec![0; 49];
        fill[3 * 7 + 3] = 200;
        let stroke = eightfold(&fill, 7, 2, 1);
        let dots: Vec<_> = (0..49)
            .filter(|&at| stroke[at] == 200)
            .map(|at| (at % 7, at / 7))
            .collect();
        assert_eq!(
            dots,
            [
                (1, 2),
                (3, 2),
                (5, 2),
                (1, 3),
                (3, 3),
                (5, 3),
                (1, 4),
                (3, 4),
                (5, 4)
            ]
        );
        assert!(stroke.iter().all(|&value| value == 0 || value == 200));
    }

    /// A line from (2.5, 2.5) to (4.5, 2.5), brush of 1.5: pixels whose centre is 1 away are whole,
    /// 2 away empty, and √2 away have 1.5 + 0.5 - 1.414 = 0.586 of 255.
    #[test]
    fn strokes_are_round() {
        let mut field = DistanceField::new(8, 6, 2.5, 1.0);
        field.add(point(2.5, 2.5), point(4.5, 2.5));
        let stroke = field.widened(&[0; 48], 1.5);
        let at = |x: usize, y: usize| stroke[y * 8 + x];
        assert_eq!([at(2, 2), at(3, 1), at(4, 3), at(1, 2)], [255; 4]);
        assert_eq!([at(3, 0), at(0, 2), at(6, 2)], [0; 3]);
        assert_eq!([at(1, 1), at(5, 3)], [149; 2]);
    }
}
