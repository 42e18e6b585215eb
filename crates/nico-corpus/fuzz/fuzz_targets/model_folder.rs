//! A captioner's folder of any kind is an error that names a file, or a captioner that is written
//! as it was read, and that writes comments.
//!
//! An input is the weights; or, if it begins like JSON, `config.json`, `rate.json`,
//! `vocabulary.tsv` and the weights, with a zero byte between them. What is missing or empty is
//! that of a good folder.

#![no_main]

#[path = "common/place.rs"]
mod place;

use std::path::Path;
use std::sync::LazyLock;

use burn::tensor::Device;
use caption_model::{
    Beam, Captioner, CommentRate, GenerateOptions, GlobalCaptionerConfig, ModelConfig,
};
use frame_features::{EncoderId, Layer, MemoryFeatures};
use jp_tokenize::{PartOfSpeech, VocabularyBuilder};
use libfuzzer_sys::fuzz_target;

const FILES: [&str; 4] = [
    "config.json",
    "rate.json",
    "vocabulary.tsv",
    "model.safetensors",
];

/// The files of a good folder.
static GOOD: LazyLock<[Vec<u8>; 4]> = LazyLock::new(|| {
    let mut words = VocabularyBuilder::new();
    for word in ["ねこ", "かわいい"] {
        words.add(word, PartOfSpeech::parse("名詞,一般"));
    }
    let vocabulary = words.build(None, 1);
    let network = GlobalCaptionerConfig::new(vocabulary.len(), 2)
        .with_d_embedding(2)
        .with_d_hidden(1);
    let encoder = EncoderId::new("mine", "0".repeat(64), Layer::Relu7, 224);
    let config = ModelConfig::new(network.into(), encoder);
    let device = Device::flex();
    device.seed(1);
    let rate = CommentRate::from_counts([1, 2], 30.0);
    let network = config.network.init(&device);
    let captioner = Captioner::new(network, vocabulary, config, rate).expect("they fit");
    let folder = place::path("good-model");
    captioner.save(&folder).expect("there is room for it");
    load(&folder).expect("what is written can be read");
    FILES.map(|name| std::fs::read(folder.join(name)).expect("it was written"))
});

fuzz_target!(|input: &[u8]| {
    let mut parts = [&b""[..]; 4];
    if input.starts_with(b"{") {
        let given = input.splitn(4, |&byte| byte == 0);
        parts
            .iter_mut()
            .zip(given)
            .for_each(|(part, given)| *part = given);
    } else {
        parts[3] = input;
    }
    for ((name, part), good) in FILES.into_iter().zip(parts).zip(GOOD.iter()) {
        let part = if part.is_empty() { good } else { part };
        place::file(&format!("model/{name}"), part);
    }
    let (folder, copy) = (place::path("model"), place::path("copy"));
    let captioner = match load(&folder) {
        Ok(captioner) => captioner,
        Err(error) => {
            place::named(&folder, &error);
            return;
        }
    };
    assert!(!captioner.rate().mean().is_nan());
    captioner.save(&copy).expect("there is room for it");
    let again = load(&copy).expect("it was written");
    assert_eq!(again.config(), captioner.config());
    assert_eq!(again.rate(), captioner.rate());
    assert_eq!(again.vocabulary(), captioner.vocabulary());
    let weights = |folder: &Path| std::fs::read(folder.join(FILES[3])).expect("it was written");
    let written = weights(&copy);
    again.save(&copy).expect("there is room for it");
    assert_eq!(weights(&copy), written, "the weights are others");
    write(&captioner);
});

fn load(folder: &Path) -> Result<Captioner, caption_model::Error> {
    Captioner::from_dir(folder, &Device::flex())
}

/// Has the captioner write, of whatever numbers its weights are.
fn write(captioner: &Captioner) {
    let config = captioner.config();
    let d = config.network.d_features();
    let shapes = [vec![d], vec![4, d], vec![49, d]];
    let Some(shape) = shapes
        .into_iter()
        .find(|shape| config.network.accepts(shape))
    else {
        return;
    };
    let values = vec![0.5; shape.iter().product()];
    let features = MemoryFeatures::from_f32(config.encoder.clone(), shape, &values);
    let features = features.expect("they are numbers");
    for options in [
        GenerateOptions::default(),
        GenerateOptions::beam(Beam::new(2)),
    ] {
        match captioner.generate(&features, &[0], &options.max_words(3)) {
            Ok(comments) => comments.for_each(drop),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
