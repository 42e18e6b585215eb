//! The laws of `tests/laws`, of anything: owner comment text, byte-order marks, and what is no
//! comment file.

#![no_main]

#[path = "../../tests/laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|file: &[u8]| laws::hold_for(file));
