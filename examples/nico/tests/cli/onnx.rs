//! Encoders from ONNX files, from the features to the comments: a network of known mean colours
//! (`benches/onnx/tiny.py`), as a map of three rows and five columns and as a row.

use std::fs;
use std::process::Output;

use overlay_render::AttentionTrack;
use serde_json::Value;

use crate::{
    demo::Demo,
    program::{has_dictionary, nico, succeed},
};

const NETWORK: &[u8] = include_bytes!("../onnx/fields.onnx");

/// Writes the network with settings that take one of its outputs.
fn eyes(demo: &Demo, output: &str) -> String {
    let path = demo.path(&format!("{output}.onnx"));
    fs::write(&path, NETWORK).unwrap();
    let settings = format!("preset = \"imagenet\"\noutput = \"{output}\"\n");
    fs::write(path.with_extension("toml"), settings).unwrap();
    path.to_str().unwrap().to_owned()
}

fn refused(output: Output, named: &[&str]) {
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    for named in named {
        assert!(told.contains(named), "expected {named:?} in: {told}");
    }
    assert!(!told.contains("panicked"), "{told}");
}

#[test]
fn attention_looks_over_the_rows_and_columns_of_a_network() {
    if !has_dictionary() {
        return;
    }
    let demo = Demo::draw();
    let map = eyes(&demo, "map");
    let how = ["--encoder", &map, "--every", "6", "--json"];
    demo.extract("cafe", "features", &how);
    let store: Value =
        serde_json::from_slice(&fs::read(demo.path("features/store.json")).unwrap()).unwrap();
    let plan = &store["plan"];
    assert_eq!(plan["shape"], serde_json::json!([15, 3]));
    assert_eq!(plan["size"], 60);
    succeed(demo.train(
        "features",
        "model",
        &["--model", "attention", "--hidden", "16"],
    ));

    // Comments with their maps: from the features, and from the video with the network.
    let (model, out, looks) = (
        demo.file("model"),
        demo.file("comments.xml"),
        demo.file("attention.jsonl"),
    );
    let video = demo.file("world/cafe/video.mp4");
    let comment = ["comment", "--model", &model, "--out", &out, "--rate", "2"];
    let of_video = ["--video", &video, "--encoder", &map, "--attention", &looks];
    succeed(nico(comment.iter().chain(&of_video)));
    let track = AttentionTrack::read(&looks, AttentionTrack::CROSSING).unwrap();
    let first = &track.comments()[0].words[0].map;
    assert_eq!((first.rows(), first.columns()), (3, 5));

    let tiles = demo.file("tiles.png");
    let attend = ["attend", "--model", &model, "--video", &video, "--at", "1"];
    let drawn = ["--encoder", &map, "--out", &tiles, "--json"];
    let report: Value = serde_json::from_str(&succeed(nico(attend.iter().chain(&drawn)))).unwrap();
    let look = &report["words"][0]["map"];
    assert_eq!((&look["rows"], &look["columns"]), (&3.into(), &5.into()));
    assert!(fs::metadata(&tiles).unwrap().len() > 1_000);

    // Grounding is measured on those maps.
    let (comments, features, boxes) = (
        demo.file("world/cafe/comments.xml"),
        demo.file("features"),
        demo.file("world/cafe/boxes.json"),
    );
    let evaluation = demo.file("evaluation");
    let evaluate = ["evaluate", "--model", &model, "--comments", &comments];
    let on = [
        "--features",
        &features,
        "--boxes",
        &boxes,
        "--only",
        "grounding",
    ];
    let to = ["--out", &evaluation];
    succeed(nico(evaluate.iter().chain(&on).chain(&to)));
    let found = fs::read(demo.path("evaluation/evaluation.json")).unwrap();
    let found: Value = serde_json::from_slice(&found).unwrap();
    let grounding = &found["grounding"];
    let names = grounding["names"].as_array().unwrap();
    let mass = |name: &Value| name["naming"]["mass"]["value"].as_f64();
    let looked_at = |name| mass(name).is_some_and(|mass| mass > 0.0);
    assert!(names.iter().any(looked_at), "{grounding}");
    assert!(grounding["attention"]["maps"].as_u64().unwrap() > 0);

    // Another output of the same file is another encoder, and so is the built-in one.
    let row = eyes(&demo, "row");
    let with_row = ["--video", &video, "--encoder", &row];
    refused(
        nico(comment.iter().chain(&with_row)),
        &["row:row", "map:map"],
    );
    refused(
        nico(comment.iter().chain(&["--video", &video])),
        &["map:map"],
    );
    let without = ["--out", &tiles];
    refused(nico(attend.iter().chain(&without)), &["map:map"]);
}

#[test]
fn a_row_of_a_network_makes_comments_on_pictures() {
    if !has_dictionary() {
        return;
    }
    let demo = Demo::draw();
    let row = eyes(&demo, "row");
    demo.extract("cafe", "features", &["--encoder", &row, "--every", "6"]);
    succeed(demo.train("features", "model", &["--hidden", "16"]));
    let (model, video) = (demo.file("model"), demo.file("world/cafe/video.mp4"));
    let caption = ["caption", &video, "--model", &model, "--encoder", &row];
    assert!(!succeed(nico(caption)).is_empty());

    // The whole job, which knows its settings again.
    let out = demo.file("out");
    let (comments, target) = (
        demo.file("world/cafe/comments.xml"),
        demo.file("world/safari/video.mp4"),
    );
    let run = || {
        let files = [
            "run",
            "--video",
            &video,
            "--comments",
            &comments,
            "--target",
            &target,
        ];
        let how = [
            "--encoder",
            &row,
            "--every",
            "6",
            "--epochs",
            "1",
            "--hidden",
            "16",
        ];
        let to = ["--split", "seconds", "--rate", "2", "--out", &out];
        nico(files.iter().chain(&how).chain(&to))
    };
    succeed(run());
    let again = run();
    let told = String::from_utf8(again.stderr).unwrap();
    assert!(told.contains("features: done before"), "{told}");
    fs::write(
        demo.path("row.toml"),
        "preset = \"clip\"\noutput = \"row\"\n",
    )
    .unwrap();
    let changed = run();
    let told = String::from_utf8(changed.stderr).unwrap();
    assert!(told.contains("encoder-settings"), "{told}");
}

#[test]
fn networks_that_cannot_be_used_are_named() {
    let demo = Demo::draw();
    let map = eyes(&demo, "map");
    let (video, out) = (demo.file("world/cafe/video.mp4"), demo.file("features"));
    let features = |more: &[&str]| {
        let arguments = ["features", &video, "--out", &out, "--encoder", &map];
        nico(arguments.iter().chain(more))
    };
    refused(
        features(&["--layer", "conv5_3"]),
        &["map.onnx", "conv5_3", "map.toml"],
    );
    refused(features(&["--size", "224"]), &["map.onnx", "60", "224"]);
    fs::write(demo.path("map.toml"), "preset = \"imagenet\"\n").unwrap();
    refused(features(&[]), &["map.onnx", "\"map\", \"row\""]);
    fs::remove_file(demo.path("map.toml")).unwrap();
    refused(
        features(&[]),
        &["map.onnx", "map.toml", "preset", "[?, 3, 60, 60]"],
    );
    fs::write(demo.path("map.onnx"), "no network").unwrap();
    refused(features(&[]), &["map.onnx", "no ONNX file"]);
    assert!(!demo.path("features").exists());
}
