//! Going on with a training: more epochs, other options, other weights to begin with; and what is
//! refused, by name.

use std::{fs, path::Path};

use burn::tensor::Device;
use caption_metrics::Pairs;
use caption_model::{Captioner, CaptionerConfig, LearntPart, ModelFolder};
use caption_train::{
    CheckpointEvery, CommentMetric, Error, Hypothesis, RunOptions, Schedule, SelectBy, TrainConfig,
    TrainEvent, TrainReport, TrainWarning, Trainer,
};
use frame_features::MemoryFeatures;
use jp_tokenize::{PartOfSpeech, VocabularyBuilder};
use serde_json::Value;

use crate::world::{ROWS, World, alone, config, go_on, losses, telling};

/// A training of the world, with changes allowed or not, and what it told.
fn train(
    world: &World,
    config: TrainConfig,
    folder: &Path,
    allow: bool,
) -> (Result<TrainReport, Error>, Vec<TrainEvent>) {
    let _alone = alone();
    let mut events = Vec::new();
    let report = Trainer::new(world.network(), config, folder)
        .allow_changes(allow)
        .run(
            world.data(),
            &Device::flex(),
            telling(|event| events.push(event)),
        );
    (report, events)
}

/// The weights, as they are measured, to the last bit.
fn nll(world: &World, folder: &Path) -> u64 {
    let captioner = Captioner::from_dir(folder, &Device::flex()).unwrap();
    let measured = captioner.measure(&world.dev, &world.store, 8).unwrap();
    measured.nll().to_bits()
}

fn training_of(folder: &Path) -> Value {
    let text = fs::read(folder.join("config.json")).unwrap();
    serde_json::from_slice::<Value>(&text).unwrap()["training"].clone()
}

/// At a constant rate, on a plateau and by the square root of the steps: three epochs and two more
/// are five.
#[test]
fn more_epochs_give_what_they_would_have_given_from_the_start() {
    let plateau = Schedule::Plateau {
        factor: 0.5,
        patience: 1,
    };
    for schedule in [Schedule::Constant, plateau, Schedule::InverseSqrt] {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(&folder.path().join("features"));
        let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
        let config = |epochs| config().schedule(schedule).warmup_steps(4).epochs(epochs);
        let at_once = train(&world, config(5), &whole, false).0.unwrap();
        train(&world, config(3), &parts, false).0.unwrap();
        let (report, events) = train(&world, config(5), &parts, false);
        assert_eq!(losses(&report.unwrap().epochs), losses(&at_once.epochs));
        assert_eq!(nll(&world, &whole), nll(&world, &parts));
        let told = events.iter().find_map(|event| match event {
            TrainEvent::Changed(differences) => Some(differences[0].to_string()),
            _ => None,
        });
        assert_eq!(told.as_deref(), Some("epochs was 3, is 5"));
        let now = training_of(&parts);
        assert_eq!(
            (&now["epochs"], &now["changes"][0]["epochs"]),
            (&5.into(), &3.into())
        );
    }
}

