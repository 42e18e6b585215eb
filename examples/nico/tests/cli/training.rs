//! `nico train` on several videos, with every option.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use frame_features::{
    EncoderId, FeatureStoreWriter, Layer, Rational, Sampling, StorePlan, VideoEnd, VideoSource,
};
use serde_json::{Value, json};

use crate::program::{has_dictionary, names, nico, succeed};

/// A video of 40 frames, ten a second, of two kinds in turn.
fn features(folder: &Path) {
    features_of(folder, [[1.0, 0.0], [0.0, 1.0]]);
}

/// Such a video with the features of the two kinds.
fn features_of(folder: &Path, kinds: [[f32; 2]; 2]) {
    features_taken(folder, kinds, Sampling::All);
}

/// The same, whose frames are said to have been taken so.
fn features_taken(folder: &Path, kinds: [[f32; 2]; 2], sampling: Sampling) {
    let encoder = EncoderId::new("one-hot", "0".repeat(64), Layer::Relu7, 224);
    let video = VideoSource {
        path: "none.mp4".into(),
        bytes: 0,
        sha256: "1".repeat(64),
    };
    let plan = StorePlan::new(encoder, [2], video).block_rows(16);
    let plan = plan.sampling(sampling);
    let mut writer = FeatureStoreWriter::create(folder, plan).unwrap();
    for row in 0..40 {
        let kind = &kinds[row % 2];
        writer.push(row, row as f64 / 10.0, kind).unwrap();
    }
    writer
        .finish(VideoEnd::new(40, Rational::new(10, 1), 4.0))
        .unwrap();
}

/// So many comments, one a frame.
fn comments(path: &Path, count: usize) {
    let said = ["ねこかわいい", "いぬ"];
    let each = (0..count).map(|i| format!("<chat vpos='{}'>{}</chat>", 10 * i + 2, said[i % 2]));
    let text = format!("<packet>{}</packet>", each.collect::<String>());
    fs::write(path, text).unwrap();
}

/// Features of the frames on which comments stood before they were moved. It is told before words
/// are split, for which there is no dictionary here.
#[test]
fn comments_that_are_moved_off_their_frames_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (said, seen, out) = (file("comments.xml"), file("features"), file("model"));
    let commented = Sampling::Frames((0..40).collect());
    features_taken(Path::new(&seen), [[1.0, 0.0], [0.0, 1.0]], commented);
    comments(Path::new(&said), 40);
    let none = file("none");
    let warned = |more: &[&str]| {
        let how = ["--dictionary", &none, "--out", &out];
        let arguments = ["train", "--comments", &said, "--features", &seen];
        let failed = nico(arguments.iter().chain(&how).chain(more));
        let told = String::from_utf8(failed.stderr).unwrap();
        assert_eq!(failed.status.code(), Some(1), "{told}");
        told.contains("the frames on which comments stood before they were moved")
    };
    assert!(!warned(&[]));
    assert!(warned(&["--shift", "0.5"]) && warned(&["--fit", "8"]));
}

/// Where all pictures are alike, those of other moments do as well.
#[test]
fn pictures_that_are_of_no_use_are_told() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    features_of(Path::new(&file("features")), [[1.0, 0.0]; 2]);
    comments(Path::new(&file("comments.xml")), 40);
    let (said, seen, out) = (file("comments.xml"), file("features"), file("model"));
    let mut arguments = vec!["--json", "train", "--comments", &said, "--features", &seen];
    arguments.extend(["--out", &out]);
    arguments.extend("--split seconds --min-count 1 --epochs 1 --hidden 8".split(' '));
    let learnt: Value = serde_json::from_str(&succeed(nico(&arguments))).unwrap();
    let told = learnt["warnings"].to_string();
    assert!(told.contains("no use of what is seen"), "{learnt}");
}

