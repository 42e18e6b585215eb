//! What is learnt, and what is written with it.

use burn::tensor::Device;
use caption_metrics::{Likelihood, Pairs, Unigram, shuffled_pictures};
use caption_model::{Captioner, GenerateOptions};
use caption_train::Error;

use crate::world::{ROWS, SAYINGS, World, config};

#[test]
fn a_captioner_learns_what_belongs_to_which_picture() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    let report = world.train(config().epochs(30), &model, |_| {}).unwrap();
    let unigram = Unigram::fit(&world.train, world.vocabulary.len()).measure(&world.dev);
    assert!(report.best_perplexity < 1.3, "{}", report.best_perplexity);
    assert!(unigram.perplexity() > 4.0, "{}", unigram.perplexity());

    let captioner = Captioner::from_dir(&model, &Device::flex()).unwrap();
    let measure = |pairs: &Pairs| captioner.measure(pairs, &world.store, 8).unwrap();
    let own: Likelihood = measure(&world.dev);
    assert!((own.perplexity() - report.best_perplexity).abs() < 1e-6);
    let others = shuffled_pictures(&world.dev, &world.store.info().times, 2.0, 1);
    assert!(
        measure(&others).nll() > own.nll() + 0.5,
        "the picture is not used"
    );

    // The first word is drawn, the rest follows from it and the picture: any of the sayings, mostly
    // the picture's own.
    let rows: Vec<usize> = (0..ROWS).collect();
    let written: Vec<String> = captioner
        .generate(&world.store, &rows, &GenerateOptions::default())
        .unwrap()
        .map(|comment| comment.unwrap().text)
        .collect();
    let right = (0..ROWS)
        .filter(|&row| written[row] == SAYINGS[row % 4].concat())
        .count();
    assert!(right > ROWS * 8 / 10, "{right} of {ROWS}: {written:?}");
}

#[test]
fn the_batch_size_does_not_change_what_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let model = folder.path().join("model");
    world.train(config().epochs(2), &model, |_| {}).unwrap();
    let captioner = Captioner::from_dir(&model, &Device::flex()).unwrap();
    let rows: Vec<usize> = (0..ROWS).chain(0..ROWS).collect();
    let write = |batch, seed| -> Vec<Vec<u32>> {
        let options = GenerateOptions::default()
            .batch_size(batch)
            .seed(seed)
            .max_words(6);
        let comments = captioner.generate(&world.store, &rows, &options).unwrap();
        comments.map(|comment| comment.unwrap().words).collect()
    };
    assert_eq!(write(7, 3), write(64, 3));
    assert_ne!(write(64, 3), write(64, 4));
    for words in write(64, 3) {
        assert!((1..=6).contains(&words.len()));
        assert!(words.iter().all(|&word| word > caption_model::UNK));
        assert!(!captioner.vocabulary().is_symbol(words[0]));
    }
}

#[test]
fn nothing_to_learn_from_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(&folder.path().join("features"));
    world.dev = Pairs::new(30);
    let error = world.train(config(), &folder.path().join("model"), |_| {});
    assert!(matches!(error, Err(Error::NoPairs(_))));
    assert!(!folder.path().join("model").exists());
}

#[test]
fn a_loss_that_is_no_number_stops_training() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let config = config().learning_rate(1e38).clip_norm(1e38);
    let error = world
        .train(config, &folder.path().join("model"), |_| {})
        .unwrap_err();
    assert!(
        matches!(&error, Error::NotFinite { epoch: 1, learning_rate, .. } if *learning_rate == 1e38),
        "{error}"
    );
    assert!(
        matches!(
            &error,
            Error::NotFinite {
                checkpoint: None,
                ..
            }
        ),
        "{error}"
    );
}