/// Patience ended it after the third epoch; more epochs alone change nothing, more patience does.
#[test]
fn more_patience_goes_on_where_less_has_stopped() {
    #[derive(Debug)]
    struct Same;
    impl CommentMetric for Same {
        fn name(&self) -> &str {
            "same"
        }
        fn score(&self, _: &[Hypothesis<'_>]) -> f64 {
            1.0
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    let by = SelectBy::Comments { frames: 5 };
    let train = |patience, epochs| {
        let _alone = alone();
        let config = config().select_by(by).patience(patience).epochs(epochs);
        let mut early = None;
        let report = Trainer::new(world.network(), config, &model)
            .metric(Same)
            .run(
                world.data(),
                &Device::flex(),
                telling(|event| {
                    if let TrainEvent::Finished { stopped_early, .. } = event {
                        early = Some(stopped_early);
                    }
                }),
            );
        (report.map(|report| report.epochs.len()), early)
    };
    assert_eq!((train(2, 6).0.unwrap(), train(2, 6).1), (3, Some(true)));
    assert_eq!(train(2, 9).0.unwrap(), 3);
    let (epochs, early) = train(9, 6);
    assert_eq!((epochs.unwrap(), early), (6, Some(false)));
    let error = train(2, 6).0.unwrap_err().to_string();
    assert!(error.contains("patience was 9, is 2"), "{error}");
}

/// Another rate goes on where it is allowed, and is told and kept; it does not where it is not. A
/// cosine over more epochs is another rate from the first step on.
#[test]
fn a_lower_rate_is_taken_where_it_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    train(&world, config().epochs(2), &model, false).0.unwrap();
    let lower = config().epochs(4).learning_rate(1e-3);
    let error = train(&world, lower.clone(), &model, false).0.unwrap_err();
    assert!(
        matches!(
            &error,
            Error::OtherTraining {
                may_change: true,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .contains("learning_rate was 0.02, is 0.001"),
        "{error}"
    );
    let (report, _) = train(&world, lower, &model, true);
    let rates: Vec<f64> = report
        .unwrap()
        .epochs
        .iter()
        .map(|it| it.learning_rate)
        .collect();
    assert_eq!(rates, [2e-2, 2e-2, 1e-3, 1e-3]);
    let changed = training_of(&model)["changes"].clone();
    assert_eq!(changed[1]["what"], "learning_rate", "{changed}");

    let cosine = |epochs| config().schedule(Schedule::Cosine).epochs(epochs);
    let other = folder.path().join("cosine");
    train(&world, cosine(2), &other, false).0.unwrap();
    let error = train(&world, cosine(3), &other, false)
        .0
        .unwrap_err()
        .to_string();
    assert!(error.contains("epochs was 2, is 3"), "{error}");
    let more = train(&world, cosine(3), &other, true).0.unwrap();
    assert_eq!(more.epochs.len(), 3);
}

/// Whatever makes it another training is named with both values, and is refused even where changes
/// are allowed.
#[test]
fn another_training_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    let parts = |video: &str, sha256: &str| {
        [
            LearntPart::file("video 1", video, sha256),
            LearntPart::choice("the split", "seconds"),
        ]
    };
    let run = |world: &World, config: TrainConfig, parts: &[LearntPart]| {
        let _alone = alone();
        Trainer::new(world.network(), config, &model)
            .learnt_with(parts.to_vec())
            .allow_changes(true)
            .run(world.data(), &Device::flex(), go_on)
    };
    let refused = |result: Result<TrainReport, Error>, expected: &str| {
        let error = result.unwrap_err();
        assert!(
            matches!(
                &error,
                Error::OtherTraining {
                    may_change: false,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.to_string().contains(expected), "{error}");
    };
    let cafe = parts("cafe.mp4", "ab12");
    run(&world, config().epochs(1), &cafe).unwrap();
    run(&world, config().epochs(1), &parts("moved/cafe.mp4", "ab12")).unwrap();
    refused(
        run(&world, config().epochs(1), &parts("safari.mp4", "cd34")),
        "video 1 was cafe.mp4 (ab12…), is safari.mp4 (cd34…)",
    );
    refused(
        run(&world, config().epochs(1).seed(9), &cafe),
        "seed was 1, is 9",
    );
    refused(
        run(&world, config().epochs(1).batch_size(8), &cafe),
        "batch_size was 16, is 8",
    );

    // Where nothing has a name: other words of the same number, and other pairs.
    let mut words = VocabularyBuilder::new();
    for word in ["a", "b", "c", "d", "e", "f", "g"] {
        words.add(word, PartOfSpeech::UNKNOWN);
    }
    let own = std::mem::replace(&mut world.vocabulary, words.build(None, 1));
    refused(
        run(&world, config().epochs(1), &[]),
        "the vocabulary's checksum was",
    );
    world.vocabulary = own;
    let mut fewer = Pairs::new(30);
    fewer.push(3, &[4]);
    let own = std::mem::replace(&mut world.dev, fewer);
    refused(
        run(&world, config().epochs(1), &[]),
        "what is measured on was 8 pairs",
    );
    world.dev = own;
    run(&world, config().epochs(1), &[]).unwrap();
}

/// As many rows of another video, by a program that does not name its videos.
#[test]
fn other_features_are_refused() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let encoder = world.store.info().plan.encoder.clone();
    let features =
        |value: f32| MemoryFeatures::from_f32(encoder.clone(), [4], &[value; 4 * ROWS]).unwrap();
    let train = |features: &MemoryFeatures| {
        let mut data = world.data();
        data.store = features;
        Trainer::new(
            world.network(),
            config().epochs(1),
            folder.path().join("model"),
        )
        .run(data, &Device::flex(), go_on)
    };
    train(&features(0.5)).unwrap();
    let error = train(&features(0.25)).unwrap_err().to_string();
    assert!(error.contains("the features' checksum was"), "{error}");
    train(&features(0.5)).unwrap();
}

/// A training from a model's weights begins where that ended, and not with another network, other
/// words or another encoder.
#[test]
fn weights_of_a_model_are_begun_with() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(&folder.path().join("features"));
    let path = |name: &str| folder.path().join(name);
    let report = train(&world, config().epochs(8), &path("first"), false)
        .0
        .unwrap();
    let model = Captioner::from_dir(path("first"), &Device::flex()).unwrap();
    let on = |world: &World, name: &str| {
        let _alone = alone();
        Trainer::new(
            world.network(),
            config().epochs(1).learning_rate(1e-9),
            path(name),
        )
        .starting_from(&model)
        .run(world.data(), &Device::flex(), go_on)
    };
    let begun = on(&world, "second").unwrap();
    assert!(
        (begun.best_perplexity / report.best_perplexity - 1.0).abs() < 1e-4,
        "{begun:?}"
    );
    let error = train(
        &world,
        config().epochs(1).learning_rate(1e-9),
        &path("second"),
        false,
    );
    let error = error.0.unwrap_err().to_string();
    assert!(error.contains("the first weights' checksum"), "{error}");

    let mut words = VocabularyBuilder::new();
    for word in ["a", "b", "c", "d", "e", "f", "g"] {
        words.add(word, PartOfSpeech::UNKNOWN);
    }
    let own = std::mem::replace(&mut world.vocabulary, words.build(None, 1));
    let error = on(&world, "third").unwrap_err();
    assert!(matches!(&error, Error::OtherStart { .. }), "{error:?}");
    assert!(error.to_string().contains("another of as many"), "{error}");
    world.vocabulary = own;
    world.store = crate::world::store_of(&path("others"), "one-hot", 0..ROWS);
    on(&world, "fourth").unwrap(); // the same encoder
}

/// What is dropped out is the training's, not that of the model it begins with, and after a
/// checkpoint as before it.
#[test]
fn dropout_is_that_of_the_training() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let path = |name: &str| folder.path().join(name);
    train(&world, config().epochs(1), &path("first"), false)
        .0
        .unwrap();
    let model = Captioner::from_dir(path("first"), &Device::flex()).unwrap();
    let on = |dropout: f64, epochs: usize, name: &str| {
        let _alone = alone();
        let mut network = world.network();
        let CaptionerConfig::Global(captioner) = &mut network.captioner else {
            unreachable!("it is made so");
        };
        captioner.dropout = dropout;
        Trainer::new(network, config().epochs(epochs), path(name))
            .starting_from(&model)
            .run(world.data(), &Device::flex(), go_on)
            .unwrap()
    };
    let (none, half) = (on(0.0, 1, "none"), on(0.5, 2, "half"));
    assert_ne!(losses(&none.epochs)[0].0, losses(&half.epochs)[0].0);
    on(0.5, 1, "parts");
    let parts = on(0.5, 2, "parts");
    assert_eq!(losses(&parts.epochs), losses(&half.epochs));
}

/// While one trains, another writer is refused; what is there is not touched.
#[test]
fn one_trainer_writes_a_folder_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    let mut refused = 0;
    world
        .train(config().epochs(2), &model, |event| {
            if matches!(event, TrainEvent::Epoch(_)) {
                let other = Trainer::new(world.network(), config().epochs(1).seed(2), &model);
                let error = other.run(world.data(), &Device::flex(), |_| panic!("it began"));
                let error = error.unwrap_err();
                assert!(
                    matches!(&error, Error::Model(caption_model::Error::Busy { .. })),
                    "{error:?}"
                );
                refused += 1;
            }
        })
        .unwrap();
    assert_eq!(refused, 2);
    drop(ModelFolder::new(&model).lock().unwrap());
}

/// What a killed program leaves is gone when the next one begins, before it has written anything.
#[test]
fn leftovers_of_a_killed_program_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    world.train(config().epochs(1), &model, |_| {}).unwrap();
    let left = [
        model.join(".model.safetensors.Ab12cd"),
        model.join(".training.jsonl.Ab12cd"),
        model.join("checkpoints/.partial-epoch-0009-step-000000/network.bpk"),
    ];
    for path in &left {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "half").unwrap();
    }
    world.train(config().epochs(1), &model, |_| {}).unwrap(); // finished: nothing to do
    assert!(left.iter().all(|path| !path.exists()));
}

