//! Whole videos into stores. Needs the program `ffmpeg` to draw clips; where it is missing, tests
//! say so and pass, unless `REQUIRE_ALL=1`.
#![cfg(feature = "video")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod common;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use burn::tensor::{Device, Tensor, TensorData};
use common::skip;
use frame_features::{
    DuplicateFrames, Encoder, EncoderId, Error, ExtractOptions, FeatureStore, FrameEncoder, Layer,
    Picture, Preprocess, Rational, Sampling, Vgg, VggConfig, VideoFrames, VideoOptions,
    annotations, extract,
};

fn clip(folder: &Path, name: &str, frames: usize) -> Option<PathBuf> {
    drawn(
        folder,
        name,
        "testsrc2=size=64x48:rate=30000/1001",
        frames,
        "mpeg4",
    )
}

fn drawn(folder: &Path, name: &str, source: &str, frames: usize, codec: &str) -> Option<PathBuf> {
    let path = folder.join(name);
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", source])
        .args(["-frames:v", &frames.to_string(), "-c:v", codec])
        .arg(&path)
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => Some(path),
        other => {
            skip(format_args!("ffmpeg: {other:?}"));
            None
        }
    }
}

/// Wide enough that its features differ from frame to frame: of a 64th of the width nearly all is
/// the bias.
fn network() -> Vgg {
    let device = Device::flex();
    device.seed(1);
    VggConfig::slim(8).init(&device).named("tiny")
}

