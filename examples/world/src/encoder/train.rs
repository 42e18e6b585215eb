//! Training the demo's encoder.

use std::path::Path;
use std::time::Instant;

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use frame_features::VggConfig;

use super::batches::{Batch, draw_ahead};
use super::checkpoint::{Checkpoints, Place};
use super::error::EncoderError;
use super::network::{Trainee, cell_loss, loss};
use super::options::{EncoderOptions, Phase};
use super::pictures::OUTPUTS;
use super::trained::TrainedEncoder;

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

/// Trains the encoder, keeping checkpoints in `folder` and going on from the one that is there.
///
/// # Errors
///
/// A checkpoint cannot be read or written, `folder` holds those of a training with other options, or
/// the loss is no finite number.
pub fn train_encoder(
    folder: &Path,
    options: &EncoderOptions,
    mut tell: impl FnMut(TrainingEvent),
) -> Result<TrainedEncoder, EncoderError> {
    let checkpoints = Checkpoints::new(folder, options)?;
    let device = Device::flex().autodiff();
    device.seed(options.seed);
    let mut network = Trainee::new(&VggConfig::slim(options.divisor), &device);
    let mut optimizer = new_optimizer();
    let mut place = Place::default();
    if let Some(reached) = checkpoints.place()? {
        (network, optimizer) = checkpoints.load(reached, network, optimizer)?;
        place = reached;
        tell(TrainingEvent::Resumed {
            phase: place.phase,
            step: place.step,
        });
    }
    while let Some(phase) = options.phases.get(place.phase) {
        let batches = draw_ahead(*phase, place.phase, place.step);
        let (begun, done) = (Instant::now(), place.step);
        while place.step < phase.steps {
            let batch = batches.recv().map_err(|_| EncoderError::Drawing)?;
            let total = batch_loss(&network, batch, phase, &device);
            let value = total.clone().into_scalar::<f32>();
            if !value.is_finite() {
                return Err(EncoderError::Loss {
                    phase: place.phase,
                    step: place.step + 1,
                });
            }
            let gradients = GradientsParams::from_grads(total.backward(), &network);
            network = optimizer.step(learning_rate(phase, place.step), network, gradients);
            place.step += 1;
            let drawn = to_f64((place.step - done) * phase.batch);
            tell(TrainingEvent::Step {
                phase: place.phase,
                step: place.step,
                loss: value,
                rate: drawn / begun.elapsed().as_secs_f64(),
            });
            if place.step.is_multiple_of(options.checkpoint_every) && place.step < phase.steps {
                checkpoints.save(place, &network, Some(&optimizer))?;
            }
        }
        place = Place {
            phase: place.phase + 1,
            step: 0,
        };
        checkpoints.save(place, &network, None)?;
        optimizer = new_optimizer();
    }
    Ok(TrainedEncoder::new(network.valid()))
}

/// How wrong the network is about a batch: about whole pictures, and half as much about the cells
/// of each layer between.
fn batch_loss(network: &Trainee, batch: Batch, phase: &Phase, device: &Device) -> Tensor<1> {
    let size = phase.size as usize;
    let data = TensorData::new(batch.pictures, [phase.batch, 3, size, size]);
    let (answers, cell_answers) = network.forward(Tensor::<4>::from_data(data, device));
    let data = TensorData::new(batch.labels, [phase.batch, OUTPUTS]);
    let labels = Tensor::<2>::from_data(data, device);
    let mut total = loss(answers, labels, phase.background);
    for (answers, labels) in cell_answers.iter().zip(batch.cells) {
        let labels = TensorData::new(labels, answers.dims());
        total = total + cell_loss(answers, &Tensor::from_data(labels, device)).mul_scalar(0.5);
    }
    total
}

fn new_optimizer() -> ModuleOptimizer {
    AdamWConfig::new().with_weight_decay(0.01).init()
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

#[expect(clippy::cast_precision_loss, reason = "counts of pictures and steps")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Weights that are no numbers are neither trained on nor kept.
    #[test]
    fn a_loss_that_is_no_number_ends_the_training() {
        let phase = Phase {
            size: 32,
            steps: 3,
            batch: 2,
            learning_rate: f64::NAN,
            background: 0.1,
        };
        let options = EncoderOptions {
            divisor: 64,
            phases: vec![phase],
            ..EncoderOptions::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let error = train_encoder(folder.path(), &options, |_| {})
            .err()
            .unwrap();
        assert!(
            matches!(error, EncoderError::Loss { phase: 0, step: 2 }),
            "{error}"
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    /// A training of a few pictures that was killed in its second phase goes on to the same bytes.
    #[test]
    fn a_killed_training_goes_on_to_the_same_bytes() {
        let phase = |size| Phase {
            size,
            steps: 3,
            batch: 2,
            learning_rate: 1e-3,
            background: 0.1,
        };
        let options = EncoderOptions {
            divisor: 64,
            phases: vec![phase(32), phase(40)],
            checkpoint_every: 1,
            ..EncoderOptions::default()
        };
        let root = tempfile::tempdir().unwrap();
        let [whole, killed] = ["whole", "killed"].map(|name| root.path().join(name));
        let trained = |folder: &Path, tell: &mut dyn FnMut(TrainingEvent)| {
            let trained = train_encoder(folder, &options, tell).unwrap();
            let path = folder.join("trained.safetensors");
            trained.vgg19().save_safetensors_f16(&path).unwrap();
            fs::read(path).unwrap()
        };
        let expected = trained(&whole, &mut |event| {
            if matches!(
                event,
                TrainingEvent::Step {
                    phase: 1,
                    step: 3,
                    ..
                }
            ) {
                fs::create_dir(&killed).unwrap();
                for file in fs::read_dir(&whole).unwrap() {
                    let file = file.unwrap();
                    fs::copy(file.path(), killed.join(file.file_name())).unwrap();
                }
            }
        });
        let mut resumed = None;
        let found = trained(&killed, &mut |event| {
            if let TrainingEvent::Resumed { phase, step } = event {
                resumed = Some((phase, step));
            }
        });
        assert_eq!(resumed, Some((1, 2)));
        assert!(found == expected, "other weights");

        let others = EncoderOptions { seed: 2, ..options };
        let refused = train_encoder(&whole, &others, |_| {}).err().unwrap();
        assert!(matches!(refused, EncoderError::OtherTraining(folder) if folder == whole));
    }
}
