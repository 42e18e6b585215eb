use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use super::json::{Object, commands, deleted, shows_deleted};
use super::{WriteOptions, filled_number, number, present};
use crate::{Comment, Fork};

/// Writes comments as the whole answer of the v1 service, one thread for each thread and fork in
/// order of first appearance (`docs/spec/comment-formats.md`, sections 3 and 7.2).
///
/// Deleted comments have a member `deleted` that the service does not send; filled in, those with a
/// text also have the command `invisible`, so that players that do not know it draw nothing. What
/// the format cannot hold, [`Comment::lost_in`] says.
///
/// ```
/// use nico_comments::{Comment, Comments, ReadOptions, Vpos, WriteOptions, write_v1};
///
/// let comment = Comment::new(Vpos(512), "こんにちは").thread("1234567890").date(1_599_999_990);
/// let mut file = Vec::new();
/// write_v1(&mut file, &[comment], &WriteOptions::default())?;
/// assert!(String::from_utf8_lossy(&file).contains(r#""postedAt":"2020-09-13T21:26:30+09:00""#));
/// let read = Comments::new(&*file, ReadOptions::default()).next();
/// assert_eq!(read.expect("a comment").expect("well-formed").body, "こんにちは");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// If `out` fails.
pub fn write_v1(
    mut out: impl Write,
    comments: &[Comment],
    options: &WriteOptions,
) -> io::Result<()> {
    let mut threads: Vec<Thread<'_>> = Vec::new();
    let mut places = HashMap::new();
    let mut ids: Vec<(Option<Cow<'_, str>>, usize)> = Vec::new();
    let mut places_of_ids = HashMap::new();
    for comment in comments {
        let missing = options.fill.then_some(Cow::Borrowed("0"));
        let (id, fork) = (present(comment.thread.as_ref()).or(missing), &comment.fork);
        let place = *places_of_ids.entry(id.clone()).or_insert_with(|| {
            ids.push((id.clone(), 0));
            ids.len() - 1
        });
        ids[place].1 += 1;
        let place = *places.entry((id.clone(), fork)).or_insert_with(|| {
            let comments = Vec::new();
            threads.push(Thread { id, fork, comments });
            threads.len() - 1
        });
        threads[place].comments.push(comment);
    }
    out.write_all(br#"{"meta":{"status":200},"data":{"globalComments":["#)?;
    for (index, (id, count)) in ids.iter().enumerate() {
        comma(&mut out, index)?;
        let mut object = Object::begin(&mut out)?;
        text(&mut object, "id", id.as_deref())?;
        object.integer("count", i64::try_from(*count).unwrap_or(i64::MAX))?;
        object.end()?;
    }
    out.write_all(br#"],"threads":["#)?;
    for (index, Thread { id, fork, comments }) in threads.iter().enumerate() {
        comma(&mut out, index)?;
        let mut object = Object::begin(&mut out)?;
        text(&mut object, "id", id.as_deref())?;
        object.text("fork", fork.as_str())?;
        object.integer(
            "commentCount",
            i64::try_from(comments.len()).unwrap_or(i64::MAX),
        )?;
        let out = object.name("comments")?;
        out.write_all(b"[")?;
        for (index, comment) in comments.iter().enumerate() {
            comma(out, index)?;
            write_comment(
                out,
                id.as_deref(),
                comment,
                i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1),
                options,
            )?;
        }
        out.write_all(b"]")?;
        object.end()?;
    }
    out.write_all(b"]}}")?;
    out.flush()
}

/// The comments that go into one thread.
struct Thread<'a> {
    id: Option<Cow<'a, str>>,
    fork: &'a Fork,
    comments: Vec<&'a Comment>,
}

fn comma(out: &mut impl Write, index: usize) -> io::Result<()> {
    if index > 0 {
        out.write_all(b",")
    } else {
        Ok(())
    }
}

fn text<W: Write>(object: &mut Object<'_, W>, name: &str, value: Option<&str>) -> io::Result<()> {
    match value {
        Some(value) => object.text(name, value),
        None => object.null(name),
    }
}

fn integer<W: Write>(object: &mut Object<'_, W>, name: &str, value: Option<i64>) -> io::Result<()> {
    match value {
        Some(value) => object.integer(name, value),
        None => object.null(name),
    }
}

fn write_comment(
    out: &mut impl Write,
    thread: Option<&str>,
    comment: &Comment,
    written: i64,
    options: &WriteOptions,
) -> io::Result<()> {
    let fill = options.fill;
    let extra = |wanted: &str| {
        comment
            .extra
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| &**value)
    };
    let written_text = written.to_string();
    let mut object = Object::begin(out)?;
    text(
        &mut object,
        "id",
        present(comment.id.as_ref())
            .as_deref()
            .or(fill.then_some(&written_text)),
    )?;
    integer(
        &mut object,
        "no",
        number(comment).or(fill.then(|| filled_number(thread, written))),
    )?;
    object.integer("vposMs", comment.vpos_millis())?;
    object.text("body", &comment.body)?;
    object.texts(
        "commands",
        commands(comment, fill && shows_deleted(comment)),
    )?;
    object.text("userId", comment.user.as_deref().unwrap_or(""))?;
    object.truth("isPremium", comment.is_premium())?;
    integer(&mut object, "score", comment.score.or(fill.then_some(0)))?;
    let posted = comment
        .date
        .and_then(|date| posted_at(date, comment.date_usec));
    let posted = posted.or_else(|| posted_at(0, None).filter(|_| fill));
    text(&mut object, "postedAt", posted.as_deref())?;
    integer(
        &mut object,
        "nicoruCount",
        comment.nicoru.or(fill.then_some(0)),
    )?;
    text(&mut object, "nicoruId", extra("nicoruId"))?;
    text(
        &mut object,
        "source",
        extra("source").or(fill.then_some("leaf")),
    )?;
    object.truth("isMyPost", extra("mine") == Some("1"))?;
    deleted(&mut object, comment)?;
    object.end()
}

