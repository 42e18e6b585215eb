//! Reads comments of any format and writes them as XML, v1 or "formatted" JSON, one at a time; says
//! what the new format cannot hold.
//!
//! ```text
//! cargo run --release -p nico-comments --example convert -- log.json comments.xml
//! cargo run --release -p nico-comments --example convert -- comments.xml comments.json v1-json
//! ```

use std::error::Error;

use nico_comments::{Comments, Format, FormatWriter, Losses, ReadOptions, WholeFile, WriteOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let (from, to, format) = match &args[..] {
        [from, to] if to.ends_with(".xml") => (from, to, Format::Xml),
        [from, to] => (from, to, Format::FormattedJson),
        [from, to, format] => (from, to, format.parse()?),
        _ => return Err("usage: convert FROM TO [FORMAT]".into()),
    };
    let mut losses = Losses::new(format);
    let file = WholeFile::create(to)?;
    let mut writer = FormatWriter::new(file, format, WriteOptions::default())?;
    for comment in Comments::open(from, ReadOptions::default())? {
        match comment {
            Ok(comment) => {
                losses.add(&comment);
                writer.write(&comment)?;
            }
            // Of a file that is cut off what there is of it is kept; of one that is none nothing is
            // written.
            Err(error) if error.is_fatal() && losses.comments() == 0 => return Err(error.into()),
            Err(error) => eprintln!("{error}"),
        }
    }
    writer.finish()?.commit()?;
    println!("{losses}");
    Ok(())
}
