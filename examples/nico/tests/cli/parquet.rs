//! `nico convert` to Parquet.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::RowAccessor,
};
use serde_json::{Value, json};

use crate::program::{has_dictionary, names, nico, nico_reading, succeed};

const PART: &str = "part-0.parquet";

fn chat(vpos: i64, body: &str) -> String {
    format!("<chat no='{vpos}' vpos='{vpos}' date='1300000000' user_id='a'>{body}</chat>")
}

/// Two shows, three episodes.
fn episodes(folder: &Path) -> PathBuf {
    let episodes = folder.join("episodes");
    for (name, chats) in [
        ("cafe/01.xml", chat(10, "猫がいる") + &chat(20, "犬")),
        ("cafe/02.xml", chat(30, "草")),
        ("safari/01.xml", chat(40, "象") + "<chat vpos='x'>?</chat>"),
    ] {
        let path = episodes.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("<packet>{chats}</packet>")).unwrap();
    }
    episodes
}

/// The texts of a column of a file, in order.
fn column(path: &Path, name: &str) -> Vec<String> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let at = schema
        .columns()
        .iter()
        .position(|column| column.name() == name);
    let at = at.unwrap_or_else(|| panic!("no column {name}"));
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| row.unwrap().get_string(at).unwrap().clone())
        .collect()
}

fn arguments<'a>(from: &'a Path, out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let [from, out] = [from, out].map(|path| path.to_str().unwrap());
    [&["--json", "convert", from, "--out", out], more].concat()
}

fn refusal(arguments: &[&str]) -> String {
    let output = nico(arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_folder_of_episodes_becomes_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let (from, out) = (
        episodes(folder.path()),
        folder.path().join("corpus.parquet"),
    );
    let report: Value = serde_json::from_str(&succeed(nico(arguments(&from, &out, &[])))).unwrap();
    let expected = json!({ "format": "parquet", "files": 3, "comments": 4, "lost": {}, "taken": {}, "warnings": [] });
    assert_eq!(report, expected);
    assert_eq!(column(&out, "show"), ["cafe", "cafe", "cafe", "safari"]);
    assert_eq!(column(&out, "episode"), ["01", "01", "02", "01"]);
    assert_eq!(column(&out, "body"), ["猫がいる", "犬", "草", "象"]);
    // What filters take away is not there, and a file in its place is replaced.
    let report = succeed(nico(arguments(&from, &out, &["--ng-word", "犬"])));
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (&report["comments"], &report["taken"]),
        (&json!(3), &json!({ "NG words": 1 }))
    );
    assert_eq!(column(&out, "body"), ["猫がいる", "草", "象"]);
    assert_eq!(names(folder.path()), ["corpus.parquet", "episodes"]);
}

#[test]
fn standard_input_and_output_are_files_too() {
    let file = format!("<packet>{}</packet>", chat(5, "うぽつ"));
    let output = nico_reading(
        &["convert", "-", "--out", "-", "--to", "parquet"],
        file.as_bytes(),
    );
    assert!(output.status.success(), "{output:?}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    fs::write(&path, output.stdout).unwrap();
    assert_eq!(column(&path, "body"), ["うぽつ"]);
    // A file without comments has no rows, and is told.
    let empty = folder.path().join("empty.parquet");
    let output = nico_reading(
        &["convert", "-", "--out", empty.to_str().unwrap()],
        b"<packet></packet>",
    );
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && told.contains("no comments"),
        "{told}"
    );
    assert!(column(&empty, "body").is_empty());
}

