use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use frame_features::FeatureStore;
use jp_tokenize::{BOS, EOS, PAD, UNK, Vocabulary};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::options::GenerateOptions;
use crate::{
    data::load_features,
    error::Error,
    model::{Network, NetworkState},
};

/// A comment that was written.
///
/// ```
/// let generated = caption_model::Generated { request: 0, row: 12, words: vec![4, 9] };
/// assert_eq!(generated.words.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// Which of the requested rows it belongs to: an index into them.
    pub request: usize,
    /// Its frame's row of the feature store.
    pub row: usize,
    /// Its word ids, without `<bos>` and `<eos>`.
    pub words: Vec<u32>,
}

/// Writes comments for rows of a feature store, a batch at a time: an iterator in the order of the rows.
///
/// Made by [`Captioner::generate`](crate::Captioner::generate). A row that stands several times among the requests gets as
/// many comments. After an error the iterator ends.
#[derive(Debug)]
pub struct Generator<'a> {
    network: &'a Network,
    store: &'a FeatureStore,
    rows: &'a [usize],
    options: GenerateOptions,
    device: Device,
    bans: Bans,
    next: usize,
    ready: std::vec::IntoIter<Generated>,
}

impl<'a> Generator<'a> {
    pub(crate) fn new(
        network: &'a Network,
        vocabulary: &Vocabulary,
        store: &'a FeatureStore,
        rows: &'a [usize],
        options: GenerateOptions,
        device: &Device,
    ) -> Self {
        Self {
            network,
            store,
            rows,
            options,
            device: device.clone(),
            bans: Bans::new(vocabulary),
            next: 0,
            ready: Vec::new().into_iter(),
        }
    }

    fn write_batch(&mut self) -> Result<Vec<Generated>, Error> {
        let start = self.next;
        let end = (start + self.options.batch_size.max(1)).min(self.rows.len());
        self.next = end;
        let rows = &self.rows[start..end];
        let features = load_features(self.store, rows, &self.device)?;
        let mut comments: Vec<Generated> = (start..end)
            .zip(rows)
            .map(|(request, &row)| Generated {
                request,
                row,
                words: Vec::new(),
            })
            .collect();
        // Which comments are still being written, in the order of the state's rows.
        let mut open: Vec<usize> = (0..comments.len()).collect();
        let mut state = self.network.start(features);
        let mut words = vec![BOS; open.len()];
        let mut bans: Option<Tensor<2>> = None;
        for position in 0..self.options.max_words {
            let step = self.network.step(self.upload(&words), state);
            state = step.state;
            let logits = self.network.logits(step.deep);
            words = if position == 0 {
                self.first_words(logits, start)?
            } else {
                let bans = bans
                    .get_or_insert_with(|| self.bans.later(&self.device))
                    .clone();
                ids((logits + bans).argmax(1))?
            };
            for (&comment, &word) in open.iter().zip(&words) {
                if word != EOS {
                    comments[comment].words.push(word);
                }
            }
            let kept: Vec<usize> = (0..open.len()).filter(|&i| words[i] != EOS).collect();
            if kept.is_empty() {
                break;
            }
            if kept.len() < open.len() {
                open = kept.iter().map(|&i| open[i]).collect();
                words = kept.iter().map(|&i| words[i]).collect();
                state = state.select(self.upload_indices(&kept));
            }
        }
        Ok(comments)
    }

    /// Draws a first word for each row of `logits`; comment `start + i` always draws the same random number.
    fn first_words(&self, logits: Tensor<2>, start: usize) -> Result<Vec<u32>, Error> {
        let [comments, num_words] = logits.dims();
        let probabilities = activation::softmax(logits, 1)
            .into_data()
            .convert::<f32>()
            .try_into_vec::<f32>()
            .map_err(|error| Error::Device(format!("{error:?}")))?;
        Ok((0..comments)
            .map(|comment| {
                let mut rng = ChaCha8Rng::seed_from_u64(self.options.seed);
                rng.set_stream((start + comment) as u64);
                let row = &probabilities[comment * num_words..][..num_words];
                self.bans.draw_first(row, rng.random())
            })
            .collect())
    }

    fn upload(&self, words: &[u32]) -> Tensor<1, Int> {
        let words: Vec<i64> = words.iter().copied().map(i64::from).collect();
        let count = words.len();
        Tensor::from_data(TensorData::new(words, [count]), &self.device)
    }

