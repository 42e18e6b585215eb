//! A store of features of any kind is an error that names a file, or rows that are all there and
//! that are written as they were read.
//!
//! An input is a `store.json` and, behind a zero byte, a block; without one, or if it does not
//! begin like JSON, what is missing is that of a good store.

#![no_main]

#[path = "common/place.rs"]
mod place;

use std::sync::LazyLock;

use frame_features::{
    EncoderId, FeatureStore, FeatureStoreWriter, Layer, Rational, StoreInfo, StorePlan, VideoEnd,
    VideoSource,
};
use libfuzzer_sys::fuzz_target;

/// The files of a good store: two pictures, of which the first is shown twice.
static GOOD: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let folder = place::path("good-store");
    let encoder = EncoderId::new("by hand", "0".repeat(64), Layer::Relu7, 224);
    let video = VideoSource {
        path: "cafe.mp4".into(),
        bytes: 1,
        sha256: "0".repeat(64),
    };
    let plan = StorePlan::new(encoder, [2], video).block_rows(4);
    let mut writer = FeatureStoreWriter::create(&folder, plan).expect("it is a good plan");
    writer.push(0, 0.0, &[1.0, 2.0]).expect("a good row");
    writer.push_duplicate(1, 0.05).expect("a good row");
    writer.push(3, 0.15, &[3.0, 4.0]).expect("a good row");
    let end = VideoEnd::new(5, Rational::new(20, 1), 0.25);
    writer.finish(end).expect("a good store");
    ["store.json", "block-00000.safetensors"]
        .map(|name| std::fs::read(folder.join(name)).expect("it was written"))
});

fuzz_target!(|input: &[u8]| {
    let [good_store, good_block] = GOOD.each_ref().map(Vec::as_slice);
    let (store, block) = if input.starts_with(b"{") {
        let end = input.iter().position(|&byte| byte == 0);
        end.map_or((input, good_block), |end| {
            (&input[..end], &input[end + 1..])
        })
    } else {
        (good_store, input)
    };
    let folder = place::path("store");
    place::file("store/store.json", store);
    place::file("store/block-00000.safetensors", block);
    let store = match FeatureStore::open(&folder) {
        Ok(store) => store,
        Err(error) => {
            place::named(&folder, &error);
            return;
        }
    };
    if let Err(error) = store.verify() {
        place::named(&folder, &error);
    }
    let (info, rows) = (store.info(), store.len());
    assert!(rows > 0 && (1..=rows).contains(&store.num_stored()));
    assert!(store.row(rows).is_err() && store.rows(&[0, rows]).is_err());
    let mut values = Vec::new();
    for row in 0..rows {
        let features = store.row(row).expect("it is one of them");
        assert_eq!(features.len(), info.plan.row_len());
        assert_eq!(store.row_at_frame(info.frames[row]), row);
        let seconds = info.times[row];
        assert!(
            store.row_at_time(seconds) >= row && info.times[store.row_at_time(seconds)] == seconds
        );
        values.clear();
        store
            .read_rows(&[row], &mut values)
            .expect("it is one of them");
        assert_eq!(values.len(), features.len());
    }
    write_again(&store, info);
});

/// Writes a store's rows to another one. Panics unless both are the same; rows that are no numbers
/// are not written.
fn write_again(store: &FeatureStore, info: &StoreInfo) {
    let folder = place::path("again");
    let _ = std::fs::remove_dir_all(&folder);
    let Ok(mut writer) = FeatureStoreWriter::create(&folder, info.plan.clone()) else {
        panic!("its plan was good enough to be read");
    };
    for row in 0..store.len() {
        let (frame, time) = (info.frames[row], info.times[row]);
        let pushed = match store.is_duplicate(row).expect("it is there") {
            true => writer.push_duplicate(frame, time),
            false => writer.push_f16(frame, time, store.row(row).expect("it is there")),
        };
        if pushed.is_err() {
            let mut values = store.row(row).expect("it is there").iter();
            assert!(values.any(|value| value.is_nan()), "row {row} is refused");
            return;
        }
    }
    let mut end = VideoEnd::new(info.video_frames, info.frame_rate, info.duration)
        .ended_early(info.ended_early.clone())
        .missing_seconds(info.missing_seconds)
        .time_repairs(info.time_repairs);
    end.start = Some(info.start());
    writer.finish(end).expect("what was read can be written");
    let again = FeatureStore::open(&folder).expect("it was written");
    again.verify().expect("it was written");
    assert_eq!(
        (again.len(), again.num_stored()),
        (store.len(), store.num_stored())
    );
    assert_eq!(
        (&again.info().frames, &again.info().times),
        (&info.frames, &info.times)
    );
    for row in 0..store.len() {
        let [before, after] = [store, &again].map(|store| store.row(row).expect("it is there"));
        // What is infinite becomes the largest number.
        let same = before
            .iter()
            .zip(after)
            .all(|(before, after)| before.to_f32().clamp(-65_504.0, 65_504.0) == after.to_f32());
        assert!(
            same && before.len() == after.len(),
            "row {row} is another one"
        );
    }
}
