//! Measures placing and drawing, without any video.
//!
//! `cargo run --release -p overlay-render --example speed -- comments.xml`. Takes the bodies and commands of the file, spreads
//! them over time, 20 a second, and prints how long placing them and drawing a frame takes on one core.

use std::error::Error;
use std::time::Instant;

use nico_comments::{Comment, Comments, ReadOptions, Vpos};
use overlay_render::{Fonts, LayoutOptions, Overlay, Viewport, Yuv420p, YuvColors, layout};

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("missing: comment file")?;
    let list = Comments::open(file, ReadOptions::default())?.collect::<Result<Vec<_>, _>>()?;
    let fonts = Fonts::system()?;
    for count in [600_i64, 100_000] {
        let comments: Vec<Comment> = (0..count)
            .zip(list.iter().cycle())
            .map(|(i, read)| {
                Comment::new(Vpos(i * 5), read.body.clone()).with_mail(read.mail.clone())
            })
            .collect();
        let clock = Instant::now();
        let placed = layout(&comments, &fonts, &LayoutOptions::default());
        println!(
            "{count} comments, 20 a second: placed in {:.2?}",
            clock.elapsed()
        );
        if count > 10_000 {
            continue;
        }
        for (width, height) in [(854, 480), (1920, 1080)] {
            let mut overlay = Overlay::new(&placed, Viewport::new(width, height)?);
            let (wide, half) = (usize::try_from(width)?, usize::try_from(width / 2)?);
            let (rows, half_rows) = (usize::try_from(height)?, usize::try_from(height / 2)?);
            let (mut y, mut u, mut v) = (
                vec![90; wide * rows],
                vec![128; half * half_rows],
                vec![128; half * half_rows],
            );
            let (clock, mut comments) = (Instant::now(), 0);
            for frame in 0..720_u32 {
                let mut picture = Yuv420p {
                    planes: [&mut y, &mut u, &mut v],
                    strides: [wide, half, half],
                };
                let t = f64::from(frame) * 100.0 / 24.0;
                comments += overlay.paint_yuv420p(t, &mut picture, YuvColors::default());
            }
            println!(
                "{width}x{height}: {:.2?} a frame, {} comments a frame",
                clock.elapsed() / 720,
                comments / 720
            );
        }
    }
    Ok(())
}
