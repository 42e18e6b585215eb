//! Several videos in one call of `nico features` and `nico render`: what fails does not stop the
//! others, and what is done is not done again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

use crate::program::{names, nico, succeed};

/// Three files, the second of which is no video; `None` where there is no `ffmpeg`, which says so
/// and fails if `REQUIRE_ALL` is 1.
fn videos(folder: &Path) -> Option<[PathBuf; 3]> {
    let paths = ["one.mp4", "two.mp4", "three.mp4"].map(|name| folder.join(name));
    let source = "-v error -f lavfi -i testsrc=size=64x48:rate=5:duration=2 -pix_fmt yuv420p";
    for path in [&paths[0], &paths[2]] {
        let made = Command::new("ffmpeg")
            .args(source.split_whitespace())
            .arg(path)
            .status();
        if !made.is_ok_and(|status| status.success()) {
            let all_required = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
            assert!(!all_required, "no ffmpeg on this system");
            eprintln!("skipped: no ffmpeg on this system");
            return None;
        }
    }
    fs::write(&paths[1], "no video").unwrap();
    Some(paths)
}

/// The report of a call of which a job failed.
fn failed(output: &Output, expected: &str) -> Value {
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains(expected), "{told}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The files of a folder and when each was written.
fn written(folder: &Path) -> Vec<(String, std::time::SystemTime)> {
    let of = |name: &String| fs::metadata(folder.join(name)).unwrap().modified().unwrap();
    names(folder)
        .into_iter()
        .map(|name| (name.clone(), of(&name)))
        .collect()
}

#[test]
fn features_of_several_videos_have_a_store_each() {
    let folder = tempfile::tempdir().unwrap();
    let Some(paths) = videos(folder.path()) else {
        return;
    };
    let into = folder.path().join("features");
    let features = |videos: &[&PathBuf]| {
        let options = ["--json", "features", "--size", "32", "--into"].map(Into::into);
        let arguments = options.iter().chain([&into]).chain(videos.iter().copied());
        nico(arguments.collect::<Vec<&PathBuf>>())
    };
    let all: Vec<&PathBuf> = paths.iter().collect();
    let report = failed(&features(&all), "1 of 3 jobs failed");
    assert_eq!(report["failed"], 1);
    let errors: Vec<bool> = report["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| job["error"].is_string())
        .collect();
    assert_eq!(errors, [false, true, false]);
    assert_eq!(report["jobs"][2]["rows_made"], 10);

    // Again: the same, and nothing is made anew. With a video in its place, the one that failed is.
    let before = written(&into.join("one"));
    assert_eq!(
        failed(&features(&all), "2 of 3: ")["jobs"][0]["rows_made"],
        0
    );
    assert_eq!(written(&into.join("one")), before);
    fs::copy(&paths[0], &paths[1]).unwrap();
    let report: Value = serde_json::from_str(&succeed(features(&all))).unwrap();
    assert_eq!(
        (&report["failed"], &report["jobs"][1]["rows_made"]),
        (&0.into(), &10.into())
    );

    // Two of one name would be one store: nothing is begun.
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    let same = other.join("one.mp4");
    fs::copy(&paths[0], &same).unwrap();
    let output = features(&[&paths[0], &same]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && told.contains("would both be written to"),
        "{told}"
    );
    let output = nico(["features", "a.mp4", "b.mp4", "--out", "store"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--into"));
}

#[test]
fn a_list_is_rendered_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let Some(paths) = videos(folder.path()) else {
        return;
    };
    let comments = folder.path().join("comments.xml");
    fs::write(
        &comments,
        "<packet><chat no=\"1\" vpos=\"10\" user_id=\"a\">草</chat></packet>",
    )
    .unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let line = |(at, path): (usize, &PathBuf)| {
        format!(
            "{}\t{}\t{}\n",
            path.display(),
            comments.display(),
            out.join(format!("{at}.mkv")).display()
        )
    };
    let list = folder.path().join("jobs.tsv");
    let lines: String = paths.iter().enumerate().map(line).collect();
    fs::write(&list, format!("# jobs\n{lines}")).unwrap();
    let list = list.to_str().unwrap();
    let render = |more: &[&str]| nico([&["--json", "render", "--list", list], more].concat());

    let report = failed(&render(&[]), "1 of 3 jobs failed");
    assert_eq!(
        (&report["failed"], &report["jobs"][0]["frames"]),
        (&1.into(), &report["jobs"][2]["frames"])
    );
    assert!(report["jobs"][0]["frames"].as_u64().unwrap() > 0);
    assert_eq!(names(&out), ["0.mkv", "2.mkv"]);

    let before = written(&out);
    let report = failed(&render(&[]), "2 of 3: ");
    assert_eq!(report["jobs"][0]["was_there"], true);
    assert_eq!(written(&out), before);
    let report = failed(&render(&["--again"]), "1 of 3 jobs failed");
    assert!(report["jobs"][0]["frames"].is_u64());
    assert_ne!(written(&out), before);
}
