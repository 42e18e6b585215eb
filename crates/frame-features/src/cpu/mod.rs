//! The convolutions of VGG-19 on the CPU, without Burn, for inference.

mod convolution;
mod grid;

use std::sync::{Mutex, MutexGuard, PoisonError};

use pulp::Arch;
use rayon::prelude::*;

use crate::layer::Depth;
use crate::preprocess::Normalised;
use crate::{Error, Picture, Preprocess, Vgg19};
use convolution::{Convolution, lanes};
use grid::Grid;

/// A network's convolutions, ready for this machine's vector instructions.
#[derive(Debug)]
pub(crate) struct CpuConvolutions {
    layers: Vec<Convolution>,
    depth: Depth,
    /// Channels of the last layer, fillers not counted.
    channels: usize,
    arch: Arch,
    /// Memory of finished pictures, for the next ones.
    scratch: Mutex<Vec<[Grid; 2]>>,
}

impl CpuConvolutions {
    /// Takes the convolutions that `depth` counts.
    pub(crate) fn new(network: &Vgg19, depth: Depth) -> Result<Self, Error> {
        let arch = Arch::new();
        let lanes = lanes(arch);
        let mut below = 3;
        let mut layers = Vec::with_capacity(depth.convolutions);
        let mut channels = 3;
        for layer in network.convolutions().iter().take(depth.convolutions) {
            let [outputs, inputs, ..] = layer.weight.dims();
            let weights = numbers(layer.weight.val())?;
            let bias = match &layer.bias {
                Some(bias) => numbers(bias.val())?,
                None => vec![0.0; outputs],
            };
            let mut layer = Convolution::new(&weights, &bias, inputs, below, lanes);
            layer.relu = depth.relu_after(layers.len());
            (below, channels) = (layer.channels_out, outputs);
            layers.push(layer);
        }
        Ok(Self {
            layers,
            depth,
            channels,
            arch,
            scratch: Mutex::default(),
        })
    }

    /// The last layer's output for each picture: rows of `channels` numbers for each location, and
    /// after them the next picture's. Pictures are spread over the cores.
    pub(crate) fn run(&self, pictures: &[Picture<'_>], preprocess: &Preprocess) -> Vec<f32> {
        let each: Vec<Vec<f32>> = pictures
            .par_iter()
            .map(|picture| {
                let kept = self.scratch().pop();
                let [mut one, mut other] = kept.unwrap_or_default();
                let features = self.run_one(picture, preprocess, &mut one, &mut other);
                self.scratch().push([one, other]);
                features
            })
            .collect();
        each.concat()
    }

    fn scratch(&self) -> MutexGuard<'_, Vec<[Grid; 2]>> {
        // A thread that panicked leaves nothing half done behind.
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run_one<'a>(
        &self,
        picture: &Picture<'_>,
        preprocess: &Preprocess,
        mut from: &'a mut Grid,
        mut to: &'a mut Grid,
    ) -> Vec<f32> {
        let size = preprocess.size();
        from.shape(size, size, 3);
        let Normalised { rgb, table } = preprocess.normalised(picture);
        for (row, pixels) in from.rows_mut().zip(rgb.chunks_exact(3 * size)) {
            let (row, _) = row.as_chunks_mut::<3>();
            for (values, pixel) in row.iter_mut().zip(pixels.as_chunks::<3>().0) {
                for channel in 0..3 {
                    values[channel] = table[channel][usize::from(pixel[channel])];
                }
            }
        }
        for (index, layer) in self.layers.iter().enumerate() {
            layer.run(from, to, self.arch);
            std::mem::swap(&mut from, &mut to);
            if self.depth.pooled_after(index) {
                from.pool_into(to, self.arch);
                std::mem::swap(&mut from, &mut to);
            }
        }
        let locations = from.rows().flat_map(|row| row.chunks_exact(from.channels));
        locations
            .flat_map(|location| &location[..self.channels])
            .copied()
            .collect()
    }
}

fn numbers<const D: usize>(tensor: burn::tensor::Tensor<D>) -> Result<Vec<f32>, Error> {
    tensor
        .try_into_vec_as::<f32>()
        .map_err(|error| Error::Device(error.to_string()))
}
