//! Reads an XML file in one of several ways and prints comments, seconds, seconds on the processor
//! and peak memory in KiB (0 where the system does not say).
//!
//! - `ours` makes typed comments, `forgiving` too, reading every tag as if it were damaged.
//! - `quick-xml` is that crate's event loop looking at every attribute and doing nothing with them:
//!   what no reader on top of it can be faster than.
//! - `quick-xml-typed` makes comments of its events. It reads well-formed files only, and ends at
//!   the first mistake.
//!
//! `benches/comments/run.sh` runs them in turn, and Python beside them.
//!
//! ```text
//! cargo bench -p nico-comments --bench xml -- ours FILE
//! ```

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::BufReader;
use std::time::Instant;

use nico_comments::{Comment, Comments, Fork, Mail, ReadOptions, Vpos};
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let start = Instant::now();
    let comments = match &args[..] {
        [way, path] if way == "ours" => typed(path, ReadOptions::default())?,
        [way, path] if way == "forgiving" => typed(path, ReadOptions::default().shortcuts(false))?,
        [way, path] if way == "quick-xml" => bare(path)?,
        [way, path] if way == "quick-xml-typed" => typed_by_quick_xml(path)?,
        [] => return Ok(()), // cargo's own call of all benches
        _ => return Err("usage: xml ours|forgiving|quick-xml|quick-xml-typed FILE".into()),
    };
    let seconds = start.elapsed().as_secs_f64();
    println!("{comments} {seconds:.6} {:.6} {}", busy(), peak());
    Ok(())
}

fn typed(path: &str, options: ReadOptions) -> Result<u64, Box<dyn Error>> {
    let mut comments = 0;
    for comment in Comments::open(path, options)? {
        black_box(comment?);
        comments += 1;
    }
    Ok(comments)
}

fn bare(path: &str) -> Result<u64, Box<dyn Error>> {
    let file = BufReader::with_capacity(64 * 1024, File::open(path)?);
    let mut reader = quick_xml::Reader::from_reader(file);
    let (mut comments, mut buf) = (0, Vec::new());
    loop {
        buf.clear();
        match reader.read_event_into(&mut buf)? {
            Event::Start(tag) | Event::Empty(tag) => {
                comments += u64::from(tag.name().into_inner() == "chat");
                for attribute in tag.attributes().with_checks(false) {
                    black_box(attribute?);
                }
            }
            Event::Eof => return Ok(comments),
            event => drop(black_box(event)),
        }
    }
}

fn typed_by_quick_xml(path: &str) -> Result<u64, Box<dyn Error>> {
    let file = BufReader::with_capacity(64 * 1024, File::open(path)?);
    let mut reader = quick_xml::Reader::from_reader(file);
    let (mut comments, mut buf, mut open) = (0, Vec::new(), None::<Comment>);
    loop {
        buf.clear();
        match reader.read_event_into(&mut buf)? {
            Event::Start(tag) if tag.name().into_inner() == "chat" => open = Some(comment(&tag)?),
            Event::Empty(tag) if tag.name().into_inner() == "chat" => {
                black_box(comment(&tag)?);
                comments += 1;
            }
            Event::Text(text) => {
                if let Some(comment) = &mut open {
                    comment.body.push_str(&text);
                }
            }
            Event::CData(text) => {
                if let Some(comment) = &mut open {
                    comment.body.push_str(&text);
                }
            }
            Event::GeneralRef(name) => {
                if let Some(comment) = &mut open {
                    comment.body.push_str(&unescape(&format!("&{};", &*name))?);
                }
            }
            Event::End(tag) if tag.name().into_inner() == "chat" => {
                black_box(open.take().ok_or("an end without a beginning")?);
                comments += 1;
            }
            Event::Eof => return Ok(comments),
            event => drop(black_box(event)),
        }
    }
}

/// The attributes of a `chat`.
fn comment(tag: &BytesStart<'_>) -> Result<Comment, Box<dyn Error>> {
    let (mut comment, mut named, mut vpos) = (Comment::default(), false, None);
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute?;
        let value = unescape(&attribute.value)?;
        let integer = || value.parse::<i64>().ok();
        match attribute.key.into_inner() {
            "thread" => comment.thread = Some(value.into_owned()),
            "no" => comment.no = integer(),
            "vpos" => vpos = integer(),
            "date" => comment.date = integer(),
            "date_usec" => comment.date_usec = value.parse().ok(),
            "mail" => comment.mail = Mail::parse(&value),
            "user_id" => comment.user = Some(value.into_owned()),
            "premium" => comment.premium = value.parse().unwrap_or_default(),
            "anonymity" => comment.anonymous = &*value == "1",
            "fork" => (comment.fork, named) = (Fork::parse(&value), true),
            "score" => comment.score = integer(),
            "nicoru" => comment.nicoru = integer(),
            "deleted" => comment.deleted = value.parse().unwrap_or_default(),
            "leaf" => comment.leaf = integer(),
            name => comment.extra.push((name.to_owned(), value.into_owned())),
        }
    }
    if !named && comment.user.is_none() && !comment.anonymous && !comment.is_deleted() {
        comment.fork = Fork::Owner;
    }
    comment.vpos = Vpos(vpos.ok_or("a comment without vpos")?);
    Ok(comment)
}

/// Seconds that this process has been on a processor, start included: what does not depend on
/// others.
fn busy() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanos = stat.split_whitespace().next().and_then(|n| n.parse().ok());
    nanos.map_or(0.0, |nanos: f64| nanos / 1e9)
}

/// The most memory this process has had, in KiB.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next())
        .unwrap_or("0")
        .to_owned()
}
