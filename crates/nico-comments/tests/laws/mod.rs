//! What holds of every file, however it is made. The fuzz targets in `fuzz/` check the same, by
//! this file.

#![allow(dead_code, reason = "each test uses a part of it")]

use nico_comments::{
    Comment, Comments, Format, ReadOptions, Summary, WriteOptions, write_comments,
};

/// The formats that are both written and read.
pub(crate) const FORMATS: [Format; 4] = [
    Format::Xml,
    Format::FormattedJson,
    Format::V1Json,
    Format::BilibiliXml,
];

/// Panics unless the laws hold of `file`: counts add up, shortcuts and limits change nothing that
/// they should not, and what was read is written and read back as `lost_in` says.
pub(crate) fn hold_for(file: &[u8]) {
    let comments = add_up(file, &ReadOptions::default());
    for limit in [4, 48] {
        let _ = add_up(file, &ReadOptions::default().max_comment_len(limit));
    }
    let good = |options| {
        read(file, options)
            .0
            .into_iter()
            .filter_map(Result::ok)
            .collect::<Vec<_>>()
    };
    assert_eq!(good(ReadOptions::default().max_metadata(9)), comments);
    let shorter = ReadOptions::default()
        .drop_deleted(true)
        .drop_empty(true)
        .drop_repeats(true);
    assert!(good(shorter).len() <= comments.len());
    // The first few: what a fuzzer finds with one comment, it finds with a small file.
    comments.iter().take(4).for_each(come_back);
    for format in FORMATS {
        come_back_alike(format, &comments);
    }
}

/// Reads a file with and without shortcuts: the same items, which are comments, one error for each
/// rejected one, and perhaps a last error. The comments.
fn add_up(file: &[u8], options: &ReadOptions) -> Vec<Comment> {
    let (items, summary) = read(file, options.clone());
    let (slowly, slow_summary) = read(file, options.clone().shortcuts(false));
    assert_eq!(items, slowly, "shortcuts change what is read");
    assert_eq!(summary, slow_summary, "shortcuts change the summary");
    let good = items.iter().filter(|item| item.is_ok()).count() as u64;
    let fatal = items
        .iter()
        .filter(|item| matches!(item, Err(error) if error.fatal))
        .count() as u64;
    let late = items
        .iter()
        .filter(|item| matches!(item, Err(error) if error.no_comment))
        .count() as u64;
    assert_eq!(good, summary.comments);
    assert_eq!(good + summary.rejected + fatal + late, items.len() as u64);
    assert!(summary.deleted <= summary.comments && summary.owner <= summary.comments);
    assert!(fatal == 0 || fatal == 1 && matches!(items.last(), Some(Err(error)) if error.fatal));
    let mut last = (0, 0);
    for error in items.iter().filter_map(|item| item.as_ref().err()) {
        assert!(
            error.offset <= 3 * file.len() as u64,
            "an error behind the end"
        ); // UTF-16 grows when it becomes UTF-8
        assert!(
            error.line >= 1 && (error.offset, error.line) >= last,
            "errors go back"
        );
        last = (error.offset, error.line);
    }
    items.into_iter().filter_map(Result::ok).collect()
}

/// What an error says.
#[derive(Debug, PartialEq)]
struct Said {
    text: String,
    offset: u64,
    line: u64,
    fatal: bool,
    /// It is about a thread, not about a comment.
    no_comment: bool,
}

fn read(file: &[u8], options: ReadOptions) -> (Vec<Result<Comment, Said>>, Summary) {
    let mut comments = Comments::new(file, options);
    let items = comments.by_ref().map(|item| {
        item.map_err(|error| Said {
            text: error.to_string(),
            offset: error.offset(),
            line: error.line(),
            fatal: error.is_fatal(),
            no_comment: matches!(error.kind(), nico_comments::ErrorKind::ForkTooLate(_)),
        })
    });
    let items = items.collect();
    assert!(comments.next().is_none(), "it goes on behind its end");
    (items, comments.summary())
}

/// Panics unless `comment` comes back from every format but for what `lost_in` names.
pub(crate) fn come_back(comment: &Comment) {
    for format in FORMATS {
        let lost = comment.lost_in(format);
        let options = WriteOptions::default().fill(false);
        let file = written(format, std::slice::from_ref(comment), &options);
        let back = read_all(&file);
        if lost.contains(&"deleted") || lost.contains(&"script") {
            assert!(
                back.is_empty(),
                "{format} keeps a comment that is not shown"
            );
            continue;
        }
        assert_eq!(
            back.len(),
            1,
            "{format}: {}",
            String::from_utf8_lossy(&file)
        );
        for field in differences(comment, &back[0]) {
            let file = String::from_utf8_lossy(&file);
            assert!(
                lost.contains(&field),
                "{field} of {comment:?} differs in {format}: {file}"
            );
        }
    }
}

/// Panics unless comments that a format held once are held by it again, filled in or not.
pub(crate) fn come_back_alike(format: Format, comments: &[Comment]) {
    for fill in [false, true] {
        let options = WriteOptions::default().fill(fill);
        let once = read_all(&written(format, comments, &options));
        let twice = read_all(&written(format, &once, &options));
        assert_eq!(once, twice, "{format}");
    }
}

/// Comments as a file of a format.
pub(crate) fn written(format: Format, comments: &[Comment], options: &WriteOptions) -> Vec<u8> {
    let mut file = Vec::new();
    write_comments(&mut file, format, comments, options).expect("memory does not fail");
    file
}

/// The comments of a file that we wrote.
pub(crate) fn read_all(file: &[u8]) -> Vec<Comment> {
    let options = ReadOptions::default().max_comment_len(None);
    let comments: Result<_, _> = Comments::new(file, options).collect();
    comments.unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(file)))
}

/// The fields in which two comments differ, by the names that `lost_in` uses.
pub(crate) fn differences(a: &Comment, b: &Comment) -> Vec<&'static str> {
    let fields = [
        ("thread", a.thread == b.thread),
        ("fork", a.fork == b.fork),
        ("no", a.no == b.no),
        ("id", a.id == b.id),
        ("vpos", a.vpos == b.vpos),
        ("vpos_rest_ms", a.vpos_rest_ms == b.vpos_rest_ms),
        ("date", a.date == b.date),
        ("date_usec", a.date_usec == b.date_usec),
        ("mail", a.mail == b.mail),
        ("body", a.body == b.body),
        ("user", a.user == b.user),
        ("premium", a.premium == b.premium),
        ("anonymous", a.anonymous == b.anonymous),
        ("score", a.score == b.score),
        ("nicoru", a.nicoru == b.nicoru),
        ("deleted", a.deleted == b.deleted),
        ("leaf", a.leaf == b.leaf),
        ("layer", a.layer == b.layer),
        ("extra", a.extra == b.extra),
    ];
    let differing = fields.into_iter().filter(|(_, same)| !same);
    differing.map(|(name, _)| name).collect()
}
