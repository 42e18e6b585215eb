//! Writes the comments of a file that speak and hold none of some words to another one, and tells
//! what was left out: `cargo run -p nico-comments --example keep -- IN OUT.xml [WORD…]`.

use std::env;
use std::error::Error;
use std::io;

use nico_comments::{
    Comments, Filters, Keep, Kind, NgWords, Only, ReadOptions, ScoreLimit, Without, WriteOptions,
    XmlWriter, write_whole,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("usage: keep IN OUT.xml [WORD…]".into());
    };
    let filters = Filters::new()
        .with("silent", Only(Kind::Speech))
        .with("by one tap", Without(Kind::Easy))
        .with("comment art", Without(Kind::CommentArt))
        .with("NG score", ScoreLimit::MEDIUM)
        .with("NG words", NgWords::new(arguments));
    let mut rejected = 0;
    let comments = Comments::open(from, ReadOptions::default())?;
    write_whole(to, |out| {
        let mut writer = XmlWriter::new(out, WriteOptions::default());
        for comment in comments.keep(&filters) {
            match comment {
                Ok(comment) => writer.write(&comment)?,
                Err(error) if error.is_fatal() => return Err(io::Error::other(error)),
                Err(_) => rejected += 1,
            }
        }
        writer.finish().map(drop)
    })?;
    println!("{filters}; {rejected} could not be read");
    Ok(())
}
