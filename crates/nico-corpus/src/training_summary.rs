use caption_metrics::{Unigram, shuffled_pictures};
use caption_model::Captioner;
use frame_features::FeatureSource;
use serde::{Deserialize, Serialize};

use crate::{corpus::Corpus, error::Error};

/// Seconds between a comment and the picture it is measured under for the visual gain.
const APART: f64 = 60.0;

/// What learning came to: perplexities beside those of models without pictures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrainingSummary {
    /// Pairs learnt from.
    pub train_comments: usize,
    /// Pairs measured on.
    pub dev_comments: usize,
    /// Distinct dev comments.
    pub dev_distinct: u64,
    /// How many of them are also in train.
    pub dev_distinct_in_train: u64,
    /// Words of the vocabulary, special ones included.
    pub vocabulary: usize,
    /// The epoch that was kept.
    pub best_epoch: usize,
    /// Perplexity per word on dev.
    pub dev_perplexity: f64,
    /// The same over words of the vocabulary alone.
    pub dev_perplexity_known: f64,
    /// Perplexity per word on dev of the word frequencies of train.
    pub unigram_perplexity: f64,
    /// Perplexity per word on dev of the model with pictures of other moments.
    pub shuffled_perplexity: f64,
    /// How much less a word costs with its own picture than with another one, nats.
    pub visual_gain: f64,
}

impl TrainingSummary {
    /// Measures a trained model on the dev pairs of the corpus that it learnt from, whose rows are
    /// those of the source; `best_epoch` is passed on, `seed` draws the other pictures.
    ///
    /// # Errors
    ///
    /// Fails if the features come from another encoder and if a row cannot be read.
    pub fn measure(
        captioner: &Captioner,
        (corpus, source): (&Corpus, &dyn FeatureSource),
        best_epoch: usize,
        batch_size: usize,
        seed: u64,
    ) -> Result<Self, Error> {
        let measure = |pairs| captioner.measure(pairs, source, batch_size);
        let dev = measure(&corpus.dev)?;
        let others = shuffled_pictures(&corpus.dev, &corpus.times, APART, seed);
        let shuffled = measure(&others)?;
        let unigram = Unigram::fit(&corpus.train, corpus.vocabulary.len()).measure(&corpus.dev);
        Ok(Self {
            train_comments: corpus.train.len(),
            dev_comments: corpus.dev.len(),
            dev_distinct: corpus.tally.distinct_dev,
            dev_distinct_in_train: corpus.tally.shared,
            vocabulary: corpus.vocabulary.len(),
            best_epoch,
            dev_perplexity: dev.perplexity(),
            dev_perplexity_known: dev.perplexity_known(),
            unigram_perplexity: unigram.perplexity(),
            shuffled_perplexity: shuffled.perplexity(),
            visual_gain: shuffled.nll() - dev.nll(),
        })
    }
}
