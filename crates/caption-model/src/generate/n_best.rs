use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData};
use jp_tokenize::Vocabulary;

use super::{
    constraints::Constraints,
    decode_batch::DecodeBatch,
    generator::{Caption, caption},
    options::{Decoding, GenerateOptions},
    score::{ScoreOptions, score},
    write::write_best,
};
use crate::{error::Error, model::Network};

/// A caption with its probability under the model.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScoredCaption {
    /// The caption.
    pub caption: Caption,
    /// Natural logarithm of its probability, the end of the caption included, whatever rules it was
    /// written under; `None` for a caption without words.
    pub log_probability: Option<f64>,
}

impl ScoredCaption {
    /// The log-probability divided by the number of words predicted, the end included: comparable
    /// between captions of different lengths.
    #[must_use]
    pub fn log_probability_per_word(&self) -> Option<f64> {
        let predicted = self.caption.words.len() + 1;
        Some(self.log_probability? / predicted as f64)
    }
}

/// The best captions of each picture with their probabilities, the best first; `batch` gives the
/// features of pictures, `[pictures, locations, d_features]`.
pub(crate) fn write_n_best(
    network: &Network,
    vocabulary: &Vocabulary,
    pictures: usize,
    num_best: usize,
    options: &GenerateOptions,
    device: &Device,
    mut batch: impl FnMut(Range<usize>) -> Result<Tensor<3>, Error>,
) -> Result<Vec<Vec<ScoredCaption>>, Error> {
    check(num_best, options)?;
    let task = DecodeBatch::new(
        network,
        Constraints::new(vocabulary, options),
        options,
        device,
    )?;
    let mut all = Vec::with_capacity(pictures);
    while all.len() < pictures {
        let first = all.len();
        let end = (first + options.comments_at_once()).min(pictures);
        let features = batch(first..end)?;
        let state = network.start(features.clone());
        let written = write_best(&task, state, end - first, first, num_best)?;
        let captions: Vec<Vec<Caption>> = (first..)
            .zip(written)
            .map(|(index, best)| {
                let captions = best
                    .into_iter()
                    .map(|one| caption(index, index, one, options, vocabulary));
                captions.collect()
            })
            .collect();
        all.extend(scored(
            network,
            vocabulary.len(),
            captions,
            &features,
            first,
        )?);
    }
    Ok(all)
}

/// Captions with their probabilities on the features of their pictures, of which the first is
/// number `first`.
fn scored(
    network: &Network,
    num_words: usize,
    captions: Vec<Vec<Caption>>,
    features: &Tensor<3>,
    first: usize,
) -> Result<Vec<Vec<ScoredCaption>>, Error> {
    let with_words = captions
        .iter()
        .flatten()
        .filter(|one| !one.words.is_empty());
    let with_words: Vec<&Caption> = with_words.collect();
    let words: Vec<&[u32]> = with_words.iter().map(|one| one.words.as_slice()).collect();
    let rows: Vec<i64> = with_words
        .iter()
        .map(|one| i64::try_from(one.row - first).expect("a batch has fewer than 2^63 pictures"))
        .collect();
    let scores = score(
        network,
        num_words,
        &words,
        &ScoreOptions::default(),
        |indices| {
            let own: Vec<i64> = indices.iter().map(|&index| rows[index]).collect();
            let count = own.len();
            let own =
                Tensor::<1, Int>::from_data(TensorData::new(own, [count]), &features.device());
            Ok(features.clone().select(0, own))
        },
    )?;
    let mut scores = scores.into_iter();
    let scored = captions.into_iter().map(|best| {
        let scored = best.into_iter().map(|caption| ScoredCaption {
            log_probability: match caption.words.is_empty() {
                true => None,
                false => scores.next().map(|score| -score.nll()),
            },
            caption,
        });
        scored.collect()
    });
    Ok(scored.collect())
}

fn check(num_best: usize, options: &GenerateOptions) -> Result<(), Error> {
    let refuse = |expected| {
        Err(Error::Option {
            option: "num_best",
            value: num_best.to_string(),
            expected,
        })
    };
    match &options.decoding {
        _ if num_best == 0 => refuse("1 or more"),
        Decoding::Beam(beam) if num_best > beam.width => refuse("at most the width of the beam"),
        Decoding::Greedy | Decoding::Sample(_) if num_best > 1 => {
            refuse("1, or decoding with a beam")
        }
        _ => Ok(()),
    }
}
