//! The second of a comment inside its minute, where a service hands out so many comments a minute.
//!
//! How many there are is then no news; when inside the minute they come is. A comment that has not
//! come by second `s` comes in it with probability `h`,
//!
//! `logit h = −ln(59 − s) + w · f(past)`,
//!
//! which is uniform where `w` is 0, and the product of these over the seconds is a distribution over
//! the seconds of the minute, each of whose factors reads nothing but its past (a discrete hazard
//! model; Cox 1972, section 6).

use rand::{SeedableRng, seq::index::sample};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{
    counts::{SECOND, count, end},
    inputs::RateInputs,
    regression::{Counted, Likelihood, Linear, Rows},
};
use crate::stream::Episode;

/// Seconds of a minute.
pub(super) const SECONDS: usize = 60;
const MINUTE: i64 = 60 * SECOND;
/// Fewest comments of a minute that is counted: less than a cap.
const FEWEST: f64 = 10.0;
/// At most so many seconds are learnt from, those of minutes drawn with this seed.
const LEARNT: usize = 60_000;
const SEED: u64 = 1;

/// What is read to tell the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MinuteInputs {
    /// Counts of the last 5 s and of the last minute.
    LastSpan,
    /// Everything that tells a rate, and how many came in this minute so far.
    All,
}

impl MinuteInputs {
    fn len(self) -> usize {
        match self {
            Self::LastSpan => 3,
            Self::All => RateInputs::SecondsAndLines.len() + 3,
        }
    }

    /// Reads them at the beginning of a second of the minute that began at `from`.
    fn read(self, episode: &Episode, from: i64, second: usize) -> Vec<f64> {
        let elapsed = to_millis(second);
        let past = episode.past_at(from + elapsed);
        let last = |millis: i64| past.comments_within(millis).count() as f64;
        let log = |count: f64| (count + 0.5).ln();
        let share = second as f64 / SECONDS as f64;
        match self {
            Self::LastSpan => vec![log(last(5 * SECOND)), log(last(MINUTE)), share],
            Self::All => {
                let so_far = last(elapsed);
                let minute_before = last(elapsed + MINUTE) - so_far;
                let mut values = RateInputs::SecondsAndLines.read(&past);
                values.extend([
                    log(minute_before),
                    ((so_far + 1.0) / (minute_before * share + 1.0)).ln(),
                    share,
                ]);
                values
            }
        }
    }
}

/// A distribution over the seconds of the minute that comes, told second by second.
#[derive(Clone, Debug)]
pub(super) struct MinuteModel {
    inputs: MinuteInputs,
    linear: Linear,
}

impl MinuteModel {
    pub(super) fn fit(episodes: &[Episode], inputs: MinuteInputs) -> Self {
        let parts: Vec<(Rows, Vec<Counted>)> = episodes
            .par_iter()
            .zip(drawn_minutes(episodes, LEARNT / (SECONDS - 1)))
            .map(|(episode, starts)| {
                let (mut rows, mut counted) = (Rows::new(inputs.len()), Vec::new());
                for from in starts {
                    let counts = seconds(episode, from);
                    for second in 0..SECONDS - 1 {
                        rows.push(&inputs.read(episode, from, second));
                        counted.push(Counted {
                            count: counts[second],
                            trials: counts[second..].iter().sum(),
                            offset: offset(second),
                        });
                    }
                }
                (rows, counted)
            })
            .collect();
        let (mut rows, mut counted) = (Rows::new(inputs.len()), Vec::new());
        for (part, more) in parts {
            rows.append(part);
            counted.extend(more);
        }
        Self {
            inputs,
            linear: Linear::fit(Likelihood::Binomial, &rows, &counted),
        }
    }

    /// Log-probabilities of the seconds of the minute from `from` on.
    pub(super) fn log_probabilities(&self, episode: &Episode, from: i64) -> [f64; SECONDS] {
        let mut not_yet = 0.0; // log-probability of coming later
        let mut logs = [0.0; SECONDS];
        for (second, log) in logs.iter_mut().enumerate() {
            if second + 1 == SECONDS {
                *log = not_yet;
                break;
            }
            let row = self.inputs.read(episode, from, second);
            let logit = offset(second) + self.linear.predict(&row);
            *log = not_yet - ln_1p_exp(-logit);
            not_yet -= ln_1p_exp(logit);
        }
        logs
    }
}

