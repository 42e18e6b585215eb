//! The weights that a training begins with, where they are not random.

use burn::{module::Module, tensor::Device};
use caption_model::{Captioner, CaptionerConfig, CaptionerNetwork, ModelConfig};
use frame_features::EncoderId;
use jp_tokenize::Vocabulary;

use super::{
    difference::{Difference, of_options},
    error::Error,
    fingerprint,
};

/// A trained captioner to begin with.
#[derive(Clone, Debug)]
pub(super) struct Start {
    captioner: CaptionerNetwork,
    config: ModelConfig,
    vocabulary: Vocabulary,
}

impl Start {
    pub(super) fn new(model: &Captioner) -> Self {
        Self {
            captioner: model.network().captioner.clone(),
            config: model.config().clone(),
            vocabulary: model.vocabulary().clone(),
        }
    }

    /// The captioner, to be trained with this dropout in place of its own.
    pub(super) fn network(&self, dropout: f64, device: &Device) -> CaptionerNetwork {
        let captioner = self.captioner.clone().with_dropout(dropout);
        captioner.train().fork(device)
    }

    /// Checksum of the weights.
    pub(super) fn fingerprint(&self) -> u64 {
        fingerprint::of_weights(&self.captioner)
    }

    /// Refuses a captioner of another shape, one that reads another encoder's features, and one
    /// whose words have other ids. How much is dropped out may change.
    pub(super) fn check(
        &self,
        captioner: &CaptionerConfig,
        encoder: &EncoderId,
        vocabulary: &Vocabulary,
    ) -> Result<(), Error> {
        let mut differences = of_options(&self.config.network.captioner, captioner);
        differences.retain(|it| !it.what.ends_with(".dropout"));
        if !self.config.encoder.matches(encoder) {
            let before = &self.config.encoder;
            differences.push(Difference::new("the encoder", before, encoder));
        }
        let checksums = [&self.vocabulary, vocabulary].map(fingerprint::of_vocabulary);
        if checksums[0] != checksums[1] {
            let [before, now] =
                [&self.vocabulary, vocabulary].map(|it| format!("one of {} words", it.num_words()));
            let now = if before == now {
                "another of as many".into()
            } else {
                now
            };
            differences.push(Difference::new("the vocabulary", before, now));
        }
        if differences.is_empty() {
            return Ok(());
        }
        Err(Error::OtherStart { differences })
    }
}
