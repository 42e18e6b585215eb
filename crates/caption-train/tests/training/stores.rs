//! Several videos in one training.

use burn::tensor::Device;
use caption_metrics::Pairs;
use caption_model::Batch;
use caption_train::{Trainer, TrainingData};
use frame_features::{FeatureSource, JoinedStores};

use crate::world::{ROWS, SAYINGS, World, alone, config, go_on, store_of};

/// Rows 80 and 81 of two stores with 80 and 30 rows are the second one's first two: kinds 1 and 2.
#[test]
fn rows_of_the_second_store_follow_those_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let first = store_of(&folder.path().join("a"), "one-hot", 0..ROWS);
    let second = store_of(&folder.path().join("b"), "one-hot", 1..31);
    let joined = JoinedStores::new([&first, &second]).unwrap();
    assert_eq!((joined.num_rows(), joined.row(1, 1)), (ROWS + 30, ROWS + 1));
    assert_eq!(joined.place(ROWS - 1), Some((0, ROWS - 1)));
    assert_eq!(joined.place(ROWS + 29), Some((1, 29)));
    assert_eq!(joined.place(ROWS + 30), None);
    let mut values = Vec::new();
    let rows = [ROWS + 1, 0, 3, ROWS];
    joined.append_rows(&rows, &mut values).unwrap();
    let ones: Vec<usize> = values
        .chunks(4)
        .map(|row| row.iter().position(|&value| value == 1.0).unwrap())
        .collect();
    assert_eq!(ones, [2, 0, 3, 1]);
    let borrowed: Vec<f32> = joined
        .borrow_rows(&rows)
        .unwrap()
        .concat()
        .iter()
        .map(|value| value.to_f32())
        .collect();
    assert_eq!(borrowed, values);
    let error = joined.append_rows(&[0, ROWS + 30], &mut values);
    assert!(error.unwrap_err().to_string().contains("110"));
    assert_eq!(values.len(), 16, "nothing is left of a failed read");
}

#[test]
fn stores_of_different_encoders_are_not_joined() {
    let folder = tempfile::tempdir().unwrap();
    let first = store_of(&folder.path().join("a"), "one-hot", 0..ROWS);
    let second = store_of(&folder.path().join("b"), "two-hot", 0..ROWS);
    let error = JoinedStores::new([&first, &second])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("two-hot") && error.contains("one-hot"),
        "{error}"
    );
    assert!(JoinedStores::new([]).is_err());
}

/// Learns from one video and is measured on another one, which has the same kinds of pictures.
#[test]
fn a_whole_video_is_held_out() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let second = store_of(&folder.path().join("b"), "one-hot", 1..31);
    let joined = JoinedStores::new([&world.store, &second]).unwrap();
    let (mut train, mut dev) = (Pairs::new(30), Pairs::new(30));
    let say = |kind: usize| world.vocabulary.encode(SAYINGS[kind % 4].iter().copied());
    for row in 0..ROWS {
        train.push(joined.row(0, row), &say(row));
    }
    for row in 0..30 {
        dev.push(joined.row(1, row), &say(row + 1));
    }
    let data = TrainingData {
        store: &joined,
        train: &train,
        dev: &dev,
        ..world.data()
    };
    let report = Trainer::new(
        world.network(),
        config().epochs(20),
        folder.path().join("m"),
    )
    .run(data, &Device::flex(), go_on)
    .unwrap();
    assert!(report.best_perplexity < 1.5, "{}", report.best_perplexity);
    let batch = Batch::load(&dev, &[0, 29], &joined, &Device::flex()).unwrap();
    let features = batch.features.into_data().try_into_vec::<f32>().unwrap();
    assert_eq!(features, [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
}
