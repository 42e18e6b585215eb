//! A line of the table.

use std::fmt;

/// What was measured, beside its floor.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) what: String,
    /// What `seconds` are for: `epoch` or a number of things.
    pub(crate) seconds: f64,
    /// Things a second, and what they are.
    pub(crate) rate: f64,
    pub(crate) unit: &'static str,
    /// Seconds that the device's rates allow.
    pub(crate) floor: f64,
}

impl Row {
    pub(crate) const HEADER: &'static str =
        "| what | seconds | rate | floor, seconds | share of the floor |\n|---|---|---|---|---|";
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            seconds,
            rate,
            unit,
            floor,
        } = self;
        write!(
            f,
            "| {what} | {seconds:.3} | {rate:.0} {unit}/s | {floor:.3} | {:.0} % |",
            100.0 * floor / seconds
        )
    }
}
