//! How many comments a video gets, and when.

use std::{fmt, str::FromStr};

use caption_model::CommentRate;
use frame_features::FeatureStore;
use nico_comments::Vpos;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{error::Error, rate::FittedRate, times::row_timeline};

/// More comments a second than this are hard to watch: the most that `auto` writes.
const WATCHABLE: f64 = 5.0;

/// How many comments a video gets.
///
/// ```
/// use nico_corpus::CrowdRate;
///
/// assert_eq!("2.5".parse(), Ok(CrowdRate::PerSecond(2.5)));
/// assert_eq!(CrowdRate::Auto.to_string(), "auto");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum CrowdRate {
    /// As in the training data, the original's rule.
    Data,
    /// As in the training data, but no more than can be watched.
    Auto,
    /// By the rate that was fitted to the training data, but no more on average than can be
    /// watched.
    Fitted,
    /// So many a second on average.
    PerSecond(f64),
}

impl fmt::Display for CrowdRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data => f.pad("data"),
            Self::Auto => f.pad("auto"),
            Self::Fitted => f.pad("fitted"),
            Self::PerSecond(rate) => rate.fmt(f),
        }
    }
}

impl From<CrowdRate> for String {
    fn from(rate: CrowdRate) -> Self {
        rate.to_string()
    }
}

impl TryFrom<String> for CrowdRate {
    type Error = UnknownRate;

    fn try_from(text: String) -> Result<Self, UnknownRate> {
        text.parse()
    }
}

impl FromStr for CrowdRate {
    type Err = UnknownRate;

    fn from_str(text: &str) -> Result<Self, UnknownRate> {
        match text {
            "data" => Ok(Self::Data),
            "auto" => Ok(Self::Auto),
            "fitted" => Ok(Self::Fitted),
            number => match number.parse() {
                Ok(rate) if (0.0..=1_000.0).contains(&rate) => Ok(Self::PerSecond(rate)),
                _ => Err(UnknownRate(text.to_owned())),
            },
        }
    }
}

/// No rate is called so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no rate: expected data, auto, fitted or a number of comments a second, 0 to 1000"
)]
pub struct UnknownRate(pub String);

/// A frame that gets a comment, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The frame's number in its video.
    pub frame: usize,
    /// Its row of the features.
    pub row: usize,
    /// When the comment appears.
    pub vpos: Vpos,
}

/// Draws the moments of a video's comments, in order of time.
///
/// `data` is the rate of the training data; `fitted` the one that [`CrowdRate::Fitted`] asks for.
///
/// # Errors
///
/// Fails if a fitted rate is asked for and there is none, and if the store's rows cannot be read.
pub fn draw_moments(
    store: &FeatureStore,
    rate: CrowdRate,
    data: &CommentRate,
    fitted: Option<&FittedRate>,
    seed: u64,
) -> Result<Vec<Moment>, Error> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(1);
    let in_data = data.per_second().max(1e-9);
    let times = match rate {
        CrowdRate::Data => times_as_in_data(data, store, 1.0, &mut rng),
        CrowdRate::Auto => times_as_in_data(data, store, (WATCHABLE / in_data).min(1.0), &mut rng),
        CrowdRate::PerSecond(rate) => times_as_in_data(data, store, rate / in_data, &mut rng),
        CrowdRate::Fitted => {
            let fitted = fitted.ok_or(Error::NoFittedRate)?;
            times_as_fitted(fitted, store, &mut rng)?
        }
    };
    let timeline = row_timeline(store)?;
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

/// A draw for each frame's time of the video the model learnt from, so that a target with another
/// frame rate gets as many a second.
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
) -> Result<Vec<f64>, Error> {
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
