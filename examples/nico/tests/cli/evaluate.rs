//! `nico evaluate` on a few seconds of the demo, and on files of captions.

use std::{fs, path::Path};

use serde_json::Value;

use crate::program::{has_dictionary, nico, succeed};

/// Features of a show and a model that has learnt a little of it.
struct Learnt {
    folder: tempfile::TempDir,
}

impl Learnt {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let learnt = Self { folder };
        let options = world::WorldOptions::default().seconds(3.0).comments(300);
        world::write_world(&learnt.path("world"), &options, |_| {}).unwrap();
        for show in ["cafe", "safari"] {
            let video = learnt.file(&format!("world/{show}/video.mp4"));
            let out = learnt.file(&format!("{show}.features"));
            succeed(nico(["features", &video, "--every", "15", "--out", &out]));
        }
        let (comments, features) = (
            learnt.file("world/cafe/comments.xml"),
            learnt.file("cafe.features"),
        );
        let out = learnt.file("model");
        let train = [
            "train",
            "--comments",
            &comments,
            "--features",
            &features,
            "--out",
            &out,
        ];
        let more = [
            "--epochs", "1", "--hidden", "32", "--split", "seconds", "--seed", "5",
        ];
        succeed(nico(train.iter().chain(&more)));
        learnt
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn evaluate(&self, show: &str, more: &[&str]) -> std::process::Output {
        let (model, out) = (self.file("model"), self.file("evaluation"));
        let comments = self.file(&format!("world/{show}/comments.xml"));
        let features = self.file(&format!("{show}.features"));
        let arguments = [
            "evaluate",
            "--model",
            &model,
            "--comments",
            &comments,
            "--features",
            &features,
            "--out",
            &out,
        ];
        nico(arguments.iter().chain(more))
    }
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn every_score_stands_beside_its_baselines_and_is_measured_once() {
    if !has_dictionary() {
        return;
    }
    let learnt = Learnt::new();
    let boxes = learnt.file("world/cafe/boxes.json");
    let report = succeed(learnt.evaluate("cafe", &["--boxes", &boxes]));
    for part in [
        "Split by seconds (seed 5)",
        "word unigram",
        "interpolated 3-gram",
        "## Retrieval",
        "| chance |",
        "popularity in train",
        "| copied verbatim from train |",
        "the noise floor",
        "names of those not in the picture",
        "## Grounding",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let found = json(&learnt.path("evaluation/evaluation.json"));
    assert_eq!(found["division"]["split"], "seconds");
    assert_eq!(found["likelihood"]["models"].as_array().unwrap().len(), 6);
    assert!(found["retrieval"]["chance"]["recall_1"].as_f64().unwrap() > 0.0);
    let candidates = json(&learnt.path("evaluation/candidates.json"));
    assert_eq!(candidates["options"]["seed"], 1);
    for moment in candidates["moments"].as_array().unwrap() {
        let kinds = moment["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["kind"]);
        assert!(kinds.filter(|kind| *kind == "true").count() >= 1);
    }

    // Again: nothing is measured again, and nothing changes. Fewer moments: only what depends on them.
    let again = learnt.evaluate("cafe", &["--boxes", &boxes]);
    let told = String::from_utf8(again.stderr.clone()).unwrap();
    for section in ["likelihood", "retrieval", "writing"] {
        assert!(told.contains(&format!("{section}: done before")), "{told}");
    }
    assert_eq!(succeed(again), report);
    let fewer = learnt.evaluate("cafe", &["--boxes", &boxes, "--moments", "1"]);
    let told = String::from_utf8(fewer.stderr.clone()).unwrap();
    assert!(
        told.contains("likelihood: done before") && !told.contains("retrieval: done before"),
        "{told}"
    );
    succeed(fewer);

    // Another video: only with the comments that were learnt from, and then all of it is held out.
    let other = learnt.evaluate("safari", &[]);
    let told = String::from_utf8(other.stderr).unwrap();
    assert!(
        !other.status.success() && told.contains("--learnt-from"),
        "{told}"
    );
    let cafe = learnt.file("world/cafe/comments.xml");
    let report = succeed(learnt.evaluate("safari", &["--learnt-from", &cafe]));
    assert!(
        report.contains("Split by videos") && report.contains("0 in neither"),
        "{report}"
    );

    // Comments that are judged in place of new ones.
    let written = learnt.file("world/cafe/comments.xml");
    let report = succeed(learnt.evaluate("cafe", &["--generated", &written]));
    assert!(report.contains("comments of `"), "{report}");
}

/// The hypothesis of both lines is their only reference: every score is full, and of other pictures it is 0.
#[test]
fn captions_are_scored_beside_those_of_other_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("captions.jsonl");
    let lines = "{\"hypothesis\": \"a red cat sleeps\", \"references\": [\"a red cat sleeps\"]}\n\n{\"hypothesis\": [\"two\", \"dogs\", \"run\", \"fast\"], \"references\": [[\"two\", \"dogs\", \"run\", \"fast\"]]}\n";
    fs::write(&file, lines).unwrap();
    let out = folder.path().join("scores.json");
    let arguments = [
        "evaluate",
        "captions",
        file.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    let table = succeed(nico(arguments));
    assert!(
        table.contains("| the captions | 1.000 | 1.000 | 1.000 | 1.000 |"),
        "{table}"
    );
    let scores = json(&out);
    assert_eq!(scores["scores"]["cider_d"], 10.0);
    assert_eq!(scores["other_pictures"]["rouge_l"], 0.0);
    assert_eq!(scores["people"], Value::Null);

    fs::write(
        &file,
        "{\"hypothesis\": \"a\", \"references\": [\"a\"]}\n{\"hypothesis\": 3}\n",
    )
    .unwrap();
    let failed = nico(["evaluate", "captions", file.to_str().unwrap()]);
    let told = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(failed.status.code(), Some(1));
    assert!(told.contains("captions.jsonl: line 2"), "{told}");
}

#[test]
fn a_model_and_comments_are_asked_for() {
    let failed = nico(["evaluate", "--out", "nowhere"]);
    let told = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(failed.status.code(), Some(2));
    assert!(
        told.contains("--model") && told.contains("--comments"),
        "{told}"
    );
}
