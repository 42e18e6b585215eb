use std::path::Path;

use burn::tensor::Device;
use frame_features::FeatureStore;
use jp_tokenize::Vocabulary;

use crate::{
    data::Pairs,
    error::Error,
    evaluate::{Likelihood, WordNlls},
    folder::{Encoder, ModelConfig, ModelFolder},
    generate::{CommentRate, GenerateOptions, Generated, Generator},
    model::Network,
};

/// A trained captioner: network, words and comment rate of a model folder.
///
/// ```no_run
/// use burn::tensor::Device;
/// use caption_model::{Captioner, GenerateOptions};
/// use frame_features::FeatureStore;
///
/// let captioner = Captioner::from_dir("model", &Device::flex())?;
/// let store = FeatureStore::open("features")?;
/// for comment in captioner.generate(&store, &[0, 30, 60], &GenerateOptions::default())? {
///     let comment = comment?;
///     println!("row {}: {}", comment.row, captioner.text(&comment));
/// }
/// # Ok::<(), caption_model::Error>(())
/// ```
#[derive(Debug)]
pub struct Captioner {
    network: Network,
    vocabulary: Vocabulary,
    config: ModelConfig,
    rate: CommentRate,
    device: Device,
}

impl Captioner {
    /// Loads a model folder onto a device.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one is missing, damaged or does not fit the others.
    pub fn from_dir(dir: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        let folder = ModelFolder::new(dir.as_ref());
        let config = folder.config()?;
        Ok(Self {
            vocabulary: folder.vocabulary(&config)?,
            rate: folder.rate()?,
            network: folder.load_network(&config, device)?,
            device: device.clone(),
            config,
        })
    }

    /// The words it writes.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Its `config.json`.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// How many comments the frames had that it learnt from.
    pub fn rate(&self) -> &CommentRate {
        &self.rate
    }

    /// Where the network is.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The network itself.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Writes a comment for each of `rows`, in that order; a row may stand there several times.
    ///
    /// # Errors
    ///
    /// Fails if the features come from another encoder than the model's. The iterator fails if a row cannot be read.
    pub fn generate<'a>(
        &'a self,
        store: &'a FeatureStore,
        rows: &'a [usize],
        options: &GenerateOptions,
    ) -> Result<Generator<'a>, Error> {
        self.check(store)?;
        Ok(Generator::new(
            &self.network,
            &self.vocabulary,
            store,
            rows,
            options.clone(),
            &self.device,
        ))
    }

    /// The text of a comment it wrote.
    pub fn text(&self, comment: &Generated) -> String {
        self.vocabulary.decode(&comment.words)
    }

    /// How well it predicts the comments of `pairs`.
    ///
    /// # Errors
    ///
    /// Fails if the features come from another encoder, without pairs, and if a row cannot be read.
    pub fn measure(
        &self,
        pairs: &Pairs,
        store: &FeatureStore,
        batch_size: usize,
    ) -> Result<Likelihood, Error> {
        self.check(store)?;
        Likelihood::measure(&self.network, pairs, store, batch_size, &self.device)
    }

    /// What each word of `pairs` costs, in the order of the pairs; `done` is told how many comments are done.
    ///
    /// # Errors
    ///
    /// Fails if the features come from another encoder, and if a row cannot be read.
    pub fn word_nlls(
        &self,
        pairs: &Pairs,
        store: &FeatureStore,
        batch_size: usize,
        done: impl FnMut(usize),
    ) -> Result<WordNlls, Error> {
        self.check(store)?;
        WordNlls::measure(&self.network, pairs, store, batch_size, &self.device, done)
    }

    fn check(&self, store: &FeatureStore) -> Result<(), Error> {
        let found = Encoder::of(store);
        if found == self.config.encoder && self.config.network.accepts(store.shape()) {
            return Ok(());
        }
        Err(Error::OtherEncoder {
            features: found.to_string(),
            model: self.config.encoder.to_string(),
        })
    }
}
