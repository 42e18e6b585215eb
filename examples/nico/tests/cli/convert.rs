//! `nico convert`, and which comments are taken.

use std::fs;

use nico_comments::{Comment, Comments, Format, ReadOptions};
use serde_json::{Value, json};

use crate::program::{has_dictionary, nico, nico_reading, succeed};

const BILIBILI: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><i><chatserver>chat.example</chatserver><chatid>1</chatid>\
    <d p=\"1.5,1,25,16777215,1447234124,0,D579,1\">一</d><d p=\"2.5,5,25,16711680,1447234124,0,D579,2\">上</d></i>";

/// Two comments of an owner's video: one with an unallowed character, one deleted.
const V1: &str = r#"[{"id":"1","fork":"owner","comments":[{"id":"1","no":1,"vposMs":1000,"body":"\uffff主","commands":["ue"],"userId":"12"}]},
    {"id":"1","fork":"main","comments":[{"id":"2","no":2,"vposMs":2000,"body":"消","commands":["184"],"userId":"nvc:b","deleted":1}]}]"#;

fn read(file: &[u8]) -> (Vec<Comment>, Option<Format>) {
    let mut comments = Comments::new(file, ReadOptions::default());
    let read = comments.by_ref().map(Result::unwrap).collect();
    (read, comments.summary().format)
}

/// Every format that is written is read back, from standard input to standard output; deleted
/// comments and the owner's stay what they are wherever a format knows them.
#[test]
fn every_format_becomes_every_other() {
    for to in ["xml", "v1-json", "formatted-json", "bilibili-xml", "ass"] {
        for (from, file) in [("v1-json", V1), ("bilibili-xml", BILIBILI)] {
            let arguments = ["convert", "-", "--from", from, "--out", "-", "--to", to];
            let file = succeed(nico_reading(&arguments, file.as_bytes()));
            let (comments, format) = read(file.as_bytes());
            assert_eq!(format.map(Format::as_str), Some(to), "{file}");
            let hides = matches!(to, "bilibili-xml" | "ass");
            if from == "v1-json" {
                assert_eq!(comments.len(), if hides { 1 } else { 2 }, "{to}: {file}");
                assert_eq!(comments[0].is_owner(), to != "bilibili-xml", "{to}: {file}");
                assert!(
                    comments[1..].iter().all(Comment::is_deleted),
                    "{to}: {file}"
                );
            } else {
                let seen = comments
                    .iter()
                    .map(|c| (c.vpos.0, &*c.body, c.mail.to_string()));
                let expected = [(150, "一", String::new()), (250, "上", "ue red".to_owned())];
                assert_eq!(seen.collect::<Vec<_>>(), expected, "{to}: {file}");
            }
        }
    }
}

#[test]
fn what_is_lost_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("v1.json"), folder.path().join("out.xml"));
    fs::write(&from, V1).unwrap();
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    let output = nico(["--json", "convert", from, "--out", to]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let report: Value = serde_json::from_str(&succeed(output)).unwrap();
    assert_eq!(report["lost"], json!({ "body": 1, "id": 2, "user": 1 }));
    assert_eq!(
        (&report["format"], &report["characters_left_out"]),
        (&json!("xml"), &json!(1))
    );
    assert!(
        told.contains("xml cannot hold user: lost of 1 of 2 comments"),
        "{told}"
    );
    assert!(
        told.contains("1 characters left out that xml does not allow"),
        "{told}"
    );
    assert_eq!(
        report["warnings"].as_array().unwrap().len(),
        told.lines().count()
    );
    let file = fs::read(to).unwrap();
    assert_eq!(read(&file).0[0].body, "主");
}

