//! A commenter's folder of any kind is an error that names a file, or a commenter that is written
//! as it was read, and that writes comments.
//!
//! An input is a file of weights, which by its tensors is the matcher's, the network's or that of
//! the counts of n-grams; or, if it begins like JSON, `commenter.json`, `pieces.json` and such a
//! file, with a zero byte between them. What is missing or empty is that of a good folder.

#![no_main]

#[path = "common/place.rs"]
mod place;

use std::path::Path;
use std::sync::LazyLock;

use burn::tensor::Device;
use caption_model::commenter::{
    BackgroundNgrams, CommentStyle, CommentWriter, Commenter, EventKind, WritingOptions,
    ngram_weights,
};
use caption_model::{CommenterConfig, CommenterFolder};
use jp_tokenize::{PieceOptions, Pieces};
use libfuzzer_sys::fuzz_target;

const FILES: [&str; 5] = [
    "commenter.json",
    "pieces.json",
    "matcher.safetensors",
    "network.safetensors",
    "background.safetensors",
];

/// The files of a good folder.
static GOOD: LazyLock<[Vec<u8>; 5]> = LazyLock::new(|| {
    let folder = CommenterFolder::new(place::path("good-commenter"));
    let options = PieceOptions::default().size(261);
    let pieces = Pieces::learn(["草草", "草草"], &options).expect("they are texts");
    let mut config = CommenterConfig::tiny(&pieces);
    config.matcher = config
        .matcher
        .with_num_rows(4)
        .with_d_model(2)
        .with_d_hidden(1);
    config.network = (config.network)
        .with_d_model(2)
        .with_num_layers(1)
        .with_num_heads(1)
        .with_num_ngrams(4)
        .with_d_ngram(1)
        .with_d_copy(1);
    folder.create(&config, &pieces).expect("they fit");
    let device = Device::flex();
    device.seed(1);
    let rarity = ngram_weights(4, std::iter::empty());
    let matcher = config.matcher.init(&rarity, &device);
    folder.save_matcher(&matcher).expect("there is room for it");
    folder
        .save_network(&config.network.init(&device))
        .expect("there is room for it");
    folder
        .save_background(&BackgroundNgrams::default())
        .expect("there is room for it");
    load(folder.path()).expect("what is written can be read");
    FILES.map(|name| std::fs::read(folder.path().join(name)).expect("it was written"))
});

fuzz_target!(|input: &[u8]| {
    let mut parts = [&b""[..]; 5];
    let weights = if input.starts_with(b"{") {
        let mut given = input.splitn(3, |&byte| byte == 0);
        parts[0] = given.next().unwrap_or_default();
        parts[1] = given.next().unwrap_or_default();
        given.next().unwrap_or_default()
    } else {
        input
    };
    let has = |name: &str| {
        weights
            .windows(name.len())
            .any(|place| place == name.as_bytes())
    };
    let number = if has("contexts") {
        4
    } else if has("rarity") {
        2
    } else {
        3
    };
    parts[number] = weights;
    for ((name, part), good) in FILES.into_iter().zip(parts).zip(GOOD.iter()) {
        let part = if part.is_empty() { good } else { part };
        place::file(&format!("commenter/{name}"), part);
    }
    let folder = place::path("commenter");
    let commenter = match load(&folder) {
        Ok(commenter) => commenter,
        Err(error) => {
            place::named(&folder, &error);
            return;
        }
    };
    let copy = CommenterFolder::new(place::path("commenter-copy"));
    copy.create(commenter.config(), commenter.pieces())
        .expect("they fit");
    copy.save_matcher(commenter.matcher().expect("it is there"))
        .expect("there is room for it");
    copy.save_network(commenter.network().expect("it is there"))
        .expect("there is room for it");
    let original = CommenterFolder::new(&folder);
    let background = original
        .background(commenter.config())
        .expect("it was read");
    copy.save_background(&background)
        .expect("there is room for it");
    let again = load(copy.path()).expect("it was written");
    assert_eq!(again.config(), commenter.config());
    assert_eq!(again.pieces(), commenter.pieces());
    assert_eq!(
        copy.background(again.config()).expect("it was written"),
        background
    );
    write(&commenter);
});

fn load(folder: &Path) -> Result<Commenter, caption_model::Error> {
    Commenter::from_dir(folder, &Device::flex())
}

/// Has the commenter write, of whatever numbers its weights are.
fn write(commenter: &Commenter) {
    let options = WritingOptions::default().drafts(2).max_pieces(2);
    let writer = CommentWriter::new(commenter, options);
    let mut writer = writer.expect("its network is there and the options can work");
    let style = EventKind::Comment(CommentStyle::default());
    writer.read(commenter.event(0, style, Some(1), "草草"));
    if let Err(error) = writer.write(1_000, 2) {
        assert!(!error.to_string().is_empty());
    }
}
