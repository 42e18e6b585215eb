use std::{path::Path, sync::Arc};

use burn::tensor::{Device, Tensor};
use frame_features::{FeatureSource, FrameEncoder, Picture};
use jp_tokenize::Vocabulary;

use caption_metrics::{Likelihood, Pairs, WordNlls};

use crate::{
    batch::{as_int, ints, load_features},
    comment_rate::CommentRate,
    error::{Error, check_weights, check_words},
    files::remove,
    generate::{
        Caption, GenerateOptions, Generator, ScoreOptions, ScoredCaption, ScoredComment, score,
        write_features, write_n_best,
    },
    likelihood::word_nlls,
    model::Network,
    model_folder::{ModelConfig, ModelFolder},
    picture_encoder::PictureEncoder,
};

/// A trained captioner, from pictures to comments: network, vocabulary and comment rate.
///
/// Threads can share one, in an `Arc` or as a borrow: every method that writes or scores takes
/// `&self`. The encoder is loaded once, by the thread that needs it first.
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
///     println!("row {}: {}", comment.row, comment.text);
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
    encoder: PictureEncoder,
}

/// Pictures as a captioner's network gets them. Made by [`Captioner::encode`], for that captioner.
#[derive(Clone, Debug)]
pub struct EncodedPictures {
    /// `[pictures, locations, d_features]`; none of no pictures.
    features: Option<Tensor<3>>,
}

impl EncodedPictures {
    /// Number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.features
            .as_ref()
            .map_or(0, |features| features.dims()[0])
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.features.is_none()
    }
}

impl Captioner {
    /// Puts a captioner together from its parts, on the device of the network.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use caption_model::{Captioner, CommentRate, GlobalCaptionerConfig, ModelConfig};
    /// use frame_features::{EncoderId, Layer};
    /// use jp_tokenize::{PartOfSpeech, VocabularyBuilder};
    ///
    /// let mut words = VocabularyBuilder::new();
    /// for word in ["ねこ", "かわいい"] {
    ///     words.add(word, PartOfSpeech::parse("名詞,一般"));
    /// }
    /// let vocabulary = words.build(None, 1);
    /// let network = GlobalCaptionerConfig::new(vocabulary.len(), 16).into();
    /// let encoder = EncoderId::new("mine", "0".repeat(64), Layer::Relu7, 224);
    /// let config = ModelConfig::new(network, encoder);
    /// let rate = CommentRate::from_counts([1, 2], 30.0);
    /// let weights = config.network.init(&Device::flex());
    /// let captioner = Captioner::new(weights, vocabulary, config, rate)?;
    /// # let folder = tempfile::tempdir().expect("a folder");
    /// # let folder = folder.path();
    /// captioner.save(folder)?;
    /// assert!(Captioner::from_dir(folder, &Device::flex()).is_ok());
    /// # Ok::<(), caption_model::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the vocabulary has not as many words as the configuration says, and if the network
    /// has not as many weights as one of the configuration.
    pub fn new(
        network: Network,
        vocabulary: Vocabulary,
        config: ModelConfig,
        rate: CommentRate,
    ) -> Result<Self, Error> {
        if vocabulary.len() != config.network.num_words() {
            return Err(Error::VocabularySize {
                vocabulary: vocabulary.len(),
                network: config.network.num_words(),
            });
        }
        check_weights(&network, config.network.num_weights())?;
        let device = network.word_layer().weight.device();
        let (wanted, reads) = (config.encoder.clone(), config.network.clone());
        Ok(Self {
            encoder: PictureEncoder::new(None, wanted, reads, device.clone()),
            network,
            vocabulary,
            config,
            rate,
            device,
        })
    }

    /// Writes a model folder, each of its files whole or not at all: network, vocabulary and rate,
    /// and the encoder of a model whose encoder was fine-tuned. An encoder that was
    /// [given](Self::with_encoder) is not written, nor what other crates keep in a model's folder.
    /// Another model's weights go first: a program that ends between leaves a folder that is
    /// refused.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one cannot be written, or would hold what cannot be loaded, and
    /// with [`Error::Busy`] if another program writes into the folder.
    pub fn save(&self, dir: impl AsRef<Path>) -> Result<(), Error> {
        let folder = ModelFolder::new(dir);
        folder.check(&self.config, &self.vocabulary, &self.rate)?;
        let _one_writer = folder.lock()?;
        folder.remove_weights()?;
        match self.encoder.own() {
            Some(encoder) => folder.copy_encoder(encoder)?,
            None => remove(&folder.encoder_path())?,
        }
        folder.create(&self.config, &self.vocabulary, &self.rate)?;
        folder.save_network(&self.network)
    }

