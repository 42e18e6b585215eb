//! When comments come, and how many: told from the past alone.

mod counts;
mod inputs;
mod minutes;
mod rate_model;
mod regression;
mod report;

pub use inputs::RateInputs;
pub use rate_model::RateModel;
pub use report::{CountReport, CountRow, MinuteReport, MinuteRow, measure_counts, measure_minutes};
