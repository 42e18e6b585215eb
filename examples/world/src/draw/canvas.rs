//! Anti-aliased filling of outlines on a picture.

use image::RgbImage;

use super::geometry::{Affine, Point, Rect};
use super::paint::{Color, Paint};
use super::path::{Path, stroke};

/// A picture being drawn, or only measured.
#[derive(Debug)]
pub(crate) struct Canvas {
    image: Option<RgbImage>,
    width: usize,
    height: usize,
    clip: Rect,
    drawn: Rect,
    coverage: Vec<f32>, // kept between fills
}

impl Canvas {
    /// A canvas on `image`.
    pub(crate) fn on(image: RgbImage) -> Self {
        let (width, height) = image.dimensions();
        Self {
            image: Some(image),
            ..Self::measuring(width, height)
        }
    }

    /// A black canvas.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        Self::on(RgbImage::new(width, height))
    }

    /// A canvas without pixels: drawing on it only moves the edges of [`Canvas::take_drawn`].
    pub(crate) fn measuring(width: u32, height: u32) -> Self {
        let whole = Rect::new(0.0, 0.0, as_f32(width as usize), as_f32(height as usize));
        Self {
            image: None,
            width: width as usize,
            height: height as usize,
            clip: whole,
            drawn: Rect::EMPTY,
            coverage: Vec::new(),
        }
    }

    pub(crate) fn into_image(self) -> RgbImage {
        self.image.unwrap_or_else(|| RgbImage::new(0, 0))
    }

    pub(crate) fn width(&self) -> f32 {
        as_f32(self.width)
    }

    pub(crate) fn height(&self) -> f32 {
        as_f32(self.height)
    }

    /// Draws only inside `clip` from now on; `None` is the whole picture.
    pub(crate) fn set_clip(&mut self, clip: Option<Rect>) {
        let whole = Rect::new(0.0, 0.0, self.width(), self.height());
        self.clip = clip.map_or(whole, |clip| clip.intersection(&whole));
    }

    /// The rectangle that was drawn in since the last call, within picture and clip.
    pub(crate) fn take_drawn(&mut self) -> Rect {
        std::mem::replace(&mut self.drawn, Rect::EMPTY)
    }

    /// A pen whose coordinates are pixels.
    pub(crate) fn pen(&mut self) -> Pen<'_> {
        Pen {
            canvas: self,
            map: Affine::IDENTITY,
        }
    }

    /// Fills polylines (closed by themselves) with a paint in pixel coordinates.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clipped to the picture before"
    )]
    fn fill_lines(&mut self, contours: &[Vec<Point>], paint: &Paint) {
        let mut bounds = Rect::EMPTY;
        for &point in contours.iter().flatten() {
            bounds.include(point);
        }
        let bounds = bounds.intersection(&self.clip);
        if bounds.is_empty() {
            return;
        }
        self.drawn = self.drawn.union(&bounds);
        let Some(image) = &mut self.image else { return };
        let (left, top) = (bounds.left.floor() as usize, bounds.top.floor() as usize);
        let (right, bottom) = (bounds.right.ceil() as usize, bounds.bottom.ceil() as usize);
        let (width, height) = (right - left, bottom - top);
        let stride = width + 2;
        self.coverage.clear();
        self.coverage.resize(stride * height, 0.0);
        for contour in contours {
            for (i, &from) in contour.iter().enumerate() {
                let to = contour[(i + 1) % contour.len()];
                let shift = |p: Point| Point::new(p.x - as_f32(left), p.y - as_f32(top));
                add_edge(&mut self.coverage, width, height, shift(from), shift(to));
            }
        }
        let row_bytes = self.width * 3;
        let pixels: &mut [u8] = image.as_mut();
        for row in 0..height {
            let y = top + row;
            let line = &mut pixels[y * row_bytes + left * 3..y * row_bytes + right * 3];
            let mut sum = 0.0;
            for (x, pixel) in line.chunks_exact_mut(3).enumerate() {
                sum += self.coverage[row * stride + x];
                let covered = sum.abs().min(1.0);
                if covered < 0.004 {
                    continue;
                }
                let color = paint.at(as_f32(left + x) + 0.5, as_f32(y) + 0.5);
                blend(pixel, color, covered * color.a);
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mix of two values between 0 and 255"
)]
fn blend(pixel: &mut [u8], color: Color, alpha: f32) {
    for (value, part) in pixel.iter_mut().zip([color.r, color.g, color.b]) {
        let old = f32::from(*value);
        *value = (old + (part * 255.0 - old) * alpha + 0.5) as u8;
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "pictures are far smaller than 2^24 pixels wide"
)]
fn as_f32(value: usize) -> f32 {
    value as f32
}

/// Adds a directed edge to the signed areas of `coverage`, whose rows are `width + 2` long: after summing along a
/// row, each pixel has the share of it that lies inside the outline (the method of font-rs).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the buffer"
)]
fn add_edge(coverage: &mut [f32], width: usize, height: usize, from: Point, to: Point) {
    let (sign, upper, lower) = if from.y < to.y {
        (1.0, from, to)
    } else {
        (-1.0, to, from)
    };
    let first = upper.y.max(0.0);
    let end = lower.y.min(as_f32(height));
    if first >= end {
        return;
    }
    let slope = (lower.x - upper.x) / (lower.y - upper.y);
    let limit = as_f32(width);
    let mut y = first;
    let mut x = upper.x + (first - upper.y) * slope;
    for row in first as usize..height {
        let next_y = as_f32(row + 1).min(end);
        let dy = next_y - y;
        if dy <= 0.0 {
            break;
        }
        let next_x = x + slope * dy;
        let (x0, x1) = (
            x.min(next_x).clamp(0.0, limit),
            x.max(next_x).clamp(0.0, limit),
        );
        let area = sign * dy;
        let cells = &mut coverage[row * (width + 2)..(row + 1) * (width + 2)];
        let (i0, i1) = (x0 as usize, x1.ceil() as usize);
        if i1 <= i0 + 1 {
            let middle = (x0 + x1) * 0.5 - as_f32(i0);
            cells[i0] += area * (1.0 - middle);
            cells[i0 + 1] += area * middle;
        } else {
            let per = 1.0 / (x1 - x0);
            let head = 1.0 - (x0 - as_f32(i0));
            let first_area = 0.5 * per * head * head;
            let tail = x1 - as_f32(i1) + 1.0;
            let last_area = 0.5 * per * tail * tail;
            cells[i0] += area * first_area;
            if i1 == i0 + 2 {
                cells[i0 + 1] += area * (1.0 - first_area - last_area);
            } else {
                let second = per * (head + 0.5);
                cells[i0 + 1] += area * (second - first_area);
                for cell in &mut cells[i0 + 2..i1 - 1] {
                    *cell += area * per;
                }
                let before_last = second + as_f32(i1 - i0 - 3) * per;
                cells[i1 - 1] += area * (1.0 - before_last - last_area);
            }
            cells[i1] += area * last_area;
        }
        x = next_x;
        y = next_y;
    }
}

