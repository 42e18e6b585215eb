//! Affine maps from local coordinates to pixels, y downwards.

use tiny_skia::{Point, Transform};

/// Where local coordinates lie on the picture.
///
/// Maps are composed here and not by [`Transform::pre_concat`], which rounds otherwise: boxes
/// follow from these sums to the last bit, and the same seed gives the same boxes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Map(Transform);

impl Map {
    /// Local coordinates are pixels.
    pub(super) fn identity() -> Self {
        Self(Transform::identity())
    }

    /// Applies `inner` first, then `self`.
    fn after(&self, inner: Transform) -> Self {
        let outer = &self.0;
        Self(Transform::from_row(
            outer.sx * inner.sx + outer.kx * inner.ky,
            outer.ky * inner.sx + outer.sy * inner.ky,
            outer.sx * inner.kx + outer.kx * inner.sy,
            outer.ky * inner.kx + outer.sy * inner.sy,
            outer.sx * inner.tx + outer.kx * inner.ty + outer.tx,
            outer.ky * inner.tx + outer.sy * inner.ty + outer.ty,
        ))
    }

    /// Moves the local origin to (`x`, `y`).
    pub(crate) fn at(&self, x: f32, y: f32) -> Self {
        self.after(Transform::from_translate(x, y))
    }

    /// Scales local coordinates, the axes each by their own factor.
    pub(crate) fn scaled(&self, x: f32, y: f32) -> Self {
        self.after(Transform::from_scale(x, y))
    }

    /// Rotates local coordinates clockwise on the screen by `angle` radians.
    pub(crate) fn rotated(&self, angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        self.after(Transform::from_row(cos, sin, -sin, cos, 0.0, 0.0))
    }

    /// The pixel coordinates of a local point.
    pub(super) fn apply(&self, point: Point) -> Point {
        let map = &self.0;
        Point::from_xy(
            map.sx * point.x + map.kx * point.y + map.tx,
            map.ky * point.x + map.sy * point.y + map.ty,
        )
    }

    /// How many times longer lengths become, on average over directions.
    pub(super) fn scale(&self) -> f32 {
        let map = &self.0;
        (map.sx * map.sy - map.kx * map.ky).abs().sqrt()
    }

    pub(super) fn transform(&self) -> Transform {
        self.0
    }
}
