//! The encoder's last blocks trained along with the captioner, on VGG-19 of an eighth of its width.

use std::{ops::ControlFlow, path::Path};

use burn::{
    module::Param,
    tensor::{Device, Tensor},
};
use caption_metrics::Pairs;
use caption_model::{
    AttentionCaptionerConfig, Captioner, CaptionerConfig, CommentRate, GenerateOptions,
    GlobalCaptionerConfig, NetworkConfig,
};
use caption_train::{
    Error, FineTuner, TrainConfig, TrainEvent, TrainReport, Trainer, TrainingData, TunedBlocks,
};
use frame_features::{Encoder, FeatureSource, FeatureStore, FrameEncoder, Layer, Picture, Vgg};
use jp_tokenize::Vocabulary;

use crate::{alone, store, vocabulary};

const WORDS: [&str; 2] = ["ねこ", "いぬ"];
const ROWS: usize = 32;
const SIDE: usize = 32;

/// Red or blue in the left half, brighter from row to row.
fn picture(row: usize) -> Vec<u8> {
    let shade = u8::try_from(3 * row).unwrap();
    let colour = if row.is_multiple_of(2) {
        [250, 20, 10]
    } else {
        [10, 20, 250]
    };
    (0..SIDE * SIDE)
        .flat_map(|place| {
            if place % SIDE < SIDE / 2 {
                colour
            } else {
                [shade; 3]
            }
        })
        .collect()
}

/// Features of all pictures, with the program's own extraction.
fn features(network: &Vgg, layer: Layer, folder: &Path) -> FeatureStore {
    let encoder = Encoder::new(network, layer, SIDE).unwrap();
    let rows: Vec<Vec<f32>> = (0..ROWS)
        .map(|row| {
            let rgb = picture(row);
            let picture = Picture::new(SIDE, SIDE, &rgb).unwrap();
            encoder.encode(&[picture]).unwrap()
        })
        .collect();
    store(
        folder,
        encoder.id().clone(),
        encoder.shape().to_vec(),
        &rows,
    )
}

/// The crate's encoder with all weights of conv5_1 at 0: from there on every picture is the same.
fn blind_encoder(device: &Device) -> Vgg {
    let network = Vgg::slim(device).unwrap();
    let mut convolutions = network.convolutions().to_vec();
    let conv5_1 = &mut convolutions[12];
    let zeros = Tensor::zeros(conv5_1.weight.dims(), device);
    conv5_1.weight = Param::from_tensor(zeros);
    Vgg::from_layers(convolutions, network.fully_connected().to_vec()).named("blind")
}

struct World {
    vocabulary: Vocabulary,
    train: Pairs,
    dev: Pairs,
    rate: CommentRate,
}

impl World {
    fn new() -> Self {
        let vocabulary = vocabulary(&WORDS);
        let (mut train, mut dev) = (Pairs::new(30), Pairs::new(30));
        for row in 0..ROWS {
            let pairs = if row % 8 < 6 { &mut train } else { &mut dev };
            pairs.push(row, &vocabulary.encode([WORDS[row % 2]]));
        }
        Self {
            vocabulary,
            train,
            dev,
            rate: CommentRate::from_counts([1; ROWS], 10.0),
        }
    }

    fn data<'a>(&'a self, store: &'a FeatureStore) -> TrainingData<'a> {
        TrainingData {
            store,
            train: &self.train,
            dev: &self.dev,
            vocabulary: &self.vocabulary,
            rate: &self.rate,
        }
    }

    fn captioner(&self) -> AttentionCaptionerConfig {
        AttentionCaptionerConfig::new(self.vocabulary.len(), 64)
            .with_d_embedding(16)
            .with_d_hidden(16)
            .with_d_attention(16)
    }

    fn tune(
        &self,
        encoder: &Vgg,
        blocks: TunedBlocks,
        captioner: CaptionerConfig,
        store: &FeatureStore,
        (epochs, folder): (usize, &Path),
    ) -> Result<(TrainReport, usize), Error> {
        let mut steps = 0;
        let report = FineTuner::new(encoder.clone(), blocks, captioner, config(epochs), folder)
            .run(self.data(store), &Device::flex(), |event| {
                steps += usize::from(matches!(event, TrainEvent::Step(_)));
                ControlFlow::Continue(())
            })?;
        Ok((report, steps))
    }
}

fn config(epochs: usize) -> TrainConfig {
    TrainConfig::default()
        .epochs(epochs)
        .batch_size(8)
        .learning_rate(1e-2)
        .encoder_rate(0.3)
        .patience(epochs)
}

