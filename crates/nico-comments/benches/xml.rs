//! Reads an XML file in one of two ways and prints comments, seconds, seconds on the processor and peak memory in KiB (0 where
//! the system does not say).
//!
//! `ours` makes typed comments; `quick-xml` is that crate's event loop looking at every attribute and doing nothing with them:
//! what no reader on top of it can be faster than. `benches/comments/run.sh` runs them in turn, and Python beside them.
//!
//! ```text
//! cargo bench -p nico-comments --bench xml -- ours FILE
//! ```

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::BufReader;
use std::time::Instant;

use nico_comments::{Comments, ReadOptions};
use quick_xml::events::Event;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args()
        .skip(1)
        .filter(|arg| arg != "--bench")
        .collect();
    let start = Instant::now();
    let comments = match &args[..] {
        [way, path] if way == "ours" => typed(path)?,
        [way, path] if way == "quick-xml" => bare(path)?,
        [] => return Ok(()), // cargo's own call of all benches
        _ => return Err("usage: xml ours|quick-xml FILE".into()),
    };
    let seconds = start.elapsed().as_secs_f64();
    println!("{comments} {seconds:.6} {:.6} {}", busy(), peak());
    Ok(())
}

fn typed(path: &str) -> Result<u64, Box<dyn Error>> {
    let mut comments = 0;
    for comment in Comments::open(path, ReadOptions::default())? {
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

/// Seconds that this process has been on a processor, start included: what does not depend on others.
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
