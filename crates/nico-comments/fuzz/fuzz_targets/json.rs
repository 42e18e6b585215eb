//! The laws of `tests/laws`, of anything that begins with `[` or `{`: which format it is, the
//! content decides.

#![no_main]

#[path = "../../tests/laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    if matches!(file.first(), Some(b'[' | b'{')) {
        laws::hold_for(file);
    }
});
