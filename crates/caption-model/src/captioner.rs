use std::{path::Path, sync::Arc};

use burn::tensor::Device;
use frame_features::{FeatureSource, FrameEncoder, Picture};
use jp_tokenize::Vocabulary;

use crate::{
    data::{Pairs, load_features},
    error::Error,
    evaluate::{Likelihood, WordNlls},
    folder::{ModelConfig, ModelFolder},
    generate::{
        CommentRate, FittedRate, GenerateOptions, Generated, Generator, ScoreOptions, Scored,
        WordAttention, score, write_features,
    },
    model::Network,
    pictures::PictureEncoder,
};

/// A trained captioner: network, words and comment rate of a model folder.
///
/// Threads can share one.
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
    fitted_rate: Option<FittedRate>,
    device: Device,
    encoder: PictureEncoder,
}

/// A comment on a picture.
///
/// ```
/// let caption = caption_model::Caption { text: "かわいい".into(), words: vec![7], attention: None };
/// assert_eq!(caption.words.len(), 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Caption {
    /// The comment.
    pub text: String,
    /// Its word ids.
    pub words: Vec<u32>,
    /// Where the model looked before each of the words, if that was asked for and the model has attention.
    pub attention: Option<Vec<WordAttention>>,
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
            fitted_rate: folder.fitted_rate()?,
            network: folder.load_network(&config, device)?,
            device: device.clone(),
            encoder: PictureEncoder::new(
                folder.encoder_path(),
                config.encoder.clone(),
                config.network.clone(),
                device.clone(),
            ),
            config,
        })
    }

    /// The encoder's weights that the model folder holds, where the encoder was trained along.
    pub fn encoder_file(&self) -> Option<&Path> {
        self.encoder.own()
    }

    /// The same captioner, with an encoder for [`caption`](Self::caption): that which the model learnt from, by its checksum, layer
    /// and size.
    ///
    /// # Errors
    ///
    /// [`Error::OtherEncoder`] if it is another one.
    pub fn with_encoder(
        self,
        encoder: impl FrameEncoder + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        self.encoder.give(Arc::new(encoder))?;
        Ok(self)
    }

    /// As [`with_encoder`](Self::with_encoder), with VGG-19's weights in a file: torchvision's `.pth`, or safetensors.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, and with [`Error::OtherEncoder`] if the model learnt from another one.
    pub fn with_encoder_file(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        self.encoder.give_file(path.as_ref())?;
        Ok(self)
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

    /// The rate that was fitted to the video it learnt from, if the folder has one (`rate-fitted.json`).
    pub fn fitted_rate(&self) -> Option<&FittedRate> {
        self.fitted_rate.as_ref()
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
    /// Fails if the features come from another encoder than the model's and if an option has a value that cannot work. The
    /// iterator fails if a row cannot be read.
    pub fn generate<'a>(
        &'a self,
        store: &'a dyn FeatureSource,
        rows: &'a [usize],
        options: &GenerateOptions,
    ) -> Result<Generator<'a>, Error> {
        self.check(store)?;
        Generator::new(
            &self.network,
            &self.vocabulary,
            store,
            rows,
            options,
            &self.device,
        )
    }

    /// Writes a comment on a picture: VGG-19, LSTM and words in one call.
    ///
    /// The encoder is the one given by [`with_encoder`](Self::with_encoder), or `encoder.safetensors` of the model folder, or the
    /// built-in one (feature `slim`), whichever the model learnt from; it is loaded with the first picture.
    ///
    /// The same picture, options and seed give the same comment; [`caption_all`](Self::caption_all) with the picture several times
    /// gives several.
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use caption_model::{Captioner, GenerateOptions};
    /// use frame_features::Picture;
    ///
    /// let captioner = Captioner::from_dir("model", &Device::flex())?;
    /// let rgb = vec![90; 640 * 480 * 3];
    /// let picture = Picture::new(640, 480, &rgb).expect("three bytes a pixel");
    /// println!("{}", captioner.caption(&picture, &GenerateOptions::greedy())?.text);
    /// # Ok::<(), caption_model::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NoEncoder`] if the model's encoder is not at hand, saying what to do; otherwise as [`generate`](Self::generate).
    pub fn caption(
        &self,
        picture: &Picture<'_>,
        options: &GenerateOptions,
    ) -> Result<Caption, Error> {
        let captions = self.caption_all(std::slice::from_ref(picture), options)?;
        Ok(captions
            .into_iter()
            .next()
            .expect("a caption for each picture"))
    }

    /// Writes a comment on each of some pictures, of any sizes: in batches, faster than one by one.
    ///
    /// # Errors
    ///
    /// As [`caption`](Self::caption).
    pub fn caption_all(
        &self,
        pictures: &[Picture<'_>],
        options: &GenerateOptions,
    ) -> Result<Vec<Caption>, Error> {
        let comments = write_features(
            &self.network,
            &self.vocabulary,
            pictures.len(),
            options,
            &self.device,
            |range| self.encoder.features(&pictures[range]),
        )?;
        let captions = comments.into_iter().map(|comment| Caption {
            text: self.text(&comment),
            words: comment.words,
            attention: comment.attention,
        });
        Ok(captions.collect())
    }

    /// The text of a comment it wrote.
    pub fn text(&self, comment: &Generated) -> String {
        self.vocabulary.decode(&comment.words)
    }

    /// What given comments cost the model: it is made to write each of them on its row (forced decoding). A pair is a row of the
    /// store and word ids without `<bos>` and `<eos>`; the results stand in the same order.
    ///
    /// ```no_run
    /// # use burn::tensor::Device;
    /// # use caption_model::{Captioner, ScoreOptions};
    /// # use frame_features::FeatureStore;
    /// # let captioner = Captioner::from_dir("model", &Device::flex())?;
    /// # let store = FeatureStore::open("features")?;
    /// let words = captioner.vocabulary().encode(["チノ", "かわいい"]);
    /// let scored = captioner.score(&store, &[(30, &words), (60, &words)], &ScoreOptions::default())?;
    /// println!("row 30: {:.2} nats, row 60: {:.2}", scored[0].nll(), scored[1].nll());
    /// # Ok::<(), caption_model::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the features come from another encoder, if a comment has no words or an id that is not the vocabulary's, and if a
    /// row cannot be read.
    pub fn score<W: AsRef<[u32]>>(
        &self,
        store: &dyn FeatureSource,
        comments: &[(usize, W)],
        options: &ScoreOptions,
    ) -> Result<Vec<Scored>, Error> {
        self.check(store)?;
        let words: Vec<&[u32]> = comments.iter().map(|(_, words)| words.as_ref()).collect();
        let num_words = self.vocabulary.len();
        score(&self.network, num_words, &words, options, |indices| {
            let rows: Vec<usize> = indices.iter().map(|&index| comments[index].0).collect();
            load_features(store, &rows, &self.device)
        })
    }

    /// As [`score`](Self::score), on pictures instead of rows of a store.
    ///
    /// # Errors
    ///
    /// As [`score`](Self::score), and as [`caption`](Self::caption) where the encoder is not at hand.
    pub fn score_pictures<W: AsRef<[u32]>>(
        &self,
        comments: &[(Picture<'_>, W)],
        options: &ScoreOptions,
    ) -> Result<Vec<Scored>, Error> {
        let words: Vec<&[u32]> = comments.iter().map(|(_, words)| words.as_ref()).collect();
        let num_words = self.vocabulary.len();
        score(&self.network, num_words, &words, options, |indices| {
            let pictures: Vec<Picture<'_>> =
                indices.iter().map(|&index| comments[index].0).collect();
            self.encoder.features(&pictures)
        })
    }

    /// How well it predicts the comments of `pairs`.
    ///
    /// # Errors
    ///
    /// Fails if the features come from another encoder, without pairs, and if a row cannot be read.
    pub fn measure(
        &self,
        pairs: &Pairs,
        store: &dyn FeatureSource,
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
        store: &dyn FeatureSource,
        batch_size: usize,
        done: impl FnMut(usize),
    ) -> Result<WordNlls, Error> {
        self.check(store)?;
        WordNlls::measure(&self.network, pairs, store, batch_size, &self.device, done)
    }

    fn check(&self, store: &dyn FeatureSource) -> Result<(), Error> {
        let found = store.encoder();
        if *found == self.config.encoder && self.config.network.accepts(store.row_shape()) {
            return Ok(());
        }
        Err(Error::OtherEncoder {
            features: found.to_string(),
            model: self.config.encoder.to_string(),
        })
    }
}
