//! Damaged model folders give errors that name the file, never a panic.

use std::fs;

use burn::tensor::Device;
use caption_model::{Captioner, GenerateOptions};

use crate::world::{World, config};

#[test]
fn damaged_folders_are_refused_by_file() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    world.train(config().epochs(1), &model, |_| {}).unwrap();
    let good = |name: &str| fs::read(model.join(name)).unwrap();
    let cut = |name: &str| good(name)[..good(name).len() / 2].to_vec();
    let config_text = String::from_utf8(good("config.json")).unwrap();
    let huge = config_text.replace("\"d_hidden\": 16", "\"d_hidden\": 99999999999");
    let other = config_text.replace("\"d_hidden\": 16", "\"d_hidden\": 17");
    let cases: [(&str, Vec<u8>); 8] = [
        ("config.json", cut("config.json")),
        ("config.json", huge.into_bytes()),
        ("config.json", b"[]".to_vec()),
        ("model.safetensors", cut("model.safetensors")),
        ("model.safetensors", vec![0xff; 64]),
        ("model.safetensors", Vec::new()),
        ("vocabulary.tsv", cut("vocabulary.tsv")),
        ("rate.json", b"{\"frames\": 3}".to_vec()),
    ];
    for (name, damaged) in cases {
        let whole = good(name);
        fs::write(model.join(name), damaged).unwrap();
        let error = Captioner::from_dir(&model, &Device::flex()).unwrap_err();
        assert!(error.to_string().contains(name), "{name}: {error}");
        fs::write(model.join(name), whole).unwrap();
    }
    fs::write(model.join("config.json"), other).unwrap();
    let error = Captioner::from_dir(&model, &Device::flex()).unwrap_err();
    assert!(error.to_string().contains("model.safetensors"), "{error}");
}

#[test]
fn features_of_another_encoder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    world.train(config().epochs(1), &model, |_| {}).unwrap();
    let text = fs::read_to_string(model.join("config.json")).unwrap();
    fs::write(
        model.join("config.json"),
        text.replace("one-hot", "two-hot")
            .replace(&"0".repeat(64), &"2".repeat(64)),
    )
    .unwrap();
    world.store = frame_features::FeatureStore::open(world.store.path()).unwrap();
    let captioner = Captioner::from_dir(&model, &Device::flex()).unwrap();
    let error = captioner
        .generate(&world.store, &[0], &GenerateOptions::default())
        .unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("one-hot") && message.contains("two-hot"),
        "{message}"
    );
}
