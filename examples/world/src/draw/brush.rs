//! Outlines of pen and brush strokes.
//!
//! Not tiny-skia's strokes: theirs cannot end in points, and boxes are the bounds of these.

use tiny_skia::Point;

use super::path::distance;

/// The outline of a pen of the given width drawn along a polyline.
///
/// `taper` makes the stroke end in points, as a brush does; else its ends are square. A closed line
/// gives two contours of opposite direction.
pub(crate) fn stroke(line: &[Point], width: f32, closed: bool, taper: bool) -> Vec<Vec<Point>> {
    let mut points: Vec<Point> = Vec::with_capacity(line.len());
    for &point in line {
        if points
            .last()
            .is_none_or(|&last| distance(last, point) > 0.05)
        {
            points.push(point);
        }
    }
    if closed && points.len() > 2 && distance(points[0], points[points.len() - 1]) < 0.05 {
        points.pop();
    }
    if points.len() < 2 {
        return Vec::new();
    }
    let n = points.len();
    let total: f32 = points
        .windows(2)
        .map(|pair| distance(pair[0], pair[1]))
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
            gone += distance(before, here);
        }
        let (a, b) = (direction(before, here), direction(here, after));
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
        left.push(Point::from_xy(here.x + nx * half, here.y + ny * half));
        right.push(Point::from_xy(here.x - nx * half, here.y - ny * half));
    }
    right.reverse();
    if closed {
        vec![left, right]
    } else {
        left.extend(right);
        vec![left]
    }
}

/// The direction from `a` to `b`, of length 1; zero where they coincide.
fn direction(a: Point, b: Point) -> Point {
    let length = distance(a, b);
    if length < 1e-6 {
        Point::zero()
    } else {
        Point::from_xy((b.x - a.x) / length, (b.y - a.y) / length)
    }
}
