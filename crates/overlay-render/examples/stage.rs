//! Draws one moment of a comment file on a transparent picture, or writes it as subtitles if the name ends in `.ass`.
//!
//! `cargo run -p overlay-render --example stage -- comments.xml 12.5 out.png`, with the time in seconds.

use std::error::Error;
use std::fs::File;

use nico_comments::{Comments, ReadOptions};
use overlay_render::{
    AssOptions, Fonts, LayoutOptions, WithoutLane, draw_stage, layout, write_ass,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, seconds, out] = arguments.as_slice() else {
        return Err("usage: stage comments.xml seconds out.png".into());
    };
    let seconds: f64 = seconds.parse()?;
    let comments = Comments::open(file, ReadOptions::default())?.collect::<Result<Vec<_>, _>>()?;
    let options = LayoutOptions::default().without_lane(WithoutLane::Constant(0.5));
    let placed = layout(&comments, &Fonts::system()?, &options);
    if out.ends_with(".ass") {
        write_ass(&placed, &AssOptions::default(), File::create(out)?)?;
    } else {
        draw_stage(&placed, seconds * 100.0, 1920, 1080)?.save(out)?;
    }
    Ok(())
}
