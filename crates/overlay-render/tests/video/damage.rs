//! Files that are not whole.

use overlay_render::{Layout, Loss, StreamKind, render};
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

/// Containers that state their duration: how much is missing is told, to a third of a second.
/// Others state none, and nothing is told of what nobody knows.
#[test]
fn how_much_is_missing_is_told() {
    let dir = TempDir::new().expect("a folder");
    let source = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=6 -f lavfi -i sine=duration=6 -g 25 -b:v 200k";
    let h264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac";
    let cases = [
        ("in.mp4", h264.to_owned() + " -movflags +faststart", true),
        ("in.mov", h264.to_owned() + " -movflags +faststart", true),
        ("in.mkv", h264.to_owned(), true),
        (
            "in.webm",
            "-c:v libvpx -deadline realtime -c:a libvorbis".to_owned(),
            true,
        ),
        (
            "in.flv",
            h264.to_owned() + " -flvflags +add_keyframe_index",
            true,
        ),
        ("in.avi", "-c:v mpeg4 -c:a mp2".to_owned(), true),
        ("in.ts", h264.to_owned(), false),
    ];
    for (name, settings, is_stated) in cases {
        let Some(input) = make(&dir, name, &format!("{source} {settings}")) else {
            continue;
        };
        let output = dir.path().join("out.mp4");
        let whole = render(&input, &output, &Layout::default(), &fast()).expect("it renders");
        assert!(whole.missing_seconds < 1e-9, "{name}: {whole:?}");
        let bytes = std::fs::read(&input).expect("the clip");
        std::fs::write(&input, &bytes[..bytes.len() / 2]).expect("writable");
        let report = render(&input, &output, &Layout::default(), &fast())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let there = read(&output).times.len();
        #[expect(clippy::cast_precision_loss, reason = "150 frames")]
        let expected = if is_stated {
            6.0 - there as f64 / 25.0
        } else {
            0.0
        };
        let missing = report.missing_seconds;
        assert!(
            (missing - expected).abs() < 0.35,
            "{name}: {missing}, not {expected}"
        );
        // Of a part that is there nothing is missing; of one that is not, something is.
        let part = fast().seconds(0.5..1.5);
        let part = render(&input, &output, &Layout::default(), &part).expect("it renders");
        assert!(
            part.frames == 25 && part.missing_seconds < 1e-9,
            "{name}: {part:?}"
        );
        let part = fast().seconds(1.0..5.5);
        let part = render(&input, &output, &Layout::default(), &part).expect("it renders");
        let expected = (expected - 0.5).max(0.0);
        assert!(
            (part.missing_seconds - expected).abs() < 0.35,
            "{name}: {part:?}"
        );
    }
}

/// A fragment that was cut off is missing; how many fragments there were no header says.
#[test]
fn fragments_that_were_cut_off_are_told() {
    let dir = TempDir::new().expect("a folder");
    let arguments = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=6 -g 25 -c:v libx264 -preset ultrafast \
        -pix_fmt yuv420p -movflags frag_keyframe+empty_moov+default_base_moof";
    let Some(input) = make(&dir, "in.mp4", arguments) else {
        return;
    };
    let bytes = std::fs::read(&input).expect("the clip");
    std::fs::write(&input, &bytes[..bytes.len() * 6 / 10]).expect("writable");
    let output = dir.path().join("out.mp4");
    let report = render(&input, &output, &Layout::default(), &fast()).expect("it renders");
    assert!(report.frames >= 60 && report.frames < 120, "{report:?}");
    let told = report.broken_packets + report.missing_frames;
    assert!(told > 0 || report.missing_seconds > 0.0, "{report:?}");
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

/// Two recordings joined byte by byte, so that all times begin anew: the sound whose times were
/// there before is left out, pictures follow each other, and both is told.
#[test]
fn times_that_go_back_are_told() {
    let dir = TempDir::new().expect("a folder");
    let arguments = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=1 \
        -f lavfi -i sine=duration=1 -c:v mpeg2video -c:a mp2";
    let Some(input) = make(&dir, "in.ts", arguments) else {
        return;
    };
    let once = std::fs::read(&input).expect("the clip");
    std::fs::write(&input, [&once[..], &once[..]].concat()).expect("writable");
    for name in ["out.mp4", "out.mkv"] {
        let output = dir.path().join(name);
        let report = render(&input, &output, &Layout::default(), &fast())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(report.frames > 45, "{name}: {report:?}");
        let sound = |loss: &Loss| match loss {
            Loss::Packets {
                kind: StreamKind::Audio,
                count,
                ..
            } => Some(*count),
            _ => None,
        };
        let pictures = |loss: &Loss| match loss {
            Loss::Times { count } => Some(*count),
            _ => None,
        };
        let sound = report.losses.iter().find_map(sound);
        let pictures = report.losses.iter().find_map(pictures);
        // 25 pictures and 38 packets a second.
        assert!(
            sound.is_some_and(|count| (30..=42).contains(&count)),
            "{name}: {report:?}"
        );
        assert!(
            pictures.is_some_and(|count| (20..=25).contains(&count)),
            "{name}: {report:?}"
        );
        let heard = read(&output).sound;
        assert!((35..=45).contains(&heard.len()), "{name}: {}", heard.len());
        assert!(
            heard.windows(2).all(|pair| pair[0].0 <= pair[1].0),
            "{name}"
        );
    }
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
