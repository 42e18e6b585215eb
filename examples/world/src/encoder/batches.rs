//! Batches of training pictures, drawn ahead.

use std::sync::mpsc::{Receiver, sync_channel};

use burn::tensor::Device;

use super::options::Phase;
use super::pictures::example;
use super::tensors::{batch, values};

/// Pictures with their labels, ready for tensors.
pub(super) struct Batch {
    pub(super) pictures: Vec<f32>,
    pub(super) labels: Vec<f32>,
    /// Labels of the cells of each side head.
    pub(super) cells: Vec<Vec<f32>>,
}

/// Pixels to a cell of `conv3_4`, `conv4_4` and `conv5_3`.
const STRIDES: [usize; 3] = [4, 8, 16];

/// Draws the batches of a phase on a thread of its own, a few ahead.
pub(super) fn draw_ahead(phase: Phase, number: usize, done: usize) -> Receiver<Batch> {
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
