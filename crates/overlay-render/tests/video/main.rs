//! Small clips, made with the `ffmpeg` program, rendered from end to end.

#[path = "../common/mod.rs"]
mod common;

mod bars;
mod damage;
mod deep;
mod live;
mod maps;
mod outputs;
mod seeking;
mod spans;
mod standstill;
mod streams;
mod subtitles;
mod tools;
mod transparency;

use std::ops::ControlFlow;
use std::path::Path;

use ffmpeg_next::format;
use overlay_render::{Error, Layout, RenderOptions, render, render_with_progress};
use tempfile::TempDir;
use tools::{fast, make, mean_difference, read, same_times, shown, turned};

const CLIP: &str = "-f lavfi -i testsrc2=size=320x180:rate=30000/1001:duration=1.5 \
    -f lavfi -i sine=frequency=440:duration=1.5 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac";

#[test]
fn sound_times_and_untouched_pixels_stay() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(input) = make(&dir, "in.mp4", CLIP) else {
        return;
    };
    let output = dir.path().join("out.mp4");
    let mut told = Vec::new();
    let report = render_with_progress(&input, &output, &layout, &fast(), |progress| {
        told.push(progress.frames);
        ControlFlow::Continue(())
    });
    let report = report.expect("it renders");
    let (before, after) = (read(&input), read(&output));
    assert_eq!(report.frames, 45);
    told.dedup(); // on a slow machine it is asked more often
    assert!(told.iter().copied().eq(0..=45), "{told:?}");
    assert!(report.painted_frames == 45 && report.most_comments == 3 && report.broken_packets == 0);
    assert!(
        same_times(&before.times, &after.times),
        "{:?}\n{:?}",
        before.times,
        after.times
    );
    assert!(
        (before.rate - after.rate).abs() < 1e-9
            && (before.duration - after.duration).abs() < 1.0 / 30.0
    );
    assert!(!before.sound.is_empty() && before.sound == after.sound);
    // The red comment stands in the middle of the top; the left third below the top has nothing in
    // the first frame.
    let (a, b) = (&before.luma[0], &after.luma[0]);
    let area = |rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| {
        rows.flat_map(move |y| columns.clone().map(move |x| y * 320 + x))
    };
    assert!(mean_difference(a, b, area(4..20, 145..175)) > 10.0);
    assert!(mean_difference(a, b, area(90..170, 0..100)) < 3.0);
}

#[test]
fn titles_and_chapters_stay_and_players_can_begin_early() {
    let dir = TempDir::new().expect("a folder");
    let marks = dir.path().join("marks.txt");
    let text =
        ";FFMETADATA1\ntitle=題\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1500\ntitle=後半\n";
    std::fs::write(&marks, text).expect("writable");
    let arguments = format!(
        "-i {} {CLIP} -map_metadata 0 -map 1 -map 2",
        marks.display()
    );
    let layout = shown();
    let Some(input) = make(&dir, "in.mkv", &arguments) else {
        return;
    };
    let output = dir.path().join("out.mp4");
    render(&input, &output, &layout, &fast()).expect("it renders");
    let after = format::input(&output).expect("a readable file");
    assert_eq!(after.metadata().get("title"), Some("題"));
    let chapters: Vec<_> = after
        .chapters()
        .map(|c| c.metadata().get("title").map(str::to_owned))
        .collect();
    assert_eq!(chapters, [Some("後半".to_owned())]);
    let bytes = std::fs::read(&output).expect("the file");
    let at = |name: &[u8]| bytes.windows(4).position(|window| window == name);
    assert!(at(b"moov") < at(b"mdat"));
}

#[test]
fn variable_frame_rates_stay() {
    let dir = TempDir::new().expect("a folder");
    let arguments = "-f lavfi -i testsrc2=size=160x120:rate=25:duration=2 -vf select=not(eq(mod(n\\,5)\\,2)+eq(n\\,10)) \
        -fps_mode vfr -c:v libx264 -preset ultrafast -pix_fmt yuv420p";
    let layout = shown();
    let Some(input) = make(&dir, "in.mkv", arguments) else {
        return;
    };
    for name in ["out.mp4", "out.mkv"] {
        let output = dir.path().join(name);
        render(&input, &output, &layout, &fast()).expect("it renders");
        let (before, after) = (read(&input), read(&output));
        assert!(
            same_times(&before.times, &after.times),
            "{name}: {:?}\n{:?}",
            before.times,
            after.times
        );
        assert!(
            (before.duration - after.duration).abs() < 0.041,
            "{} {}",
            before.duration,
            after.duration
        );
    }
}

/// Other pixel formats, odd sizes, other containers and codecs, a start after 0.
#[test]
fn other_videos_are_read_too() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let source = "-f lavfi -i testsrc2=size=160x90:rate=12:duration=1 -vf scale=161:91";
    let cases = [
        ("odd.mkv", format!("{source} -c:v ffv1 -pix_fmt yuv444p"), (162, 92)),
        ("ten.mkv", format!("{source} -c:v ffv1 -pix_fmt yuv420p10le"), (162, 92)),
        ("rgb.avi", format!("{source} -c:v rawvideo -pix_fmt bgr24"), (162, 92)),
        ("full.mkv", "-f lavfi -i testsrc2=size=160x90:rate=12:duration=1 -c:v mjpeg -pix_fmt yuvj420p".to_owned(), (160, 90)),
        ("late.ts", "-f lavfi -i testsrc2=size=160x90:rate=12:duration=1 -f lavfi -i sine=duration=1 -c:v mpeg2video -c:a mp2".to_owned(), (160, 90)),
    ];
    for (name, arguments, size) in cases {
        let Some(input) = make(&dir, name, &arguments) else {
            continue;
        };
        let output = dir.path().join(format!("{name}.mp4"));
        let report =
            render(&input, &output, &layout, &fast()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let (before, after) = (read(&input), read(&output));
        assert_eq!((report.frames, after.times.len()), (12, 12), "{name}");
        assert_eq!(after.size, size, "{name}");
        assert!(
            after.times[0].abs() < 0.1,
            "{name} begins at {}",
            after.times[0]
        );
        let gap = before.times[0] - after.times[0];
        let moved: Vec<f64> = after.times.iter().map(|t| t + gap).collect();
        assert!(
            same_times(&before.times, &moved),
            "{name}: {:?}\n{:?}",
            before.times,
            moved
        );
        assert_eq!(
            before.sound.len(),
            after.sound.len(),
            "{name}: {:?}",
            report.losses
        );
    }
}

