//! `nico comment` in all its ways and `nico attend`, with a model that was trained for a moment.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use overlay_render::AttentionTrack;
use serde_json::Value;

use crate::{
    demo::Demo,
    program::{has_dictionary, names, nico, succeed},
};

/// Features of the café and an attention captioner.
struct Model(Demo);

impl Model {
    fn train() -> Self {
        let demo = Demo::draw();
        let sizes = ["--layer", "conv5_3", "--size", "64", "--every", "6"];
        demo.extract("cafe", "features", &sizes);
        let how = ["--model", "attention", "--hidden", "16"];
        succeed(demo.train("features", "model", &how));
        Self(demo)
    }

    fn path(&self, name: &str) -> String {
        self.0.file(name)
    }

    /// `nico comment` for the show, with more arguments.
    fn comment(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nico"));
        let (model, features) = (self.path("model"), self.path("features"));
        command.args([
            "comment",
            "--quiet",
            "--model",
            &model,
            "--features",
            &features,
        ]);
        command.args(more).stdin(Stdio::null());
        command
    }

    fn attend(&self, out: &str, more: &[&str]) -> std::process::Output {
        let (model, video) = (self.path("model"), self.path("world/cafe/video.mp4"));
        let arguments = ["attend", "--model", &model, "--video", &video, "--out", out];
        nico(arguments.iter().chain(more))
    }
}

#[test]
fn comments_are_written_in_every_way_and_looked_at() {
    if !has_dictionary() {
        return;
    }
    let model = Model::train();
    let out = model.path("comments.xml");
    for way in [
        &["--decode", "original", "--top-p", "0.9"][..],
        &["--decode", "greedy", "--no-repeat", "2"],
        &[
            "--decode",
            "beam",
            "--draw-first",
            "--length-penalty",
            "power:1",
        ],
        &[
            "--decode",
            "sample",
            "--temperature",
            "0.7",
            "--symbols",
            "nowhere",
            "--max-words",
            "5",
        ],
    ] {
        let arguments = [&["--out", &out, "--rate", "10"], way].concat();
        let printed = succeed(model.comment(&arguments).output().unwrap());
        assert!(printed.lines().count() > 10, "{way:?}: {printed}");
        fs::remove_file(&out).unwrap();
    }

    let maps = model.path("attention.jsonl");
    let arguments = ["--out", &out, "--rate", "10", "--attention", &maps];
    let printed = succeed(model.comment(&arguments).output().unwrap());
    let track = AttentionTrack::read(&maps, AttentionTrack::CROSSING).unwrap();
    assert_eq!(track.comments().len(), printed.lines().count());
    for (line, comment) in printed.lines().zip(track.comments()) {
        let words: String = comment
            .words
            .iter()
            .map(|look| look.word.as_str())
            .collect();
        assert!(line.ends_with(&words), "{line}: {words}");
        let map = &comment.words[0].map;
        assert_eq!((map.columns(), map.rows()), (4, 4));
        assert!((map.weights().iter().sum::<f32>() - 1.0).abs() < 1e-3);
    }

    let tiles = |name: &str, more: &[&str]| {
        let path = model.path(name);
        succeed(model.attend(&path, more));
        image::open(path).unwrap().into_rgb8().dimensions()
    };
    let vocabulary = fs::read_to_string(model.path("model/vocabulary.tsv")).unwrap();
    let word = vocabulary
        .lines()
        .last()
        .unwrap()
        .split('\t')
        .next()
        .unwrap();
    let (one, height) = tiles(
        "word.png",
        &["--at", "1.5", "--word", word, "--tile-width", "100"],
    );
    assert!(
        (300..340).contains(&one),
        "the frame, the word and the end: {one}"
    );
    assert!(height > 75);
    tiles("own.png", &["--at", "0:02", "--decode", "greedy"]);
    tiles(
        "text.png",
        &["--at", "0", "--comment", "かわいいw", "--from-zero"],
    );
    let late = model.attend(&model.path("no.png"), &["--at", "1:00"]);
    let told = String::from_utf8_lossy(&late.stderr).into_owned();
    assert_eq!(late.status.code(), Some(1));
    assert!(
        told.contains("there is no frame at 60 s, it is 3.00 s long"),
        "{told}"
    );
    let refused = model.attend(
        &model.path("no.png"),
        &["--at", "1", "--word", "知らない言葉"],
    );
    assert_eq!(refused.status.code(), Some(1));
    assert!(!Path::new(&model.path("no.png")).exists());

    json_is_one_value(&model);
    let rate = [
        "rate",
        "--model",
        &model.path("model"),
        "--features",
        &model.path("features"),
    ];
    let comments = model.path("world/cafe/comments.xml");
    let short = nico(rate.iter().chain(&["--comments", &comments]));
    assert!(String::from_utf8_lossy(&short.stderr).contains("50 s or more"));
    let unfitted = model
        .comment(&["--out", &out, "--rate", "fitted"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&unfitted.stderr).contains("nico rate"));

    live(&model);
    captions(&model);
}

