//! Pictures in, comments out.

use std::thread;

use burn::tensor::{Device, Tensor, TensorData};
use caption_model::{
    Beam, Captioner, CommentRate, Commenter, EncodedPictures, Error, GenerateOptions, Generator,
    GlobalCaptionerConfig, LengthPenalty, ModelConfig, NetworkConfig, ScoreOptions,
    commenter::CommentWriter,
};
use frame_features::{EncoderId, FrameEncoder, Layer, Picture, Vgg};

use crate::model::{self, attention, encoder, global, vocabulary};

/// Mean colours of a picture's quarters, or halves.
struct Colours {
    shape: Vec<usize>,
    id: EncoderId,
}

impl FrameEncoder for Colours {
    fn id(&self) -> &EncoderId {
        &self.id
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn forward(&self, pictures: &[Picture<'_>]) -> Result<Tensor<3>, frame_features::Error> {
        let (locations, d) = match *self.shape {
            [locations, d] => (locations, d),
            ref shape => (1, shape[0]),
        };
        let length = locations * d;
        let rows = pictures.iter().flat_map(|picture| {
            let small = picture.resize(3, 3).into_iter().cycle().take(length);
            small
                .map(|byte| f32::from(byte) / 64.0 - 2.0)
                .collect::<Vec<_>>()
        });
        let rows = TensorData::new(rows.collect(), [pictures.len(), locations, d]);
        Ok(Tensor::from_data(rows, &Device::flex()))
    }
}

fn captioner(network: NetworkConfig, shape: &[usize], layer: Layer) -> Captioner {
    let colours = Colours {
        shape: shape.to_vec(),
        id: encoder(layer),
    };
    let captioner = model::captioner(network, encoder(layer));
    captioner.with_encoder(colours).unwrap()
}

fn squares(bytes: &[(usize, Vec<u8>)]) -> Vec<Picture<'_>> {
    let each = bytes.iter();
    each.map(|(side, rgb)| Picture::new(*side, *side, rgb).unwrap())
        .collect()
}

/// Pictures of different sizes and colours.
fn pictures() -> Vec<(usize, Vec<u8>)> {
    (4..24u8)
        .map(|i| {
            let side = usize::from(i);
            let bytes =
                (0..side * side * 3).map(|b| u8::try_from(b * usize::from(i) * 5 % 251).unwrap());
            (side, bytes.collect())
        })
        .collect()
}

#[test]
fn pictures_are_captioned_alike_one_by_one_in_batches_and_from_threads() {
    let captioner = captioner(attention(), &[4, 5], Layer::Conv5_3);
    let bytes = pictures();
    let pictures = squares(&bytes);
    let options = GenerateOptions::greedy()
        .attention(true)
        .max_words(6)
        .batch_size(7);
    let all = captioner.caption_all(&pictures, &options).unwrap();
    assert_eq!(all.len(), pictures.len());
    assert!(
        all.iter()
            .any(|caption| caption.attention != all[0].attention),
        "the picture is not looked at"
    );
    let one_by_one = |picture| captioner.caption(picture, &options).unwrap();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for (picture, caption) in pictures.iter().zip(&all) {
                    let alone = one_by_one(picture);
                    assert_eq!((&alone.text, &alone.words), (&caption.text, &caption.words));
                    assert_eq!(alone.attention.unwrap().len(), alone.words.len());
                }
            });
        }
    });
}

