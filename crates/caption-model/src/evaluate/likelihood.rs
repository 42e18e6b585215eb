use burn::tensor::{Device, Int, Tensor};
use frame_features::FeatureSource;
use jp_tokenize::{EOS, UNK};

use super::word_nlls::WordNlls;
use crate::{
    data::{Batch, Pairs, as_int, ints, load_features},
    error::Error,
    model::Network,
};

/// Negative log-likelihood of words, summed with its counts, so that sums of parts add up.
///
/// ```
/// use caption_model::Likelihood;
///
/// let mut likelihood = Likelihood::default();
/// likelihood.add(4, 8f64.ln()); // word 4 had probability 1/8
/// likelihood.add(caption_model::UNK, 2f64.ln());
/// assert!((likelihood.perplexity() - 4.0).abs() < 1e-9); // the geometric mean of 8 and 2
/// assert!((likelihood.perplexity_known() - 8.0).abs() < 1e-9);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likelihood {
    nll: f64,
    targets: usize,
    unknown_nll: f64,
    unknown: usize,
}

impl Likelihood {
    /// Counts a word that cost `nll` nats.
    pub fn add(&mut self, word: u32, nll: f64) {
        self.nll += nll;
        self.targets += 1;
        if word == UNK {
            self.unknown_nll += nll;
            self.unknown += 1;
        }
    }

    /// Mean negative log-likelihood of a word, nats; `<eos>` counts as a word, padding does not.
    pub fn nll(&self) -> f64 {
        self.nll / self.targets.max(1) as f64
    }

    /// Perplexity per word: `exp` of [`nll`](Self::nll).
    pub fn perplexity(&self) -> f64 {
        self.nll().exp()
    }

    /// Perplexity per word over the words that are not `<unk>`.
    pub fn perplexity_known(&self) -> f64 {
        let known = self.targets - self.unknown;
        ((self.nll - self.unknown_nll) / known.max(1) as f64).exp()
    }

    /// Number of words measured.
    pub fn targets(&self) -> usize {
        self.targets
    }

    /// Sums what the words of pairs cost.
    ///
    /// # Panics
    ///
    /// Panics if `nlls` are not those of `pairs`.
    pub fn of(pairs: &Pairs, nlls: &WordNlls) -> Self {
        assert_eq!(pairs.len(), nlls.len(), "what each pair costs");
        let mut likelihood = Self::default();
        for (index, pair) in pairs.iter().enumerate() {
            let words = pair.words.iter().copied().chain([EOS]);
            for (word, &nll) in words.zip(nlls.get(index)) {
                likelihood.add(word, f64::from(nll));
            }
        }
        likelihood
    }

    /// Measures a network on pairs, teacher forced.
    ///
    /// # Errors
    ///
    /// Fails without pairs and when a row cannot be read from the store.
    pub fn measure(
        network: &Network,
        pairs: &Pairs,
        store: &dyn FeatureSource,
        batch_size: usize,
        device: &Device,
    ) -> Result<Self, Error> {
        if pairs.is_empty() {
            return Err(Error::NoPairs("measure on"));
        }
        let nlls = WordNlls::measure(network, pairs, store, batch_size, device, |_| ())?;
        Ok(Self::of(pairs, &nlls))
    }
}

/// Negative log-likelihoods of the counted targets of a batch, comment after comment.
pub(crate) fn word_nlls(network: &Network, batch: Batch) -> Result<Vec<f32>, Error> {
    let (deep, _) = network.forward(batch.features, batch.words);
    costs(network, deep, batch.positions, batch.targets)
}

/// The same of the pairs with these indices; what a network makes of a picture alone is computed once for all comments on it.
pub(super) fn shared_word_nlls(
    network: &Network,
    pairs: &Pairs,
    indices: &[usize],
    store: &dyn FeatureSource,
    device: &Device,
) -> Result<Vec<f32>, Error> {
    let of: Vec<usize> = indices.iter().map(|&index| pairs.get(index).row).collect();
    let mut rows = of.clone();
    rows.sort_unstable();
    rows.dedup();
    let place = |row: &usize| as_int(rows.partition_point(|other| other < row));
    let picture_of = ints(of.iter().map(place).collect(), device);
    let batch = Batch::new(pairs, indices, load_features(store, &rows, device)?);
    let (deep, _) = network.forward_shared(batch.features, picture_of, batch.words);
    costs(network, deep, batch.positions, batch.targets)
}

fn costs(
    network: &Network,
    deep: Tensor<3>,
    positions: Tensor<1, Int>,
    targets: Tensor<1, Int>,
) -> Result<Vec<f32>, Error> {
    let [size, time, d] = deep.dims();
    let deep = deep.reshape([size * time, d]).select(0, positions);
    let nll = network.word_loss(deep, targets, 0.0).nll;
    let nll = nll.into_data().convert::<f32>().try_into_vec::<f32>();
    nll.map_err(|error| Error::Device(format!("{error:?}")))
}
