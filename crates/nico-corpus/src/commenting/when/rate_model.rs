use std::{ops::RangeInclusive, path::Path};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    counts::{SECOND, count, moments},
    inputs::RateInputs,
    regression::{Counted, Likelihood, Linear, Rows},
};
use crate::{
    error::Error,
    files::write_json,
    stream::{Episode, Past},
};

/// About so many moments are learnt from; of more, every second, third … one.
const MOMENTS: usize = 60_000;
/// Moments are learnt from after the opening, whose burst nothing foretells, milliseconds.
const OPENING: i64 = 5 * SECOND;
/// Spans that are told, milliseconds.
const SPANS: RangeInclusive<i64> = 100..=60 * SECOND;
/// Most comments of a span that a file may say: drawing from more would never end.
const MOST: f32 = 1e6;

/// How many comments come next, told from the past alone: a regression of the counts of the coming
/// span on logarithms of what came before,
///
/// `ln μ = a + w · f(past)`, counts with mean `μ` and variance `μ + μ² / size`.
///
/// The weights are Poisson's, which are right for the mean however counts scatter (Gourieroux,
/// Monfort and Trognon 1984); the size of the negative binomial distribution follows by its
/// likelihood. What the model reads is a [`Past`], so that nothing that comes later can be read.
///
/// ```
/// use nico_comments::{Comment, Vpos};
/// use nico_corpus::{
///     commenting::{RateInputs, RateModel},
///     stream::{Dialogue, Episode},
/// };
///
/// // Three comments a second, and none in every third span of ten seconds.
/// let times = (0..3_000i64).map(|at| at * 33).filter(|at| at / 1_000 % 3 != 2);
/// let comments = times.map(|time| Comment::new(Vpos(time), "草"));
/// let episodes = [Episode::new("show/01", comments, Dialogue::default())];
/// let model = RateModel::fit(&episodes, &episodes, RateInputs::Seconds, 1_000)?;
/// let lively = model.expected(&episodes[0].past_at(525_000));
/// let quiet = model.expected(&episodes[0].past_at(505_000));
/// assert!(lively > 2.0 && quiet < 1.0);
/// # Ok::<(), nico_corpus::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateModel {
    inputs: RateInputs,
    /// Length of the coming span, milliseconds.
    span_ms: i64,
    /// `size` of the negative binomial distribution.
    size: f32,
    /// The most comments of a span that were seen: nothing beyond is foretold.
    most: f32,
    linear: Linear,
}

impl RateModel {
    /// Learns to tell the counts of the next `span_ms` in `counted` from the past of `read`: the
    /// same episodes, or halves of their viewers.
    ///
    /// # Errors
    ///
    /// Fails if the span is not 100 ms to a minute, the two lists are not of the same episodes in
    /// the same order, or nobody wrote anything.
    pub fn fit(
        read: &[Episode],
        counted: &[Episode],
        inputs: RateInputs,
        span_ms: i64,
    ) -> Result<Self, Error> {
        let mut models = Self::fit_each(read, counted, &[inputs], span_ms)?;
        Ok(models.remove(0)) // one for each of one
    }

