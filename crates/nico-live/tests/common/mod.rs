//! A small commenter that has learnt nothing, and clocks of a test's own.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use burn::tensor::{Device, Tensor, TensorData};
use caption_model::{
    Captioner, CommentRate, Commenter, CommenterConfig, CommenterFolder, GlobalCaptionerConfig,
    ModelConfig, NetworkConfig, NgramHasher,
    commenter::{BackgroundNgrams, ngram_weights},
};
use frame_features::{EncoderId, FrameEncoder, Layer, Picture};
use jp_tokenize::{PartOfSpeech, PieceOptions, Pieces, VocabularyBuilder};
use nico_live::Clock;

const TEXTS: [&str; 6] = ["草", "かわいい", "おはよう", "88888", "きたあああ", "ねこ"];

/// A commenter of random weights.
pub(crate) fn commenter() -> Commenter {
    let dir = tempfile::tempdir().unwrap();
    let pieces = Pieces::learn(TEXTS, &PieceOptions::default().size(280)).unwrap();
    let mut config = CommenterConfig::tiny(&pieces);
    config.matcher = config.matcher.with_num_rows(512).with_d_model(8);
    config.network = config
        .network
        .with_d_model(16)
        .with_num_layers(2)
        .with_num_heads(2);
    let folder = CommenterFolder::new(dir.path());
    folder.create(&config, &pieces).unwrap();
    let device = Device::flex();
    device.seed(7);
    let hasher = NgramHasher::new(512);
    let ngrams: Vec<Vec<u32>> = TEXTS.iter().map(|text| hasher.rows(text)).collect();
    let weights = ngram_weights(512, ngrams.iter().map(Vec::as_slice));
    folder
        .save_matcher(&config.matcher.init(&weights, &device))
        .unwrap();
    folder.save_network(&config.network.init(&device)).unwrap();
    folder
        .save_background(&BackgroundNgrams::default())
        .unwrap();
    Commenter::from_dir(folder.path(), &device).unwrap()
}

/// An encoder that sees a picture's mean light, and counts what it looked at.
#[derive(Clone, Debug)]
pub(crate) struct Light {
    id: EncoderId,
    pub(crate) looks: Arc<AtomicU64>,
}

impl FrameEncoder for Light {
    fn id(&self) -> &EncoderId {
        &self.id
    }

    fn shape(&self) -> &[usize] {
        &[2]
    }

    fn forward(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, frame_features::Error> {
        self.looks
            .fetch_add(pictures.len() as u64, Ordering::Relaxed);
        let mean = |picture: &Picture<'_>| {
            let sum: f32 = picture.rgb().iter().map(|byte| f32::from(*byte)).sum();
            let mean = sum / picture.rgb().len() as f32;
            [mean, 255.0 - mean]
        };
        let rows: Vec<f32> = pictures.iter().flat_map(mean).collect();
        let rows = TensorData::new(rows, [pictures.len(), 1, 2]);
        Ok(Tensor::from_data(rows, &Device::flex()))
    }
}

/// A captioner of random weights that sees light alone, and its encoder.
pub(crate) fn captioner() -> (Captioner, Light) {
    let mut words = VocabularyBuilder::new();
    for word in TEXTS {
        words.add(word, PartOfSpeech::parse("名詞,一般"));
    }
    let vocabulary = words.build(None, 1);
    let id = EncoderId::new("light", "0".repeat(64), Layer::Relu7, 32);
    let network = GlobalCaptionerConfig::new(vocabulary.len(), 2).with_d_embedding(8);
    let network = NetworkConfig::from(network.with_d_hidden(8));
    let weights = network.init(&Device::flex());
    let config = ModelConfig::new(network, id.clone());
    let rate = CommentRate::from_counts([1, 2], 10.0);
    let light = Light {
        id,
        looks: Arc::default(),
    };
    let captioner = Captioner::new(weights, vocabulary, config, rate).unwrap();
    (captioner.with_encoder(light.clone()).unwrap(), light)
}

/// A clock that goes on by so many microseconds each time it is asked.
#[derive(Debug)]
pub(crate) struct SteppingClock {
    now: AtomicU64,
    step: u64,
}

impl SteppingClock {
    pub(crate) fn new(step: Duration) -> Self {
        Self {
            now: AtomicU64::new(0),
            step: u64::try_from(step.as_micros()).unwrap(),
        }
    }
}

impl Clock for SteppingClock {
    fn now(&self) -> Duration {
        Duration::from_micros(self.now.fetch_add(self.step, Ordering::Relaxed))
    }
}
