//! Frames and their times, against FFmpeg's own programs on clips that its generators draw.
//! Where those programs are not installed, the tests say so and pass.
#![cfg(feature = "video")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use frame_features::{Error, VideoFrames, VideoInfo, VideoOptions};

/// Runs a program; nothing if it is not installed or fails, which is then said.
fn run<I: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = I>) -> Option<Vec<u8>> {
    let output = Command::new(program)
        .args(["-v", "error"])
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => Some(output.stdout),
        Ok(output) => {
            let why = String::from_utf8_lossy(&output.stderr);
            eprintln!("skipped: {program} failed: {why}");
            None
        }
        Err(error) => {
            eprintln!("skipped: {program}: {error}");
            None
        }
    }
}

/// Makes a clip with `ffmpeg`.
fn clip(folder: &Path, name: &str, arguments: &str) -> Option<PathBuf> {
    let path = folder.join(name);
    let words = arguments.split_whitespace().map(OsStr::new);
    run("ffmpeg", words.chain([OsStr::new("-y"), path.as_os_str()]))?;
    Some(path)
}

/// Times of the first video stream's frames in ticks, as `ffprobe -show_frames` has them.
fn probed(path: &Path) -> Option<Vec<i64>> {
    let arguments = [
        OsStr::new("-select_streams"),
        OsStr::new("V:0"),
        OsStr::new("-show_frames"),
        OsStr::new("-show_entries"),
        OsStr::new("frame=best_effort_timestamp"),
        OsStr::new("-of"),
        OsStr::new("csv=p=0"),
        path.as_os_str(),
    ];
    let text = String::from_utf8(run("ffprobe", arguments)?).expect("numbers");
    let number = |line: &str| line.split(',').next()?.trim().parse().ok(); // side data may follow
    Some(text.lines().filter_map(number).collect())
}

fn read(path: &Path) -> Vec<i64> {
    let options = VideoOptions::default().size(32, 32);
    let mut frames = VideoFrames::open(path, options).expect("the clip opens");
    let mut ticks = Vec::new();
    while let Some(frame) = frames.next_frame().expect("the clip decodes") {
        assert_eq!(frame.index, ticks.len());
        assert_eq!(
            (frame.width, frame.height, frame.rgb.len()),
            (32, 32, 32 * 32 * 3)
        );
        ticks.push(frame.time.ticks);
    }
    assert_eq!(frames.decoded(), ticks.len());
    assert_eq!(frames.ended_early(), None, "{}", path.display());
    ticks
}

/// Clips of many kinds: name, and how `ffmpeg` makes them.
const CLIPS: &[(&str, &str)] = &[
    (
        "constant.mp4",
        "-f lavfi -i testsrc=size=64x48:rate=30000/1001:duration=2 -c:v libx264 -bf 2 -pix_fmt yuv420p",
    ),
    (
        "variable.mkv",
        "-f lavfi -i testsrc=size=64x48:rate=30:duration=2 -vf select='not(mod(n,3))+gt(n,40)' -fps_mode vfr -c:v libx264 -pix_fmt yuv420p",
    ),
    (
        "late.ts",
        "-f lavfi -i testsrc=size=64x48:rate=25:duration=1 -c:v mpeg2video -bf 2 -output_ts_offset 5",
    ),
    (
        "odd.mkv",
        "-f lavfi -i testsrc=size=63x49:rate=10:duration=1 -c:v ffv1 -pix_fmt yuv444p",
    ),
    (
        "ten-bit.mkv",
        "-f lavfi -i testsrc=size=64x48:rate=10:duration=1 -c:v ffv1 -pix_fmt yuv420p10le",
    ),
    (
        "alpha.mkv",
        "-f lavfi -i testsrc=size=64x48:rate=10:duration=1 -c:v ffv1 -pix_fmt bgra",
    ),
    (
        "full-range.avi",
        "-f lavfi -i testsrc=size=64x48:rate=10:duration=1 -c:v mjpeg -pix_fmt yuvj420p",
    ),
    (
        "colours.gif",
        "-f lavfi -i testsrc=size=64x48:rate=10:duration=1",
    ),
    (
        "web.webm",
        "-f lavfi -i testsrc=size=64x48:rate=24:duration=1 -f lavfi -i sine=duration=1 -c:v libvpx -deadline realtime -c:a libopus",
    ),
    (
        "interlaced.ts",
        "-f lavfi -i testsrc=size=64x48:rate=25:duration=1 -c:v mpeg2video -flags +ilme+ildct",
    ),
    ("one.png", "-f lavfi -i testsrc=size=64x48 -frames:v 1"),
];

