//! A tiny world: pictures of one of four kinds, each with its own comment.

use std::{
    ops::ControlFlow,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use burn::tensor::Device;
use caption_metrics::Pairs;
use caption_model::{CommentRate, GlobalCaptionerConfig, NetworkConfig};
use caption_train::{
    EpochRecord, Error, RunOptions, TrainConfig, TrainEvent, TrainReport, Trainer, TrainingData,
};
use frame_features::{
    EncoderId, FeatureStore, FeatureStoreWriter, Layer, Rational, StorePlan, VideoEnd, VideoSource,
};
use jp_tokenize::{PartOfSpeech, Vocabulary, VocabularyBuilder};

/// What is said of each kind of picture; 。 is a symbol.
pub(crate) const SAYINGS: [&[&str]; 4] = [
    &["ねこ", "かわいい"],
    &["いぬ", "でかい", "。"],
    &["そら"],
    &["ねこ", "と", "いぬ"],
];

pub(crate) const ROWS: usize = 80;

pub(crate) struct World {
    pub(crate) store: FeatureStore,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) train: Pairs,
    pub(crate) dev: Pairs,
    pub(crate) rate: CommentRate,
}

impl World {
    /// Writes the features into `folder`.
    pub(crate) fn new(folder: &Path) -> Self {
        let mut counts = VocabularyBuilder::new();
        for word in SAYINGS.concat() {
            let part = if word == "。" {
                "記号,句点"
            } else {
                "名詞,一般"
            };
            counts.add(word, PartOfSpeech::parse(part));
        }
        let vocabulary = counts.build(None, 1);
        let (mut train, mut dev) = (Pairs::new(30), Pairs::new(30));
        for row in 0..ROWS {
            let pairs = if row % 10 == 9 { &mut dev } else { &mut train };
            pairs.push(row, &vocabulary.encode(SAYINGS[row % 4].iter().copied()));
        }
        Self {
            store: store(folder),
            vocabulary,
            train,
            dev,
            rate: CommentRate::from_counts([1; ROWS], 10.0),
        }
    }

    pub(crate) fn data(&self) -> TrainingData<'_> {
        TrainingData {
            store: &self.store,
            train: &self.train,
            dev: &self.dev,
            vocabulary: &self.vocabulary,
            rate: &self.rate,
        }
    }

    pub(crate) fn network(&self) -> NetworkConfig {
        NetworkConfig::from(
            GlobalCaptionerConfig::new(self.vocabulary.len(), 4)
                .with_d_embedding(16)
                .with_d_hidden(16)
                .with_dropout(0.1),
        )
    }

    pub(crate) fn train(
        &self,
        config: TrainConfig,
        folder: &Path,
        observe: impl FnMut(TrainEvent),
    ) -> Result<TrainReport, Error> {
        self.train_with(config, RunOptions::default(), folder, observe)
    }

    pub(crate) fn train_with(
        &self,
        config: TrainConfig,
        options: RunOptions,
        folder: &Path,
        observe: impl FnMut(TrainEvent),
    ) -> Result<TrainReport, Error> {
        let _alone = alone();
        Trainer::new(self.network(), config, folder)
            .run_options(options)
            .run(self.data(), &Device::flex(), telling(observe))
    }
}

/// Goes on whatever happens.
pub(crate) fn go_on<E>(_: E) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Goes on, and tells `observe`.
pub(crate) fn telling<E>(mut observe: impl FnMut(E)) -> impl FnMut(E) -> ControlFlow<()> {
    move |event| {
        observe(event);
        ControlFlow::Continue(())
    }
}

/// The device's random numbers are the whole process's: two trainings at once would draw from each
/// other's.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Losses of epochs: bits, not rounded numbers.
pub(crate) fn losses(epochs: &[EpochRecord]) -> Vec<(u64, u64)> {
    epochs
        .iter()
        .map(|epoch| (epoch.train_nll.to_bits(), epoch.dev_nll.to_bits()))
        .collect()
}

pub(crate) fn config() -> TrainConfig {
    TrainConfig::default()
        .batch_size(16)
        .learning_rate(2e-2)
        .patience(30)
}

/// Row `i` is 1 at `i % 4` and 0 elsewhere, a tenth of a second after the one before.
fn store(folder: &Path) -> FeatureStore {
    store_of(folder, "one-hot", 0..ROWS)
}

/// The same for these `i`, by an encoder of this name.
pub(crate) fn store_of(folder: &Path, encoder: &str, rows: std::ops::Range<usize>) -> FeatureStore {
    // Encoders are told apart by their weights, not by their names.
    let weights = if encoder == "one-hot" { "0" } else { "3" };
    let encoder = EncoderId::new(encoder, weights.repeat(64), Layer::Relu7, 224);
    let video = VideoSource {
        path: "none.mp4".into(),
        bytes: 0,
        sha256: "1".repeat(64),
    };
    let plan = StorePlan::new(encoder, [4], video).block_rows(32);
    let mut writer = FeatureStoreWriter::create(folder, plan).unwrap();
    let num_rows = rows.len();
    for (frame, row) in rows.enumerate() {
        let mut features = [0.0; 4];
        features[row % 4] = 1.0;
        writer.push(frame, frame as f64 / 10.0, &features).unwrap();
    }
    let end = VideoEnd::new(num_rows, Rational::new(10, 1), num_rows as f64 / 10.0);
    writer.finish(end).unwrap();
    FeatureStore::open(folder).unwrap()
}
