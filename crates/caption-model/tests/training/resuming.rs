//! A training that was stopped gives the same losses as one that was not.

use std::{fs, path::Path};

use burn::tensor::Device;
use caption_model::{Captioner, EpochRecord, Error, Event};

use crate::world::{World, config};

/// Losses: bits, not rounded numbers.
fn losses(epochs: &[EpochRecord]) -> Vec<(u64, u64)> {
    epochs
        .iter()
        .map(|epoch| (epoch.train_nll.to_bits(), epoch.dev_nll.to_bits()))
        .collect()
}

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
            if matches!(&event, Event::Epoch(record) if record.epoch == 2) {
                copy_folder(&whole, &stopped);
            }
        })
        .unwrap();
    let mut resumed_after = None;
    let resumed = world
        .train(config().epochs(5), &stopped, |event| {
            if let Event::Resumed { epoch } = event {
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

#[test]
fn a_finished_training_is_not_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    let first = world.train(config().epochs(2), &model, |_| {}).unwrap();
    let mut steps = 0;
    let second = world
        .train(config().epochs(2), &model, |event| {
            steps += usize::from(matches!(event, Event::Step { .. }));
        })
        .unwrap();
    assert_eq!(
        (first.best_epoch, second.epochs.len(), steps),
        (second.best_epoch, 2, 0)
    );
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
    assert!(matches!(&error, Error::Model { .. }), "{error}");
    assert!(error.to_string().contains("other options"), "{error}");
}
