//! Frames and their times, against FFmpeg's own programs on clips that its generators draw.
//! Where those programs are not installed, the tests say so and pass, unless `REQUIRE_ALL=1`.
#![cfg(feature = "video")]
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod common;

use std::ffi::OsStr;
use std::path::Path;

use common::{clip, run};
use frame_features::{Error, Rational, Sampling, VideoFrames, VideoInfo, VideoOptions};

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
    (
        "odd-ten-bit.mp4",
        "-f lavfi -i testsrc=size=61x47:rate=24:duration=1 -vf pad=62:48 -c:v libx264 -profile:v high10 -pix_fmt yuv420p10le",
    ),
    (
        "variable.webm",
        "-f lavfi -i testsrc=size=64x48:rate=60:duration=1 -vf setpts=PTS+0.004*random(0)/TB -fps_mode vfr -c:v libvpx -deadline realtime",
    ),
    (
        "variable.mp4",
        "-f lavfi -i testsrc=size=64x48:rate=30:duration=2 -vf select='not(mod(n,7))+gt(n,40)' -fps_mode vfr -c:v libx264 -bf 2 -pix_fmt yuv420p",
    ),
    (
        "alpha.webm",
        "-f lavfi -i testsrc=size=64x48:rate=10:duration=1 -c:v libvpx -pix_fmt yuva420p -deadline realtime -auto-alt-ref 0",
    ),
    (
        "interlaced.mp4",
        "-f lavfi -i testsrc=size=64x48:rate=50:duration=1 -vf interlace -c:v libx264 -flags +ildct -pix_fmt yuv420p",
    ),
    (
        "sound-first.mkv",
        "-f lavfi -i sine=duration=2 -f lavfi -i testsrc=size=64x48:rate=24:duration=2 -c:v mpeg4 -c:a aac",
    ),
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

/// Two pictures and two sounds: FFmpeg's choice by default, any of them when asked for.
#[test]
fn a_stream_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "-f lavfi -i testsrc=size=64x48:rate=10:duration=1 -f lavfi -i sine=duration=1 -f lavfi -i testsrc2=size=128x96:rate=25:duration=1 -f lavfi -i sine=duration=1 -map 0 -map 1 -map 2 -map 3 -c:v mpeg4 -c:a aac -disposition:v:0 0 -disposition:v:1 default";
    let Some(path) = clip(folder.path(), "two.mkv", arguments) else {
        return;
    };
    assert_eq!(VideoInfo::read(&path).unwrap().stream, 2);
    for (stream, frames, width) in [(0, 10, 64), (2, 25, 128)] {
        let options = VideoOptions::default().stream(stream);
        let mut video = VideoFrames::open(&path, options).unwrap();
        let first = video.next_frame().unwrap().expect("a frame");
        assert_eq!((video.info().stream, first.width), (stream, width));
        assert_eq!(video.map(Result::unwrap).count(), frames - 1);
    }
    for stream in [1, 4] {
        let error = VideoFrames::open(&path, VideoOptions::default().stream(stream)).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(&format!("stream {stream}")), "{message}");
    }
}

/// A broadcast that is tuned in to between two key frames: its first packets are of frames that
/// refer to one that was never seen.
#[test]
fn a_first_frame_that_is_no_key_frame() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codec) in [
        ("tuned-in.ts", "-c:v mpeg2video -g 12 -bf 2"),
        (
            "tuned-in-264.ts",
            "-c:v libx264 -g 12 -bf 2 -pix_fmt yuv420p",
        ),
    ] {
        let arguments = format!("-f lavfi -i testsrc2=size=160x120:rate=25:duration=3 {codec}");
        let Some(path) = clip(folder.path(), name, &arguments) else {
            continue;
        };
        let whole = std::fs::read(&path).unwrap();
        let packets: Vec<_> = whole.chunks(188).collect();
        // The tables at the beginning stay, some packets after them are missed.
        let tables = packets[..3].concat();
        let rest = packets[packets.len() / 4..].concat();
        std::fs::write(&path, [tables, rest].concat()).unwrap();
        let Some(expected) = probed(&path) else {
            continue;
        };
        assert!(
            (20..70).contains(&expected.len()),
            "{name}: {}",
            expected.len()
        );
        let options = VideoOptions::default().size(32, 32);
        let frames = VideoFrames::open(&path, options).unwrap();
        let found: Vec<_> = frames.map(|frame| frame.unwrap().time.ticks).collect();
        assert_eq!(found, expected, "{name}");
    }
}

