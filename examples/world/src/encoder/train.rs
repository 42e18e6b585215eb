//! Training the demo's encoder.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};
use burn_store::{ModuleSnapshot, SafetensorsStore};
use frame_features::{Picture, Preprocess, Vgg19, Vgg19Config};
use serde::{Deserialize, Serialize};

use super::EncoderError;
use super::network::{Trainee, cell_loss, loss};
use super::pictures::{ATTRIBUTES, Attribute, OUTPUTS, example};
use crate::whole::write_pieces;

/// A part of the training with pictures of one size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// Side of the pictures in pixels.
    pub size: u32,
    /// Steps of the optimiser.
    pub steps: usize,
    /// Pictures of a step.
    pub batch: usize,
    /// The learning rate at the phase's highest point; it rises over the first tenth and falls along a cosine.
    pub learning_rate: f64,
}

/// How the encoder is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EncoderOptions {
    /// By what the widths of VGG-19 are divided. Default: 8.
    pub divisor: usize,
    /// The phases, one after the other. Default: small pictures first, as they cost least.
    pub phases: Vec<Phase>,
    /// Seed of the first weights. The pictures are numbered and always the same.
    pub seed: u64,
    /// Steps between checkpoints. Default: 50.
    pub checkpoint_every: usize,
    /// Held-out pictures at the end. Default: 600.
    pub held_out: usize,
}

impl Default for EncoderOptions {
    fn default() -> Self {
        let phase = |size, steps, batch, learning_rate| Phase {
            size,
            steps,
            batch,
            learning_rate,
        };
        Self {
            divisor: 8,
            phases: vec![
                phase(64, 1_500, 16, 1.5e-3),
                phase(112, 200, 16, 1e-3),
                phase(224, 60, 12, 5e-4),
            ],
            seed: 1,
            checkpoint_every: 50,
            held_out: 600,
        }
    }
}

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

/// How often held-out answers were right.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Accuracy {
    /// What was asked.
    pub attribute: &'static str,
    /// Share of right answers on pictures with one character (the most probable answer counts), or on all pictures
    /// where every picture has exactly one answer.
    pub accuracy: f64,
    /// What the most frequent answer would give.
    pub chance: f64,
    /// Pictures asked about.
    pub pictures: usize,
}

/// Numbers of pictures at and above this are never trained on.
const HELD_OUT: u64 = 1 << 40;

/// How far a training has come; lies beside the checkpoint.
#[derive(Serialize, Deserialize)]
struct Progress {
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
    std::fs::create_dir_all(folder).map_err(|source| EncoderError::Io {
        path: folder.to_owned(),
        source,
    })?;
    let device = Device::flex().autodiff();
    device.seed(options.seed);
    let mut network = Trainee::new(&Vgg19Config::slim(options.divisor), &device);
    let (mut phase, mut step) = (0, 0);
    if let Some(progress) = read_progress(folder).filter(|progress| progress.options == *options) {
        let path = weights_path(folder, progress.phase, progress.step);
        network
            .load_from(&mut SafetensorsStore::from_file(&path))
            .map_err(|fault| EncoderError::Checkpoint {
                path,
                reason: fault.to_string(),
            })?;
        (phase, step) = (progress.phase, progress.step);
        tell(TrainingEvent::Resumed { phase, step });
    }
    while phase < options.phases.len() {
        network = run_phase(network, folder, options, phase, step, &device, &mut tell)?;
        (phase, step) = (phase + 1, 0);
        save(&network, folder, options, phase, 0)?;
    }
    Ok(TrainedEncoder {
        network: network.valid(),
    })
}

/// A trained network.
#[derive(Debug)]
pub struct TrainedEncoder {
    network: Trainee,
}

impl TrainedEncoder {
    /// The plain network, batch normalisation folded into the convolutions.
    pub fn vgg19(&self) -> Vgg19 {
        self.network.folded()
    }

    /// Asks about `pictures` held-out pictures of the given size.
    pub fn accuracy(&self, pictures: usize, size: u32) -> Vec<Accuracy> {
        let device = Device::flex();
        let mut counts = [(0_usize, 0_usize); ATTRIBUTES.len()]; // right, asked
        let mut answers_of = vec![0_usize; OUTPUTS];
        for first in (0..pictures).step_by(16) {
            let numbers = (first..(first + 16).min(pictures)).map(|i| HELD_OUT + i as u64);
            let examples: Vec<_> = numbers.map(|number| example(number, size)).collect();
            let (answers, _) = self.network.forward(batch(
                &examples.iter().map(|one| &one.picture).collect::<Vec<_>>(),
                size,
                &device,
            ));
            let answers = values(answers);
            for (example, answers) in examples.iter().zip(answers.chunks_exact(OUTPUTS)) {
                for (attribute, (right, asked)) in ATTRIBUTES.iter().zip(&mut counts) {
                    if !attribute.exclusive && example.num_characters != 1 {
                        continue;
                    }
                    let truth = highest(attribute, &example.labels);
                    answers_of[attribute.first + truth] += 1;
                    *asked += 1;
                    *right += usize::from(highest(attribute, answers) == truth);
                }
            }
        }
        let share = |part: usize, of: usize| {
            if of == 0 {
                0.0
            } else {
                to_f64(part) / to_f64(of)
            }
        };
        ATTRIBUTES
            .iter()
            .zip(counts)
            .map(|(attribute, (right, asked))| {
                let most = answers_of[attribute.first..attribute.first + attribute.count]
                    .iter()
                    .copied()
                    .max()
                    .unwrap_or(0);
                Accuracy {
                    attribute: attribute.name,
                    accuracy: share(right, asked),
                    chance: share(most, asked),
                    pictures: asked,
                }
            })
            .collect()
    }
}

