//! `nico layout` and `nico render`: what a viewer sets of comments and of the picture.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::program::{names, nico, succeed};

const COMMENTS: &str = "<packet>\
    <chat no=\"1\" vpos=\"100\" user_id=\"a\" nicoru=\"9\">一番良いコメントです</chat>\
    <chat no=\"2\" vpos=\"100\" user_id=\"b\">二番目のコメント</chat>\
    <chat no=\"3\" vpos=\"100\" user_id=\"c\" mail=\"ue full\">全幅全幅全幅全幅全幅全幅全幅全幅全幅全幅全幅</chat>\
    </packet>";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::write(folder.path("in.XML"), COMMENTS).unwrap();
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// A grey video of 4:3, if there is `ffmpeg`; says so where there is none, and fails if
    /// `REQUIRE_ALL` is 1.
    fn video(&self) -> Option<String> {
        self.video_of("color=gray:size=160x120:rate=10:duration=3")
    }

    /// A video of one of FFmpeg's sources of pictures.
    fn video_of(&self, source: &str) -> Option<String> {
        let path = self.path("in.mkv");
        let source = format!("-f lavfi -i {source} -c:v ffv1 -pix_fmt yuv420p");
        let made = Command::new("ffmpeg")
            .args(["-v", "error"])
            .args(source.split_whitespace())
            .arg(&path)
            .status();
        let made = made.is_ok_and(|status| status.success()).then_some(path);
        if made.is_none() {
            let all_required = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
            assert!(!all_required, "no ffmpeg on this system");
            eprintln!("skipped: no ffmpeg on this system");
        }
        made
    }
}

fn json(file: impl AsRef<Path>) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

#[test]
fn comments_are_thinned_and_cut_as_asked_for() {
    let folder = Folder::new();
    let (comments, out) = (folder.path("in.XML"), folder.path("out.JSON"));
    let layout = ["--json", "layout", &comments, "--out", &out];
    let options = ["--density", "0.04", "--max-length", "4", "--area", "0.5"];
    let output = nico(layout.iter().chain(&options));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let report: Value = serde_json::from_str(&succeed(output)).unwrap();
    assert_eq!((&report["thinned"], &report["cut"]), (&2.into(), &3.into()));
    assert!(told.contains("2 of 3 comments left out"), "{told}");
    let placed = json(out);
    let shown = placed["comments"].as_array().unwrap().iter();
    let shown: Vec<&Value> = shown
        .filter(|comment| comment["width"].is_number())
        .collect();
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["id"], 1); // the one with nicoru
}

