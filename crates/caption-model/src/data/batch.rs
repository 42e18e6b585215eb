use burn::tensor::{Device, Int, Tensor, TensorData};
use frame_features::FeatureStore;
use jp_tokenize::{BOS, EOS, PAD};

use super::pairs::Pairs;
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
        store: &FeatureStore,
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
        let device = features.device();
        let lengths = indices.iter().map(|&index| pairs.get(index).words.len());
        let time = lengths.max().unwrap_or(0) + 1;
        let size = indices.len() * time;
        let mut words = vec![PAD; size];
        let mut live = vec![0f32; size];
        let (mut positions, mut targets) = (Vec::with_capacity(size), Vec::with_capacity(size));
        for (row, &index) in indices.iter().enumerate() {
            let caption = pairs.get(index).words;
            let start = row * time;
            words[start] = BOS;
            words[start + 1..][..caption.len()].copy_from_slice(caption);
            live[start..=start + caption.len()].fill(1.0);
            positions.extend((start..=start + caption.len()).map(as_int));
            targets.extend(caption.iter().copied().chain([EOS]).map(i64::from));
        }
        let words: Vec<i64> = words.into_iter().map(i64::from).collect();
        let num_targets = targets.len();
        let shape = [indices.len(), time];
        Self {
            features,
            words: Tensor::from_data(TensorData::new(words, shape), &device),
            live: Tensor::from_data(TensorData::new(live, shape), &device),
            positions: Tensor::from_data(TensorData::new(positions, [num_targets]), &device),
            targets: Tensor::from_data(TensorData::new(targets, [num_targets]), &device),
            num_targets,
        }
    }
}

/// Rows of a store as `[rows, locations, d_features]`; a store of vectors has one location.
pub(crate) fn load_features(
    store: &FeatureStore,
    rows: &[usize],
    device: &Device,
) -> Result<Tensor<3>, Error> {
    let mut values = Vec::with_capacity(rows.len() * store.shape().iter().product::<usize>());
    store.read_rows(rows, &mut values)?;
    let (locations, d_features) = match *store.shape() {
        [locations, d_features] => (locations, d_features),
        _ => (1, store.shape().iter().product()),
    };
    Ok(Tensor::from_data(
        TensorData::new(values, [rows.len(), locations, d_features]),
        device,
    ))
}

fn as_int(position: usize) -> i64 {
    i64::try_from(position).expect("a batch holds fewer than 2^63 words")
}