#[test]
fn a_whole_video_is_held_out_and_every_option_arrives() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (number, count) in [("1", 40), ("2", 20)] {
        features(Path::new(&file(&format!("features-{number}"))));
        comments(Path::new(&file(&format!("{number}.xml"))), count);
    }
    let words = "--split videos --hold-out 2 --min-count 1 --epochs 2 --batch 8 --hidden 8 \
        --learning-rate 0.01 --schedule plateau --warmup 3 --plateau-factor 0.25 --plateau-patience 2 \
        --clip-norm 4 --weight-decay 0.01 --label-smoothing 0.1 --word-dropout 0.2 --scheduled-sampling 0.3 \
        --sampling-epochs 4 --patience 5 --select comments --select-frames 6 --shuffle 16 \
        --checkpoint-steps 2 --prefetch 1 --features-on-device always --device-memory 7 --devices 2";
    let (one, two) = (file("1.xml"), file("2.xml"));
    let (first, second, out) = (file("features-1"), file("features-2"), file("model"));
    let mut arguments = vec!["--json", "train", "--comments", &one, &two];
    arguments.extend(["--features", &first, &second, "--out", &out]);
    arguments.extend(words.split_whitespace());
    let done = nico(&arguments);
    let told = String::from_utf8(done.stderr.clone()).unwrap();
    let learnt: Value = serde_json::from_str(&succeed(done)).unwrap();
    assert_eq!(learnt["train_comments"], 40);
    assert_eq!(learnt["dev_comments"], 20);
    // Both comments of the second video were also made on the first.
    assert!(told.contains("split by videos"), "{told}");
    assert!(
        told.contains("2 of 2 distinct dev comments are also in train (100.0 %)"),
        "{told}"
    );
    let same = "corpus: the videos none.mp4, learnt from, and none.mp4, held out, are the same";
    assert!(told.contains(&format!("warning: {same}")), "{told}");
    let warnings = learnt["warnings"].as_array().unwrap();
    assert_eq!(warnings[0], same);
    assert!(warnings[1].as_str().unwrap().contains("few comments"));
    assert!(warnings[2].as_str().unwrap().contains("nothing of use"));
    assert!(told.contains("windows of 16 neighbouring rows"), "{told}");
    assert!(told.contains("the features are on the device"), "{told}");
    let config: Value =
        serde_json::from_slice(&fs::read(folder.path().join("model/config.json")).unwrap())
            .unwrap();
    let expected = json!({
        "epochs": 2,
        "batch_size": 8,
        "learning_rate": 0.01,
        "schedule": { "plateau": { "factor": 0.25, "patience": 2 } },
        "warmup_steps": 3,
        "clip_norm": 4.0,
        "weight_decay": 0.01,
        "label_smoothing": 0.1,
        "word_dropout": 0.2,
        "scheduled_sampling": 0.3,
        "sampling_epochs": 4,
        "patience": 5,
        "select_by": { "comments": { "frames": 6 } },
        "attention_regularizer": 1.0,
        "seed": 1,
        "precision": "f32",
        "shuffle": { "windows": 16 },
    });
    for (option, value) in expected.as_object().unwrap() {
        assert_eq!(&config["training"][option], value, "{option}");
    }
    let curve = fs::read_to_string(folder.path().join("model/training.jsonl")).unwrap();
    let score = |line: &str| serde_json::from_str::<Value>(line).unwrap()["score"].as_f64();
    assert!(curve.lines().all(|line| score(line).is_some()), "{curve}");
}