    /// Loads a model folder onto a device.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one is missing, damaged or does not fit the others.
    #[doc(alias = "load")]
    #[doc(alias = "open")]
    pub fn from_dir(dir: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        let folder = ModelFolder::new(dir);
        let config = folder.config()?;
        Ok(Self {
            vocabulary: folder.vocabulary(&config)?,
            rate: folder.rate()?,
            network: folder.load_network(&config, device)?,
            device: device.clone(),
            encoder: PictureEncoder::new(
                Some(folder.encoder_path()),
                config.encoder.clone(),
                config.network.clone(),
                device.clone(),
            ),
            config,
        })
    }

    /// Path of the encoder's weights in the model folder, where the encoder was fine-tuned.
    #[must_use]
    pub fn encoder_file(&self) -> Option<&Path> {
        self.encoder.own()
    }

    /// Sets the encoder for [`caption`](Self::caption): that which the model learnt from, by its
    /// checksum, layer and size.
    ///
    /// # Errors
    ///
    /// [`Error::OtherEncoder`] if it is another one, [`Error::FeatureShape`] if its features are
    /// not what the network reads.
    pub fn with_encoder(
        self,
        encoder: impl FrameEncoder + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        self.encoder.give(Arc::new(encoder))?;
        Ok(self)
    }

    /// As [`with_encoder`](Self::with_encoder), with the encoder in a file: VGG-19's weights as
    /// torchvision's `.pth` or safetensors, or a network in ONNX with its settings beside it
    /// (feature `onnx`).
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, and with [`Error::OtherEncoder`] if the model learnt from
    /// another one.
    pub fn with_encoder_file(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        self.encoder.give_file(path.as_ref())?;
        Ok(self)
    }

    /// Loads the encoder of pictures now, and not with the first picture: for programs that have
    /// long work to do before.
    ///
    /// # Errors
    ///
    /// Fails if the encoder that the model learnt from is not to be found, and if its file cannot be
    /// read.
    pub fn load_encoder(&self) -> Result<(), Error> {
        self.encoder.load()
    }

    /// Its vocabulary.
    #[must_use]
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Configuration of the model, as `config.json` holds it.
    #[must_use]
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Comment rate of the training data.
    #[must_use]
    pub fn rate(&self) -> &CommentRate {
        &self.rate
    }

    /// Device of the network.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The network itself.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Generates a comment for each of `rows`, in that order; a row may stand there several times.
    ///
    /// # Errors
    ///
    /// Fails if the features come from another encoder than the model's or have another shape, and
    /// if an option has a value that cannot work. The iterator fails if a row cannot be read.
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

    /// Generates a comment on a picture: VGG-19, LSTM and words in one call.
    ///
    /// The encoder is the one given by [`with_encoder`](Self::with_encoder), or
    /// `encoder.safetensors` of the model folder, or the built-in one (feature `slim`), whichever
    /// the model learnt from; it is loaded with the first picture.
    ///
    /// The same picture, options and seed give the same comment; [`caption_all`](Self::caption_all)
    /// with the picture several times gives several.
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
    /// [`Error::NoEncoder`] if the model's encoder cannot be found; otherwise as
    /// [`generate`](Self::generate).
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

