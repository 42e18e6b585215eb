//! Beam search over a batch of frames.

use std::{cmp::Ordering, sync::Arc};

use jp_tokenize::{BOS, EOS};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{
    Beam, GenerateOptions, LengthPenalty,
    attention::{WordAttention, looks},
    constraints::{Constraints, log_sum},
    decode_batch::{DecodeBatch, Generated},
    decoder::Decoder,
    sampling::most_probable,
};
use crate::{error::Error, host::to_host};

/// The beginning of a comment.
#[derive(Clone, Default)]
struct Hypothesis {
    words: Vec<u32>,
    /// Shared with the other continuations of the same beginning.
    looks: Vec<Arc<WordAttention>>,
    log_probability: f64,
}

/// A frame's search.
struct Frame {
    /// What is continued, the most probable first; its rows of the state stand in this order.
    active: Vec<Hypothesis>,
    /// The best finished comments and their normalised log-probabilities, the best first; of equal
    /// ones the one found first.
    finished: Vec<(f64, Hypothesis)>,
    /// How many finished comments are kept.
    num_best: usize,
    /// A number from 0 to 1 for the first word.
    point: f64,
}

/// A continuation: of which of the frame's hypotheses, by which word, with which log-probability
/// altogether.
struct Candidate {
    parent: usize,
    word: u32,
    log_probability: f64,
}

/// Writes the `num_best` best comments, or as many as there are, for each of `rngs`, the best first;
/// `state` has a row for each.
pub(super) fn write<D: Decoder>(
    task: &DecodeBatch<'_, D>,
    mut state: D::State,
    rngs: Vec<ChaCha8Rng>,
    beam: &Beam,
    num_best: usize,
) -> Result<Vec<Vec<Generated>>, Error> {
    let DecodeBatch {
        decoder,
        constraints,
        options,
        ..
    } = task;
    let mut frames: Vec<Frame> = rngs
        .into_iter()
        .map(|mut rng| Frame {
            active: vec![Hypothesis::default()],
            finished: Vec::new(),
            num_best,
            point: rng.random(),
        })
        .collect();
    // After the last word allowed comes one step more, which can only end a comment, so that all
    // have paid for their end.
    for _ in 0..=options.max_words {
        let words: Vec<u32> = frames.iter().flat_map(Frame::last_words).collect();
        if words.is_empty() {
            break;
        }
        let step = decoder.step(task.upload(&words), state);
        let seen = match step.weights.filter(|_| options.attention) {
            Some(weights) => looks(weights, step.gates)?
                .into_iter()
                .map(Arc::new)
                .collect(),
            None => Vec::new(),
        };
        let mut logits = to_host(decoder.logits(step.pre_logits))?;
        let num_words = constraints.num_words().max(1);
        let mut rows = logits.as_mut_slice();
        let mut row = 0;
        let mut work = Vec::with_capacity(frames.len());
        for frame in &mut frames {
            let count = frame.active.len();
            let (own, rest) = rows.split_at_mut(count * num_words);
            rows = rest;
            work.push((frame, own, row));
            row += count;
        }
        let parents: Vec<usize> = work
            .into_par_iter()
            .flat_map_iter(|(frame, logits, row)| {
                let seen = seen.get(row..).unwrap_or_default();
                let parents = frame.advance(logits, seen, beam, constraints, options);
                parents.into_iter().map(move |parent| row + parent)
            })
            .collect();
        state = decoder.select(step.state, task.upload_indices(&parents));
    }
    Ok(frames.into_iter().map(Frame::finish).collect())
}

impl Frame {
    fn last_words(&self) -> impl Iterator<Item = u32> {
        self.active
            .iter()
            .map(|hypothesis| hypothesis.words.last().copied().unwrap_or(BOS))
    }

