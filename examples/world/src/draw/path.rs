//! Outlines of lines and Bézier curves.

use tiny_skia::{PathSegment, Point};

use super::map::Map;

/// A path in local coordinates, built by chaining.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    segments: Vec<PathSegment>,
}

impl Path {
    /// Begins a contour at (`x`, `y`).
    pub(crate) fn from(x: f32, y: f32) -> Self {
        Self {
            segments: vec![PathSegment::MoveTo(Point::from_xy(x, y))],
        }
    }

    /// Begins another contour.
    pub(crate) fn and_from(mut self, x: f32, y: f32) -> Self {
        self.segments
            .push(PathSegment::MoveTo(Point::from_xy(x, y)));
        self
    }

    pub(crate) fn line(mut self, x: f32, y: f32) -> Self {
        self.segments
            .push(PathSegment::LineTo(Point::from_xy(x, y)));
        self
    }

    /// A quadratic curve over the control point (`cx`, `cy`).
    pub(crate) fn quad(mut self, cx: f32, cy: f32, x: f32, y: f32) -> Self {
        self.segments.push(PathSegment::QuadTo(
            Point::from_xy(cx, cy),
            Point::from_xy(x, y),
        ));
        self
    }

    /// A cubic curve over two control points.
    pub(crate) fn cubic(mut self, c: (f32, f32), d: (f32, f32), to: (f32, f32)) -> Self {
        self.segments
            .push(PathSegment::CubicTo(c.into(), d.into(), to.into()));
        self
    }

    pub(crate) fn polygon(points: &[(f32, f32)]) -> Self {
        let segment = |(i, &point): (usize, &(f32, f32))| match i {
            0 => PathSegment::MoveTo(point.into()),
            _ => PathSegment::LineTo(point.into()),
        };
        Self {
            segments: points.iter().enumerate().map(segment).collect(),
        }
    }

    pub(crate) fn ellipse(x: f32, y: f32, rx: f32, ry: f32) -> Self {
        Self::default().and_ellipse(x, y, rx, ry)
    }

    /// Adds an ellipse as a contour of its own.
    pub(crate) fn and_ellipse(self, x: f32, y: f32, rx: f32, ry: f32) -> Self {
        const K: f32 = 0.552_284_8; // the control distance at which four cubics make a circle
        let (kx, ky) = (rx * K, ry * K);
        self.and_from(x + rx, y)
            .cubic((x + rx, y + ky), (x + kx, y + ry), (x, y + ry))
            .cubic((x - kx, y + ry), (x - rx, y + ky), (x - rx, y))
            .cubic((x - rx, y - ky), (x - kx, y - ry), (x, y - ry))
            .cubic((x + kx, y - ry), (x + rx, y - ky), (x + rx, y))
    }

    pub(crate) fn circle(x: f32, y: f32, r: f32) -> Self {
        Self::ellipse(x, y, r, r)
    }

    pub(crate) fn rect(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self::polygon(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
    }

    pub(crate) fn round_rect(x: f32, y: f32, w: f32, h: f32, r: f32) -> Self {
        let (right, bottom) = (x + w, y + h);
        Self::from(x + r, y)
            .line(right - r, y)
            .quad(right, y, right, y + r)
            .line(right, bottom - r)
            .quad(right, bottom, right - r, bottom)
            .line(x + r, bottom)
            .quad(x, bottom, x, bottom - r)
            .line(x, y + r)
            .quad(x, y, x + r, y)
    }

    /// The contours as polylines in pixels; curves are cut finely enough that corners do not show.
    ///
    /// Boxes are the bounds of these points, so what is drawn is what is measured.
    pub(super) fn flatten(&self, map: &Map) -> Vec<Vec<Point>> {
        let mut contours: Vec<Vec<Point>> = Vec::new();
        let mut here = Point::zero();
        for segment in &self.segments {
            match *segment {
                PathSegment::MoveTo(to) => {
                    here = map.apply(to);
                    contours.push(vec![here]);
                }
                PathSegment::LineTo(to) => {
                    here = map.apply(to);
                    last(&mut contours).push(here);
                }
                PathSegment::QuadTo(c, to) => {
                    let (c, to) = (map.apply(c), map.apply(to));
                    let n = pieces(distance(here, c) + distance(c, to));
                    last(&mut contours).extend((1..=n).map(|i| {
                        let t = share(i, n);
                        between(between(here, c, t), between(c, to, t), t)
                    }));
                    here = to;
                }
                PathSegment::CubicTo(c, d, to) => {
                    let (c, d, to) = (map.apply(c), map.apply(d), map.apply(to));
                    let n = pieces(distance(here, c) + distance(c, d) + distance(d, to));
                    last(&mut contours).extend((1..=n).map(|i| {
                        let t = share(i, n);
                        let (a, b, e) = (between(here, c, t), between(c, d, t), between(d, to, t));
                        between(between(a, b, t), between(b, e, t), t)
                    }));
                    here = to;
                }
                PathSegment::Close => {}
            }
        }
        contours
    }
}

/// The point a share `t` of the way from `a` to `b`.
fn between(a: Point, b: Point, t: f32) -> Point {
    Point::from_xy(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t)
}

pub(super) fn distance(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

fn last(contours: &mut Vec<Vec<Point>>) -> &mut Vec<Point> {
    if contours.is_empty() {
        contours.push(Vec::new());
    }
    contours
        .last_mut()
        .expect("one was pushed if there was none")
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 3..=40 first"
)]
fn pieces(length: f32) -> usize {
    (length.sqrt() * 1.4).clamp(3.0, 40.0) as usize
}

#[expect(clippy::cast_precision_loss, reason = "both are at most 40")]
fn share(i: usize, n: usize) -> f32 {
    i as f32 / n as f32
}
