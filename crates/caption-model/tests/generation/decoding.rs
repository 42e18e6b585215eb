//! Every way of decoding, through the public interface.

use caption_model::{
    BOS, Beam, Caption, EOS, Error, GenerateOptions, LengthPenalty, PAD, Sampling, SymbolRule, UNK,
};

use crate::model::{Made, ROWS};

/// One of every kind.
fn kinds() -> Vec<(&'static str, GenerateOptions)> {
    let sampling = Sampling::default;
    vec![
        ("original", GenerateOptions::default()),
        ("greedy", GenerateOptions::greedy()),
        ("beam", GenerateOptions::beam(Beam::new(3))),
        (
            "drawn, then beam",
            GenerateOptions::beam(Beam::new(3)).first_word(sampling()),
        ),
        (
            "temperature",
            GenerateOptions::sample(sampling().temperature(1.3)),
        ),
        ("top-k", GenerateOptions::sample(sampling().top_k(5))),
        ("top-p", GenerateOptions::sample(sampling().top_p(0.8))),
        (
            "no pair twice",
            GenerateOptions::default().no_repeat_ngram(2),
        ),
        ("penalty", GenerateOptions::greedy().repetition_penalty(1.5)),
        (
            "all open",
            GenerateOptions::default()
                .unknown(true)
                .symbols(SymbolRule::Everywhere),
        ),
    ]
}

fn write(made: &Made, options: &GenerateOptions) -> Vec<Caption> {
    write_first(made, options, 2 * ROWS)
}

/// So many comments, the first ones of two a row.
fn write_first(made: &Made, options: &GenerateOptions, comments: usize) -> Vec<Caption> {
    let rows: Vec<usize> = (0..ROWS).cycle().take(comments).collect();
    let comments = made
        .captioner
        .generate(&made.features, &rows, options)
        .unwrap();
    comments.collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_batch_size_changes_nothing() {
    for made in [Made::global(), Made::attention()] {
        for (name, options) in kinds() {
            let options = options.max_words(7).seed(5);
            let all = write(&made, &options.clone().batch_size(100));
            // One by one takes longest, and a few tell.
            for (batch_size, comments) in [(1, 10), (5, all.len()), (17, all.len())] {
                let options = options.clone().batch_size(batch_size);
                let batched = write_first(&made, &options, comments);
                assert_eq!(batched, all[..comments], "{name}, {batch_size} at once");
            }
        }
    }
}

#[test]
fn the_comments_that_are_left_are_counted() {
    let made = Made::global();
    let options = GenerateOptions::default().max_words(3).batch_size(2);
    let mut comments = made
        .captioner
        .generate(&made.features, &[0, 1, 0], &options)
        .unwrap();
    for left in (1..=3).rev() {
        assert_eq!(comments.size_hint(), (1, Some(left)));
        comments.next().unwrap().unwrap();
    }
    assert_eq!(comments.size_hint(), (0, Some(0)));
    assert!(comments.next().is_none());
}

#[test]
fn seeds_change_what_is_drawn_and_nothing_else() {
    let made = Made::global();
    for (name, options) in kinds() {
        let drawn = options.first_word.is_some() || name.starts_with("t");
        let one = write(&made, &options.clone().seed(1));
        let other = write(&made, &options.seed(2));
        assert_eq!(one != other, drawn, "{name}");
    }
}

#[test]
fn what_may_not_be_written_is_not() {
    let made = Made::attention();
    let is_symbol = |word| made.captioner.vocabulary().is_symbol(word);
    for (name, options) in kinds() {
        let options = options.min_words(2).max_words(6);
        let open = options.unknown;
        for Caption { words, .. } in write(&made, &options) {
            assert!((2..=6).contains(&words.len()), "{name}: {words:?}");
            assert!(
                words.iter().all(|word| ![PAD, BOS, EOS].contains(word)),
                "{name}"
            );
            assert!(open || !words.contains(&UNK), "{name}: {words:?}");
            assert!(open || !is_symbol(words[0]), "{name}: {words:?}");
        }
        for Caption { words, .. } in write(&made, &options.symbols(SymbolRule::Nowhere)) {
            assert!(!words.into_iter().any(is_symbol), "{name}");
        }
    }
}

#[test]
fn a_beam_of_one_is_greedy() {
    let made = Made::global();
    let narrow = Beam::new(1).length_penalty(LengthPenalty::None);
    assert_eq!(
        write(&made, &GenerateOptions::beam(narrow)),
        write(&made, &GenerateOptions::greedy())
    );
}

/// The wider the beam, the likelier the comments: forced decoding says so.
#[test]
fn wider_beams_find_likelier_comments() {
    let made = Made::global();
    let cost = |width: usize| -> f64 {
        let beam = Beam::new(width).length_penalty(LengthPenalty::None);
        // With every word allowed the search and the score speak of the same distribution; what
        // cannot be written is PAD and BOS.
        let options = GenerateOptions::beam(beam)
            .unknown(true)
            .symbols(SymbolRule::Everywhere);
        let written = write(&made, &options.max_words(12));
        let pairs: Vec<_> = written
            .iter()
            .map(|c| (c.row, c.words.as_slice()))
            .collect();
        let scored = made
            .captioner
            .score(&made.features, &pairs, &Default::default())
            .unwrap();
        scored.iter().map(caption_model::ScoredComment::nll).sum()
    };
    let (one, four, thirty) = (cost(1), cost(4), cost(30));
    assert!(four < one - 0.1, "{four} after {one}");
    assert!(thirty <= four + 1e-3, "{thirty} after {four}");
}

#[test]
fn attention_comes_with_every_word_if_it_is_asked_for() {
    let made = Made::attention();
    for (name, options) in kinds() {
        let plain = write(&made, &options);
        let looked = write(&made, &options.attention(true));
        for (plain, looked) in plain.iter().zip(&looked) {
            assert_eq!(plain.words, looked.words, "{name}");
            assert!(plain.attention.is_none());
            let looks = looked.attention.as_ref().unwrap();
            assert_eq!(looks.len(), looked.words.len(), "{name}");
            for look in looks {
                assert_eq!(look.weights.len(), 4);
                assert!((look.weights.iter().sum::<f32>() - 1.0).abs() < 1e-5);
                assert!((0.0..=1.0).contains(&look.gate.unwrap()));
            }
        }
    }
    let without = Made::global();
    let comments = write(&without, &GenerateOptions::default().attention(true));
    assert!(comments.iter().all(|comment| comment.attention.is_none()));
}

#[test]
fn options_that_cannot_work_are_refused() {
    let made = Made::global();
    for options in [
        GenerateOptions::beam(Beam::new(0)),
        GenerateOptions::sample(Sampling::default().temperature(f32::NAN)),
    ] {
        let error = made
            .captioner
            .generate(&made.features, &[0], &options)
            .unwrap_err();
        assert!(matches!(error, Error::Option { .. }), "{error}");
    }
}
