//! Videos whose times are not as they should be, and videos of which a part is missing.
//! Where `ffmpeg` is not installed, the tests say so and pass, unless `REQUIRE_ALL=1`.
#![cfg(feature = "video")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use common::{clip, fixture};
use frame_features::{
    EncoderId, Error, ExtractOptions, FeatureStore, FrameEncoder, FrameTimes, Layer, Picture,
    Sampling, TimeRepairs, VideoFrames, VideoOptions, extract,
};

/// Four seconds at 25 frames a second.
const DRAWN: &str = "-f lavfi -i testsrc2=size=64x48:rate=25:duration=4";
const H264: &str = "-c:v libx264 -g 10 -bf 2 -pix_fmt yuv420p";

/// What reading a whole video tells.
struct Read {
    /// Seconds, from the first frame on.
    times: Vec<f64>,
    duration: f64,
    repairs: TimeRepairs,
    missing: Option<f64>,
    ended_early: Option<String>,
}

fn read(path: &Path) -> Read {
    let mut frames = VideoFrames::open(path, VideoOptions::default()).unwrap();
    let mut times = Vec::new();
    while let Some((_, time)) = frames.skip_frame().unwrap() {
        times.push(time.seconds());
    }
    let start = frames.start();
    assert_eq!(times[0], start);
    assert!(times.is_sorted_by(|one, next| one < next), "{times:?}");
    Read {
        times: times.iter().map(|time| time - start).collect(),
        duration: frames.decoded_duration(),
        repairs: frames.repairs(),
        missing: frames.missing_seconds(),
        ended_early: frames.ended_early().map(str::to_owned),
    }
}

/// Whether so many frames follow each other at 25 a second, up to a container's milliseconds.
fn is_regular(read: &Read, frames: u32) -> bool {
    let expected = (0..frames).map(|frame| f64::from(frame) / 25.0);
    let near = |(found, expected): (&f64, f64)| (found - expected).abs() < 0.0011;
    read.times.len() == frames as usize && read.times.iter().zip(expected).all(near)
}

/// The mean of a picture's bytes.
struct Mean(EncoderId);

impl Mean {
    fn new() -> Self {
        Self(EncoderId::new("mean", "0".repeat(64), Layer::Output, 32))
    }
}

impl FrameEncoder for Mean {
    fn id(&self) -> &EncoderId {
        &self.0
    }

    fn shape(&self) -> &[usize] {
        &[1]
    }

    fn forward(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, Error> {
        let sum = |picture: &Picture<'_>| picture.rgb().iter().copied().map(f32::from).sum::<f32>();
        let means = pictures.iter().map(|it| sum(it) / (32.0 * 32.0 * 3.0));
        let means = TensorData::new(means.collect(), [pictures.len(), 1, 1]);
        Ok(Tensor::from_data(means, &Device::flex()))
    }
}

fn store(video: &Path, sampling: Sampling, folder: &Path) -> FeatureStore {
    let options = ExtractOptions::default().sampling(sampling);
    extract(video, &Mean::new(), &options, folder).unwrap();
    FeatureStore::open(folder).unwrap()
}

/// The first half of its frames have no times, the second half count from 0.
#[test]
fn frames_without_times_get_some() {
    let path = fixture("missing-pts.mkv");
    let whole = read(&path);
    assert!(is_regular(&whole, 100), "{:?}", whole.times);
    let expected = TimeRepairs {
        missing: 50,
        moved: 50,
        jumps: 0,
    };
    assert_eq!(whole.repairs, expected);
    let folder = tempfile::tempdir().unwrap();
    let store = store(&path, Sampling::All, folder.path());
    assert!(store.info().times.is_sorted());
    assert_eq!(store.info().time_repairs, expected);
    assert!((store.info().duration - 4.0).abs() < 1e-9);
    // The store remembers it for who opens it later.
    let again = extract(
        &path,
        &Mean::new(),
        &ExtractOptions::default(),
        folder.path(),
    );
    let again = again.unwrap();
    assert_eq!((again.rows_made, again.info.time_repairs), (0, expected));
}

/// Recordings joined end to end, as `cat` does it: the second one's times begin anew.
#[test]
fn times_of_joined_recordings_go_on() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codec) in [
        ("joined.ts", H264),
        ("joined-2.ts", "-c:v mpeg2video -bf 2"),
    ] {
        let Some(path) = clip(folder.path(), name, &format!("{DRAWN} {codec}")) else {
            continue;
        };
        let one = fs::read(&path).unwrap();
        fs::write(&path, [&one[..], &one, &one].concat()).unwrap();
        let joined = read(&path);
        assert_eq!(joined.repairs.jumps, 2, "{name}: {:?}", joined.repairs);
        assert!((290..=300).contains(&joined.times.len()), "{name}");
        assert!((joined.duration - 12.0).abs() < 0.5, "{}", joined.duration);
    }
}