/// Of a blind encoder's features nothing better can be learnt than that both words are equally
/// frequent: ln(2)/2 a word, as the `<eos>` costs nothing. With conv5 trained along the pictures
/// tell which.
#[test]
fn blocks_learn_what_frozen_features_lack() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let device = Device::flex();
    let world = World::new();
    let blind = blind_encoder(&device);
    let below = TunedBlocks::Conv5.below();

    let frozen = features(&blind, Layer::Conv5_3, &path("frozen"));
    let network = NetworkConfig::from(world.captioner());
    let report = Trainer::new(network, config(10), path("frozen-model"))
        .run(world.data(&frozen), &device, |_| ControlFlow::Continue(()))
        .unwrap();
    let floor = 2f64.ln() / 2.0;
    let nll = report.best_perplexity.ln();
    assert!(nll > floor - 1e-3, "{nll}");

    let pool4 = features(&blind, below, &path("pool4"));
    let captioner = CaptionerConfig::from(world.captioner());
    let model = path("model");
    let tune = || {
        world.tune(
            &blind,
            TunedBlocks::Conv5,
            captioner.clone(),
            &pool4,
            (40, &model),
        )
    };
    let (report, steps) = tune().unwrap();
    let tuned = report.best_perplexity.ln();
    assert!(
        tuned < floor / 3.0,
        "{tuned}, without training the encoder {nll}"
    );
    assert!(steps > 0);

    // Frozen weights are the same to the last bit; those of the three convolutions of conv5 are
    // not.
    let file = model.join("encoder.safetensors");
    let encoder = Vgg::load_for(&file, Layer::Conv5_3, &device).unwrap();
    let bits = |network: &Vgg, index: usize| -> Vec<u32> {
        let layer = &network.convolutions()[index];
        let weights = layer.weight.val().try_into_vec_as::<f32>().unwrap();
        let bias = layer
            .bias
            .as_ref()
            .unwrap()
            .val()
            .try_into_vec_as::<f32>()
            .unwrap();
        weights.into_iter().chain(bias).map(f32::to_bits).collect()
    };
    assert_eq!(encoder.convolutions().len(), 15);
    for index in 0..15 {
        let same = bits(&encoder, index) == bits(&blind, index);
        assert_eq!(same, index < 12, "convolution {index}");
    }

    // Features extracted with the saved encoder give the model what it saw while it was trained,
    // but for the f16 of stores.
    let kept = Captioner::from_dir(&model, &device).unwrap();
    let extracted = features(&encoder, Layer::Conv5_3, &path("extracted"));
    assert_eq!(&kept.config().encoder, extracted.encoder());
    let whole = Captioner::from_dir(model.join("fine-tuning"), &device).unwrap();
    let after = kept.measure(&world.dev, &extracted, 8).unwrap().nll();
    let before = whole.measure(&world.dev, &pool4, 8).unwrap().nll();
    assert!((before - tuned).abs() < 1e-6, "{before}, {tuned}");
    assert!((after - before).abs() < 5e-3, "{after}, {before}");
    let rows: Vec<usize> = (0..ROWS).collect();
    let write = |captioner: &Captioner, store: &FeatureStore| -> Vec<String> {
        let options = GenerateOptions::default();
        let comments = captioner.generate(store, &rows, &options).unwrap();
        comments.map(|comment| comment.unwrap().text).collect()
    };
    let written = write(&kept, &extracted);
    assert_eq!(written, write(&whole, &pool4));
    let right = (0..ROWS)
        .filter(|&row| written[row] == WORDS[row % 2])
        .count();
    assert!(right > ROWS * 8 / 10, "{right} of {ROWS}: {written:?}");

    // Features of the encoder as it was are refused, and a finished training is not done again.
    let error = kept.measure(&world.dev, &frozen, 8).unwrap_err();
    assert!(
        matches!(error, caption_model::Error::OtherEncoder { .. }),
        "{error}"
    );
    let (again, steps) = tune().unwrap();
    assert_eq!((again.best_epoch, steps), (report.best_epoch, 0));
}

#[test]
fn what_does_not_fit_is_refused() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let device = Device::flex();
    let world = World::new();
    let encoder = Vgg::slim(&device).unwrap();
    let pool5 = features(&encoder, TunedBlocks::Fc.below(), &path("pool5"));
    let attention = || CaptionerConfig::from(world.captioner());
    let global = |d| CaptionerConfig::Global(GlobalCaptionerConfig::new(world.vocabulary.len(), d));
    let out = path("model");
    let tune = |network: &Vgg, blocks, captioner| {
        world.tune(network, blocks, captioner, &pool5, (1, &out))
    };
    let other_layer = tune(&encoder, TunedBlocks::Conv5, attention()).unwrap_err();
    assert!(
        matches!(
            other_layer,
            Error::Model(caption_model::Error::OtherEncoder { .. })
        ),
        "{other_layer}"
    );
    let mut convolutions = encoder.convolutions().to_vec();
    convolutions.swap(13, 14);
    let other = Vgg::from_layers(convolutions, encoder.fully_connected().to_vec());
    let other_weights = tune(&other, TunedBlocks::Fc, global(512)).unwrap_err();
    assert!(
        matches!(
            other_weights,
            Error::Model(caption_model::Error::OtherEncoder { .. })
        ),
        "{other_weights}"
    );
    let no_block = tune(&encoder, TunedBlocks::Fc, attention()).unwrap_err();
    assert!(
        no_block.to_string().contains("fc, expected conv2 to conv5"),
        "{no_block}"
    );
    let size = tune(&encoder, TunedBlocks::Fc, global(100)).unwrap_err();
    assert!(matches!(size, Error::FeatureShape { .. }), "{size}");
    assert!(!out.exists());

    // The fully connected layers under Show and Tell.
    let (report, _) = tune(&encoder, TunedBlocks::Fc, global(512)).unwrap();
    assert!(report.best_perplexity.is_finite());
    let kept = Captioner::from_dir(&out, &device).unwrap();
    assert_eq!(kept.config().encoder.layer, Layer::Relu7);
    let saved = Vgg::load_for(out.join("encoder.safetensors"), Layer::Relu7, &device).unwrap();
    assert_eq!(
        saved.fingerprint(Layer::Relu7).unwrap(),
        kept.config().encoder.sha256
    );
}

