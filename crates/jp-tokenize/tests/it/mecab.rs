//! Words and features equal those of the `mecab` program with the same dictionary.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common;
use jp_tokenize::Tokenizer;
use serde_json::Value;

/// Where packages put the IPADIC that MeCab compiled, in UTF-8.
const COMPILED: [&str; 3] = [
    "/var/lib/mecab/dic/ipadic-utf8",
    "/usr/lib/x86_64-linux-gnu/mecab/dic/ipadic-utf8",
    "/usr/local/lib/mecab/dic/ipadic",
];

#[test]
fn comment_like_lines_are_split_as_by_mecab() {
    let lines = include_str!("comment-like.txt").lines().map(str::to_owned);
    let runs = [
        "w", "ｗ", "草", "8", "８", "あ", "ア", "ー", "!", "♪", "百", "\u{3000}", "😀", " ",
    ];
    let runs = runs.iter().flat_map(|text| {
        [1, 2, 3, 23, 24, 25, 26, 27, 100].map(|n| format!("草{} {0}", text.repeat(n)))
    });
    assert_as_mecab(&lines.chain(runs).collect());
}

#[test]
fn real_comments_are_split_as_by_mecab() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let mut lines = BTreeSet::new();
    read_bodies(&data, &mut lines);
    if lines.is_empty() {
        eprintln!(
            "skipped: no real comments, for there is no {}",
            data.display()
        );
        return;
    }
    assert!(
        lines.len() > 10_000,
        "only {} lines were found",
        lines.len()
    );
    assert_as_mecab(&lines);
}

/// Asserts that MeCab splits all lines in the same way, with the same features.
fn assert_as_mecab(lines: &BTreeSet<String>) {
    let Some(tokenizer) = common::ipadic() else {
        return;
    };
    let Some(theirs) = mecab(lines) else { return };
    let ours = describe(&tokenizer, lines);
    let differing = lines
        .iter()
        .zip(ours.split_terminator("EOS\n"))
        .zip(theirs.split_terminator("EOS\n"))
        .filter(|((_, ours), theirs)| ours != theirs);
    let first: Vec<_> = differing.take(10).collect();
    assert!(first.is_empty(), "split differently: {first:#?}");
    assert_eq!(ours, theirs);
}

/// What the `mecab` program makes of lines, or `None`, said loudly, where it is not installed.
fn mecab(lines: &BTreeSet<String>) -> Option<String> {
    let Some(dictionary) = COMPILED.iter().find(|folder| Path::new(folder).exists()) else {
        eprintln!("skipped: no IPADIC compiled by MeCab (`apt install mecab mecab-ipadic-utf8`)");
        return None;
    };
    let mut input = tempfile::NamedTempFile::new().unwrap();
    for line in lines {
        writeln!(input, "{line}").unwrap();
    }
    // One buffer holds the longest line.
    let arguments = ["-b", "1000000", "-d", dictionary];
    let output = match Command::new("mecab")
        .args(arguments)
        .arg(input.path())
        .output()
    {
        Ok(output) => output,
        Err(error) => {
            eprintln!("skipped: cannot run mecab: {error} (`apt install mecab`)");
            return None;
        }
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

/// What the tokenizer makes of lines, as MeCab prints it.
fn describe(tokenizer: &Tokenizer, lines: &BTreeSet<String>) -> String {
    let mut worker = tokenizer.worker();
    let mut output = String::new();
    for line in lines {
        for token in worker.tokenize(line) {
            writeln!(output, "{}\t{}", token.surface, token.features).unwrap();
        }
        output.push_str("EOS\n");
    }
    output
}

/// Collects the lines of the comments in the JSON files below a folder, whichever of the formats they are in.
fn read_bodies(folder: &Path, lines: &mut BTreeSet<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_bodies(&path, lines);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
            && let Ok(json) = serde_json::from_slice(&fs::read(&path).unwrap())
        {
            collect(&json, lines);
        }
    }
}

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
