//! `nico run` from end to end, on two seconds of the demo's shows.

use std::{fs, path::Path};

use serde_json::Value;

use crate::program::{has_dictionary, nico, succeed};

fn run(world: &Path, out: &Path, more: &[&str]) -> std::process::Output {
    let file = |name: &str| world.join(name).to_str().unwrap().to_owned();
    let arguments = [
        "run",
        "--video",
        &file("cafe/video.mp4"),
        "--comments",
        &file("cafe/comments.xml"),
        "--target",
        &file("safari/video.mp4"),
        "--boxes",
        &file("safari/boxes.json"),
        "--out",
        out.to_str().unwrap(),
        "--every",
        "6",
        "--epochs",
        "1",
        "--hidden",
        "32",
        "--split",
        "seconds",
    ];
    nico(arguments.iter().chain(more))
}

#[test]
fn everything_is_made_and_made_once() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let options = world::WorldOptions::default().seconds(3.0).comments(300);
    world::write_world(&world, &options, |_| {}).unwrap();
    let out = folder.path().join("out");
    let printed = succeed(run(&world, &out, &["--rate", "5"]));
    assert!(
        printed.lines().count() > 3,
        "comments are printed while they are written: {printed}"
    );

    for name in [
        "stats.json",
        "features/source/store.json",
        "features/target/store.json",
        "model/config.json",
    ] {
        assert!(out.join(name).exists(), "{name}");
    }
    let summary: Value =
        serde_json::from_slice(&fs::read(out.join("summary.json")).unwrap()).unwrap();
    assert!(summary["dev_perplexity"].as_f64().unwrap() > 1.0);
    assert!(summary["unigram_perplexity"].as_f64().unwrap() > 1.0);
    assert!(summary["names"]["chance"].is_number());
    let written = summary["comments_written"].as_u64().unwrap();
    for name in ["comments.xml", "comments.json"] {
        let comments =
            nico_comments::Comments::open(out.join(name), nico_comments::ReadOptions::default())
                .unwrap();
        let bodies: Vec<String> = comments.map(|comment| comment.unwrap().body).collect();
        assert_eq!(bodies.len() as u64, written, "{name}");
        assert!(bodies.iter().all(|body| !body.is_empty()));
    }
    assert!(
        fs::read_to_string(out.join("comments.ass"))
            .unwrap()
            .contains("Dialogue:")
    );

    let frames = |path: &Path| {
        let options = frame_features::VideoOptions::default();
        let mut video = frame_features::VideoFrames::open(path, options).unwrap();
        let mut times = Vec::new();
        while let Some((_, time)) = video.skip_frame().unwrap() {
            times.push((time.seconds() * 1e3).round());
        }
        times
    };
    let commented = out.join("commented.mp4");
    assert_eq!(frames(&commented), frames(&world.join("safari/video.mp4")));

    succeed(nico(["report", out.to_str().unwrap()]));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(
        page.contains("<video") && page.contains("data:image/png") && page.contains("<polyline")
    );
    assert_eq!(page.matches("data-at=").count() as u64, written);

    // Again: nothing is done again, and nothing changes.
    let before = fs::read(&commented).unwrap();
    let again = run(&world, &out, &["--rate", "5"]);
    let told = String::from_utf8(again.stderr.clone()).unwrap();
    assert!(again.status.success(), "{told}");
    for stage in [
        "stats",
        "features",
        "target features",
        "train",
        "comment",
        "render",
    ] {
        assert!(
            told.contains(&format!("{stage}: done before")),
            "{stage}: {told}"
        );
    }
    assert!(fs::read(&commented).unwrap() == before);

    // The same files under other names: the same.
    let moved = folder.path().join("moved");
    fs::rename(&world, &moved).unwrap();
    let again = run(&moved, &out, &["--rate", "5"]);
    let told = String::from_utf8(again.stderr.clone()).unwrap();
    assert!(again.status.success(), "{told}");
    assert_eq!(told.matches(": done before").count(), 7, "{told}");

    // Another rate: what changed is told, and nothing is done unasked.
    let model = fs::read(out.join("model/model.safetensors")).unwrap();
    let other = run(&moved, &out, &["--rate", "2"]);
    let told = String::from_utf8(other.stderr).unwrap();
    assert_eq!(other.status.code(), Some(1), "{told}");
    assert!(
        told.contains("rate was 5, is 2; ")
            && told.contains(": comment, render, and what these left")
            && told.contains("--again"),
        "{told}"
    );
    assert!(fs::read(&commented).unwrap() == before);
    // With --again only what depends on it, and one JSON value is all that is printed.
    let other = run(&moved, &out, &["--rate", "2", "--again", "--json"]);
    let told = String::from_utf8(other.stderr.clone()).unwrap();
    let summary: Value = serde_json::from_str(&succeed(other)).unwrap();
    assert!(summary["comments_written"].as_u64().unwrap() < written);
    assert!(
        told.contains("train: done before") && !told.contains("render: done before"),
        "{told}"
    );

    // Another option of training: the model stays, too.
    let other = run(&moved, &out, &["--rate", "2", "--min-count", "3"]);
    let told = String::from_utf8(other.stderr).unwrap();
    assert_eq!(other.status.code(), Some(1), "{told}");
    assert!(
        told.contains("min_count was 2, is 3; ")
            && told.contains(": train, comment, names, render, and what"),
        "{told}"
    );
    assert!(fs::read(out.join("model/model.safetensors")).unwrap() == model);

    // Other filters: whatever the comments are read for.
    let other = run(&moved, &out, &["--rate", "2", "--ng-word", "草"]);
    let told = String::from_utf8(other.stderr).unwrap();
    assert_eq!(other.status.code(), Some(1), "{told}");
    assert!(
        told.contains("ng_words was not given, is 草; ")
            && told.contains(": stats, train, comment"),
        "{told}"
    );

    refuses_a_folder_in_use_or_of_an_earlier_version(&moved, &out);
}

fn refuses_a_folder_in_use_or_of_an_earlier_version(world: &Path, out: &Path) {
    let refused = |expected: &str| {
        let output = run(world, out, &["--rate", "2"]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(expected), "{expected}: {told}");
    };
    let other = nico_corpus::Stages::open(out).unwrap();
    refused("another program is writing into this folder");
    drop(other);
    let earlier = r#"{"version":"0.1.0","inputs":{"learning":"LearningArgs { epochs: 1 }"},"seconds":1.0,"result":null}"#;
    fs::write(out.join("stages/train.json"), earlier).unwrap();
    refused("done by a version that did not keep what its stages depended on");
    assert!(out.join("model/model.safetensors").exists());
}
