//! `nico train --fine-tune`: the encoder that is left makes the features that the model reads.

use std::fs;

use serde_json::Value;

use crate::program::{has_dictionary, nico, succeed};

#[test]
fn the_models_encoder_extracts_the_models_features() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let options = world::WorldOptions::default().seconds(3.0).comments(300);
    world::write_world(&world, &options, |_| {}).unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let video = file("world/cafe/video.mp4");
    let extract = |layer: &str, encoder: &str, out: &str| {
        let arguments = [
            "features",
            &video,
            "--layer",
            layer,
            "--encoder",
            encoder,
            "--out",
            out,
            "--size",
            "64",
            "--every",
            "6",
        ];
        succeed(nico(arguments))
    };
    extract("pool4", "slim", &file("pool4"));
    let train = |features: &str, out: &str| {
        let comments = file("world/cafe/comments.xml");
        let words = "--model attention --fine-tune conv5 --epochs 1 --hidden 16 --split seconds --no-gate \
                     --attention-target reachable";
        let mut arguments = vec!["train", "--comments", &comments, "--features", features];
        arguments.extend(["--out", out]);
        arguments.extend(words.split_whitespace());
        nico(arguments)
    };
    succeed(train(&file("pool4"), &file("model")));
    extract(
        "conv5_3",
        &file("model/encoder.safetensors"),
        &file("conv5_3"),
    );
    let read = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap()
    };
    let (config, store) = (read("model/config.json"), read("conv5_3/store.json"));
    assert_eq!(
        config["encoder"]["sha256"],
        store["plan"]["encoder"]["sha256"]
    );
    assert_eq!(config["network"]["attention"]["gate"], false);
    assert_eq!(config["training"]["attention_target"], "reachable");

    // The features of the layer that the captioner reads are none to train the encoder on.
    let refused = train(&file("conv5_3"), &file("other"));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success());
    assert!(told.contains("conv5_3") && told.contains("pool4"), "{told}");
}
