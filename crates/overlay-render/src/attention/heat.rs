use image::{Rgb, RgbImage};

use super::map::{AttentionMap, Contrast};
use crate::draw::encoding::Encoding;
use crate::draw::planes::Planes;
use crate::draw::sample::Sample;
use crate::draw::{Yuv420p, YuvColors};
use crate::error::Error;

/// How bright the picture stays where the model does not look, of 256.
const DARK: u32 = 96;
/// How much white lies over the place that the model looks at most, of 256.
const WHITE: u32 = 96;

/// A map made ready to be laid over frames of one size: dark where the model does not look,
/// whitened where it does.
///
/// ```
/// use overlay_render::{AttentionMap, Contrast, HeatMap, PAPER_SMOOTHING, Yuv420p, YuvColors};
///
/// let map = AttentionMap::new(2, 1, vec![0.9, 0.1])?;
/// let heat = HeatMap::new(&map, (64, 36), PAPER_SMOOTHING, Contrast::Stretched)?;
/// let (mut y, mut u, mut v) = (vec![100; 64 * 36], vec![120; 32 * 18], vec![130; 32 * 18]);
/// let mut frame = Yuv420p { planes: [&mut y, &mut u, &mut v], strides: [64, 32, 32] };
/// heat.paint_yuv420p(&mut frame, YuvColors::default());
/// assert!(y[0] > y[63]);
/// # Ok::<(), overlay_render::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct HeatMap {
    width: usize,
    height: usize,
    /// Brightness of each pixel, 0 to 255, row by row.
    light: Vec<u8>,
}

impl HeatMap {
    /// Enlarges a map to frames of (width, height) pixels; `smoothing` and `contrast` as for
    /// [`AttentionMap::enlarged`].
    ///
    /// # Errors
    ///
    /// [`Error::PictureSize`] if a side is 0 or longer than [`MAX_SIDE`](crate::MAX_SIDE).
    pub fn new(
        map: &AttentionMap,
        (width, height): (u32, u32),
        smoothing: f32,
        contrast: Contrast,
    ) -> Result<Self, Error> {
        let light = map.enlarged(width, height, smoothing, contrast)?;
        Ok(Self {
            width: width as usize,
            height: height as usize,
            light: light.into_iter().map(to_byte).collect(),
        })
    }

    /// Lays the map over a frame.
    ///
    /// # Panics
    ///
    /// Panics if a plane is smaller than the map.
    pub fn paint_yuv420p(&self, picture: &mut Yuv420p<'_>, colors: YuvColors) {
        self.paint(picture, colors.into());
    }

    /// Lays the map over a frame of red, green and blue.
    ///
    /// # Panics
    ///
    /// Panics if the frame is of another size.
    pub fn paint_rgb(&self, picture: &mut RgbImage) {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        assert_eq!(
            (width, height),
            (self.width, self.height),
            "a frame of the map's size"
        );
        for (Rgb(pixel), &light) in picture.pixels_mut().zip(&self.light) {
            *pixel = pixel.map(|channel| to_u8(lit(channel.into(), light, (0, 255))));
        }
    }

    /// As [`paint_yuv420p`](Self::paint_yuv420p), for any frame with such planes.
    pub(crate) fn paint<P: Planes>(&self, planes: &mut P, encoding: Encoding) {
        let (range, grey) = (encoding.luma_range(), encoding.grey());
        let (across, down) = planes.subsampling().halves();
        let step = |is_halved: bool| if is_halved { 2 } else { 1 };
        let (across, down) = (step(across), step(down));
        let [luma, cb, cr] = planes.planes();
        let rows = luma.data.chunks_mut(luma.stride);
        for (row, light) in rows.zip(self.light.chunks_exact(self.width)) {
            for (sample, &light) in row[..self.width].iter_mut().zip(light) {
                *sample = to_sample(lit((*sample).into(), light, range));
            }
        }
        let (width, height) = (self.width.div_ceil(across), self.height.div_ceil(down));
        for chroma in [cb, cr] {
            let rows = chroma.data.chunks_mut(chroma.stride).take(height);
            for (y, row) in rows.enumerate() {
                // The light changes slowly from pixel to pixel: that of the left upper one stands
                // for all of a sample's.
                let light = &self.light[down * y * self.width..][..self.width];
                for (sample, &light) in row[..width].iter_mut().zip(light.iter().step_by(across)) {
                    *sample = to_sample(faded((*sample).into(), light, grey));
                }
            }
        }
    }
}

/// Luma, or a colour channel, darkened and whitened; black and white lie at the ends of `range`.
fn lit(sample: u32, light: u8, (black, white): (u32, u32)) -> u32 {
    let light = u32::from(light);
    let over_black = sample.saturating_sub(black).min(white - black);
    let kept = DARK + (256 - DARK) * light / 255;
    let dimmed = over_black * kept / 256;
    let lifted = dimmed + (white - black - dimmed) * (WHITE * light / 255) / 256;
    black + lifted
}

/// Chroma with as much of its colour as is left of the brightness; `grey` has none.
fn faded(sample: u32, light: u8, grey: u32) -> u32 {
    let light = i32::from(light);
    let (dark, white) = (DARK.cast_signed(), WHITE.cast_signed());
    let kept = (dark + (256 - dark) * light / 255) * (256 - white * light / 255) / 256;
    let colour = (sample.cast_signed() - grey.cast_signed()) * kept / 256;
    u32::try_from(grey.cast_signed() + colour).unwrap_or(grey)
}

fn to_u8(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

fn to_sample<S: Sample>(value: u32) -> S {
    S::new(u16::try_from(value).unwrap_or(u16::MAX))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "brightness is within 0 to 1"
)]
fn to_byte(brightness: f32) -> u8 {
    (brightness * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Black stays black in the dark and becomes 96/256 white in the light; luma 116 of 16 to 235
    /// is 100 over black: 100 x 96/256 = 37 in the dark, 100 + 119 x 96/256 = 144 in the light.
    #[test]
    fn samples_by_hand() {
        assert_eq!(lit(16, 0, (16, 235)), 16);
        assert_eq!(lit(116, 0, (16, 235)), 16 + 37);
        assert_eq!(lit(116, 255, (16, 235)), 16 + 144);
        assert_eq!(lit(255, 255, (0, 255)), 255);
        assert_eq!(lit(3, 255, (16, 235)), 16 + 82); // below black is black
    }

    /// Colours lose what brightness loses: 40 over grey becomes 40 x 96/256 = 15 in the dark and 40
    /// x 160/256 = 25 under white.
    #[test]
    fn chroma_by_hand() {
        assert_eq!((faded(168, 0, 128), faded(168, 255, 128)), (143, 153));
        assert_eq!((faded(88, 0, 128), faded(128, 77, 128)), (113, 128));
    }

    #[test]
    fn odd_sizes_and_wide_strides_are_painted_within_the_picture() {
        let map = AttentionMap::square(vec![0.1, 0.2, 0.3, 0.4]).unwrap();
        let heat = HeatMap::new(&map, (5, 3), 0.0, Contrast::FromZero).unwrap();
        let (mut y, mut u, mut v) = (vec![200; 8 * 3], vec![90; 4 * 2], vec![90; 4 * 2]);
        let mut picture = Yuv420p {
            planes: [&mut y, &mut u, &mut v],
            strides: [8, 4, 4],
        };
        heat.paint_yuv420p(&mut picture, YuvColors::default());
        assert!(y.chunks(8).all(|row| row[5..] == [200; 3] && row[0] < 200));
        assert!(u.chunks(4).all(|row| row[3] == 90 && row[0] > 90));
    }
}