/// MPEG's clock of 33 bits comes round after 26.5 hours.
#[test]
fn the_clock_of_a_transport_stream_may_come_round() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = format!("{DRAWN} {H264} -output_ts_offset 95442 -muxdelay 0");
    let Some(path) = clip(folder.path(), "round.ts", &arguments) else {
        return;
    };
    let round = read(&path);
    assert!(is_regular(&round, 100), "{:?}", round.times);
    assert!(round.repairs.is_none(), "{}", round.repairs);
}

/// Containers of many kinds, with frames that refer to later ones: nothing to repair.
#[test]
fn sound_files_are_not_repaired() {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in [
        ("plain.mp4", H264),
        ("plain.mkv", H264),
        ("plain.flv", H264),
        ("plain.ts", H264),
        (
            "fragments.mp4",
            "-c:v libx264 -bf 2 -movflags frag_keyframe+empty_moov",
        ),
        ("late.mkv", "-c:v libx264 -bf 2 -output_ts_offset 5"),
        ("late.mp4", "-c:v libx264 -bf 2 -output_ts_offset 5"),
        ("late.flv", "-c:v libx264 -bf 2 -output_ts_offset 5"),
        (
            "late.ts",
            "-c:v libx264 -bf 2 -output_ts_offset 100 -muxdelay 0",
        ),
        ("old.avi", "-c:v mpeg4 -bf 2"),
        ("new.avi", H264),
        ("web.webm", "-c:v libvpx -deadline realtime"),
        ("program.mpg", "-c:v mpeg2video -bf 2"),
    ] {
        let Some(path) = clip(folder.path(), name, &format!("{DRAWN} {arguments}")) else {
            continue;
        };
        let whole = read(&path);
        assert!(is_regular(&whole, 100), "{name}: {:?}", whole.times);
        assert!(whole.repairs.is_none(), "{name}: {}", whole.repairs);
        assert_eq!(whole.missing, None, "{name}");
        assert_eq!(whole.ended_early, None, "{name}");
    }
}

/// H.264 without a container has no times at all.
#[test]
fn a_raw_stream_counts_frames() {
    let folder = tempfile::tempdir().unwrap();
    let Some(path) = clip(folder.path(), "raw.h264", &format!("{DRAWN} {H264}")) else {
        return;
    };
    let raw = read(&path);
    assert!(is_regular(&raw, 100), "{:?}", raw.times);
    assert_eq!(raw.repairs.missing, 100);
}

/// A video that begins at 100 s gives the rows that it gives from 0 s on, also where the first
/// frame is not taken.
#[test]
fn times_count_from_the_first_frame() {
    let folder = tempfile::tempdir().unwrap();
    let late = format!("{DRAWN} {H264} -output_ts_offset 100 -muxdelay 0");
    let [Some(plain), Some(late)] =
        [("plain.ts", H264.to_owned()), ("late.ts", late)].map(|(name, rest)| {
            let rest = rest.trim_start_matches(DRAWN);
            clip(folder.path(), name, &format!("{DRAWN} {rest}"))
        })
    else {
        return;
    };
    for (number, sampling) in [Sampling::All, Sampling::Frames(vec![30, 40, 99])]
        .into_iter()
        .enumerate()
    {
        let [plain, late] = [&plain, &late].map(|video| {
            let name = format!("{number}{}", video.file_name().unwrap().to_str().unwrap());
            store(video, sampling.clone(), &folder.path().join(name))
        });
        assert!((late.info().start() - 100.0).abs() < 0.2);
        let [plain, late] = [plain, late].map(|it| {
            let times = it.info().times_from_start();
            (times, it.info().duration)
        });
        assert!((plain.1 - late.1).abs() < 1e-9);
        let first = f64::from(u32::try_from(number).unwrap()) * 30.0 / 25.0;
        assert!((plain.0[0] - first).abs() < 1e-9, "{:?}", plain.0);
        assert_eq!(plain.0.len(), late.0.len());
        for (plain, late) in plain.0.iter().zip(&late.0) {
            assert!((plain - late).abs() < 1e-9, "{plain} {late}");
        }
    }
}

