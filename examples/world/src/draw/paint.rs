//! Colours and gradients.

use super::geometry::{Affine, Point};

/// A colour with its opacity; each part is between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Color {
    pub(crate) r: f32,
    pub(crate) g: f32,
    pub(crate) b: f32,
    pub(crate) a: f32,
}

impl Color {
    pub(crate) const WHITE: Self = Self::hex(0xff_ff_ff);
    pub(crate) const BLACK: Self = Self::hex(0);

    /// A colour as in a style sheet, `0xRRGGBB`.
    #[expect(clippy::cast_precision_loss, reason = "the parts are at most 255")]
    pub(crate) const fn hex(rgb: u32) -> Self {
        Self {
            r: ((rgb >> 16) & 255) as f32 / 255.0,
            g: ((rgb >> 8) & 255) as f32 / 255.0,
            b: (rgb & 255) as f32 / 255.0,
            a: 1.0,
        }
    }

    pub(crate) const fn alpha(self, a: f32) -> Self {
        Self { a, ..self }
    }

    /// A share `t` of `other` mixed in.
    pub(crate) fn mix(self, other: Self, t: f32) -> Self {
        let part = |a: f32, b: f32| a + (b - a) * t;
        Self {
            r: part(self.r, other.r),
            g: part(self.g, other.g),
            b: part(self.b, other.b),
            a: part(self.a, other.a),
        }
    }

    pub(crate) fn lighter(self, t: f32) -> Self {
        self.mix(Self::WHITE.alpha(self.a), t)
    }

    /// Darker and a little towards violet, as painted shadows are.
    pub(crate) fn darker(self, t: f32) -> Self {
        self.mix(Self::hex(0x2a_16_38).alpha(self.a), t)
    }

    /// What this colour's outline is drawn with.
    pub(crate) fn line(self) -> Self {
        self.darker(0.68).alpha(1.0)
    }
}

/// What fills an outline. The points of gradients are in local coordinates.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Paint {
    Solid(Color),
    Linear {
        from: Point,
        to: Point,
        start: Color,
        end: Color,
    },
    Radial {
        center: Point,
        radius: f32,
        inner: Color,
        outer: Color,
    },
}

impl From<Color> for Paint {
    fn from(color: Color) -> Self {
        Self::Solid(color)
    }
}

impl Paint {
    /// From `start` at height `top` to `end` at height `bottom`.
    pub(crate) const fn vertical(top: f32, start: Color, bottom: f32, end: Color) -> Self {
        Self::Linear {
            from: Point::new(0.0, top),
            to: Point::new(0.0, bottom),
            start,
            end,
        }
    }

    pub(crate) const fn horizontal(left: f32, start: Color, right: f32, end: Color) -> Self {
        Self::Linear {
            from: Point::new(left, 0.0),
            to: Point::new(right, 0.0),
            start,
            end,
        }
    }

    pub(crate) const fn radial(x: f32, y: f32, radius: f32, inner: Color, outer: Color) -> Self {
        Self::Radial {
            center: Point::new(x, y),
            radius,
            inner,
            outer,
        }
    }

    /// The same paint in the coordinates that `map` leads to.
    pub(super) fn mapped(self, map: &Affine) -> Self {
        match self {
            Self::Solid(_) => self,
            Self::Linear {
                from,
                to,
                start,
                end,
            } => Self::Linear {
                from: map.apply(from),
                to: map.apply(to),
                start,
                end,
            },
            Self::Radial {
                center,
                radius,
                inner,
                outer,
            } => Self::Radial {
                center: map.apply(center),
                radius: radius * map.scale(),
                inner,
                outer,
            },
        }
    }

    /// The colour at a point of the coordinates the paint was mapped to.
    pub(super) fn at(&self, x: f32, y: f32) -> Color {
        match *self {
            Self::Solid(color) => color,
            Self::Linear {
                from,
                to,
                start,
                end,
            } => {
                let (dx, dy) = (to.x - from.x, to.y - from.y);
                let t = ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy).max(1e-6);
                start.mix(end, t.clamp(0.0, 1.0))
            }
            Self::Radial {
                center,
                radius,
                inner,
                outer,
            } => {
                let t = (x - center.x).hypot(y - center.y) / radius.max(1e-3);
                inner.mix(outer, t.clamp(0.0, 1.0))
            }
        }
    }
}
