//! Pictures that stand still, and frame rates that are asked for.

use overlay_render::{FrameRate, Layout, Loss, RenderOptions, render};
use tempfile::TempDir;

use crate::tools::{fast, make, mean_difference, packets, probe, read, same_times, shown};

const SOUND: &str = "-f lavfi -i sine=440:duration=3";
const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac";

fn rate(frames: u32) -> RenderOptions {
    fast().frame_rate(FrameRate::new(frames, 1).expect("a rate"))
}

/// One picture with three seconds of sound: the comments move for as long as it is heard, the sound
/// is the same, and the file is as long as before.
#[test]
fn comments_move_over_one_picture() {
    let dir = TempDir::new().expect("a folder");
    for (name, more) in [
        ("second.mp4", "-framerate 1"),
        ("short.mp4", "-framerate 25"),
        ("second.mkv", "-framerate 1"),
        ("short.mkv", "-framerate 25"),
    ] {
        let Some(picture) = make(
            &dir,
            "in.png",
            "-f lavfi -i testsrc2=size=160x90 -frames:v 1",
        ) else {
            return;
        };
        let arguments = format!("{more} -i {} {SOUND} {H264}", picture.display());
        let Some(input) = make(&dir, name, &arguments) else {
            continue;
        };
        let output = dir.path().join(format!("out-{name}"));
        let report = render(&input, &output, &shown(), &fast()).expect("it renders");
        let (before, after) = (read(&input), read(&output));
        assert!((89..=91).contains(&report.frames), "{name}: {report:?}");
        assert_eq!(report.repeated_frames, report.frames - 1, "{name}");
        assert!(
            after
                .times
                .windows(2)
                .all(|t| (t[1] - t[0] - 1.0 / 30.0).abs() < 2e-3),
            "{name}"
        );
        assert!(
            (after.duration - before.duration).abs() < 0.05,
            "{name}: {}",
            after.duration
        );
        assert_eq!(packets(&input, "a:0"), packets(&output, "a:0"), "{name}");
        let difference = mean_difference(&after.luma[30], &after.luma[45], 0..160 * 90);
        assert!(difference > 0.5, "{name}: comments stand still");
        // Without comments it stays as it is.
        let report = render(&input, &output, &Layout::default(), &fast()).expect("it renders");
        assert_eq!((report.frames, report.repeated_frames), (1, 0), "{name}");
    }
}

/// Sound and pictures come one with the other, however long a picture is shown.
#[test]
fn sound_is_written_beside_the_pictures() {
    let dir = TempDir::new().expect("a folder");
    let arguments = format!(
        "-f lavfi -i testsrc2=size=64x48:rate=1:duration=1 -f lavfi -i sine=440:duration=12 {H264}"
    );
    let Some(input) = make(&dir, "in.mkv", &arguments) else {
        return;
    };
    let output = dir.path().join("out.mkv");
    render(&input, &output, &shown(), &fast()).expect("it renders");
    let mut ends = [0.0_f64; 2];
    for line in probe(&output, "-show_entries packet=stream_index,pts_time") {
        let (stream, time) = line.split_once("|pts_time=").expect("two fields");
        let time: f64 = time.parse().expect("a time");
        ends[usize::from(stream.ends_with('1'))] = time;
        assert!((ends[0] - ends[1]).abs() < 1.5, "{line}: {ends:?}");
    }
    assert!(ends[0] > 11.0, "{ends:?}");
}

/// A picture a second for four seconds, and a part of it that begins within a picture.
#[test]
fn slide_shows_get_more_frames() {
    let dir = TempDir::new().expect("a folder");
    let source = format!("-f lavfi -i testsrc2=size=160x90:rate=1:duration=4 {SOUND}");
    let mpeg4 = "-c:v mpeg4 -c:a mp2";
    for (name, settings) in [("in.mp4", H264), ("in.mkv", H264), ("in.avi", mpeg4)] {
        let arguments = format!("{source} {settings} -g 1");
        let Some(input) = make(&dir, name, &arguments) else {
            continue;
        };
        let output = dir.path().join(format!("out-{name}"));
        let report = render(&input, &output, &shown(), &fast()).expect("it renders");
        assert!((119..=121).contains(&report.frames), "{name}: {report:?}");
        let part = fast().seconds(1.5..2.5);
        let report = render(&input, &output, &shown(), &part).expect("it renders");
        // Of two pictures; what leads to the part is not counted.
        let counts = (report.frames, report.repeated_frames);
        assert_eq!(counts, (30, 28), "{name}");
    }
}

/// A recording of a screen, on which nothing happens for a second: the times that were there stay.
#[test]
fn pauses_are_filled() {
    let dir = TempDir::new().expect("a folder");
    let arguments = format!(
        "-f lavfi -i testsrc2=size=160x90:rate=25:duration=2 -vf select=not(between(n\\,11\\,35)) -fps_mode vfr {H264}"
    );
    let Some(input) = make(&dir, "in.mkv", &arguments) else {
        return;
    };
    let output = dir.path().join("out.mkv");
    let report = render(&input, &output, &shown(), &fast()).expect("it renders");
    let (before, after) = (read(&input), read(&output));
    let kept: Vec<f64> = (after.times.iter().copied())
        .filter(|time| before.times.iter().any(|old| (old - time).abs() < 1e-6))
        .collect();
    assert!(same_times(&kept, &before.times), "{kept:?}");
    let longest = after
        .times
        .windows(2)
        .map(|t| t[1] - t[0])
        .fold(0.0, f64::max);
    assert!(longest < 0.06, "{longest}");
    assert_eq!(report.repeated_frames, report.frames - 25);
}

/// 25 pictures a second as 10 and as 50: the picture of its moment, the same duration and sound.
#[test]
fn a_frame_rate_repeats_and_leaves_out() {
    let dir = TempDir::new().expect("a folder");
    let arguments = format!("-f lavfi -i testsrc2=size=160x90:rate=25:duration=3 {SOUND} {H264}");
    let Some(input) = make(&dir, "in.mp4", &arguments) else {
        return;
    };
    let before = read(&input);
    for (frames, count) in [(10, 30), (50, 150)] {
        let output = dir.path().join("out.mp4");
        let report =
            render(&input, &output, &Layout::default(), &rate(frames)).expect("it renders");
        assert_eq!(report.frames, count);
        let after = read(&output);
        assert!((after.rate - f64::from(frames)).abs() < 1e-9);
        assert!((after.duration - before.duration).abs() < 0.05);
        assert_eq!(packets(&input, "a:0"), packets(&output, "a:0"));
        for (frame, time) in after.times.iter().enumerate() {
            let shown = before.times.partition_point(|old| *old < time + 1e-3) - 1;
            let all = 0..160 * 90;
            let difference = mean_difference(&after.luma[frame], &before.luma[shown], all);
            assert!(
                difference < 2.0,
                "{frames}: frame {frame} is {difference} off"
            );
        }
        let lost: Vec<String> = report.losses.iter().map(ToString::to_string).collect();
        assert_eq!(lost.len(), usize::from(frames == 10), "{lost:?}");
    }
    // Of a part what lies in it is counted.
    let (output, part) = (dir.path().join("part.mp4"), rate(10).seconds(1.0..2.0));
    let report = render(&input, &output, &Layout::default(), &part).expect("it renders");
    assert_eq!((report.frames, report.repeated_frames), (10, 0));
    assert_eq!(report.losses, [Loss::Pictures { count: 15 }]);
}
