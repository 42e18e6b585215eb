//! Trains the demo's encoder on drawn characters, or asks what its features are good for.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use burn::tensor::Device;
use clap::{Parser, Subcommand};
use frame_features::Vgg;
use world::{EncoderOptions, Phase, TrainingEvent, probe_encoder, sample_sheet, train_encoder};

/// Trains the demo's encoder on drawn characters, or asks what its features are good for.
#[derive(Parser, Debug)]
#[command(name = "train-encoder", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Trains, going on from CHECKPOINTS, writes the weights and prints held-out accuracy.
    Train {
        /// The weights to write.
        #[arg(value_name = "OUT.safetensors")]
        out: PathBuf,
        /// Folder of checkpoints.
        checkpoints: PathBuf,
        /// Phases of the training, one after the other: size of the pictures, steps, pictures of a
        /// step, learning rate, and how much the background counts (0.1). Pictures have at least
        /// 32 pixels a side.
        #[arg(
            long,
            value_name = "SIZExSTEPSxBATCHxRATE[xBACKGROUND]",
            value_delimiter = ',',
            value_parser = phase
        )]
        phases: Option<Vec<Phase>>,
    },
    /// Learns the shared characters on the café's frames, asks on the safari's.
    Probe {
        /// The encoder.
        weights: PathBuf,
    },
    /// Draws some of the training pictures.
    Sheet {
        /// The picture to write.
        #[arg(value_name = "OUT.png")]
        out: PathBuf,
    },
}

/// Smallest side of a picture: it is halved five times.
const LEAST_SIZE: u32 = 32;

fn phase(text: &str) -> Result<Phase, String> {
    let parse = || {
        let mut parts = text.split('x');
        let phase = Phase {
            size: parts.next()?.parse().ok()?,
            steps: parts.next()?.parse().ok()?,
            batch: parts.next()?.parse().ok()?,
            learning_rate: parts.next()?.parse().ok()?,
            background: parts
                .next()
                .map_or(Ok(Phase::USUAL_BACKGROUND), str::parse)
                .ok()?,
        };
        let is_usable = phase.size >= LEAST_SIZE
            && phase.steps > 0
            && phase.batch > 0
            && phase.learning_rate > 0.0
            && phase.learning_rate.is_finite()
            && phase.background >= 0.0
            && phase.background.is_finite();
        (parts.next().is_none() && is_usable).then_some(phase)
    };
    parse().ok_or_else(|| "expected such as 64x1500x16x0.0015 or 64x1500x16x0.0015x0.1".into())
}

fn main() -> ExitCode {
    match run(Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("train-encoder: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Train {
            out,
            checkpoints,
            phases,
        } => {
            let mut options = EncoderOptions::default();
            if let Some(phases) = phases {
                options.phases = phases;
            }
            train(&out, &checkpoints, &options)
        }
        Command::Probe { weights } => probe(&weights),
        Command::Sheet { out } => sample_sheet(6, 224)
            .save(&out)
            .with_context(|| out.display().to_string()),
    }
}

fn train(out: &Path, checkpoints: &Path, options: &EncoderOptions) -> anyhow::Result<()> {
    let begun = Instant::now();
    let seconds = || begun.elapsed().as_secs_f64();
    let mut smooth = None;
    let trained = train_encoder(checkpoints, options, |event| match event {
        TrainingEvent::Step {
            phase,
            step,
            loss,
            rate,
        } => {
            let smoothed = smooth.filter(|_| step > 1).unwrap_or(loss) * 0.95 + loss * 0.05;
            smooth = Some(smoothed);
            if step % 10 == 0 || step == 1 {
                let passed = seconds();
                println!(
                    "{passed:6.0} s  phase {phase}  step {step:5}  loss {smoothed:.3}  {rate:.1} pictures/s"
                );
            }
        }
        TrainingEvent::Resumed { phase, step } => {
            println!("going on in phase {phase} after step {step}");
        }
        _ => {}
    })?;
    trained.vgg19().save_safetensors_f16(out)?;
    println!("{} written after {:.0} s", out.display(), seconds());
    let size = options.phases.last().map_or(224, |phase| phase.size);
    println!("held-out pictures at {size}x{size}:");
    for one in trained.accuracy(options.held_out, size) {
        println!(
            "  {:22} {:5.1} %   most frequent answer {:5.1} %   {} pictures",
            one.attribute,
            100.0 * one.accuracy,
            100.0 * one.chance,
            one.pictures
        );
    }
    Ok(())
}

fn probe(weights: &Path) -> anyhow::Result<()> {
    let network = Vgg::load(weights, &Device::flex())?;
    println!("learnt on the cafe, asked on the safari (90 s each, a frame every 0.4 s):");
    for one in probe_encoder(&network, 90.0, 0.4, 1) {
        println!(
            "  {:8} {:16} average precision {:.3} (chance {:.3})   AUC {:.3} (chance 0.500)",
            one.character, one.features, one.average_precision, one.chance, one.auc
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_that_teach_nothing_are_refused() {
        let read = phase("64x1500x16x0.0015").unwrap();
        assert_eq!((read.size, read.steps, read.batch), (64, 1_500, 16));
        assert_eq!(read.background, Phase::USUAL_BACKGROUND);
        assert!(phase("32x1x1x1e-3x0").is_ok());
        for wrong in [
            "64x1500x16xNaN",
            "64x1500x16xinf",
            "64x1500x16x0",
            "64x1500x16x-0.001",
            "64x1500x0x0.001",
            "64x0x16x0.001",
            "31x1500x16x0.001",
            "64x1500x16x0.001xNaN",
            "64x1500x16x0.001x-1",
            "64x1500x16x0.001x0.1x1",
            "64x1500x16",
            "",
        ] {
            assert!(phase(wrong).is_err(), "{wrong}");
        }
    }
}