#[test]
fn a_folder_has_tables_partitioned_by_show() {
    let folder = tempfile::tempdir().unwrap();
    let (from, out) = (episodes(folder.path()), folder.path().join("corpus"));
    let words = has_dictionary();
    let more: &[&str] = if words {
        &["--to", "parquet", "--words"]
    } else {
        &["--to", "parquet"]
    };
    let report: Value = serde_json::from_str(&succeed(nico(arguments(&from, &out, more)))).unwrap();
    let counts = ["files", "comments", "shows"].map(|name| report[name].as_u64());
    assert_eq!(counts, [Some(3), Some(4), Some(2)]);
    assert_eq!(names(&out.join("comments")), ["show=cafe", "show=safari"]);
    assert_eq!(
        column(&out.join("comments/show=safari").join(PART), "body"),
        ["象"]
    );
    assert_eq!(
        column(&out.join("files.parquet"), "episode"),
        ["01", "02", "01"]
    );
    if words {
        assert_eq!(report["words"], json!(6));
        let of_cafe = column(&out.join("words/show=cafe").join(PART), "word");
        assert_eq!(of_cafe, ["猫", "が", "いる", "犬", "草"]);
    }
    let told = refusal(&arguments(&from, &out, &["--to", "parquet"]));
    assert!(
        told.contains("corpus: is there already and is not written over"),
        "{told}"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let from = episodes(folder.path());
    let out = |name: &str| folder.path().join(name);
    for (name, options, expected) in [
        (
            "a.parquet",
            &["--words"][..],
            "--words: only a folder has a table of words",
        ),
        ("a.xml", &["--words"], "only Parquet has frames and words"),
        (
            "a.xml",
            &["--video", "v.mp4"],
            "only Parquet has frames and words",
        ),
        ("a.parquet", &["--video", "none.mp4"], "none.mp4"),
        (
            "a.xml",
            &["--user-lexicon", "l.csv"],
            "without --words comments are written as they are, for which --user-lexicon does nothing",
        ),
        (
            "folder",
            &["--to", "parquet", "--dictionary", "ipadic"],
            "for which --dictionary does nothing",
        ),
        ("none/a.parquet", &[], "a.parquet: cannot write"),
    ] {
        let told = refusal(&arguments(&from, &out(name), options));
        assert!(told.contains(expected), "{told}");
    }
    let told = refusal(&arguments(
        Path::new("-"),
        &out("folder"),
        &["--to", "parquet"],
    ));
    assert!(told.contains("standard input becomes one file"), "{told}");
    let told =
        String::from_utf8(nico(["convert", "-", "--out", "a", "--to", "arrow"]).stderr).unwrap();
    assert!(
        told.contains("\"arrow\" is not a format") && told.contains("or parquet"),
        "{told}"
    );
    // What fails in the middle leaves nothing.
    let missing = from.join("safari/02.xml");
    fs::write(&missing, "<html></html>").unwrap();
    for (name, options) in [("a.parquet", &[][..]), ("folder", &["--to", "parquet"])] {
        let out = out(name);
        let both = [
            &arguments(&from, &out, options)[..],
            &[missing.to_str().unwrap()],
        ]
        .concat();
        let told = refusal(&both);
        assert!(told.contains("02.xml"), "{told}");
    }
    assert_eq!(names(folder.path()), ["episodes"]);
}

/// Writes the beginning of a file into a pipe, more than a row group and more than a pipe holds, so
/// that it is read; the end never comes while the pipe is held open.
#[cfg(unix)]
fn write_without_end(pipe: &Path) -> io::Result<File> {
    let mut out = BufWriter::new(File::options().write(true).open(pipe)?);
    out.write_all(b"<packet>")?;
    for vpos in 0..150_000 {
        out.write_all(chat(vpos, "草").as_bytes())?;
    }
    Ok(out.into_inner()?)
}

/// Killed in the middle, neither a file nor a folder is there, and the next run makes it whole.
#[test]
#[cfg(unix)]
fn killed_in_the_middle_nothing_is_half() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.xml");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let out = folder.path().join("corpus");
    let file = folder.path().join("corpus.parquet");
    let partial = folder.path().join(".corpus.partial");
    for (out, options) in [(&out, &["--to", "parquet"][..]), (&file, &[])] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_nico"))
            .args(arguments(&pipe, out, options))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // On a thread of its own: opening the pipe waits for the program, which may have ended.
        let pipe = pipe.clone();
        let writer = thread::spawn(move || write_without_end(&pipe));
        while !writer.is_finished() {
            let ended = program.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "it ended before all was written: {ended:?}"
            );
            thread::sleep(Duration::from_millis(5));
        }
        let written = writer.join().unwrap().unwrap();
        program.kill().unwrap();
        program.wait().unwrap();
        drop(written);
        assert!(!out.exists(), "{} is half", out.display());
    }
    assert!(partial.join("comments").is_dir(), "nothing was begun");
    let from = episodes(folder.path());
    succeed(nico(arguments(&from, &out, &["--to", "parquet"])));
    succeed(nico(arguments(&from, &file, &[])));
    assert!(!partial.exists());
    assert_eq!(names(&out.join("comments")), ["show=cafe", "show=safari"]);
    assert_eq!(column(&file, "body").len(), 4);
}
