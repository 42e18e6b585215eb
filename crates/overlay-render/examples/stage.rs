//! Draws one moment of a comment file on a transparent picture, or writes the comments as subtitles
//! or as numbers: the output's ending says which.
//!
//! `cargo run -p overlay-render --example stage -- comments.xml 12.5 out.png`, with the time in
//! seconds; `out.ass` and `out.json` are of all times. Font files behind that are used in place of
//! the system's, from memory: with them the program needs no feature of the crate.

use std::error::Error;
use std::fs::{self, File};

use nico_comments::{Comments, ReadOptions};
use overlay_render::{
    AssOptions, Fonts, LaneOverflow, LayoutOptions, draw_stage, layout, write_ass,
    write_layout_json,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, seconds, out, fonts @ ..] = arguments.as_slice() else {
        return Err(
            "usage: stage comments.xml seconds out.png|out.ass|out.json [font.otf…]".into(),
        );
    };
    let seconds: f64 = seconds.parse()?;
    let comments = Comments::open(file, ReadOptions::default())?.collect::<Result<Vec<_>, _>>()?;
    let options = LayoutOptions::default().lane_overflow(LaneOverflow::Constant(0.5));
    let placed = layout(&comments, &open(fonts)?, &options);
    if out.ends_with(".ass") {
        write_ass(&placed, &AssOptions::default(), File::create(out)?)?;
    } else if out.ends_with(".json") {
        write_layout_json(&placed, File::create(out)?)?;
    } else {
        draw_stage(&placed, seconds * 100.0, 1920, 1080)?.save(out)?;
    }
    Ok(())
}

/// The fonts of these files, or those of the system.
fn open(files: &[String]) -> Result<Fonts, Box<dyn Error>> {
    if !files.is_empty() {
        let read: Result<Vec<Vec<u8>>, _> = files.iter().map(fs::read).collect();
        return Ok(Fonts::from_bytes(read?)?);
    }
    installed()
}

#[cfg(feature = "system-fonts")]
fn installed() -> Result<Fonts, Box<dyn Error>> {
    Ok(Fonts::system()?)
}

#[cfg(not(feature = "system-fonts"))]
fn installed() -> Result<Fonts, Box<dyn Error>> {
    Err("name a font file, or build with the feature system-fonts".into())
}
