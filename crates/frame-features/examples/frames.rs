//! Lists a video's frames with their times and writes one of them as a picture.
//!
//! `cargo run --release -p frame-features --example frames -- VIDEO [INDEX OUT.ppm]`

use std::error::Error;
use std::io::Write;

use frame_features::{VideoFrames, VideoOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let video = arguments.next().ok_or("which video?")?;
    let wanted = match (arguments.next(), arguments.next()) {
        (Some(index), Some(out)) => Some((index.parse::<usize>()?, out)),
        _ => None,
    };
    let mut frames = VideoFrames::open(&video, VideoOptions::default())?;
    println!("{:?}", frames.info());
    while let Some(frame) = frames.next_frame()? {
        println!("{:6} {:10.4} s", frame.index, frame.time.seconds());
        if let Some((_, out)) = wanted.as_ref().filter(|(index, _)| *index == frame.index) {
            let mut file = std::fs::File::create(out)?;
            writeln!(file, "P6 {} {} 255", frame.width, frame.height)?;
            file.write_all(&frame.rgb)?;
        }
    }
    println!(
        "{} frames, {:.3} s",
        frames.decoded(),
        frames.decoded_duration()
    );
    if let Some(reason) = frames.ended_early() {
        println!("not whole: {reason}");
    }
    Ok(())
}
