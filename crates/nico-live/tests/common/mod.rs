//! A small commenter that has learnt nothing, and clocks of a test's own.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use burn::tensor::Device;
use caption_model::{
    Commenter, CommenterConfig, CommenterFolder, NgramHasher, commenter::ngram_weights,
};
use jp_tokenize::{PieceOptions, Pieces};
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
    Commenter::from_dir(folder.path(), &device).unwrap()
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
