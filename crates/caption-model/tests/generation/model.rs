//! Captioners with random weights, and features to go with them.

use burn::tensor::Device;
use caption_model::{
    AttentionCaptionerConfig, Captioner, CommentRate, GlobalCaptionerConfig, ModelConfig,
    NetworkConfig,
};
use frame_features::{EncoderId, Layer, MemoryFeatures};
use jp_tokenize::{PartOfSpeech, Vocabulary, VocabularyBuilder};

/// Rows of the features.
pub(crate) const ROWS: usize = 24;

/// Twelve words, the last one a symbol.
pub(crate) fn vocabulary() -> Vocabulary {
    let mut counts = VocabularyBuilder::new();
    for word in [
        "ねこ",
        "いぬ",
        "そら",
        "うみ",
        "かわいい",
        "でかい",
        "あおい",
        "と",
        "は",
        "w",
        "草",
        "。",
    ] {
        let part = if word == "。" {
            "記号,句点"
        } else {
            "名詞,一般"
        };
        counts.add(word, PartOfSpeech::parse(part));
    }
    counts.build(None, 1)
}

pub(crate) fn global() -> NetworkConfig {
    let config = GlobalCaptionerConfig::new(vocabulary().len(), 6);
    NetworkConfig::from(config.with_d_embedding(8).with_d_hidden(8))
}

pub(crate) fn attention() -> NetworkConfig {
    let config = AttentionCaptionerConfig::new(vocabulary().len(), 5);
    NetworkConfig::from(
        config
            .with_d_embedding(8)
            .with_d_hidden(8)
            .with_d_attention(8),
    )
}

/// An encoder's description, for features and models alike.
pub(crate) fn encoder(layer: Layer) -> EncoderId {
    EncoderId::new("made-up", "0".repeat(64), layer, 32)
}

/// A captioner of random weights that say something: as they come they are all but even.
pub(crate) fn captioner(network: NetworkConfig, encoder: EncoderId) -> Captioner {
    let device = Device::flex();
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let alone = ONE_AT_A_TIME.lock().unwrap();
    device.seed(11);
    let weights = network.init(&device).map(&mut Louder);
    drop(alone);
    let rate = CommentRate::from_counts([1, 2], 10.0);
    Captioner::new(
        weights,
        vocabulary(),
        ModelConfig::new(network, encoder),
        rate,
    )
    .unwrap()
}

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;

/// Makes weights four times as large.
struct Louder;

impl ModuleMapper for Louder {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor.mul_scalar(4.0))
    }
}

/// A captioner of random weights with features for it.
pub(crate) struct Made {
    pub(crate) captioner: Captioner,
    pub(crate) features: MemoryFeatures,
}

impl Made {
    pub(crate) fn global() -> Self {
        Self::new(&global(), Layer::Relu7, &[6])
    }

    pub(crate) fn attention() -> Self {
        Self::new(&attention(), Layer::Conv5_3, &[4, 5])
    }

    fn new(network: &NetworkConfig, layer: Layer, shape: &[usize]) -> Self {
        let numbers: Vec<f32> = (0..ROWS)
            .flat_map(|row| {
                let numbers = 0..shape.iter().product::<usize>();
                numbers.map(move |i| ((row * 31 + i * 17) % 23) as f32 / 11.0 - 1.0)
            })
            .collect();
        Self {
            captioner: captioner(network.clone(), encoder(layer)),
            features: MemoryFeatures::from_f32(encoder(layer), shape, &numbers).unwrap(),
        }
    }
}
