//! Ids that a user lexicon leaves empty are those that MeCab fills in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::compiled_ipadic;
use crate::common;
use jp_tokenize::{Dictionary, Tokenizer};

/// Where `mecab-dict-index` stands, which is on nobody's path.
const DICT_INDEX: [&str; 3] = [
    "/usr/lib/mecab/mecab-dict-index",
    "/usr/libexec/mecab/mecab-dict-index",
    "/usr/local/libexec/mecab/mecab-dict-index",
];

/// As `mecab-dict-index` of MeCab 0.996 fills them in for IPADIC 2.7.0-20070801.
#[test]
fn ids_are_filled_in_as_recorded() {
    let Some(dictionary) = common::ipadic_dictionary() else {
        return;
    };
    let lexicon = "部員紹介,,,1,名詞,一般,*,*,*,*,*\n\
                   ああくどう,-1,-1,1,名詞,固有名詞,人名,名,*,*,くどう,クドウ,クドウ\n\
                   走りまくる,,,1,動詞,自立,*,*,五段・ラ行,基本形,走りまくる,ハシリ,ハシリ\n\
                   ゑゑ,,,1,助詞,格助詞,一般,*,*,*,が,ガ,ガ\n";
    let tokenizer = Tokenizer::new(dictionary.with_user_lexicon(lexicon).unwrap()).unwrap();
    let entries = tokenizer.identity().user_lexicon.entries();
    let expected = ["1285,1285", "1291,1291", "772,772", "148,148"];
    assert_eq!(entries.len(), expected.len());
    for (entry, ids) in entries.iter().zip(expected) {
        assert!(entry.contains(&format!(",{ids},1,")), "{entry}, not {ids}");
    }
}

/// A word of every part of speech and inflection, and of every base form where that decides.
#[test]
fn ids_are_those_of_mecabs_compiler() {
    let Some(dictionary) = common::ipadic_dictionary() else {
        return;
    };
    let Some(program) = DICT_INDEX.iter().find(|path| Path::new(path).exists()) else {
        return common::skip("no mecab-dict-index (`apt install mecab mecab-utils`)");
    };
    let mut lexicon = String::new();
    for (number, features) in features_of_ipadic().iter().enumerate() {
        writeln!(lexicon, "語{number:06}語,,,-30000,{features}").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let (csv, dic) = (
        folder.path().join("user.csv"),
        folder.path().join("user.dic"),
    );
    fs::write(&csv, &lexicon).unwrap();
    let compiled = Command::new(program)
        .args(["-f", "utf-8", "-t", "utf-8", "-d"])
        .arg(Dictionary::find().unwrap())
        .arg("-u")
        .args([&dic, &csv])
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{compiled:?}");

    let dictionary = dictionary.with_user_lexicon_file(&csv).unwrap();
    let tokenizer = Tokenizer::new(dictionary).unwrap();
    let ours: Vec<String> = tokenizer
        .identity()
        .user_lexicon
        .entries()
        .iter()
        .map(|entry| entry.splitn(5, ',').take(3).collect::<Vec<_>>().join(","))
        .collect();
    let words: String = ours
        .iter()
        .map(|entry| format!("{}\n", entry.split(',').next().unwrap()))
        .collect();
    let input = folder.path().join("words");
    fs::write(&input, words).unwrap();
    let output = Command::new("mecab")
        .args(["-F", "%m,%phl,%phr\\n", "-E", "", "-d"])
        .args([&compiled_ipadic(), Path::new("-u"), &dic, &input])
        .output()
        .unwrap();
    let theirs = String::from_utf8(output.stdout).unwrap();
    assert!(ours.len() > 500, "only {} words", ours.len());
    assert_eq!(ours, theirs.lines().collect::<Vec<_>>());
}

/// Features to try: of each part of speech and inflection two base forms, or all where the
/// dictionary's words of it have several ids.
fn features_of_ipadic() -> Vec<String> {
    let mut ids_of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut features_of: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for entry in fs::read_dir(Dictionary::find().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let (text, _, damaged) = encoding_rs::EUC_JP.decode(&bytes);
        assert!(!damaged, "{}", path.display());
        let text = text.replace('\u{FF0D}', "\u{2212}"); // as iconv has it
        for line in text.lines().filter(|line| !line.contains('"')) {
            let columns: Vec<&str> = line.split(',').collect();
            let part_of_speech = columns[4..10].join(",");
            let ids = ids_of.entry(part_of_speech.clone()).or_default();
            ids.insert(columns[1..3].join(","));
            let features = features_of.entry(part_of_speech).or_default();
            features
                .entry(columns[10].to_owned())
                .or_insert_with(|| columns[4..].join(","));
        }
    }
    let chosen = features_of.iter().flat_map(|(part_of_speech, features)| {
        let several = ids_of[part_of_speech].len() > 1;
        features.values().take(if several { 50 } else { 2 })
    });
    chosen.cloned().collect()
}
