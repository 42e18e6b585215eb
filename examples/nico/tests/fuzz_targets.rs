//! The fuzz targets of the crates that take Burn compile, and what they say holds of their kept
//! inputs. `scripts/fuzz.sh --all` does the same with libFuzzer, for which Burn compiles once more.

#![allow(
    unused_attributes,
    unused_imports,
    clippy::duplicate_mod,
    reason = "each target is a crate of its own, with a macro that is imported"
)]

use std::{env, fs, path::Path};

// Stands for libFuzzer's crate, with which a target is the body of a program.
extern crate self as libfuzzer_sys;

#[macro_export]
#[doc(hidden)]
macro_rules! fuzz_target {
    ($(init: $init:expr,)? |$bytes:ident: &[u8]| $laws:block) => {
        pub(crate) fn hold_for($bytes: &[u8]) $laws
    };
    (|$text:ident: &str| $laws:block) => {
        pub(crate) fn hold_for(bytes: &[u8]) {
            let Ok($text) = std::str::from_utf8(bytes) else {
                return;
            };
            $laws
        }
    };
}

#[path = "../../../crates/nico-corpus/fuzz/fuzz_targets/common/place.rs"]
mod place;

#[path = "../../../crates/nico-corpus/fuzz/fuzz_targets/commenter_folder.rs"]
mod commenter_folder;
#[path = "../../../crates/nico-corpus/fuzz/fuzz_targets/dialogue.rs"]
mod dialogue;
#[path = "../../../crates/nico-corpus/fuzz/fuzz_targets/feature_store.rs"]
mod feature_store;
#[path = "../../../crates/nico-corpus/fuzz/fuzz_targets/model_folder.rs"]
mod model_folder;
#[cfg(feature = "onnx")]
#[path = "../../../crates/nico-corpus/fuzz/fuzz_targets/onnx.rs"]
mod onnx;
#[cfg(feature = "onnx")]
#[path = "../../../crates/nico-corpus/fuzz/fuzz_targets/onnx_settings.rs"]
mod onnx_settings;
#[path = "../../../crates/nico-corpus/fuzz/fuzz_targets/pytorch.rs"]
mod pytorch;
#[path = "../../../crates/nico-corpus/fuzz/fuzz_targets/safetensors.rs"]
mod safetensors;

type Laws = fn(&[u8]);

const TARGETS: &[(&str, Laws)] = &[
    ("commenter_folder", commenter_folder::hold_for),
    ("dialogue", dialogue::hold_for),
    ("feature_store", feature_store::hold_for),
    ("model_folder", model_folder::hold_for),
    #[cfg(feature = "onnx")]
    ("onnx", onnx::hold_for),
    #[cfg(feature = "onnx")]
    ("onnx_settings", onnx_settings::hold_for),
    ("pytorch", pytorch::hold_for),
    ("safetensors", safetensors::hold_for),
];

/// One after the other: they write their inputs to the same places.
#[test]
fn what_fuzz_targets_say_holds_of_their_kept_inputs() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/nico-corpus/fuzz/corpus");
    for (name, hold_for) in TARGETS {
        let inputs = fs::read_dir(corpus.join(name)).expect("each target has inputs");
        let inputs: Vec<_> = inputs.map(|entry| entry.expect("it is there")).collect();
        assert!(!inputs.is_empty(), "{name}");
        for input in inputs {
            eprintln!("{name}: {}", input.path().display()); // shown where one fails
            hold_for(&fs::read(input.path()).expect("it can be read"));
        }
    }
    let written = env::temp_dir().join(format!("nico-fuzz-{}", std::process::id()));
    fs::remove_dir_all(written).expect("it is ours");
}
