//! Points, rectangles and affine maps of the plane, y downwards.

/// A point, or a vector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl Point {
    pub(crate) const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// The point a share `t` of the way to `other`.
    pub(crate) fn towards(self, other: Self, t: f32) -> Self {
        Self::new(
            self.x + (other.x - self.x) * t,
            self.y + (other.y - self.y) * t,
        )
    }

    pub(crate) fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The direction to `other`, of length 1; zero where they coincide.
    pub(crate) fn direction(self, other: Self) -> Self {
        let length = self.distance(other);
        if length < 1e-6 {
            Self::default()
        } else {
            Self::new((other.x - self.x) / length, (other.y - self.y) / length)
        }
    }
}

/// A rectangle by its edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Rect {
    /// Contains nothing, and is the neutral element of [`Rect::union`].
    pub(crate) const EMPTY: Self = Self {
        left: f32::MAX,
        top: f32::MAX,
        right: f32::MIN,
        bottom: f32::MIN,
    };

    pub(crate) const fn new(left: f32, top: f32, right: f32, bottom: f32) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    pub(crate) fn include(&mut self, point: Point) {
        self.left = self.left.min(point.x);
        self.top = self.top.min(point.y);
        self.right = self.right.max(point.x);
        self.bottom = self.bottom.max(point.y);
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::new(
            self.left.min(other.left),
            self.top.min(other.top),
            self.right.max(other.right),
            self.bottom.max(other.bottom),
        )
    }

    pub(crate) fn intersection(&self, other: &Self) -> Self {
        Self::new(
            self.left.max(other.left),
            self.top.max(other.top),
            self.right.min(other.right),
            self.bottom.min(other.bottom),
        )
    }
}

/// An affine map `(x, y) -> (xx·x + xy·y + dx, yx·x + yy·y + dy)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine {
    xx: f32,
    xy: f32,
    dx: f32,
    yx: f32,
    yy: f32,
    dy: f32,
}

impl Affine {
    pub(crate) const IDENTITY: Self = Self {
        xx: 1.0,
        xy: 0.0,
        dx: 0.0,
        yx: 0.0,
        yy: 1.0,
        dy: 0.0,
    };

    /// Applies `inner` first, then `self`.
    fn after(&self, inner: &Self) -> Self {
        Self {
            xx: self.xx * inner.xx + self.xy * inner.yx,
            xy: self.xx * inner.xy + self.xy * inner.yy,
            dx: self.xx * inner.dx + self.xy * inner.dy + self.dx,
            yx: self.yx * inner.xx + self.yy * inner.yx,
            yy: self.yx * inner.xy + self.yy * inner.yy,
            dy: self.yx * inner.dx + self.yy * inner.dy + self.dy,
        }
    }

    /// Moves the local origin to (`x`, `y`).
    pub(crate) fn at(&self, x: f32, y: f32) -> Self {
        self.after(&Self {
            dx: x,
            dy: y,
            ..Self::IDENTITY
        })
    }

    /// Scales local coordinates, the axes each by their own factor.
    pub(crate) fn scaled(&self, x: f32, y: f32) -> Self {
        self.after(&Self {
            xx: x,
            yy: y,
            ..Self::IDENTITY
        })
    }

    /// Turns local coordinates clockwise on the screen by `angle` radians.
    pub(crate) fn turned(&self, angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        self.after(&Self {
            xx: cos,
            xy: -sin,
            yx: sin,
            yy: cos,
            ..Self::IDENTITY
        })
    }

    pub(crate) fn apply(&self, point: Point) -> Point {
        Point::new(
            self.xx * point.x + self.xy * point.y + self.dx,
            self.yx * point.x + self.yy * point.y + self.dy,
        )
    }

    /// How many times longer lengths become, on average over directions.
    pub(crate) fn scale(&self) -> f32 {
        (self.xx * self.yy - self.xy * self.yx).abs().sqrt()
    }
}