/// Of pictures that are encoded once, comments are those of the pictures, as often as one asks.
#[test]
fn encoded_pictures_are_captioned_like_pictures() {
    let captioner = captioner(attention(), &[4, 5], Layer::Conv5_3);
    let bytes = pictures();
    let pictures = squares(&bytes);
    let encoded = captioner.encode(&pictures).unwrap();
    assert_eq!(encoded.len(), pictures.len());
    for seed in [1, 2] {
        let options = GenerateOptions::default()
            .seed(seed)
            .max_words(6)
            .batch_size(7);
        assert_eq!(
            captioner.caption_encoded(&encoded, &options).unwrap(),
            captioner.caption_all(&pictures, &options).unwrap()
        );
    }
    let none = captioner.encode(&[]).unwrap();
    assert!(none.is_empty());
    let options = GenerateOptions::default();
    assert!(
        captioner
            .caption_encoded(&none, &options)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn captioners_can_be_shared_and_sent() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Captioner>();
    shared::<EncodedPictures>();
    shared::<Commenter>();
    sent::<Generator<'_>>();
    sent::<CommentWriter<'_>>();
}

/// The model's own encoder, the built-in one and one from a file, by the same checksum; the picture
/// is that of a small VGG-19.
#[test]
fn the_encoder_is_found_where_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let slim = Vgg::slim(&Device::flex()).unwrap();
    let network = GlobalCaptionerConfig::new(vocabulary().len(), 512).with_d_embedding(8);
    let network = NetworkConfig::from(network.with_d_hidden(8));
    let sha256 = slim.fingerprint(Layer::Relu7).unwrap();
    let built_in = EncoderId::new("vgg19-slim8", sha256, Layer::Relu7, 32);
    let rgb: Vec<u8> = (0..=255).cycle().take(32 * 32 * 3).collect();
    let picture = Picture::new(32, 32, &rgb).unwrap();
    let open = || Captioner::from_dir(folder.path(), &Device::flex()).unwrap();
    let caption = |captioner: Captioner| captioner.caption(&picture, &GenerateOptions::greedy());

    let save = |encoder: EncoderId| {
        let made = model::captioner(network.clone(), encoder);
        made.save(folder.path()).unwrap();
    };
    save(built_in.clone());
    let by_default = caption(open()).unwrap();
    let file = folder.path().join("mine.safetensors");
    slim.save_safetensors_f16(&file).unwrap();
    assert_eq!(
        caption(open().with_encoder_file(&file).unwrap()).unwrap(),
        by_default
    );

    // Another one is refused, wherever it comes from.
    let other = EncoderId::new("vgg19-slim8", "1".repeat(64), Layer::Relu7, 32);
    save(other);
    let error = open().with_encoder_file(&file).unwrap_err();
    assert!(matches!(error, Error::OtherEncoder { .. }), "{error}");
    let error = caption(open()).unwrap_err();
    assert!(matches!(error, Error::NoEncoder { .. }), "{error}");
    std::fs::copy(&file, folder.path().join("encoder.safetensors")).unwrap();
    let error = caption(open()).unwrap_err();
    assert!(matches!(error, Error::OtherEncoder { .. }), "{error}");
}

#[test]
fn an_encoder_of_another_shape_is_refused() {
    let captioner = model::captioner(global(), encoder(Layer::Relu7));
    let colours = Colours {
        shape: vec![7],
        id: encoder(Layer::Relu7),
    };
    assert!(matches!(
        captioner.with_encoder(colours),
        Err(Error::FeatureShape { .. })
    ));
}

/// A network of other sizes than the configuration says could be saved and never loaded again.
#[test]
fn a_network_of_another_configuration_is_refused() {
    let wider = GlobalCaptionerConfig::new(vocabulary().len(), 7).with_d_embedding(8);
    let wider = NetworkConfig::from(wider.with_d_hidden(8)).init(&Device::flex());
    let config = ModelConfig::new(global(), encoder(Layer::Relu7));
    let rate = CommentRate::from_counts([1, 2], 10.0);
    let error = Captioner::new(wider, vocabulary(), config, rate).unwrap_err();
    assert!(matches!(error, Error::OtherNetwork { .. }), "{error}");
}

