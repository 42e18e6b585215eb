//! How many comments a second every way of decoding writes: `decode_speed [VOCABULARY] [COMMENTS]`,
//! with random weights, so that comments run to the longest that is allowed.

use std::time::Instant;

use burn::tensor::Device;
use caption_model::{
    Beam, Captioner, CommentRate, GenerateOptions, GlobalCaptionerConfig, ModelConfig, Sampling,
};
use frame_features::{
    EncoderId, FeatureStore, FeatureStoreWriter, Layer, Rational, StorePlan, VideoEnd, VideoSource,
};
use jp_tokenize::{PartOfSpeech, VocabularyBuilder};

const D_FEATURES: usize = 4_096;
const MAX_WORDS: usize = 12;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<usize>());
    let vocabulary = arguments.next().transpose()?.unwrap_or(30_000);
    let comments = arguments.next().transpose()?.unwrap_or(256);
    let folder = tempfile::tempdir()?;
    let device = Device::flex();
    let captioner = captioner(vocabulary, &device)?;
    let store = write_store(&folder.path().join("features"), 256)?;
    let rows: Vec<usize> = (0..comments).map(|comment| comment % 256).collect();
    let sampling = Sampling::default;
    for (name, options) in [
        ("greedy", GenerateOptions::greedy()),
        ("original: first word drawn", GenerateOptions::default()),
        ("sample", GenerateOptions::sample(sampling())),
        (
            "sample, top-k 40",
            GenerateOptions::sample(sampling().top_k(40)),
        ),
        (
            "sample, top-p 0.9",
            GenerateOptions::sample(sampling().top_p(0.9)),
        ),
        (
            "greedy, no pair twice",
            GenerateOptions::greedy().no_repeat_ngram(2),
        ),
        ("beam of 4", GenerateOptions::beam(Beam::new(4))),
    ] {
        let options = options.max_words(MAX_WORDS);
        let mut seconds: Vec<f64> = (0..4)
            .map(|_| {
                let start = Instant::now();
                let written = captioner.generate(&store, &rows, &options)?.count();
                assert_eq!(written, comments);
                Ok(start.elapsed().as_secs_f64())
            })
            .collect::<Result<_, caption_model::Error>>()?;
        seconds.remove(0); // caches are cold
        seconds.sort_by(f64::total_cmp);
        println!("{name:28} {:8.0} comments/s", comments as f64 / seconds[1]);
    }
    Ok(())
}

fn encoder() -> EncoderId {
    EncoderId::new("none", "0".repeat(64), Layer::Relu7, 224)
}

fn captioner(words: usize, device: &Device) -> Result<Captioner, caption_model::Error> {
    let mut counts = VocabularyBuilder::new();
    for word in 0..words.saturating_sub(4) {
        counts.add(&format!("語{word}"), PartOfSpeech::parse("名詞,一般"));
    }
    let vocabulary = counts.build(None, 1);
    let network = GlobalCaptionerConfig::new(vocabulary.len(), D_FEATURES);
    device.seed(1);
    let config = ModelConfig::new(network.into(), encoder());
    let rate = CommentRate::from_counts([1], 30.0);
    Captioner::new(config.network.init(device), vocabulary, config, rate)
}

fn write_store(
    folder: &std::path::Path,
    rows: usize,
) -> Result<FeatureStore, frame_features::Error> {
    let video = VideoSource {
        path: "none.mp4".into(),
        bytes: 0,
        sha256: "0".repeat(64),
    };
    let plan = StorePlan::new(encoder(), [D_FEATURES], video);
    let mut writer = FeatureStoreWriter::create(folder, plan)?;
    for row in 0..rows {
        let features: Vec<f32> = (0..D_FEATURES)
            .map(|i| ((row * 31 + i * 17) % 101) as f32 / 101.0)
            .collect();
        writer.push(row, row as f64 / 30.0, &features)?;
    }
    writer.finish(VideoEnd::new(
        rows,
        Rational::new(30, 1),
        rows as f64 / 30.0,
    ))?;
    FeatureStore::open(folder)
}