/// What is asked for by time or by rate is what all frames read one by one say.
#[test]
fn samples_are_those_of_all_frames() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "-f lavfi -i testsrc=size=64x48:rate=30:duration=3 -vf select='not(mod(n,3))+gt(n,60)' -fps_mode vfr -c:v libx264 -pix_fmt yuv420p";
    let Some(path) = clip(folder.path(), "variable.mkv", arguments) else {
        return;
    };
    let read = |sampling: Sampling| -> Vec<_> {
        let options = VideoOptions::default().size(32, 32).sampling(sampling);
        let mut frames = VideoFrames::open(&path, options).unwrap();
        let read: Vec<_> = frames.by_ref().map(Result::unwrap).collect();
        frames.decode_rest().unwrap();
        assert_eq!(frames.decoded(), 50);
        read
    };
    let all = read(Sampling::All);
    assert_eq!(all.len(), 50); // 21 of the first 61, then each
    let shown = |seconds: f64| {
        all.iter()
            .rposition(|frame| frame.time.seconds() <= seconds)
    };
    let times = [0.05, 0.1, 0.55, 2.2, 99.0];
    let expected: Vec<_> = times.map(|time| all[shown(time).unwrap()].clone()).into();
    assert_eq!(
        read(Sampling::Times([&times[..], &[0.56, 2.99]].concat())),
        expected
    );

    // Thirds of a second, of times in milliseconds: no float decides.
    let thirds = |ticks: i64| 3 * ticks;
    let mut expected = Vec::new();
    for period in (0..).map(|period| 1000 * period) {
        if period >= thirds(all[49].time.ticks + 33) {
            break;
        }
        let shown = all.iter().rposition(|it| thirds(it.time.ticks) <= period);
        expected.push(shown.unwrap());
    }
    let found = read(Sampling::PerSecond(Rational::new(3, 1)));
    let found: Vec<_> = found.iter().map(|frame| frame.index).collect();
    assert_eq!(found, expected);

    let frames = Sampling::Frames(vec![49, 3, 20]);
    assert_eq!(
        read(frames),
        [all[3].clone(), all[20].clone(), all[49].clone()]
    );
    assert_eq!(read(Sampling::Every(20)).len(), 3);

    // Behind the last one that is asked for nothing is decoded but the frame that ends it.
    let times = Sampling::Times(vec![0.0, 0.55]);
    for (sampling, last) in [
        (times, shown(0.55).unwrap() + 1),
        (Sampling::Frames(vec![3]), 3),
    ] {
        let options = VideoOptions::default().sampling(sampling);
        let mut frames = VideoFrames::open(&path, options).unwrap();
        while frames.skip_frame().unwrap().is_some() {}
        assert_eq!(frames.decoded(), last + 1);
    }
    let broken = VideoOptions::default().sampling(Sampling::Times(vec![f64::NAN]));
    let error = VideoFrames::open(&path, broken).unwrap_err();
    assert!(error.to_string().contains("NaN"), "{error}");
}

