//! A network in ONNX of any kind is an error that names its file, or an encoder that makes features
//! of the shape that it says, or says why it does not.

#![no_main]

#[path = "common/place.rs"]
mod place;

use burn::tensor::Device;
use frame_features::{FrameEncoder, OnnxEncoder, OnnxSettings, Picture, Preset};
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    // What the library that computes networks panics with is made an error of by us. libFuzzer's
    // own hook would end the process before; a panic that nobody catches ends it still.
    init: std::panic::set_hook(Box::new(|panic| {
        if std::env::var_os("RUST_BACKTRACE").is_some() {
            eprintln!("{panic}");
        }
    })),
    |bytes: &[u8]| {
        let path = place::file("network.onnx", bytes);
        let settings = OnnxSettings::of(Preset::Imagenet).side(8);
        let encoder = match OnnxEncoder::with_settings(&path, &settings, &Device::flex()) {
            Ok(encoder) => encoder,
            Err(error) => {
                place::named(&path, &error);
                return;
            }
        };
        let length: usize = encoder.shape().iter().product();
        assert!(length > 0);
        let rgb = vec![90; 8 * 8 * 3];
        let picture = Picture::new(8, 8, &rgb).expect("three bytes a pixel");
        match encoder.encode(&[picture, picture]) {
            Ok(features) => assert_eq!(features.len(), 2 * length),
            Err(error) => drop(place::named(&path, &error)),
        }
    }
);
