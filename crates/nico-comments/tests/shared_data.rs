//! The real files in `../shared/data`, where that folder exists: counts as its READMEs state,
//! `damaged/` as its `expected.json` does. Skipped, with a line that says so, where it does not.

use std::path::{Path, PathBuf};

use nico_comments::{Comment, Comments, Error, Format, ReadOptions, Summary};

fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: there is no {}", path.display());
    None
}

fn read(path: &Path) -> (Vec<Comment>, Vec<Error>, Summary) {
    let mut comments = Comments::open(path, ReadOptions::default()).expect("the file opens");
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for comment in comments.by_ref() {
        match comment {
            Ok(comment) => good.push(comment),
            Err(error) => bad.push(error),
        }
    }
    (good, bad, comments.summary())
}

/// The files of the README's table with the number of comments in its last column.
fn table(readme: &str) -> Vec<(&str, u64)> {
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (file, _) = row.split_once('`').expect("a file name in backticks");
        let count = row
            .trim_end_matches(['|', ' '])
            .rsplit(' ')
            .next()
            .unwrap_or_default();
        (
            file,
            count
                .replace(',', "")
                .parse()
                .expect("a count in the last column"),
        )
    })
    .collect()
}

#[test]
fn comment_files_have_the_counts_of_their_readme() {
    let Some(folder) = shared("comments") else {
        return;
    };
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let table = table(&readme);
    assert_eq!(table.len(), 35);
    for (file, expected) in table {
        let (comments, errors, summary) = read(&folder.join(file));
        assert_eq!(comments.len() as u64, expected, "{file}: {errors:?}");
        assert_eq!(summary.comments, expected, "{file}");
        let errors_of_comments = errors.iter().filter(|error| !error.is_fatal()).count() as u64;
        assert_eq!(summary.rejected, errors_of_comments, "{file}");
        assert!(
            file.starts_with("damaged/") || errors.is_empty(),
            "{file}: {errors:?}"
        );
    }
}

#[test]
fn formats_deleted_and_owner_comments_are_recognised() {
    let Some(folder) = shared("comments") else {
        return;
    };
    let cases = [
        ("formatted-json/0.json", Format::FormattedJson, 0, 0),
        ("formatted-json/4.json", Format::FormattedJson, 0, 144),
        ("formatted-json/6.json", Format::FormattedJson, 0, 1),
        ("formatted-json/8.json", Format::FormattedJson, 0, 1),
        (
            "formatted-json/ryuusei-usec.json",
            Format::FormattedJson,
            0,
            0,
        ),
        ("jikkyo/kakolog-api.json", Format::JikkyoJson, 0, 0),
        ("jikkyo/kakolog-api.xml", Format::Xml, 0, 0),
        ("jikkyo/kakolog-derived.xml", Format::Xml, 0, 0),
        (
            "legacy-json/flat-episode-17258.json",
            Format::LegacyJson,
            4046,
            0,
        ),
        ("legacy-json/past-log-819.json", Format::LegacyJson, 0, 0),
        ("legacy-json/sm9.json", Format::LegacyJson, 0, 0),
        ("legacy-xml/no-declaration.xml", Format::Xml, 3, 0),
        ("legacy-xml/sm14097905.xml", Format::Xml, 0, 900),
        ("live/packet-bom.xml", Format::Xml, 0, 0),
        (
            "v1-json/owner-and-main-derived.json",
            Format::V1Json,
            0,
            144,
        ),
        ("v1-json/response-derived.json", Format::V1Json, 0, 0),
        ("v1-json/synthetic-threads.json", Format::V1Json, 0, 0),
        ("v1-json/ytdlp-flat-derived.json", Format::V1Json, 0, 0),
    ];
    for (file, format, deleted, owner) in cases {
        let (_, _, summary) = read(&folder.join(file));
        assert_eq!(
            (summary.format, summary.deleted, summary.owner),
            (Some(format), deleted, owner),
            "{file}"
        );
    }
}

#[test]
fn damaged_files_read_as_expected() {
    let Some(folder) = shared("comments/damaged") else {
        return;
    };
    let expected: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("expected.json")).unwrap())
            .unwrap();
    let expected = expected.as_object().unwrap();
    assert_eq!(expected.len(), 16);
    for (file, expected) in expected {
        let (comments, errors, summary) = read(&folder.join(file));
        let bodies: Vec<_> = comments.iter().map(|comment| &*comment.body).collect();
        let wanted: Vec<_> = expected["bodies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|body| body.as_str().unwrap())
            .collect();
        assert_eq!(bodies, wanted, "{file}: {errors:?}");
        assert_eq!(
            summary.rejected,
            expected["rejected"].as_u64().unwrap(),
            "{file}: {errors:?}"
        );
        assert_eq!(
            summary.ends_early,
            expected["ends_early"].as_bool().unwrap(),
            "{file}: {errors:?}"
        );
        assert_eq!(
            errors.last().is_some_and(Error::is_fatal),
            summary.ends_early,
            "{file}: {errors:?}"
        );
    }
}

#[test]
fn the_same_comments_in_several_formats_are_the_same() {
    let Some(folder) = shared("comments") else {
        return;
    };
    let texts = |file: &str| {
        let comments = read(&folder.join(file)).0.into_iter();
        let mut texts: Vec<_> = comments
            .map(|comment| (comment.vpos, comment.body, comment.mail.to_string()))
            .collect();
        texts.sort();
        texts
    };
    assert_eq!(
        texts("legacy-json/sm9.json").len(),
        texts("formatted-json/0.json").len()
    );
    let pairs = [
        (
            "legacy-json/past-log-819.json",
            "v1-json/response-derived.json",
        ),
        (
            "v1-json/response-derived.json",
            "v1-json/ytdlp-flat-derived.json",
        ),
        (
            "formatted-json/4.json",
            "v1-json/owner-and-main-derived.json",
        ),
    ];
    for (left, right) in pairs {
        let (left_texts, right_texts) = (texts(left), texts(right));
        let differing = left_texts
            .iter()
            .zip(&right_texts)
            .find(|(left, right)| left != right);
        assert_eq!(
            (differing, left_texts.len()),
            (None, right_texts.len()),
            "{left} and {right}"
        );
    }
    let (json, xml) = (
        read(&folder.join("jikkyo/kakolog-api.json")).0,
        read(&folder.join("jikkyo/kakolog-api.xml")).0,
    );
    assert_eq!(json, xml);
}

#[test]
fn niconico_samples_have_the_counts_of_their_readme() {
    let Some(folder) = shared("niconico") else {
        return;
    };
    let (mut comments, mut owner) = (0, 0);
    for n in (0..30).step_by(2) {
        let (_, errors, summary) = read(&folder.join(format!("{n}.json")));
        assert!(
            errors.is_empty() && summary.format == Some(Format::FormattedJson),
            "{n}.json: {errors:?}"
        );
        comments += summary.comments;
        owner += summary.owner;
    }
    assert_eq!((comments, owner), (10_578, 3_105));
}
