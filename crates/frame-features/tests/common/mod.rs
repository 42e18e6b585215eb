//! What several tests need.
#![allow(dead_code, reason = "each test uses some of it")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use burn::tensor::{Device, Tensor};
use frame_features::{Picture, Preprocess};

/// Says that a test is skipped for what is missing, or fails where the environment says that
/// nothing may be missing: `REQUIRE_ALL=1`.
pub(crate) fn skip(what: impl std::fmt::Display) {
    assert!(
        std::env::var_os("REQUIRE_ALL").is_none_or(|it| it != "1"),
        "REQUIRE_ALL=1, but {what}"
    );
    eprintln!("skipped: {what}");
}

/// Runs a program; nothing if it is not installed or fails.
pub(crate) fn run<I: AsRef<OsStr>>(
    program: &str,
    arguments: impl IntoIterator<Item = I>,
) -> Option<Vec<u8>> {
    let output = Command::new(program)
        .args(["-v", "error"])
        .args(arguments)
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => Some(output.stdout),
        Ok(output) => {
            let why = String::from_utf8_lossy(&output.stderr);
            skip(format_args!("{program} failed: {why}"));
            None
        }
        Err(error) => {
            skip(format_args!("{program}: {error}"));
            None
        }
    }
}

/// Makes a clip with `ffmpeg`.
pub(crate) fn clip(folder: &Path, name: &str, arguments: &str) -> Option<PathBuf> {
    let path = folder.join(name);
    let words = arguments.split_whitespace().map(OsStr::new);
    run("ffmpeg", words.chain([OsStr::new("-y"), path.as_os_str()]))?;
    Some(path)
}

/// A file of `tests/fixtures`, or of the folder in `FIXTURES_DIR`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    let folder = std::env::var_os("FIXTURES_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"),
        PathBuf::from,
    );
    folder.join(name)
}

/// The picture that the fixtures' outputs are of: see `tests/fixtures/README.md`.
pub(crate) fn picture(size: usize) -> Vec<u8> {
    let byte = |y: usize, x: usize, c: usize| (37 * y + 17 * x + 101 * c + (y * x) % 13) % 256;
    let mut rgb = Vec::with_capacity(size * size * 3);
    for y in 0..size {
        for x in 0..size {
            rgb.extend((0..3).map(|c| u8::try_from(byte(y, x, c)).expect("less than 256")));
        }
    }
    rgb
}

pub(crate) fn input(size: usize, device: &Device) -> Tensor<4> {
    let rgb = picture(size);
    let picture = Picture::new(size, size, &rgb).expect("three bytes a pixel");
    Preprocess::new(size).batch(&[picture], device)
}

/// ‖a − b‖ / ‖b‖; ‖a‖ if b is 0.
pub(crate) fn relative_error(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let square = |value: f32| f64::from(value) * f64::from(value);
    let difference: f64 = found
        .iter()
        .zip(expected)
        .map(|(found, expected)| square(found - expected))
        .sum();
    let norm: f64 = expected.iter().map(|&value| square(value)).sum();
    // Random weights of few channels can make nothing but zeros of a picture.
    let norm = if norm == 0.0 { 1.0 } else { norm };
    (difference / norm).sqrt()
}
