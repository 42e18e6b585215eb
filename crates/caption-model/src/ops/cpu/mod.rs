//! The costly operations on the CPU, in vectors and on all cores.
//!
//! Everything works on slices of `f32` in row-major order. Work is cut into pieces whose size does not depend on the
//! number of threads, and sums over pieces are taken in the order of the pieces: results repeat to the last bit.

mod argmax;
mod function;
mod panels;
mod product;
mod tensor;
mod word_costs;
mod word_layer;

pub(super) use argmax::argmax;
pub(super) use tensor::{floats, indices, on_cpu, to_primitive};
pub(super) use word_costs::{Costs, Gradients, Request, word_costs};
pub(super) use word_layer::WordLayer;
