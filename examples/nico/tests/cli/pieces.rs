//! A captioner whose words are pieces: trained, writing, looked at and measured, all without a
//! dictionary.

use std::fs;

use jp_tokenize::{Pieces, Vocabulary};
use serde_json::Value;

use crate::{
    demo::Demo,
    program::{nico, succeed},
};

#[test]
fn a_model_of_pieces_needs_no_dictionary() {
    let demo = Demo::draw();
    let sizes = ["--layer", "conv5_3", "--size", "64", "--every", "6"];
    demo.extract("cafe", "features", &sizes);
    let how = ["--model", "attention", "--hidden", "16", "--pieces", "330"];
    let told = succeed_with_log(demo.train("features", "model", &how));
    assert!(
        told.contains("corpus: 326 pieces, 256 of them bytes"),
        "{told}"
    );

    let vocabulary = Vocabulary::load(demo.path("model/vocabulary.tsv")).unwrap();
    assert_eq!(vocabulary.len(), 330);
    let pieces = Pieces::from_vocabulary(&vocabulary).unwrap().unwrap();
    let comment = "ココアかわいい🌸";
    assert_eq!(vocabulary.decode(&pieces.encode(comment)), comment);
    let record = fs::read(demo.path("model/learnt-with.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    assert_eq!(record["pieces"], 330);
    assert_eq!(record["words"], Value::Null);

    let files = [
        "model",
        "features",
        "comments.xml",
        "world/cafe/comments.xml",
    ];
    let [model, features, out, comments] = files.map(|name| demo.file(name));
    let common = ["--model", &model, "--features", &features, "--out"];
    let written = succeed(nico(
        ["comment"]
            .iter()
            .chain(&common)
            .chain(&[&*out, "--rate", "5"]),
    ));
    assert!(written.lines().count() > 5, "{written}");
    for name in ["<0x", "<unk>"] {
        assert!(!written.contains(name), "{written}");
    }

    let evaluation = demo.file("evaluation");
    let on = [&*evaluation, "--comments", &comments];
    let evaluate = |more: &[&str]| nico(["evaluate"].iter().chain(&common).chain(&on).chain(more));
    let report = succeed(evaluate(&[]));
    assert!(report.contains("| interpolated 3-gram"), "{report}");
    let refused = evaluate(&["--dictionary", "somewhere"]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("knows pieces"), "{error}");

    let looked = demo.file("looked.png");
    let video = demo.file("world/cafe/video.mp4");
    let at = [
        "attend", "--model", &model, "--video", &video, "--out", &looked,
    ];
    succeed(nico(at.iter().chain(&["--at", "1", "--comment", comment])));

    let begun = ["--model", "attention", "--hidden", "16", "--from", &model];
    succeed(demo.train("features", "again", &begun));
    let again = Vocabulary::load(demo.path("again/vocabulary.tsv")).unwrap();
    assert_eq!(again, vocabulary);
    let both = demo.train(
        "features",
        "other",
        &[&begun[..], &["--pieces", "300"]].concat(),
    );
    let error = String::from_utf8(both.stderr).unwrap();
    assert!(error.contains("--pieces does nothing"), "{error}");
}

/// What a program that succeeded told on its way.
fn succeed_with_log(output: std::process::Output) -> String {
    let log = String::from_utf8(output.stderr.clone()).unwrap();
    succeed(output);
    log
}
