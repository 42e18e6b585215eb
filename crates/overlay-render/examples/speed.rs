//! Measures placing and drawing on one core, without any video.
//!
//! `cargo run --release -p overlay-render --example speed -- COMMAND FILE…`:
//!
//! - `layout FILE…`: comments placed a second, the first time and again, each file by itself, and
//!   of 100,000 comments made by repeating the last file's, 20 a second.
//! - `dense FILE WIDTHxHEIGHT FRAMES FPS`: places the file's comments and draws that many frames,
//!   all counted.
//! - `crowd FILE COUNT WIDTHxHEIGHT`: so many comments within one second, placed, and a frame drawn
//!   twice.
//! - `lanes COUNT…`: so many comments within 30 seconds, placed: comments a second, with comments
//!   that find no lane at random heights and all at one height, without and with `@N` among them.
//! - `busiest FILE WIDTHxHEIGHT`: finds the moment with the most comments on stage and draws the
//!   second around it, 60 frames.

use std::error::Error;
use std::time::{Duration, Instant};

use nico_comments::{Comment, Comments, ReadOptions, Vpos};
use overlay_render::{
    Fonts, LaneOverflow, Layout, LayoutOptions, Overlay, Viewport, Yuv420p, YuvColors, layout,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["layout", files @ ..] if !files.is_empty() => files_placed(files),
        ["dense", file, size, frames, fps] => dense(file, size, frames.parse()?, fps.parse()?),
        ["crowd", file, count, size] => crowd(file, count.parse()?, size),
        ["lanes", counts @ ..] if !counts.is_empty() => lanes(counts),
        ["busiest", file, size] => busiest(file, size),
        _ => Err(
            "usage: speed layout FILE… | dense FILE 854x480 FRAMES FPS | crowd FILE COUNT 854x480 | lanes COUNT… | busiest FILE 1920x1080"
                .into(),
        ),
    }
}

fn read(file: &str) -> Outcome<Vec<Comment>> {
    Ok(Comments::open(file, ReadOptions::default())?.collect::<Result<Vec<_>, _>>()?)
}

fn options() -> LayoutOptions {
    LayoutOptions::default().lane_overflow(LaneOverflow::Constant(0.5))
}

fn files_placed(files: &[&str]) -> Outcome {
    let mut last = Vec::new();
    for file in files {
        last = read(file)?;
        let fonts = Fonts::system()?;
        let rates = [0, 1].map(|_| {
            let clock = Instant::now();
            let placed = layout(&last, &fonts, &options());
            rate(placed.comments().len(), clock.elapsed())
        });
        println!(
            "{file}: {} comments, {:.0} a second at first, {:.0} again",
            last.len(),
            rates[0],
            rates[1]
        );
    }
    let many: Vec<Comment> = (0..100_000)
        .zip(last.iter().cycle())
        .map(|(i, read)| Comment::new(Vpos(i * 5), read.body.clone()).mail(read.mail.clone()))
        .collect();
    let fonts = Fonts::system()?;
    let clock = Instant::now();
    let placed = layout(&many, &fonts, &options());
    assert_eq!(placed.comments().len(), many.len());
    println!(
        "100,000 comments, 20 a second: {:.3} s",
        clock.elapsed().as_secs_f64()
    );
    Ok(())
}

fn rate(comments: usize, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let comments = comments as f64;
    comments / time.as_secs_f64()
}

/// A picture of middle grey with some texture.
struct Picture {
    planes: [Vec<u8>; 3],
    width: usize,
}

impl Picture {
    fn new(viewport: Viewport) -> Self {
        let (width, height) = (viewport.width() as usize, viewport.height() as usize);
        let half = width.div_ceil(2) * height.div_ceil(2);
        let luma = (60..161_u8).cycle().take(width * height).collect();
        Self {
            planes: [luma, vec![110; half], vec![140; half]],
            width,
        }
    }

    fn paint(&mut self, overlay: &mut Overlay<'_>, t: f64) -> usize {
        let half = self.width.div_ceil(2);
        let [y, u, v] = &mut self.planes;
        let mut picture = Yuv420p {
            planes: [y, u, v],
            strides: [self.width, half, half],
        };
        overlay.paint_yuv420p(t, &mut picture, YuvColors::default())
    }
}

fn viewport(size: &str) -> Outcome<Viewport> {
    let (width, height) = size.split_once('x').ok_or("expected WIDTHxHEIGHT")?;
    Ok(Viewport::new(width.parse()?, height.parse()?)?)
}