/// A training that is killed has told already how it split: `nico evaluate` can judge what it left,
/// and going on leaves it as it was. Other options are refused without touching it.
#[test]
fn a_killed_training_has_said_how_it_split() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    features(&path("features"));
    comments(&path("1.xml"), 40);
    let command = |seed: &str, epochs: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nico"));
        command.arg("train").arg("--comments").arg(path("1.xml"));
        command.arg("--features").arg(path("features"));
        command
            .arg("--out")
            .arg(path("model"))
            .args(["--seed", seed, "--epochs", epochs]);
        let endless =
            "--split seconds --min-count 1 --patience 1000000 --hidden 8 --checkpoint-steps 1";
        command.args(endless.split_whitespace());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let split = path("model/learnt-with.json");
    // Until a checkpoint is there, so that the next one goes on after it.
    let killed = |checkpoints: &dyn Fn() -> bool| {
        let mut child = command("4", "1000000").spawn().unwrap();
        let begun = Instant::now();
        while !checkpoints() {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "nothing was written"
            );
            thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    };
    let checkpoints = || names(&path("model/checkpoints"));
    killed(&|| checkpoints().iter().any(|name| name.starts_with("epoch-")));
    let record: Value = serde_json::from_slice(&fs::read(&split).unwrap()).unwrap();
    assert_eq!(
        (&record["split"], &record["seed"]),
        (&json!("seconds"), &json!(4))
    );
    let other = command("5", "1").status().unwrap();
    assert!(!other.success());
    assert_eq!(
        serde_json::from_slice::<Value>(&fs::read(&split).unwrap()).unwrap(),
        record
    );
    // A model of a program that wrote it at the end gets it when training goes on.
    fs::remove_file(&split).unwrap();
    killed(&|| split.exists());
    assert_eq!(
        serde_json::from_slice::<Value>(&fs::read(&split).unwrap()).unwrap(),
        record
    );
    // Ctrl-C ends it at a checkpoint, and says so.
    let mut child = command("4", "1000000")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    assert!(lines.any(|line| line.contains("going on after")));
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    let said = "stopped, with a checkpoint if a step was done; the same command goes on";
    assert!(lines.any(|line| line.contains(said)));
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// What is taken away is counted, and kept with the model: going on needs the same filters, and
/// whoever reads comments for the model uses them again.
#[test]
fn filters_are_kept_with_the_model() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    features(Path::new(&file("features")));
    fs::create_dir(file("said")).unwrap();
    comments(Path::new(&file("said/1.xml")), 40);
    fs::write(
        file("said/2.xml"),
        "<packet><chat vpos='50'>荒らし</chat></packet>",
    )
    .unwrap();
    fs::write(file("ng.txt"), "荒らし\n").unwrap();
    let (said, store, out) = (file("said"), file("features"), file("model"));
    let ng = format!("@{}", file("ng.txt"));
    let train = |more: &[&str]| {
        let mut arguments = vec!["train", "--comments", &said, "--features", &store];
        arguments.extend(["--out", &out, "--split", "seconds", "--min-count", "1"]);
        arguments.extend(["--hidden", "8", "--epochs", "1"]);
        let done = nico(arguments.iter().chain(more));
        (
            done.status.success(),
            String::from_utf8(done.stderr).unwrap(),
        )
    };
    let (done, told) = train(&["--ng-word", &ng, "--shift", "-0.01"]);
    assert!(done, "{told}");
    assert!(
        told.contains("40 of 41 comments kept; taken away: NG words 1"),
        "{told}"
    );
    let record = fs::read(folder.path().join("model/learnt-with.json")).unwrap();
    let record: Value = serde_json::from_slice(&record).unwrap();
    assert_eq!(
        record["filters"],
        json!({ "shift": -1, "ng_words": ["荒らし"] })
    );
    assert_eq!(record["videos"][0]["taken_away"], json!({ "NG words": 1 }));
    let (done, told) = train(&["--shift", "-0.01"]);
    assert!(!done, "{told}");
    assert!(
        told.contains(r#"the filter ng_words was ["荒らし"], is none"#),
        "{told}"
    );

    let rate = |more: &[&str]| {
        let mut arguments = vec!["rate", "--model", &out, "--comments", &said];
        arguments.extend(["--features", &store]);
        let done = nico(arguments.iter().chain(more));
        String::from_utf8(done.stderr).unwrap()
    };
    let told = rate(&[]);
    assert!(told.contains("taken away: NG words 1"), "{told}");
    let told = rate(&["--shift", "3"]);
    assert!(
        told.contains("the shift of times in centiseconds -1; asked for: "),
        "{told}"
    );
}

/// What cannot work is told by its name, before anything is written.
#[test]
fn wrong_options_are_told() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    features(Path::new(&file("features")));
    comments(Path::new(&file("1.xml")), 40);
    let (one, first, out) = (file("1.xml"), file("features"), file("model"));
    for (more, expected) in [
        ("--split videos", "two videos or more"),
        ("--word-dropout 1", "word_dropout is 1"),
        (
            "--precision bf16",
            "precision is bf16, expected f32 on the processor",
        ),
    ] {
        let mut arguments = vec!["train", "--comments", &one, "--features", &first];
        arguments.extend(["--out", &out, "--min-count", "1", "--split", "seconds"]);
        let more: Vec<&str> = more.split_whitespace().collect();
        if more.contains(&"--split") {
            arguments.truncate(arguments.len() - 2);
        }
        arguments.extend(more);
        let done = nico(&arguments);
        let told = String::from_utf8(done.stderr).unwrap();
        assert!(!done.status.success() && told.contains(expected), "{told}");
        assert!(!Path::new(&out).exists());
    }
}
