//! The player of comments in a browser, beside what this program draws: needs the folder of
//! `scripts/build-player.sh`, Chromium, node and ffmpeg.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::program::{nico, succeed};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Comments of each position, size and family, by viewers and by the owner, most of them at once.
const REAL: &str = r##"[
    {"id":1,"vpos":100,"content":"こんにちは","mail":[]},
    {"id":2,"vpos":120,"content":"8888 AVATA To","mail":["red"]},
    {"id":3,"vpos":130,"content":"ゆっくり\nしていってね","mail":["ue","mincho","cyan"]},
    {"id":4,"vpos":140,"content":"草草草","mail":["shita","big","#3366FF"],"premium":true},
    {"id":5,"vpos":150,"content":"8888","mail":["small","black","gothic"]},
    {"id":6,"vpos":160,"content":"ゆっくりゆっくりゆっくりゆっくりゆっくりゆっくりゆっくり","mail":["ue"],"owner":true},
    {"id":7,"vpos":170,"content":"こんにちは","mail":["_live"]},
    {"id":8,"vpos":170,"content":"草","mail":["nico:fill:#0008","nico:waku:yellow"]}
]"##;
const GENERATED: &str = r#"[
    {"id":1,"vpos":90,"content":"草","mail":["big"]},
    {"id":2,"vpos":180,"content":"ゆっくりしていってね","mail":["green"]},
    {"id":3,"vpos":210,"content":"8888","mail":["shita"]}
]"#;