fn encoder(layer: Layer, size: usize) -> Encoder {
    Encoder::new(&network(), layer, size).unwrap()
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
fn a_store_has_what_the_network_gives() {
    let folder = tempfile::tempdir().unwrap();
    let Some(video) = clip(folder.path(), "clip.mp4", 20) else {
        return;
    };
    let network = network();
    let last = Cell::new(None);
    let tell = |progress| {
        last.set(Some(progress));
        ControlFlow::Continue(())
    };
    let options = ExtractOptions::default()
        .sampling(Sampling::Every(3))
        .progress(&tell);
    let out = folder.path().join("features");
    let conv5_3 = Encoder::new(&network, Layer::Conv5_3, 64).unwrap();
    let report = extract(&video, &conv5_3, &options, &out).unwrap();
    assert_eq!((report.rows_made, report.rows_kept), (7, 0));
    let progress = last.get().unwrap();
    assert_eq!((progress.rows, progress.expected_rows), (7, 7));

    let store = FeatureStore::open(&out).unwrap();
    assert_eq!(store.shape(), [16, 64]);
    assert_eq!(store.info().frames, [0, 3, 6, 9, 12, 15, 18]);
    assert_eq!(store.info().video_frames, 20);
    assert_eq!(store.info().frame_rate.to_string(), "30000/1001");
    assert!((store.info().duration - 20.0 * 1001.0 / 30000.0).abs() < 1e-9);
    assert_eq!(store.info().ended_early, None);
    let third = VideoOptions::default()
        .size(64, 64)
        .sampling(Sampling::Every(3));
    let frames = VideoFrames::open(&video, third).unwrap();
    let is_row = |row: usize, expected: &[f32]| {
        let found = store.row(row).unwrap().iter().map(|found| found.to_f32());
        let mut pairs = found.zip(expected);
        pairs.all(|(found, expected)| (found - expected).abs() <= 1e-5 + expected.abs() / 1000.0)
    };
    for (row, frame) in frames.enumerate() {
        let frame = frame.unwrap();
        assert!((store.info().times[row] - frame.time.seconds()).abs() < 1e-9);
        let input = Preprocess::new(64).batch(&[frame.picture()], &Device::flex());
        let expected = annotations(network.forward_conv5_3(input));
        let expected: Vec<f32> = expected.try_into_vec_as().unwrap();
        let fitting: Vec<_> = (0..7).filter(|&row| is_row(row, &expected)).collect();
        assert_eq!(fitting, [row], "of frame {}", frame.index);
    }

    // Again: nothing is computed. Into the same folder from something else: refused.
    let again = extract(&video, &conv5_3, &options, &out).unwrap();
    assert_eq!((again.rows_made, again.rows_kept), (0, 7));
    assert_eq!(again.info, report.info);
    let relu7 = Encoder::new(&network, Layer::Relu7, 64).unwrap();
    let error = extract(&video, &relu7, &options, &out).unwrap_err();
    assert!(
        matches!(error, Error::StoreMismatch { what: "layer", .. }),
        "{error}"
    );
    let other = VggConfig::slim(64).init(&Device::flex()).named("other");
    let other = Encoder::new(&other, Layer::Conv5_3, 64).unwrap();
    let error = extract(&video, &other, &options, &out).unwrap_err();
    assert!(error.to_string().contains("tiny") && error.to_string().contains("other"));
}

/// The folder as it was after one block and some frames, as a killed program leaves it.
#[test]
fn an_interrupted_extraction_goes_on_and_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let Some(video) = clip(folder.path(), "long.mp4", 300) else {
        return;
    };
    let encoder = encoder(Layer::Relu7, 32);
    let left = RefCell::new(BTreeMap::new());
    let whole = folder.path().join("whole");
    let keep = |progress: frame_features::Progress| {
        if progress.rows > 256 && left.borrow().is_empty() {
            *left.borrow_mut() = contents(&whole);
        }
        ControlFlow::Continue(())
    };
    // Batches of 7 do not divide a block of 256: 36 of them, one of 4, then 7 again.
    let options = ExtractOptions::default().batch(7).progress(&keep);
    extract(&video, &encoder, &options, &whole).unwrap();
    let left = left.into_inner();
    assert_eq!(
        left.keys().collect::<Vec<_>>(),
        ["block-00000.safetensors", "store.json"]
    );

    let resumed = folder.path().join("resumed");
    fs::create_dir(&resumed).unwrap();
    for (name, bytes) in left {
        fs::write(resumed.join(name), bytes).unwrap();
    }
    assert!(FeatureStore::open(&resumed).is_err());
    let options = ExtractOptions::default().batch(7);
    let report = extract(&video, &encoder, &options, &resumed).unwrap();
    assert_eq!((report.rows_kept, report.rows_made), (256, 44));
    assert!(contents(&resumed) == contents(&whole));

    let stopped = folder.path().join("stopped");
    let stop = |progress: frame_features::Progress| match progress.rows > 256 {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let error = extract(&video, &encoder, &options.clone().progress(&stop), &stopped).unwrap_err();
    assert!(matches!(error, Error::Stopped), "{error}");
    assert!(FeatureStore::open(&stopped).is_err());
    let report = extract(&video, &encoder, &options, &stopped).unwrap();
    assert_eq!((report.rows_kept, report.rows_made), (256, 44));
    assert!(contents(&stopped) == contents(&whole));
}

#[test]
fn a_video_cut_off_is_extracted_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let Some(video) = clip(folder.path(), "cut.avi", 100) else {
        return;
    };
    let whole = fs::read(&video).unwrap();
    fs::write(&video, &whole[..whole.len() / 2]).unwrap();
    let options = ExtractOptions::default();
    let encoder = encoder(Layer::Relu7, 32);
    let report = extract(&video, &encoder, &options, folder.path().join("f")).unwrap();
    assert!((10..90).contains(&report.info.video_frames));
    assert!(report.info.ended_early.is_some());
}

#[test]
fn what_cannot_be_extracted_leaves_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("features");
    let (encoder, options) = (encoder(Layer::Relu7, 32), ExtractOptions::default());
    let text = folder.path().join("text.mp4");
    fs::write(&text, b"no video").unwrap();
    for video in [text, folder.path().join("absent.mp4")] {
        let error = extract(&video, &encoder, &options, &out).unwrap_err();
        let name = video.file_name().unwrap().to_str().unwrap();
        assert!(error.to_string().contains(name), "{error}");
        assert!(!out.exists());
    }
    let Some(video) = clip(folder.path(), "clip.mp4", 3) else {
        return;
    };
    for options in [
        options.clone().batch(0),
        options.clone().sampling(Sampling::Every(0)),
        options.duplicates(DuplicateFrames::Within(-1.0)),
    ] {
        let error = extract(&video, &encoder, &options, &out).unwrap_err();
        assert!(matches!(error, Error::Option { .. }), "{error}");
    }
    assert!(!out.exists());
}

