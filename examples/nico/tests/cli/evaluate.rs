//! `nico evaluate` on a few seconds of the demo, and on files of captions.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    demo::Demo,
    program::{has_dictionary, nico, succeed},
};

/// Features of both shows and a model that has learnt a little of the first.
struct TrainingSummary(Demo);

impl TrainingSummary {
    fn new() -> Self {
        let demo = Demo::draw();
        for show in ["cafe", "safari"] {
            demo.extract(show, &format!("{show}.features"), &["--every", "15"]);
        }
        succeed(demo.train("cafe.features", "model", &["--hidden", "32", "--seed", "5"]));
        Self(demo)
    }

    fn evaluate(&self, show: &str, more: &[&str]) -> std::process::Output {
        let (model, out) = (self.0.file("model"), self.0.file("evaluation"));
        let comments = self.0.file(&format!("world/{show}/comments.xml"));
        let features = self.0.file(&format!("{show}.features"));
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
    let learnt = TrainingSummary::new();
    let boxes = learnt.0.file("world/cafe/boxes.json");
    let report = succeed(learnt.evaluate("cafe", &["--boxes", &boxes]));
    for part in [
        "Split by seconds (seed 5)",
        "word unigram",
        "interpolated 3-gram",
        "## Retrieval",
        "| chance |",
        "popularity in train",
        "| PMI less popularity in train |",
        "| copied verbatim from train |",
        "the noise floor",
        "names of those not in the picture",
        "## Grounding",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let found = json(&learnt.0.path("evaluation/evaluation.json"));
    assert_eq!(found["division"]["split"], "seconds");
    assert_eq!(found["likelihood"]["models"].as_array().unwrap().len(), 6);
    assert!(found["retrieval"]["chance"]["recall_1"].as_f64().unwrap() > 0.0);
    let candidates = json(&learnt.0.path("evaluation/candidates.json"));
    assert_eq!(candidates["options"]["seed"], 1);
    for moment in candidates["moments"].as_array().unwrap() {
        let kinds = moment["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["kind"]);
        assert!(kinds.filter(|kind| *kind == "true").count() >= 1);
    }

    // Again: nothing is measured again, and nothing changes. Fewer moments: only what depends on
    // them.
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

    // Sections can be left out.
    let one = succeed(learnt.evaluate("cafe", &["--boxes", &boxes, "--only", "grounding"]));
    assert!(
        one.contains("## Grounding") && !one.contains("## Retrieval"),
        "{one}"
    );
    let found = json(&learnt.0.path("evaluation/evaluation.json"));
    assert!(found["retrieval"].is_null() && found["grounding"].is_object());
    let without = learnt.evaluate("cafe", &["--only", "grounding"]);
    assert!(
        String::from_utf8(without.stderr)
            .unwrap()
            .contains("--boxes")
    );

    // Another video: only with the comments that were learnt from, and then all of it is held out.
    let other = learnt.evaluate("safari", &[]);
    let told = String::from_utf8(other.stderr).unwrap();
    assert!(
        !other.status.success() && told.contains("--learnt-from"),
        "{told}"
    );
    let cafe = learnt.0.file("world/cafe/comments.xml");
    let report = succeed(learnt.evaluate("safari", &["--learnt-from", &cafe]));
    assert!(
        report.contains("Split by videos") && report.contains("0 in neither"),
        "{report}"
    );

    // Comments that are judged in place of new ones.
    let written = learnt.0.file("world/cafe/comments.xml");
    let report = succeed(learnt.evaluate("cafe", &["--generated", &written]));
    assert!(report.contains("comments of `"), "{report}");
}

/// The model's folder keeps lexicon and stretching; what is told otherwise is refused by name.
#[test]
fn a_model_is_measured_with_what_it_learnt_with() {
    if !has_dictionary() {
        return;
    }
    let demo = Demo::draw();
    demo.extract("cafe", "cafe.features", &["--every", "15"]);
    let lexicon = demo.file("lexicon.csv");
    fs::write(&lexicon, "ルリちゃん,1285,1285,-9000,名詞,一般,*,*,*,*,*\n").unwrap();
    let told = ["--user-lexicon", &lexicon, "--fit", "3.5"];
    let how = [&["--hidden", "16"], &told[..]].concat();
    succeed(demo.train("cafe.features", "model", &how));
    let learnt = TrainingSummary(demo);
    let evaluate = |more: &[&str]| {
        let only = [&["--only", "likelihood"], more].concat();
        learnt.evaluate("cafe", &only)
    };
    let untold = evaluate(&[]);
    let warned = String::from_utf8_lossy(&untold.stderr).into_owned();
    assert!(!warned.contains("warning"), "{warned}");
    let report = succeed(untold);
    fs::remove_dir_all(learnt.0.path("evaluation")).unwrap();
    assert_eq!(succeed(evaluate(&told)), report);

    fs::write(&lexicon, "カイくん,1285,1285,-9000,名詞,一般,*,*,*,*,*\n").unwrap();
    for (more, expected) in [
        (
            &told[..2],
            "the model learnt with other words: a user lexicon of 1 word",
        ),
        (
            &["--fit", "40"],
            "with times stretched from 3.5 s; asked for: from 40 s",
        ),
    ] {
        let refused = evaluate(more);
        let told = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{told}");
        assert!(told.contains(expected), "{told}");
    }

    // All of the video is said to be held out, though it was learnt from.
    let comments = learnt.0.file("world/cafe/comments.xml");
    let both = evaluate(&["--learnt-from", &comments]);
    let told = String::from_utf8_lossy(&both.stderr).into_owned();
    for what in ["videos", "comments"] {
        let line = format!("warning: evaluate: the {what} ");
        assert!(told.contains(&line), "{line}: {told}");
    }
    succeed(both);

    // Files that the model has not read.
    let path = learnt.0.path("world/cafe/comments.xml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}\n")).unwrap();
    let other = evaluate(&[]);
    let told = String::from_utf8_lossy(&other.stderr).into_owned();
    let line = "warning: evaluate: the model learnt from other files of comments of this video";
    assert!(told.contains(line), "{told}");
    succeed(other);

    // A folder of an earlier version does not say it.
    let record = json(&learnt.0.path("model/learnt-with.json"));
    let earlier = serde_json::json!({
        "split": record["split"], "seed": 1, "cut": 30, "videos": [record["videos"][0]["sha256"]],
    });
    fs::remove_file(learnt.0.path("model/learnt-with.json")).unwrap();
    fs::write(learnt.0.path("model/split.json"), earlier.to_string()).unwrap();
    let unknown = evaluate(&[]);
    let told = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(
        told.contains("of an earlier version")
            && told.contains("the words, the stretching of times"),
        "{told}"
    );
    succeed(unknown);
}

/// The hypothesis of both lines is their only reference: every score is full, and of other pictures
/// it is 0.
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
    assert!(
        told.contains("captions.jsonl: invalid captions: line 2"),
        "{told}"
    );
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

/// What published scores are of: no capitals, no punctuation; COCO's files; what one picture cannot
/// tell is missing and said so.
#[test]
fn captions_of_other_programs_are_scored_as_they_score_them() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let run = |arguments: &[&str]| {
        let output = nico(["--json", "evaluate", "captions"].iter().chain(arguments));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let scores: Value = serde_json::from_str(&succeed(output)).unwrap();
        (scores, told)
    };
    let punctuation = write(
        "punctuation.jsonl",
        "{\"hypothesis\":\"A cat sits on the mat.\",\"references\":[\"a cat sits on the mat\"]}\n\
         {\"hypothesis\":\"Two dogs, running fast.\",\"references\":[\"two dogs running fast\"]}\n",
    );
    let (scores, told) = run(&[&punctuation, "--ptb", "--per-picture"]);
    assert_eq!(
        scores["scores"]["bleu"],
        serde_json::json!([1.0, 1.0, 1.0, 1.0])
    );
    assert_eq!(scores["pictures"][1]["rouge_l"], 1.0);
    assert_eq!(told, "");
    let (scores, told) = run(&[&punctuation]);
    assert!(scores["scores"]["rouge_l"].as_f64().unwrap() < 1.0);
    assert!(told.contains("capitals or punctuation"), "{told}");
    assert_eq!(scores["warnings"].as_array().unwrap().len(), 1);

    let one = write(
        "one-picture.jsonl",
        "{\"hypothesis\":\"a cat sits on the mat\",\"references\":[\"a cat sits on the mat\"]}\n",
    );
    let (scores, told) = run(&[&one]);
    assert_eq!(scores["other_pictures"], Value::Null);
    assert_eq!(scores["scores"]["cider_d"], Value::Null);
    assert!(
        told.contains("one picture is too few for CIDEr-D"),
        "{told}"
    );

    let results = write(
        "coco-results.json",
        r#"[{"image_id": 1, "caption": "a cat sits"}, {"image_id": 2, "caption": "a dog runs\n"}]"#,
    );
    let annotations = write(
        "annotations.json",
        r#"{"images": [], "annotations": [{"image_id": 2, "caption": "A dog runs."},
            {"image_id": 1, "caption": "A cat sits!"}, {"image_id": 3, "caption": "Nothing."}]}"#,
    );
    let (scores, told) = run(&[&results, "--annotations", &annotations, "--ptb"]);
    assert_eq!(
        (&scores["captions"], &scores["without_caption"]),
        (&2.into(), &1.into())
    );
    assert_eq!(scores["scores"]["rouge_l"], 1.0);
    assert!(
        told.contains("1 of 3 pictures of the annotations have no caption"),
        "{told}"
    );
    let failed = nico(["evaluate", "captions", &results]);
    let told = String::from_utf8(failed.stderr).unwrap();
    assert!(
        told.contains("coco-results.json: invalid captions: holds results without"),
        "{told}"
    );
}
