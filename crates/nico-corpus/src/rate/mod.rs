//! How many comments a second a video gets, fitted to its beginning, its end and its pictures.

mod fitted;
mod poisson;
mod seconds;

pub use fitted::{FittedRate, FittedRateReport};
