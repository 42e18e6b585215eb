//! Training the demo's encoder.

use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};
use burn_store::{ModuleSnapshot, SafetensorsStore};
use frame_features::Vgg19Config;
use serde::{Deserialize, Serialize};

use super::batches::{Batch, draw_ahead};
use super::error::EncoderError;
use super::network::{Trainee, cell_loss, loss};
use super::options::{EncoderOptions, Phase};
use super::pictures::OUTPUTS;
use super::trained::TrainedEncoder;
use crate::whole::write_pieces;

/// News from the training.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TrainingEvent {
    /// A step is done.
    Step {
        /// Number of the phase, from 0.
        phase: usize,
        /// Step within the phase, from 1.
        step: usize,
        /// Loss of its batch.
        loss: f32,
        /// Pictures a second since the start.
        rate: f64,
    },
    /// Training went on from a checkpoint.
    Resumed {
        /// Number of the phase, from 0.
        phase: usize,
        /// Steps of the phase that were done.
        step: usize,
    },
}

/// How far a training has come; lies beside the checkpoint.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    options: EncoderOptions,
    phase: usize,
    step: usize,
}

/// Trains the encoder, keeping checkpoints in `folder` and going on from the one that is there.
///
/// # Errors
///
/// A checkpoint cannot be read or written.
pub fn train_encoder(
    folder: &Path,
    options: &EncoderOptions,
    mut tell: impl FnMut(TrainingEvent),
) -> Result<TrainedEncoder, EncoderError> {
    std::fs::create_dir_all(folder).map_err(|source| EncoderError::Folder {
        path: folder.to_owned(),
        source,
    })?;
    let device = Device::flex().autodiff();
    device.seed(options.seed);
    let mut network = Trainee::new(&Vgg19Config::slim(options.divisor), &device);
    let (mut phase, mut step) = (0, 0);
    if let Some(checkpoint) =
        read_checkpoint(folder).filter(|checkpoint| checkpoint.options == *options)
    {
        let path = weights_path(folder, checkpoint.phase, checkpoint.step);
        network
            .load_from(&mut SafetensorsStore::from_file(&path))
            .map_err(|source| EncoderError::Weights {
                path,
                action: "read",
                source: source.into(),
            })?;
        (phase, step) = (checkpoint.phase, checkpoint.step);
        tell(TrainingEvent::Resumed { phase, step });
    }
    while phase < options.phases.len() {
        network = run_phase(network, folder, options, phase, step, &device, &mut tell)?;
        (phase, step) = (phase + 1, 0);
        save(&network, folder, options, phase, 0)?;
    }
    Ok(TrainedEncoder::new(network.valid()))
}

fn run_phase(
    mut network: Trainee,
    folder: &Path,
    options: &EncoderOptions,
    number: usize,
    done: usize,
    device: &Device,
    tell: &mut impl FnMut(TrainingEvent),
) -> Result<Trainee, EncoderError> {
    let phase = options.phases[number];
    let mut optimizer = AdamWConfig::new().with_weight_decay(0.01).init();
    let batches = draw_ahead(phase, number, done);
    let begun = Instant::now();
    for step in done..phase.steps {
        let Batch {
            pictures,
            labels,
            cells,
        } = batches.recv().map_err(|_| EncoderError::Drawing)?;
        let size = phase.size as usize;
        let pictures = Tensor::<4>::from_data(
            TensorData::new(pictures, [phase.batch, 3, size, size]),
            device,
        );
        let labels =
            Tensor::<2>::from_data(TensorData::new(labels, [phase.batch, OUTPUTS]), device);
        let (answers, cell_answers) = network.forward(pictures);
        let mut total = loss(answers, labels);
        for (answers, labels) in cell_answers.iter().zip(cells) {
            let [_, outputs, grid, _] = answers.dims();
            let labels = TensorData::new(labels, [phase.batch, outputs, grid, grid]);
            total = total + cell_loss(answers, &Tensor::from_data(labels, device)).mul_scalar(0.5);
        }
        let value = total.clone().into_scalar::<f32>();
        let gradients = GradientsParams::from_grads(total.backward(), &network);
        network = optimizer.step(learning_rate(&phase, step), network, gradients);
        let drawn = to_f64((step + 1 - done) * phase.batch);
        tell(TrainingEvent::Step {
            phase: number,
            step: step + 1,
            loss: value,
            rate: drawn / begun.elapsed().as_secs_f64(),
        });
        if (step + 1) % options.checkpoint_every == 0 && step + 1 < phase.steps {
            save(&network, folder, options, number, step + 1)?;
        }
    }
    Ok(network)
}

fn learning_rate(phase: &Phase, step: usize) -> f64 {
    let at = (to_f64(step) + 0.5) / to_f64(phase.steps);
    if at < 0.1 {
        phase.learning_rate * at / 0.1
    } else {
        phase.learning_rate
            * (0.5 + 0.5 * (std::f64::consts::PI * (at - 0.1) / 0.9).cos()).max(0.01)
    }
}

fn weights_path(folder: &Path, phase: usize, step: usize) -> PathBuf {
    folder.join(format!("weights-{phase}-{step}.safetensors"))
}

fn checkpoint_path(folder: &Path) -> PathBuf {
    folder.join("progress.json")
}

fn read_checkpoint(folder: &Path) -> Option<Checkpoint> {
    serde_json::from_str(&std::fs::read_to_string(checkpoint_path(folder)).ok()?).ok()
}

/// Writes the weights, then the file that names them, then forgets the weights before.
fn save(
    network: &Trainee,
    folder: &Path,
    options: &EncoderOptions,
    phase: usize,
    step: usize,
) -> Result<(), EncoderError> {
    let before = read_checkpoint(folder).map(|it| weights_path(folder, it.phase, it.step));
    let path = weights_path(folder, phase, step);
    network
        .save_into(&mut SafetensorsStore::from_file(&path).overwrite(true))
        .map_err(|source| EncoderError::Weights {
            path: path.clone(),
            action: "write",
            source: source.into(),
        })?;
    let checkpoint = Checkpoint {
        options: options.clone(),
        phase,
        step,
    };
    write_pieces(&checkpoint_path(folder), |out| {
        Ok(serde_json::to_writer_pretty(out, &checkpoint)?)
    })
    .map_err(EncoderError::Checkpoint)?;
    if let Some(before) = before.filter(|before| *before != path) {
        let _ = std::fs::remove_file(before); // only space is lost if it stays
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of pictures and steps")]
fn to_f64(count: usize) -> f64 {
    count as f64
}
