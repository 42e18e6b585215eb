//! A rate fitted to a video whose rate is known.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::path::Path;

use frame_features::{
    EncoderId, FeatureStore, FeatureStoreWriter, Layer, Rational, StorePlan, VideoEnd, VideoSource,
};
use nico_comments::Vpos;
use nico_corpus::{Error, FittedRate, row_timeline};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SECONDS: usize = 300;

/// Ten-second shots; feature 0 says whether a shot is liked, the others say nothing.
fn liked(second: usize) -> f32 {
    if second / 10 * 7 % 5 < 2 { 1.0 } else { 0.0 }
}

/// 4 comments a second, 16 in liked shots, and 60 more at either end, dying away.
fn known_rate(second: usize) -> f64 {
    let burst = |distance: f64| (-distance / 5.0).exp();
    let middle = second as f64 + 0.5;
    let ends = burst(middle) + burst(SECONDS as f64 - middle);
    (4f64.ln() + 4f64.ln() * f64::from(liked(second)) + 2.5 * ends).exp()
}

fn store(folder: &std::path::Path) -> FeatureStore {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let rows = (0..SECONDS * 2).map(|row| {
        let mut features = vec![liked(row / 2)];
        features.extend((0..5).map(|_| rng.random_range(-1.0..1.0f32)));
        features
    });
    write_store(folder, Layer::Relu7, &[6], 2, rows);
    FeatureStore::open(folder).unwrap()
}

/// Counts around `rate`, half of a second's in each of its two rows: uniform within ±20 %, so that
/// they scatter less than a Poisson rate does and the fit can be held to the known rate.
#[expect(clippy::cast_possible_truncation, reason = "a few hundred comments")]
fn counts(rate: impl Fn(usize) -> f64) -> Vec<Option<u32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let each = (0..SECONDS * 2).map(|row| {
        let mean = rate(row / 2) / 2.0;
        Some((mean * rng.random_range(0.8..1.2)).round() as u32)
    });
    each.collect()
}

#[test]
fn a_known_rate_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let (rate, fit) = FittedRate::fit(&store, &counts(known_rate)).unwrap();
    assert!(fit.deviance < 0.1 * fit.mean_deviance, "{fit:?}");
    assert!(fit.ridge.is_some(), "{fit:?}");
    let found = rate.per_second(&store).unwrap();
    assert_eq!(found.len(), SECONDS);
    for second in (0..SECONDS).step_by(7) {
        let ratio = found[second] / known_rate(second);
        assert!((0.75..1.33).contains(&ratio), "second {second}: {ratio}");
    }
}

/// A recording whose first frame is at 100 s, as a transport stream has it, is as long as the same
/// from 0 s on, and comments stand on the same rows.
#[test]
fn a_video_that_begins_late_is_the_same_video() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<_> = (0..SECONDS * 2).map(|row| vec![liked(row / 2)]).collect();
    let [zero, late] = [0.0, 100.0].map(|start| {
        let folder = folder.path().join(start.to_string());
        let rows = rows.iter().cloned().enumerate();
        write_rows(
            &folder,
            Layer::Relu7,
            &[1],
            Rational::new(2, 1),
            start,
            rows,
        );
        FeatureStore::open(folder).unwrap()
    });
    let [of_zero, of_late] = [&zero, &late].map(|store| {
        let (rate, fit) = FittedRate::fit(store, &counts(known_rate)).unwrap();
        (fit.seconds, rate.per_second(store).unwrap())
    });
    assert_eq!(of_zero.0, SECONDS - 1);
    assert_eq!(of_zero, of_late);
    assert_eq!(row_timeline(&zero).unwrap(), row_timeline(&late).unwrap());
}

/// Rows of some frames only, the first of them at 30 s: comments do not move to earlier pictures.
#[test]
fn rows_that_begin_after_the_video_stay_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (60..SECONDS * 2).map(|row| (row, vec![liked(row / 2)]));
    write_rows(
        folder.path(),
        Layer::Relu7,
        &[1],
        Rational::new(2, 1),
        100.0,
        rows,
    );
    let store = FeatureStore::open(folder.path()).unwrap();
    let timeline = row_timeline(&store).unwrap();
    let row_at = |seconds| timeline.frame_at(Vpos::from_secs_f64(seconds));
    assert_eq!([0.0, 29.0, 30.0, 31.2].map(row_at), [0, 0, 0, 2]);
    let (_, fit) = FittedRate::fit(&store, &vec![Some(4); SECONDS * 2 - 60]).unwrap();
    assert_eq!(fit.seconds, SECONDS - 1);
}

