//! Features of pictures in memory, without a video: drawn frames become a store, whose rows then
//! say which of the frames is most like another picture.
//!
//! `cargo run --release -p frame-features --no-default-features --features flex,slim --example memory`

use std::error::Error;

use burn::tensor::Device;
use frame_features::{
    Encoder, FeatureStore, FeatureStoreWriter, FrameEncoder, Layer, Picture, Rational, StorePlan,
    Vgg, VideoEnd, VideoSource,
};

const SIDE: usize = 64;
const FRAMES: usize = 24;
/// Frames that go through the network at once.
const BATCH: usize = 8;

/// A red square that moves to the right from frame to frame.
fn draw(frame: usize) -> Vec<u8> {
    let left = frame * (SIDE - 16) / FRAMES;
    let inside = |x: usize, y: usize| (left..left + 16).contains(&x) && (24..40).contains(&y);
    (0..SIDE * SIDE)
        .flat_map(|place| {
            if inside(place % SIDE, place / SIDE) {
                [230, 80, 60]
            } else {
                [40, 60, 90]
            }
        })
        .collect()
}

fn picture(rgb: &[u8]) -> Picture<'_> {
    Picture::new(SIDE, SIDE, rgb).expect("three bytes a pixel")
}

fn main() -> Result<(), Box<dyn Error>> {
    let network = Vgg::slim(&Device::flex())?;
    let encoder = Encoder::new(&network, Layer::Conv5_3, SIDE)?;

    let folder = tempfile::tempdir()?;
    let drawn = VideoSource {
        path: "drawn".into(),
        bytes: 0,
        sha256: "0".repeat(64),
    };
    let plan = StorePlan::new(encoder.id().clone(), encoder.shape(), drawn);
    let row_len = plan.row_len();
    let mut writer = FeatureStoreWriter::create(folder.path(), plan)?;
    let frames: Vec<_> = (0..FRAMES).map(draw).collect();
    for (batch, frames) in frames.chunks(BATCH).enumerate() {
        let pictures: Vec<_> = frames.iter().map(|rgb| picture(rgb)).collect();
        let rows = encoder.encode(&pictures)?;
        for (place, row) in rows.chunks_exact(row_len).enumerate() {
            let frame = batch * BATCH + place;
            writer.push(frame, f64::from(u32::try_from(frame)?) / 12.0, row)?;
        }
    }
    writer.finish(VideoEnd::new(FRAMES, Rational::new(12, 1), 2.0))?;

    let store = FeatureStore::open(folder.path())?;
    println!("{} rows by {}", store.len(), store.info().plan.encoder);
    let asked = encoder.encode(&[picture(&draw(9))])?;
    let mut best = (0, f32::INFINITY);
    for row in 0..store.len() {
        let pairs = store.row(row)?.iter().zip(&asked);
        let distance: f32 = pairs.map(|(a, b)| (a.to_f32() - b).powi(2)).sum();
        if distance < best.1 {
            best = (row, distance);
        }
    }
    println!("frame 9 is most like row {}", best.0);
    Ok(())
}
