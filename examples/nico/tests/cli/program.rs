//! Runs `nico`.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

/// `nico` with these arguments and nothing on standard input.
pub(crate) fn nico<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nico"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// `nico` with these arguments and this text on standard input.
pub(crate) fn nico_reading(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nico"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Small inputs fit the pipe; a program that has failed no longer reads.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// Standard output of a run that has to succeed.
pub(crate) fn succeed(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Whether words can be split here; says so where they cannot, and fails if `REQUIRE_ALL` is 1.
pub(crate) fn has_dictionary() -> bool {
    let found = jp_tokenize::Dictionary::find().is_ok();
    if !found {
        let all_required = std::env::var_os("REQUIRE_ALL").is_some_and(|value| value == "1");
        assert!(!all_required, "no IPADIC sources on this system");
        eprintln!("skipped: no IPADIC sources on this system (apt install mecab-ipadic)");
    }
    found
}

/// Names of the files in a folder; none if there is no folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
