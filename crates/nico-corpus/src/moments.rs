//! How many comments a video gets, and when.

use std::str::FromStr;

use caption_model::{Captioner, CommentRate, FittedRate};
use frame_features::FeatureStore;
use nico_comments::Vpos;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{
    failure::{Failure, Outcome},
    source::rows_timeline,
};

/// More comments a second than this are hard to watch: the most that `auto` writes.
const WATCHABLE: f64 = 5.0;

/// How many comments are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rate {
    /// As in the training data, the original's rule.
    Data,
    /// As in the training data, but no more than can be watched.
    Auto,
    /// By the rate that was fitted to the training data, but no more on average than can be watched.
    Fitted,
    /// So many a second on average.
    PerSecond(f64),
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "data" => Ok(Self::Data),
            "auto" => Ok(Self::Auto),
            "fitted" => Ok(Self::Fitted),
            number => match number.parse() {
                Ok(rate) if (0.0..=1_000.0).contains(&rate) => Ok(Self::PerSecond(rate)),
                _ => Err(
                    "expected data, auto, fitted or a number of comments a second, 0 to 1000"
                        .into(),
                ),
            },
        }
    }
}

/// A frame that gets a comment.
#[derive(Debug)]
pub(crate) struct Moment {
    /// The frame's number in its video.
    pub(crate) frame: usize,
    /// Its row of the features.
    pub(crate) row: usize,
    /// When the comment appears.
    pub(crate) vpos: Vpos,
}

/// Draws the moments of a video's comments, in order of time.
pub(crate) fn draw_moments(
    captioner: &Captioner,
    store: &FeatureStore,
    rate: Rate,
    seed: u64,
) -> Outcome<Vec<Moment>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(1);
    let data = captioner.rate();
    let in_data = data.per_second().max(1e-9);
    let times = match rate {
        Rate::Data => times_as_in_data(data, store, 1.0, &mut rng),
        Rate::Auto => times_as_in_data(data, store, (WATCHABLE / in_data).min(1.0), &mut rng),
        Rate::PerSecond(rate) => times_as_in_data(data, store, rate / in_data, &mut rng),
        Rate::Fitted => {
            let fitted = captioner.fitted_rate().ok_or_else(|| {
                Failure::new("the model has no fitted rate: `nico rate` fits one")
            })?;
            times_as_fitted(fitted, store, &mut rng)?
        }
    };
    let timeline = rows_timeline(store)?;
    let moments = times.into_iter().map(|time| {
        let vpos = Vpos::from_secs_f64(time);
        let row = timeline.frame_at(vpos);
        Moment {
            frame: store.info().frames[row],
            row,
            vpos,
        }
    });
    Ok(moments.collect())
}

/// A draw for each frame's time of the video the model learnt from, so that a target with another frame rate gets as many a second.
fn times_as_in_data(
    rate: &CommentRate,
    store: &FeatureStore,
    factor: f64,
    rng: &mut ChaCha8Rng,
) -> Vec<f64> {
    let draws = store.info().duration * rate.frame_rate();
    let mut times = Vec::new();
    let mut draw = 0.0;
    while draw < draws {
        let time = draw / rate.frame_rate();
        times.extend((0..rate.draw_scaled(factor, rng)).map(|_| time));
        draw += 1.0;
    }
    times
}

/// A draw for each second, its comments anywhere in it.
fn times_as_fitted(
    fitted: &FittedRate,
    store: &FeatureStore,
    rng: &mut ChaCha8Rng,
) -> Outcome<Vec<f64>> {
    let rates = fitted.per_second(store)?;
    let mean = rates.iter().sum::<f64>() / rates.len().max(1) as f64;
    let factor = (WATCHABLE / mean.max(1e-9)).min(1.0);
    let mut times = Vec::new();
    for (second, rate) in rates.into_iter().enumerate() {
        for _ in 0..fitted.draw(rate * factor, rng) {
            times.push(second as f64 + rng.random::<f64>());
        }
    }
    let duration = store.info().duration;
    times.retain(|&time| time < duration);
    times.sort_by(f64::total_cmp);
    Ok(times)
}