/// Draws on a [`Canvas`] in local coordinates.
#[derive(Debug)]
pub(crate) struct Pen<'a> {
    canvas: &'a mut Canvas,
    map: Affine,
}

impl Pen<'_> {
    /// A pen for the same canvas with coordinates of its own: `change` gets this pen's map.
    pub(crate) fn with(&mut self, change: impl FnOnce(&Affine) -> Affine) -> Pen<'_> {
        Pen {
            map: change(&self.map),
            canvas: self.canvas,
        }
    }

    /// A pen whose origin is at (`x`, `y`).
    pub(crate) fn at(&mut self, x: f32, y: f32) -> Pen<'_> {
        self.with(|map| map.at(x, y))
    }

    /// A pen that mirrors left and right if `mirrored`.
    pub(crate) fn facing(&mut self, mirrored: bool) -> Pen<'_> {
        self.with(|map| map.scaled(if mirrored { -1.0 } else { 1.0 }, 1.0))
    }

    pub(crate) fn fill(&mut self, path: &Path, paint: impl Into<Paint>) {
        let contours = path.flatten(&self.map);
        self.canvas
            .fill_lines(&contours, &paint.into().mapped(&self.map));
    }

    /// Draws along the path; `width` is in local units. Each contour is open.
    pub(crate) fn stroke(&mut self, path: &Path, width: f32, color: Color) {
        self.stroked(path, width, color, false, false);
    }

    /// Draws along the path with a brush that ends in points.
    pub(crate) fn brush(&mut self, path: &Path, width: f32, color: Color) {
        self.stroked(path, width, color, false, true);
    }

    /// Fills the path and draws its outline.
    pub(crate) fn shape(&mut self, path: &Path, paint: impl Into<Paint>, width: f32, line: Color) {
        self.fill(path, paint);
        self.stroked(path, width, line, true, false);
    }

    fn stroked(&mut self, path: &Path, width: f32, color: Color, closed: bool, taper: bool) {
        let width = (width * self.map.scale()).max(0.6);
        for line in path.flatten(&self.map) {
            self.canvas
                .fill_lines(&stroke(&line, width, closed, taper), &color.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum_of_red(image: &RgbImage) -> f64 {
        image
            .pixels()
            .map(|pixel| f64::from(pixel[0]) / 255.0)
            .sum()
    }

    /// A white rectangle from 2.5 to 6 in both directions covers its first row and column by half.
    #[test]
    fn edges_are_covered_in_part() {
        let mut canvas = Canvas::new(10, 10);
        canvas
            .pen()
            .fill(&Path::rect(2.5, 2.5, 3.5, 3.5), Color::WHITE);
        assert_eq!(canvas.take_drawn(), Rect::new(2.5, 2.5, 6.0, 6.0));
        let image = canvas.into_image();
        let red = |x, y| image.get_pixel(x, y)[0];
        assert_eq!(
            [red(1, 4), red(2, 4), red(3, 4), red(5, 5), red(6, 4)],
            [0, 128, 255, 255, 0]
        );
        assert_eq!(red(2, 2), 64);
    }

    /// A disc of radius 20 has an area of 400π, wherever it lies on the grid; half of it is cut off by the picture's edge.
    #[test]
    fn areas_are_right() {
        for (x, share) in [(32.0, 1.0), (31.37, 1.0), (0.0, 0.5), (64.0, 0.5)] {
            let mut canvas = Canvas::new(64, 64);
            canvas
                .pen()
                .fill(&Path::circle(x, 31.7, 20.0), Color::WHITE);
            let area = sum_of_red(&canvas.into_image());
            let expected = 400.0 * std::f64::consts::PI * share;
            assert!(
                (area / expected - 1.0).abs() < 0.01,
                "{area} at {x}, expected {expected}"
            );
        }
    }

    /// A stroke of width 4 along a circle of radius 20 covers 2π · 20 · 4.
    #[test]
    fn strokes_have_their_width() {
        let mut canvas = Canvas::new(64, 64);
        canvas.pen().shape(
            &Path::circle(32.0, 32.0, 20.0),
            Color::BLACK,
            4.0,
            Color::WHITE,
        );
        let area = sum_of_red(&canvas.into_image());
        let expected = 160.0 * std::f64::consts::PI;
        assert!(
            (area / expected - 1.0).abs() < 0.02,
            "{area}, expected {expected}"
        );
    }

    #[test]
    fn nothing_is_drawn_outside_the_clip() {
        let mut canvas = Canvas::new(20, 20);
        canvas.set_clip(Some(Rect::new(0.0, 0.0, 20.0, 5.0)));
        canvas
            .pen()
            .fill(&Path::rect(-9.0, -9.0, 90.0, 90.0), Color::WHITE);
        assert_eq!(sum_of_red(&canvas.into_image()), 100.0);
    }
}
