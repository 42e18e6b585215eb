//! The subcommands, one file each: what it is told, and what it does.

#[cfg(feature = "video")]
pub(crate) mod attend;
pub(crate) mod comment;
pub(crate) mod evaluate;
#[cfg(feature = "video")]
pub(crate) mod features;
pub(crate) mod fetch;
#[cfg(feature = "video")]
pub(crate) mod layout;
pub(crate) mod rate;
#[cfg(feature = "video")]
pub(crate) mod render;
#[cfg(feature = "video")]
pub(crate) mod report;
#[cfg(feature = "video")]
pub(crate) mod run;
pub(crate) mod slang;
pub(crate) mod stats;
pub(crate) mod train;
pub(crate) mod words;

use crate::progress::Output;

/// What every command is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// Where progress goes.
    pub(crate) output: Output,
    /// Whether results are printed as JSON.
    pub(crate) json: bool,
}