/// `ffmpeg`'s first frame in RGB, by the more exact of its ways: as it comes, it takes the nearest
/// colour differences instead of interpolating them. It does not look where they lie across, so it
/// is told; down, version 5.1 knows only the upper and the lower of two rows, so the mean of both
/// is taken for the middle.
fn converted(path: &Path, left: bool) -> Option<Vec<u8>> {
    let across = if left { 0 } else { -513 };
    let [upper, lower] = [0, 128].map(|down| {
        let exact = format!(
            "scale=flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp:in_h_chr_pos={across}:in_v_chr_pos={down}"
        );
        let words = ["-frames:v", "1", "-vf", &exact, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"];
        let input = [OsStr::new("-i"), path.as_os_str()];
        run("ffmpeg", input.into_iter().chain(words.map(OsStr::new)))
    });
    let (upper, lower) = (upper?, lower?);
    assert_eq!(upper.len(), lower.len());
    let mean = upper
        .iter()
        .zip(lower)
        .map(|(&one, other)| one.midpoint(other));
    Some(mean.collect())
}

fn mean_difference(found: &[u8], expected: &[u8]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    let total: f64 = pairs
        .map(|(&found, &expected)| f64::from(found.abs_diff(expected)))
        .sum();
    total / f64::from(u32::try_from(found.len()).unwrap())
}

/// Pixels against `ffmpeg`'s own conversion of a soft picture. Tolerance: 0.75 on average and 8
/// anywhere.
#[test]
fn colours_are_those_of_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    let mut off = Vec::new();
    for (name, arguments) in [
        ("unnamed.mkv", "-c:v ffv1 -pix_fmt yuv420p"),
        (
            "bt709.mkv",
            "-vf scale=out_color_matrix=bt709 -c:v ffv1 -pix_fmt yuv420p -colorspace bt709",
        ),
        (
            "bt709-full.mp4",
            "-vf scale=out_color_matrix=bt709:out_range=full -c:v libx264 -crf 1 -pix_fmt yuv420p -colorspace bt709 -color_range pc",
        ),
        (
            "bt601.mp4",
            "-vf scale=out_color_matrix=bt601 -c:v libx264 -crf 1 -pix_fmt yuv420p -colorspace smpte170m -color_range tv",
        ),
        (
            "bt2020-ten.mkv",
            "-vf scale=out_color_matrix=bt2020 -c:v ffv1 -pix_fmt yuv420p10le -colorspace bt2020nc",
        ),
        ("full.avi", "-c:v mjpeg -q:v 1 -pix_fmt yuvj420p"),
        ("rgb.mkv", "-c:v ffv1 -pix_fmt bgr0"),
        ("alpha.mkv", "-c:v ffv1 -pix_fmt yuva420p"),
        ("ten.mkv", "-c:v ffv1 -pix_fmt yuv422p10le"),
        ("twelve.mkv", "-c:v ffv1 -pix_fmt yuv444p12le"),
        ("sixteen.mkv", "-c:v ffv1 -pix_fmt yuv420p16le"),
        ("semi.mkv", "-c:v rawvideo -pix_fmt nv12"),
        ("bottom-up.avi", "-c:v rawvideo -pix_fmt bgr24"),
        ("grey.mkv", "-c:v ffv1 -pix_fmt gray"),
        ("colours.gif", ""),
    ] {
        let source = "testsrc=size=320x240:rate=5:duration=1,gblur=sigma=8";
        let arguments = format!("-f lavfi -i {source} {arguments}");
        let Some(path) = clip(folder.path(), name, &arguments) else {
            continue;
        };
        let Some(expected) = converted(&path, name.ends_with("mp4")) else {
            continue;
        };
        let mut frames = VideoFrames::open(&path, VideoOptions::default()).unwrap();
        let frame = frames.next_frame().unwrap().expect("a frame");
        let mean = mean_difference(&frame.rgb, &expected);
        let pairs = frame.rgb.iter().zip(&expected);
        let most = pairs
            .map(|(one, other)| one.abs_diff(*other))
            .max()
            .unwrap();
        println!("{name}: differs by {mean:.3} on average, by {most} at most");
        if mean > 0.75 || most > 8 {
            off.push((name, mean, most));
        }
    }
    assert!(off.is_empty(), "{off:?}");
}

