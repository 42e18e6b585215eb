//! What the operations share on the CPU.
//!
//! Everything works on slices of `f32` in row-major order, in vectors ([`vectors`], [`functions`])
//! and on all cores. Work is cut into pieces whose size does not depend on the number of threads,
//! and sums over pieces are taken in the order of the pieces: results repeat to the last bit.
//!
//! Products of matrices are in [`product`]; [`panels`] and [`lines`] have the order in which they
//! read matrices, [`packed_linear`] a whole layer in that order. [`tensor`] leads from Burn's
//! tensors to slices and back.

pub(crate) mod block_products;
pub(crate) mod functions;
pub(crate) mod lines;
pub(crate) mod packed_linear;
pub(crate) mod panels;
pub(crate) mod parts;
pub(crate) mod product;
pub(crate) mod rows;
pub(crate) mod tensor;
pub(crate) mod vectors;
pub(crate) mod visibility;