/// Captioner first, encoder after: tuning begins at the likelihood that the captioner had reached,
/// and with nothing learnt it ends there. A folder that holds the captioner is not its to write.
#[test]
fn a_trained_captioner_is_begun_with() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let device = Device::flex();
    let world = World::new();
    let encoder = Vgg::slim(&device).unwrap();
    let conv5_3 = features(&encoder, Layer::Conv5_3, &path("conv5_3"));
    let network = NetworkConfig::from(world.captioner());
    let first = Trainer::new(network, config(8), path("first"))
        .run(world.data(&conv5_3), &device, |_| ControlFlow::Continue(()))
        .unwrap();
    let captioner = Captioner::from_dir(path("first"), &device).unwrap();

    let pool4 = features(&encoder, TunedBlocks::Conv5.below(), &path("pool4"));
    let tune = |encoder: &Vgg, out: &str| {
        FineTuner::new(
            encoder.clone(),
            TunedBlocks::Conv5,
            world.captioner().into(),
            config(1).learning_rate(1e-9),
            path(out),
        )
        .starting_from(&captioner)
        .run(world.data(&pool4), &device, |_| ControlFlow::Continue(()))
    };
    let tuned = tune(&encoder, "second").unwrap();
    let (reached, begun) = (first.best_perplexity.ln(), tuned.best_perplexity.ln());
    assert!(
        reached < 0.6 * 2f64.ln(),
        "it has learnt something: {reached}"
    );
    assert!((begun - reached).abs() < 5e-3, "{begun}, {reached}"); // f16 of the stores

    let error = tune(&encoder, "first").unwrap_err();
    assert!(matches!(error, Error::OtherModel { .. }), "{error}");
    let mut convolutions = encoder.convolutions().to_vec();
    convolutions.swap(13, 14); // the same up to pool4
    let other = Vgg::from_layers(convolutions, encoder.fully_connected().to_vec());
    let error = tune(&other, "third").unwrap_err();
    assert!(matches!(&error, Error::OtherStart { .. }), "{error}");
    assert!(error.to_string().contains("the encoder was"), "{error}");
}

/// Blocks that learn at no rate lose nothing by weight decay either.
#[test]
fn blocks_without_a_rate_stay_as_they_are() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let device = Device::flex();
    let world = World::new();
    let encoder = Vgg::slim(&device).unwrap();
    let pool4 = features(&encoder, TunedBlocks::Conv5.below(), &path("pool4"));
    let config = config(1).encoder_rate(0.0).weight_decay(0.5);
    let captioner = world.captioner().into();
    FineTuner::new(
        encoder.clone(),
        TunedBlocks::Conv5,
        captioner,
        config,
        path("model"),
    )
    .run(world.data(&pool4), &device, |_| ControlFlow::Continue(()))
    .unwrap();
    let file = path("model").join("encoder.safetensors");
    let kept = Vgg::load_for(file, Layer::Conv5_3, &device).unwrap();
    let fingerprint = |network: &Vgg| network.fingerprint(Layer::Conv5_3).unwrap();
    assert_eq!(fingerprint(&kept), fingerprint(&encoder));
}

/// The model tells of its training what the training's own folder tells.
#[test]
fn changes_of_options_are_kept_with_the_model() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let device = Device::flex();
    let world = World::new();
    let encoder = Vgg::slim(&device).unwrap();
    let pool4 = features(&encoder, TunedBlocks::Conv5.below(), &path("pool4"));
    let tune = |config: TrainConfig| {
        let captioner = world.captioner().into();
        FineTuner::new(
            encoder.clone(),
            TunedBlocks::Conv5,
            captioner,
            config,
            path("model"),
        )
        .allow_changes(true)
        .run(world.data(&pool4), &device, |_| ControlFlow::Continue(()))
        .unwrap();
        let model = Captioner::from_dir(path("model"), &device).unwrap();
        model.config().training.clone()
    };
    let first = config(1).patience(2);
    assert!(tune(first.clone())["changes"].is_null());
    let training = tune(first.epochs(2).learning_rate(1e-3));
    assert_eq!(training["learning_rate"], 1e-3);
    let changes = training["changes"].as_array().unwrap();
    let names: Vec<&str> = (changes.iter())
        .map(|change| change["what"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["epochs", "learning_rate"]);
}
