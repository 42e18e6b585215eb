use burn::tensor::{Device, Int, Tensor, TensorData};
use frame_features::FeatureSource;

use super::{padded::Padded, pairs::Pairs};
use crate::error::Error;

/// A batch on the device.
///
/// A caption is `<bos> w₁ … wₙ <eos> <pad>…`; position `t` predicts word `t + 1`, padding is never counted.
///
/// ```no_run
/// use burn::tensor::Device;
/// use caption_model::{Batch, Pairs};
/// use frame_features::FeatureStore;
///
/// let store = FeatureStore::open("features")?;
/// let mut pairs = Pairs::new(30);
/// pairs.push(0, &[4, 5]);
/// let batch = Batch::load(&pairs, &[0], &store, &Device::flex())?;
/// assert_eq!(batch.words.dims(), [1, 3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batch {
    /// Features of the frames, `[batch, locations, d_features]`.
    pub features: Tensor<3>,
    /// Words read, `[batch, time]`, `<bos>` first.
    pub words: Tensor<2, Int>,
    /// 1 where the target counts, 0 where it is padding, `[batch, time]`.
    pub live: Tensor<2>,
    /// Where the counted targets stand in `[batch * time]`.
    pub positions: Tensor<1, Int>,
    /// The counted targets, one for each of `positions`.
    pub targets: Tensor<1, Int>,
    /// Number of counted targets.
    pub num_targets: usize,
}

impl Batch {
    /// Gathers the features of the pairs with these indices from a store and pads their words.
    ///
    /// # Errors
    ///
    /// Fails if a row cannot be read from the store.
    ///
    /// # Panics
    ///
    /// Panics if there is no pair with one of the indices.
    pub fn load(
        pairs: &Pairs,
        indices: &[usize],
        store: &dyn FeatureSource,
        device: &Device,
    ) -> Result<Self, Error> {
        let rows: Vec<usize> = indices.iter().map(|&index| pairs.get(index).row).collect();
        let features = load_features(store, &rows, device)?;
        Ok(Self::new(pairs, indices, features))
    }

    /// Pads the words of the pairs with these indices; `features` is `[indices, locations, d_features]`.
    ///
    /// # Panics
    ///
    /// Panics if there is no pair with one of the indices.
    pub fn new(pairs: &Pairs, indices: &[usize], features: Tensor<3>) -> Self {
        Padded::new(pairs, indices).upload(features)
    }
}

/// Rows of a store as `[rows, locations, d_features]`; a store of vectors has one location.
pub(crate) fn load_features(
    store: &dyn FeatureSource,
    rows: &[usize],
    device: &Device,
) -> Result<Tensor<3>, Error> {
    let mut values = Vec::with_capacity(store.shape_of(rows.len()).iter().product());
    store.append_rows(rows, &mut values)?;
    Ok(Tensor::from_data(
        TensorData::new(values, store.shape_of(rows.len())),
        device,
    ))
}