    /// As [`fit`](Self::fit), a model of each of several inputs: the past is read once for all.
    pub(super) fn fit_each(
        read: &[Episode],
        counted: &[Episode],
        inputs: &[RateInputs],
        span_ms: i64,
    ) -> Result<Vec<Self>, Error> {
        let wrong = |option, value: String, expected| Error::Option {
            option,
            value,
            expected,
        };
        if !SPANS.contains(&span_ms) {
            return Err(wrong(
                "span to foretell",
                format!("{span_ms} ms"),
                "100 ms to 60 s",
            ));
        }
        let names = |list: &[Episode]| -> Vec<String> {
            list.iter().map(|one| one.name().to_owned()).collect()
        };
        if names(read) != names(counted) {
            return Err(wrong(
                "number of episodes counted",
                counted.len().to_string(),
                "the episodes that are read, in their order",
            ));
        }
        let number: usize = counted
            .iter()
            .map(|one| moments(one, span_ms, SECOND).count())
            .sum();
        let step = SECOND * i64::try_from(number.div_ceil(MOMENTS)).unwrap_or(1).max(1);
        let no_rows = || -> Vec<Rows> { inputs.iter().map(|one| Rows::new(one.len())).collect() };
        let parts: Vec<(Vec<Rows>, Vec<Counted>)> = read
            .par_iter()
            .zip(counted)
            .map(|(read, counted)| {
                let (mut rows, mut counts) = (no_rows(), Vec::new());
                let learnt = moments(counted, span_ms, step).filter(|at| *at >= OPENING);
                for at in learnt {
                    let past = read.past_at(at);
                    match inputs {
                        [only] => rows[0].push(&only.read(&past)),
                        several => {
                            let all = RateInputs::SecondsAndLines.read(&past);
                            for (rows, one) in rows.iter_mut().zip(several) {
                                rows.push(&all[one.of_all()]);
                            }
                        }
                    }
                    counts.push(Counted {
                        count: count(counted, at, span_ms),
                        trials: 0.0,
                        offset: 0.0,
                    });
                }
                (rows, counts)
            })
            .collect();
        let (mut rows, mut counts) = (no_rows(), Vec::new());
        for (part, more) in parts {
            for (rows, part) in rows.iter_mut().zip(part) {
                rows.append(part);
            }
            counts.extend(more);
        }
        let most = counts.iter().map(|one| one.count).fold(0.0, f64::max);
        if most == 0.0 {
            return Err(wrong(
                "number of comments to learn a rate from",
                "0".to_owned(),
                "one or more",
            ));
        }
        let model = |(inputs, rows): (&RateInputs, &Rows)| {
            let mut model = Self {
                inputs: *inputs,
                span_ms,
                size: f32::MAX,
                most: to_single(most),
                linear: Linear::fit(Likelihood::Poisson, rows, &counts),
            };
            let fitted: Vec<(f64, f64)> = rows
                .iter()
                .zip(&counts)
                .map(|(row, counted)| (counted.count, model.rate(&row)))
                .collect();
            model.size = to_single(likeliest_size(&fitted));
            model
        };
        Ok(inputs.iter().zip(&rows).map(model).collect())
    }

    /// The comments that are expected in the coming span.
    #[must_use]
    pub fn expected(&self, past: &Past<'_>) -> f64 {
        self.rate(&self.inputs.read(past))
    }

    /// The comments that are expected in the coming span if others were written at `more` times
    /// besides those of the past, milliseconds of the video.
    #[must_use]
    pub fn expected_with(&self, past: &Past<'_>, more: &[i64]) -> f64 {
        self.rate(&self.inputs.read_with(past, more))
    }

    fn rate(&self, row: &[f64]) -> f64 {
        self.linear.predict(row).exp().min(f64::from(self.most))
    }

    /// Length of the span that it tells, milliseconds.
    #[must_use]
    pub fn span_ms(&self) -> i64 {
        self.span_ms
    }

    /// `r` of the negative binomial distribution of a span's count, whose variance is `μ + μ² / r`.
    #[must_use]
    pub fn size(&self) -> f64 {
        f64::from(self.size)
    }

    /// Reads the file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be read or holds something else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read(path).map_err(Error::io(path))?;
        let model: Self = serde_json::from_slice(&text).map_err(Error::json(path))?;
        let is_positive = |value: f32| value.is_finite() && value > 0.0;
        let is_sound = model.linear.is_sound() && model.linear.len() == model.inputs.len();
        let has_limits = is_positive(model.size)
            && is_positive(model.most)
            && model.most <= MOST
            && SPANS.contains(&model.span_ms);
        if is_sound && has_limits {
            return Ok(model);
        }
        Err(Error::RateWeights {
            path: path.to_owned(),
        })
    }

    /// Writes it as JSON, whole or not at all.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        write_json(path.as_ref(), self)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "kept in single precision, of which JSON keeps every bit"
)]
fn to_single(value: f64) -> f32 {
    value as f32
}

