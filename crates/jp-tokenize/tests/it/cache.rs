//! The cache of compiled dictionaries: right, whole, and never in the way.

use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common;
use jp_tokenize::{Dictionary, DictionaryOptions, Error, Origin, Tokenizer};
use tempfile::TempDir;

/// A folder with the sources of the small dictionary, and one for the cache.
fn folders() -> (TempDir, DictionaryOptions, PathBuf) {
    let folder = common::folder();
    for (name, text) in [
        ("words.csv", common::WORDS),
        ("matrix.def", common::MATRIX),
        ("char.def", common::CHAR),
        ("unk.def", common::UNK),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let cache = folder.path().join("a/cache");
    let options = DictionaryOptions::default()
        .folder(folder.path().to_owned())
        .cache(cache.clone());
    (folder, options, cache)
}

fn cached_files(cache: &Path) -> Vec<PathBuf> {
    fs::read_dir(cache)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

fn words(dictionary: Dictionary) -> Vec<String> {
    let tokenizer = Tokenizer::new(dictionary).unwrap();
    let mut worker = tokenizer.worker();
    worker
        .tokenize("ここすき草")
        .map(|token| token.surface.to_owned())
        .collect()
}

#[test]
fn the_second_time_is_read_from_the_cache() {
    let (_folder, options, cache) = folders();
    let first = options.open().unwrap();
    assert!(matches!(
        first.origin(),
        Origin::Compiled {
            not_cached: None,
            ..
        }
    ));
    let second = options.open().unwrap();
    assert!(matches!(second.origin(), Origin::Cache(path) if path.starts_with(&cache)));
    assert_eq!(words(first), ["ここ", "すき", "草"]);
    assert_eq!(words(second), ["ここ", "すき", "草"]);
}

#[test]
fn changed_sources_are_compiled_anew() {
    let (folder, options, cache) = folders();
    options.open().unwrap();
    fs::write(
        folder.path().join("more.csv"),
        "すき草,0,0,-100,名詞,一般\n",
    )
    .unwrap();
    assert_eq!(words(options.open().unwrap()), ["ここ", "すき草"]);
    assert_eq!(cached_files(&cache).len(), 2);
}

#[test]
fn a_damaged_file_is_compiled_anew() {
    let (_folder, options, cache) = folders();
    options.open().unwrap();
    let file = cached_files(&cache).remove(0);
    let whole = fs::read(&file).unwrap();
    let mut damaged = vec![
        whole[..whole.len() / 2].to_vec(),
        Vec::new(),
        [&*whole, b"x"].concat(),
    ];
    damaged.extend((0..whole.len()).step_by(whole.len() / 50).map(|place| {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x40;
        bytes
    }));
    for bytes in damaged {
        fs::write(&file, bytes).unwrap();
        let dictionary = options.open().unwrap();
        assert!(matches!(
            dictionary.origin(),
            Origin::Compiled {
                not_cached: None,
                ..
            }
        ));
        assert_eq!(
            fs::read(&file).unwrap(),
            whole,
            "not replaced by a whole file"
        );
    }
}

#[test]
fn many_at_once_agree_and_leave_one_file() {
    let (_folder, options, cache) = folders();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(words(options.open().unwrap()), ["ここ", "すき", "草"]));
        }
    });
    assert_eq!(cached_files(&cache).len(), 1);
}

#[test]
fn a_cache_that_cannot_be_written_is_told_and_no_error() {
    let (folder, options, _) = folders();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let dictionary = options.clone().cache(file.join("cache")).open().unwrap();
    let Origin::Compiled {
        not_cached: Some(reason),
        ..
    } = dictionary.origin()
    else {
        panic!("{:?}", dictionary.origin());
    };
    assert!(matches!(**reason, Error::Io { .. }), "{reason}");
    assert_eq!(words(dictionary), ["ここ", "すき", "草"]);
}

#[test]
fn what_is_missing_or_broken_is_named() {
    let (folder, options, _) = folders();
    let path = folder.path();
    let message = |options: &DictionaryOptions| options.open().unwrap_err().to_string();
    let causes = |options: &DictionaryOptions| {
        let error = options.open().unwrap_err();
        error.source().map_or_else(String::new, ToString::to_string)
    };

    fs::write(path.join("matrix.def"), "2 2\n0 0 0\n").unwrap();
    assert!(
        message(&options).contains("matrix.def: ends before"),
        "{}",
        message(&options)
    );
    fs::write(path.join("matrix.def"), common::MATRIX).unwrap();
    fs::write(path.join("words.csv"), "草,0,0\n").unwrap();
    assert!(
        causes(&options).contains("four items"),
        "{}",
        message(&options)
    );
    fs::write(path.join("words.csv"), b"\xff\xff,0,0,0\n").unwrap();
    assert!(message(&options).contains("words.csv: neither UTF-8, EUC-JP nor Shift_JIS"));
    fs::remove_file(path.join("words.csv")).unwrap();
    assert!(message(&options).contains("no .csv file"));
    let absent = options.folder(path.join("absent"));
    assert!(message(&absent).contains("absent: cannot read"));
}

/// What each of the processes of the next test does: open the dictionary of a folder that the
/// environment names.
#[test]
fn process_that_opens_a_dictionary() {
    let Some(folder) = std::env::var_os("JP_TOKENIZE_TEST_FOLDER").map(PathBuf::from) else {
        return; // run on its own
    };
    let options = DictionaryOptions::default()
        .folder(folder.clone())
        .cache(folder.join("cache"));
    let dictionary = options.open().unwrap();
    if let Origin::Compiled { not_cached, .. } = dictionary.origin() {
        assert!(not_cached.is_none(), "{not_cached:?}");
    }
    assert_eq!(words(dictionary), ["ここ", "すき", "草"]);
}

#[test]
fn processes_that_start_at_once_leave_one_whole_file() {
    let (folder, _, _) = folders();
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "cache::process_that_opens_a_dictionary"])
            .env("JP_TOKENIZE_TEST_FOLDER", folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let processes: Vec<_> = (0..8).map(|_| start()).collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let cache = folder.path().join("cache");
    assert_eq!(cached_files(&cache).len(), 1);
    let options = DictionaryOptions::default()
        .folder(folder.path().to_owned())
        .cache(cache);
    assert!(matches!(options.open().unwrap().origin(), Origin::Cache(_)));
}

#[test]
fn user_lexicons_of_files_are_added_and_named() {
    let (folder, options, _) = folders();
    let slang = folder.path().join("slang.txt");
    fs::write(&slang, "すき草,0,0,-100,名詞,一般\n").unwrap();
    let options = options.user_lexicons([slang.clone()]);
    for _ in 0..2 {
        // From the sources, then from the cache.
        assert_eq!(words(options.open().unwrap()), ["ここ", "すき草"]);
    }
    fs::write(&slang, "すき草,0,0,-100,名詞\nすき,0,1,0,名詞\n").unwrap();
    let message = options.open().unwrap_err().to_string();
    assert!(
        message.contains("slang.txt: line 2: the right id is \"1\""),
        "{message}"
    );
}
