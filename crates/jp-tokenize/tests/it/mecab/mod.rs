//! Words and features equal those of MeCab with the same dictionary: as recorded, which needs no
//! MeCab, and as the `mecab` program says now.

mod user_words;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common;
use jp_tokenize::{Dictionary, Token, Tokenizer};
use serde_json::Value;

const LINES: [&str; 2] = [
    include_str!("lines.txt"),
    include_str!("../comment-like.txt"),
];

/// A dictionary of our own, with ties, several connection ids and every kind of unknown word.
#[test]
fn lines_are_split_as_recorded_with_a_small_dictionary() {
    let dictionary = Dictionary::from_sources(
        include_str!("small/words.csv"),
        include_str!("small/matrix.def"),
        include_str!("small/char.def"),
        include_str!("small/unk.def"),
    );
    let tokenizer = Tokenizer::new(dictionary.unwrap()).unwrap();
    let lines: Vec<&str> = include_str!("small/lines.txt").lines().collect();
    let ours = describe(&tokenizer, &lines, |token| token.features.to_owned());
    assert_same(&lines, &ours, include_str!("small/mecab.txt"));
}

/// Recorded are the words and their parts of speech, of which MeCab prints no `*`.
#[test]
fn lines_are_split_as_recorded_with_ipadic() {
    let Some(tokenizer) = common::ipadic() else {
        return;
    };
    let lines: Vec<&str> = LINES.iter().flat_map(|lines| lines.lines()).collect();
    let ours = describe(&tokenizer, &lines, |token| {
        let levels = token.part_of_speech().levels();
        levels
            .filter(|&level| level != "*")
            .collect::<Vec<_>>()
            .join(",")
    });
    assert_same(&lines, &ours, include_str!("ipadic.txt"));
}

#[test]
fn comment_like_lines_are_split_as_by_mecab() {
    let runs = [
        "w", "ｗ", "草", "8", "８", "あ", "ア", "ー", "!", "♪", "百", "\u{3000}", "😀", " ",
    ];
    let runs = runs.iter().flat_map(|text| {
        [1, 2, 3, 23, 24, 25, 26, 27, 100].map(|n| format!("草{} {0}", text.repeat(n)))
    });
    let lines = LINES.iter().flat_map(|lines| lines.lines());
    assert_as_mecab(&lines.map(str::to_owned).chain(runs).collect());
}

/// Real comments are no part of this repository: without them nothing is compared. Of the many
/// episodes every fourth file is, or each with `REAL_COMMENTS=all`.
#[test]
fn real_comments_are_split_as_by_mecab() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let mut paths = Vec::new();
    json_files(&data, &mut paths);
    let all = std::env::var_os("REAL_COMMENTS").is_some_and(|value| value == "all");
    let episodes = data.join("episodes");
    let mut lines = BTreeSet::new();
    for (number, path) in paths.iter().enumerate() {
        if (all || number.is_multiple_of(4) || !path.starts_with(&episodes))
            && let Ok(json) = serde_json::from_slice(&fs::read(path).unwrap())
        {
            collect(&json, &mut lines);
        }
    }
    if lines.is_empty() {
        eprintln!("skipped: no real comments in {}", data.display());
        return;
    }
    assert!(
        lines.len() > 10_000,
        "only {} lines were found",
        lines.len()
    );
    assert_as_mecab(&lines);
}

/// Asserts that the `mecab` program splits all lines in the same way, with the same features.
fn assert_as_mecab(lines: &BTreeSet<String>) {
    let Some(tokenizer) = common::ipadic() else {
        return;
    };
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let Some(theirs) = mecab(&lines) else { return };
    let ours = describe(&tokenizer, &lines, |token| token.features.to_owned());
    assert_same(&lines, &ours, &theirs);
}

/// Asserts that two transcripts of lines are equal.
fn assert_same(lines: &[&str], ours: &str, theirs: &str) {
    let differing = lines
        .iter()
        .zip(ours.split_terminator("EOS\n"))
        .zip(theirs.split_terminator("EOS\n"))
        .filter(|((_, ours), theirs)| ours != theirs);
    let first: Vec<_> = differing.take(10).collect();
    assert!(first.is_empty(), "split differently: {first:#?}");
    assert_eq!(ours, theirs);
}

/// What the `mecab` program makes of lines; skips where it is not installed.
fn mecab(lines: &[&str]) -> Option<String> {
    if let Err(error) = Command::new("mecab").arg("--version").output() {
        common::skip(format!(
            "cannot run mecab: {error} (`apt install mecab mecab-utils`)"
        ));
        return None;
    }
    let dictionary = compiled_ipadic();
    let mut input = tempfile::NamedTempFile::new().unwrap();
    for line in lines {
        writeln!(input, "{line}").unwrap();
    }
    // One buffer holds the longest line.
    let output = Command::new("mecab")
        .args(["-b", "1000000", "-d"])
        .arg(dictionary)
        .arg(input.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

/// IPADIC as MeCab compiles it, made once for all runs of the tests.
fn compiled_ipadic() -> PathBuf {
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mecab-ipadic");
    if !compiled.exists() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mecab/compile-ipadic.sh");
        let status = Command::new("bash")
            .args([&script, &Dictionary::find().unwrap(), &compiled])
            .status();
        assert!(status.unwrap().success(), "MeCab does not compile IPADIC");
    }
    compiled
}

/// What the tokenizer makes of lines, as MeCab prints it.
fn describe(
    tokenizer: &Tokenizer,
    lines: &[&str],
    features: impl Fn(&Token<'_>) -> String,
) -> String {
    let mut worker = tokenizer.worker();
    let mut output = String::new();
    for line in lines {
        for token in worker.tokenize(line) {
            writeln!(output, "{}\t{}", token.surface, features(&token)).unwrap();
        }
        output.push_str("EOS\n");
    }
    output
}

/// Collects the JSON files below a folder, by name.
fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            json_files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
    }
}

/// Collects the lines of the comments in a file, whichever of the formats it is in.
fn collect(json: &Value, lines: &mut BTreeSet<String>) {
    match json {
        Value::Array(values) => values.iter().for_each(|value| collect(value, lines)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if ["content", "body"].contains(&name.as_str()) => {
                        // What MeCab takes for the end of a line, or reads past its table for.
                        lines.extend(text.split(['\n', '\0', '\u{FFFF}']).map(str::to_owned));
                    }
                    _ => collect(value, lines),
                }
            }
        }
        _ => {}
    }
}
