use super::area::Area;
use super::sprite::Sprite;
use crate::rgba::Rgba;

/// A surface that comments are painted on.
pub(super) trait Canvas {
    /// Lays a sprite with its area's origin at `x`, `y`. It may reach beyond the surface.
    fn sprite(&mut self, sprite: &Sprite, x: i32, y: i32, fill: Rgba, outline: Rgba);
    /// Lays an even colour over an area. It may reach beyond the surface.
    fn rectangle(&mut self, area: Area, color: Rgba);
}
