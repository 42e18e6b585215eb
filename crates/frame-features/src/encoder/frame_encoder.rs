//! What makes features of pictures, VGG-19 or not.

use burn::tensor::Tensor;

use super::id::EncoderId;
use crate::error::Error;
use crate::picture::Picture;

/// An encoder: anything that makes a feature vector, or annotation vectors, of a picture.
///
/// [`Encoder`](crate::Encoder) is VGG-19's. With a network of your own, extraction, stores and
/// models work as well: a store remembers the [`id`](Self::id) and the [`shape`](Self::shape), and
/// refuses to be continued with others.
///
/// # Example
///
/// The mean colour of a picture's quarters:
///
/// ```
/// use burn::tensor::{Device, Tensor, TensorData};
/// use frame_features::{EncoderId, Error, FrameEncoder, Layer, Picture};
///
/// struct Quarters {
///     id: EncoderId,
///     device: Device,
/// }
///
/// impl FrameEncoder for Quarters {
///     fn id(&self) -> &EncoderId {
///         &self.id
///     }
///     fn shape(&self) -> &[usize] {
///         &[4, 3]
///     }
///     fn forward(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, Error> {
///         let small = pictures.iter().flat_map(|picture| picture.resize(2, 2));
///         let values: Vec<f32> = small.map(f32::from).collect();
///         let values = TensorData::new(values, [pictures.len(), 4, 3]);
///         Ok(Tensor::from_data(values, &self.device))
///     }
/// }
///
/// let encoder = Quarters {
///     // There are no weights that could differ.
///     id: EncoderId::new("quarters", "0".repeat(64), Layer::Output, 32),
///     device: Device::flex(),
/// };
/// let white = vec![255; 32 * 32 * 3];
/// let row = encoder.encode(&[Picture::new(32, 32, &white).expect("three bytes a pixel")])?;
/// assert_eq!(row, [255.0; 12]);
/// # Ok::<(), Error>(())
/// ```
pub trait FrameEncoder {
    /// Its identity. The checksum has to change whenever the same picture would give other
    /// features: best the SHA-256 of the weights. Encoders that are not VGG-19 name the layer
    /// [`Layer::Output`](crate::Layer::Output).
    fn id(&self) -> &EncoderId;

    /// Shape of one picture's features: `[d]`, or `[locations, d]` with the locations row by row.
    fn shape(&self) -> &[usize];

    /// The features of some pictures, on the encoder's device. Extraction gives pictures of the
    /// [input size](EncoderId::input_size), at least one.
    ///
    /// # Shapes
    ///
    /// - returned: `[pictures, locations, d]`; one location for vectors
    ///
    /// # Errors
    ///
    /// [`Error::Encoder`] around an error of yours.
    fn forward(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, Error>;

    /// As [`forward`](Self::forward), refusing features of another shape than
    /// [`shape`](Self::shape) says: for what works with any encoder.
    ///
    /// # Errors
    ///
    /// As [`forward`](Self::forward), and [`Error::EncodedShape`].
    fn forward_checked(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, Error> {
        let features = self.forward(pictures)?;
        let expected = match *self.shape() {
            [locations, d] => [pictures.len(), locations, d],
            ref shape => [pictures.len(), 1, shape.iter().product()],
        };
        if features.dims() == expected {
            return Ok(features);
        }
        Err(Error::EncodedShape {
            encoder: self.id().name.clone(),
            found: features.dims().to_vec(),
            expected: expected.to_vec(),
        })
    }

    /// The features of some pictures, copied from the device: one row after the other, row-major.
    ///
    /// # Errors
    ///
    /// As [`forward_checked`](Self::forward_checked), and [`Error::Device`] if the device fails.
    fn encode(&self, pictures: &[Picture<'_>]) -> Result<Vec<f32>, Error> {
        if pictures.is_empty() {
            return Ok(Vec::new());
        }
        let features = self.forward_checked(pictures)?;
        features.try_into_vec_as().map_err(Error::device)
    }
}