/// Half of a file: how much is missing is known where the container says how long it is.
#[test]
fn what_is_missing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let fragments = "-c:v libx264 -g 10 -bf 2 -movflags dash+global_sidx+frag_keyframe";
    for (name, arguments, states) in [
        ("cut.mkv", H264, true),
        ("late.mkv", "-c:v libx264 -g 10 -output_ts_offset 5", true),
        ("cut.webm", "-c:v libvpx -g 10 -deadline realtime", true),
        ("cut.flv", H264, true),
        ("late.flv", "-c:v libx264 -g 10 -output_ts_offset 5", true),
        ("cut.avi", "-c:v mpeg4", true),
        ("start.mp4", "-c:v libx264 -g 10 -movflags +faststart", true),
        ("fragments.mp4", fragments, true),
        ("cut.ts", H264, false),
        ("cut.mpg", "-c:v mpeg2video", false),
    ] {
        let Some(path) = clip(folder.path(), name, &format!("{DRAWN} {arguments}")) else {
            continue;
        };
        assert_eq!(read(&path).missing, None, "{name}");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let half = read(&path);
        if !states {
            assert_eq!(half.missing, None, "{name}");
            continue;
        }
        let missing = half
            .missing
            .unwrap_or_else(|| panic!("{name}: nothing missing"));
        let together = missing + half.duration;
        assert!(
            (together - 4.0).abs() < 0.15,
            "{name}: {missing}, {}",
            half.duration
        );
        assert!(half.ended_early.is_some(), "{name}");
        let out = folder.path().join(format!("{name}.features"));
        let info = store(&path, Sampling::All, &out).info().clone();
        let found = info.missing_seconds.unwrap();
        assert!((found - missing).abs() < 1e-9, "{name}: {found}"); // JSON has its last digit off
    }
}

/// An MP4 file whose table of contents comes last is no video without it.
#[test]
fn an_mp4_without_its_end_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let Some(path) = clip(folder.path(), "end.mp4", &format!("{DRAWN} {H264}")) else {
        return;
    };
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = VideoFrames::open(&path, VideoOptions::default()).unwrap_err();
    assert!(error.to_string().contains("end.mp4"), "{error}");
}

/// A store with times that go back, as earlier versions wrote it: refused by name, also by what
/// would go on with it.
#[test]
fn an_old_store_whose_times_go_back_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = fixture("missing-pts.mkv");
    let out: PathBuf = folder.path().join("old.features");
    let whole = store(&path, Sampling::Frames(vec![0, 60]), &out);
    assert_eq!(whole.info().times, [0.0, 2.4]);
    drop(whole);
    let json = fs::read_to_string(out.join("store.json")).unwrap();
    fs::write(out.join("store.json"), json.replace("2.4", "-2.4")).unwrap();
    let open = FeatureStore::open(&out).unwrap_err();
    let options = ExtractOptions::default().sampling(Sampling::Frames(vec![0, 60]));
    let again = extract(&path, &Mean::new(), &options, &out).unwrap_err();
    for error in [open, again] {
        let message = error.to_string();
        assert!(message.contains("old.features"), "{message}");
        assert!(message.contains("times go back"), "{message}");
    }
}

