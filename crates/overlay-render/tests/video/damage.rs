//! Files that are not whole.

use overlay_render::{Layout, render};
use tempfile::TempDir;

use crate::tools::{fast, make, read, shown};

/// A file that was cut off gives the frames that are there, and tells how many are not.
#[test]
fn files_that_were_cut_off_give_what_is_there() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let source = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=2 -f lavfi -i sine=duration=2 -c:v libx264 -preset ultrafast \
        -pix_fmt yuv420p -c:a aac";
    for (name, more) in [
        ("in.mp4", "-movflags +faststart"),
        ("in.mkv", ""),
        ("in.ts", ""),
    ] {
        let Some(input) = make(&dir, name, &format!("{source} {more}")) else {
            continue;
        };
        let bytes = std::fs::read(&input).expect("the clip");
        std::fs::write(&input, &bytes[..bytes.len() * 6 / 10]).expect("writable");
        let output = dir.path().join(format!("out-{name}"));
        let report = render(&input, &output, &layout, &fast())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            report.frames > 15 && report.frames < 45,
            "{name}: {report:?}"
        );
        assert_eq!(read(&output).times.len() as u64, report.frames, "{name}");
        if name == "in.mp4" {
            let told = report.broken_packets + report.missing_frames;
            assert!(told > 0, "{name}: {report:?}");
        }
    }
}

/// Noise over a stretch of the packets: what cannot be decoded is counted, what the decoder fills
/// in as well.
#[test]
fn damaged_frames_are_counted() {
    let dir = TempDir::new().expect("a folder");
    let arguments =
        "-f lavfi -i testsrc2=size=160x90:rate=25:duration=2 -c:v mpeg2video -b:v 600k -g 5";
    let layout = shown();
    let Some(input) = make(&dir, "in.mkv", arguments) else {
        return;
    };
    let mut bytes = std::fs::read(&input).expect("the clip");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4000].fill(0xA5);
    std::fs::write(&input, bytes).expect("writable");
    let output = dir.path().join("out.mp4");
    let report = render(&input, &output, &layout, &fast()).expect("it renders");
    assert!(report.frames > 20, "{report:?}");
    assert!(
        report.broken_packets + report.concealed_frames > 0 || report.frames < 50,
        "{report:?}"
    );
}

#[test]
fn videos_without_frames_are_errors() {
    let dir = TempDir::new().expect("a folder");
    let arguments = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=1 -f lavfi -i sine=duration=1 -c:v mpeg4 -c:a aac -frames:v 0";
    let Some(input) = make(&dir, "in.mkv", arguments) else {
        return;
    };
    let output = dir.path().join("out.mp4");
    let error = render(&input, &output, &Layout::default(), &fast()).expect_err("no frames");
    assert!(error.to_string().contains("in.mkv"), "{error}");
    assert!(!output.exists());
}

/// Bytes of a clip changed and cut at random places (always the same): an error or a video, never a
/// panic.
#[test]
fn hostile_files_do_not_panic() {
    let dir = TempDir::new().expect("a folder");
    let arguments = "-f lavfi -i testsrc2=size=64x48:rate=10:duration=0.5 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -movflags +faststart";
    let Some(input) = make(&dir, "in.mp4", arguments) else {
        return;
    };
    let whole = std::fs::read(&input).expect("the clip");
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below
    };
    for _ in 0..30 {
        let mut bytes = whole.clone();
        for _ in 0..=random(20) {
            let at = random(bytes.len());
            bytes[at] = u8::try_from(random(256)).expect("a byte");
        }
        if random(3) == 0 {
            bytes.truncate(random(whole.len()));
        }
        std::fs::write(&input, bytes).expect("writable");
        let output = dir.path().join("out.mp4");
        let rendered = render(&input, &output, &Layout::default(), &fast());
        assert_eq!(rendered.is_ok(), output.exists(), "{rendered:?}");
        let _ = std::fs::remove_file(&output);
    }
}
