//! Greedy comments through the library's own generator.

use std::time::Instant;

use burn::tensor::Device;
use caption_model::{Captioner, GenerateOptions};

use crate::{
    Args, Outcome, Part,
    floor::Floor,
    row::Row,
    synthetic::Features,
    training::{self, D_HIDDEN},
};

/// Words of each comment, as PyTorch's side writes.
const WORDS: usize = 12;
/// Batches written in a round.
const BATCHES: usize = 20;
/// Rounds; the fastest counts, the first one compiles and tunes kernels.
const ROUNDS: usize = 4;

pub(crate) fn greedy(args: &Args, device: &Device, floor: &Floor) -> Outcome<Row> {
    let batch = args.batch.iter().copied().max().unwrap_or(256);
    let folder = tempfile::tempdir()?;
    let features = Features::new(args.frames, vec![args.d_features]);
    training::train(
        args,
        Part::Global,
        batch,
        batch,
        1,
        device,
        &features,
        folder.path(),
    )?;
    let captioner = Captioner::from_dir(folder.path(), device)?;
    let rows: Vec<usize> = (0..BATCHES * batch).map(|row| row % args.frames).collect();
    let mut options = GenerateOptions::default()
        .batch_size(batch)
        .max_words(WORDS);
    options.min_words = WORDS;
    options.first_word = None;
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for comment in captioner.generate(&features, &rows, &options)? {
            assert_eq!(comment?.words.len(), WORDS, "each comment has its words");
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    let (d, v) = (D_HIDDEN as f64, args.vocabulary as f64);
    let word = 2.0 * d * v + 2.0 * 2.0 * d * 4.0 * d + 2.0 * d * d;
    let image = 2.0 * args.d_features as f64 * d;
    let comments = rows.len() as f64;
    // The word layer's weights are read once a word of a batch.
    let bytes = BATCHES as f64 * WORDS as f64 * d * v * 4.0;
    Ok(Row {
        what: format!(
            "{} greedy comments of {WORDS} words, batch {batch}",
            rows.len()
        ),
        seconds: best,
        rate: comments / best,
        unit: "comments",
        floor: floor.seconds(comments * (WORDS as f64 * word + image), bytes),
    })
}