/// Where features say nothing, they do not make it worse than the mean rate by more than a trifle.
#[test]
fn an_even_rate_stays_even() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let (rate, fit) = FittedRate::fit(&store, &counts(|_| 8.0)).unwrap();
    assert!(fit.deviance < fit.mean_deviance + 0.05, "{fit:?}");
    let found = rate.per_second(&store).unwrap();
    assert!(
        found.iter().all(|rate| (6.5..9.5).contains(rate)),
        "{found:?}"
    );
}

#[test]
fn rows_that_are_not_to_be_learnt_from_do_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let mut counts = counts(known_rate);
    for count in &mut counts[100..200] {
        *count = None;
    }
    let (_, fit) = FittedRate::fit(&store, &counts).unwrap();
    assert_eq!(fit.seconds, SECONDS - 1 - 50); // the last second may be shorter and is left out
}

/// A row every two seconds has the comments of both.
#[test]
fn seconds_that_share_a_row_share_its_comments() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..SECONDS / 2).map(|row| vec![liked(2 * row); 2]);
    write_store_at(folder.path(), Layer::Relu7, &[2], Rational::new(1, 2), rows);
    let store = FeatureStore::open(folder.path()).unwrap();
    let (rate, fit) = FittedRate::fit(&store, &vec![Some(8); SECONDS / 2]).unwrap();
    assert_eq!(fit.seconds, SECONDS - 1);
    let found = rate.per_second(&store).unwrap();
    assert!(
        found.iter().all(|rate| (3.9..4.1).contains(rate)),
        "{found:?}"
    );
}

#[test]
fn rates_are_saved_and_damaged_files_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder.path().join("features"));
    let (rate, _) = FittedRate::fit(&store, &counts(known_rate)).unwrap();
    let path = folder.path().join("rate-fitted.json");
    rate.save(&path).unwrap();
    let (saved, loaded) = (rate, FittedRate::load(&path).unwrap());
    let rates = |rate: &FittedRate| rate.per_second(&store).unwrap();
    for (saved, loaded) in rates(&saved).into_iter().zip(rates(&loaded)) {
        assert!((saved / loaded - 1.0).abs() < 1e-9); // JSON's numbers are a digit short of all
    }
    let negative = r#"{"time_weights":[0,0,0],"feature_means":[],"feature_weights":[],"size":-1.0,"most":9.0}"#;
    for (text, problem) in [
        ("{}", "rate-fitted.json"),
        (negative, "size is not positive"),
    ] {
        std::fs::write(&path, text).unwrap();
        let message = FittedRate::load(&path).unwrap_err().to_string();
        assert!(message.contains(problem), "{message}");
    }
}

#[test]
fn too_little_to_fit_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let error = FittedRate::fit(&store, &[Some(1)]).unwrap_err();
    assert!(matches!(error, Error::Option { .. }), "{error}");
    let few: Vec<_> = (0..SECONDS * 2)
        .map(|row| (row < 40).then_some(1))
        .collect();
    assert!(FittedRate::fit(&store, &few).is_err());
    assert!(FittedRate::fit(&store, &vec![Some(0); SECONDS * 2]).is_err());
}

/// Writes a store of so many rows a second.
fn write_store(
    folder: &Path,
    layer: Layer,
    shape: &[usize],
    per_second: u32,
    rows: impl Iterator<Item = Vec<f32>>,
) {
    write_store_at(
        folder,
        layer,
        shape,
        Rational::new(per_second.into(), 1),
        rows,
    );
}

/// The same with a row at any rate.
fn write_store_at(
    folder: &Path,
    layer: Layer,
    shape: &[usize],
    rate: Rational,
    rows: impl Iterator<Item = Vec<f32>>,
) {
    write_rows(folder, layer, shape, rate, 0.0, rows.enumerate());
}

/// The same for a video that begins at `start`, of some frames' rows.
fn write_rows(
    folder: &Path,
    layer: Layer,
    shape: &[usize],
    rate: Rational,
    start: f64,
    rows: impl Iterator<Item = (usize, Vec<f32>)>,
) {
    let time = |frame: usize| start + frame as f64 / rate.to_f64();
    let video = VideoSource {
        path: "none.mp4".into(),
        bytes: 0,
        sha256: "1".repeat(64),
    };
    let plan = StorePlan::new(encoder(layer), shape, video);
    let mut writer = FeatureStoreWriter::create(folder, plan).unwrap();
    let mut count = 0;
    for (frame, features) in rows {
        writer.push(frame, time(frame), &features).unwrap();
        count = frame + 1;
    }
    let end = VideoEnd::new(count, rate, time(count) - start).start(start);
    writer.finish(end).unwrap();
}

/// An encoder's description, for stores and models alike.
fn encoder(layer: Layer) -> EncoderId {
    EncoderId::new("made-up", "0".repeat(64), layer, 32)
}
