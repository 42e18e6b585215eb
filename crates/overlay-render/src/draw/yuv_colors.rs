/// Which weights of red, green and blue make luma.
///
/// ```
/// # use overlay_render::Matrix;
/// assert_eq!(Matrix::default(), Matrix::Bt601);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Matrix {
    /// ITU-R BT.601, of standard definition.
    #[default]
    Bt601,
    /// ITU-R BT.709, of high definition.
    Bt709,
    /// ITU-R BT.2020 with constant weights.
    Bt2020,
}

impl Matrix {
    /// Luma and both differences of red, green and blue from 0 to 1.
    pub(super) fn differences(self, [r, g, b]: [f32; 3]) -> [f32; 3] {
        let (red, blue) = self.weights();
        let y = red * r + (1.0 - red - blue) * g + blue * b;
        let cb = (b - y) / (2.0 * (1.0 - blue));
        let cr = (r - y) / (2.0 * (1.0 - red));
        [y, cb, cr]
    }

    /// The weights of red and blue.
    fn weights(self) -> (f32, f32) {
        match self {
            Self::Bt601 => (0.299, 0.114),
            Self::Bt709 => (0.2126, 0.0722),
            Self::Bt2020 => (0.2627, 0.0593),
        }
    }
}

/// Where a chroma sample lies among the four luma samples that it belongs to, horizontally.
/// Vertically it is between them.
///
/// ```
/// # use overlay_render::ChromaSiting;
/// assert_eq!(ChromaSiting::default(), ChromaSiting::Left);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChromaSiting {
    /// Over the left two, as in MPEG-2 and most of H.264.
    #[default]
    Left,
    /// In the middle, as in JPEG.
    Center,
}

/// How a picture's colours are stored as luma and chroma. The default is what untagged video of
/// standard definition has.
///
/// ```
/// use overlay_render::{Matrix, YuvColors};
///
/// let hd = YuvColors::default().matrix(Matrix::Bt709);
/// assert!(!hd.full_range);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct YuvColors {
    /// The weights of the primaries. Default: BT.601's.
    pub matrix: Matrix,
    /// Whether luma takes 0 to 255, and not 16 to 235. Default: no.
    pub full_range: bool,
    /// Where chroma samples lie. Default: over the left luma samples.
    pub siting: ChromaSiting,
}

impl YuvColors {
    /// Sets [`matrix`](Self::matrix).
    #[must_use]
    pub fn matrix(mut self, matrix: Matrix) -> Self {
        self.matrix = matrix;
        self
    }

    /// Sets [`full_range`](Self::full_range).
    #[must_use]
    pub fn full_range(mut self, is_full: bool) -> Self {
        self.full_range = is_full;
        self
    }

    /// Sets [`siting`](Self::siting).
    #[must_use]
    pub fn siting(mut self, siting: ChromaSiting) -> Self {
        self.siting = siting;
        self
    }
}

#[cfg(test)]
mod tests {
    use nico_comments::Color;

    use super::super::encoding::Encoding;
    use super::*;
    use crate::rgba::Rgba;

    const LIMITED: YuvColors = YuvColors {
        matrix: Matrix::Bt601,
        full_range: false,
        siting: ChromaSiting::Center,
    };

    /// BT.601, limited range: white is (235, 128, 128), red (81, 90, 240), blue (41, 240, 110).
    #[test]
    fn colours_are_encoded_as_the_standard_says() {
        let encode = |r, g, b| Encoding::from(LIMITED).encode(Rgba::new(Color::rgb(r, g, b), 255));
        assert_eq!(encode(255, 255, 255), [235, 128, 128]);
        assert_eq!(encode(255, 0, 0), [81, 90, 240]);
        assert_eq!(encode(0, 0, 255), [41, 240, 110]);
        let full = YuvColors {
            full_range: true,
            ..LIMITED
        };
        let white = Rgba::new(Color::WHITE, 255);
        assert_eq!(Encoding::from(full).encode(white), [255, 128, 128]);
    }
}