/// Broadcast logs count from the beginning of the programme; joined logs hold comments twice.
#[test]
fn comments_are_moved_filtered_and_counted() {
    let chats: String = [
        "<chat no='1' vpos='1440000' date='1690000000' user_id='a'>一</chat>",
        "<chat no='2' vpos='1440100' date='1690000001' user_id='b' score='-20000'>二</chat>",
        "<chat no='3' vpos='1440200' date='1690000002' user_id='c' mail='device:3DS'>三</chat>",
        "<chat no='4' vpos='1440300' date='1690000003' user_id='d' fork='2'>四</chat>",
        "<chat no='5' vpos='1440400' date='1690000004' user_id='e'>荒らし</chat>",
    ]
    .concat();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("logs")).unwrap();
    for name in ["logs/a.xml", "logs/b.xml"] {
        fs::write(
            folder.path().join(name),
            format!("<packet>{chats}</packet>"),
        )
        .unwrap();
    }
    fs::write(
        folder.path().join("logs/note.xml"),
        "<html><body>503</body></html>",
    )
    .unwrap();
    let logs = folder.path().join("logs");
    let convert = |options: &[&str]| {
        let arguments = [
            "--json",
            "convert",
            logs.to_str().unwrap(),
            "--to",
            "xml",
            "--out",
        ];
        let out = folder.path().join("out.xml");
        let arguments = arguments.into_iter().chain([out.to_str().unwrap()]);
        let arguments = arguments.chain(options.iter().copied());
        let report: Value = serde_json::from_str(&succeed(nico(arguments))).unwrap();
        let positions = read(&fs::read(out).unwrap())
            .0
            .iter()
            .map(|c| c.vpos.0)
            .collect::<Vec<_>>();
        (report, positions)
    };
    let (report, positions) = convert(&["--drop-repeats", "--recording-start", "1690000000"]);
    assert_eq!(positions, [0, 100, 200, 300, 400]);
    assert_eq!(report["taken"], json!({ "repeats": 5 }));
    let warnings = report["warnings"].to_string();
    assert!(
        warnings.contains("note.xml: left out, no comment file"),
        "{warnings}"
    );
    let (_, positions) = convert(&[
        "--drop-repeats",
        "--recording-start",
        "4:00:00",
        "--shift",
        "-0.5",
    ]);
    assert_eq!(positions, [-50, 50, 150, 250, 350]);
    let filters = [
        "--drop-repeats",
        "--ng-score",
        "weak",
        "--ng-command",
        "device:3DS",
        "--fork",
        "main",
        "--ng-word",
        "荒らし",
        "--without",
        "deleted,owner",
    ];
    let (report, positions) = convert(&filters);
    assert_eq!(positions, [1_440_000]);
    let taken = json!({
        "repeats": 5, "NG score": 1, "NG commands": 1, "other forks": 1, "NG words": 1, "deleted": 0, "owner": 0
    });
    assert_eq!(report["taken"], taken);
    let (_, positions) = convert(&[
        "--posted-from",
        "1690000001",
        "--posted-before",
        "1690000002",
    ]);
    assert_eq!(positions, [1_440_100, 1_440_100]);
}

/// What is no comment file fails, an empty one is told, other encodings are read.
#[test]
fn nothing_wrong_is_read_in_silence() {
    let convert = |file: &[u8]| {
        let output = nico_reading(&["convert", "-", "--out", "-", "--to", "xml"], file);
        let told = String::from_utf8(output.stderr).unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
            told,
        )
    };
    for (file, reason) in [
        ("<!DOCTYPE html><html><body>503</body></html>", "it is HTML"),
        ("<?xml version='1.0'?><svg/>", "root element is \"svg\""),
        ("[{\"name\":\"x\"}]", "nothing in it is a comment"),
        (
            "1\n00:00:01,000 --> 00:00:04,000\nhello\n",
            "not a comment file",
        ),
        ("<?xml version='1.0' encoding='x-none'?><packet/>", "x-none"),
    ] {
        let (success, out, told) = convert(file.as_bytes());
        assert!(
            !success && out.is_empty() && told.contains(reason),
            "{file}: {told}"
        );
    }
    let (success, _, told) = convert(b"<packet></packet>");
    assert!(success && told.contains("no comments"), "{told}");
    // あ in Shift_JIS.
    let file = b"<?xml version='1.0' encoding='Shift_JIS'?><packet><chat vpos='1' user_id='a'>\x82\xA0</chat></packet>";
    let (success, out, _) = convert(file);
    assert!(success && out.contains(">あ</chat>"), "{out}");
    let undeclared = [b"<packet>", &file[43..]].concat();
    let (_, _, told) = convert(&undeclared);
    assert!(
        told.contains("1 of 1 comments hold characters that could not be decoded"),
        "{told}"
    );
}

#[test]
fn stats_take_folders_and_filters() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, user) in [("b.xml", "a"), ("a.xml", "b")] {
        let file = format!("<packet><chat vpos='1' user_id='{user}'>猫がいる</chat></packet>");
        fs::write(folder.path().join(name), file).unwrap();
    }
    let folder = folder.path().to_str().unwrap();
    let report = succeed(nico(["--json", "stats", folder, "--ng-user", "a"]));
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        report["filters"],
        json!({ "kept": 1, "taken": { "NG users": 1 } })
    );
    assert!(
        report["files"][0]["path"]
            .as_str()
            .unwrap()
            .ends_with("a.xml")
    );
    assert_eq!(
        (&report["totals"]["comments"], &report["totals"]["speech"]),
        (&json!(2), &json!(1))
    );
}
