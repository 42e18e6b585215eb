//! `bench-cuda`: work of the original experiment's size on one device, with random features and
//! words of real comment lengths.
//!
//! Prints what each part took and, last, one table: measured rate, the floor that the device's own
//! rates of matrix products and of memory allow, and the share of it that was reached. `run.sh`
//! beside it runs PyTorch's side in the same call.

mod encoder;
mod floor;
mod generation;
mod row;
mod synthetic;
mod training;

use burn::tensor::Device;
use caption_train::Precision;
use clap::{Parser, ValueEnum};

use crate::{floor::Floor, row::Row};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Epochs, features and generation of the original experiment's size on one device.
#[derive(Parser, Debug)]
#[command(version)]
struct Args {
    /// Where it runs.
    #[arg(long, value_enum, default_value_t)]
    device: Place,
    /// What is measured.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Part::ALL)]
    parts: Vec<Part>,
    /// Comments of an epoch.
    #[arg(long, default_value_t = 384_922)]
    comments: usize,
    /// Frames they belong to.
    #[arg(long, default_value_t = 42_469)]
    frames: usize,
    /// Words of the vocabulary.
    #[arg(long, default_value_t = 30_000)]
    vocabulary: usize,
    /// Numbers of a frame's relu7.
    #[arg(long, default_value_t = 4_096)]
    d_features: usize,
    /// Width and height of conv5_3.
    #[arg(long, default_value_t = 14)]
    grid: usize,
    /// Comments a batch; each size is measured.
    #[arg(long, value_delimiter = ',', default_values_t = [256, 1024])]
    batch: Vec<usize>,
    /// Epochs; the fastest counts, since the first one compiles and tunes kernels.
    #[arg(long, default_value_t = 2)]
    epochs: usize,
    /// Pictures a batch for VGG-19.
    #[arg(long, default_value_t = 64)]
    pictures: usize,
    /// Channels of VGG-19 are divided by this.
    #[arg(long, default_value_t = 1)]
    vgg_divisor: usize,
    /// Side of the matrices whose product gives the device's rate.
    #[arg(long, default_value_t = 8_192)]
    matrix: usize,
}

/// A device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Place {
    /// The processor: to see that everything works, with small sizes.
    #[default]
    Cpu,
    /// The first NVIDIA GPU.
    #[cfg(feature = "cuda")]
    Cuda,
}

impl Place {
    fn device(self) -> Device {
        match self {
            Self::Cpu => Device::flex(),
            #[cfg(feature = "cuda")]
            Self::Cuda => Device::cuda(0),
        }
    }
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// An epoch of Show and Tell.
    Global,
    /// An epoch of Show, Attend and Tell.
    Attention,
    /// VGG-19 to conv5_3.
    Vgg,
    /// Greedy comments.
    Greedy,
}

impl Part {
    const ALL: [Self; 4] = [Self::Global, Self::Attention, Self::Vgg, Self::Greedy];
}

impl Args {
    /// bfloat16 products on a GPU; the processor has nothing from them.
    fn precision(&self) -> Precision {
        match self.device {
            Place::Cpu => Precision::F32,
            #[cfg(feature = "cuda")]
            Place::Cuda => Precision::Bf16,
        }
    }
}

fn main() -> Outcome {
    let args = Args::parse();
    let device = args.device.device();
    let floor = Floor::measure(&device, args.matrix)?;
    println!("{floor}");
    let mut rows: Vec<Row> = Vec::new();
    for &part in &args.parts {
        match part {
            Part::Global | Part::Attention => {
                for &batch in &args.batch {
                    rows.push(training::epoch(&args, part, batch, &device, &floor)?);
                }
            }
            Part::Vgg => rows.push(encoder::conv5_3(&args, &device, &floor)?),
            Part::Greedy => rows.push(generation::greedy(&args, &device, &floor)?),
        }
        println!("{}", rows[rows.len() - 1]);
    }
    println!("\n{}", Row::HEADER);
    for row in &rows {
        println!("{row}");
    }
    Ok(())
}
