//! Preprocessing: pictures as the published network was trained on them.

use std::borrow::Cow;

use burn::tensor::{Device, Tensor, TensorData};

use crate::picture::Picture;

/// Means of red, green and blue over ImageNet, of values from 0 to 1.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// Standard deviations of the same.
const STANDARD_DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

/// Preprocessing of pictures into VGG-19's input: scaled to a square without keeping the
/// proportions ([`Picture::resize`]), from 0 to 1, then normalised with ImageNet's mean and
/// standard deviation.
///
/// # Example
///
/// ```
/// use burn::tensor::Device;
/// use frame_features::{Picture, Preprocess};
///
/// let grey = vec![128; 6 * 4 * 3];
/// let picture = Picture::new(6, 4, &grey).unwrap();
/// let input = Preprocess::new(32).batch(&[picture, picture], &Device::flex());
/// assert_eq!(input.dims(), [2, 3, 32, 32]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocess {
    size: usize,
    /// What a byte of each channel becomes.
    table: Box<[[f32; 256]; 3]>,
}

/// A picture of the wanted size, and what its bytes become.
pub(crate) struct Normalised<'a> {
    pub(crate) rgb: Cow<'a, [u8]>,
    pub(crate) table: &'a [[f32; 256]; 3],
}

impl Preprocess {
    /// For squares of `size` pixels a side: 224 as the network was trained, 448 for a finer grid.
    ///
    /// # Panics
    ///
    /// Panics if `size` is 0.
    #[must_use]
    pub fn new(size: usize) -> Self {
        assert!(size > 0, "pictures of size 0");
        let mut table = Box::new([[0.0; 256]; 3]);
        for (channel, values) in table.iter_mut().enumerate() {
            for (byte, value) in (0..=u8::MAX).zip(values) {
                *value = (f32::from(byte) / 255.0 - MEAN[channel]) / STANDARD_DEVIATION[channel];
            }
        }
        Self { size, table }
    }

    /// The side of the squares.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// A batch of pictures, of any sizes.
    ///
    /// # Shapes
    ///
    /// - returned: `[pictures, 3, size, size]`, channels red, green, blue
    #[must_use]
    pub fn batch(&self, pictures: &[Picture<'_>], device: &Device) -> Tensor<4> {
        let mut values = Vec::with_capacity(pictures.len() * 3 * self.size * self.size);
        for picture in pictures {
            let Normalised { rgb, table } = self.normalised(picture);
            let (pixels, _) = rgb.as_chunks::<3>();
            for (channel, table) in table.iter().enumerate() {
                values.extend(
                    pixels
                        .iter()
                        .map(|pixel| table[usize::from(pixel[channel])]),
                );
            }
        }
        let shape = [pictures.len(), 3, self.size, self.size];
        Tensor::from_data(TensorData::new(values, shape), device)
    }

    /// The picture scaled, if it is not of the size already.
    pub(crate) fn normalised<'a>(&'a self, picture: &Picture<'a>) -> Normalised<'a> {
        let same = (picture.width(), picture.height()) == (self.size, self.size);
        let rgb = if same {
            Cow::Borrowed(picture.rgb())
        } else {
            Cow::Owned(picture.resize(self.size, self.size))
        };
        Normalised {
            rgb,
            table: &self.table,
        }
    }
}
