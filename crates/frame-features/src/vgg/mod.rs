//! VGG-19 in Burn: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale
//! Image Recognition" (2015), configuration E, of any width.

mod config;
mod fold;
mod layers;
mod network;
mod tail;
mod tail_problem;

pub use config::VggConfig;
pub use fold::fold_batch_norm;
pub use layers::annotations;
pub use network::Vgg;
pub use tail::{VggTail, VggTailConfig};
pub use tail_problem::VggTailProblem;
