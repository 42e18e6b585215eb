//! Outlines of lines and Bézier curves, and outlines of pen strokes.

use super::geometry::{Affine, Point};

#[derive(Clone, Copy, Debug)]
enum Step {
    Move(Point),
    Line(Point),
    Quad(Point, Point),
    Cubic(Point, Point, Point),
}

/// A path in local coordinates, built by chaining.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    steps: Vec<Step>,
}

impl Path {
    /// Begins a contour at (`x`, `y`).
    pub(crate) fn from(x: f32, y: f32) -> Self {
        Self {
            steps: vec![Step::Move(Point::new(x, y))],
        }
    }

    /// Begins another contour.
    pub(crate) fn and_from(mut self, x: f32, y: f32) -> Self {
        self.steps.push(Step::Move(Point::new(x, y)));
        self
    }

    pub(crate) fn line(mut self, x: f32, y: f32) -> Self {
        self.steps.push(Step::Line(Point::new(x, y)));
        self
    }

    /// A quadratic curve over the control point (`cx`, `cy`).
    pub(crate) fn quad(mut self, cx: f32, cy: f32, x: f32, y: f32) -> Self {
        self.steps
            .push(Step::Quad(Point::new(cx, cy), Point::new(x, y)));
        self
    }

    /// A cubic curve over two control points.
    pub(crate) fn cubic(mut self, c: (f32, f32), d: (f32, f32), to: (f32, f32)) -> Self {
        self.steps.push(Step::Cubic(
            Point::new(c.0, c.1),
            Point::new(d.0, d.1),
            Point::new(to.0, to.1),
        ));
        self
    }

    pub(crate) fn polygon(points: &[(f32, f32)]) -> Self {
        let mut path = Self::default();
        for (i, &(x, y)) in points.iter().enumerate() {
            path.steps.push(if i == 0 {
                Step::Move(Point::new(x, y))
            } else {
                Step::Line(Point::new(x, y))
            });
        }
        path
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

    /// The contours as polylines in the coordinates that `map` leads to; curves are cut finely enough that the
    /// corners do not show at one unit per pixel.
    pub(crate) fn flatten(&self, map: &Affine) -> Vec<Vec<Point>> {
        let mut contours: Vec<Vec<Point>> = Vec::new();
        let mut here = Point::default();
        for step in &self.steps {
            match *step {
                Step::Move(to) => {
                    here = map.apply(to);
                    contours.push(vec![here]);
                }
                Step::Line(to) => {
                    here = map.apply(to);
                    last(&mut contours).push(here);
                }
                Step::Quad(c, to) => {
                    let (c, to) = (map.apply(c), map.apply(to));
                    let n = pieces(here.distance(c) + c.distance(to));
                    for i in 1..=n {
                        let t = share(i, n);
                        let (a, b) = (here.towards(c, t), c.towards(to, t));
                        last(&mut contours).push(a.towards(b, t));
                    }
                    here = to;
                }
                Step::Cubic(c, d, to) => {
                    let (c, d, to) = (map.apply(c), map.apply(d), map.apply(to));
                    let n = pieces(here.distance(c) + c.distance(d) + d.distance(to));
                    for i in 1..=n {
                        let t = share(i, n);
                        let (a, b, e) = (here.towards(c, t), c.towards(d, t), d.towards(to, t));
                        let (f, g) = (a.towards(b, t), b.towards(e, t));
                        last(&mut contours).push(f.towards(g, t));
                    }
                    here = to;
                }
            }
        }
        contours
    }
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

/// The outline of a pen of the given width drawn along a polyline.
///
/// `taper` makes the stroke end in points, as a brush does; else its ends are square. A closed line gives two
/// contours of opposite direction.
pub(crate) fn stroke(line: &[Point], width: f32, closed: bool, taper: bool) -> Vec<Vec<Point>> {
    let mut points: Vec<Point> = Vec::with_capacity(line.len());
    for &point in line {
        if points.last().is_none_or(|last| last.distance(point) > 0.05) {
            points.push(point);
        }
    }
    if closed && points.len() > 2 && points[0].distance(points[points.len() - 1]) < 0.05 {
        points.pop();
    }
    if points.len() < 2 {
        return Vec::new();
    }
    let n = points.len();
    let total: f32 = points
        .windows(2)
        .map(|pair| pair[0].distance(pair[1]))
        .sum();
    let (mut left, mut right) = (Vec::with_capacity(n), Vec::with_capacity(n));
    let mut gone = 0.0;
    for i in 0..n {
        let here = points[i];
        let before = if i > 0 {
            points[i - 1]
        } else if closed {
            points[n - 1]
        } else {
            here
        };
        let after = if i + 1 < n {
            points[i + 1]
        } else if closed {
            points[0]
        } else {
            here
        };
        if i > 0 {
            gone += before.distance(here);
        }
        let (a, b) = (before.direction(here), here.direction(after));
        let (mut nx, mut ny) = (-(a.y + b.y), a.x + b.x);
        let length = nx.hypot(ny);
        if length < 1e-3 {
            (nx, ny) = (-a.y, a.x);
        } else {
            (nx, ny) = (nx / length, ny / length);
        }
        // The mitre: longer at corners, but never more than half as long again.
        let along = if length < 1e-3 {
            1.0
        } else {
            (2.0 / length).clamp(1.0, 1.5)
        };
        let along = if before == here || after == here {
            1.0
        } else {
            along
        };
        let thickness = if taper {
            (std::f32::consts::PI * gone / total)
                .sin()
                .max(0.0)
                .powf(0.6)
        } else {
            1.0
        };
        let half = width * 0.5 * along * thickness;
        left.push(Point::new(here.x + nx * half, here.y + ny * half));
        right.push(Point::new(here.x - nx * half, here.y - ny * half));
    }
    right.reverse();
    if closed {
        vec![left, right]
    } else {
        left.extend(right);
        vec![left]
    }
}