/// Pictures and folders of them get captions with their probabilities, in one JSON value; what is
/// no picture is named and left out.
fn captions(model: &Model) {
    let (picture, folder) = (model.path("own.png"), model.path("pictures"));
    fs::create_dir(&folder).unwrap();
    for name in ["b.png", "a.PNG"] {
        fs::copy(&picture, Path::new(&folder).join(name)).unwrap();
    }
    fs::write(Path::new(&folder).join("broken.jpg"), "no picture").unwrap();
    let path = model.path("model");
    let run = |more: &[&str]| {
        let arguments = ["caption", "--quiet", "--model", &path, &picture, &folder];
        nico(arguments.iter().chain(more))
    };
    let beam = ["--json", "--decode", "beam", "--beam", "4", "--n-best", "3"];
    let output = run(&beam);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("broken.jpg"), "{told}");
    let result: serde_json::Value = serde_json::from_str(&succeed(output)).unwrap();
    assert_eq!(result["warnings"].as_array().unwrap().len(), 1);
    let captions = result["captions"].as_array().unwrap();
    let names: Vec<&str> = captions
        .iter()
        .map(|one| one["picture"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    assert_eq!(names, ["own.png", "a.PNG", "b.png"]);
    for one in captions {
        assert_eq!(
            one["caption"], captions[0]["caption"],
            "the picture is the same"
        );
        let best = one["n_best"].as_array().unwrap();
        assert_eq!(best.len(), 3);
        assert_eq!(best[0]["caption"], one["caption"]);
        assert!(
            best.iter()
                .all(|text| text["log_probability"].as_f64().unwrap() < 0.0)
        );
        assert_ne!(best[0]["caption"], best[1]["caption"]);
    }
    let lines = succeed(run(&["--decode", "greedy"]));
    assert_eq!(lines.lines().count(), 3, "{lines}");
    assert!(lines.starts_with(&format!("{picture}: ")), "{lines}");

    let refused = run(&["--n-best", "3"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("takes --decode beam"));
    let refused = run(&["--encoder", "absent.pth"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("absent.pth"));
}

/// With `--json` standard output is one value, with the warnings in it.
fn json_is_one_value(model: &Model) {
    let value =
        |output: std::process::Output| -> Value { serde_json::from_str(&succeed(output)).unwrap() };
    let out = model.path("json.xml");
    let written = model
        .comment(&["--json", "--out", &out, "--rate", "10"])
        .output()
        .unwrap();
    let written = value(written);
    let comments = written["comments"].as_array().unwrap();
    assert!(comments.len() > 10 && comments[0]["body"].is_string());
    assert_eq!(written["warnings"], Value::Array(Vec::new()));
    let none = model
        .comment(&["--json", "--out", &out, "--rate", "0"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(
        told.contains(": no comment was written for a video of 3 s, at the rate 0"),
        "{told}"
    );
    assert!(
        value(none)["warnings"][0]
            .as_str()
            .unwrap()
            .contains("rate 0")
    );
    let attended = model.attend(&model.path("json.png"), &["--at", "1", "--json"]);
    let maps = &value(attended)["words"];
    assert_eq!(maps[0]["map"]["weights"].as_array().unwrap().len(), 16);
}

/// Fast, the clock of three seconds is over at once; slow, Ctrl-C ends it after the first comments
/// and leaves nothing.
fn live(model: &Model) {
    let fast = ["--live", "--live-speed", "1000", "--rate", "10"];
    let printed = succeed(model.comment(&fast).output().unwrap());
    assert!(printed.lines().count() > 10, "{printed}");
    let before = names(&model.0.path(""));
    let out = model.path("interrupted.xml");
    let slow = [
        "--live",
        "--live-speed",
        "0.01",
        "--rate",
        "30",
        "--out",
        &out,
    ];
    let mut child = model.comment(&slow).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("0:0"));
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(names(&model.0.path("")), before);
}