fn dense(file: &str, size: &str, frames: u32, fps: f64) -> Outcome {
    let comments = read(file)?;
    let viewport = viewport(size)?;
    let mut picture = Picture::new(viewport);
    let fonts = Fonts::system()?;
    let clock = Instant::now();
    let placed = layout(&comments, &fonts, &options());
    let laid_out = clock.elapsed();
    let mut overlay = Overlay::new(&placed, viewport);
    let mut shown = 0;
    let mut times: Vec<Duration> = Vec::new();
    for frame in 0..frames {
        let clock = Instant::now();
        shown += picture.paint(&mut overlay, f64::from(frame) * 100.0 / fps);
        times.push(clock.elapsed());
    }
    let drawn: Duration = times.iter().sum();
    times.sort();
    println!(
        "{size}: {:.4} ms a frame with layout ({:.1} ms) and first drawing of all comments; median {:.4}, longest {:.2}; {} comments a frame",
        (laid_out + drawn).as_secs_f64() * 1000.0 / f64::from(frames),
        laid_out.as_secs_f64() * 1000.0,
        times[times.len() / 2].as_secs_f64() * 1000.0,
        times[times.len() - 1].as_secs_f64() * 1000.0,
        shown / frames as usize
    );
    Ok(())
}

fn crowd(file: &str, count: u32, size: &str) -> Outcome {
    let list = read(file)?;
    let comments: Vec<Comment> = (0..count)
        .zip(list.iter().cycle())
        .map(|(i, read)| {
            let vpos = Vpos(i64::from(i) * 100 / i64::from(count));
            Comment::new(vpos, format!("{}{i}", read.body)).mail(read.mail.clone())
        })
        .collect();
    let viewport = viewport(size)?;
    let mut picture = Picture::new(viewport);
    let clock = Instant::now();
    let placed = layout(&comments, &Fonts::system()?, &options());
    let laid_out = clock.elapsed();
    println!("{count} comments in a second: placed in {laid_out:.2?}");
    let mut overlay = Overlay::new(&placed, viewport);
    for _ in 0..2 {
        let clock = Instant::now();
        let shown = picture.paint(&mut overlay, 99.0);
        println!(
            "{size}: a frame with {shown} comments in {:.2?}",
            clock.elapsed()
        );
    }
    Ok(())
}

fn lanes(counts: &[&str]) -> Outcome {
    let fonts = Fonts::system()?;
    for count in counts {
        let count: u32 = count.parse()?;
        for (mixed, name) in [(false, "3 s"), (true, "mixed durations")] {
            let mut state = 1_u32;
            let mut number = |below: u32| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) % below
            };
            let comments: Vec<Comment> = (0..count)
                .map(|i| {
                    let mails = [
                        "184", "ue", "shita", "big", "small", "ue big", "@5", "ue @8",
                    ];
                    let mail = mails[number(if mixed { 8 } else { 6 }) as usize];
                    let text = "草".repeat(1 + number(29) as usize);
                    let vpos = Vpos(i64::from(number(3000)));
                    Comment::new(vpos, text).mail(mail).date(i64::from(i))
                })
                .collect();
            for source in [
                LaneOverflow::Random { seed: 0 },
                LaneOverflow::Constant(0.5),
            ] {
                let options = LayoutOptions::default().lane_overflow(source);
                let clock = Instant::now();
                let placed = layout(&comments, &fonts, &options);
                let elapsed = clock.elapsed();
                // What every comment's place comes to: the same for the same places.
                let sum = placed.comments().iter().fold(0_u64, |sum, comment| {
                    let place = comment.pos_y.to_bits() ^ u64::from(comment.overflow);
                    sum.rotate_left(5) ^ place
                });
                println!(
                    "{count} comments, {name}, {source:?}: {:.0} a second, places {sum:016x}",
                    rate(placed.comments().len(), elapsed)
                );
            }
        }
    }
    Ok(())
}

/// The time, in centiseconds, with the most comments on stage, and how many.
fn busiest_moment(placed: &Layout) -> (f64, usize) {
    let mut list = Vec::new();
    let mut best = (0.0, 0);
    for comment in placed.comments() {
        for late in [0_i16, 100, 200] {
            #[expect(clippy::cast_precision_loss, reason = "times of a video")]
            let t = comment.vpos.0 as f64 + f64::from(late);
            placed.draw_list_into(t, &mut list);
            if list.len() > best.1 {
                best = (t, list.len());
            }
        }
    }
    best
}

fn busiest(file: &str, size: &str) -> Outcome {
    let comments = read(file)?;
    let viewport = viewport(size)?;
    let mut picture = Picture::new(viewport);
    let fonts = Fonts::system()?;
    let placed = layout(&comments, &fonts, &options());
    let (moment, most) = busiest_moment(&placed);
    let mut overlay = Overlay::new(&placed, viewport);
    let mut times = Vec::new();
    let mut shown = Vec::new();
    for frame in 0..60_i16 {
        let t = moment + f64::from(frame - 30) * 100.0 / 60.0;
        let clock = Instant::now();
        shown.push(picture.paint(&mut overlay, t));
        times.push(clock.elapsed().as_secs_f64() * 1000.0);
    }
    let total: f64 = times.iter().sum();
    let first = times[0];
    times.sort_by(f64::total_cmp);
    println!(
        "{size}: at most {most} comments, at {moment} cs; {:.3} ms a frame (median of 60; mean {:.3}, first {first:.1}), {} to {} comments",
        times[30],
        total / 60.0,
        shown.iter().min().expect("60 frames"),
        shown.iter().max().expect("60 frames"),
    );
    Ok(())
}
