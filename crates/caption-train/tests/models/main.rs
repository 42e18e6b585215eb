//! Hard attention and fine-tuning from end to end.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod fine_tuning;
mod hard_attention;

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use frame_features::{
    EncoderId, FeatureStore, FeatureStoreWriter, Rational, StorePlan, VideoEnd, VideoSource,
};
use jp_tokenize::{PartOfSpeech, Vocabulary, VocabularyBuilder};

/// The device's random numbers are the whole process's: two trainings at once would draw from each
/// other's.
fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

fn vocabulary(words: &[&str]) -> Vocabulary {
    let mut counts = VocabularyBuilder::new();
    for word in words {
        counts.add(word, PartOfSpeech::parse("名詞,一般"));
    }
    counts.build(None, 1)
}

/// A store of these rows, a tenth of a second apart.
fn store(folder: &Path, encoder: EncoderId, shape: Vec<usize>, rows: &[Vec<f32>]) -> FeatureStore {
    let video = VideoSource {
        path: "none.mp4".into(),
        bytes: 0,
        sha256: "1".repeat(64),
    };
    let plan = StorePlan::new(encoder, shape, video).block_rows(32);
    let mut writer = FeatureStoreWriter::create(folder, plan).unwrap();
    for (row, values) in rows.iter().enumerate() {
        writer.push(row, row as f64 / 10.0, values).unwrap();
    }
    let end = VideoEnd::new(rows.len(), Rational::new(10, 1), rows.len() as f64 / 10.0);
    writer.finish(end).unwrap();
    FeatureStore::open(folder).unwrap()
}
