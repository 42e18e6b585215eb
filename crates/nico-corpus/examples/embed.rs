//! From comments and features to a trained model, and from the model to comments for another video.
//!
//! ```sh
//! cargo run --release -p nico-corpus --example embed -- COMMENTS.xml FEATURES OTHER_FEATURES MODEL
//! ```
//!
//! `FEATURES` and `OTHER_FEATURES` are feature stores of relu7, made by `frame-features`.

use std::ops::ControlFlow;

use burn::tensor::Device;
use caption_model::{Captioner, GlobalCaptionerConfig};
use caption_train::{TrainConfig, Trainer, TrainingData};
use frame_features::FeatureStore;
use jp_tokenize::{DictionaryOptions, Tokenizer};
use nico_corpus::{Corpus, CorpusOptions, CorpusVideo, Crowd, CrowdOptions, read_comments};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [comments, features, other_features, model] = arguments.as_slice() else {
        return Err("usage: embed COMMENTS.xml FEATURES OTHER_FEATURES MODEL".into());
    };

    // Comments and features become pairs of feature rows and words, divided into train and dev.
    let store = FeatureStore::open(features)?;
    let (mut kept, damaged) = (Vec::new(), |error| eprintln!("skipped: {error}"));
    read_comments(comments.as_ref(), damaged, |comment| {
        kept.push(comment);
        Ok::<_, nico_corpus::Error>(())
    })?;
    let videos = vec![CorpusVideo::of_store(kept, &store)];
    let tokenizer = Tokenizer::new(DictionaryOptions::default().open()?)?;
    let corpus = Corpus::new(videos, &tokenizer, &CorpusOptions::default())?;

    // A captioner learns from them.
    let device = Device::flex();
    let network = GlobalCaptionerConfig::new(corpus.vocabulary.len(), store.shape()[0]);
    let trainer = Trainer::new(network.into(), TrainConfig::default().epochs(3), model);
    let data = TrainingData {
        store: &store,
        train: &corpus.train,
        dev: &corpus.dev,
        vocabulary: &corpus.vocabulary,
        rate: &corpus.rate,
    };
    let report = trainer.run(data, &device, |_| ControlFlow::Continue(()))?;
    println!("dev perplexity per word {:.1}", report.best_perplexity);

    // It writes comments for another video.
    let captioner = Captioner::from_dir(model, &device)?;
    let other = FeatureStore::open(other_features)?;
    for written in Crowd::new(&captioner, &other, None, &CrowdOptions::default())?.write()? {
        let comment = written?.comment;
        println!("{:>8} {}", comment.vpos.0, comment.body);
    }
    Ok(())
}
