//! How fast a video is decoded, and how long an extraction takes against its two halves.
//!
//! `cargo run --release -p frame-features --example pipeline_speed -- decode VIDEO [THREADS]`
//! `cargo run --release -p frame-features --example pipeline_speed -- extract VIDEO DIVISOR`
//!
//! `decode` decodes the video once, scaled to 224x224 in RGB, and prints its seconds: for
//! `benches/features/decode.sh`. `extract` takes all frames, each with features of its own, through
//! VGG-19 of a `DIVISOR`th of the width (random weights, conv5_3), and prints the seconds of
//! decoding alone, of the network alone and of the extraction, medians of three rounds in turn.

use std::error::Error;
use std::time::Instant;

use burn::tensor::Device;
use frame_features::{
    DuplicateFrames, Encoder, ExtractOptions, Frame, FrameEncoder, Layer, VggConfig, VideoFrames,
    VideoOptions, extract,
};

const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["decode", video, threads @ ..] => {
            let threads = threads.first().map_or(Ok(0), |threads| threads.parse())?;
            let start = Instant::now();
            let options = VideoOptions::default().size(224, 224).threads(threads);
            let mut frames = VideoFrames::open(video, options)?;
            while frames.next_frame()?.is_some() {}
            let seconds = start.elapsed().as_secs_f64();
            println!("{seconds:.3} s for {} frames", frames.decoded());
            Ok(())
        }
        ["extract", video, divisor] => halves(video, divisor.parse()?),
        _ => Err("expected decode VIDEO [THREADS] or extract VIDEO DIVISOR".into()),
    }
}

fn halves(video: &str, divisor: usize) -> Result<(), Box<dyn Error>> {
    let device = Device::flex();
    device.seed(1);
    let network = VggConfig::slim(divisor).init(&device).named("random");
    let encoder = Encoder::new(&network, Layer::Conv5_3, 224)?;
    let options = ExtractOptions::default().duplicates(DuplicateFrames::Separate);
    let mut seconds = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let decoding = VideoOptions::default().size(224, 224);
        let pictures: Vec<Frame> = VideoFrames::open(video, decoding)?.collect::<Result<_, _>>()?;
        seconds[0].push(start.elapsed().as_secs_f64());

        let start = Instant::now();
        for batch in pictures.chunks(options.batch) {
            let batch: Vec<_> = batch.iter().map(Frame::picture).collect();
            encoder.encode(&batch)?;
        }
        seconds[1].push(start.elapsed().as_secs_f64());

        let folder = tempfile::tempdir()?;
        let start = Instant::now();
        extract(video, &encoder, &options, folder.path())?;
        seconds[2].push(start.elapsed().as_secs_f64());
    }
    let [decoding, network, whole] = seconds.map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        seconds[ROUNDS / 2]
    });
    println!(
        "decoding {decoding:.2} s, network {network:.2} s, extraction {whole:.2} s: {:.3} of the slower half's speed",
        decoding.max(network) / whole
    );
    Ok(())
}