#[test]
fn times_are_those_of_ffprobe() {
    let folder = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for (name, arguments) in CLIPS {
        let Some(path) = clip(folder.path(), name, arguments) else {
            continue;
        };
        let Some(expected) = probed(&path) else {
            continue;
        };
        assert!(!expected.is_empty() || *name == "one.png", "{name}");
        if expected.len() > 1 {
            assert_eq!(read(&path), expected, "{name}");
        } else {
            assert_eq!(read(&path).len(), 1, "{name}");
        }
        compared += 1;
    }
    println!("{compared} of {} kinds of clip compared", CLIPS.len());
}

/// A clip cut into by an edit list: begins in the middle of a group of pictures.
#[test]
fn an_edit_list_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let source =
        "-f lavfi -i testsrc=size=64x48:rate=24:duration=3 -c:v libx264 -g 24 -pix_fmt yuv420p";
    let Some(whole) = clip(folder.path(), "whole.mp4", source) else {
        return;
    };
    let cut = format!("-ss 1.5 -i {} -c copy", whole.display());
    let Some(cut) = clip(folder.path(), "cut.mp4", &cut) else {
        return;
    };
    let Some(expected) = probed(&cut) else {
        return;
    };
    assert_eq!(read(&cut), expected);
}

/// `ffmpeg`'s first frame in RGB, by the more exact of its ways: as it comes, it takes the nearest
/// colour differences instead of interpolating them.
fn converted(path: &Path) -> Option<Vec<u8>> {
    let exact = "scale=flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp";
    let words = [
        "-frames:v",
        "1",
        "-vf",
        exact,
        "-pix_fmt",
        "rgb24",
        "-f",
        "rawvideo",
        "-",
    ];
    let input = [OsStr::new("-i"), path.as_os_str()];
    run("ffmpeg", input.into_iter().chain(words.map(OsStr::new)))
}

fn mean_difference(found: &[u8], expected: &[u8]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    let total: f64 = pairs
        .map(|(&found, &expected)| f64::from(found.abs_diff(expected)))
        .sum();
    total / f64::from(u32::try_from(found.len()).unwrap())
}

/// Pixels against `ffmpeg`'s own conversion, of a soft picture: where colours change fast the two
/// differ, because `ffmpeg` 5.1 takes subsampled colour differences half a row too low.
#[test]
fn colours_are_those_of_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in [
        ("unnamed.mkv", "-c:v ffv1 -pix_fmt yuv420p"),
        (
            "bt709.mkv",
            "-vf scale=out_color_matrix=bt709 -c:v ffv1 -pix_fmt yuv420p -colorspace bt709",
        ),
        ("full.avi", "-c:v mjpeg -q:v 1 -pix_fmt yuvj420p"),
        ("rgb.mkv", "-c:v ffv1 -pix_fmt bgr0"),
        ("ten.mkv", "-c:v ffv1 -pix_fmt yuv422p10le"),
        ("semi.mkv", "-c:v rawvideo -pix_fmt nv12"),
    ] {
        let source = "testsrc=size=320x240:rate=5:duration=1,gblur=sigma=8";
        let arguments = format!("-f lavfi -i {source} {arguments}");
        let Some(path) = clip(folder.path(), name, &arguments) else {
            continue;
        };
        let Some(expected) = converted(&path) else {
            continue;
        };
        let mut frames = VideoFrames::open(&path, VideoOptions::default()).unwrap();
        let frame = frames.next_frame().unwrap().expect("a frame");
        let mean = mean_difference(&frame.rgb, &expected);
        println!("{name}: mean difference {mean:.3}");
        assert!(mean < 1.5, "{name}: mean difference {mean}");
    }
}

