//! The costly operations on the CPU, in vectors and on all cores.
//!
//! Everything works on slices of `f32` in row-major order. Work is cut into pieces whose size does not depend on the
//! number of threads, and sums over pieces are taken in the order of the pieces: results repeat to the last bit.
//!
//! Products of matrices are in `product.rs`, the order that they read matrices in is in `panels.rs` and `lines.rs`. `linear.rs` and the
//! word layer (`word_layer.rs`, its losses `word_costs.rs`, its likeliest words `argmax.rs`) are made of them; `screen.rs` and
//! `vnni.rs` leave out words that cannot be the likeliest.

mod adam;
mod argmax;
mod attend;
mod elementwise;
mod function;
mod linear;
mod lines;
mod lstm;
mod panels;
mod product;
mod screen;
mod tensor;
mod vectors;
#[cfg(target_arch = "x86_64")]
mod vnni;
mod word_costs;
mod word_layer;

pub(crate) use adam::{AdamStep, scale, squared_norm};
pub(super) use argmax::LikeliestWords;
pub(super) use attend::Attend;
pub(super) use elementwise::{tanh, tanh_backward};
pub(super) use linear::{input_gradient, linear, weight_gradient};
pub(super) use lstm::{gates, gates_backward};
pub(crate) use tensor::{floats, in_order, indices, on_cpu, to_dispatch, to_primitive};
pub(super) use word_costs::{Costs, Gradients, Request, word_costs};
pub(super) use word_layer::WordLayer;
