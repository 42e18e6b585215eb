//! Pictures in memory, scaled as torchvision's `Resize` does.

/// An RGB picture in memory: rows from the top, pixels from the left, red, green and blue in a byte
/// each, without gaps.
///
/// # Example
///
/// ```
/// use frame_features::Picture;
///
/// let grey = vec![128; 4 * 2 * 3];
/// let picture = Picture::new(4, 2, &grey).unwrap();
/// assert_eq!((picture.width(), picture.height()), (4, 2));
/// assert!(Picture::new(4, 3, &grey).is_none()); // a row is missing
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture<'a> {
    width: usize,
    height: usize,
    rgb: &'a [u8],
}

impl<'a> Picture<'a> {
    /// A picture of `width` x `height` pixels; nothing if a side is 0 or `rgb` is not three bytes
    /// for each pixel.
    #[must_use]
    pub fn new(width: usize, height: usize, rgb: &'a [u8]) -> Option<Self> {
        let bytes = width.checked_mul(height)?.checked_mul(3)?;
        (bytes > 0 && bytes == rgb.len()).then_some(Self { width, height, rgb })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The bytes.
    #[must_use]
    pub fn rgb(&self) -> &'a [u8] {
        self.rgb
    }

    /// The picture stretched to `width` x `height`: bilinear with antialiasing, which is what
    /// torchvision's `Resize` does with tensors.
    ///
    /// Each axis by itself, first across, then down. Output pixel `i` lies at `c = s (i + 1/2)` of
    /// the input, `s` being the input's length over the output's. Its value is the mean of the
    /// pixels around `c` weighted by a triangle that falls to 0 at a distance of `max(s, 1)`
    /// pixels; the weights are made to add up to 1, also at the edges. All in f32; only the end
    /// result is rounded, to the nearest integer.
    ///
    /// # Panics
    ///
    /// Panics if a side is 0.
    ///
    /// # Example
    ///
    /// ```
    /// use frame_features::Picture;
    ///
    /// let two = [0, 0, 0, 200, 100, 50];
    /// let one = Picture::new(2, 1, &two).unwrap().resize(1, 1);
    /// assert_eq!(one, [100, 50, 25]);
    /// ```
    #[must_use]
    pub fn resize(&self, width: usize, height: usize) -> Vec<u8> {
        assert!(width > 0 && height > 0, "cannot resize to {width}x{height}");
        if (width, height) == (self.width, self.height) {
            return self.rgb.to_vec();
        }
        let columns = taps(self.width, width);
        let mut narrow = Vec::with_capacity(width * self.height * 3);
        for row in self.rgb.chunks_exact(self.width * 3) {
            for taps in &columns {
                let pixels = row[taps.first * 3..].as_chunks::<3>().0;
                let mut sum = [0.0; 3];
                for (pixel, weight) in pixels.iter().zip(&taps.weights) {
                    for (sum, &value) in sum.iter_mut().zip(pixel) {
                        *sum += weight * f32::from(value);
                    }
                }
                narrow.extend(sum);
            }
        }
        let stride = width * 3;
        let mut resized = Vec::with_capacity(stride * height);
        let mut sums = vec![0.0; stride];
        for taps in taps(self.height, height) {
            sums.fill(0.0);
            let rows = narrow[taps.first * stride..].chunks_exact(stride);
            for (row, weight) in rows.zip(&taps.weights) {
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += weight * value;
                }
            }
            resized.extend(sums.iter().map(|&sum| to_byte(sum)));
        }
        resized
    }
}

/// The input pixels that make one output pixel: a weight for each, from the first on.
#[derive(Debug)]
pub(crate) struct Taps {
    pub(crate) first: usize,
    pub(crate) weights: Vec<f32>,
}

/// Those of each of `output` pixels, of `input` pixels: a triangle as wide as the scale, but no
/// narrower than two pixels.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the sides of pictures fit into f64, and the weights are between 0 and 1"
)]
pub(crate) fn taps(input: usize, output: usize) -> Vec<Taps> {
    let scale = input as f64 / output as f64;
    let reach = scale.max(1.0);
    (0..output)
        .map(|index| {
            let centre = scale * (index as f64 + 0.5);
            let first = (centre - reach + 0.5).max(0.0) as usize;
            let last = ((centre + reach + 0.5) as usize).clamp(first + 1, input);
            let first = first.min(last - 1);
            let weights: Vec<f64> = (first..last)
                .map(|pixel| (1.0 - ((pixel as f64 + 0.5 - centre) / reach).abs()).max(0.0))
                .collect();
            let total: f64 = weights.iter().sum();
            Taps {
                first,
                weights: weights
                    .iter()
                    .map(|weight| (weight / total) as f32)
                    .collect(),
            }
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast to u8 is held within 0 to 255"
)]
fn to_byte(value: f32) -> u8 {
    value.round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of the definition, by hand: six pixels to three. The middle output lies at
    /// c = 3, reach 2, pixels at 1.5, 2.5, 3.5, 4.5 with weights 1/8, 3/8, 3/8, 1/8; the first at
    /// c = 1 sees pixels at 0.5, 1.5 and 2.5 with 3/4, 3/4 and 1/4 before they are normalised.
    #[test]
    fn six_pixels_become_three() {
        let taps = taps(6, 3);
        assert_eq!(taps[1].first, 1);
        assert_eq!(taps[1].weights, [0.125, 0.375, 0.375, 0.125]);
        assert_eq!(taps[0].first, 0);
        let expected = [3.0 / 7.0, 3.0 / 7.0, 1.0 / 7.0];
        for (found, expected) in taps[0].weights.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6);
        }
    }

    /// Enlarging is plain bilinear interpolation: 0 and 100 become 0, 25, 75, 100.
    #[test]
    fn two_pixels_become_four() {
        let two = [0, 0, 0, 100, 100, 100];
        let four = Picture::new(2, 1, &two).unwrap().resize(4, 1);
        let red: Vec<_> = four.iter().step_by(3).collect();
        assert_eq!(red, [&0, &25, &75, &100]);
    }

    #[test]
    fn a_flat_picture_stays_flat_at_every_size() {
        let flat = vec![77; 13 * 7 * 3];
        let picture = Picture::new(13, 7, &flat).unwrap();
        for (width, height) in [(1, 1), (2, 9), (13, 6), (40, 40)] {
            let resized = picture.resize(width, height);
            assert_eq!(resized, vec![77; width * height * 3], "{width}x{height}");
        }
    }
}