/// Scaling while decoding against decoding and then resizing as torchvision does.
#[test]
fn both_ways_of_scaling_agree() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        "-f lavfi -i testsrc2=size=854x480:rate=5:duration=1 -c:v ffv1 -pix_fmt yuv420p";
    let Some(path) = clip(folder.path(), "large.mkv", arguments) else {
        return;
    };
    let whole = VideoFrames::open(&path, VideoOptions::default()).unwrap();
    let small = VideoFrames::open(&path, VideoOptions::default().size(224, 224)).unwrap();
    for (whole, small) in whole.zip(small) {
        let (whole, small) = (whole.unwrap(), small.unwrap());
        let resized = whole.picture().resize(224, 224);
        let off = |limit: u8| {
            let pairs = resized.iter().zip(&small.rgb);
            pairs
                .filter(|(one, other)| one.abs_diff(**other) > limit)
                .count()
        };
        let all = resized.len();
        println!(
            "more than 1 off: {} of {all}, more than 8 off: {}",
            off(1),
            off(8)
        );
        assert!(off(8) * 20 < all, "frame {}", whole.index);
    }
}

#[test]
fn rotated_video_is_turned() {
    let folder = tempfile::tempdir().unwrap();
    let source = "-f lavfi -i testsrc=size=320x240:rate=5:duration=1,gblur=sigma=8 -c:v mpeg4";
    let Some(plain) = clip(folder.path(), "plain.mp4", source) else {
        return;
    };
    let plain = plain.display();
    let turned = format!("-display_rotation 90 -i {plain} -c copy");
    let turned_before_6 = format!("-i {plain} -c copy -metadata:s:v rotate=270");
    let Some(turned) = clip(folder.path(), "turned.mp4", &turned)
        .or_else(|| clip(folder.path(), "turned.mp4", &turned_before_6))
    else {
        return;
    };
    let Some(expected) = converted(&turned) else {
        return;
    };
    let mut frames = VideoFrames::open(&turned, VideoOptions::default()).unwrap();
    assert_eq!((frames.info().width, frames.info().height), (240, 320));
    let frame = frames.next_frame().unwrap().expect("a frame");
    assert_eq!((frame.width, frame.height), (240, 320));
    let mean = mean_difference(&frame.rgb, &expected);
    assert!(mean < 1.5, "turned the wrong way: mean difference {mean}");
}

#[test]
fn a_file_cut_off_gives_the_frames_there_are() {
    let folder = tempfile::tempdir().unwrap();
    for (name, arguments) in [
        ("cut.mkv", "-c:v libx264 -g 10 -pix_fmt yuv420p"),
        (
            "cut.mp4",
            "-c:v libx264 -g 10 -pix_fmt yuv420p -movflags +faststart",
        ),
        ("cut.avi", "-c:v mpeg4"),
        (
            "cut-with-sound.mkv",
            "-f lavfi -i sine=duration=4 -c:v libx264 -g 10 -pix_fmt yuv420p -c:a aac",
        ),
    ] {
        let arguments = format!("-f lavfi -i testsrc2=size=160x120:rate=25:duration=4 {arguments}");
        let Some(path) = clip(folder.path(), name, &arguments) else {
            continue;
        };
        let options = VideoOptions::default().size(32, 32);
        let mut frames = VideoFrames::open(&path, options.clone()).unwrap();
        assert_eq!(frames.by_ref().map(Result::unwrap).count(), 100, "{name}");
        assert_eq!(frames.ended_early(), None, "{name}");
        assert!((frames.decoded_duration() - 4.0).abs() < 0.05, "{name}");

        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        let mut frames = VideoFrames::open(&path, options).unwrap();
        let count = frames.by_ref().map(Result::unwrap).count();
        assert!((10..90).contains(&count), "{name}: {count}");
        let reason = frames.ended_early().expect("it ends early");
        println!("{name}: {count} frames, {reason}");
        assert!(
            reason.contains(&format!("frame {}", count - 1)),
            "{name}: {reason}"
        );
    }
}

