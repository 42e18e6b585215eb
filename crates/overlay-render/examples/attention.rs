//! Shows where a model looked: a picture as tiles, one a word, and the picture itself with the map
//! of all words laid over it.
//!
//! `cargo run -p overlay-render --example attention -- frame.png attention.jsonl font.otf tiles.png
//! heat.png`, with a file of `nico comment --attention`, of which the first comment is shown.

use std::error::Error;

use overlay_render::{
    AttentionMap, AttentionTrack, Contrast, Fonts, HeatMap, PAPER_SMOOTHING, TileOptions,
    draw_tiles,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [frame, attention, font, tiles, heat] = arguments.as_slice() else {
        return Err(
            "usage: attention frame.png attention.jsonl font.otf tiles.png heat.png".into(),
        );
    };
    let mut frame = image::open(frame)?.into_rgb8();
    let track = AttentionTrack::read(attention, AttentionTrack::CROSSING)?;
    let comment = track.comments().first().ok_or("there is no comment")?;
    let fonts = Fonts::from_bytes([std::fs::read(font)?])?;

    draw_tiles(&frame, &comment.words, &fonts, &TileOptions::default())?.save(tiles)?;

    let maps = comment.words.iter().map(|word| (1.0, &word.map));
    let mean = AttentionMap::mean(maps).ok_or("maps of different sizes")?;
    let map = HeatMap::new(
        &mean,
        frame.dimensions(),
        PAPER_SMOOTHING,
        Contrast::Stretched,
    )?;
    map.paint_rgb(&mut frame);
    frame.save(heat)?;
    Ok(())
}