/// A model without checkpoints is somebody's result, not a training to go on with.
#[test]
fn a_model_without_checkpoints_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    world.train(config().epochs(1), &model, |_| {}).unwrap();
    fs::remove_dir_all(model.join("checkpoints")).unwrap();
    let before = fs::read(model.join("model.safetensors")).unwrap();
    let error = world.train(config().epochs(1).seed(3), &model, |_| {});
    assert!(matches!(error, Err(Error::OtherModel { .. })), "{error:?}");
    assert_eq!(fs::read(model.join("model.safetensors")).unwrap(), before);
}

/// Scores that decimals do not give back to the last bit, no number, and infinities: the epochs of
/// a training that was killed after each of its epochs are those of one left alone, and the first
/// of those that differ by rounding alone is the best.
#[test]
fn scores_survive_a_kill_to_the_last_bit() {
    #[derive(Debug)]
    struct Awkward(std::sync::Mutex<usize>);
    const SCORES: [f64; 5] = [
        f64::NAN,
        f64::NEG_INFINITY,
        0.1 + 0.2 + 0.3, // 0.6000000000000001
        0.3 + 0.2 + 0.1,
        0.1 + 0.2 + 0.3,
    ];
    impl CommentMetric for Awkward {
        fn name(&self) -> &str {
            "awkward"
        }
        fn score(&self, _: &[Hypothesis<'_>]) -> f64 {
            let mut epoch = self.0.lock().unwrap();
            *epoch += 1;
            SCORES[*epoch - 1]
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let run = |name: &str, epochs: usize, done: usize| {
        let _alone = alone();
        let config = config()
            .epochs(epochs)
            .select_by(SelectBy::Comments { frames: 4 });
        Trainer::new(world.network(), config, folder.path().join(name))
            .metric(Awkward(done.into()))
            .run_options(RunOptions::default().checkpoint_every(CheckpointEvery::Epoch))
            .run(world.data(), &Device::flex(), go_on)
            .unwrap()
    };
    let whole = run("whole", 5, 0);
    for epoch in 1..5 {
        run("parts", epoch, epoch - 1);
    }
    let parts = run("parts", 5, 4);
    let bits = |report: &TrainReport| -> Vec<(u64, bool)> {
        let each = report.epochs.iter();
        each.map(|it| (it.score.unwrap().to_bits(), it.best))
            .collect()
    };
    assert_eq!(bits(&whole), bits(&parts));
    assert_eq!(losses(&whole.epochs), losses(&parts.epochs));
    assert_eq!((whole.best_epoch, parts.best_epoch), (3, 3));
    let kept: Vec<bool> = whole.epochs.iter().map(|it| it.best).collect();
    assert_eq!(kept, [true, true, true, false, false]);
}

/// The world is small, and nothing can be learnt at a rate of a billionth.
#[test]
fn results_that_are_probably_not_wanted_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let warnings = |rate: f64, epochs: usize, name: &str| -> Vec<TrainWarning> {
        let config = config().epochs(epochs).learning_rate(rate);
        let (report, events) = train(&world, config, &folder.path().join(name), false);
        report.unwrap();
        let warning = |event| match event {
            TrainEvent::Warning(warning) => Some(warning),
            _ => None,
        };
        events.into_iter().filter_map(warning).collect()
    };
    let few = TrainWarning::FewPairs { train: 72, dev: 8 };
    assert_eq!(warnings(2e-2, 12, "learns"), std::slice::from_ref(&few));
    let told = warnings(1e-12, 2, "nothing");
    assert_eq!(told[0], few);
    assert!(
        matches!(told.last(), Some(TrainWarning::NoBetterThanUnigram { .. })),
        "{told:?}"
    );
}