/// Red of full strength: luma 81 in limited BT.601, 76 in full range, whatever the source stores.
#[test]
fn colours_stay_what_they_are() {
    let dir = TempDir::new().expect("a folder");
    let red = "-f lavfi -i color=red:size=64x48:rate=10:duration=0.5";
    let cases = [
        ("png.mkv", "-c:v png -pix_fmt rgb24", 81),
        ("limited.mkv", "-c:v ffv1 -pix_fmt yuv444p", 81),
        (
            "full.mkv",
            "-vf scale=out_range=full,format=yuv444p -c:v ffv1 -color_range pc",
            76,
        ),
        ("jpeg.mkv", "-c:v mjpeg -pix_fmt yuvj444p", 76),
    ];
    for (name, settings, luma) in cases {
        let Some(input) = make(&dir, name, &format!("{red} {settings}")) else {
            continue;
        };
        let output = dir.path().join(format!("{name}.mp4"));
        render(&input, &output, &Layout::default(), &fast()).expect("it renders");
        let first = read(&output).luma[0][0];
        assert!(first.abs_diff(luma) <= 3, "{name}: {first}, not {luma}");
    }
}

#[test]
fn a_rotation_is_carried_out() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(upright) = make(&dir, "up.mp4", CLIP) else {
        return;
    };
    let Some(turned) = turned(&dir, "turned.mp4", &upright) else {
        return;
    };
    let output = dir.path().join("out.mp4");
    render(&turned, &output, &layout, &fast()).expect("it renders");
    assert_eq!(read(&output).size, (180, 320));
}

/// Damaged packets are skipped, and the rest still comes out.
#[test]
fn damage_is_counted() {
    let dir = TempDir::new().expect("a folder");
    let arguments = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=2 -c:v mpeg2video -g 5";
    let layout = shown();
    let Some(input) = make(&dir, "in.ts", arguments) else {
        return;
    };
    let mut bytes = std::fs::read(&input).expect("the clip");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 3000].fill(0xA5);
    std::fs::write(&input, bytes).expect("writable");
    let output = dir.path().join("out.mp4");
    let report = render(&input, &output, &layout, &fast()).expect("it renders");
    assert!(report.frames > 25, "{report:?}");
}

#[test]
fn errors_name_the_file_and_leave_nothing() {
    let dir = TempDir::new().expect("a folder");
    let text = dir.path().join("text.mp4");
    std::fs::write(&text, "no video\n").expect("writable");
    let layout = Layout::default();
    let output = dir.path().join("out.mp4");
    let message = |input: &Path, output: &Path, options: &RenderOptions| {
        let error = render(input, output, &layout, options).expect_err("it cannot work");
        assert!(!output.exists());
        error.to_string()
    };
    assert!(message(&text, &output, &fast()).contains("text.mp4"));
    assert!(message(&dir.path().join("none.mp4"), &output, &fast()).contains("none.mp4"));
    assert!(message(dir.path(), &output, &fast()).contains("folder"));
    if let Some(sound) = make(&dir, "sound.m4a", "-f lavfi -i sine=duration=1") {
        assert!(message(&sound, &output, &fast()).contains("no video stream"));
    }
    if let Some(clip) = make(&dir, "clip.mp4", CLIP) {
        assert!(message(&clip, &dir.path().join("out"), &fast()).contains("ending"));
        assert!(message(&clip, &dir.path().join("out.xyz"), &fast()).contains("out.xyz"));
        assert!(message(&clip, &dir.path().join("no/out.mp4"), &fast()).contains("out.mp4"));
        assert!(message(&clip, &output, &fast().encoder("nonesuch")).contains("nonesuch"));
        assert!(message(&clip, &output, &fast().preset("nonesuch")).contains("nonesuch"));
        for many in [fast().threads(1 << 20), fast().draw_threads(usize::MAX)] {
            assert!(message(&clip, &output, &many).contains("0 to 256"));
        }
        let stopped = render_with_progress(&clip, &output, &layout, &fast(), |progress| {
            if progress.frames < 10 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        assert!(matches!(stopped, Err(Error::Stopped)));
        // It is asked before there is a frame, too.
        let stopped = render_with_progress(&clip, &output, &layout, &fast(), |progress| {
            assert_eq!(progress.frames, 0);
            ControlFlow::Break(())
        });
        assert!(matches!(stopped, Err(Error::Stopped)));
        let before = std::fs::read(&clip).expect("the clip");
        let other_name = dir.path().join("./clip.mp4");
        let itself = render(&clip, &other_name, &layout, &fast()).expect_err("the input");
        assert!(
            itself.to_string().contains("clip.mp4: is the video"),
            "{itself}"
        );
        assert_eq!(before, std::fs::read(&clip).expect("the clip"));
    }
    let left: Vec<_> = std::fs::read_dir(dir.path())
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.contains("partial") || name.starts_with("out"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