/// What is written can be read again: else it is refused while the model is still there.
#[test]
fn a_model_that_could_not_be_loaded_is_not_saved() {
    let network = global();
    let weights = network.init(&Device::flex());
    let config = ModelConfig::new(network, encoder(Layer::Relu7));
    let never = CommentRate::from_counts([1, 2], f64::NAN);
    let captioner = Captioner::new(weights, vocabulary(), config, never).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = captioner.save(folder.path()).unwrap_err();
    assert!(error.to_string().contains("rate.json"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A model with an encoder of its own takes it along to another folder.
#[test]
fn a_models_own_encoder_is_saved_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
    let captioner = model::captioner(global(), encoder(Layer::Relu7));
    captioner.save(&one).unwrap();
    std::fs::write(one.join("encoder.safetensors"), "weights").unwrap();
    let loaded = Captioner::from_dir(&one, &Device::flex()).unwrap();
    assert!(loaded.encoder_file().is_some());
    for to in [&one, &other] {
        loaded.save(to).unwrap();
        let kept = std::fs::read(to.join("encoder.safetensors")).unwrap();
        assert_eq!(kept, b"weights");
    }
    let again = Captioner::from_dir(&other, &Device::flex()).unwrap();
    assert!(again.encoder_file().is_some());
    // One without takes its place whole.
    captioner.save(&other).unwrap();
    let again = Captioner::from_dir(&other, &Device::flex()).unwrap();
    assert!(again.encoder_file().is_none());
}

/// What a model writes on a picture greedily begins with the word that costs least there, and is
/// looked at alike when it is forced.
#[test]
fn pictures_are_scored_as_they_are_captioned() {
    let captioner = captioner(attention(), &[4, 5], Layer::Conv5_3);
    let bytes = pictures();
    let options = GenerateOptions::greedy()
        .attention(true)
        .max_words(4)
        .symbols(caption_model::SymbolRule::Nowhere)
        .no_repeat_ngram(1);
    for (side, rgb) in &bytes {
        let picture = Picture::new(*side, *side, rgb).unwrap();
        let caption = captioner.caption(&picture, &options).unwrap();
        let wanted = caption_model::ScoreOptions::default().attention(true);
        let reversed: Vec<u32> = caption.words.iter().rev().copied().collect();
        let pairs = [(picture, caption.words.clone()), (picture, reversed)];
        let scored = captioner.score_pictures(&pairs, &wanted).unwrap();
        assert!(scored[0].words[0] <= scored[1].words[0], "{scored:?}");
        let (written, forced) = (
            caption.attention.unwrap(),
            scored[0].attention.clone().unwrap(),
        );
        for (written, forced) in written.iter().zip(&forced) {
            let weights = written.weights.iter().zip(&forced.weights);
            assert!(weights.into_iter().all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }
}

/// Comments on pictures that are encoded once cost what they cost on the pictures.
#[test]
fn encoded_pictures_are_scored_like_pictures() {
    let captioner = captioner(attention(), &[4, 5], Layer::Conv5_3);
    let bytes = pictures();
    let pictures = squares(&bytes);
    let encoded = captioner.encode(&pictures).unwrap();
    let words: [&[u32]; 3] = [&[5, 6], &[7], &[8, 5, 9]];
    let comments: Vec<(usize, &[u32])> = (0..pictures.len())
        .rev()
        .flat_map(|picture| words.map(|words| (picture, words)))
        .collect();
    let on_pictures: Vec<(Picture<'_>, &[u32])> = comments
        .iter()
        .map(|&(picture, words)| (pictures[picture], words))
        .collect();
    let options = ScoreOptions::default().batch_size(7);
    let scored = captioner.score_encoded(&encoded, &comments, &options);
    let expected = captioner.score_pictures(&on_pictures, &options);
    assert_eq!(scored.unwrap(), expected.unwrap());
    let none = captioner.encode(&[]).unwrap();
    let nothing: [(usize, &[u32]); 0] = [];
    let scored = captioner.score_encoded(&none, &nothing, &options).unwrap();
    assert!(scored.is_empty());
}

/// The best captions come in the order of their probabilities, which are those of forced decoding;
/// the first is the one that is written alone.
#[test]
fn the_best_captions_come_with_their_probabilities() {
    let captioner = captioner(attention(), &[4, 5], Layer::Conv5_3);
    let bytes = pictures();
    let pictures = squares(&bytes);
    let beam = Beam::new(4).length_penalty(LengthPenalty::None);
    let options = GenerateOptions::beam(beam).max_words(3).batch_size(12);
    let all = captioner.caption_n_best(&pictures, 3, &options).unwrap();
    let alone = captioner.caption_all(&pictures, &options).unwrap();
    assert_eq!(all.len(), pictures.len());
    for ((picture, best), alone) in pictures.iter().zip(&all).zip(&alone) {
        assert_eq!(&best[0].caption, alone);
        assert_eq!(best.len(), 3);
        let pairs: Vec<_> = best
            .iter()
            .map(|scored| (*picture, scored.caption.words.clone()))
            .collect();
        let forced = captioner
            .score_pictures(&pairs, &caption_model::ScoreOptions::default())
            .unwrap();
        for (scored, forced) in best.iter().zip(&forced) {
            assert!((scored.log_probability.unwrap() + forced.nll()).abs() < 1e-4);
        }
        let ranks: Vec<f64> = best
            .iter()
            .map(|one| one.log_probability.unwrap())
            .collect();
        assert!(ranks.is_sorted_by(|a, b| *a >= *b - 1e-4), "{ranks:?}");
    }
    for (num_best, options) in [
        (0, options.clone()),
        (5, options),
        (2, GenerateOptions::greedy()),
    ] {
        let refused = captioner.caption_n_best(&pictures[..1], num_best, &options);
        assert!(
            matches!(
                refused,
                Err(Error::Option {
                    option: "num_best",
                    ..
                })
            ),
            "{refused:?}"
        );
    }
}
