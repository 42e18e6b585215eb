//! Parts of a video, and single frames.

use std::path::PathBuf;

use overlay_render::{Error, RenderOptions, render, render_frame};
use tempfile::TempDir;

use crate::tools::{fast, make, mean_difference, read, shown};

/// Key frames every second, so that parts begin between them.
fn clip(dir: &TempDir) -> Option<PathBuf> {
    let arguments = "-f lavfi -i testsrc2=size=160x90:rate=30000/1001:duration=3 -f lavfi -i sine=440:duration=3 -c:v libx264 \
        -preset ultrafast -g 30 -bf 2 -crf 12 -pix_fmt yuv420p -c:a aac";
    make(dir, "in.mp4", arguments)
}

fn times(first: u32, last: u32, start: f64) -> Vec<f64> {
    let time = |frame| f64::from(frame) * 1001.0 / 30000.0 - start;
    (first..=last).map(time).collect()
}

/// Frame 36 is the first from 1.2 s on (1.2012 s), frame 59 the last before 2 s (1.9687 s); sound
/// has what is heard in between.
#[test]
fn parts_are_cut_to_the_frame() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(input) = clip(&dir) else {
        return;
    };
    let output = |name: &str| dir.path().join(name);
    render(&input, &output("whole.mp4"), &layout, &fast()).expect("it renders");
    let options = fast().seconds(1.2..2.0);
    let report = render(&input, &output("part.mp4"), &layout, &options).expect("it renders");
    assert_eq!(report.frames, 24);
    let (whole, part) = (read(&output("whole.mp4")), read(&output("part.mp4")));
    let expected = times(36, 59, 1.2);
    for (time, expected) in part.times.iter().zip(&expected) {
        assert!((time - expected).abs() < 1e-3, "{time} for {expected}");
    }
    for (frame, picture) in part.luma.iter().enumerate() {
        let difference = mean_difference(picture, &whole.luma[36 + frame], 0..picture.len());
        assert!(difference < 2.0, "frame {frame} differs by {difference}");
    }
    // Packets of 1,024 samples of 44,100: those that end after 1.2 s and begin before 2 s.
    let heard: Vec<&Vec<u8>> = whole
        .sound
        .iter()
        .filter(|(time, _)| time + 1024.0 / 44_100.0 > 1.2 + 1e-4 && *time < 2.0 - 1e-4)
        .map(|(_, data)| data)
        .collect();
    let copied: Vec<&Vec<u8>> = part.sound.iter().map(|(_, data)| data).collect();
    assert_eq!(heard, copied);
    let begins = part.sound[0].0;
    assert!((-0.024..=0.0).contains(&begins), "{begins}");
}

#[test]
fn parts_that_meet_have_every_frame_once() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(input) = clip(&dir) else {
        return;
    };
    let mut frames = 0;
    for (number, seconds) in [0.0..1.001, 1.001..1.5, 1.5..f64::INFINITY]
        .into_iter()
        .enumerate()
    {
        let output = dir.path().join(format!("{number}.mkv"));
        let report =
            render(&input, &output, &layout, &fast().seconds(seconds)).expect("it renders");
        frames += report.frames;
    }
    assert_eq!(frames, 90);
}

#[test]
fn parts_that_are_not_there_are_errors() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(input) = clip(&dir) else {
        return;
    };
    let output = dir.path().join("out.mp4");
    let error = |options: RenderOptions| {
        let error = render(&input, &output, &layout, &options).expect_err("nothing is there");
        assert!(!output.exists());
        error
    };
    let late = error(fast().seconds(10.0..12.0)).to_string();
    assert!(
        late.contains("in.mp4") && late.contains("10 s") && late.contains("ends at 3.0"),
        "{late}"
    );
    assert!(matches!(
        error(fast().seconds(2.0..2.0)),
        Error::Span { .. }
    ));
    assert!(matches!(
        error(fast().seconds(-1.0..2.0)),
        Error::Span { .. }
    ));
    assert!(matches!(
        render_frame(&input, f64::NAN, &layout, &fast()),
        Err(Error::Span { .. })
    ));
}

/// The frame at 2.5 s is number 74 (2.4691 s to 2.5025 s); a moment past the end shows the last
/// frame.
#[test]
fn single_frames_are_those_that_are_shown() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(input) = clip(&dir) else {
        return;
    };
    let source = read(&input);
    for (at, frame) in [(0.0, 0), (0.01, 0), (2.5, 74), (2.5025, 75), (99.0, 89)] {
        let picture = render_frame(&input, at, &Default::default(), &fast()).expect("a frame");
        assert_eq!(picture.dimensions(), (160, 90));
        // BT.601, limited range.
        let luma: Vec<u8> = picture
            .pixels()
            .map(|p| {
                let [r, g, b, alpha] = p.0.map(f64::from);
                assert!(alpha > 254.0);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "16 to 235"
                )]
                let luma = (16.5 + (65.738 * r + 129.057 * g + 25.064 * b) / 256.0) as u8;
                luma
            })
            .collect();
        let difference = |frame: usize| mean_difference(&luma, &source.luma[frame], 0..luma.len());
        assert!(difference(frame) < 2.0, "{at}: {}", difference(frame));
    }
    let with = render_frame(&input, 0.5, &layout, &fast()).expect("a frame");
    let without = render_frame(&input, 0.5, &Default::default(), &fast()).expect("a frame");
    assert_ne!(with, without);
}
