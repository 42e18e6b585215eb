use burn::tensor::Device;
use jp_tokenize::UNK;

use crate::{
    data::{Batch, FeatureSource, Pairs, plan_in_order},
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
        let mut likelihood = Self::default();
        for indices in plan_in_order(pairs, batch_size) {
            let batch = Batch::load(pairs, &indices, store, device)?;
            for (word, nll) in word_nlls(network, &batch)? {
                likelihood.add(word, nll);
            }
        }
        Ok(likelihood)
    }
}

/// Each counted target of a batch with its negative log-likelihood.
pub(crate) fn word_nlls(network: &Network, batch: &Batch) -> Result<Vec<(u32, f64)>, Error> {
    let (deep, _) = network.forward(batch.features.clone(), batch.words.clone());
    let [size, time, d] = deep.dims();
    let deep = deep
        .reshape([size * time, d])
        .select(0, batch.positions.clone());
    let nll = network.word_loss(deep, batch.targets.clone(), 0.0).nll;
    let device_error = |error| Error::Device(format!("{error:?}"));
    let nll = nll.into_data().convert::<f32>();
    let words = batch.targets.clone().into_data().convert::<i64>();
    Ok(words
        .try_into_vec::<i64>()
        .map_err(device_error)?
        .into_iter()
        .map(|word| u32::try_from(word).unwrap_or(UNK))
        .zip(
            nll.try_into_vec::<f32>()
                .map_err(device_error)?
                .into_iter()
                .map(f64::from),
        )
        .collect())
}