/// Shares of the seconds of a minute in episodes.
pub(super) fn frequencies(episodes: &[Episode]) -> [f64; SECONDS] {
    let mut counts = [1.0; SECONDS];
    for episode in episodes {
        for from in minutes(episode) {
            for (sum, more) in counts.iter_mut().zip(seconds(episode, from)) {
                *sum += more;
            }
        }
    }
    let total: f64 = counts.iter().sum();
    counts.map(|count| count / total)
}

/// The beginnings of the minutes that are counted.
pub(super) fn minutes(episode: &Episode) -> Vec<i64> {
    let end = end(episode);
    let starts = (0..).map(|minute: i64| minute * MINUTE);
    starts
        .take_while(|from| from + MINUTE <= end)
        .filter(|from| count(episode, *from, MINUTE) >= FEWEST)
        .collect()
}

/// The beginnings of at most so many minutes of all, drawn at random: of each episode those of its
/// own, in order.
fn drawn_minutes(episodes: &[Episode], most: usize) -> Vec<Vec<i64>> {
    let mut drawn: Vec<Vec<i64>> = episodes.par_iter().map(minutes).collect();
    let number: usize = drawn.iter().map(Vec::len).sum();
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut taken = vec![false; number];
    for at in sample(&mut rng, number, most.min(number)) {
        taken[at] = true;
    }
    let mut taken = taken.into_iter();
    for starts in &mut drawn {
        starts.retain(|_| taken.next() == Some(true));
    }
    drawn
}

/// Comments of each second of a minute.
pub(super) fn seconds(episode: &Episode, from: i64) -> [f64; SECONDS] {
    std::array::from_fn(|second| count(episode, from + to_millis(second), SECOND))
}

/// The logit of a uniform hazard.
fn offset(second: usize) -> f64 {
    -((SECONDS - 1 - second) as f64).ln()
}

fn to_millis(second: usize) -> i64 {
    i64::try_from(second).unwrap_or(0) * SECOND
}

/// `ln(1 + eˣ)`, of large x too.
fn ln_1p_exp(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::Dialogue;

    /// Ten minutes of forty comments: all in seconds 20 to 29 of odd minutes and 40 to 49 of the
    /// others, four a second.
    fn episode() -> Episode {
        let times = (0..400i64).map(|at| {
            let (minute, number) = (at / 40, at % 40);
            let second = 20 + 20 * i64::from(minute % 2 == 0) + number / 4;
            minute * 6_000 + second * 100 + number % 4
        });
        let comments = times.map(|time| Comment::new(Vpos(time), "w"));
        Episode::new("a/01", comments, Dialogue::default())
    }

    /// Each episode's opening burst is learnt from as often as it is among the minutes.
    #[test]
    fn minutes_are_drawn_from_all_of_each_episode() {
        let episodes: Vec<Episode> = (0..40).map(|_| episode()).collect();
        let drawn = drawn_minutes(&episodes, 36);
        let number: usize = drawn.iter().map(Vec::len).sum();
        assert_eq!((drawn.len(), number), (40, 36));
        assert!(drawn.iter().all(|starts| starts.is_sorted()));
        let first = drawn.iter().flatten().filter(|from| **from == 0).count();
        assert!(first < 12, "{first}");
        assert_eq!(drawn, drawn_minutes(&episodes, 36));
        let all: Vec<Vec<i64>> = episodes.iter().map(minutes).collect();
        assert_eq!(drawn_minutes(&episodes, 400), all);
    }

    #[test]
    fn log_probabilities_are_a_distribution_that_finds_the_burst() {
        let episodes = [episode()];
        assert_eq!(minutes(&episodes[0]).len(), 9); // the last one has no end
        for inputs in [MinuteInputs::LastSpan, MinuteInputs::All] {
            let model = MinuteModel::fit(&episodes, inputs);
            let logs = model.log_probabilities(&episodes[0], 3 * MINUTE);
            let sum: f64 = logs.iter().map(|log| log.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
            // In a burst the next second is likelier than by chance, for which it reads the past.
            let burst = logs[23] - logs[5];
            assert!(burst > 1.0, "{inputs:?} {burst}");
        }
        let shares = frequencies(&episodes);
        assert!(shares[25] > 10.0 * shares[5] && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}
