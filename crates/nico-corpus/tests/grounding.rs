//! A world of planted annotations: whoever is in a picture is one location of it, and comments say
//! how they are. A captioner that learns to comment on them has to look at whom it named; the
//! grounding scores have to see that, and see nothing where the pictures belong to other comments.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{ops::ControlFlow, path::Path};

use burn::tensor::Device;
use caption_metrics::{
    BoundingBox, FrequentPositions, GroundTruth, Mention, NamePointing, NameSwap, NameTemplate,
    Pairs, pointing,
};
use caption_model::{
    AttentionCaptionerConfig, Captioner, CommentRate, InitialState, NetworkConfig,
};
use caption_train::{TrainConfig, Trainer, TrainingData};
use frame_features::{
    EncoderId, FeatureStore, FeatureStoreWriter, Layer, Rational, StorePlan, VideoEnd, VideoSource,
};
use jp_tokenize::{PartOfSpeech, Vocabulary, VocabularyBuilder};
use nico_corpus::grounding::{Probe, attention_guard, mentions, presence, swap_test};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

const SIDE: usize = 4;
const ROWS: usize = 400;
const NAMES: [&str; 3] = ["ルリ", "ミント", "スミ"];
const MOODS: [&str; 2] = ["笑顔", "泣き顔"];
const COLOURS: [&str; 2] = ["赤", "青"];
/// Who, mood and colour.
const FEATURES: usize = NAMES.len() + MOODS.len() + COLOURS.len();

/// Two of the three at different places of every picture, each with a mood and a colour of their
/// own.
struct World {
    store: FeatureStore,
    vocabulary: Vocabulary,
    truth: GroundTruth,
    train: Pairs,
    dev: Pairs,
}

impl World {
    /// With `shuffled` every comment is put under the picture of some other one.
    fn new(folder: &Path, shuffled: bool) -> Self {
        let mut counts = VocabularyBuilder::new();
        for word in NAMES.iter().chain(&MOODS).chain(&COLOURS).chain(&["は"]) {
            counts.add(word, PartOfSpeech::parse("名詞,一般"));
        }
        let vocabulary = counts.build(None, 1);
        let mut truth = GroundTruth::new(ROWS);
        for name in NAMES {
            truth.add_character(name, vocabulary.id(name));
        }
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut comments: Vec<(usize, Vec<u32>)> = Vec::new();
        let mut writer = FeatureStoreWriter::create(folder, plan()).unwrap();
        for row in 0..ROWS {
            let mut features = vec![0.0; SIDE * SIDE * FEATURES];
            let absent = rng.random_range(0..NAMES.len());
            let mut places: Vec<usize> = (0..SIDE * SIDE).collect();
            places.shuffle(&mut rng);
            for (who, place) in (0..NAMES.len()).filter(|&who| who != absent).zip(places) {
                let [mood, colour] = [rng.random_range(0..2), rng.random_range(0..2)];
                let traits = [who, NAMES.len() + mood, NAMES.len() + MOODS.len() + colour];
                for one in traits {
                    features[place * FEATURES + one] = 4.0;
                }
                truth.add_box(row, who, cell(place));
                let words = [NAMES[who], "は", MOODS[mood], COLOURS[colour]];
                comments.push((row, vocabulary.encode(words)));
            }
            writer.push(row, row as f64, &features).unwrap();
        }
        let end = VideoEnd::new(ROWS, Rational::new(1, 1), ROWS as f64);
        writer.finish(end).unwrap();
        let (mut train, mut dev) = (Pairs::new(30), Pairs::new(30));
        for (row, words) in comments {
            let part = if row % 5 == 4 { &mut dev } else { &mut train };
            let row = if shuffled {
                (row * 7 + 130) % ROWS
            } else {
                row
            };
            part.push(row, &words);
        }
        Self {
            store: FeatureStore::open(folder).unwrap(),
            vocabulary,
            truth,
            train,
            dev,
        }
    }

    /// Learns until dev has not improved for `patience` epochs; the model is that of the best one,
    /// whatever came after it.
    fn learn(&self, folder: &Path, patience: usize) -> Captioner {
        let network = AttentionCaptionerConfig::new(self.vocabulary.len(), FEATURES)
            .with_d_embedding(24)
            .with_d_hidden(24)
            .with_d_attention(24)
            .with_initial_state(InitialState::Blind)
            .with_gate(false);
        let config = TrainConfig::default()
            .epochs(40)
            .patience(patience)
            .batch_size(32)
            .learning_rate(1e-2)
            .attention_regularizer(0.0);
        let rate = CommentRate::from_counts([2; ROWS], 1.0);
        let data = TrainingData {
            store: &self.store,
            train: &self.train,
            dev: &self.dev,
            vocabulary: &self.vocabulary,
            rate: &rate,
        };
        Trainer::new(NetworkConfig::from(network), config, folder)
            .run(data, &Device::flex(), |_| ControlFlow::Continue(()))
            .unwrap();
        Captioner::from_dir(folder, &Device::flex()).unwrap()
    }
}

