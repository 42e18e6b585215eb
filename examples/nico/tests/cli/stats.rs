//! `nico stats`.

use std::fs;

use serde_json::{Value, json};

use crate::program::{has_dictionary, nico, succeed};

#[test]
fn counts_are_told_as_json() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.xml");
    let file = "<packet><chat vpos='1' user_id='a'>猫がいる</chat><chat vpos='2' deleted='1'/><chat vpos='x'>b</chat>\
                <chat vpos='3' fork='1'>主</chat><chat vpos='4' user_id='a'>猫";
    fs::write(&path, file).unwrap();
    let name = path.to_str().unwrap();
    let report: Value = serde_json::from_str(&succeed(nico(["--json", "stats", name]))).unwrap();
    assert_eq!(
        report["files"],
        json!([{ "path": name, "format": "xml", "comments": 3, "deleted": 1, "owner": 1, "rejected": 1, "ends_early": true }])
    );
    assert_eq!(report["totals"]["speech"], 2);
    assert!(
        report["nouns"]
            .as_array()
            .unwrap()
            .contains(&json!(["猫", 1]))
    );
    assert_eq!(
        (&report["frames"], &report["splits"]),
        (&json!([]), &json!({}))
    );
}

#[test]
fn tables_are_told_as_text() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.xml");
    fs::write(
        &path,
        "<packet><chat vpos='1' user_id='a'>\u{3000}猫\u{1b}[31m</chat></packet>",
    )
    .unwrap();
    let text = succeed(nico(["stats", path.to_str().unwrap()]));
    assert!(text.contains("U+3000") && text.contains("猫"), "{text}");
    assert!(
        !text.contains('\u{1b}'),
        "a control character reached the terminal"
    );
}

#[test]
fn several_files_are_counted_together() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let chat = "<chat vpos='1' user_id='a' mail='184 ue red' premium='1'>猫がいる</chat>";
    fs::write(
        path("a.xml"),
        format!("<packet>{chat}<chat vpos='2'/></packet>"),
    )
    .unwrap();
    fs::write(path("b.xml"), format!("<packet>{chat}</packet>")).unwrap();
    let output = nico(["--json", "stats", &path("a.xml"), &path("b.xml")]);
    let report: Value = serde_json::from_str(&succeed(output)).unwrap();
    let totals = &report["totals"];
    assert_eq!(
        (&totals["comments"], &totals["empty"], &totals["speech"]),
        (&json!(3), &json!(1), &json!(2))
    );
    let viewers = &report["viewers"];
    assert_eq!(
        (&viewers["premium"], &viewers["anonymous"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(viewers["positions"][1], json!(["ue", 2]));
    let videos = &report["splits"]["videos"];
    assert_eq!((&videos["train"], &videos["dev"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&videos["leak"], &videos["known"]["leak"]),
        (&json!(1.0), &json!(1.0))
    );
    assert_eq!(report["vocabulary"]["coverage"], json!(1.0));
}

#[test]
fn frames_and_bursts_need_a_video() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let options = world::WorldOptions::default().seconds(3.0).comments(120);
    world::write_world(&world, &options, |_| {}).unwrap();
    let file = |name: &str| world.join("cafe").join(name).to_str().unwrap().to_owned();
    let (comments, video) = (file("comments.xml"), file("video.mp4"));
    let output = nico(["--quiet", "--json", "stats", &comments, "--video", &video]);
    let report: Value = serde_json::from_str(&succeed(output)).unwrap();
    let (time, speech) = (
        &report["time"],
        report["totals"]["speech"].as_u64().unwrap(),
    );
    let sum =
        |rows: &Value, of: fn(&Value) -> u64| rows.as_array().unwrap().iter().map(of).sum::<u64>();
    let seconds = sum(&time["seconds"], |count| count.as_u64().unwrap());
    let frames = sum(&time["distribution"], |row| row[1].as_u64().unwrap());
    assert_eq!(
        (seconds, frames),
        (speech, time["frames"].as_u64().unwrap())
    );
    assert_eq!(time["without"], report["frames_without"]);
    for (rule, split) in report["splits"].as_object().unwrap() {
        assert_eq!(split["all"].as_u64(), Some(speech), "{rule}");
    }
    assert!(
        report["splits"]["frames"]["known"]["distinct"]
            .as_u64()
            .unwrap()
            > 0
    );
}

#[test]
fn tables_are_written_as_csv() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.xml");
    let chats = "<chat vpos='1' user_id='a'>=</chat>".repeat(3);
    fs::write(
        &path,
        format!("<packet>{chats}<chat vpos='1' user_id='a'>猫</chat></packet>"),
    )
    .unwrap();
    let tables = folder.path().join("tables");
    succeed(nico([
        "stats",
        path.to_str().unwrap(),
        "--csv",
        tables.to_str().unwrap(),
    ]));
    assert_eq!(
        fs::read_to_string(tables.join("words.csv")).unwrap(),
        "\"word\",\"count\"\n\"'=\",3\n\"猫\",1\n"
    );
    assert_eq!(
        crate::program::names(&tables),
        [
            "bursts.csv",
            "commands.csv",
            "distribution.csv",
            "empty_runs.csv",
            "files.csv",
            "frames.csv",
            "lengths.csv",
            "nouns.csv",
            "seconds.csv",
            "splits.csv",
            "totals.csv",
            "words.csv"
        ]
    );
}
