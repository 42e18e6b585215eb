//! When a crowd is lively and when it is quiet.

use rand::{RngExt, distr::Distribution};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Gamma, Poisson};

use super::when::RateModel;
use crate::stream::Episode;

/// How lively each span of a video is beside its mean.
#[derive(Clone, Debug)]
pub(super) struct Liveliness {
    span_ms: i64,
    /// Of each span, 1 on average.
    spans: Vec<f64>,
}

impl Liveliness {
    /// Of a video that is equally lively throughout.
    pub(super) fn even() -> Self {
        Self {
            span_ms: i64::MAX,
            spans: vec![1.0],
        }
    }

    /// At a moment, milliseconds of the video.
    pub(super) fn at(&self, millis: i64) -> f64 {
        let span = usize::try_from(millis / self.span_ms).unwrap_or(0);
        self.spans.get(span).copied().unwrap_or(1.0)
    }

    /// Of the liveliest span.
    pub(super) fn most(&self) -> f64 {
        self.spans.iter().copied().fold(0.0, f64::max)
    }
}

/// What a rate model makes of a video: span after span it tells how many comments come, from the
/// lines and comments that are read, and where no comments are read from those of an imagined crowd
/// that writes as often as the model tells. A span is told from what came before it alone.
pub(super) fn liveliness(
    model: &RateModel,
    read: &Episode,
    length_ms: i64,
    rng: &mut ChaCha8Rng,
) -> Liveliness {
    let span_ms = model.span_ms();
    let mut imagined = Vec::new();
    let mut spans = Vec::new();
    let mut start = 0;
    while start < length_ms {
        let expected = model.expected_with(&read.past_at(start), &imagined);
        spans.push(expected);
        if read.is_empty() {
            let count = negative_binomial(expected, model.size(), rng);
            let mut times: Vec<i64> = (0..count)
                .map(|_| start + rng.random_range(0..span_ms))
                .collect();
            times.sort_unstable();
            imagined.extend(times);
        }
        start += span_ms;
    }
    let mean = spans.iter().sum::<f64>() / spans.len().max(1) as f64;
    if !(mean > 0.0 && mean.is_finite()) {
        return Liveliness::even();
    }
    for span in &mut spans {
        *span /= mean;
    }
    Liveliness { span_ms, spans }
}

/// A count of this mean, whose variance is `mean + mean² / size`: Poisson with a rate that is drawn
/// from a gamma distribution.
fn negative_binomial(mean: f64, size: f64, rng: &mut ChaCha8Rng) -> usize {
    let rate = match Gamma::new(size, mean / size) {
        Ok(gamma) if size < 1e6 => gamma.sample(rng),
        _ => mean,
    };
    let drawn = Poisson::new(rate).map_or(0.0, |poisson| poisson.sample(rng));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count, of at most a hundred or so"
    )]
    let count = drawn as usize;
    count
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};
    use rand::SeedableRng;

    use super::*;
    use crate::{
        commenting::RateInputs,
        stream::{Dialogue, DialogueLine},
    };

    /// Comments come for four seconds after each line; lines come every 20 s.
    fn episode(name: &str, with_comments: bool) -> Episode {
        let lines = (0..60).map(|at| DialogueLine {
            start_ms: at * 20_000,
            end_ms: at * 20_000 + 2_000,
            text: "こんにちは".to_owned(),
        });
        let times = (0..60).flat_map(|at| (0..8).map(move |one| at * 2_000 + 50 + one * 50));
        let times = times.filter(|_| with_comments);
        let comments = times.map(|time| Comment::new(Vpos(time), "w"));
        Episode::new(name, comments, Dialogue::new(lines))
    }

    #[test]
    fn a_crowd_is_lively_after_lines_where_crowds_were() {
        let episodes = [episode("a/01", true)];
        let inputs = RateInputs::SecondsAndLines;
        let model = RateModel::fit(&episodes, &episodes, inputs, 1_000).unwrap();
        let silent = episode("b/01", false);
        let draw = || {
            let mut rng = ChaCha8Rng::seed_from_u64(1);
            liveliness(&model, &silent, 400_000, &mut rng)
        };
        let lively = draw();
        assert_eq!(lively.spans, draw().spans);
        let mean = lively.spans.iter().sum::<f64>() / lively.spans.len() as f64;
        assert!((mean - 1.0).abs() < 1e-9 && lively.spans.len() == 400);
        let of = |seconds: std::ops::Range<i64>| -> f64 {
            let spans = (5..20).flat_map(|line| seconds.clone().map(move |at| line * 20 + at));
            spans.map(|at| lively.at(at * 1_000)).sum()
        };
        let (after, later) = (of(0..4), of(10..14));
        assert!(after > 3.0 * later, "{after} {later}");
        // The future is not read.
        let half = liveliness(&model, &silent, 200_000, &mut ChaCha8Rng::seed_from_u64(1));
        let ratio = half.spans[0] / lively.spans[0];
        let same = half.spans.iter().zip(&lively.spans);
        assert!(
            same.into_iter()
                .all(|(one, other)| (one / other - ratio).abs() < 1e-9)
        );
    }

    #[test]
    fn counts_scatter_as_they_should() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for (mean, size) in [(2.0, 3.0), (0.5, 1e9), (20.0, 5.0)] {
            let drawn: Vec<f64> = (0..20_000)
                .map(|_| negative_binomial(mean, size, &mut rng) as f64)
                .collect();
            let found = drawn.iter().sum::<f64>() / 20_000.0;
            let variance = drawn.iter().map(|one| (one - found).powi(2)).sum::<f64>() / 20_000.0;
            let expected: f64 = mean + mean * mean / size;
            assert!((found / mean - 1.0).abs() < 0.05, "{found}");
            assert!(
                (variance / expected - 1.0).abs() < 0.1,
                "{variance} {expected}"
            );
        }
        assert_eq!(negative_binomial(0.0, 3.0, &mut rng), 0);
    }
}