/// Scaling while decoding is decoding and then resizing as torchvision does; f32 sums in another
/// order may round a byte the other way.
#[test]
fn both_ways_of_scaling_agree() {
    let folder = tempfile::tempdir().unwrap();
    for (name, format) in [
        ("planes.mkv", "yuv420p"),
        ("packed.mkv", "bgr0"),
        ("ten.mkv", "yuv422p10le"),
    ] {
        let arguments = format!(
            "-f lavfi -i testsrc2=size=853x479:rate=5:duration=1 -c:v ffv1 -pix_fmt {format}"
        );
        let Some(path) = clip(folder.path(), name, &arguments) else {
            continue;
        };
        let whole = VideoFrames::open(&path, VideoOptions::default()).unwrap();
        let small = VideoFrames::open(&path, VideoOptions::default().size(224, 224)).unwrap();
        for (whole, small) in whole.zip(small) {
            let (whole, small) = (whole.unwrap(), small.unwrap());
            let resized = whole.picture().resize(224, 224);
            let pairs = || resized.iter().zip(&small.rgb);
            let most = pairs().map(|(one, other)| one.abs_diff(*other)).max();
            let differing = pairs().filter(|(one, other)| one != other).count();
            assert!(most <= Some(1), "{name}, frame {}: {most:?}", whole.index);
            assert!(differing * 500 < resized.len(), "{name}: {differing} bytes");
        }
    }
}

#[test]
fn rotated_video_is_turned() {
    let folder = tempfile::tempdir().unwrap();
    let source = "-f lavfi -i testsrc=size=320x240:rate=5:duration=1,gblur=sigma=8 -c:v mjpeg -q:v 1 -pix_fmt yuvj420p";
    let Some(plain) = clip(folder.path(), "plain.mp4", source) else {
        return;
    };
    let plain = plain.display();
    let Some(help) = run("ffmpeg", ["-hide_banner", "-h", "full"].map(OsStr::new)) else {
        return;
    };
    let arguments = if String::from_utf8_lossy(&help).contains("display_rotation") {
        format!("-display_rotation 90 -i {plain} -c copy")
    } else {
        format!("-i {plain} -c copy -metadata:s:v rotate=270") // before FFmpeg 6
    };
    let Some(turned) = clip(folder.path(), "turned.mp4", &arguments) else {
        return;
    };
    let Some(expected) = converted(&turned, false) else {
        return;
    };
    let mut frames = VideoFrames::open(&turned, VideoOptions::default()).unwrap();
    assert_eq!((frames.info().width, frames.info().height), (240, 320));
    let frame = frames.next_frame().unwrap().expect("a frame");
    assert_eq!((frame.width, frame.height), (240, 320));
    let mean = mean_difference(&frame.rgb, &expected);
    assert!(mean < 0.6, "turned the wrong way: mean difference {mean}");
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
        if let Some(expected) = probed(&path) {
            assert_eq!(count, expected.len(), "{name}");
        }
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
    let third: Vec<_> =
        VideoFrames::open(&path, VideoOptions::default().sampling(Sampling::Every(3)))
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
    // A video stream without a packet: the head of a file whose data never came.
    let drawn = "-f lavfi -i testsrc=size=64x48:rate=10:duration=1 -c:v mpeg4";
    if let Some(path) = clip(folder.path(), "head.avi", drawn) {
        let whole = std::fs::read(&path).unwrap();
        let data = whole.windows(4).position(|name| name == b"movi").unwrap();
        std::fs::write(&path, &whole[..data + 4]).unwrap();
        refused(&path);
    }
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
    let mut frames = VideoFrames::open(
        &path,
        VideoOptions::default()
            .size(32, 32)
            .sampling(Sampling::Every(24)),
    )
    .unwrap();
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
