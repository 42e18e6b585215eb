//! Forced decoding.

use caption_metrics::Pairs;
use caption_model::{Beam, Error, GenerateOptions, ScoreOptions};

use crate::model::{Made, ROWS};

fn comments() -> Vec<(usize, Vec<u32>)> {
    (0..40u32)
        .zip((0..ROWS).cycle())
        .map(|(i, row)| {
            let words = (0..1 + i * 7 % 5).map(|j| 4 + (i * 3 + j * 5) % 12);
            (row, words.collect())
        })
        .collect()
}

/// The sum over all comments is what `measure` says, and each comment costs the same alone as in a
/// batch of other lengths.
#[test]
fn scores_add_up_and_do_not_depend_on_the_batch() {
    for made in [Made::global(), Made::attention()] {
        let comments = comments();
        let score = |comments: &[(usize, Vec<u32>)], options: &ScoreOptions| {
            made.captioner
                .score(&made.features, comments, options)
                .unwrap()
        };
        let all = score(&comments, &ScoreOptions::default());
        let mut pairs = Pairs::new(30);
        comments
            .iter()
            .for_each(|(row, words)| pairs.push(*row, words));
        let measured = made.captioner.measure(&pairs, &made.features, 16).unwrap();
        let total: f64 = all.iter().map(caption_model::ScoredComment::nll).sum();
        assert!((total - measured.nll() * measured.targets() as f64).abs() < 1e-3);
        for (comment, scored) in comments.iter().zip(&all) {
            let alone = score(std::slice::from_ref(comment), &ScoreOptions::default());
            assert_eq!(scored.words.len(), comment.1.len());
            assert!((alone[0].nll() - scored.nll()).abs() < 1e-4);
        }
        let small = score(&comments, &ScoreOptions::default().batch_size(3));
        for (small, large) in small.iter().zip(&all) {
            assert!((small.nll() - large.nll()).abs() < 1e-4);
        }
    }
}

/// A comment that the model wrote is looked at alike when it is made to write it again.
#[test]
fn forced_attention_is_that_of_writing() {
    let made = Made::attention();
    let rows: Vec<usize> = (0..ROWS).collect();
    for options in [
        GenerateOptions::default(),
        GenerateOptions::beam(Beam::new(3)),
    ] {
        let options = options.attention(true).max_words(6);
        let written: Vec<_> = made
            .captioner
            .generate(&made.features, &rows, &options)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let pairs: Vec<_> = written
            .iter()
            .map(|c| (c.row, c.words.as_slice()))
            .collect();
        let wanted = ScoreOptions::default().attention(true);
        let scored = made
            .captioner
            .score(&made.features, &pairs, &wanted)
            .unwrap();
        for (written, scored) in written.iter().zip(&scored) {
            let pairs = written
                .attention
                .iter()
                .flatten()
                .zip(scored.attention.iter().flatten());
            assert_eq!(
                scored.attention.as_ref().unwrap().len(),
                written.words.len()
            );
            for (written, forced) in pairs {
                let weights = written.weights.iter().zip(&forced.weights);
                assert!(weights.into_iter().all(|(a, b)| (a - b).abs() < 1e-5));
                assert!((written.gate.unwrap() - forced.gate.unwrap()).abs() < 1e-5);
            }
        }
    }
}

/// A look depends on the words before the last one: of two comments that differ in the last word
/// only the look after it differs. The step that it takes costs nothing.
#[test]
fn what_is_said_shows_in_the_look_after_it() {
    let made = Made::attention();
    let wanted = ScoreOptions::default().attention(true);
    let comments = [(3, vec![5, 6]), (3, vec![5, 9])];
    let scored = made
        .captioner
        .score(&made.features, &comments, &wanted)
        .unwrap();
    assert_eq!(scored[0].attention, scored[1].attention);
    let after = [0, 1].map(|index: usize| scored[index].attention_after.clone().unwrap());
    assert!((after[0].weights.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    assert_ne!(after[0].weights, after[1].weights);
    let plain = made
        .captioner
        .score(&made.features, &comments, &ScoreOptions::default())
        .unwrap();
    for (plain, looked) in plain.iter().zip(&scored) {
        assert!((plain.nll() - looked.nll()).abs() < 1e-5);
    }
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let made = Made::global();
    let score = |comments: &[(usize, Vec<u32>)]| {
        made.captioner
            .score(&made.features, comments, &ScoreOptions::default())
    };
    assert!(score(&[]).unwrap().is_empty());
    for comments in [vec![(0, vec![])], vec![(0, vec![4]), (1, vec![99])]] {
        assert!(matches!(score(&comments), Err(Error::Option { .. })));
    }
    assert!(matches!(score(&[(ROWS, vec![4])]), Err(Error::Features(_))));
    let mut pairs = Pairs::new(30);
    pairs.push(0, &[4, 99]);
    let measured = made.captioner.measure(&pairs, &made.features, 8);
    assert!(matches!(measured, Err(Error::Option { .. })));
}

/// Features of the right encoder in another shape are told so, and not as another encoder's.
#[test]
fn features_of_another_shape_are_told_apart() {
    let made = Made::global();
    let encoder = crate::model::encoder(frame_features::Layer::Relu7);
    let narrow = frame_features::MemoryFeatures::from_f32(encoder, [3], &[0.0; 6]).unwrap();
    let options = ScoreOptions::default();
    let error = made.captioner.score(&narrow, &[(0, [4u32])], &options);
    assert!(
        matches!(error, Err(Error::FeatureShape { .. })),
        "{error:?}"
    );
}
