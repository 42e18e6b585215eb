//! Colours.

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

impl From<Color> for tiny_skia::Color {
    fn from(Color { r, g, b, a }: Color) -> Self {
        let [r, g, b, a] = [r, g, b, a].map(|part| part.clamp(0.0, 1.0));
        Self::from_rgba(r, g, b, a).expect("the parts are between 0 and 1")
    }
}