/// RFC 3339 in Japanese time, with a fraction only if there are microseconds. `None` for years that
/// it cannot write.
pub(super) fn posted_at(date: i64, usec: Option<u32>) -> Option<String> {
    let nanoseconds = i32::try_from(usec.unwrap_or(0)).ok()?.checked_mul(1000)?;
    let time = jiff::Timestamp::new(date, nanoseconds).ok()?;
    let text = time.display_with_offset(jiff::tz::offset(9)).to_string();
    (!text.starts_with('-')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vpos;

    /// Of the file, the ids that are counted, and the threads with the bodies in them.
    fn threads(comments: &[Comment]) -> (serde_json::Value, serde_json::Value) {
        let mut file = Vec::new();
        write_v1(&mut file, comments, &WriteOptions::default().fill(false)).unwrap();
        let mut file: serde_json::Value = serde_json::from_slice(&file).unwrap();
        (
            file["data"]["globalComments"].take(),
            file["data"]["threads"].take(),
        )
    }

    #[test]
    fn threads_are_in_the_order_in_which_they_appear() {
        let comment = |thread: &str, fork: Fork, body: &str| {
            Comment::new(Vpos(0), body).thread(thread).fork(fork)
        };
        let (ids, threads) = threads(&[
            comment("9", Fork::Main, "a"),
            comment("9", Fork::Owner, "b"),
            Comment::new(Vpos(0), "c"),
            comment("1", Fork::Main, "d"),
            comment("9", Fork::Main, "e"),
            comment("\0", Fork::Main, "f"),
        ]);
        let of = |id: Option<&str>, count: i32| serde_json::json!({"id": id, "count": count});
        assert_eq!(
            ids,
            serde_json::json!([of(Some("9"), 3), of(None, 2), of(Some("1"), 1)])
        );
        let threads = threads.as_array().unwrap().iter().map(|thread| {
            let comments = thread["comments"].as_array().unwrap();
            assert_eq!(thread["commentCount"], comments.len());
            let bodies: String = comments
                .iter()
                .map(|c| c["body"].as_str().unwrap())
                .collect();
            let id = thread["id"].as_str().unwrap_or("none");
            format!("{id} {} {bodies}", thread["fork"].as_str().unwrap())
        });
        let expected = ["9 main ae", "9 owner b", "none main cf", "1 main d"];
        assert!(threads.eq(expected));
    }

    #[test]
    fn times_are_japanese() {
        assert_eq!(
            posted_at(1_599_999_990, None).as_deref(),
            Some("2020-09-13T21:26:30+09:00")
        );
        assert_eq!(
            posted_at(-1, Some(500_000)).as_deref(),
            Some("1970-01-01T08:59:59.5+09:00")
        );
        assert_eq!(posted_at(i64::MAX, None), None);
    }
}