/// Sound that goes on after the last frame is no sign of a file cut off.
#[test]
fn longer_sound_is_no_early_end() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sound.mkv", "sound.mp4"] {
        let arguments = "-f lavfi -i testsrc=size=64x48:rate=10:duration=1 -f lavfi -i sine=duration=4 -c:v mpeg4 -c:a aac";
        let Some(path) = clip(folder.path(), name, arguments) else {
            continue;
        };
        assert_eq!(read(&path).len(), 10, "{name}"); // `read` asks for a proper end
    }
}

#[test]
fn every_third_frame_keeps_its_index_and_time() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "-f lavfi -i testsrc=size=64x48:rate=10:duration=1 -c:v mpeg4";
    let Some(path) = clip(folder.path(), "ten.mp4", arguments) else {
        return;
    };
    let all: Vec<_> = VideoFrames::open(&path, VideoOptions::default())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let third: Vec<_> = VideoFrames::open(&path, VideoOptions::default().every(3))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(third.len(), 4);
    for (found, expected) in third.iter().zip(all.iter().step_by(3)) {
        assert_eq!(found, expected);
    }
    assert!((third[1].time.seconds() - 0.3).abs() < 1e-9);
}

#[test]
fn what_the_container_says() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "-f lavfi -i testsrc=size=64x48:rate=30000/1001:duration=2 -f lavfi -i sine=duration=2 -c:v mpeg4 -c:a aac -shortest";
    let Some(path) = clip(folder.path(), "with-sound.mp4", arguments) else {
        return;
    };
    let info = VideoInfo::read(&path).unwrap();
    assert_eq!((info.width, info.height, info.has_audio), (64, 48, true));
    assert_eq!(info.frame_rate.to_string(), "30000/1001");
    assert_eq!(info.codec, "mpeg4");
    assert!((info.duration - 2.0).abs() < 0.1, "{}", info.duration);
    assert!((58..=60).contains(&info.frames), "{}", info.frames);
}

#[test]
fn what_is_no_video_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| {
        let error = match VideoFrames::open(path, VideoOptions::default()) {
            Err(error) => error,
            Ok(mut frames) => frames.next_frame().expect_err("there is nothing to decode"),
        };
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(error.to_string().contains(name), "{error}");
        error
    };
    let absent = folder.path().join("absent.mp4");
    assert!(matches!(refused(&absent), Error::Io { .. }));
    refused(folder.path());
    let empty = folder.path().join("empty.mp4");
    std::fs::write(&empty, b"").unwrap();
    refused(&empty);
    let text = folder.path().join("concat:text.mp4"); // not an address
    std::fs::write(&text, b"this is no video").unwrap();
    refused(&text);
    if let Some(sound) = clip(folder.path(), "sound.wav", "-f lavfi -i sine=duration=1") {
        let message = refused(&sound).to_string();
        assert!(message.contains("no video stream"), "{message}");
    }
    let error = VideoFrames::open(&text, VideoOptions::default().size(0, 224));
    assert!(error.is_err());
}

/// The project's real clip, where the shared folder is there.
#[test]
fn the_real_clip() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/video/bbb-480p-30s.mp4");
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return;
    }
    let mut frames =
        VideoFrames::open(&path, VideoOptions::default().size(32, 32).every(24)).unwrap();
    let mut seconds = Vec::new();
    while let Some(frame) = frames.next_frame().unwrap() {
        seconds.push(frame.time.seconds());
    }
    assert_eq!(frames.decoded(), 720);
    assert_eq!(seconds.len(), 30);
    assert!((frames.decoded_duration() - 30.0).abs() < 1e-9);
    assert_eq!(frames.info().frame_rate.to_string(), "24/1");
    assert_eq!(frames.ended_early(), None);
}
