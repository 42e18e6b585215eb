//! The features that a network in ONNX makes of raw pictures, and how long it takes.
//!
//! ```sh
//! cargo run --release -p frame-features --features onnx --example onnx_rows -- \
//!     eyes.onnx pictures.rgb features.f32 [ROUNDS]
//! ```
//!
//! `pictures.rgb` has pictures of the network's side one after the other, rows of red, green and
//! blue bytes; `features.f32` gets rows of little-endian floats. `benches/onnx/compare.py` compares
//! them with onnxruntime's.

use std::time::Instant;

use burn::tensor::Device;
use frame_features::{FrameEncoder, OnnxEncoder, Picture};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (network, pictures, features, rounds) = match &arguments[..] {
        [network, pictures, features] => (network, pictures, features, 1),
        [network, pictures, features, rounds] => (network, pictures, features, rounds.parse()?),
        _ => return Err("usage: onnx_rows FILE.onnx PICTURES.rgb FEATURES.f32 [ROUNDS]".into()),
    };
    let started = Instant::now();
    let encoder = OnnxEncoder::load(network, &Device::flex())?;
    println!("{encoder}");
    println!("loaded in {:.3} s", started.elapsed().as_secs_f64());
    let side = encoder.id().input_size;
    let bytes = std::fs::read(pictures)?;
    let pictures: Vec<Picture<'_>> = bytes
        .chunks_exact(side * side * 3)
        .map_while(|rgb| Picture::new(side, side, rgb))
        .collect();
    let mut rows = Vec::new();
    for _ in 0..rounds {
        let started = Instant::now();
        rows = encoder.encode(&pictures)?;
        let seconds = started.elapsed().as_secs_f64();
        println!("{} pictures in {seconds:.4} s", pictures.len());
    }
    let values: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(features, values)?;
    Ok(())
}
