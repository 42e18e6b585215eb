//! Trains a captioner from memory and prints its dev perplexity beside that of word frequencies.
//!
//! `cargo run --release --example train -p caption-train`: the model's are its only files.

use std::ops::ControlFlow;

use burn::tensor::Device;
use caption_metrics::{Pairs, Unigram};
use caption_model::{Captioner, CommentRate, GenerateOptions, GlobalCaptionerConfig};
use caption_train::{TrainConfig, TrainEvent, Trainer, TrainingData};
use frame_features::{EncoderId, Layer, MemoryFeatures};
use jp_tokenize::{PartOfSpeech, VocabularyBuilder};

/// What is said of each of three kinds of picture.
const COMMENTS: [&[&str]; 3] = [&["ねこ", "かわいい"], &["いぬ", "でかい"], &["そら"]];
const ROWS: usize = 90;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = VocabularyBuilder::new();
    for word in COMMENTS.concat() {
        words.add(word, PartOfSpeech::parse("名詞,一般"));
    }
    let vocabulary = words.build(None, 1);
    // A picture's features: 1 at its kind, 0 elsewhere. Every tenth one is held out.
    let mut features = vec![0f32; ROWS * COMMENTS.len()];
    let (mut train, mut dev) = (Pairs::new(30), Pairs::new(30));
    for row in 0..ROWS {
        let kind = row % COMMENTS.len();
        features[row * COMMENTS.len() + kind] = 1.0;
        let pairs = if row % 10 == 9 { &mut dev } else { &mut train };
        pairs.push(row, &vocabulary.encode(COMMENTS[kind].iter().copied()));
    }
    let encoder = EncoderId::new("one-hot", "0".repeat(64), Layer::Relu7, 224);
    let features = MemoryFeatures::from_f32(encoder, [COMMENTS.len()], &features)?;
    let data = TrainingData {
        store: &features,
        train: &train,
        dev: &dev,
        vocabulary: &vocabulary,
        rate: &CommentRate::from_counts([1; ROWS], 30.0),
    };
    let network = GlobalCaptionerConfig::new(vocabulary.len(), COMMENTS.len());
    let config = TrainConfig::default().batch_size(16).learning_rate(1e-2);
    let folder = tempfile::tempdir()?;
    let trainer = Trainer::new(network.into(), config, folder.path());
    let report = trainer.run(data, &Device::flex(), |event| {
        if let TrainEvent::Epoch(epoch) = event {
            println!("dev perplexity {:.2}", epoch.dev_perplexity);
        }
        ControlFlow::Continue(())
    })?;
    let unigram = Unigram::fit(&train, vocabulary.len()).measure(&dev);
    let (best, unigram) = (report.best_perplexity, unigram.perplexity());
    println!("best {best:.2}, unigram {unigram:.2}");
    let captioner = Captioner::from_dir(folder.path(), &Device::flex())?;
    for comment in captioner.generate(&features, &[0, 1, 2], &GenerateOptions::greedy())? {
        println!("{}", comment?.text);
    }
    Ok(())
}
