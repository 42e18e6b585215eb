//! Stores on disk: what is kept, what is refused, what an interruption leaves.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use frame_features::{
    DuplicateFrames, EncoderId, Error, FeatureStore, FeatureStoreWriter, Layer, Rational, Sampling,
    StorePlan, VideoEnd, VideoSource,
};
use half::f16;
use safetensors::SafeTensors;

const ROW: usize = 6; // 3 locations of 2 numbers

fn plan() -> StorePlan {
    let encoder = EncoderId::new("slim", "aa".repeat(32), Layer::Conv5_3, 224);
    let video = VideoSource {
        path: "cafe.mp4".into(),
        bytes: 99,
        sha256: "bb".repeat(32),
    };
    StorePlan::new(encoder, [3, 2], video)
        .sampling(Sampling::Every(2))
        .block_rows(4)
}

/// Row `row`: numbers that f16 holds exactly.
fn values(row: usize) -> Vec<f32> {
    (0..ROW)
        .map(|place| f32::from(u16::try_from(row * ROW + place).unwrap()) / 4.0)
        .collect()
}

fn time(row: usize) -> f64 {
    f64::from(u32::try_from(row).unwrap()) * 1001.0 / 15000.0
}

/// Pushes rows, those of frames 0, 2, 4 and so on.
fn push(writer: &mut FeatureStoreWriter, rows: std::ops::Range<usize>) {
    for row in rows {
        writer.push(2 * row, time(row), &values(row)).unwrap();
    }
}

fn end() -> VideoEnd {
    VideoEnd::new(20, Rational::new(30000, 1001), 0.667)
}

/// A store of ten rows: blocks of 4, 4 and 2.
fn write(folder: &Path) {
    let mut writer = FeatureStoreWriter::create(folder, plan()).unwrap();
    push(&mut writer, 0..10);
    writer.finish(end()).unwrap();
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect()
}

#[test]
fn rows_come_back() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let store = FeatureStore::open(folder.path()).unwrap();
    assert_eq!((store.len(), store.shape()), (10, &[3, 2][..]));
    assert_eq!(store.info().video_frames, 20);
    assert_eq!(store.info().frames[9], 18);
    assert!((store.info().times[9] - time(9)).abs() < 1e-12);
    for row in 0..10 {
        let found: Vec<f32> = store
            .row(row)
            .unwrap()
            .iter()
            .map(|value| value.to_f32())
            .collect();
        assert_eq!(found, values(row));
    }
    let mut rows = vec![-1.0];
    store.read_rows(&[9, 3, 3], &mut rows).unwrap();
    assert_eq!(rows[0], -1.0);
    assert_eq!(rows[1..], [values(9), values(3), values(3)].concat());
    let error = store.read_rows(&[10], &mut rows).unwrap_err();
    assert!(matches!(
        error,
        Error::NoSuchRow {
            row: 10,
            rows: 10,
            ..
        }
    ));
    store.verify().unwrap();
}

#[cfg(unix)]
#[test]
fn one_writer_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
    push(&mut first, 0..5);
    let error = FeatureStoreWriter::create(folder.path(), plan()).unwrap_err();
    assert!(matches!(&error, Error::Busy { folder: busy } if busy == folder.path()));
    push(&mut first, 5..10);
    first.finish(end()).unwrap();
    let second = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
    assert!(second.is_complete());
}

/// What a killed writer leaves: temporary files of both kinds beside whole blocks. The next one
/// removes them, and nothing else.
#[test]
fn leftovers_of_a_killed_writer_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut killed = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
    push(&mut killed, 0..5);
    drop(killed);
    for name in [
        ".store.json.k3Xp0a",
        ".block-00001.safetensors.Qq81zz",
        "notes.txt",
    ] {
        fs::write(folder.path().join(name), "half").unwrap();
    }
    let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
    let names: Vec<_> = contents(folder.path()).into_keys().collect();
    assert_eq!(
        names,
        ["block-00000.safetensors", "notes.txt", "store.json"]
    );
    assert_eq!(writer.kept_rows(), 4);
    push(&mut writer, 4..10);
    writer.finish(end()).unwrap();
}

/// Blocks whose description is gone could be of any encoder and any video.
#[test]
fn blocks_without_a_description_are_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    fs::remove_file(folder.path().join("store.json")).unwrap();
    let before = contents(folder.path());
    let error = FeatureStoreWriter::create(folder.path(), plan()).unwrap_err();
    let message = error.to_string();
    let name = folder.path().display().to_string();
    assert!(
        message.contains(&name) && message.contains("block-00000"),
        "{message}"
    );
    assert!(contents(folder.path()) == before);
}

