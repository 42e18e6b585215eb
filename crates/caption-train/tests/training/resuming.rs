//! A training that was stopped gives the same losses as one that was not.

use std::{fs, ops::ControlFlow, path::Path};

use burn::tensor::Device;
use caption_model::Captioner;
use caption_train::{
    CheckpointEvery, Error, RunOptions, Schedule, SelectBy, Shuffle, StepRecord, TrainConfig,
    TrainEvent, Trainer,
};

use crate::world::{World, alone, config, go_on, losses};

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

#[test]
fn a_stopped_training_goes_on_as_if_nothing_had_happened() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let (whole, stopped) = (folder.path().join("whole"), folder.path().join("stopped"));
    // What a kill after the second epoch leaves: a copy of the folder as it is at that moment.
    let report = world
        .train(config().epochs(5), &whole, |event| {
            if matches!(&event, TrainEvent::Epoch(record) if record.epoch == 2) {
                copy_folder(&whole, &stopped);
            }
        })
        .unwrap();
    let mut resumed_after = None;
    let resumed = world
        .train(config().epochs(5), &stopped, |event| {
            if let TrainEvent::Resumed { epoch, .. } = event {
                resumed_after = Some(epoch);
            }
        })
        .unwrap();
    assert_eq!(resumed_after, Some(2));
    assert_eq!(losses(&resumed.epochs[2..]), losses(&report.epochs[2..]));
    let nll = |folder: &Path| {
        let captioner = Captioner::from_dir(folder, &Device::flex()).unwrap();
        let measured = captioner.measure(&world.dev, &world.store, 8).unwrap();
        measured.nll().to_bits()
    };
    assert_eq!(nll(&whole), nll(&stopped), "the kept weights differ");
    let lines = fs::read_to_string(stopped.join("training.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 5);
}

fn steps(folder: &Path) -> Vec<StepRecord> {
    let text = fs::read_to_string(folder.join("steps.jsonl")).unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Everything that draws numbers or remembers something is on; the kill comes in the middle of an
/// epoch.
fn everything() -> TrainConfig {
    config()
        .epochs(4)
        .batch_size(6)
        .schedule(Schedule::Cosine)
        .warmup_steps(5)
        .label_smoothing(0.1)
        .word_dropout(0.1)
        .scheduled_sampling(0.5)
        .sampling_epochs(2)
        .weight_decay(0.01)
        .select_by(SelectBy::Comments { frames: 8 })
}

/// 72 comments in batches of 6 are 12 steps; what a kill after step 8 of epoch 3 leaves is the
/// checkpoint of that step, a curve that is further, and half a checkpoint.
#[test]
fn a_training_killed_within_an_epoch_goes_on_as_if_nothing_had_happened() {
    for config in [
        everything(),
        everything()
            .shuffle(Shuffle::Windows(25))
            .schedule(Schedule::Plateau {
                factor: 0.5,
                patience: 1,
            }),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(&folder.path().join("features"));
        let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
        let options = RunOptions::default().checkpoint_every(CheckpointEvery::Steps(4));
        let report = world
            .train_with(config.clone(), options.clone(), &whole, |event| {
                if let TrainEvent::Checkpoint { epoch: 3, steps: 8 } = event {
                    copy_folder(&whole, &killed);
                }
            })
            .unwrap();
        fs::create_dir(killed.join("checkpoints/.partial-x")).unwrap();
        let mut curve = fs::read_to_string(killed.join("steps.jsonl")).unwrap();
        curve.push_str(
            r#"{"epoch":3,"step":10,"nll":9.0,"learning_rate":1.0,"comments_per_second":1.0}"#,
        );
        curve.push_str("\n{\"epo");
        fs::write(killed.join("steps.jsonl"), curve).unwrap();
        let (mut resumed_after, mut first) = (None, None);
        let resumed = world
            .train_with(config, options, &killed, |event| match event {
                TrainEvent::Resumed { epoch, steps } => resumed_after = Some((epoch, steps)),
                TrainEvent::Step(step) if first.is_none() => first = Some(step.step),
                _ => {}
            })
            .unwrap();
        assert_eq!((resumed_after, first), (Some((2, 8)), Some(10)));
        assert_eq!(losses(&resumed.epochs[2..]), losses(&report.epochs[2..]));
        assert_eq!(resumed.best_epoch, report.best_epoch);
        assert_eq!(resumed.epochs[3].score, report.epochs[3].score);
        let bits = |folder| -> Vec<(usize, usize, u64, u64)> {
            let steps = steps(folder).into_iter();
            steps
                .map(|s| (s.epoch, s.step, s.nll.to_bits(), s.learning_rate.to_bits()))
                .collect()
        };
        assert_eq!(bits(&killed), bits(&whole));
        let left: Vec<_> = fs::read_dir(killed.join("checkpoints")).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}

/// Where the observer breaks, the folder has a checkpoint of that step, though none was due: in the
/// middle of an epoch, after its last step, and after it was measured.
#[test]
fn a_training_that_is_told_to_stop_goes_on_from_that_step() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let run = |name: &str, observe: &mut dyn FnMut(TrainEvent) -> ControlFlow<()>| {
        let options = RunOptions::default().checkpoint_every(CheckpointEvery::Epoch);
        Trainer::new(world.network(), everything(), folder.path().join(name))
            .run_options(options)
            .run(world.data(), &Device::flex(), observe)
    };
    let _alone = alone();
    let whole = run("whole", &mut go_on).unwrap();
    let stops: [fn(&TrainEvent) -> bool; 4] = [
        |event| matches!(event, TrainEvent::Begun),
        |event| matches!(event, TrainEvent::Step(step) if (step.epoch, step.step) == (2, 10)),
        |event| matches!(event, TrainEvent::Step(step) if (step.epoch, step.step) == (3, 12)),
        |event| matches!(event, TrainEvent::Epoch(record) if record.epoch == 3),
    ];
    let mut resumed = Vec::new();
    for stop in stops {
        let mut is_over = false;
        let error = run("stopped", &mut |event| {
            if let TrainEvent::Resumed { epoch, steps } = event {
                resumed.push((epoch, steps));
            }
            assert!(!is_over, "it is asked again");
            is_over = stop(&event);
            match is_over {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Stopped), "{error}");
    }
    let last = run("stopped", &mut |event| {
        if let TrainEvent::Resumed { epoch, steps } = event {
            resumed.push((epoch, steps));
        }
        // The last answer does not matter.
        match event {
            TrainEvent::Finished { .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    assert_eq!(resumed, [(1, 10), (2, 12), (3, 0)]);
    assert_eq!(losses(&last.unwrap().epochs), losses(&whole.epochs));
    let weights = |name: &str| fs::read(folder.path().join(name).join("model.safetensors"));
    assert!(weights("whole").unwrap() == weights("stopped").unwrap());
}

/// How many batches are read ahead and where features lie says nothing about the result: such a
/// checkpoint is continued, and the losses are those of the others to the last bit.
#[test]
fn what_does_not_change_the_result_may_change() {
    use caption_train::FeaturesOnDevice;
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = |name| folder.path().join(name);
    let streamed = world
        .train_with(
            config().epochs(3),
            RunOptions::default().prefetch(1),
            &model("a"),
            |_| {},
        )
        .unwrap();
    let mut bytes = None;
    let on_device = RunOptions::default().features_on_device(FeaturesOnDevice::Always);
    let config = config().epochs(3);
    let resident = world
        .train_with(config.clone(), on_device.clone(), &model("b"), |event| {
            if let TrainEvent::FeaturesOnDevice { bytes: b } = event {
                bytes = Some(b);
            }
        })
        .unwrap();
    assert_eq!(bytes, Some(80 * 4 * 2), "80 rows of 4 numbers in f16");
    assert_eq!(losses(&streamed.epochs), losses(&resident.epochs));
    let again = world.train_with(config, on_device, &model("a"), |event| {
        assert!(
            matches!(
                event,
                TrainEvent::Resumed { epoch: 3, steps: 0 }
                    | TrainEvent::Warning(_)
                    | TrainEvent::Finished { .. }
            ),
            "{event:?}"
        );
    });
    assert_eq!(again.unwrap().epochs.len(), 3);
}

#[test]
fn a_finished_training_is_not_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    let first = world.train(config().epochs(2), &model, |_| {}).unwrap();
    let curve = fs::read_to_string(model.join("training.jsonl")).unwrap();
    fs::remove_file(model.join("training.jsonl")).unwrap(); // a kill after the checkpoint, before the curve
    let mut steps = 0;
    let second = world
        .train(config().epochs(2), &model, |event| {
            steps += usize::from(matches!(event, TrainEvent::Step(_)));
        })
        .unwrap();
    assert_eq!(
        (first.best_epoch, second.epochs.len(), steps),
        (second.best_epoch, 2, 0)
    );
    let again = fs::read_to_string(model.join("training.jsonl")).unwrap();
    assert_eq!(again.lines().count(), curve.lines().count());
}

/// A kill between the checkpoint of the best epoch and its weights, here by what stands in their
/// place; and weights that stand there already are not written again.
#[test]
fn weights_of_the_best_epoch_are_kept_after_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let (whole, model) = (folder.path().join("whole"), folder.path().join("model"));
    world.train(config().epochs(1), &whole, |_| {}).unwrap();
    let weights = |folder: &Path| folder.join("model.safetensors");
    fs::create_dir_all(weights(&model)).unwrap();
    let error = world.train(config().epochs(1), &model, |_| {});
    assert!(matches!(error, Err(Error::Model(_))), "{error:?}");
    fs::remove_dir(weights(&model)).unwrap();
    let mut resumed_after = None;
    let mut again = || {
        world.train(config().epochs(1), &model, |event| {
            if let TrainEvent::Resumed { epoch, .. } = event {
                resumed_after = Some(epoch);
            }
        })
    };
    again().unwrap();
    let kept = || fs::read(weights(&model)).unwrap();
    assert!(kept() == fs::read(weights(&whole)).unwrap());
    let written = fs::metadata(weights(&model)).unwrap().modified().unwrap();
    again().unwrap();
    let after = fs::metadata(weights(&model)).unwrap().modified().unwrap();
    assert_eq!(after, written);
    fs::write(weights(&model), "of a training that was killed").unwrap();
    again().unwrap();
    assert!(kept() == fs::read(weights(&whole)).unwrap());
    assert_eq!(resumed_after, Some(1));
}

#[test]
fn a_checkpoint_of_other_options_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    world.train(config().epochs(1), &model, |_| {}).unwrap();
    let error = world
        .train(config().epochs(1).seed(9), &model, |_| {})
        .unwrap_err();
    assert!(matches!(&error, Error::OtherTraining { .. }), "{error}");
    assert!(error.to_string().contains("seed was 1, is 9"), "{error}");
}
