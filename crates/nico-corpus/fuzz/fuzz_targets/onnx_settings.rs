//! The description of an ONNX encoder (TOML) of any kind is an error, or settings that are read
//! again when they are written out in full.

#![no_main]

use frame_features::{ColorOrder, FeatureKind, OnnxSettings, TensorLayout};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let settings = match text.parse::<OnnxSettings>() {
        Ok(settings) => settings,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    settings.check().expect("reading checks");
    let mut again: OnnxSettings = in_full(&settings).parse().expect("it says nothing new");
    again.usual_side = settings.usual_side; // only a preset has it
    assert_eq!(again, settings);
});

fn in_full(settings: &OnnxSettings) -> String {
    let colors = match settings.colors {
        ColorOrder::Rgb => "rgb",
        ColorOrder::Bgr => "bgr",
    };
    let mut lines = vec![
        format!("mean = {:?}", settings.mean),
        format!("deviation = {:?}", settings.deviation),
        format!("scale = {:?}", settings.scale),
        format!("colors = {colors:?}"),
        format!("first-token = {}", settings.first_token),
    ];
    lines.extend(settings.side.map(|side| format!("side = {side}")));
    lines.extend(settings.layout.map(|layout| match layout {
        TensorLayout::Nchw => "layout = \"NCHW\"".to_owned(),
        TensorLayout::Nhwc => "layout = \"NHWC\"".to_owned(),
    }));
    lines.extend(settings.kind.map(|kind| match kind {
        FeatureKind::Row => "kind = \"row\"".to_owned(),
        FeatureKind::Map => "kind = \"map\"".to_owned(),
    }));
    lines.extend(settings.output.as_ref().map(|output| {
        // JSON's escapes are TOML's, but for one character that JSON leaves as it is.
        let quoted = serde_json::to_string(output).expect("a text is JSON");
        format!("output = {}", quoted.replace('\u{7f}', "\\u007f"))
    }));
    lines.join("\n")
}
