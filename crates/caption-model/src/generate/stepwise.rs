//! Comments written word after word: greedily, drawn, or both.

use jp_tokenize::{BOS, EOS};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{
    Decoding, Sampling,
    attention::looks,
    constraints::Constraints,
    decode_batch::{DecodeBatch, Generated},
    decoder::Decoder,
    sampling::most_probable,
};
use crate::{error::Error, host::to_host};

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

/// Writes a comment for each of `rngs`; `state` has a row for each.
pub(super) fn write<D: Decoder>(
    task: &DecodeBatch<'_, D>,
    mut state: D::State,
    rngs: Vec<ChaCha8Rng>,
) -> Result<Vec<Generated>, Error> {
    let DecodeBatch {
        decoder,
        constraints,
        options,
        ..
    } = task;
    let mut done = vec![Generated::default(); rngs.len()];
    let mut words = vec![BOS; rngs.len()];
    let mut open: Vec<Open> = (0..)
        .zip(rngs)
        .map(|(index, rng)| Open {
            index,
            written: Vec::new(),
            rng,
        })
        .collect();
    for position in 0..options.max_words {
        let step = decoder.step(task.upload(&words), state);
        state = step.state;
        let pick = match (&options.first_word, &options.decoding) {
            (Some(sampling), _) if position == 0 => Pick::Drawn(sampling),
            (_, Decoding::Sample(sampling)) => Pick::Drawn(sampling),
            _ => Pick::Best,
        };
        words = match pick {
            Pick::Best if !constraints.needs_history() => task.best(step.pre_logits, position)?,
            pick => choose(
                to_host(decoder.logits(step.pre_logits))?,
                &mut open,
                constraints,
                &pick,
            ),
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
            state = decoder.select(state, task.upload_indices(&kept));
        }
    }
    Ok(done)
}

/// A word for each open comment from the scores on the host, `[open, num_words]`.
fn choose(
    mut logits: Vec<f32>,
    open: &mut [Open],
    constraints: &Constraints,
    pick: &Pick<'_>,
) -> Vec<u32> {
    let rows = logits.par_chunks_exact_mut(constraints.num_words().max(1));
    rows.zip(open)
        .map(|(scores, comment)| {
            constraints.apply(&comment.written, scores);
            let word = match pick {
                Pick::Best => most_probable(scores, 1).first().map(|&(_, word)| word),
                Pick::Drawn(sampling) => sampling.draw(scores, comment.rng.random()),
            };
            word.unwrap_or(EOS) // nothing may be written any more
        })
        .collect()
}
