//! The laws of `common/weights.rs`, of anything called safetensors.

#![no_main]

#[path = "common/place.rs"]
mod place;
#[path = "common/weights.rs"]
mod weights;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weights::hold_for(&place::file("weights.safetensors", bytes));
});
