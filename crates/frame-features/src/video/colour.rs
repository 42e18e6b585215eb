//! From luma and colour differences to red, green and blue.

use ffmpeg_next::util::color::{Range, Space};

/// How a frame's numbers mean colours: which of ITU-R's matrices, and whether black and white are
/// 16 and 235 or 0 and 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix {
    /// What 1 above black adds to each of red, green and blue.
    luma: f32,
    black: f32,
    /// The colour difference of grey.
    middle: f32,
    cr_to_red: f32,
    cb_to_green: f32,
    cr_to_green: f32,
    cb_to_blue: f32,
}

impl Matrix {
    /// A frame that does not name its matrix has BT.601's, as in FFmpeg.
    pub(super) fn new(space: Space, range: Range) -> Self {
        let (red, blue) = match space {
            Space::BT709 => (0.2126, 0.0722),
            Space::BT2020NCL | Space::BT2020CL => (0.2627, 0.0593),
            Space::SMPTE240M => (0.212, 0.087),
            Space::FCC => (0.30, 0.11),
            _ => (0.299, 0.114),
        };
        let (luma, black, chroma) = match range {
            Range::JPEG => (1.0, 0.0, 1.0),
            _ => (255.0 / 219.0, 16.0, 255.0 / 224.0),
        };
        let green = 1.0 - red - blue;
        Self {
            luma,
            black,
            middle: 128.0,
            cr_to_red: 2.0 * (1.0 - red) * chroma,
            cb_to_green: -2.0 * blue * (1.0 - blue) / green * chroma,
            cr_to_green: -2.0 * red * (1.0 - red) / green * chroma,
            cb_to_blue: 2.0 * (1.0 - blue) * chroma,
        }
    }

    /// The same for luma of so many bits and for colour differences in sixteenths.
    pub(super) fn with_bits(&self, bits: u32) -> Self {
        let unit = f32::from(1_u16 << (bits - 8));
        let chroma = 1.0 / (16.0 * unit);
        Self {
            luma: self.luma / unit,
            black: self.black * unit,
            middle: self.middle * 16.0 * unit,
            cr_to_red: self.cr_to_red * chroma,
            cb_to_green: self.cb_to_green * chroma,
            cr_to_green: self.cr_to_green * chroma,
            cb_to_blue: self.cb_to_blue * chroma,
        }
    }

    /// The pixels of a row, rounded to bytes: red lowest, then green, then blue.
    #[inline(always)]
    pub(super) fn row(self, luma: &[u16], cb: &[u16], cr: &[u16], pixels: &mut [u32]) {
        let planes = luma.iter().zip(cb).zip(cr);
        for (pixel, ((&y, &cb), &cr)) in pixels.iter_mut().zip(planes) {
            let y = (f32::from(y) - self.black) * self.luma;
            let cb = f32::from(cb) - self.middle;
            let cr = f32::from(cr) - self.middle;
            let red = to_byte(y + self.cr_to_red * cr);
            let green = to_byte(y + self.cb_to_green * cb + self.cr_to_green * cr);
            let blue = to_byte(y + self.cb_to_blue * cb);
            *pixel = red | green << 8 | blue << 16;
        }
    }
}

/// Holds a value within 0 to 255 and rounds it, half to even. Beside 2^23, where a float's last
/// bit is worth 1, its lowest bits are the integer: this is what compilers make vectors of.
#[inline(always)]
fn to_byte(value: f32) -> u32 {
    const TWO_TO_23: f32 = 8_388_608.0;
    let value = if value > 0.0 { value } else { 0.0 };
    let value = if value < 255.0 { value } else { 255.0 };
    (value + TWO_TO_23).to_bits() & 0xff
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(space: Space, range: Range, pixel: [u8; 3]) -> Vec<u8> {
        let [y, cb, cr] = pixel;
        let sixteenths = |value: u8| [u16::from(value) * 16];
        let matrix = Matrix::new(space, range).with_bits(8);
        let mut pixels = [0];
        matrix.row(&[y.into()], &sixteenths(cb), &sixteenths(cr), &mut pixels);
        pixels[0].to_le_bytes()[..3].to_vec()
    }

    /// Pure red is (81, 90, 240) in BT.601 and (63, 102, 240) in BT.709, both limited range.
    #[test]
    fn red_is_red_in_both_matrices() {
        for (space, pixel) in [
            (Space::SMPTE170M, [81, 90, 240]),
            (Space::BT709, [63, 102, 240]),
        ] {
            let rgb = rgb(space, Range::MPEG, pixel);
            assert!(rgb[0] >= 253 && rgb[1] <= 2 && rgb[2] <= 2, "{rgb:?}");
        }
    }

    #[test]
    fn black_and_white_depend_on_the_range() {
        assert_eq!(rgb(Space::BT709, Range::MPEG, [16, 128, 128]), [0, 0, 0]);
        assert_eq!(rgb(Space::BT709, Range::MPEG, [235, 128, 128]), [255; 3]);
        assert_eq!(rgb(Space::BT709, Range::JPEG, [16, 128, 128]), [16; 3]);
    }
}
