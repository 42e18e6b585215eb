//! Reads when a video's frames are shown, and compares it with decoding all of them.
//!
//! `cargo run --release -p frame-features --example frame_times -- VIDEO`

use std::time::Instant;

use frame_features::{FrameTimes, VideoFrames, VideoOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let video = std::env::args().nth(1).ok_or("expected VIDEO")?;
    let started = Instant::now();
    let times = FrameTimes::read(&video, &mut |_| ())?;
    println!(
        "{} frames in {:.2} s, all of them decoded: {}",
        times.seconds.len(),
        started.elapsed().as_secs_f64(),
        times.decoded
    );
    let started = Instant::now();
    let mut frames = VideoFrames::open(&video, VideoOptions::default())?;
    let mut decoded = Vec::new();
    while let Some((_, time)) = frames.skip_frame()? {
        decoded.push(time.seconds());
    }
    println!(
        "{} frames decoded in {:.2} s, the same times: {}",
        decoded.len(),
        started.elapsed().as_secs_f64(),
        decoded == times.seconds
    );
    Ok(())
}
