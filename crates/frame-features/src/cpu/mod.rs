//! The convolutions of VGG-19 on the CPU, without Burn, for inference.
//!
//! [`CpuConvolutions`] runs them one after the other: the first by [`direct`], the others by
//! [`winograd`], over [`grid`]s of numbers.

mod activation;
mod convolutions;
mod direct;
mod grid;
mod winograd;

pub(crate) use convolutions::CpuConvolutions;