/// Two pictures a second at 24 frames a second, as cheap animation has it: 12 frames show each.
#[test]
fn duplicate_frames_are_computed_once() {
    let folder = tempfile::tempdir().unwrap();
    let source = "testsrc2=size=64x48:rate=2,fps=24";
    let Some(video) = drawn(folder.path(), "duplicates.mkv", source, 300, "ffv1") else {
        return;
    };
    let counting = Counting::default();
    let store = |duplicates, name: &str| {
        counting.pictures.set(0);
        let options = ExtractOptions::default().duplicates(duplicates);
        let out = folder.path().join(name);
        let report = extract(&video, &counting, &options, &out).unwrap();
        assert_eq!(report.rows_made, 300);
        (FeatureStore::open(out).unwrap(), report.duplicate_rows)
    };
    let (separate, count) = store(DuplicateFrames::Separate, "separate");
    assert_eq!(
        (counting.pictures.get(), count, separate.num_stored()),
        (300, 0, 300)
    );
    let (shared, count) = store(DuplicateFrames::Equal, "shared");
    // 25 pictures, and one more where a block of 256 rows ends within the frames of one.
    assert_eq!(
        (counting.pictures.get(), count, shared.num_stored()),
        (26, 274, 26)
    );
    assert_eq!(shared.info().frames, separate.info().frames);
    assert_eq!(shared.info().times, separate.info().times);
    for row in 0..300 {
        assert_eq!(
            shared.row(row).unwrap(),
            separate.row(row).unwrap(),
            "row {row}"
        );
    }
}

/// The mean of a picture's bytes; counts what it is given.
struct Counting {
    id: EncoderId,
    pictures: Cell<usize>,
}

impl Default for Counting {
    fn default() -> Self {
        Self {
            id: EncoderId::new("mean", "0".repeat(64), Layer::Output, 32),
            pictures: Cell::new(0),
        }
    }
}

impl FrameEncoder for Counting {
    fn id(&self) -> &EncoderId {
        &self.id
    }

    fn shape(&self) -> &[usize] {
        &[1]
    }

    fn forward(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, Error> {
        self.pictures.set(self.pictures.get() + pictures.len());
        let sum = |picture: &Picture<'_>| picture.rgb().iter().copied().map(f32::from).sum::<f32>();
        let means = pictures.iter().map(|it| sum(it) / (32.0 * 32.0 * 3.0));
        let means = TensorData::new(means.collect(), [pictures.len(), 1, 1]);
        Ok(Tensor::from_data(means, &Device::flex()))
    }
}

/// Noise of less than 2 on every byte is another picture, unless it is asked to be the same.
#[test]
fn frames_within_a_distance_are_duplicates() {
    let folder = tempfile::tempdir().unwrap();
    let source = "color=gray:size=64x48:rate=24,noise=alls=2:allf=t";
    let Some(video) = drawn(folder.path(), "noise.mkv", source, 20, "ffv1") else {
        return;
    };
    let counting = Counting::default();
    for (duplicates, computed) in [
        (DuplicateFrames::Equal, 20),
        (DuplicateFrames::Within(3.0), 1),
    ] {
        counting.pictures.set(0);
        let options = ExtractOptions::default().duplicates(duplicates);
        let out = folder.path().join(duplicates.to_string());
        extract(&video, &counting, &options, out).unwrap();
        assert_eq!(counting.pictures.get(), computed, "{duplicates}");
    }
}

#[test]
fn only_the_frames_asked_for_are_extracted() {
    let folder = tempfile::tempdir().unwrap();
    let Some(video) = clip(folder.path(), "clip.mp4", 60) else {
        return;
    };
    for (sampling, frames) in [
        (Sampling::Frames(vec![50, 7, 7, 900]), vec![7, 50]),
        (Sampling::Times(vec![0.0, 0.99, 1.0, 77.0]), vec![0, 29, 59]),
        (
            Sampling::PerSecond(Rational::new(2, 1)),
            vec![0, 14, 29, 44, 59],
        ),
        (Sampling::Every(25), vec![0, 25, 50]),
    ] {
        let out = folder.path().join(sampling.to_string().replace('/', "-"));
        let options = ExtractOptions::default().sampling(sampling.clone());
        let report = extract(&video, &Counting::default(), &options, &out).unwrap();
        assert_eq!(report.info.frames, frames, "{sampling}");
        assert_eq!(report.info.video_frames, 60);
        let other = options.clone().sampling(Sampling::All);
        let error = extract(&video, &Counting::default(), &other, &out).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(&sampling.to_string()) && message.contains("all frames"));
    }
}

