//! Halving on the CPU, as one node of the graph.

use burn::{
    backend::{DispatchTensor, Flex},
    tensor::Tensor,
};
use rayon::prelude::*;

use crate::{
    cpu::tensor::{floats, on_cpu, to_dispatch, to_primitive},
    graph::{Function, node, record},
};

/// `None` if the tensor lies on another device or is not `f32`, and if nothing would be left.
pub(super) fn halving_max_pool(x: &Tensor<4>) -> Option<Tensor<4>> {
    let shape @ [batch, channels, height, width] = x.dims();
    let halved = [batch, channels, height / 2, width / 2];
    if halved.contains(&0) {
        return None;
    }
    let numbers = on_cpu(x.clone().inner())?;
    let (output, places) = halve(&floats(&numbers), shape);
    let output = Tensor::from_primitive::<Flex>(to_primitive(output, &halved));
    if !x.is_autodiff() {
        return Some(output);
    }
    record::<Flex, _, 4, 1>(
        Halving { shape, places },
        [node::<Flex, 4>(x.clone())?],
        output,
    )
}

/// Where the largest ones stood.
#[derive(Clone, Debug)]
struct Halving {
    /// Of what went in.
    shape: [usize; 4],
    /// For each number that came out which of its four it was, row by row.
    places: Vec<u8>,
}

impl Function<4, 1> for Halving {
    fn gradients(self, upstream: Tensor<4>, _: [bool; 1]) -> [Option<DispatchTensor>; 1] {
        let upstream = on_cpu(upstream).expect("gradients lie where the output does");
        let gradient = spread(&floats(&upstream), &self.places, self.shape);
        [Some(to_dispatch(gradient, &self.shape))]
    }
}

/// The largest of each four and which it was: of equal ones the first, and the last that is no
/// number.
fn halve(x: &[f32], [batch, channels, height, width]: [usize; 4]) -> (Vec<f32>, Vec<u8>) {
    let (rows, columns) = (height / 2, width / 2);
    let mut output = vec![0.0; batch * channels * rows * columns];
    let mut places = vec![0; output.len()];
    output
        .par_chunks_mut(rows * columns)
        .zip(places.par_chunks_mut(rows * columns))
        .zip(x.par_chunks(height * width))
        .for_each(|((output, places), plane)| {
            let pairs = plane.chunks_exact(2 * width);
            let rows = output
                .chunks_exact_mut(columns)
                .zip(places.chunks_exact_mut(columns));
            for ((output, places), pair) in rows.zip(pairs) {
                let (above, below) = pair.split_at(width);
                let fours = above
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .zip(below.as_chunks::<2>().0);
                for ((output, place), ([a, b], [c, d])) in output.iter_mut().zip(places).zip(fours)
                {
                    (*output, *place) = (*a, 0);
                    for (value, number) in [(*b, 1), (*c, 2), (*d, 3)] {
                        if value > *output || value.is_nan() {
                            (*output, *place) = (value, number);
                        }
                    }
                }
            }
        });
    (output, places)
}

/// Puts each number where the largest of its four stood, and zeros elsewhere.
fn spread(upstream: &[f32], places: &[u8], [.., height, width]: [usize; 4]) -> Vec<f32> {
    let (rows, columns) = (height / 2, width / 2);
    let mut gradient = vec![0.0; upstream.len() / (rows * columns) * height * width];
    gradient
        .par_chunks_mut(height * width)
        .zip(upstream.par_chunks(rows * columns))
        .zip(places.par_chunks(rows * columns))
        .for_each(|((gradient, upstream), places)| {
            let pairs = gradient.chunks_exact_mut(2 * width);
            let rows = upstream
                .chunks_exact(columns)
                .zip(places.chunks_exact(columns));
            for (pair, (upstream, places)) in pairs.zip(rows) {
                let (above, below) = pair.split_at_mut(width);
                let fours = above
                    .as_chunks_mut::<2>()
                    .0
                    .iter_mut()
                    .zip(below.as_chunks_mut::<2>().0);
                for ((above, below), (value, place)) in fours.zip(upstream.iter().zip(places)) {
                    let keep = |number| if *place == number { *value } else { 0.0 };
                    *above = [keep(0), keep(1)];
                    *below = [keep(2), keep(3)];
                }
            }
        });
    gradient
}
