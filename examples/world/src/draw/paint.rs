//! Solid colours and gradients.

use tiny_skia::{
    GradientStop, LinearGradient, Point, RadialGradient, Shader, SpreadMode, Transform,
};

use super::color::Color;
use super::map::Map;

/// What fills an outline. The points of gradients are in local coordinates.
#[derive(Clone, Debug)]
pub(crate) struct Paint(Shader<'static>);

impl From<Color> for Paint {
    fn from(color: Color) -> Self {
        Self(Shader::SolidColor(color.into()))
    }
}

impl Paint {
    /// From `start` at height `top` to `end` at height `bottom`.
    pub(crate) fn vertical(top: f32, start: Color, bottom: f32, end: Color) -> Self {
        Self::linear(
            Point::from_xy(0.0, top),
            start,
            Point::from_xy(0.0, bottom),
            end,
        )
    }

    /// From `start` at `left` to `end` at `right`.
    pub(crate) fn horizontal(left: f32, start: Color, right: f32, end: Color) -> Self {
        Self::linear(
            Point::from_xy(left, 0.0),
            start,
            Point::from_xy(right, 0.0),
            end,
        )
    }

    /// From `inner` at a point to `outer` at a distance of `radius`.
    pub(crate) fn radial(x: f32, y: f32, radius: f32, inner: Color, outer: Color) -> Self {
        let center = Point::from_xy(x, y);
        let (mode, map) = (SpreadMode::Pad, Transform::identity());
        RadialGradient::new(center, 0.0, center, radius, stops(inner, outer), mode, map)
            .map_or_else(|| outer.into(), Self)
    }

    fn linear(from: Point, start: Color, to: Point, end: Color) -> Self {
        let (mode, map) = (SpreadMode::Pad, Transform::identity());
        LinearGradient::new(from, to, stops(start, end), mode, map).map_or_else(|| end.into(), Self)
    }

    /// The paint in pixel coordinates.
    pub(super) fn mapped(mut self, map: &Map) -> tiny_skia::Paint<'static> {
        self.0.transform(map.transform());
        tiny_skia::Paint {
            shader: self.0,
            ..tiny_skia::Paint::default()
        }
    }
}

fn stops(first: Color, last: Color) -> Vec<GradientStop> {
    vec![
        GradientStop::new(0.0, first.into()),
        GradientStop::new(1.0, last.into()),
    ]
}
