//! For tests: a model that has learnt nothing, and features of nothing.

use std::path::Path;

use burn::tensor::Device;
use caption_model::{Captioner, CommentRate, GlobalCaptionerConfig, ModelConfig};
use frame_features::{
    EncoderId, FeatureStore, FeatureStoreWriter, Layer, Rational, Sampling, StorePlan, VideoEnd,
    VideoSource,
};
use jp_tokenize::{PieceOptions, Pieces, VocabularyBuilder};

/// Pieces of which one is a text: 草.
pub(super) fn pieces() -> Pieces {
    Pieces::learn(["草", "草"], &PieceOptions::default()).unwrap()
}

/// A model of pieces.
pub(super) fn captioner(pieces: &Pieces) -> Captioner {
    let vocabulary = pieces.to_vocabulary(&VocabularyBuilder::new());
    let network = GlobalCaptionerConfig::new(vocabulary.len(), 2).into();
    let config = ModelConfig::new(network, encoder());
    let rate = CommentRate::from_counts([1, 2], 30.0);
    let weights = config.network.init(&Device::flex());
    Captioner::new(weights, vocabulary, config, rate).unwrap()
}

/// Features of 40 frames, one a second, which are said to have been taken so.
pub(super) fn store(folder: &Path, sampling: Sampling) -> FeatureStore {
    let video = VideoSource {
        path: "none.mp4".into(),
        bytes: 0,
        sha256: "1".repeat(64),
    };
    let plan = StorePlan::new(encoder(), [2], video).sampling(sampling);
    let mut writer = FeatureStoreWriter::create(folder, plan).unwrap();
    for row in 0..40 {
        writer.push(row, row as f64, &[0.0, 1.0]).unwrap();
    }
    let end = VideoEnd::new(40, Rational::new(1, 1), 40.0);
    writer.finish(end).unwrap();
    FeatureStore::open(folder).unwrap()
}

fn encoder() -> EncoderId {
    EncoderId::new("made-up", "0".repeat(64), Layer::Relu7, 32)
}
