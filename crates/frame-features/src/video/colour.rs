//! From luma and colour differences to red, green and blue.

use video_rs::ffmpeg::util::color::{Range, Space};

/// How a frame's numbers mean colours: which of ITU-R's matrices, and whether black and white are
/// 16 and 235 or 0 and 255.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix {
    /// What 1 above black adds to each of red, green and blue.
    luma: f32,
    black: f32,
    red_of_cr: f32,
    green_of_cb: f32,
    green_of_cr: f32,
    blue_of_cb: f32,
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
            red_of_cr: 2.0 * (1.0 - red) * chroma,
            green_of_cb: -2.0 * blue * (1.0 - blue) / green * chroma,
            green_of_cr: -2.0 * red * (1.0 - red) / green * chroma,
            blue_of_cb: 2.0 * (1.0 - blue) * chroma,
        }
    }

    /// Appends the pixels of a row, of which each plane has a byte.
    pub(super) fn append_row(&self, luma: &[u8], cb: &[u8], cr: &[u8], rgb: &mut Vec<u8>) {
        rgb.extend(luma.iter().zip(cb).zip(cr).flat_map(|((&y, &cb), &cr)| {
            let y = (f32::from(y) - self.black) * self.luma;
            let cb = f32::from(cb) - 128.0;
            let cr = f32::from(cr) - 128.0;
            [
                to_byte(y + self.red_of_cr * cr),
                to_byte(y + self.green_of_cb * cb + self.green_of_cr * cr),
                to_byte(y + self.blue_of_cb * cb),
            ]
        }));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast to u8 is held within 0 to 255"
)]
fn to_byte(value: f32) -> u8 {
    (value + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(space: Space, range: Range, pixel: [u8; 3]) -> Vec<u8> {
        let [y, cb, cr] = pixel;
        let mut rgb = Vec::new();
        Matrix::new(space, range).append_row(&[y], &[cb], &[cr], &mut rgb);
        rgb
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
