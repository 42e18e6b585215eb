//! The laws of `common/weights.rs`, of anything called a PyTorch file: archives, older files and
//! bare pickles.

#![no_main]

#[path = "common/place.rs"]
mod place;
#[path = "common/weights.rs"]
mod weights;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    weights::hold_for(&place::file("weights.pth", bytes));
});
