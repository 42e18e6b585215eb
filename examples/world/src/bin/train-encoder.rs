//! Trains the demo's encoder on drawn characters, or asks what its features are good for.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use burn::tensor::Device;
use frame_features::Vgg19;
use world::{EncoderOptions, TrainingEvent, probe_encoder, sample_sheet, train_encoder};

const USAGE: &str = "usage:
  train-encoder train OUT.safetensors CHECKPOINTS [--phases SIZExSTEPSxBATCHxRATE,...]
                                          trains (going on from CHECKPOINTS), writes the weights, prints held-out accuracy
  train-encoder probe WEIGHTS             learns the shared characters on the cafe's frames, asks on the safari's
  train-encoder sheet OUT.png             draws some of the training pictures";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match *arguments.as_slice() {
        ["train", out, checkpoints] => {
            train(out.into(), checkpoints.into(), EncoderOptions::default())
        }
        ["train", out, checkpoints, "--phases", phases] => match with_phases(phases) {
            Some(options) => train(out.into(), checkpoints.into(), options),
            None => return usage(),
        },
        ["probe", weights] => probe(weights.into()),
        ["sheet", out] => sample_sheet(6, 224)
            .save(out)
            .map_err(|fault| format!("{out}: {fault}")),
        _ => return usage(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn with_phases(text: &str) -> Option<EncoderOptions> {
    let mut options = EncoderOptions::default();
    options.phases = text
        .split(',')
        .map(|phase| {
            let mut parts = phase.split('x');
            let phase = world::Phase {
                size: parts.next()?.parse().ok()?,
                steps: parts.next()?.parse().ok()?,
                batch: parts.next()?.parse().ok()?,
                learning_rate: parts.next()?.parse().ok()?,
            };
            parts.next().is_none().then_some(phase)
        })
        .collect::<Option<_>>()?;
    Some(options)
}

fn train(out: PathBuf, checkpoints: PathBuf, options: EncoderOptions) -> Result<(), String> {
    let begun = Instant::now();
    let mut smooth = 0.0;
    let trained = train_encoder(&checkpoints, &options, |event| match event {
        TrainingEvent::Step { phase, step, loss, rate } => {
            smooth = if step == 1 { loss } else { smooth * 0.95 + loss * 0.05 };
            if step % 10 == 0 || step == 1 {
                println!("{:6.0} s  phase {phase}  step {step:5}  loss {smooth:.3}  {rate:.1} pictures/s", begun.elapsed().as_secs_f64());
            }
        }
        TrainingEvent::Resumed { phase, step } => println!("going on in phase {phase} after step {step}"),
        _ => {}
    })
    .map_err(|fault| fault.to_string())?;
    trained
        .vgg19()
        .save_safetensors_f16(&out)
        .map_err(|fault| fault.to_string())?;
    println!(
        "{} written after {:.0} s",
        out.display(),
        begun.elapsed().as_secs_f64()
    );
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

fn probe(weights: PathBuf) -> Result<(), String> {
    let network = Vgg19::load(&weights, &Device::flex()).map_err(|fault| fault.to_string())?;
    println!("learnt on the cafe, asked on the safari (90 s each, a frame every 0.4 s):");
    for one in probe_encoder(&network, 90.0, 0.4, 1) {
        println!(
            "  {:8} {:16} average precision {:.3} (chance {:.3})   AUC {:.3} (chance 0.500)",
            one.character, one.features, one.average_precision, one.chance, one.auc
        );
    }
    Ok(())
}
