//! Drawing on a canvas in local coordinates.

use super::brush::stroke;
use super::canvas::Canvas;
use super::color::Color;
use super::map::Map;
use super::paint::Paint;
use super::path::Path;

/// Draws on a [`Canvas`] in local coordinates.
#[derive(Debug)]
pub(crate) struct Pen<'a> {
    canvas: &'a mut Canvas,
    map: Map,
}

impl<'a> Pen<'a> {
    /// A pen whose coordinates are pixels.
    pub(crate) fn new(canvas: &'a mut Canvas) -> Self {
        Self {
            canvas,
            map: Map::identity(),
        }
    }

    /// A pen for the same canvas with coordinates of its own: `change` gets this pen's map.
    pub(crate) fn with(&mut self, change: impl FnOnce(&Map) -> Map) -> Pen<'_> {
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
        self.canvas.fill(&contours, paint.into(), &self.map);
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
            let outline = stroke(&line, width, closed, taper);
            self.canvas.fill(&outline, color.into(), &self.map);
        }
    }
}

#[cfg(test)]
mod tests {
    use tiny_skia::{Pixmap, Rect};

    use super::*;

    fn sum_of_red(pixmap: &Pixmap) -> f64 {
        pixmap
            .pixels()
            .iter()
            .map(|pixel| f64::from(pixel.red()) / 255.0)
            .sum()
    }

    /// A white rectangle from 2.5 to 6 in both directions covers its first row and column by half.
    #[test]
    fn edges_are_covered_in_part() {
        let mut canvas = Canvas::new(10, 10);
        Pen::new(&mut canvas).fill(&Path::rect(2.5, 2.5, 3.5, 3.5), Color::WHITE);
        assert_eq!(canvas.take_drawn(), Rect::from_ltrb(2.5, 2.5, 6.0, 6.0));
        let pixmap = canvas.into_pixmap();
        let red = |x, y| pixmap.pixel(x, y).unwrap().red();
        assert_eq!(
            [red(1, 4), red(2, 4), red(3, 4), red(5, 5), red(6, 4)],
            [0, 128, 255, 255, 0]
        );
        assert_eq!(red(2, 2), 64);
        assert!(pixmap.pixels().iter().all(|pixel| pixel.is_opaque()));
    }

    /// A disc of radius 20 has an area of 400π, wherever it lies on the grid; half of it is cut off
    /// by the picture's edge.
    #[test]
    fn areas_are_right() {
        for (x, share) in [(32.0, 1.0), (31.37, 1.0), (0.0, 0.5), (64.0, 0.5)] {
            let mut canvas = Canvas::new(64, 64);
            Pen::new(&mut canvas).fill(&Path::circle(x, 31.7, 20.0), Color::WHITE);
            let area = sum_of_red(&canvas.into_pixmap());
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
        Pen::new(&mut canvas).shape(
            &Path::circle(32.0, 32.0, 20.0),
            Color::BLACK,
            4.0,
            Color::WHITE,
        );
        let area = sum_of_red(&canvas.into_pixmap());
        let expected = 160.0 * std::f64::consts::PI;
        assert!(
            (area / expected - 1.0).abs() < 0.02,
            "{area}, expected {expected}"
        );
    }

    #[test]
    fn nothing_is_drawn_below_the_bottom() {
        let mut canvas = Canvas::new(20, 20);
        canvas.set_bottom(5.0);
        Pen::new(&mut canvas).fill(&Path::rect(-9.0, -9.0, 90.0, 90.0), Color::WHITE);
        assert_eq!(canvas.take_drawn(), Rect::from_ltrb(0.0, 0.0, 20.0, 5.0));
        assert_eq!(sum_of_red(&canvas.into_pixmap()), 100.0);
    }
}