    /// Generates a comment on each of some pictures, of any sizes: in batches, faster than one by
    /// one.
    ///
    /// On the device are the features of [`batch_size`](GenerateOptions::batch_size) pictures at a
    /// time, whatever the number of pictures. Pictures themselves are the caller's: of thousands,
    /// read some, caption them and go on. Comments are drawn by their place among those of a call,
    /// so each call needs a seed of its own, or the first pictures of all calls draw alike:
    ///
    /// ```no_run
    /// # use burn::tensor::Device;
    /// use caption_model::{Captioner, GenerateOptions};
    /// use frame_features::Picture;
    ///
    /// let captioner = Captioner::from_dir("model", &Device::flex())?;
    /// let read = |number: u64| vec![90; 640 * 480 * 3]; // of a file
    /// for first in (0..10_000).step_by(250) {
    ///     let some: Vec<Vec<u8>> = (first..first + 250).map(read).collect();
    ///     let pictures = some.iter().map(|rgb| Picture::new(640, 480, rgb));
    ///     let pictures: Vec<_> = pictures.collect::<Option<_>>().expect("three bytes a pixel");
    ///     let options = GenerateOptions::default().seed(first);
    ///     for caption in captioner.caption_all(&pictures, &options)? {
    ///         println!("{}", caption.text);
    ///     }
    /// }
    /// # Ok::<(), caption_model::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`caption`](Self::caption).
    pub fn caption_all(
        &self,
        pictures: &[Picture<'_>],
        options: &GenerateOptions,
    ) -> Result<Vec<Caption>, Error> {
        write_features(
            &self.network,
            &self.vocabulary,
            pictures.len(),
            options,
            &self.device,
            |range| self.encoder.features(&pictures[range]),
        )
    }

    /// The features of some pictures, of any sizes, for [`caption_encoded`](Self::caption_encoded)
    /// and [`score_encoded`](Self::score_encoded): where several comments are written on one
    /// picture, or given ones scored, the encoder looks at it once. All of them stay on the device.
    ///
    /// # Errors
    ///
    /// [`Error::NoEncoder`] if the model's encoder cannot be found, and if the device fails.
    pub fn encode(&self, pictures: &[Picture<'_>]) -> Result<EncodedPictures, Error> {
        let features = match pictures {
            [] => None,
            pictures => Some(self.encoder.features(pictures)?),
        };
        Ok(EncodedPictures { features })
    }

    /// Generates a comment on each of some pictures, as [`caption_all`](Self::caption_all).
    ///
    /// # Errors
    ///
    /// As [`generate`](Self::generate).
    ///
    /// # Panics
    ///
    /// Panics if the pictures were encoded by a captioner whose encoder makes features of another
    /// shape.
    pub fn caption_encoded(
        &self,
        pictures: &EncodedPictures,
        options: &GenerateOptions,
    ) -> Result<Vec<Caption>, Error> {
        let Some(features) = &pictures.features else {
            return Ok(Vec::new());
        };
        write_features(
            &self.network,
            &self.vocabulary,
            pictures.len(),
            options,
            &self.device,
            |range| Ok(features.clone().narrow(0, range.start, range.len())),
        )
    }

    /// The `num_best` best captions of each of some pictures with their probabilities, the best
    /// first: as a beam ranks them. With other decoding there is one.
    ///
    /// ```no_run
    /// # use burn::tensor::Device;
    /// use caption_model::{Beam, Captioner, GenerateOptions};
    /// # use frame_features::Picture;
    ///
    /// # let captioner = Captioner::from_dir("model", &Device::flex())?;
    /// # let rgb = vec![90; 640 * 480 * 3];
    /// # let picture = Picture::new(640, 480, &rgb).expect("three bytes a pixel");
    /// let options = GenerateOptions::beam(Beam::new(8));
    /// for best in &captioner.caption_n_best(&[picture], 5, &options)?[0] {
    ///     println!("{:.2} {}", best.log_probability.unwrap_or(0.0), best.caption.text);
    /// }
    /// # Ok::<(), caption_model::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`caption`](Self::caption), and if `num_best` is 0 or more than the width of the beam.
    pub fn caption_n_best(
        &self,
        pictures: &[Picture<'_>],
        num_best: usize,
        options: &GenerateOptions,
    ) -> Result<Vec<Vec<ScoredCaption>>, Error> {
        write_n_best(
            &self.network,
            &self.vocabulary,
            pictures.len(),
            num_best,
            options,
            &self.device,
            |range| self.encoder.features(&pictures[range]),
        )
    }

    /// Likelihoods of given comments: the model is made to write each of them on its row (forced
    /// decoding). A pair is a row of the store and word ids without `<bos>` and `<eos>`; the
    /// results stand in the same order. Texts become words by the tokenizer that the model learnt
    /// with, and words ids by [`vocabulary`](Self::vocabulary).
    ///
    /// ```no_run
    /// # use burn::tensor::Device;
    /// # use caption_model::{Captioner, ScoreOptions};
    /// # use frame_features::FeatureStore;
    /// # let captioner = Captioner::from_dir("model", &Device::flex())?;
    /// # let store = FeatureStore::open("features")?;
    /// let words = captioner.vocabulary().encode(["チノ", "かわいい"]);
    /// let comments = [(30, &words), (60, &words)];
    /// let scored = captioner.score(&store, &comments, &ScoreOptions::default())?;
    /// println!("row 30: {:.2} nats, row 60: {:.2}", scored[0].nll(), scored[1].nll());
    /// # Ok::<(), caption_model::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the features come from another encoder, if a comment has no words or an id that is
    /// not the vocabulary's, and if a row cannot be read.
    pub fn score<W: AsRef<[u32]>>(
        &self,
        store: &dyn FeatureSource,
        comments: &[(usize, W)],
        options: &ScoreOptions,
    ) -> Result<Vec<ScoredComment>, Error> {
        self.check(store)?;
        let words: Vec<&[u32]> = comments.iter().map(|(_, words)| words.as_ref()).collect();
        let num_words = self.vocabulary.len();
        score(&self.network, num_words, &words, options, |indices| {
            let rows: Vec<usize> = indices.iter().map(|&index| comments[index].0).collect();
            load_features(store, &rows, &self.device)
        })
    }

    /// As [`score`](Self::score), on pictures instead of rows of a store. A picture is encoded for
    /// each comment: where several are on one, [`score_encoded`](Self::score_encoded) is faster.
    ///
    /// # Errors
    ///
    /// As [`score`](Self::score), and as [`caption`](Self::caption) where the encoder is not at
    /// hand.
    pub fn score_pictures<W: AsRef<[u32]>>(
        &self,
        comments: &[(Picture<'_>, W)],
        options: &ScoreOptions,
    ) -> Result<Vec<ScoredComment>, Error> {
        let words: Vec<&[u32]> = comments.iter().map(|(_, words)| words.as_ref()).collect();
        let num_words = self.vocabulary.len();
        score(&self.network, num_words, &words, options, |indices| {
            let pictures: Vec<Picture<'_>> =
                indices.iter().map(|&index| comments[index].0).collect();
            self.encoder.features(&pictures)
        })
    }

    /// As [`score`](Self::score), on pictures that were [encoded](Self::encode), which a pair names
    /// by their numbers: a hundred comments are scored on one picture that is encoded once.
    ///
    /// ```no_run
    /// # use burn::tensor::Device;
    /// # use caption_model::{Captioner, ScoreOptions};
    /// # use frame_features::Picture;
    /// # let captioner = Captioner::from_dir("model", &Device::flex())?;
    /// # let rgb = vec![90; 640 * 480 * 3];
    /// # let picture = Picture::new(640, 480, &rgb).expect("three bytes a pixel");
    /// let encoded = captioner.encode(&[picture])?;
    /// let words = |text| captioner.vocabulary().encode([text]);
    /// let comments = ["チノ", "ココア"].map(|text| (0, words(text)));
    /// let scored = captioner.score_encoded(&encoded, &comments, &ScoreOptions::default())?;
    /// println!("{:.2} and {:.2} nats", scored[0].nll(), scored[1].nll());
    /// # Ok::<(), caption_model::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if a comment has no words or an id that is not the vocabulary's, and if the device
    /// does.
    ///
    /// # Panics
    ///
    /// Panics if there is no picture of a number, and if the pictures were encoded by a captioner
    /// whose encoder makes features of another shape.
    pub fn score_encoded<W: AsRef<[u32]>>(
        &self,
        pictures: &EncodedPictures,
        comments: &[(usize, W)],
        options: &ScoreOptions,
    ) -> Result<Vec<ScoredComment>, Error> {
        for (picture, _) in comments {
            let all = pictures.len();
            assert!(*picture < all, "picture {picture} of {all}");
        }
        let words: Vec<&[u32]> = comments.iter().map(|(_, words)| words.as_ref()).collect();
        let num_words = self.vocabulary.len();
        score(&self.network, num_words, &words, options, |indices| {
            let numbers = indices.iter().map(|&index| as_int(comments[index].0));
            let features = pictures.features.clone();
            let features = features.expect("each comment is on one of them");
            Ok(features.select(0, ints(numbers.collect(), &self.device)))
        })
    }

    /// Perplexity of the comments of `pairs`.
    ///
    /// # Errors
    ///
    /// As [`word_nlls`](Self::word_nlls), and without pairs.
    pub fn measure(
        &self,
        pairs: &Pairs,
        store: &dyn FeatureSource,
        batch_size: usize,
    ) -> Result<Likelihood, Error> {
        if pairs.is_empty() {
            return Err(Error::NoPairs);
        }
        let nlls = self.word_nlls(pairs, store, batch_size, |_| ())?;
        Ok(Likelihood::from_nlls(pairs, &nlls))
    }

    /// Negative log-likelihood of each word of `pairs`, in the order of the pairs; `done` is told
    /// how many comments are done.
    ///
    /// # Errors
    ///
    /// Fails if the features come from another encoder, if a word has an id that is not the
    /// vocabulary's, if the batch size is 0, and if a row cannot be read.
    pub fn word_nlls(
        &self,
        pairs: &Pairs,
        store: &dyn FeatureSource,
        batch_size: usize,
        done: impl FnMut(usize),
    ) -> Result<WordNlls, Error> {
        self.check(store)?;
        let words = pairs.iter().flat_map(|pair| pair.words);
        check_words(words, self.vocabulary.len())?;
        word_nlls(&self.network, pairs, store, batch_size, &self.device, done)
    }

    fn check(&self, store: &dyn FeatureSource) -> Result<(), Error> {
        let (found, network) = (store.encoder(), &self.config.network);
        if !found.matches(&self.config.encoder) {
            return Err(Error::OtherEncoder {
                features: found.to_string(),
                model: self.config.encoder.to_string(),
            });
        }
        if !network.accepts(store.row_shape()) {
            return Err(Error::FeatureShape {
                found: store.row_shape().to_vec(),
                expected: network.expected_features(),
            });
        }
        Ok(())
    }
}
