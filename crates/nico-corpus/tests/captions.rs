//! Files of captions: COCO's and a JSON object a line.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{error::Error as _, fs, path::PathBuf};

use nico_corpus::{CaptionFile, CaptionReport, CaptionSet, CaptionWords, CaptionsError, Error};
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn read(&self, captions: &str, annotations: Option<&str>) -> Result<CaptionSet, Error> {
        let annotations = annotations.map(|text| self.write("annotations.json", text));
        let captions = self.write("captions.json", captions);
        CaptionFile::new(captions).annotations(annotations).read()
    }
}

const RESULTS: &str =
    r#"[{"image_id": 1, "caption": "a cat sits"}, {"image_id": 2, "caption": "a dog runs\n"}]"#;
/// As COCO's, pictures and annotations in no common order, with members that have no use here.
const ANNOTATIONS: &str = r#"{
    "info": {"year": 2014}, "type": "captions", "licenses": [],
    "images": [{"id": 2, "file_name": "2.jpg"}, {"id": 1}, {"id": 3}],
    "annotations": [
        {"image_id": 2, "id": 7, "caption": "A dog runs."},
        {"image_id": 1, "id": 8, "caption": "A cat is sitting."},
        {"image_id": 3, "id": 9, "caption": "Nothing."},
        {"image_id": 2, "id": 10, "caption": "Two dogs, running fast."}
    ]
}"#;

#[test]
fn cocos_results_get_the_references_of_its_annotations() {
    let set = Folder::new().read(RESULTS, Some(ANNOTATIONS)).unwrap();
    assert_eq!(set.without_caption, 1);
    let ids: Vec<&str> = set.pictures.iter().map(|picture| &*picture.id).collect();
    assert_eq!(ids, ["1", "2"]);
    assert!(set.has_punctuation());
    let captions = set.split(&CaptionWords::PennTreebank);
    assert_eq!(captions[0].references, [["a", "cat", "is", "sitting"]]);
    assert_eq!(captions[1].hypothesis, ["a", "dog", "runs"]);
    assert_eq!(captions[1].references[0], captions[1].hypothesis);
    assert_eq!(
        captions[1].references[1],
        ["two", "dogs", "running", "fast"]
    );

    let report = CaptionReport::new(&set, &captions, 1).per_picture(&set, &captions);
    let pictures = report.pictures.as_ref().unwrap();
    assert_eq!(pictures[1].image_id, "2");
    assert_eq!(pictures[1].scores.rouge_l, 1.0);
    let mean = pictures
        .iter()
        .map(|picture| picture.scores.cider_d.unwrap());
    let mean = mean.sum::<f64>() / 2.0;
    assert!((report.scores.cider_d.unwrap() - mean).abs() < 1e-12);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["pictures"][0]["image_id"], "1");
    assert!(json["pictures"][0]["meteor"].is_number());
}

#[test]
fn a_line_is_a_picture() {
    let lines = "{\"hypothesis\": \"A cat!\", \"references\": [\"a cat\"]}\r\n\n\
                 {\"image_id\": \"x.jpg\", \"hypothesis\": [\"A\", \"!\"], \"references\": [[\"a\"]]}\n";
    let set = Folder::new().read(lines, None).unwrap();
    let ids: Vec<&str> = set.pictures.iter().map(|picture| &*picture.id).collect();
    assert_eq!(ids, ["1", "x.jpg"]);
    let captions = set.split(&CaptionWords::PennTreebank);
    assert_eq!(captions[0].hypothesis, captions[0].references[0]);
    assert_eq!(captions[1].hypothesis, ["A", "!"]); // words are taken as they are
    assert_eq!(
        set.split(&CaptionWords::Spaces)[0].hypothesis,
        ["A", "cat!"]
    );
}

/// One picture has no other, and no word weighs more than another.
#[test]
fn what_one_picture_cannot_tell_is_missing() {
    let line = "{\"hypothesis\":\"a cat sits\",\"references\":[\"a cat sits\"]}\n";
    let set = Folder::new().read(line, None).unwrap();
    assert!(!set.has_punctuation());
    let captions = set.split(&CaptionWords::Spaces);
    let report = CaptionReport::new(&set, &captions, 1);
    assert_eq!(report.scores.rouge_l, 1.0);
    assert_eq!(report.scores.cider_d, None);
    assert!(report.other_pictures.is_none() && report.people.is_none());
    let table = report.per_picture(&set, &captions).table();
    assert!(table.contains("| the captions | 1.000 |"), "{table}");
    assert!(
        table.contains("| 1.000 | – |") && !table.contains("of other pictures"),
        "{table}"
    );
}

#[test]
fn what_is_wrong_is_named_with_file_and_place() {
    let folder = Folder::new();
    let told = |captions: &str, annotations: Option<&str>| {
        let error = folder.read(captions, annotations).unwrap_err();
        let file = error.to_string();
        let file = file.rsplit('/').next().unwrap().to_owned();
        let mut told = file;
        let mut cause = error.source();
        while let Some(error) = cause {
            told = format!("{told}: {error}");
            cause = error.source();
        }
        told
    };
    let one = r#"{"annotations": [{"image_id": 1, "caption": "a cat"}]}"#;
    for (captions, annotations, expected) in [
        (
            RESULTS,
            Some(one),
            "captions.json: invalid captions: entry 1: the annotations have no \
                              reference of picture 2",
        ),
        (
            r#"[{"image_id": 1, "caption": "a"}, {"image_id": 1, "caption": "b"}]"#,
            Some(one),
            "entry 1: picture 1 has a caption already, entry 0",
        ),
        (RESULTS, None, "holds results without references"),
        (
            ANNOTATIONS,
            None,
            "holds COCO's annotations, where a file of results is expected",
        ),
        (ANNOTATIONS, Some(one), "holds COCO's annotations"),
        (
            "[]",
            Some(one),
            "captions.json: invalid captions: holds no captions",
        ),
        (
            "",
            None,
            "captions.json: invalid captions: holds no captions",
        ),
        (
            RESULTS,
            Some("[]"),
            "annotations.json: invalid captions: no annotations as COCO",
        ),
        (
            r#"[{"image_id": 1.5, "caption": "a"}]"#,
            Some(one),
            "expected an integer or a text",
        ),
        (
            r#"[{"image_id": 1}]"#,
            Some(one),
            "missing field `caption` at line 1 column 16",
        ),
        (
            "{\"hypothesis\": \"a\", \"references\": [\"a\"]}\n{\"hypothesis\": 3}\n",
            None,
            "line 2: no caption with its references: expected a text or a list of words",
        ),
        (
            "\n{\"hypothesis\": \"a\", \"references\": []}\n",
            None,
            "line 2: a caption without",
        ),
        (
            "{\"hypothesis\": \"a\", \"references\": [\"a\"]}\n",
            Some(one),
            "beside which annotations have no use",
        ),
    ] {
        let told = told(captions, annotations);
        assert!(told.contains(expected), "{captions}: {told}");
    }
    let absent = CaptionFile::new(folder.0.path().join("absent"))
        .read()
        .unwrap_err();
    assert!(matches!(absent, Error::Io { .. }), "{absent}");
    let error = folder.read("[]", Some(one)).unwrap_err();
    assert!(matches!(
        error,
        Error::Captions {
            source: CaptionsError::Empty,
            ..
        }
    ));
}
