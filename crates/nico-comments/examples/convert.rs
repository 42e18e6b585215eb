//! Reads comments of any format and writes them as XML, v1 or "formatted" JSON; says what the new
//! format cannot hold.
//!
//! ```text
//! cargo run --release -p nico-comments --example convert -- log.json comments.xml
//! cargo run --release -p nico-comments --example convert -- comments.xml comments.json v1-json
//! ```

use std::error::Error;

use nico_comments::{Comments, Format, Losses, ReadOptions, WriteOptions, write_file};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let (from, to, format) = match &args[..] {
        [from, to] if to.ends_with(".xml") => (from, to, Format::Xml),
        [from, to] => (from, to, Format::FormattedJson),
        [from, to, format] if format == Format::V1Json.as_str() => (from, to, Format::V1Json),
        _ => return Err("usage: convert FROM TO [v1-json]".into()),
    };
    let mut comments = Vec::new();
    for comment in Comments::open(from, ReadOptions::default())? {
        match comment {
            Ok(comment) => comments.push(comment),
            // Of a file that is cut off what there is of it is kept; of one that is none nothing is
            // written.
            Err(error) if error.is_fatal() && comments.is_empty() => return Err(error.into()),
            Err(error) => eprintln!("{error}"),
        }
    }
    write_file(to, format, &comments, &WriteOptions::default())?;
    println!("{}", Losses::of(&comments, format));
    Ok(())
}
