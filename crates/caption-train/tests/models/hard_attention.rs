//! Hard attention learns, and repeats to the last bit.

use std::{ops::ControlFlow, path::Path};

use burn::tensor::Device;
use caption_metrics::Pairs;
use caption_model::{
    AttentionCaptionerConfig, AttentionInference, Captioner, CommentRate, NetworkConfig,
};
use caption_train::{
    CheckpointEvery, HardAttention, RunOptions, TrainConfig, TrainEvent, TrainReport, Trainer,
    TrainingData,
};
use frame_features::{EncoderId, FeatureStore, Layer};
use jp_tokenize::Vocabulary;

use crate::{alone, store, vocabulary};

const WORDS: [&str; 3] = ["ねこ", "いぬ", "そら"];
const ROWS: usize = 60;
const LOCATIONS: usize = 4;

/// Pictures of four places; at one of them, another one from row to row, stands what is said.
struct World {
    store: FeatureStore,
    vocabulary: Vocabulary,
    train: Pairs,
    dev: Pairs,
    rate: CommentRate,
}

impl World {
    fn new(folder: &Path) -> Self {
        let rows: Vec<Vec<f32>> = (0..ROWS)
            .map(|row| {
                let mut values = vec![0.0; LOCATIONS * 4];
                for place in 0..LOCATIONS {
                    let what = if place == row / 3 % LOCATIONS {
                        row % 3
                    } else {
                        3
                    };
                    values[place * 4 + what] = 1.0;
                }
                values
            })
            .collect();
        let encoder = EncoderId::new("by hand", "0".repeat(64), Layer::Conv5_3, 32);
        let vocabulary = vocabulary(&WORDS);
        let (mut train, mut dev) = (Pairs::new(30), Pairs::new(30));
        for row in 0..ROWS {
            let pairs = if row % 7 == 3 { &mut dev } else { &mut train };
            pairs.push(row, &vocabulary.encode([WORDS[row % 3]]));
        }
        Self {
            store: store(folder, encoder, vec![LOCATIONS, 4], &rows),
            vocabulary,
            train,
            dev,
            rate: CommentRate::from_counts([1; ROWS], 10.0),
        }
    }

    fn train(
        &self,
        epochs: usize,
        folder: &Path,
        mut observe: impl FnMut(TrainEvent),
    ) -> TrainReport {
        let network = AttentionCaptionerConfig::new(self.vocabulary.len(), 4)
            .with_d_embedding(12)
            .with_d_hidden(12)
            .with_d_attention(12)
            .with_dropout(0.1)
            .with_inference(AttentionInference::Argmax);
        let config = TrainConfig::default()
            .epochs(epochs)
            .batch_size(10)
            .learning_rate(2e-2)
            .patience(epochs)
            .attention_regularizer(0.0)
            .hard_attention(Some(HardAttention::default()));
        let data = TrainingData {
            store: &self.store,
            train: &self.train,
            dev: &self.dev,
            vocabulary: &self.vocabulary,
            rate: &self.rate,
        };
        Trainer::new(NetworkConfig::from(network), config, folder)
            .run_options(RunOptions::default().checkpoint_every(CheckpointEvery::Steps(2)))
            .run(data, &Device::flex(), |event| {
                observe(event);
                ControlFlow::Continue(())
            })
            .unwrap()
    }
}

fn bits(report: &TrainReport) -> Vec<(u64, u64)> {
    let epochs = report.epochs.iter();
    epochs
        .map(|epoch| (epoch.train_nll.to_bits(), epoch.dev_nll.to_bits()))
        .collect()
}

/// With a look at one place only, the largest weight, the model says what stands there: it has to
/// find the right one of four. By chance a word costs ln(3)/2 = 0.55 nats (its `<eos>` nothing).
#[test]
fn it_learns_where_to_look() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    let report = world.train(60, &model, |_| {});
    let dev = Captioner::from_dir(&model, &Device::flex())
        .unwrap()
        .measure(&world.dev, &world.store, 8)
        .unwrap();
    assert!(dev.nll() < 0.1, "{}, {:?}", dev.nll(), report.best_epoch);
}

/// Two trainings are equal to the last bit, and so is one that goes on from a checkpoint within an
/// epoch: the locations drawn and the baseline are the same.
#[test]
fn it_repeats_and_resumes_to_the_last_bit() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
    // What a kill right after the second checkpoint of the second epoch leaves.
    let first = world.train(3, &whole, |event| {
        if matches!(event, TrainEvent::Checkpoint { epoch: 2, steps: 4 }) {
            copy(&whole, &stopped);
        }
    });
    let again = world.train(3, &folder.path().join("again"), |_| {});
    assert_eq!(bits(&again), bits(&first));
    let mut resumed = None;
    let second = world.train(3, &stopped, |event| {
        if let TrainEvent::Resumed { epoch, steps } = event {
            resumed = Some((epoch, steps));
        }
    });
    assert_eq!(resumed, Some((1, 4)));
    assert_eq!(bits(&second), bits(&first));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, target).unwrap();
        }
    }
}
