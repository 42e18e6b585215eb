//! Learning which comment was written at a moment.

use std::collections::HashMap;

use burn::{
    module::ParamGroup,
    tensor::{Int, Tensor, activation},
};
use caption_model::{
    CommenterFolder,
    commenter::{CommentMatcher, Inputs, MatchBatch, MatchMoment, Stream, StreamEvent},
    to_host,
};
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    config::{FalseCandidates, FitConfig},
    fit::{StepLoss, Task},
};
use crate::error::Error;

/// Other comments of the video that are candidates at all moments of a step, for each of them.
const OTHERS: usize = 3;
/// False candidates were written at least so far away, milliseconds.
const APART: i64 = 30_000;
/// Nothing of the first seconds, which have no past.
const FROM: i64 = 20_000;
/// Comments of a video that moments are drawn from.
const FEWEST: usize = 800;
/// Share of steps that learn from a video with dialogue, of which there may be few.
const WITH_LINES: f64 = 0.5;
/// Share of their moments that read dialogue alone.
const LINES_ALONE: f64 = 0.4;
/// Draws of dev, the same after every round.
const DEV_DRAWS: u64 = 24;
/// Lowers the score of what is no candidate.
const NEVER: f32 = -1e4;

/// The task of a [`CommentMatcher`].
pub(super) struct Matching<'a> {
    train: Videos<'a>,
    dev: Videos<'a>,
    weights: &'a [f32],
    config: &'a FitConfig,
    folder: &'a CommenterFolder,
}

/// Streams with enough comments.
struct Videos<'a> {
    all: Vec<&'a Stream>,
    with_lines: Vec<&'a Stream>,
}

impl<'a> Videos<'a> {
    fn new(streams: &'a [Stream]) -> Self {
        let comments = |stream: &Stream| {
            stream
                .events()
                .iter()
                .filter(|event| event.is_comment())
                .count()
        };
        let all: Vec<&Stream> = streams
            .iter()
            .filter(|stream| comments(stream) >= FEWEST)
            .collect();
        let has_lines = |stream: &&Stream| stream.events().iter().any(StreamEvent::is_line);
        Self {
            with_lines: all.iter().copied().filter(has_lines).collect(),
            all,
        }
    }

    fn draw(&self, rng: &mut ChaCha8Rng) -> Option<&'a Stream> {
        let from = match rng.random_bool(WITH_LINES) && !self.with_lines.is_empty() {
            true => &self.with_lines,
            false => &self.all,
        };
        from.choose(rng).copied()
    }
}

/// Moments, their candidates, and which of those may not be chosen.
struct Draw {
    batch: MatchBatch,
    /// `[moments, candidates]`
    mask: Vec<f32>,
}

impl<'a> Matching<'a> {
    /// Fails if no video has enough comments.
    pub(super) fn new(
        train: &'a [Stream],
        dev: &'a [Stream],
        weights: &'a [f32],
        config: &'a FitConfig,
        folder: &'a CommenterFolder,
    ) -> Result<Self, Error> {
        let (train, dev) = (Videos::new(train), Videos::new(dev));
        for (videos, set) in [(&train, "training"), (&dev, "dev")] {
            if videos.all.is_empty() {
                return Err(Error::FewComments {
                    set,
                    fewest: FEWEST,
                });
            }
        }
        Ok(Self {
            train,
            dev,
            weights,
            config,
            folder,
        })
    }