/// With `auto` the player of a comment's day: the second is of 2014, the third of 2020, and of the
/// first nothing is known.
#[test]
fn comments_get_the_look_of_a_player() {
    let folder = Folder::new();
    let (comments, out) = (folder.path("dated.xml"), folder.path("out.json"));
    let dated = COMMENTS
        .replace("user_id=\"b\"", "user_id=\"b\" date=\"1400000000\"")
        .replace("user_id=\"c\"", "user_id=\"c\" date=\"1600000000\"");
    fs::write(&comments, dated).unwrap();
    for (player, expected) in [
        ("html5", [false, false, false]),
        ("flash", [true, true, true]),
        ("auto", [false, true, false]),
    ] {
        let layout = ["--json", "layout", &comments, "--player", player];
        let output = nico(layout.iter().chain(&["--out", &out]));
        let report: Value = serde_json::from_str(&succeed(output)).unwrap();
        // Hardly a machine with this program has the fonts of a Japanese Windows.
        let has_flash = expected.contains(&true);
        assert_eq!(report.get("stand_ins").is_some(), has_flash, "{report}");
        let placed = json(&out);
        assert_eq!(placed["meta"]["mode"], player);
        let of_flash = placed["comments"].as_array().unwrap().iter();
        let of_flash = of_flash.map(|comment| comment["flash"] == true);
        assert_eq!(of_flash.collect::<Vec<_>>(), expected);
    }
    let output = nico([
        "layout",
        &comments,
        "--player",
        "silverlight",
        "--out",
        &out,
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("html5, flash or auto"));
}

#[test]
fn what_is_out_of_range_is_wrong_usage() {
    let folder = Folder::new();
    let (comments, out) = (folder.path("in.XML"), folder.path("out.ass"));
    for (option, value) in [
        ("--opacity", "1.5"),
        ("--comment-size", "0"),
        ("--comment-speed", "fast"),
        ("--area", "0.01"),
        ("--density", "0"),
        ("--max-length", "0"),
        ("--max-lines", "257"),
        ("--limit", "0"),
    ] {
        let output = nico(["layout", &comments, "--out", &out, option, value]);
        assert_eq!(output.status.code(), Some(2), "{option}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(option), "{told}");
    }
    let xml = folder.path("again.XML");
    let output = nico(["layout", &comments, "--out", &xml, "--opacity", "0.5"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && told.contains("--opacity: for .ass and .json"),
        "{told}"
    );
    assert_eq!(names(folder.0.path()), ["in.XML"]);
    succeed(nico(["layout", &comments, "--out", &xml]));
    assert_eq!(names(folder.0.path()), ["again.XML", "in.XML"]);
}

/// A frame of 4:3 between bars, into a file whose ending is in upper case; without bars the comment
/// that is cut off is told.
#[test]
fn pictures_of_another_shape_get_bars() {
    let folder = Folder::new();
    let Some(video) = folder.video() else { return };
    let comments = folder.path("in.XML");
    let render = |out: &str, more: &[&str]| {
        let arguments = [
            "--json",
            "render",
            "--video",
            &video,
            "--comments",
            &comments,
            "--out",
            out,
        ];
        let output = nico(arguments.iter().chain(more));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let report: Value = serde_json::from_str(&succeed(output)).unwrap();
        (report, told)
    };
    let frame = folder.path("frame.PNG");
    let (report, _) = render(&frame, &["--frame", "2", "--stage", "16:9"]);
    assert_eq!(
        (&report["width"], &report["height"]),
        (&214.into(), &120.into())
    );
    assert!(fs::read(&frame).unwrap().starts_with(b"\x89PNG"));
    let wide: PathBuf = folder.path("wide.MKV").into();
    let (report, told) = render(
        wide.to_str().unwrap(),
        &["--stage", "16:9", "--codec", "ffv1"],
    );
    assert_eq!(
        (&report["width"], &report["comments_cut_off"]),
        (&214.into(), &0.into())
    );
    assert!(!told.contains("cut off"), "{told}");
    let narrow = folder.path("narrow.mkv");
    let (report, told) = render(&narrow, &["--codec", "ffv1"]);
    assert_eq!(report["comments_cut_off"], 1);
    assert!(
        told.contains("1 of 3 comments are wider than the picture"),
        "{told}"
    );
    let (_, told) = render(&frame, &["--frame", "2"]);
    assert!(told.contains("1 of 3 comments are wider"), "{told}");
}

/// x264 reads memory that it never wrote, at this width and where there is AVX-512: what is in it
/// is for glibc to say, elsewhere this tests nothing.
#[test]
fn what_was_in_memory_before_changes_no_byte() {
    let folder = Folder::new();
    let Some(video) = folder.video_of("testsrc2=size=320x240:rate=10:duration=3") else {
        return;
    };
    let [comments, out] = ["in.XML", "out.mp4"].map(|name| folder.path(name));
    let written = ["0", "1", "85", "170"].map(|byte| {
        let output = Command::new(env!("CARGO_BIN_EXE_nico"))
            .args(["render", "--video", &video, "--comments", &comments])
            .args(["--threads", "1", "--out", &out])
            .env("MALLOC_PERTURB_", byte)
            .output()
            .unwrap();
        succeed(output);
        fs::read(&out).unwrap()
    });
    assert!(written.iter().all(|bytes| *bytes == written[0]));
}

/// An encoder of hardware that is not there is told before any work, and nothing is written.
#[test]
fn hardware_that_is_missing_is_told() {
    let folder = Folder::new();
    let Some(video) = folder.video() else { return };
    let (comments, out) = (folder.path("in.XML"), folder.path("out.mp4"));
    for encoder in ["h264_nvenc", "h264_vaapi", "h264_qsv"] {
        let arguments = [
            "render",
            "--video",
            &video,
            "--comments",
            &comments,
            "--out",
            &out,
        ];
        let output = nico(arguments.iter().chain(&["--codec", encoder]));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            fs::remove_file(&out).unwrap(); // the hardware is there
            continue;
        }
        let names_it =
            told.contains("does not start: it needs") || told.contains("no video encoder");
        assert!(names_it && told.contains(encoder), "{told}");
        assert_eq!(names(folder.0.path()), ["in.XML", "in.mkv"]);
    }
}
