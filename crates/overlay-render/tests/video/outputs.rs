//! Sizes, encoders and backgrounds.

use std::ops::ControlFlow;

use ffmpeg_next::encoder;
use overlay_render::{
    Background, Error, InputProblem, Layout, OutputSize, RenderOptions, draw_stage, render,
    render_frame, render_pictures, render_with_progress,
};
use tempfile::TempDir;

use crate::common;
use crate::tools::{fast, make, mean_difference, probe, read, rgba, shown};

const CLIP: &str =
    "-f lavfi -i testsrc2=size=160x90:rate=10:duration=0.5 -c:v ffv1 -pix_fmt yuv420p";

#[test]
fn sizes_keep_the_pictures_shape() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(input) = make(&dir, "in.mkv", CLIP) else {
        return;
    };
    let asked = "-select_streams v -show_entries stream=width,height,sample_aspect_ratio";
    for (size, expected) in [
        (
            OutputSize::Height(180),
            "width=320|height=180|sample_aspect_ratio=1:1",
        ),
        (
            OutputSize::Exact(120, 90),
            "width=120|height=90|sample_aspect_ratio=4:3",
        ),
        (
            OutputSize::Exact(160, 90),
            "width=160|height=90|sample_aspect_ratio=1:1",
        ),
    ] {
        let output = dir.path().join("out.mkv");
        render(&input, &output, &layout, &fast().size(size)).expect("it renders");
        assert_eq!(probe(&output, asked), [expected]);
    }
    for size in [OutputSize::Exact(0, 90), OutputSize::Height(100_000)] {
        let output = dir.path().join("no.mkv");
        let error = render(&input, &output, &layout, &fast().size(size)).expect_err("no such size");
        assert!(error.to_string().contains("pixels") && !output.exists());
    }
}

/// x264 says in its output with which options it was run. With open groups of pictures browsers stop
/// with an error when somebody seeks.
#[test]
fn nothing_before_a_key_picture_is_needed() {
    let dir = TempDir::new().expect("a folder");
    let Some(input) = make(&dir, "in.mkv", CLIP) else {
        return;
    };
    if common::or_skip(encoder::find_by_name("libx264"), "libx264").is_none() {
        return;
    }
    let output = dir.path().join("out.mp4");
    let options = fast().preset("veryfast"); // with pictures that look ahead, unlike the fastest
    render(&input, &output, &shown(), &options).expect("it renders");
    let bytes = std::fs::read(&output).expect("it was written");
    let says = |option: &[u8]| bytes.windows(option.len()).any(|text| text == option);
    assert!(says(b"open_gop=0") && !says(b"open_gop=1"));
}

/// Every encoder of the documentation's table that is there takes frames of either range and gives
/// them back.
#[test]
fn encoders_by_name() {
    let dir = TempDir::new().expect("a folder");
    let cases = [
        ("libx264", "out.mp4"),
        ("libx265", "out.mp4"),
        ("libvpx-vp9", "out.webm"),
        ("libsvtav1", "out.mkv"),
        ("libaom-av1", "out.mp4"),
        ("prores_ks", "out.mov"),
        ("ffv1", "out.mkv"),
        ("mpeg4", "out.mp4"),
        ("mjpeg", "out.mkv"),
    ];
    let full = CLIP.replace(
        "-c:v ffv1",
        "-vf scale=out_range=full -color_range pc -c:v ffv1",
    );
    for (range, arguments) in [("limited", CLIP), ("full", &full)] {
        let Some(input) = make(&dir, &format!("{range}.mkv"), arguments) else {
            return;
        };
        // In colours as they are shown, which does not depend on how each stores them.
        let before = rgba(&input, "");
        for (name, output) in cases {
            if common::or_skip(encoder::find_by_name(name), name).is_none() {
                continue;
            }
            let output = dir.path().join(output);
            let options = RenderOptions::default().encoder(name).seconds(0.0..0.2);
            render(&input, &output, &Layout::default(), &options)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let after = rgba(&output, "");
            let size = 160 * 90 * 4;
            assert_eq!(after.len(), 2 * size, "{name}, {range}");
            let difference = mean_difference(&before, &after, 0..size);
            assert!(difference < 6.0, "{name}, {range}: differs by {difference}");
        }
    }
}