/// Times from packets are those of decoding; which files need decoding is said.
#[test]
fn frame_times_are_those_of_decoding() {
    let folder = tempfile::tempdir().unwrap();
    let hevc = "-c:v libx265 -x265-params log-level=none -pix_fmt yuv420p";
    for (name, arguments, decodes) in [
        ("plain.mp4", H264, false),
        ("plain.mkv", H264, false),
        ("plain.flv", H264, false),
        ("plain.ts", H264, false),
        ("hevc.mp4", hevc, false),
        (
            "web.webm",
            "-c:v libvpx-vp9 -deadline realtime -cpu-used 8",
            false,
        ),
        ("old.webm", "-c:v libvpx -deadline realtime", false),
        ("mpeg2.ts", "-c:v mpeg2video -bf 2 -g 12", false),
        (
            "fragments.mp4",
            "-c:v libx264 -bf 2 -movflags frag_keyframe+empty_moov",
            false,
        ),
        (
            "late.ts",
            "-c:v libx264 -bf 2 -output_ts_offset 100 -muxdelay 0",
            false,
        ),
        ("pictures.avi", "-c:v mjpeg -pix_fmt yuvj420p", false),
        (
            "variable.mkv",
            "-vf select='not(mod(n,3))+gt(n,40)' -fps_mode vfr -c:v libx264",
            false,
        ),
        (
            "open.mp4",
            "-c:v libx264 -bf 3 -g 20 -x264-params open-gop=1",
            false,
        ),
        ("reordered.avi", "-c:v mpeg4 -bf 2", true),
        ("raw.h264", H264, true),
    ] {
        let arguments = format!("{DRAWN} {arguments}");
        let Some(path) = clip(folder.path(), name, &arguments) else {
            continue;
        };
        let mut last = 0;
        let found = FrameTimes::read(&path, &mut |frames| last = frames).unwrap();
        let whole = read(&path);
        assert_eq!(from_first(&found.seconds), whole.times, "{name}");
        assert_eq!(found.repairs, whole.repairs, "{name}");
        assert_eq!(found.decoded, decodes, "{name}");
        assert_eq!(last, found.seconds.len(), "{name}");
    }
}

fn from_first(times: &[f64]) -> Vec<f64> {
    times.iter().map(|time| time - times[0]).collect()
}

/// Edit lists, recordings that begin or end in the middle of a group, joined ones, and half files.
#[test]
fn frame_times_of_what_was_cut_are_those_of_decoding() {
    let folder = tempfile::tempdir().unwrap();
    let whole = format!("{DRAWN} -c:v libx264 -g 24 -bf 2 -pix_fmt yuv420p");
    let mut paths = Vec::new();
    if let Some(path) = clip(folder.path(), "whole.mp4", &whole) {
        for (name, how) in [("begin.mp4", "-ss 1.5"), ("both.mp4", "-ss 0.7 -t 1.9")] {
            let cut = format!("{how} -i {} -c copy", path.display());
            paths.extend(clip(folder.path(), name, &cut));
        }
    }
    paths.push(fixture("missing-pts.mkv"));
    for (name, begin, end) in [("tuned-in.ts", 3, 10), ("half.ts", 0, 5)] {
        if let Some(path) = clip(folder.path(), name, &whole) {
            let bytes = fs::read(&path).unwrap();
            let packets: Vec<_> = bytes.chunks(188).collect();
            let place = |tenths: usize| packets.len() * tenths / 10;
            let kept = packets[place(begin).max(3)..place(end)].concat();
            fs::write(&path, [packets[..3].concat(), kept].concat()).unwrap();
            paths.push(path);
        }
    }
    for name in ["half.mkv", "half.flv", "joined.ts"] {
        if let Some(path) = clip(folder.path(), name, &whole) {
            let bytes = fs::read(&path).unwrap();
            let bytes = match name {
                "joined.ts" => [&bytes[..], &bytes].concat(),
                _ => bytes[..bytes.len() / 2].to_vec(),
            };
            fs::write(&path, bytes).unwrap();
            paths.push(path);
        }
    }
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let found = FrameTimes::read(&path, &mut |_| ()).unwrap();
        let whole = read(&path);
        println!(
            "{name}: {} frames, decoded: {}",
            whole.times.len(),
            found.decoded
        );
        assert_eq!(from_first(&found.seconds), whole.times, "{name}");
        assert_eq!(found.repairs, whole.repairs, "{name}");
        assert_eq!(found.missing_seconds, whole.missing, "{name}");
        assert_eq!(found.ended_early, whole.ended_early, "{name}");
    }
}