    /// Continues every active hypothesis by a word; returns which hypothesis each of the new ones
    /// continues.
    fn advance(
        &mut self,
        logits: &mut [f32],
        seen: &[Arc<WordAttention>],
        beam: &Beam,
        constraints: &Constraints,
        options: &GenerateOptions,
    ) -> Vec<usize> {
        if self.active.is_empty() {
            return Vec::new();
        }
        let length = self.active[0].words.len();
        let draws = options.first_word.as_ref().filter(|_| length == 0);
        // Twice the width: even if half of them end a comment, the beam stays full.
        let wanted = beam.width * 2;
        let mut candidates = Vec::new();
        let rows = logits.chunks_exact_mut(constraints.num_words().max(1));
        for (parent, (hypothesis, scores)) in self.active.iter().zip(rows).enumerate() {
            let total = log_sum(scores);
            constraints.apply(&hypothesis.words, scores);
            let best = match draws {
                _ if length >= options.max_words => {
                    vec![(scores.get(EOS as usize).copied().unwrap_or(total), EOS)]
                }
                Some(sampling) => sampling
                    .draw(scores, self.point)
                    .map(|word| (scores[word as usize], word))
                    .into_iter()
                    .collect(),
                None => most_probable(scores, wanted),
            };
            candidates.extend(best.into_iter().map(|(score, word)| Candidate {
                parent,
                word,
                log_probability: hypothesis.log_probability + f64::from(score - total),
            }));
        }
        candidates.sort_by(Candidate::order);
        candidates.truncate(wanted);
        let mut next = Vec::new();
        let mut parents = Vec::new();
        for (rank, candidate) in candidates.into_iter().enumerate() {
            let parent = &self.active[candidate.parent];
            if candidate.word == EOS {
                if rank < beam.width {
                    let score = candidate.log_probability / beam.length_penalty.divisor(length + 1);
                    let finished = Hypothesis {
                        log_probability: candidate.log_probability,
                        ..parent.clone()
                    };
                    keep_best(&mut self.finished, score, finished, self.num_best);
                }
            } else if next.len() < beam.width {
                next.push(parent.continued(&candidate, seen.get(candidate.parent)));
                parents.push(candidate.parent);
            }
        }
        if next.is_empty() && self.finished.is_empty() {
            // No word may follow: the best beginning is all there is.
            let score = self.active[0].log_probability;
            self.finished.push((score, self.active[0].clone()));
        }
        self.active = next;
        if self.is_over(beam.length_penalty, options.max_words) {
            self.active.clear();
            parents.clear();
        }
        parents
    }

    /// Whether no continuation can become better than the finished comments that are kept:
    /// probabilities only fall, and the penalty is largest for the longest comment.
    fn is_over(&self, penalty: LengthPenalty, max_words: usize) -> bool {
        match (self.finished.get(self.num_best - 1), self.active.first()) {
            (Some((worst, _)), Some(most_probable)) => {
                *worst >= most_probable.log_probability / penalty.divisor(max_words + 1)
            }
            _ => false,
        }
    }

    fn finish(self) -> Vec<Generated> {
        let mut best: Vec<Hypothesis> = self
            .finished
            .into_iter()
            .map(|(_, hypothesis)| hypothesis)
            .collect();
        if best.is_empty() {
            best.push(self.active.into_iter().next().unwrap_or_default());
        }
        let generated = best.into_iter().map(|hypothesis| Generated {
            words: hypothesis.words,
            looks: hypothesis
                .looks
                .into_iter()
                .map(Arc::unwrap_or_clone)
                .collect(),
        });
        generated.collect()
    }
}

/// Keeps the finished comments with the largest normalised log-probabilities.
fn keep_best(
    finished: &mut Vec<(f64, Hypothesis)>,
    score: f64,
    hypothesis: Hypothesis,
    num_best: usize,
) {
    let place = finished.partition_point(|(kept, _)| *kept >= score);
    if place < num_best {
        finished.insert(place, (score, hypothesis));
        finished.truncate(num_best);
    }
}

impl Candidate {
    /// The most probable first, equal ones by parent and word.
    fn order(&self, other: &Self) -> Ordering {
        other
            .log_probability
            .total_cmp(&self.log_probability)
            .then(self.parent.cmp(&other.parent))
            .then(self.word.cmp(&other.word))
    }
}

impl Hypothesis {
    fn continued(&self, by: &Candidate, seen: Option<&Arc<WordAttention>>) -> Self {
        let mut words = self.words.clone();
        words.push(by.word);
        let mut looks = self.looks.clone();
        looks.extend(seen.map(Arc::clone));
        Self {
            words,
            looks,
            log_probability: by.log_probability,
        }
    }
}
