//! A GPU beside the CPU: what is learnt there is as good, and what a model says is the same.

#[path = "../../../caption-model/tests/common/gpu.rs"]
mod device;

use burn::tensor::Device;
use caption_model::{Captioner, GenerateOptions};
use caption_train::Trainer;

use crate::world::{ROWS, World, config, go_on};

#[test]
#[ignore = "needs a GPU"]
fn a_gpu_says_what_the_cpu_says() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    world.train(config().epochs(10), &model, |_| {}).unwrap();
    let rows: Vec<usize> = (0..ROWS).collect();
    let mut options = GenerateOptions::default();
    options.first_word = None;
    let on = |device: Device| {
        let captioner = Captioner::from_dir(&model, &device).unwrap();
        let comments = captioner.generate(&world.store, &rows, &options).unwrap();
        let words: Vec<Vec<u32>> = comments.map(|comment| comment.unwrap().words).collect();
        let likelihood = captioner.measure(&world.dev, &world.store, 8).unwrap();
        (words, likelihood.nll())
    };
    let ((cpu_words, cpu), (gpu_words, gpu)) = (on(Device::flex()), on(device::gpu()));
    assert!((cpu - gpu).abs() < 1e-3, "{cpu} {gpu}");
    assert_eq!(cpu_words, gpu_words);
}

/// Weights are drawn by the device's own generator, so losses differ; what they come to does not.
#[test]
#[ignore = "needs a GPU"]
fn a_gpu_learns_as_the_cpu_does() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let perplexity = |device: Device, name: &str| {
        let model = folder.path().join(name);
        let trainer = Trainer::new(world.network(), config().epochs(30), model);
        let report = trainer.run(world.data(), &device, go_on);
        report.unwrap().best_perplexity
    };
    let cpu = perplexity(Device::flex(), "cpu");
    let gpu = perplexity(device::gpu(), "gpu");
    assert!(gpu < 1.1 * cpu, "{gpu} on the GPU, {cpu} on the CPU");
}