/// The size that makes these counts, with these means, likeliest: golden-section search over its
/// logarithm (the likelihood has one peak there; Simonsen 1976), from 0.01 to 10,000.
fn likeliest_size(fitted: &[(f64, f64)]) -> f64 {
    // Of ln Γ(y + r) − ln Γ(r) = Σ ln(r + j) over j < y, each j is asked for once.
    let mut above = Vec::<f64>::new();
    for (count, _) in fitted {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of comments"
        )]
        let count = *count as usize;
        if above.len() < count {
            above.resize(count, 0.0);
        }
        above[..count].iter_mut().for_each(|number| *number += 1.0);
    }
    let log_likelihood = |log_size: f64| -> f64 {
        let size = log_size.exp();
        let gammas = above.iter().enumerate();
        let gammas: f64 = gammas
            .map(|(j, number)| number * (size + j as f64).ln())
            .sum();
        let rest = fitted
            .iter()
            .map(|(count, mean)| -size * (mean / size).ln_1p() - count * (mean + size).ln());
        gammas + rest.sum::<f64>()
    };
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.01f64.ln(), 10_000f64.ln());
    for _ in 0..40 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if log_likelihood(left) < log_likelihood(right) {
            low = left;
        } else {
            high = right;
        }
    }
    f64::midpoint(low, high).exp()
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, Gamma, Poisson};

    use super::*;
    use crate::stream::Dialogue;

    /// Comments that call for more of them: a second has 1 and 0.8 of the second before.
    fn episodes() -> Vec<Episode> {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let episode = |number: i64| {
            let (mut last, mut times) = (5.0, Vec::new());
            for second in 0..400 {
                last = Poisson::new(1.0 + 0.8 * last).unwrap().sample(&mut rng);
                for at in 0..100 {
                    if f64::from(at) < last {
                        times.push(second * 100 + rng.random_range(0..100));
                    }
                }
            }
            let comments = times.into_iter().map(|time| Comment::new(Vpos(time), "w"));
            Episode::new(format!("a/{number}"), comments, Dialogue::default())
        };
        (0..6).map(episode).collect()
    }

    #[test]
    fn what_comes_next_is_told_by_what_came() {
        let episodes = episodes();
        let (train, dev) = episodes.split_at(4);
        let model = RateModel::fit(train, train, RateInputs::Seconds, SECOND).unwrap();
        assert_eq!(
            model,
            RateModel::fit(train, train, RateInputs::Seconds, SECOND).unwrap()
        );
        let (mut told, mut error, mut error_of_mean) = (0.0, 0.0, 0.0);
        for episode in dev {
            for at in moments(episode, SECOND, SECOND).skip(30) {
                let (true_count, before) = (
                    count(episode, at, SECOND),
                    count(episode, at - SECOND, SECOND),
                );
                let expected = model.expected(&episode.past_at(at));
                told += expected - true_count;
                error += (expected - (1.0 + 0.8 * before)).powi(2);
                error_of_mean += (5.0 - (1.0 + 0.8 * before)).powi(2);
            }
        }
        assert!(told.abs() < 300.0, "{told}"); // of 3,700
        assert!(error < 0.2 * error_of_mean, "{error} {error_of_mean}");
    }

    #[test]
    fn a_saved_model_says_the_same_and_a_broken_file_is_refused() {
        let episodes = episodes();
        let model = RateModel::fit(&episodes, &episodes, RateInputs::Decayed, SECOND).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rate.json");
        model.save(&path).unwrap();
        assert_eq!(RateModel::load(&path).unwrap(), model);
        let text = std::fs::read_to_string(&path).unwrap();
        for (good, bad) in [
            ("\"decayed\"", "\"seconds\""),
            ("\"size\": ", "\"size\": -"),
            ("\"span_ms\": 1000", "\"span_ms\": 0"),
        ] {
            assert!(text.contains(good), "{text}");
            std::fs::write(&path, text.replacen(good, bad, 1)).unwrap();
            let error = RateModel::load(&path).unwrap_err().to_string();
            assert!(error.contains("rate.json"), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_learnt_from_is_refused() {
        let episodes = episodes();
        let fit = |read: &[Episode], counted: &[Episode], span| {
            RateModel::fit(read, counted, RateInputs::LastSpan, span)
                .unwrap_err()
                .to_string()
        };
        assert!(fit(&episodes, &episodes, 10).contains("100 ms to 60 s"));
        assert!(fit(&episodes, &episodes[1..], SECOND).contains("in their order"));
        assert!(fit(&[], &[], SECOND).contains("one or more"));
    }

    /// Counts of a negative binomial distribution of size 3 are told from those of size 30.
    #[test]
    fn sizes_are_found_again() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for size in [3.0, 30.0] {
            let fitted: Vec<(f64, f64)> = (0..4_000)
                .map(|at| {
                    let mean = 5.0 + f64::from(at % 20);
                    let rate = Gamma::new(size, mean / size).unwrap().sample(&mut rng);
                    (Poisson::new(rate).unwrap().sample(&mut rng), mean)
                })
                .collect();
            let found = likeliest_size(&fitted);
            assert!((found / size).ln().abs() < 0.2, "{found} for {size}");
        }
    }
}