/// The player and what it is checked with. None where something is missing, which is said; fails
/// then if `REQUIRE_ALL` is 1, unless `WITHOUT_PLAYER` says that it could not be built.
fn player() -> Option<PathBuf> {
    let program = Path::new(env!("CARGO_BIN_EXE_nico"));
    let beside = program.parent().unwrap().join("../player");
    let runs = |program: &str| {
        let mut command = Command::new(program);
        command
            .arg("-version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok()
    };
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    let missing = [
        (
            "player of scripts/build-player.sh",
            beside.join("comment-player.wasm").is_file(),
        ),
        ("node", runs("node")),
        ("ffmpeg", runs("ffmpeg")),
        ("Chromium", runs(&chromium)),
    ];
    let missing: Vec<&str> = missing
        .iter()
        .filter(|(_, there)| !there)
        .map(|(what, _)| *what)
        .collect();
    if missing.is_empty() {
        return Some(fs::canonicalize(beside).unwrap());
    }
    let is_excused = std::env::var_os("WITHOUT_PLAYER").is_some()
        && missing == ["player of scripts/build-player.sh"];
    let all_required =
        std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1") && !is_excused;
    assert!(!all_required, "missing here: {missing:?}");
    eprintln!("skipped: missing here: {missing:?}");
    None
}

/// A video of six seconds, 640x360.
fn video(path: &Path) {
    let source = "-f lavfi -i testsrc2=size=640x360:rate=25:duration=6 -c:v libvpx -b:v 1M -g 25 -pix_fmt yuv420p";
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-y"])
        .args(source.split_whitespace())
        .arg(path)
        .status();
    assert!(made.unwrap().success());
}

fn fonts() -> Vec<String> {
    let folder = format!("{ROOT}/crates/overlay-render/tests/data/fonts");
    ["Sans-Bold", "Sans-Regular", "Serif-Regular"]
        .iter()
        .flat_map(|name| {
            [
                "--font".to_owned(),
                format!("{folder}/NotoCJKjp-{name}.subset.otf"),
            ]
        })
        .collect()
}

/// What a script of the browser's tests prints; fails with what it says where it does.
fn browser(script: &str, arguments: &[&str]) -> String {
    let output = Command::new("node")
        .arg(format!(
            "{ROOT}/crates/overlay-player/tests/browser/{script}"
        ))
        .args(arguments)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{errors}");
    told
}

/// The same places as `nico layout`, and pictures as `nico render --frame` draws them; the rest of
/// what a page can ask of a player is checked in player.mjs.
#[test]
fn a_page_shows_what_is_rendered() {
    let Some(player) = player() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    video(Path::new(&path("video.webm")));
    fs::write(path("real.xml"), REAL).unwrap();
    fs::write(path("generated.xml"), GENERATED).unwrap();
    let both = [path("real.xml"), path("generated.xml")];
    let drawing: Vec<String> = fonts()
        .into_iter()
        .chain(["--lane-overflow".to_owned(), "0.5".to_owned()])
        .collect();
    let places = path("layout.json");
    let layout = ["layout", &both[0], &both[1], "--out", &places];
    succeed(nico(
        layout.into_iter().chain(drawing.iter().map(String::as_str)),
    ));
    let mut frames = Vec::new();
    for (seconds, width, height) in [
        (1.0, 640, 360),
        (2.0, 640, 360),
        (2.04, 1280, 720),
        (3.2, 320, 180),
    ] {
        let file = format!("frame-{seconds}-{width}.png");
        let (out, size, video) = (path(&file), format!("{width}x{height}"), path("video.webm"));
        let seconds_text = format!("{seconds}");
        let mut arguments = vec![
            "render",
            "--video",
            &video,
            "--out",
            &out,
            "--frame",
            &seconds_text,
        ];
        arguments.extend([
            "--size",
            &size,
            "--transparent",
            "--comments",
            &both[0],
            &both[1],
        ]);
        arguments.extend(drawing.iter().map(String::as_str));
        succeed(nico(&arguments));
        frames.push(json!({"file": file, "seconds": seconds, "width": width, "height": height}));
    }
    fs::write(path("frames.json"), Value::from(frames).to_string()).unwrap();
    let font_folder = format!("{ROOT}/crates/overlay-render/tests/data/fonts");
    let told = browser(
        "player.mjs",
        &[
            player.to_str().unwrap(),
            &font_folder,
            folder.path().to_str().unwrap(),
        ],
    );
    println!("{told}");
}

/// The page of a run draws the run's comments and the real ones over the video itself, from the disk,
/// and each kind can be switched off.
#[test]
fn the_report_draws_over_the_video_itself() {
    if player().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(path("run")).unwrap();
    video(Path::new(&path("the video.webm")));
    video(Path::new(&path("run/drawn.webm")));
    fs::rename(path("run/drawn.webm"), path("run/commented.mp4")).unwrap();
    fs::write(path("run/comments.xml"), GENERATED).unwrap();
    fs::write(path("real.json"), REAL).unwrap();
    let summary = json!({
        "video": path("another.webm"), "target": path("the video.webm"),
        "train_comments": 9, "dev_comments": 3, "dev_distinct": 3, "dev_distinct_in_train": 1, "vocabulary": 20,
        "best_epoch": 1, "dev_perplexity": 9.0, "dev_perplexity_known": 8.0, "unigram_perplexity": 12.0,
        "shuffled_perplexity": 10.0, "visual_gain": 0.1, "comments_written": 3, "frames_rendered": 150,
        "seconds": {"stats": 0.1, "features": 1.0, "target_features": 1.0, "train": 1.0, "comment": 0.1, "render": 1.0},
    });
    fs::write(path("run/summary.json"), summary.to_string()).unwrap();
    let (run, real) = (path("run"), path("real.json"));
    let mut arguments = vec![
        "--json",
        "report",
        &run,
        "--pictures",
        "0",
        "--comments",
        &real,
    ];
    let fonts = fonts();
    arguments.extend(fonts.iter().map(String::as_str));
    let told: Value = serde_json::from_str(&succeed(nico(&arguments))).unwrap();
    assert_eq!(told["player"], true, "{told}");
    let size = told["bytes"].as_u64().unwrap();
    assert!(size < 1_500_000, "the page has {size} bytes");

    let found: Value =
        serde_json::from_str(&browser("report.mjs", &[&path("run/report.html")])).unwrap();
    assert_eq!(
        found["labels"],
        json!(["generated (3)", "real (8)"]),
        "{found}"
    );
    assert_eq!(found["original"], "../the%20video.webm");
    assert_eq!(found["error"], Value::Null, "{found}");
    let number = |value: &Value| value.as_u64().unwrap();
    let all = number(&found["all"]);
    for without in ["generated", "real"] {
        let left = number(&found["without"][without]);
        assert!(0 < left && left < all, "{found}");
    }
    assert_eq!(number(&found["again"]), all);
    assert_eq!(found["shown"], json!(["commented.mp4", true]));

    // A run whose video has gone has the page that there was before.
    fs::remove_file(path("the video.webm")).unwrap();
    let told: Value = serde_json::from_str(&succeed(nico(&arguments))).unwrap();
    assert_eq!(told["player"], false);
    assert!(told["warnings"].to_string().contains("not there"), "{told}");
}
