//! How fast frames become features on this machine's CPU.
//!
//! `cargo run --release -p frame-features --example vgg_speed -- [VIDEO]`
//!
//! Prints frames a second of VGG-19 up to `conv5_3` at 224x224, of an eighth of the width and of
//! full width, with random weights: by [`Encoder`], from bytes, and by Burn alone, from tensors.
//! Beside it, how many arithmetic operations a second that is. With a video also frames a second of
//! decoding and scaling it. Each figure is the median of its rounds.

use std::error::Error;
use std::time::Instant;

use burn::tensor::Device;
use frame_features::{Encoder, Layer, Picture, Preprocess, Vgg19Config, VideoFrames, VideoOptions};

/// Rounds of each measurement.
const ROUNDS: usize = 5;
const SIZE: usize = 224;

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::flex();
    let rgb: Vec<u8> = (0..=255).cycle().take(SIZE * SIZE * 3).collect();
    let picture = Picture::new(SIZE, SIZE, &rgb).ok_or("three bytes a pixel")?;
    for (divisor, batch) in [(8, 1), (8, 16), (1, 1), (1, 4)] {
        let config = Vgg19Config::slim(divisor);
        let network = config.init(&device);
        let pictures = vec![picture; batch];
        let operations = operations(&config);
        let report = |way: &str, seconds: f64| {
            let rate = f64::from(u32::try_from(batch).unwrap_or(0)) / seconds;
            let giga = operations / 1e9;
            println!(
                "width / {divisor}, batch {batch:2}, {way}: {rate:7.2} frames/s, {giga:.2} GFLOP a frame, {:.1} GFLOP/s",
                rate * giga
            );
        };
        let encoder = Encoder::new(&network, Layer::Conv5_3, SIZE)?;
        report(
            "encoder  ",
            median(|| {
                encoder.encode(&pictures)?;
                Ok(())
            })?,
        );
        let images = Preprocess::new(SIZE).batch(&pictures, &device);
        report(
            "Burn only",
            median(|| {
                network.forward_conv5_3(images.clone()).try_into_data()?;
                Ok(())
            })?,
        );
    }
    if let Some(video) = std::env::args().nth(1) {
        let mut count = 0;
        let seconds = median(|| {
            let options = VideoOptions::default().size(224, 224);
            let mut frames = VideoFrames::open(&video, options)?;
            while frames.next_frame()?.is_some() {}
            count = frames.decoded();
            Ok(())
        })?;
        let rate = f64::from(u32::try_from(count)?) / seconds;
        println!("decoding to 224x224: {rate:.1} frames/s");
    }
    Ok(())
}

/// The median of some rounds, in seconds, after one that is not counted.
fn median(mut round: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    round()?;
    let mut seconds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[ROUNDS / 2])
}

/// Additions and multiplications of the convolutions up to `conv5_3` for a picture of 224x224.
fn operations(config: &Vgg19Config) -> f64 {
    const SIDES: [u32; 15] = [
        224, 224, 112, 112, 56, 56, 56, 56, 28, 28, 28, 28, 14, 14, 14,
    ];
    let each = SIDES.iter().enumerate().map(|(index, &side)| {
        let [input, output] = config.convolution_channels(index);
        let weights = u32::try_from(input * output * 9).unwrap_or(u32::MAX);
        2.0 * f64::from(weights) * f64::from(side * side)
    });
    each.sum()
}