/// Within a block and from one block to the next.
#[test]
fn times_that_go_back_are_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
    push(&mut writer, 0..3);
    for rows in [3, 4] {
        let error = writer.push(2 * rows, -1.0, &values(rows)).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("times go back") && message.contains("-1 s"),
            "{message}"
        );
        let error = writer.push_duplicate(2 * rows, -1.0).unwrap_err();
        assert!(error.to_string().contains("times go back"), "{error}");
        push(&mut writer, rows..rows + 1);
    }
    push(&mut writer, 5..10);
    let info = writer.finish(end()).unwrap();
    assert!(info.times.is_sorted());
}

#[test]
fn frames_find_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let store = FeatureStore::open(folder.path()).unwrap();
    let rows: Vec<_> = [0, 1, 2, 3, 17, 18, 19, 1000]
        .map(|frame| store.row_at_frame(frame))
        .into();
    assert_eq!(rows, [0, 0, 1, 1, 8, 9, 9, 9]);
    assert_eq!(store.row_at_time(-1.0), 0);
    assert_eq!(store.row_at_time(time(3) + 0.001), 3);
    assert_eq!(store.row_at_time(1e9), 9);
}

/// Any safetensors reader reads the blocks; nothing else lies in the folder.
#[test]
fn blocks_are_plain_safetensors() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let files = contents(folder.path());
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "block-00000.safetensors",
            "block-00001.safetensors",
            "block-00002.safetensors",
            "store.json"
        ]
    );
    let tensors = SafeTensors::deserialize(&files["block-00002.safetensors"]).unwrap();
    assert_eq!(tensors.tensor("features").unwrap().shape(), [2, 3, 2]);
    assert_eq!(
        tensors.tensor("frames").unwrap().data()[..8],
        16_i64.to_le_bytes()
    );
    assert_eq!(
        tensors.tensor("times").unwrap().data()[8..],
        time(9).to_le_bytes()
    );
}

/// Stopped after any row, in the middle of any block: the rest of the rows makes the same bytes.
#[test]
fn an_interrupted_store_ends_with_the_same_bytes() {
    let whole = tempfile::tempdir().unwrap();
    write(whole.path());
    for stop in 0..=10 {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
        push(&mut writer, 0..stop);
        drop(writer); // as if the program had been killed while it wrote a block
        let partial = folder.path().join(".block-00001.safetensors.8fK2a1");
        fs::write(&partial, b"half").unwrap();
        let error = FeatureStore::open(folder.path()).unwrap_err();
        assert!(matches!(error, Error::Incomplete { .. }), "{error}");
        let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
        assert_eq!(writer.kept_rows(), stop / 4 * 4);
        assert!(!writer.is_complete());
        assert!(!partial.exists());
        let kept = writer.kept_rows();
        push(&mut writer, kept..10);
        writer.finish(end()).unwrap();
        assert!(
            contents(folder.path()) == contents(whole.path()),
            "stopped after {stop}"
        );
    }
}

#[test]
fn a_complete_store_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let before = contents(folder.path());
    let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
    assert!(writer.is_complete());
    assert_eq!(writer.kept_rows(), 10);
    assert!(writer.push(20, 1.0, &values(10)).is_err());
    let info = writer
        .finish(VideoEnd::new(0, Rational::new(0, 1), 0.0))
        .unwrap();
    assert_eq!(info.video_frames, 20);
    assert!(contents(folder.path()) == before);
}

#[test]
fn another_plans_store_is_refused_with_both_named() {
    type Change = fn(&mut StorePlan);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let before = contents(folder.path());
    let changes: [(&str, &str, &str, Change); 6] = [
        ("video", "cafe.mp4", "safari.mp4", |plan| {
            plan.video.path = "safari.mp4".into();
            plan.video.sha256 = "cc".repeat(32);
        }),
        ("encoder", "slim", "vgg19-dcbb9e9d", |plan| {
            plan.encoder.name = "vgg19-dcbb9e9d".into();
            plan.encoder.sha256 = "dd".repeat(32);
        }),
        ("layer", "conv5_3", "relu7", |plan| {
            plan.encoder.layer = Layer::Relu7
        }),
        ("size", "224", "448", |plan| plan.encoder.input_size = 448),
        ("frames taken", "one frame of 2", "all frames", |plan| {
            plan.sampling = Sampling::All;
        }),
        ("frames", "duplicates if equal", "no duplicates", |plan| {
            plan.duplicates = DuplicateFrames::Separate;
        }),
    ];
    for (what, found, wanted, change) in changes {
        let mut other = plan();
        change(&mut other);
        let error = FeatureStoreWriter::create(folder.path(), other).unwrap_err();
        assert!(matches!(error, Error::StoreMismatch { .. }));
        let message = error.to_string();
        for part in [what, found, wanted] {
            assert!(message.contains(part), "no {part} in: {message}");
        }
    }
    // A video that only moved is the same video.
    let mut moved = plan();
    moved.video.path = "elsewhere/cafe.mp4".into();
    assert!(
        FeatureStoreWriter::create(folder.path(), moved)
            .unwrap()
            .is_complete()
    );
    assert!(contents(folder.path()) == before);
}

