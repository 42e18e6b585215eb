//! Comments written word after word: greedily, drawn, or both.

use burn::tensor::{Device, Int, Tensor, TensorData};
use jp_tokenize::{BOS, EOS, PAD};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{
    GenerateOptions, Sampling, Search,
    attention::{WordAttention, looks, to_host},
    decoder::Decoder,
    rules::Rules,
    sampling::most_probable,
};
use crate::error::Error;

/// A comment that was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Written {
    pub(super) words: Vec<u32>,
    /// For each word, if it was asked for and there is any.
    pub(super) looks: Vec<WordAttention>,
}

/// What decoding has to know beside the model.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) rules: &'a Rules,
    pub(super) options: &'a GenerateOptions,
    pub(super) device: &'a Device,
    /// The number of the first comment among all that were asked for: random numbers go by it.
    pub(super) first: usize,
}

impl Task<'_> {
    /// The random numbers of comment `index` of this batch.
    pub(super) fn rng(&self, index: usize) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.options.seed);
        rng.set_stream((self.first + index) as u64);
        rng
    }
}

/// A comment that is not finished.
struct Open {
    index: usize,
    written: Vec<u32>,
    rng: ChaCha8Rng,
}

/// How one word of every open comment is found.
enum Pick<'a> {
    Best,
    Drawn(&'a Sampling),
}

/// Writes `comments` comments; `state` has a row for each.
pub(super) fn write<D: Decoder>(
    decoder: &D,
    mut state: D::State,
    comments: usize,
    task: Task<'_>,
) -> Result<Vec<Written>, Error> {
    let Task {
        rules,
        options,
        device,
        ..
    } = task;
    let mut done: Vec<Written> = vec![Written::default(); comments];
    let mut open: Vec<Open> = (0..comments)
        .map(|index| Open {
            index,
            written: Vec::new(),
            rng: task.rng(index),
        })
        .collect();
    let mut words = vec![BOS; comments];
    let mut masks: [Option<Tensor<2>>; 3] = [None, None, None];
    for position in 0..options.max_words {
        let step = decoder.step(upload(&words, device), state);
        state = step.state;
        let pick = match (&options.first_word, &options.search) {
            (Some(sampling), _) if position == 0 => Pick::Drawn(sampling),
            (_, Search::Sample(sampling)) => Pick::Drawn(sampling),
            _ => Pick::Best,
        };
        words = match pick {
            Pick::Best if !rules.look_back() => {
                let phase = rules.phase(position);
                let mask = masks[phase].get_or_insert_with(|| rules.mask(phase, device));
                ids(decoder.best(step.deep, mask.clone()))?
            }
            pick => choose(to_host(decoder.logits(step.deep))?, &mut open, rules, &pick),
        };
        let mut seen = match step.weights.filter(|_| options.attention) {
            Some(weights) => looks(weights, step.gates)?.into_iter().map(Some).collect(),
            None => vec![None; open.len()],
        };
        for ((comment, &word), look) in open.iter_mut().zip(&words).zip(&mut seen) {
            if word != EOS {
                comment.written.push(word);
                done[comment.index].words.push(word);
                done[comment.index].looks.extend(look.take());
            }
        }
        // Finished comments leave the batch.
        let kept: Vec<usize> = (0..open.len()).filter(|&row| words[row] != EOS).collect();
        if kept.is_empty() {
            break;
        }
        if kept.len() < open.len() {
            let mut row = 0;
            open.retain(|_| {
                row += 1;
                words[row - 1] != EOS
            });
            words = kept.iter().map(|&row| words[row]).collect();
            state = decoder.select(state, upload_indices(&kept, device));
        }
    }
    Ok(done)
}

/// A word for each open comment from the scores on the host, `[open, num_words]`.
fn choose(mut logits: Vec<f32>, open: &mut [Open], rules: &Rules, pick: &Pick<'_>) -> Vec<u32> {
    let rows = logits.par_chunks_exact_mut(rules.num_words().max(1));
    rows.zip(open)
        .map(|(scores, comment)| {
            rules.apply(&comment.written, scores);
            let word = match pick {
                Pick::Best => most_probable(scores, 1).first().map(|&(_, word)| word),
                Pick::Drawn(sampling) => sampling.draw(scores, comment.rng.random()),
            };
            word.unwrap_or(EOS) // nothing may be written any more
        })
        .collect()
}

pub(super) fn upload(words: &[u32], device: &Device) -> Tensor<1, Int> {
    let words: Vec<i64> = words.iter().copied().map(i64::from).collect();
    let count = words.len();
    Tensor::from_data(TensorData::new(words, [count]), device)
}

pub(super) fn upload_indices(indices: &[usize], device: &Device) -> Tensor<1, Int> {
    let indices: Vec<i64> = indices
        .iter()
        .map(|&index| i64::try_from(index).expect("a batch has fewer than 2^63 rows"))
        .collect();
    let count = indices.len();
    Tensor::from_data(TensorData::new(indices, [count]), device)
}

/// Word ids on the host. Where no word may be written the device finds the first one, `<pad>`: that is the end.
fn ids(indices: Tensor<1, Int>) -> Result<Vec<u32>, Error> {
    let ids = indices
        .try_into_vec_as::<i64>()
        .map_err(|error| Error::Device(error.to_string()))?;
    let id = |id| match u32::try_from(id) {
        Ok(PAD | BOS) | Err(_) => EOS,
        Ok(word) => word,
    };
    Ok(ids.into_iter().map(id).collect())
}
