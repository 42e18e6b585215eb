use burn::tensor::{Device, Int, Tensor, TensorData};
use caption_metrics::Pairs;
use frame_features::FeatureSource;
use jp_tokenize::{BOS, EOS, PAD, UNK};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::error::Error;

/// A batch of frames' features and padded words, on the device.
///
/// A caption is `<bos> w₁ … wₙ <eos> <pad>…`; position `t` predicts word `t + 1`, padding is never
/// counted.
///
/// ```no_run
/// use burn::tensor::Device;
/// use caption_metrics::Pairs;
/// use caption_model::Batch;
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
    pub mask: Tensor<2>,
    /// Where the counted targets stand in `[batch * time]`.
    pub positions: Tensor<1, Int>,
    /// The counted targets, one for each of `positions`.
    pub targets: Tensor<1, Int>,
    /// Number of counted targets.
    pub num_targets: usize,
}

impl Batch {
    /// Reads the features of the pairs with these indices from a store and pads their words.
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

    /// Pads the words of the pairs with these indices; `features` is
    /// `[indices, locations, d_features]`.
    ///
    /// # Panics
    ///
    /// Panics if there is no pair with one of the indices.
    #[must_use]
    pub fn new(pairs: &Pairs, indices: &[usize], features: Tensor<3>) -> Self {
        PaddedWords::new(pairs, indices).upload(features)
    }
}

/// Rows of a feature source on a device, `[rows, locations, d_features]`; vectors have one
/// location.
///
/// # Errors
///
/// Fails if a row cannot be read.
pub fn load_features(
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

/// Words of a batch on the host, padded to the longest comment.
#[derive(Clone, Debug, PartialEq)]
pub struct PaddedWords {
    size: usize,
    time: usize,
    /// Words read, `size * time`.
    words: Vec<i64>,
    mask: Vec<f32>,
    /// Where the counted targets stand.
    positions: Vec<i64>,
    targets: Vec<i64>,
}

impl PaddedWords {
    /// Pads the words of the pairs with these indices.
    ///
    /// # Panics
    ///
    /// Panics if there is no pair with one of the indices.
    #[must_use]
    pub fn new(pairs: &Pairs, indices: &[usize]) -> Self {
        let lengths = indices.iter().map(|&index| pairs.get(index).words.len());
        let time = lengths.max().unwrap_or(0) + 1;
        let size = indices.len();
        let mut words = vec![i64::from(PAD); size * time];
        let mut mask = vec![0f32; size * time];
        let mut positions = Vec::with_capacity(size * time);
        let mut targets = Vec::with_capacity(size * time);
        for (row, &index) in indices.iter().enumerate() {
            let caption = pairs.get(index).words;
            let start = row * time;
            words[start] = i64::from(BOS);
            for (place, &word) in words[start + 1..].iter_mut().zip(caption) {
                *place = i64::from(word);
            }
            mask[start..=start + caption.len()].fill(1.0);
            positions.extend((start..=start + caption.len()).map(as_int));
            targets.extend(caption.iter().copied().chain([EOS]).map(i64::from));
        }
        Self {
            size,
            time,
            words,
            mask,
            positions,
            targets,
        }
    }

    /// Number of counted targets.
    #[must_use]
    pub fn num_targets(&self) -> usize {
        self.targets.len()
    }

    /// Replaces each word that is read, other than `<bos>`, by `<unk>` with this probability.
    /// Targets stay.
    ///
    /// # Panics
    ///
    /// Panics if the probability is not 0 to 1.
    pub fn drop_words(&mut self, probability: f64, rng: &mut ChaCha8Rng) {
        for position in self.draw(probability, rng) {
            self.words[position] = i64::from(UNK);
        }
    }

    /// Random positions of words read, other than `<bos>` and padding, each with this probability.
    ///
    /// # Panics
    ///
    /// Panics if the probability is not 0 to 1.
    pub fn draw(&self, probability: f64, rng: &mut ChaCha8Rng) -> Vec<usize> {
        (0..self.words.len())
            .filter(|position| position % self.time > 0 && self.mask[*position] > 0.0)
            .filter(|_| rng.random_bool(probability))
            .collect()
    }

    /// Puts the words beside their pictures, `[size, locations, d_features]`, on the pictures'
    /// device.
    #[must_use]
    pub fn upload(self, features: Tensor<3>) -> Batch {
        let device = features.device();
        let shape = [self.size, self.time];
        let num_targets = self.num_targets();
        Batch {
            features,
            words: Tensor::from_data(TensorData::new(self.words, shape), &device),
            mask: Tensor::from_data(TensorData::new(self.mask, shape), &device),
            positions: ints(self.positions, &device),
            targets: ints(self.targets, &device),
            num_targets,
        }
    }
}

/// Whole numbers on a device.
pub(crate) fn ints(values: Vec<i64>, device: &Device) -> Tensor<1, Int> {
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}

pub(crate) fn as_int(position: usize) -> i64 {
    i64::try_from(position).expect("a batch holds fewer than 2^63 words")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn two_comments() -> PaddedWords {
        let mut pairs = Pairs::new(30);
        pairs.push(0, &[10, 11]);
        pairs.push(0, &[12]);
        PaddedWords::new(&pairs, &[0, 1])
    }

    /// `<bos> 10 11` predicts `10 11 <eos>`; `<bos> 12 <pad>` predicts `12 <eos>` and nothing.
    #[test]
    fn comments_are_padded_at_their_end() {
        let padded = two_comments();
        assert_eq!(padded.words, [1, 10, 11, 1, 12, 0]);
        assert_eq!(padded.mask, [1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
        assert_eq!(padded.positions, [0, 1, 2, 3, 4]);
        assert_eq!(padded.targets, [10, 11, 2, 12, 2]);
    }

    /// With probability 1 every word read becomes `<unk>` (3), `<bos>` and padding do not; with 0
    /// nothing changes. Targets never do.
    #[test]
    fn dropped_words_are_unknown_and_still_predicted() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut padded = two_comments();
        padded.drop_words(0.0, &mut rng);
        assert_eq!(padded, two_comments());
        padded.drop_words(1.0, &mut rng);
        assert_eq!(padded.words, [1, 3, 3, 1, 3, 0]);
        assert_eq!(padded.targets, two_comments().targets);
    }

    /// Of 10,000 words about a quarter is drawn at 0.25: 2,500, give or take four standard
    /// deviations of 43.
    #[test]
    fn words_are_drawn_with_their_probability() {
        let mut pairs = Pairs::new(100);
        for _ in 0..100 {
            pairs.push(0, &[4; 100]);
        }
        let indices: Vec<usize> = (0..100).collect();
        let drawn =
            PaddedWords::new(&pairs, &indices).draw(0.25, &mut ChaCha8Rng::seed_from_u64(2));
        assert!((2_328..2_672).contains(&drawn.len()), "{}", drawn.len());
    }
}