/// Every third byte of a block changed, every fifth length of it: opening says which file, or the
/// rows can be read; the checksum finds what opening does not. Nothing panics.
#[test]
fn damaged_blocks_are_found() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let path = folder.path().join("block-00001.safetensors");
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(5) {
        fs::write(&path, &whole[..length]).unwrap();
        let error = FeatureStore::open(folder.path()).unwrap_err();
        assert!(
            error.to_string().contains("block-00001.safetensors"),
            "{error}"
        );
    }
    for place in (0..whole.len()).step_by(3) {
        let mut changed = whole.clone();
        changed[place] ^= 0x41;
        fs::write(&path, &changed).unwrap();
        match FeatureStore::open(folder.path()) {
            Err(error) => {
                let message = error.to_string();
                assert!(message.contains("block-00001.safetensors"), "{message}");
            }
            Ok(store) => {
                let mut rows = Vec::new();
                store.read_rows(&[4, 5, 6, 7], &mut rows).unwrap();
                let same = rows == [values(4), values(5), values(6), values(7)].concat();
                assert!(same || store.verify().is_err(), "byte {place}");
            }
        }
    }
    fs::remove_file(&path).unwrap();
    let error = FeatureStore::open(folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("block-00001.safetensors"),
        "{error}"
    );
}

/// A damaged block is made again, and it alone; the store is not complete until then.
#[test]
fn a_damaged_block_is_repaired() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let before = contents(folder.path());
    let path = folder.path().join("block-00001.safetensors");
    let mut damaged = before["block-00001.safetensors"].clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1; // in the features: opening does not see it
    fs::write(&path, damaged).unwrap();
    FeatureStore::open(folder.path())
        .unwrap()
        .verify()
        .unwrap_err();
    let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
    assert!(!writer.is_complete());
    let kept: Vec<_> = (0..12).filter(|&row| writer.is_kept(row)).collect();
    assert_eq!(kept, [0, 1, 2, 3, 8, 9]);
    assert_eq!(writer.kept_rows(), 6);
    FeatureStore::open(folder.path()).unwrap_err();
    push(&mut writer, 4..8);
    writer.finish(end()).unwrap();
    assert!(contents(folder.path()) == before);
}

/// A repair that stops within its block is none: the blocks behind it would be of other frames.
#[test]
fn a_block_that_is_repaired_by_half_is_refused() {
    for rows in [4..4, 4..6] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path());
        let before = contents(folder.path());
        fs::remove_file(folder.path().join("block-00001.safetensors")).unwrap();
        let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
        assert_eq!(writer.kept_rows(), 6);
        push(&mut writer, rows);
        let error = writer.finish(end()).unwrap_err().to_string();
        assert!(error.contains("block-00001.safetensors were"), "{error}");
        FeatureStore::open(folder.path()).unwrap_err();

        // The end was recorded no longer, so the last block is made again as well.
        let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
        push(&mut writer, 4..10);
        writer.finish(end()).unwrap();
        assert!(contents(folder.path()) == before);
    }
}

#[test]
fn broken_descriptions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let path = folder.path().join("store.json");
    let whole = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("\"format\": 2", "\"format\": 3"),
        ("\"format\": 2", "\"format\": 1"),
        ("\"block_rows\": 4", "\"block_rows\": 0"),
        ("\"every\": 2", "\"every\": 0"),
        ("\"held\": \"equal\"", "\"held\": \"sometimes\""),
        ("\"video_frames\": 20", "\"video_frames\": 3"),
        ("\"size\": 224", "\"size\": -1"),
        ("\"layer\": \"conv5_3\"", "\"layer\": \"conv9_9\""),
    ] {
        assert!(whole.contains(from), "{from}");
        fs::write(&path, whole.replace(from, to)).unwrap();
        let error = FeatureStore::open(folder.path()).unwrap_err();
        assert!(error.to_string().contains("store.json"), "{to}: {error}");
    }
    for shape in [
        "[]",
        "[0, 2]",
        "[3, 3]",
        "[4294967296, 4294967296, 4294967296]",
    ] {
        let text = whole.replace(char::is_whitespace, "");
        let changed = text.replace("\"shape\":[3,2]", &format!("\"shape\":{shape}"));
        assert_ne!(text, changed);
        fs::write(&path, changed).unwrap();
        FeatureStore::open(folder.path()).unwrap_err();
    }
    for length in (0..whole.len() - 1).step_by(7) {
        fs::write(&path, &whole[..length]).unwrap();
        FeatureStore::open(folder.path()).unwrap_err();
    }
    let absent = FeatureStore::open(folder.path().join("absent")).unwrap_err();
    assert!(absent.to_string().contains("absent"), "{absent}");
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
    assert!(writer.push(0, 0.0, &[1.0; ROW + 1]).is_err());
    assert!(writer.push(0, 0.0, &[f32::NAN; ROW]).is_err());
    writer.push(2, 0.0, &[1e9; ROW]).unwrap(); // held at f16's largest
    assert!(writer.push(2, 0.0, &[1.0; ROW]).is_err());
    assert!(writer.push_f16(4, 0.1, &[f16::NAN; ROW]).is_err());
    writer.push_f16(4, 0.1, &[f16::NEG_INFINITY; ROW]).unwrap();
    writer.finish(end()).unwrap();
    let store = FeatureStore::open(folder.path()).unwrap();
    assert_eq!(store.row(0).unwrap()[0].to_f32(), 65504.0);
    assert_eq!(store.row(1).unwrap()[0], f16::MIN);
    let empty = tempfile::tempdir().unwrap();
    let writer = FeatureStoreWriter::create(empty.path(), plan()).unwrap();
    assert!(writer.finish(end()).is_err());
}

