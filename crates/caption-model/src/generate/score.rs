use burn::tensor::Tensor;
use jp_tokenize::EOS;

use caption_metrics::Pairs;

use super::attention::{WordAttention, looks};
use crate::{
    batch::Batch,
    error::{Error, check_batch_size, check_words},
    host::to_host,
    model::Network,
};

/// Options of forced decoding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScoreOptions {
    /// Comments at once, at least one. Default: 256.
    pub batch_size: usize,
    /// Whether to say where the model looks before each word, where it has attention. Default: no.
    pub attention: bool,
}

impl Default for ScoreOptions {
    fn default() -> Self {
        Self {
            batch_size: 256,
            attention: false,
        }
    }
}

impl ScoreOptions {
    /// Sets [`batch_size`](Self::batch_size).
    #[must_use]
    pub fn batch_size(mut self, comments: usize) -> Self {
        self.batch_size = comments;
        self
    }

    /// Sets [`attention`](Self::attention).
    #[must_use]
    pub fn attention(mut self, wanted: bool) -> Self {
        self.attention = wanted;
        self
    }
}

/// Likelihood of a given comment under a model that is made to write it (forced decoding), and
/// where the model looked.
///
/// Made by [`Captioner::score`](crate::Captioner::score).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ScoredComment {
    /// Negative log-likelihood of each word after those before it, nats.
    pub words: Vec<f32>,
    /// Negative log-likelihood of `<eos>` after all words, nats.
    pub end: f32,
    /// Where the model looks before each word, if that was asked for and the model has attention.
    /// The paper's `α_t` is a function of `h_{t−1}`, which has read the words before the last one:
    /// neither the word itself nor the one before it changes a look.
    pub attention: Option<Vec<WordAttention>>,
    /// Where it looks once it has read the last word: the first look that depends on it.
    pub attention_after: Option<WordAttention>,
}

impl ScoredComment {
    /// Negative log-likelihood of the whole comment, its end counted, nats.
    #[must_use]
    pub fn nll(&self) -> f64 {
        self.words
            .iter()
            .chain([&self.end])
            .copied()
            .map(f64::from)
            .sum()
    }
}

/// Scores comments in the order they are given; `features` gives those of the comments with these
/// indices, `[comments, locations, d_features]`.
pub(crate) fn score(
    network: &Network,
    num_words: usize,
    comments: &[&[u32]],
    options: &ScoreOptions,
    mut features: impl FnMut(&[usize]) -> Result<Tensor<3>, Error>,
) -> Result<Vec<ScoredComment>, Error> {
    check_batch_size(options.batch_size)?;
    let longest = comments.iter().map(|words| words.len()).max();
    // For the look after the last word the model has to go on by a step: it reads an <eos>, and
    // what follows is not counted.
    let extra: &[u32] = if options.attention { &[EOS] } else { &[] };
    let mut pairs = Pairs::new(longest.unwrap_or(0) + extra.len());
    for (index, words) in comments.iter().enumerate() {
        if words.is_empty() {
            return Err(Error::Option {
                option: "a comment",
                value: "without words".to_owned(),
                expected: "one word or more",
            });
        }
        check_words(*words, num_words)?;
        pairs.push(index, &[words, extra].concat());
    }
    let mut scored: Vec<Option<ScoredComment>> = vec![None; comments.len()];
    for indices in pairs.batches_by_length(options.batch_size) {
        let batch = Batch::new(&pairs, &indices, features(&indices)?);
        let (pre_logits, attention) = network.forward(batch.features, batch.words);
        let [rows, time, _] = pre_logits.dims();
        let loss = network.target_loss(pre_logits, batch.positions, batch.targets, 0.0);
        let nll = to_host(loss.nll)?;
        let looked = match attention.filter(|_| options.attention) {
            Some(attention) => {
                let [_, _, locations] = attention.weights.dims();
                let weights = attention.weights.reshape([rows * time, locations]);
                looks(weights, Some(attention.gates.reshape([rows * time, 1])))?
            }
            None => Vec::new(),
        };
        let mut nll = nll.into_iter();
        for (row, index) in indices.into_iter().enumerate() {
            let length = comments[index].len();
            scored[index] = Some(ScoredComment {
                words: nll.by_ref().take(length).collect(),
                end: nll.next().unwrap_or(f32::NAN),
                attention: looked
                    .get(row * time..row * time + length)
                    .map(<[_]>::to_vec),
                attention_after: looked.get(row * time + length + 1).cloned(),
            });
            nll.by_ref().take(extra.len()).for_each(drop);
        }
    }
    debug_assert!(
        scored.iter().all(Option::is_some),
        "every comment is in one batch"
    );
    Ok(scored.into_iter().flatten().collect())
}
