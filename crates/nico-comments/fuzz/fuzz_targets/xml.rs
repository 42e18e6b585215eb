//! The laws of `tests/laws`, of anything that begins with `<`.

#![no_main]

#[path = "../../tests/laws/mod.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    if file.first() == Some(&b'<') {
        laws::hold_for(file);
    }
});
