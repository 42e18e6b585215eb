//! The files of `tests/corpus`: each reads as its `.golden` says. A new case is a new file; with
//! `UPDATE_GOLDEN=1` the test records what it reads instead of comparing.

mod laws;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use nico_comments::{Comment, Comments, Fork, ReadOptions};
use proptest::prelude::*;

/// All files below `folder` but transcripts and descriptions, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !matches!(
            path.extension().and_then(|e| e.to_str()),
            Some("golden" | "md" | "gitattributes")
        ) && path.file_name().is_none_or(|name| name != ".gitattributes")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What is not at its default, in a line.
fn line(comment: &Comment) -> String {
    // Quoted, whatever Rust escapes in its own way.
    let body = serde_json::Value::from(&*comment.body);
    let mut line = format!("{} {body}", comment.vpos_millis());
    let mut field = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            write!(line, " {name}={value}").expect("text takes text");
        }
    };
    field("thread", comment.thread.clone());
    field(
        "fork",
        (comment.fork != Fork::Main).then(|| comment.fork.to_string()),
    );
    field("no", comment.no.map(|n| n.to_string()));
    field("id", comment.id.clone());
    field("date", comment.date.map(|n| n.to_string()));
    field("usec", comment.date_usec.map(|n| n.to_string()));
    field(
        "mail",
        (!comment.mail.is_empty())
            .then(|| format!("{:?}", comment.mail.words().collect::<Vec<_>>())),
    );
    field("user", comment.user.clone());
    field(
        "premium",
        (comment.premium != 0).then(|| comment.premium.to_string()),
    );
    field("anonymous", comment.anonymous.then(|| "yes".to_owned()));
    field("score", comment.score.map(|n| n.to_string()));
    field("nicoru", comment.nicoru.map(|n| n.to_string()));
    field(
        "deleted",
        comment.is_deleted().then(|| comment.deleted.to_string()),
    );
    field("leaf", comment.leaf.map(|n| n.to_string()));
    field("layer", comment.layer.map(|n| n.to_string()));
    for (name, value) in &comment.extra {
        field(&format!("+{name}"), Some(value.clone()));
    }
    line
}

fn transcript(path: &Path) -> String {
    let file = std::fs::read(path).expect("the file can be read");
    let mut comments = Comments::new(&*file, ReadOptions::default());
    let mut transcript = String::new();
    for item in comments.by_ref() {
        let line = item.map_or_else(|error| format!("error: {error}"), |comment| line(&comment));
        writeln!(transcript, "{line}").expect("text takes text");
    }
    let summary = comments.summary();
    let format = summary.format.map_or("unknown", |format| format.as_str());
    let (comments, deleted, owner, rejected) = (
        summary.comments,
        summary.deleted,
        summary.owner,
        summary.rejected,
    );
    let ending = if summary.ends_early {
        ", ends early"
    } else {
        ""
    };
    writeln!(transcript, "{format}: {comments} comments, {deleted} deleted, {owner} owner, {rejected} rejected{ending}")
        .expect("text takes text");
    transcript
}

/// The files that fuzzing began with and those that it found something with.
#[test]
fn laws_hold_for_the_fuzzing_corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let files = files(&folder);
    assert!(!files.is_empty());
    for path in files {
        eprintln!("{}", path.display()); // shown if it fails
        laws::hold_for(&std::fs::read(path).unwrap());
    }
}

#[test]
fn corpus_reads_as_recorded() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut differing = Vec::new();
    for path in files(&corpus) {
        let golden = path.with_added_extension("golden");
        let found = transcript(&path);
        if update {
            std::fs::write(&golden, found).unwrap();
        } else if std::fs::read_to_string(&golden).ok().as_ref() != Some(&found) {
            differing.push(format!("{}:\n{found}", path.display()));
        }
    }
    assert!(
        differing.is_empty(),
        "these read differently from their .golden:\n{}",
        differing.join("\n")
    );
}

/// One change to a file: bytes written over, put in or taken out at a place.
#[derive(Clone, Debug)]
enum Damage {
    Overwrite(usize, u8),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Swap(usize, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let piece = prop::sample::select(vec![
        "<chat ", "</chat>", "\"", "'", "{", "}", "[", "]", "\\", "\0", "<!--", "]]>", "&#xD800;",
    ]);
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Overwrite(at, byte)),
        (any::<usize>(), piece).prop_map(|(at, piece)| Damage::Insert(at, piece.into())),
        (any::<usize>(), 1..40_usize).prop_map(|(at, len)| Damage::Remove(at, len)),
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Damage::Swap(a, b)),
    ]
}

fn apply(file: &mut Vec<u8>, damage: Damage) {
    if file.is_empty() {
        return;
    }
    let len = file.len();
    match damage {
        Damage::Overwrite(at, byte) => file[at % len] = byte,
        Damage::Insert(at, piece) => drop(file.splice(at % len..at % len, piece)),
        Damage::Remove(at, count) => drop(file.drain(at % len..(at % len + count).min(len))),
        Damage::Swap(a, b) => file.swap(a % len, b % len),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// However a file is damaged, the laws hold.
    #[test]
    fn damage_is_survived(which: prop::sample::Index, damages in prop::collection::vec(damage(), 1..6)) {
        let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus"));
        let mut file = std::fs::read(&files[which.index(files.len())]).unwrap();
        damages.into_iter().for_each(|damage| apply(&mut file, damage));
        laws::hold_for(&file);
    }

    /// A comment of an XML file can be damaged in any way without cost to the others.
    #[test]
    fn damage_stays_in_its_comment(at: prop::sample::Index, byte in prop::option::of(any::<u8>()), piece: prop::sample::Index) {
        let chat = |n: i64| format!("<chat no=\"{n}\" vpos=\"{n}\" mail='184' user_id=\"u{n}\">body {n} &amp; more</chat>");
        let mut damaged = chat(2).into_bytes();
        let at = at.index(damaged.len());
        let pieces = ["\"", "'", "<", ">", "/", "&", "<chat ", "<chat>", "</chat>", "</ch\nat>", "<![CDATA[", "]]>", "<!--", "-->", "<?", "\0", "\u{FEFF}"];
        match byte {
            Some(byte) => damaged[at] = byte,
            None => drop(damaged.splice(at..at, piece.get(&pieces).bytes())),
        }
        let file = [b"<packet>".to_vec(), chat(0).into(), chat(1).into(), damaged, chat(3).into(), chat(4).into(), b"</packet>".to_vec()];
        let comments = Comments::new(&*file.concat(), ReadOptions::default()).filter_map(Result::ok).collect::<Vec<_>>();
        for n in [0, 1, 3, 4_i64] {
            let body = format!("body {n} & more");
            prop_assert!(comments.iter().any(|c| c.body == body && c.no == Some(n)), "{n} of {:?}", comments);
        }
    }
}
