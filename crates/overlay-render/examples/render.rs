//! Draws a comment file on a video.
//!
//! `cargo run --release -p overlay-render --example render -- in.mp4 comments.xml out.mp4
//! [seconds [crf preset]]`. With `seconds`, the comments are moved so that this moment of their
//! video is the start of this one; `crf` and `preset` are the encoder's.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use nico_comments::{Comments, ReadOptions, Vpos};
use overlay_render::{Fonts, LayoutOptions, RenderOptions, layout, render};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, file, output, rest @ ..] = arguments.as_slice() else {
        return Err("usage: render in.mp4 comments.xml out.mp4 [seconds [crf preset]]".into());
    };
    let start = Vpos::from_secs_f64(rest.first().map_or(Ok(0.0), |s| s.parse())?);
    let options = ReadOptions::default().shift(Vpos(0) - start);
    let comments = Comments::open(file, options)?.collect::<Result<Vec<_>, _>>()?;
    let clock = Instant::now();
    let placed = layout(&comments, &Fonts::system()?, &LayoutOptions::default());
    println!(
        "{} comments placed in {:.2?}",
        comments.len(),
        clock.elapsed()
    );
    let mut options = RenderOptions::default();
    if let [_, crf, preset] = rest {
        options.crf = Some(crf.parse()?);
        options.preset = Some(preset.clone());
    }
    let clock = Instant::now();
    let report = render(Path::new(input), Path::new(output), &placed, &options)?;
    println!("{report:?} in {:.2?}", clock.elapsed());
    Ok(())
}
