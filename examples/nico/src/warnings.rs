//! Warnings: a result is there, but probably not the one that was wanted.

use std::sync::{Mutex, PoisonError};

/// Those given so far, for the program's result as JSON.
static GIVEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Most warnings that are kept for the JSON.
const KEPT: usize = 1_000;

/// Keeps a warning; whether it is new.
pub(crate) fn keep(text: &str) -> bool {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    if given.iter().any(|other| other == text) {
        return false;
    }
    if given.len() < KEPT {
        given.push(text.to_owned());
    }
    true
}

/// The warnings given so far.
pub(crate) fn given() -> Vec<String> {
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
