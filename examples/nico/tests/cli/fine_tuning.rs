//! `nico train --fine-tune`: the encoder that is left makes the features that the model reads.

use std::fs;

use serde_json::Value;

use crate::{
    demo::Demo,
    program::{has_dictionary, nico, succeed},
};

#[test]
fn the_models_encoder_extracts_the_models_features() {
    if !has_dictionary() {
        return;
    }
    let demo = Demo::draw();
    let extract = |layer: &str, encoder: &str, out: &str| {
        let what = ["--layer", layer, "--encoder", encoder];
        demo.extract(
            "cafe",
            out,
            &[&what[..], &["--size", "64", "--every", "6"]].concat(),
        );
    };
    extract("pool4", "slim", "pool4");
    let train = |features: &str, out: &str| {
        let how = "--model attention --fine-tune conv5 --hidden 16 --no-gate --attention-target reachable";
        demo.train(features, out, &how.split_whitespace().collect::<Vec<_>>())
    };
    succeed(train("pool4", "model"));
    extract(
        "conv5_3",
        &demo.file("model/encoder.safetensors"),
        "conv5_3",
    );
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(demo.path(name)).unwrap()).unwrap()
    };
    let (config, store) = (read("model/config.json"), read("conv5_3/store.json"));
    assert_eq!(
        config["encoder"]["sha256"],
        store["plan"]["encoder"]["sha256"]
    );
    assert_eq!(config["network"]["attention"]["gate"], false);
    assert_eq!(config["training"]["attention_target"], "reachable");

    // Its encoder is found without being named; another one, asked for by name, is refused.
    let comment = |more: &[&str]| {
        let files = ["model", "world/safari/video.mp4", "comments.xml"].map(|name| demo.file(name));
        let [model, video, out] = &files;
        let arguments = [
            "comment", "--model", model, "--video", video, "--out", out, "--rate", "5",
        ];
        nico(arguments.iter().chain(more))
    };
    assert!(succeed(comment(&[])).lines().count() > 3);
    let store = read("comments.features/store.json");
    assert_eq!(
        config["encoder"]["sha256"],
        store["plan"]["encoder"]["sha256"]
    );
    let features = demo.file("slim");
    let refused = comment(&["--encoder", "slim", "--features", &features]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && told.contains("encoder"),
        "{told}"
    );
    assert!(!demo.path("slim").exists(), "told after the extraction");

    // Another encoder than the features' is refused before the comments are read, which are none.
    fs::write(demo.path("none.xml"), "").unwrap();
    let other = demo.file("model/encoder.safetensors");
    let (none, pool4, out) = (
        demo.file("none.xml"),
        demo.file("pool4"),
        demo.file("third"),
    );
    let refused = |more: &[&str]| {
        let how = ["train", "--model", "attention", "--comments", &none];
        let more = [&["--features", &pool4, "--out", &out][..], more].concat();
        let done = nico(how.iter().chain(&more));
        String::from_utf8(done.stderr).unwrap()
    };
    let told = refused(&["--fine-tune", "conv5", "--encoder", "none.pth"]);
    assert!(
        told.contains("none.pth") && !told.contains("none.xml"),
        "{told}"
    );
    let told = refused(&["--precision", "bf16"]);
    assert!(told.contains("precision is bf16, expected f32"), "{told}");
    let told = refused(&["--fine-tune", "conv4", "--encoder", &other]);
    assert!(
        told.contains("pool3") && !told.contains("none.xml"),
        "{told}"
    );

    // The features of the layer that the captioner reads are none to train the encoder on.
    let refused = train("conv5_3", "other");
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success());
    assert!(told.contains("conv5_3") && told.contains("pool4"), "{told}");
}