fn cell(place: usize) -> BoundingBox {
    let side = SIDE as f64;
    let [left, top] = [(place % SIDE) as f64 / side, (place / SIDE) as f64 / side];
    BoundingBox {
        left,
        top,
        right: left + 1.0 / side,
        bottom: top + 1.0 / side,
    }
}

fn plan() -> StorePlan {
    let encoder = EncoderId::new("planted", "0".repeat(64), Layer::Conv5_3, 224);
    let video = VideoSource {
        path: "none.mp4".into(),
        bytes: 0,
        sha256: "1".repeat(64),
    };
    StorePlan::new(encoder, [SIDE * SIDE, FEATURES], video).block_rows(64)
}

/// The means over names: pointing and swap once the name is read, and the presence of the first
/// name.
fn scores(world: &World, captioner: &Captioner) -> (NamePointing, NameSwap, f64) {
    let probe = Probe::new(captioner, &world.store, 32);
    let truth = &world.truth;
    let usual = FrequentPositions::fit(&world.train, truth);
    let mentions = mentions(&probe, &world.dev, truth, &usual).unwrap();
    let rows: Vec<usize> = (0..ROWS).filter(|row| row % 5 == 4).collect();
    let templates = NameTemplate::most_frequent(&world.train, truth, 4);
    let swap = swap_test(&probe, &rows, &templates, truth, 1).unwrap();
    let there = presence(&probe, &rows, truth).unwrap();
    (
        NamePointing::mean(&pointing(&mentions, truth, 1)),
        NameSwap::mean(&swap),
        there.iter().map(|name| name.average_precision).sum::<f64>() / there.len() as f64,
    )
}

#[test]
fn who_is_named_is_looked_at_where_comments_belong_to_their_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"), false);
    let captioner = world.learn(&folder.path().join("model"), 40);
    let (names, swap, there) = scores(&world, &captioner);
    // A box is one of sixteen cells, so every baseline is near 1/16.
    assert!(names.best_baseline() < 0.25, "{names:?}");
    assert!(names.after.pointing.value > 0.9, "{:?}", names.after);
    // One look tells mood and colour, so of the three maps after the name one has to be on her: a
    // third of the attention.
    assert!(swap.after.low > 0.3, "{swap:?}");
    // Which location spoke for the first word, too.
    assert!(names.posterior.pointing.value > 0.9, "{names:?}");
    assert!(swap.posterior.low > 0.5, "{swap:?}");
    // Before the name is read no map can know it.
    assert_eq!((swap.before.value, swap.at.value), (0.0, 0.0));
    assert!(there > 0.95, "{there}");
    let guard = attention_guard(&Probe::new(&captioner, &world.store, 32), &world.dev);
    assert!(!guard.unwrap().unwrap().is_degenerate());
}

#[test]
fn nobody_is_recognised_where_comments_belong_to_other_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"), true);
    let captioner = world.learn(&folder.path().join("model"), 8);
    let (names, swap, _) = scores(&world, &captioner);
    // Two stand out from an empty picture: who looks at either of them is right half the time
    // without knowing a name.
    assert!(names.after.pointing.value < 0.6, "{names:?}");
    assert!(names.posterior.pointing.value < 0.6, "{names:?}");
    assert!(swap.posterior.value.abs() < 0.15, "{swap:?}");
    assert!(swap.after.value.abs() < 0.15, "{swap:?}");
}

/// Only names of those in view are mentions, each at its place among the words.
#[test]
fn mentions_know_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"), false);
    let device = Device::flex();
    let words = world.vocabulary.len();
    let network = NetworkConfig::from(AttentionCaptionerConfig::new(words, FEATURES)).init(&device);
    let (store, truth) = (&world.store, &world.truth);
    let everybody: Vec<usize> = truth.in_view(0).map(|(who, _)| who).collect();
    let [one, other] = [everybody[0], everybody[1]].map(|who| NAMES[who]);
    let absent = (0..NAMES.len())
        .find(|who| !everybody.contains(who))
        .unwrap();
    let mut pairs = Pairs::new(30);
    pairs.push(
        0,
        &world
            .vocabulary
            .encode(["赤", "は", one, NAMES[absent], other]),
    );
    pairs.push(0, &world.vocabulary.encode([one]));
    let usual = FrequentPositions::fit(&world.train, truth);
    let probe = Probe {
        network: &network,
        source: store,
        batch_size: 8,
        device: &device,
    };
    let mentions = mentions(&probe, &pairs, truth, &usual).unwrap();
    let mut places: Vec<usize> = mentions.iter().map(Mention::position).collect();
    places.sort_unstable();
    assert_eq!(places, [0, 2, 4]);
}