/// Rows 1 to 3 show row 0's picture, 4 begins a block with it, 7 and 8 show row 6's.
#[test]
fn held_rows_are_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let shown = [0, 0, 0, 0, 0, 5, 6, 6, 6, 9];
    let push = |writer: &mut FeatureStoreWriter, row: usize| {
        if row > 0 && shown[row] == shown[row - 1] {
            writer.push_duplicate(2 * row, time(row)).unwrap();
        } else {
            writer.push(2 * row, time(row), &values(row)).unwrap();
        }
    };
    let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
    (0..10).for_each(|row| push(&mut writer, row));
    writer.finish(end()).unwrap();
    let store = FeatureStore::open(folder.path()).unwrap();
    store.verify().unwrap();
    assert_eq!((store.len(), store.num_stored()), (10, 6)); // 0 | 0 5 6 | 6 9
    for (row, &first) in shown.iter().enumerate() {
        let mut found = Vec::new();
        store.read_rows(&[row], &mut found).unwrap();
        assert_eq!(found, values(first), "row {row}");
        assert_eq!(store.info().frames[row], 2 * row);
    }
    let duplicates: Vec<_> = (0..10)
        .filter(|&row| store.is_duplicate(row).unwrap())
        .collect();
    assert_eq!(duplicates, [1, 2, 3, 7]);

    // The references are what Python reads, and the same bytes come of an interrupted run.
    let files = contents(folder.path());
    let tensors = SafeTensors::deserialize(&files["block-00001.safetensors"]).unwrap();
    let stored = tensors.tensor("stored").unwrap();
    let stored: Vec<_> = stored.data().iter().step_by(8).copied().collect();
    assert_eq!(stored, [0, 1, 2, 2]);
    for stop in 0..10 {
        let again = tempfile::tempdir().unwrap();
        let mut writer = FeatureStoreWriter::create(again.path(), plan()).unwrap();
        (0..stop).for_each(|row| push(&mut writer, row));
        drop(writer);
        let mut writer = FeatureStoreWriter::create(again.path(), plan()).unwrap();
        (writer.kept_rows()..10).for_each(|row| push(&mut writer, row));
        writer.finish(end()).unwrap();
        assert!(contents(again.path()) == files, "stopped after {stop}");
    }
}

#[test]
fn a_first_row_cannot_be_held() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = FeatureStoreWriter::create(folder.path(), plan()).unwrap();
    let error = writer.push_duplicate(0, 0.0).unwrap_err();
    assert!(error.to_string().contains("first row"), "{error}");
}

/// References that point anywhere but at the row before's features or the next ones.
#[test]
fn broken_references_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let path = folder.path().join("block-00000.safetensors");
    let whole = fs::read(&path).unwrap();
    let references: Vec<u8> = (0..4_i64).flat_map(i64::to_le_bytes).collect();
    let place = whole
        .windows(references.len())
        .position(|bytes| bytes == references)
        .unwrap();
    for wrong in [
        [1, 1, 2, 3],
        [0, 2, 2, 3],
        [0, 1, 0, 3],
        [0, 1, 2, 2],
        [0, 1, 2, -1],
    ] {
        let wrong: Vec<u8> = wrong.into_iter().flat_map(i64::to_le_bytes).collect();
        let mut changed = whole.clone();
        changed[place..place + wrong.len()].copy_from_slice(&wrong);
        fs::write(&path, changed).unwrap();
        let error = FeatureStore::open(folder.path()).unwrap_err();
        assert!(error.to_string().contains("block-00000"), "{error}");
    }
}
