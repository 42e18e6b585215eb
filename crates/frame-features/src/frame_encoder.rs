//! What makes features of pictures, VGG-19 or not.

use crate::{Error, Layer, Picture};

/// Anything that makes a row of numbers of a picture: [`Encoder`](crate::Encoder), or a network of
/// your own, so that extraction and stores work with it.
///
/// A store remembers [`name`](Self::name), [`checksum`](Self::checksum), [`layer`](Self::layer),
/// [`input_size`](Self::input_size) and [`shape`](Self::shape), and refuses to be continued with
/// others.
///
/// # Example
///
/// The mean colour of a picture's quarters:
///
/// ```
/// use frame_features::{Error, FrameEncoder, Picture};
///
/// struct Quarters;
///
/// impl FrameEncoder for Quarters {
///     fn name(&self) -> &str {
///         "quarters"
///     }
///     fn checksum(&self) -> Result<String, Error> {
///         Ok("0".repeat(64)) // there are no weights that could differ
///     }
///     fn input_size(&self) -> usize {
///         32
///     }
///     fn shape(&self) -> &[usize] {
///         &[4, 3]
///     }
///     fn encode(&self, pictures: &[Picture<'_>]) -> Result<Vec<f32>, Error> {
///         let small = pictures.iter().flat_map(|picture| picture.resize(2, 2));
///         Ok(small.map(f32::from).collect())
///     }
/// }
///
/// let white = vec![255; 32 * 32 * 3];
/// let encoder: &dyn FrameEncoder = &Quarters;
/// let row = encoder.encode(&[Picture::new(32, 32, &white).expect("three bytes a pixel")])?;
/// assert_eq!(row, [255.0; 12]);
/// # Ok::<(), Error>(())
/// ```
pub trait FrameEncoder {
    /// Its name, for people.
    fn name(&self) -> &str;

    /// 64 hexadecimal digits that change whenever the same picture would give other features: best
    /// the SHA-256 of the weights.
    ///
    /// # Errors
    ///
    /// An error of getting at the weights.
    fn checksum(&self) -> Result<String, Error>;

    /// Which layer of VGG-19 the rows are of. Others keep to [`Layer::Output`].
    fn layer(&self) -> Layer {
        Layer::Output
    }

    /// Side of the square that frames are scaled to before they come, in pixels.
    fn input_size(&self) -> usize;

    /// Shape of one picture's row: `[d]`, or `[locations, d]` with the locations row by row.
    fn shape(&self) -> &[usize];

    /// The rows of some pictures, one after the other, row-major: as many numbers for each picture
    /// as the product of [`shape`](Self::shape). Extraction gives pictures of
    /// [`input_size`](Self::input_size), at least one.
    ///
    /// # Errors
    ///
    /// [`Error::Encoder`] around an error of yours.
    fn encode(&self, pictures: &[Picture<'_>]) -> Result<Vec<f32>, Error>;
}
