//! Errors of videos with their causes.

use std::error;
use std::path::Path;

use crate::error::Error;
use crate::problem::{InputProblem, OutputProblem};

/// A video that cannot be read, by itself.
pub(super) fn input(path: &Path, problem: InputProblem) -> Error {
    Error::Input {
        path: path.to_owned(),
        problem,
        source: None,
    }
}

/// A video that cannot be read, because of something below.
pub(super) fn input_because(
    path: &Path,
    problem: InputProblem,
    cause: impl error::Error + Send + Sync + 'static,
) -> Error {
    Error::Input {
        path: path.to_owned(),
        problem,
        source: Some(Box::new(cause)),
    }
}

/// A video that cannot be written, by itself.
pub(super) fn output(path: &Path, problem: OutputProblem) -> Error {
    Error::Output {
        path: path.to_owned(),
        problem,
        source: None,
    }
}

/// A video that cannot be written, because of something below.
pub(super) fn output_because(
    path: &Path,
    problem: OutputProblem,
    cause: impl error::Error + Send + Sync + 'static,
) -> Error {
    Error::Output {
        path: path.to_owned(),
        problem,
        source: Some(Box::new(cause)),
    }
}