    fn draw(&self, videos: &Videos<'_>, seed: u64) -> Draw {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let stream = videos.draw(&mut rng).expect("there is one");
        let events = stream.events();
        let comments: Vec<usize> = (0..events.len())
            .filter(|at| events[*at].is_comment())
            .collect();
        let late = comments.partition_point(|at| events[*at].millis < FROM);
        let late = match late < comments.len() {
            true => &comments[late..],
            false => &comments[..],
        };
        let has_lines = events.iter().any(StreamEvent::is_line);
        let num_moments = self.config.batch_size; // each with its comment
        let num_others = OTHERS * num_moments;
        let mut chosen = Vec::with_capacity(num_moments + num_others);
        let mut moments = Vec::with_capacity(num_moments);
        for _ in 0..num_moments {
            let at = *late.choose(&mut rng).expect("a video has comments");
            let second = events[at].millis.div_euclid(1_000) * 1_000;
            let now = stream.end_at(second)..stream.end_at(second + 1_000);
            let writers: Vec<u32> = events[now]
                .iter()
                .filter_map(|event| event.author)
                .collect();
            chosen.push(at);
            moments.push((second, writers, self.inputs(has_lines, &mut rng)));
        }
        chosen.extend((0..num_others).filter_map(|_| comments.choose(&mut rng)));
        let moments: Vec<MatchMoment<'_>> = moments
            .iter()
            .map(|(millis, excluded, inputs)| MatchMoment {
                millis: *millis,
                excluded,
                inputs: *inputs,
            })
            .collect();
        let candidates: Vec<&[u32]> = chosen.iter().map(|at| &*events[*at].ngrams).collect();
        let mut texts: HashMap<&[u32], usize> = HashMap::new();
        let text_of: Vec<usize> = (candidates.iter())
            .map(|ngrams| {
                let next = texts.len();
                *texts.entry(ngrams).or_insert(next)
            })
            .collect();
        let mut mask = Vec::with_capacity(num_moments * chosen.len());
        for (number, moment) in moments.iter().enumerate() {
            // Each text is a candidate once, and none that was written at the moment a false one.
            let mut is_taken = vec![false; texts.len()];
            let now = stream.end_at(moment.millis)..stream.end_at(moment.millis + 1_000);
            for event in &events[now] {
                if let Some(text) = texts.get(&*event.ngrams) {
                    is_taken[*text] = true;
                }
            }
            mask.extend(chosen.iter().enumerate().map(|(other, at)| {
                if other == number {
                    return 0.0;
                }
                let after = events[*at].millis - moment.millis;
                let is_far = match self.config.false_candidates {
                    FalseCandidates::Later => after >= APART,
                    FalseCandidates::Both => after.abs() >= APART,
                };
                let is_taken = &mut is_taken[text_of[other]];
                if !is_far || *is_taken {
                    return NEVER;
                }
                *is_taken = true;
                0.0
            }));
        }
        Draw {
            batch: MatchBatch::new(stream, &moments, &candidates, self.weights),
            mask,
        }
    }

    fn inputs(&self, has_lines: bool, rng: &mut ChaCha8Rng) -> Inputs {
        let drawn: f64 = rng.random();
        Inputs {
            comments: drawn >= LINES_ALONE || !has_lines,
            lines: drawn < 1.0 - self.config.input_dropout,
            own: true,
            pictures: true,
        }
    }
}

/// The negative log-likelihood of each moment's comment, `[moments]`.
fn losses(network: &CommentMatcher, draw: &Draw) -> Tensor<1> {
    let scores = network.forward(&draw.batch);
    let ([moments, candidates], device) = (scores.dims(), scores.device());
    let mask = Tensor::<1>::from_floats(&draw.mask[..], &device).reshape([moments, candidates]);
    let likelihoods = activation::log_softmax(scores + mask, 1).reshape([moments * candidates]);
    let places: Vec<i64> = (0..moments as i64)
        .map(|at| at * (candidates as i64 + 1))
        .collect();
    likelihoods
        .select(0, Tensor::<1, Int>::from_data(&places[..], &device))
        .neg()
}

impl Task for Matching<'_> {
    type Network = CommentMatcher;

    fn name(&self) -> &'static str {
        "matcher"
    }

    fn matrices(&self) -> ParamGroup {
        ParamGroup::from_predicates(vec![".weight"])
    }

    fn loss(&self, network: &CommentMatcher, seed: u64) -> StepLoss {
        let losses = losses(network, &self.draw(&self.train, seed));
        StepLoss {
            nll: losses.clone().inner().sum(),
            objective: losses.mean(),
            count: self.config.batch_size,
        }
    }

    fn measure(&self, network: &CommentMatcher) -> Result<f64, Error> {
        let (mut sum, mut count) = (0.0, 0usize);
        for seed in 0..DEV_DRAWS {
            let losses = to_host(losses(network, &self.draw(&self.dev, seed)))?;
            count += losses.len();
            sum += losses.into_iter().map(f64::from).sum::<f64>();
        }
        Ok(sum / count.max(1) as f64)
    }

    fn keep(&self, network: &CommentMatcher) -> Result<(), Error> {
        Ok(self.folder.save_matcher(network)?)
    }
}
