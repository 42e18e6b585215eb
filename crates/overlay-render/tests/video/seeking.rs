//! Parts of videos in containers that have no index, and streams that have no times.

use std::path::Path;

use overlay_render::{Layout, render, render_frame};
use tempfile::TempDir;

use crate::tools::{Content, fast, make, mean_difference, read, shown};

const PICTURES: &str = "-f lavfi -i testsrc2=size=160x90:rate=30:duration=5";
const SOUND: &str = "-f lavfi -i sine=440:duration=5";

/// Every container's parts have the frames that the whole has at the same times, wherever key
/// frames lie: every two seconds, or only at the start.
#[test]
fn parts_of_every_container_have_all_their_frames() {
    let dir = TempDir::new().expect("a folder");
    let h264 = "-c:v libx264 -preset ultrafast -bf 2 -crf 12 -pix_fmt yuv420p";
    let mpeg2 = "-c:v mpeg2video -q:v 2 -bf 2 -sc_threshold 1000000000";
    let sound = format!("{PICTURES} {SOUND} -shortest");
    let cases = [
        ("short.ts", format!("{sound} {h264} -g 60 -c:a aac")),
        ("long.ts", format!("{sound} {h264} -g 600 -c:a aac")),
        (
            "late.ts",
            format!("{sound} {h264} -g 60 -c:a aac -output_ts_offset 100 -muxdelay 0"),
        ),
        ("short.mpg", format!("{sound} {mpeg2} -g 60 -c:a mp2")),
        ("long.mpg", format!("{sound} {mpeg2} -g 600 -c:a mp2")),
        ("h264.vob", format!("{sound} {h264} -g 60 -c:a mp2 -f vob")),
        ("raw.h264", format!("{PICTURES} {h264} -g 60 -r 30")),
        ("raw.m2v", format!("{PICTURES} {mpeg2} -g 60")),
        ("indexed.mkv", format!("{sound} {h264} -g 600 -c:a aac")),
        ("indexed.mp4", format!("{sound} {h264} -g 600 -c:a aac")),
        (
            "indexed.avi",
            format!("{sound} -c:v mpeg4 -q:v 2 -g 60 -c:a mp2"),
        ),
        ("indexed.flv", format!("{sound} {h264} -g 60 -c:a aac")),
    ];
    for (name, arguments) in cases {
        let Some(input) = make(&dir, name, &arguments) else {
            continue;
        };
        let whole = rendered(&dir, &input, 0.0..f64::INFINITY);
        for start in [1.0, 3.5] {
            let part = rendered(&dir, &input, start..start + 1.0);
            assert_eq!(part.times.len(), 30, "{name} from {start} s");
            // Containers round times differently, and some begin with a pause.
            let first = whole.times.iter().position(|&time| time > start - 0.002);
            let first = first.expect("the whole is longer");
            for (frame, picture) in part.luma.iter().enumerate() {
                let all = 0..picture.len();
                let difference = mean_difference(picture, &whole.luma[first + frame], all);
                assert!(
                    difference < 2.5,
                    "{name} from {start} s: frame {frame} is {difference} off"
                );
            }
            let has_sound = !whole.sound.is_empty();
            assert!(
                !has_sound || part.sound.len() > 20,
                "{name}: {}",
                part.sound.len()
            );
        }
    }
}

fn rendered(dir: &TempDir, input: &Path, seconds: std::ops::Range<f64>) -> Content {
    let output = dir.path().join("out.mkv");
    render(input, &output, &Layout::default(), &fast().seconds(seconds)).expect("it renders");
    read(&output)
}

/// The frame at 3.51 s, of a stream with one key frame and of one without times.
#[test]
fn single_frames_are_found_without_an_index() {
    let dir = TempDir::new().expect("a folder");
    let h264 = "-c:v libx264 -preset ultrafast -crf 6 -g 600 -pix_fmt yuv420p";
    let mut found = Vec::new();
    for (name, more) in [
        ("in.mp4", ""),
        ("in.ts", "-muxdelay 0"),
        ("in.h264", "-r 30"),
    ] {
        let Some(input) = make(&dir, name, &format!("{PICTURES} {h264} {more}")) else {
            continue;
        };
        let picture = render_frame(&input, 3.51, &shown(), &fast()).expect("a frame");
        found.push((name, picture));
    }
    for (name, picture) in &found {
        let size = picture.as_raw().len();
        let difference = mean_difference(picture.as_raw(), found[0].1.as_raw(), 0..size);
        assert!(difference < 0.5, "{name}: {difference}");
    }
}