/// A block in the middle is damaged: only its rows go through the network again.
#[test]
fn only_damaged_blocks_are_computed_again() {
    let folder = tempfile::tempdir().unwrap();
    let source = "testsrc2=size=64x48:rate=24,hue=H=0.1*n";
    let Some(video) = drawn(folder.path(), "long.mkv", source, 600, "ffv1") else {
        return;
    };
    let counting = Counting::default();
    let options = ExtractOptions::default().duplicates(DuplicateFrames::Separate);
    let out = folder.path().join("features");
    extract(&video, &counting, &options, &out).unwrap();
    let before = contents(&out);
    assert_eq!(before.len(), 4); // 256, 256 and 88 rows, store.json
    for (name, rows) in [
        ("block-00001", 256),
        ("block-00002", 88),
        ("block-00000", 256),
    ] {
        let path = out.join(format!("{name}.safetensors"));
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, bytes).unwrap();
        counting.pictures.set(0);
        let report = extract(&video, &counting, &options, &out).unwrap();
        assert_eq!(
            (report.rows_made, counting.pictures.get()),
            (rows, rows),
            "{name}"
        );
        assert!(contents(&out) == before, "{name}");
    }
}

/// Says that it gives vectors of two numbers, and gives three.
struct Wrong(EncoderId);

impl FrameEncoder for Wrong {
    fn id(&self) -> &EncoderId {
        &self.0
    }

    fn shape(&self) -> &[usize] {
        &[2]
    }

    fn forward(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, Error> {
        Ok(Tensor::zeros([pictures.len(), 1, 3], &Device::flex()))
    }
}

#[test]
fn features_of_another_shape_are_refused() {
    let encoder = Wrong(EncoderId::new("wrong", "0".repeat(64), Layer::Output, 32));
    let rgb = vec![0; 32 * 32 * 3];
    let picture = Picture::new(32, 32, &rgb).unwrap();
    let error = encoder.encode(&[picture]).unwrap_err();
    assert!(matches!(error, Error::EncodedShape { .. }), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let Some(video) = clip(folder.path(), "clip.mp4", 3) else {
        return;
    };
    let out = folder.path().join("features");
    let error = extract(&video, &encoder, &ExtractOptions::default(), &out).unwrap_err();
    assert!(matches!(error, Error::EncodedShape { .. }), "{error}");
    assert!(FeatureStore::open(&out).is_err());
}

/// The checksum is of the file that was there first, the pictures would be of the other one.
#[test]
fn a_video_that_is_replaced_while_it_is_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let Some(video) = clip(folder.path(), "clip.mp4", 20) else {
        return;
    };
    let kept = folder.path().join("kept.mp4");
    fs::copy(&video, &kept).unwrap();
    let encoder = encoder(Layer::Conv5_3, 32);
    let alone = folder.path().join("alone");
    let options = ExtractOptions::default().batch(4);
    extract(&video, &encoder, &options, &alone).unwrap();

    let other = drawn(
        folder.path(),
        "other.mp4",
        "mandelbrot=size=64x48",
        20,
        "mpeg4",
    )
    .unwrap();
    let replace = |_| {
        if other.exists() {
            fs::rename(&other, &video).unwrap();
        }
        ControlFlow::Continue(())
    };
    let out = folder.path().join("features");
    let error = extract(&video, &encoder, &options.clone().progress(&replace), &out).unwrap_err();
    assert!(
        matches!(&error, Error::Changed { path } if *path == video),
        "{error}"
    );
    assert!(FeatureStore::open(&out).is_err(), "it is not complete");

    fs::rename(&kept, &video).unwrap();
    extract(&video, &encoder, &options, &out).unwrap();
    assert_eq!(contents(&out), contents(&alone));
}