fn highest(attribute: &Attribute, values: &[f32]) -> usize {
    let values = &values[attribute.first..attribute.first + attribute.count];
    (0..values.len())
        .max_by(|&a, &b| values[a].total_cmp(&values[b]))
        .unwrap_or(0)
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

/// Pictures with their labels, ready for tensors.
struct Batch {
    pictures: Vec<f32>,
    labels: Vec<f32>,
    /// Labels of the cells of each side head.
    cells: Vec<Vec<f32>>,
}

/// Pixels to a cell of `conv3_4`, `conv4_4` and `conv5_3`.
const STRIDES: [usize; 3] = [4, 8, 16];

/// Draws the batches of a phase on a thread of its own, a few ahead.
fn draw_ahead(phase: Phase, number: usize, done: usize) -> Receiver<Batch> {
    let (sender, receiver) = sync_channel(3);
    std::thread::spawn(move || {
        for step in done..phase.steps {
            let first = ((number as u64) << 32) + (step * phase.batch) as u64;
            let examples: Vec<_> = (0..phase.batch as u64)
                .map(|i| example(first + i, phase.size))
                .collect();
            let pictures: Vec<_> = examples.iter().map(|one| &one.picture).collect();
            let cells = STRIDES
                .iter()
                .map(|stride| {
                    examples
                        .iter()
                        .flat_map(|one| one.cells(phase.size as usize / stride))
                        .collect()
                })
                .collect();
            let batch = Batch {
                pictures: values(batch(&pictures, phase.size, &Device::flex())),
                labels: examples.iter().flat_map(|one| one.labels).collect(),
                cells,
            };
            if sender.send(batch).is_err() {
                return; // training has ended early
            }
        }
    });
    receiver
}

/// A tensor's numbers.
pub(super) fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .try_into_vec_as::<f32>()
        .expect("on the CPU a tensor's numbers lie in memory")
}

/// Pictures as the encoder takes them.
pub(super) fn batch(pictures: &[&image::RgbImage], size: u32, device: &Device) -> Tensor<4> {
    let pictures: Vec<_> = pictures
        .iter()
        .map(|picture| {
            Picture::new(
                picture.width() as usize,
                picture.height() as usize,
                picture.as_raw(),
            )
            .expect("a picture has three bytes for each pixel")
        })
        .collect();
    Preprocess::new(size as usize).batch(&pictures, device)
}

fn weights_path(folder: &Path, phase: usize, step: usize) -> PathBuf {
    folder.join(format!("weights-{phase}-{step}.safetensors"))
}

fn progress_path(folder: &Path) -> PathBuf {
    folder.join("progress.json")
}

fn read_progress(folder: &Path) -> Option<Progress> {
    serde_json::from_str(&std::fs::read_to_string(progress_path(folder)).ok()?).ok()
}

/// Writes the weights, then the file that names them, then forgets the weights before.
fn save(
    network: &Trainee,
    folder: &Path,
    options: &EncoderOptions,
    phase: usize,
    step: usize,
) -> Result<(), EncoderError> {
    let before =
        read_progress(folder).map(|progress| weights_path(folder, progress.phase, progress.step));
    let path = weights_path(folder, phase, step);
    let fault = |reason: String| EncoderError::Checkpoint {
        path: path.clone(),
        reason,
    };
    network
        .save_into(&mut SafetensorsStore::from_file(&path).overwrite(true))
        .map_err(|source| fault(source.to_string()))?;
    let progress = Progress {
        options: options.clone(),
        phase,
        step,
    };
    let progress_file = progress_path(folder);
    write_pieces(&progress_file, |out| {
        Ok(serde_json::to_writer_pretty(out, &progress)?)
    })
    .map_err(|source| fault(source.to_string()))?;
    if let Some(before) = before.filter(|before| *before != path) {
        let _ = std::fs::remove_file(before); // only space is lost if it stays
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of pictures and steps")]
fn to_f64(count: usize) -> f64 {
    count as f64
}
