//! Extracts a video's features into a store and reads them back.
//!
//! `cargo run --release -p frame-features --example extract -- VIDEO WEIGHTS LAYER OUT [WITHIN]`
//!
//! `WEIGHTS` is a file such as torchvision's `vgg19-dcbb9e9d.pth`, `slim` for the encoder that
//! comes with the crate, or `random` to try the speed and `tiny` to try the rest. `LAYER` is a
//! name such as `relu7` or `conv5_3`. `WITHIN` is the distance within which a frame counts as the
//! one before it (`DuplicateFrames::Within`); without it, pictures have to be equal.

use std::cell::Cell;
use std::error::Error;
use std::ops::ControlFlow;

use burn::tensor::Device;
use frame_features::{
    DuplicateFrames, Encoder, ExtractOptions, FeatureSpread, FeatureStore, Progress, Vgg,
    VggConfig, extract,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let ([video, weights, layer, out], duplicates) = (match arguments.as_slice() {
        [four @ .., within] if arguments.len() == 5 => {
            (four, DuplicateFrames::Within(within.parse()?))
        }
        four => (four, DuplicateFrames::Equal),
    }) else {
        return Err("expected VIDEO WEIGHTS LAYER OUT [WITHIN]".into());
    };
    let layer = layer.parse()?;
    let device = Device::flex();
    let network = match weights.as_str() {
        "slim" => Vgg::slim(&device)?,
        "random" | "tiny" => {
            device.seed(1);
            let divisor = if weights == "tiny" { 64 } else { 8 };
            VggConfig::slim(divisor).init(&device).named(weights)
        }
        file => Vgg::load_for(file, layer, &device)?,
    };
    let told = Cell::new(0);
    let tell = |progress: Progress| {
        if progress.rows / 256 > told.get() {
            told.set(progress.rows / 256);
            let left = progress.time_left().unwrap_or_default().as_secs();
            let Progress {
                rows,
                expected_rows,
                ..
            } = progress;
            println!(
                "{rows} of {expected_rows}, {:.1} a second, {left} s left",
                progress.rate()
            );
        }
        ControlFlow::Continue(())
    };
    let encoder = Encoder::new(&network, layer, 224)?;
    let options = ExtractOptions::default()
        .duplicates(duplicates)
        .progress(&tell);
    let report = extract(video, &encoder, &options, out)?;
    let seconds = report.elapsed.as_secs_f64();
    println!(
        "{} frames made, {} of them duplicates, and {} kept in {seconds:.2} s",
        report.rows_made, report.duplicate_rows, report.rows_kept
    );
    if let Some(reason) = &report.info.ended_early {
        println!("the video is not whole: {reason}");
    }
    if !report.info.time_repairs.is_none() {
        println!("times repaired: {}", report.info.time_repairs);
    }
    let store = FeatureStore::open(out)?;
    if let Some(spread) = FeatureSpread::measure(&store)? {
        println!(
            "{} pictures differ by {:.2e} of their square",
            spread.pictures, spread.share
        );
    }
    let row = store.row(store.len() / 2)?;
    let mean = row
        .iter()
        .map(|value| f64::from(value.to_f32()))
        .sum::<f64>();
    let numbers = u32::try_from(row.len())?;
    println!(
        "rows of shape {:?}; mean of the middle one {:.4}",
        store.shape(),
        mean / f64::from(numbers)
    );
    Ok(())
}
