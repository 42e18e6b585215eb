//! The costly operations of training, each behind one function: what runs on which device is decided in here.

mod attend;
mod linear_cross_entropy;

pub(crate) use attend::attend;
pub use linear_cross_entropy::{WordLoss, linear_cross_entropy};