/// FFV1 is lossless: opacities and opaque colours are those of the stage. The others come near.
#[test]
fn comments_alone_are_transparent() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(input) = make(&dir, "in.mkv", CLIP) else {
        return;
    };
    let expected = draw_stage(&layout, 40.0, 160, 90)
        .expect("a picture")
        .into_raw();
    assert!(
        expected
            .iter()
            .skip(3)
            .step_by(4)
            .any(|&alpha| alpha == 255)
    );
    for (name, decoder, near) in [
        ("out.mkv", "", 0.0),
        ("out.mov", "", 3.0),
        ("out.webm", "-c:v libvpx-vp9", 6.0),
    ] {
        let output = dir.path().join(name);
        let options = RenderOptions::default().background(Background::Transparent);
        let report = render(&input, &output, &layout, &options)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((report.frames, report.losses.len()), (5, 0));
        let pixels = rgba(&output, decoder);
        let size = expected.len();
        assert_eq!(pixels.len(), 5 * size, "{name}");
        let frame = &pixels[4 * size..]; // at 0.4 s
        let alphas = (0..size / 4).map(|i| 4 * i + 3);
        let difference = mean_difference(frame, &expected, alphas);
        assert!(
            difference <= near,
            "{name}: opacities differ by {difference}"
        );
        let opaque = (0..size).filter(|i| expected[i / 4 * 4 + 3] == 255);
        let difference = mean_difference(frame, &expected, opaque);
        assert!(
            difference <= near * 2.0,
            "{name}: colours differ by {difference}"
        );
    }
}

#[test]
fn pictures_fill_a_folder_or_leave_none() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(input) = make(&dir, "in.mkv", CLIP) else {
        return;
    };
    let output = dir.path().join("frames");
    let go_on = |_| ControlFlow::Continue(());
    let options = RenderOptions::default();
    let report = render_pictures(&input, &output, &layout, &options, go_on).expect("it renders");
    assert_eq!((report.frames, report.width, report.height), (5, 160, 90));
    let fourth = image::open(output.join("000004.png"))
        .expect("a picture")
        .into_rgba8();
    let same = render_frame(&input, 0.3, &layout, &options).expect("a frame");
    assert_eq!(fourth, same);
    let list = std::fs::read_to_string(output.join("frames.ffconcat")).expect("the list");
    let expected: String = (1..=5)
        .map(|number| format!("file {number:06}.png\nduration 0.100000\n"))
        .collect();
    assert_eq!(list, format!("ffconcat version 1.0\n{expected}"));
    // Not into a folder that has something, and nothing from one that was stopped.
    let error = render_pictures(&input, &output, &layout, &options, go_on).expect_err("it is full");
    assert!(error.to_string().contains("frames"));
    let other = dir.path().join("other");
    let stop = |_| ControlFlow::Break(());
    render_pictures(&input, &other, &layout, &options, stop).expect_err("it was stopped");
    let mut left: Vec<_> = std::fs::read_dir(dir.path())
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    left.sort();
    assert_eq!(left, ["frames", "in.mkv"]);
}

/// However many threads draw, frames come in order and are the same.
#[test]
fn drawing_threads_change_nothing() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(input) = make(&dir, "in.mkv", CLIP) else {
        return;
    };
    let drawn = |threads| {
        let output = dir.path().join(format!("{threads}.mkv"));
        let options = RenderOptions::default()
            .encoder("ffv1")
            .draw_threads(threads);
        render(&input, &output, &layout, &options).expect("it renders");
        read(&output)
    };
    let (one, many) = (drawn(1), drawn(5));
    assert_eq!((one.times, one.luma), (many.times, many.luma));
}

/// Pictures would be of one video and sound of another.
#[test]
fn a_video_that_is_replaced_while_it_is_read_is_refused() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let (Some(input), Some(other)) = (make(&dir, "in.mkv", CLIP), make(&dir, "other.mkv", CLIP))
    else {
        return;
    };
    let output = dir.path().join("out.mkv");
    let replace = |_| {
        if other.exists() {
            std::fs::rename(&other, &input).expect("it is replaced");
        }
        ControlFlow::Continue(())
    };
    let options = RenderOptions::default().encoder("ffv1");
    let error = render_with_progress(&input, &output, &layout, &options, replace)
        .expect_err("it was replaced");
    assert!(
        matches!(&error, Error::Input { path, problem: InputProblem::Changed, .. } if *path == input),
        "{error}"
    );
    let left = std::fs::read_dir(dir.path()).expect("a folder").count();
    assert_eq!(left, 1, "the input alone");
}