    fn upload_indices(&self, indices: &[usize]) -> Tensor<1, Int> {
        let indices: Vec<i64> = indices
            .iter()
            .map(|&index| i64::try_from(index).expect("a batch has fewer than 2^63 rows"))
            .collect();
        let count = indices.len();
        Tensor::from_data(TensorData::new(indices, [count]), &self.device)
    }
}

impl Iterator for Generator<'_> {
    type Item = Result<Generated, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(comment) = self.ready.next() {
                return Some(Ok(comment));
            }
            if self.next >= self.rows.len() {
                return None;
            }
            match self.write_batch() {
                Ok(comments) => self.ready = comments.into_iter(),
                Err(error) => {
                    self.next = self.rows.len();
                    return Some(Err(error));
                }
            }
        }
    }
}

impl std::iter::FusedIterator for Generator<'_> {}

impl NetworkState {
    /// The rows of the state with these indices.
    fn select(self, rows: Tensor<1, Int>) -> Self {
        match self {
            Self::Global(state) => Self::Global(state.select(rows)),
            Self::Attention(state) => Self::Attention(state.select(rows)),
        }
    }
}

/// Which words may not be written where.
#[derive(Debug)]
struct Bans {
    /// Words that may not come first: special ones and symbols.
    first: Vec<bool>,
}

impl Bans {
    fn new(vocabulary: &Vocabulary) -> Self {
        let ids = 0..u32::try_from(vocabulary.len()).unwrap_or(u32::MAX);
        let special = |id: u32| id <= UNK;
        let mut first: Vec<bool> = ids
            .clone()
            .map(|id| special(id) || vocabulary.is_symbol(id))
            .collect();
        if first.iter().all(|&banned| banned) {
            // Nothing but symbols was ever said: then symbols it is.
            first = ids.map(special).collect();
        }
        Self { first }
    }

    /// The word at `point`, 0 to 1, of the distribution over the words that may come first.
    ///
    /// `<eos>` if there is none.
    fn draw_first(&self, probabilities: &[f32], point: f64) -> u32 {
        let allowed = || {
            probabilities
                .iter()
                .zip(&self.first)
                .enumerate()
                .filter(|(_, (_, banned))| !**banned)
                .map(|(id, (&probability, _))| (id, f64::from(probability)))
        };
        let total: f64 = allowed().map(|(_, probability)| probability).sum();
        let mut left = point * total;
        let mut drawn = None;
        for (id, probability) in allowed() {
            drawn = Some(id);
            if left < probability {
                break;
            }
            left -= probability;
        }
        drawn.and_then(|id| u32::try_from(id).ok()).unwrap_or(EOS)
    }

    /// What is added to the logits from the second word on: −∞ for `<pad>`, `<bos>` and `<unk>`, `[1, num_words]`.
    fn later(&self, device: &Device) -> Tensor<2> {
        let mut bans = vec![0f32; self.first.len()];
        for special in [PAD, BOS, UNK] {
            if let Some(ban) = bans.get_mut(special as usize) {
                *ban = f32::NEG_INFINITY;
            }
        }
        let shape = [1, bans.len()];
        Tensor::from_data(TensorData::new(bans, shape), device)
    }
}

/// `[comments, 1]` to ids on the host.
fn ids(indices: Tensor<2, Int>) -> Result<Vec<u32>, Error> {
    let ids = indices
        .into_data()
        .convert::<i64>()
        .try_into_vec::<i64>()
        .map_err(|error| Error::Device(format!("{error:?}")))?;
    Ok(ids
        .into_iter()
        .map(|id| u32::try_from(id).unwrap_or(EOS))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the words 4 (probability 0.1), 5 (a symbol, 0.5) and 6 (0.3) only 4 and 6 can come first: a quarter of the
    /// way lies at 4, the rest at 6.
    #[test]
    fn first_words_are_drawn_without_symbols_and_special_words() {
        let bans = Bans {
            first: vec![true, true, true, true, false, true, false],
        };
        let probabilities = [0.0, 0.0, 0.05, 0.05, 0.1, 0.5, 0.3];
        assert_eq!(bans.draw_first(&probabilities, 0.0), 4);
        assert_eq!(bans.draw_first(&probabilities, 0.24), 4);
        assert_eq!(bans.draw_first(&probabilities, 0.26), 6);
        assert_eq!(bans.draw_first(&probabilities, 1.0), 6);
    }

    #[test]
    fn nothing_to_draw_ends_the_comment() {
        let bans = Bans {
            first: vec![true; 4],
        };
        assert_eq!(bans.draw_first(&[0.25; 4], 0.5), EOS);
    }
}
