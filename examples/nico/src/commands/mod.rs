//! The subcommands, one file each: what it is told, and what it does.

#[cfg(feature = "video")]
pub(crate) mod attend;
#[cfg(feature = "video")]
pub(crate) mod caption;
pub(crate) mod comment;
pub(crate) mod comment_stream;
pub(crate) mod convert;
pub(crate) mod evaluate;
#[cfg(feature = "video")]
pub(crate) mod features;
pub(crate) mod fetch;
#[cfg(feature = "video")]
pub(crate) mod layout;
#[cfg(feature = "video")]
pub(crate) mod live;
pub(crate) mod rate;
#[cfg(feature = "video")]
pub(crate) mod render;
#[cfg(feature = "video")]
pub(crate) mod report;
#[cfg(feature = "video")]
pub(crate) mod run;
pub(crate) mod score;
pub(crate) mod slang;
pub(crate) mod stats;
pub(crate) mod train;
pub(crate) mod train_commenter;
pub(crate) mod words;

use serde::Serialize;

use crate::{
    failure::Outcome,
    files::{print_json, print_line},
    progress::Output,
    warnings,
};

/// What every command is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// Where progress goes.
    pub(crate) output: Output,
    /// Whether results are printed as JSON.
    pub(crate) json: bool,
}

impl Context {
    /// Prints what a command came to: with `--json` as JSON, otherwise as text.
    pub(crate) fn print(self, result: &impl Serialize, text: impl FnOnce() -> String) -> Outcome {
        if self.json {
            self.print_json(result)
        } else {
            print_line(text().trim_end())
        }
    }

    /// Prints what a command came to as JSON if that is asked for: for commands that have told it
    /// on standard error. It is an object, which also gets the
    /// warnings that were given.
    pub(crate) fn print_json(self, result: &impl Serialize) -> Outcome {
        if !self.json {
            return Ok(());
        }
        print_json(&WithWarnings {
            result,
            warnings: warnings::given(),
        })
    }
}

/// A result, an object, with the warnings as one more field of it.
#[derive(Serialize)]
struct WithWarnings<'a, T> {
    #[serde(flatten)]
    result: &'a T,
    warnings: Vec<String>,
}
