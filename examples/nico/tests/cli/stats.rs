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
