//! A failure is one line that names the file, with exit status 1 (failed) or 2 (wrong usage), and
//! leaves nothing half done.

use std::fs;

use crate::program::{has_dictionary, names, nico};

/// Runs `nico`, which has to fail with `status` and one line that holds `expected`.
fn fails(arguments: &[&str], status: i32, expected: &str) {
    let output = nico(arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        output.status.code(),
        Some(status),
        "{arguments:?}: {message}"
    );
    assert!(message.contains(expected), "{arguments:?}: {message}");
    if status == 1 {
        let lines: Vec<&str> = message.lines().collect();
        assert_eq!(lines.len(), 1, "{arguments:?}: {message}");
        assert!(lines[0].starts_with("nico: "), "{message}");
    }
}

#[test]
fn wrong_usage_exits_with_2() {
    fails(&["nonsense"], 2, "nonsense");
    fails(&["stats"], 2, "COMMENTS");
    fails(&["features", "a.mp4"], 2, "--out");
    fails(&["render", "--outline", "square"], 2, "eightfold");
    fails(&["comment", "--length-penalty", "long"], 2, "power:ALPHA");
    fails(&["attend", "--at", "noon"], 2, "minutes:seconds");
    fails(&["train", "--cut", "0"], 2, "0 is not in 1..");
    fails(&["train", "--fit", "0"], 2, "positive number of seconds");
    fails(
        &["comment", "--rate", "fast"],
        2,
        "data, auto, fitted or a number",
    );
}

#[test]
fn missing_and_broken_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("text.mp4"), "this is no video").unwrap();
    fs::write(path("empty.mp4"), "").unwrap();
    fs::write(path("c.xml"), "<packet><chat vpos='1'>a</chat></packet>").unwrap();
    let out = path("out.mp4");
    fails(&["stats", &path("none.xml")], 1, "none.xml");
    fails(
        &["layout", &path("none.xml"), "--out", &path("l.json")],
        1,
        "none.xml",
    );
    fails(
        &["layout", &path("c.xml"), "--out", &path("l.txt")],
        1,
        "l.txt",
    );
    for name in ["none.mp4", "text.mp4", "empty.mp4"] {
        let render = [
            "render",
            "--video",
            &path(name),
            "--comments",
            &path("c.xml"),
            "--out",
            &out,
        ];
        fails(&render, 1, name);
        fails(&["features", &path(name), "--out", &path("store")], 1, name);
    }
    let train = [
        "train",
        "--comments",
        &path("c.xml"),
        "--features",
        &path("nothing"),
        "--out",
        &path("m"),
    ];
    fails(&train, 1, "nothing");
    let switched = [&train[..], &["--no-gate"]].concat();
    fails(&switched, 1, "--no-gate: is of --model attention");
    let attend = [
        "attend",
        "--model",
        &path("nothing"),
        "--video",
        &path("text.mp4"),
    ];
    let jpeg = [&attend[..], &["--at", "1", "--out", "tiles.jpg"]].concat();
    fails(&jpeg, 1, "tiles.jpg: the name has to end in .png");
    let comment = [
        "comment",
        "--model",
        &path("nothing"),
        "--features",
        &path("f"),
        "--out",
        &path("c2.xml"),
    ];
    fails(&comment, 1, "nothing");
    let encoder = [
        "features",
        &path("text.mp4"),
        "--out",
        &path("store"),
        "--encoder",
        &path("text.mp4"),
    ];
    fails(&encoder, 1, "text.mp4");
    assert_eq!(names(folder.path()), ["c.xml", "empty.mp4", "text.mp4"]);
}

/// Before a frame is decoded: what `nico run` could not come to its end with.
#[test]
fn a_run_that_would_fail_late_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let run = [
        "run",
        "--video",
        &path("none.mp4"),
        "--comments",
        &path("none.xml"),
        "--out",
        &path("out"),
    ];
    for (more, expected) in [
        (["--rate", "fitted"], "then `nico rate` fits one"),
        (["--split", "videos"], "`nico train` with the --features"),
        (["--hold-out", "1"], "`nico train` with the --features"),
    ] {
        fails(&[&run[..], &more[..]].concat(), 1, expected);
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn comments_without_text_are_an_error() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let options = world::WorldOptions::default().seconds(2.0).comments(50);
    world::write_world(&world, &options, |_| {}).unwrap();
    let comments = folder.path().join("empty.xml");
    fs::write(
        &comments,
        "<packet><chat vpos='1' deleted='1'/><chat vpos='2'></chat></packet>",
    )
    .unwrap();
    let video = world.join("cafe/video.mp4");
    let out = folder.path().join("out");
    let arguments = ["--quiet", "run", "--video"].map(std::ffi::OsString::from);
    let output = nico(
        arguments
            .into_iter()
            .chain([video.into(), "--comments".into(), comments.into()])
            .chain(["--out".into(), out.clone().into()]),
    );
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.contains("empty.xml") && message.contains("no comment of video 1 has any text"),
        "{message}"
    );
    assert!(!out.join("model").exists() && !out.join("commented.mp4").exists());
}
