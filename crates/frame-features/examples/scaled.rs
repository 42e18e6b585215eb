//! Writes frames of a video as they are decoded and as they are scaled, for comparing the scaling
//! with other programs.
//!
//! `cargo run --release -p frame-features --example scaled -- VIDEO SIZE EVERY DECODED SCALED`
//!
//! The two files get the same frames as bytes of red, green and blue without headers, the second
//! ones SIZE pixels wide and high; the frames' own width and height are printed.
//! `benches/features/resize_torch.py` reads them.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};

use frame_features::{Sampling, VideoFrames, VideoOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [video, size, every, decoded, scaled] = arguments.as_slice() else {
        return Err("expected VIDEO SIZE EVERY DECODED SCALED".into());
    };
    let size = size.parse()?;
    let options = VideoOptions::default().sampling(Sampling::every(every.parse()?));
    let mut size_of_frames = None;
    for (options, path) in [
        (options.clone(), decoded),
        (options.size(size, size), scaled),
    ] {
        let mut frames = VideoFrames::open(video, options)?;
        let mut file = BufWriter::new(File::create(path)?);
        while let Some(frame) = frames.next_frame()? {
            file.write_all(&frame.rgb)?;
            size_of_frames.get_or_insert((frame.width, frame.height));
        }
        file.flush()?;
    }
    let (width, height) = size_of_frames.ok_or("there are no frames")?;
    println!("{width} {height}");
    Ok(())
}
