//! Sampling: which frames are taken, one after the other.

use super::frame::FrameTime;
use crate::rational::Rational;
use crate::sampling::Sampling;

/// Decides for one frame after the other whether it is taken.
pub(super) struct Sampler {
    sampling: Sampling,
    /// Of given times, frames or periods: how many lie behind.
    passed: usize,
    first: Option<i64>,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling) -> Self {
        Self {
            sampling: sampling.normalised(),
            passed: 0,
            first: None,
        }
    }

    /// Whether the time of the following frame has to be known.
    pub(super) fn needs_next_time(&self) -> bool {
        matches!(self.sampling, Sampling::PerSecond(_) | Sampling::Times(_))
    }

    /// Whether all of the given times or frames were passed, so that no later frame is taken.
    pub(super) fn is_over(&self) -> bool {
        match &self.sampling {
            Sampling::Times(times) => self.passed >= times.len(),
            Sampling::Frames(frames) => self.passed >= frames.len(),
            _ => false,
        }
    }

    /// Whether a frame is taken that is shown from `time` until `until`, or for ever if `is_last`.
    pub(super) fn takes(
        &mut self,
        index: usize,
        time: FrameTime,
        until: i64,
        is_last: bool,
    ) -> bool {
        let first = *self.first.get_or_insert(time.ticks);
        let until = FrameTime {
            ticks: until,
            ..time
        };
        let passed = match &self.sampling {
            Sampling::All => return true,
            Sampling::Every(step) => return index.is_multiple_of(*step),
            Sampling::Frames(frames) => frames.partition_point(|&asked| asked <= index),
            Sampling::PerSecond(rate) => periods(first, until, *rate),
            Sampling::Times(times) if is_last => times.len(),
            Sampling::Times(times) => times.partition_point(|&asked| asked < until.seconds()),
        };
        let taken = passed > self.passed;
        self.passed = self.passed.max(passed);
        taken
    }
}

/// How many of the times `first`, `first` + 1/rate, `first` + 2/rate … come before `until`.
fn periods(first: i64, until: FrameTime, rate: Rational) -> usize {
    let ticks = i128::from(until.ticks) - i128::from(first);
    let factor = |one: i64, other: i64| i128::from(one).checked_mul(other.into());
    let unit = until.time_base;
    let count = factor(unit.numerator, rate.numerator)
        .and_then(|factor| ticks.checked_mul(factor))
        .zip(factor(unit.denominator, rate.denominator))
        .filter(|&(_, below)| below > 0)
        .map_or(0, |(above, below)| {
            above.div_euclid(below) + i128::from(above.rem_euclid(below) > 0)
        });
    usize::try_from(count.max(0)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the frames at these ticks of 1/10 s are taken; the last one ends at `end`.
    fn taken(sampling: Sampling, ticks: &[i64], end: i64) -> Vec<usize> {
        let mut sampler = Sampler::new(sampling);
        let until = ticks[1..].iter().chain([&end]);
        let mut taken = Vec::new();
        for (index, (&ticks_of_one, &until)) in ticks.iter().zip(until).enumerate() {
            let time = FrameTime {
                ticks: ticks_of_one,
                time_base: Rational::new(1, 10),
            };
            if sampler.takes(index, time, until, index + 1 == ticks.len()) {
                taken.push(index);
            }
        }
        taken
    }

    /// Ten frames a second from 0.5 s on, then one that is held for a second.
    const TICKS: [i64; 7] = [5, 6, 7, 8, 9, 10, 20];

    #[test]
    fn periods_begin_at_the_first_frame() {
        let per_second = |rate| taken(Sampling::PerSecond(rate), &TICKS, 21);
        assert_eq!(per_second(Rational::new(10, 1)), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(per_second(Rational::new(100, 1)), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(per_second(Rational::new(5, 1)), [0, 2, 4, 5]); // 0.5, 0.7, 0.9, then 1.1, …, 1.9
        assert_eq!(per_second(Rational::new(2, 1)), [0, 5, 6]); // 0.5, 1.0, 1.5, 2.0
        assert_eq!(per_second(Rational::new(1, 1)), [0, 5]); // 0.5 and 1.5
        assert_eq!(per_second(Rational::new(1, 100)), [0]);
    }

    #[test]
    fn given_times_take_what_is_shown() {
        let at = |times: &[f64]| taken(Sampling::Times(times.to_vec()), &TICKS, 21);
        assert_eq!(at(&[0.7]), [2]);
        assert_eq!(at(&[0.79, 0.7, 0.75]), [2]);
        assert_eq!(at(&[1.99, 2.0]), [5, 6]);
        assert_eq!(at(&[-3.0, 1e9]), [0, 6]);
    }

    #[test]
    fn frames_are_taken_by_their_index() {
        let frames = |frames: &[usize]| taken(Sampling::Frames(frames.to_vec()), &TICKS, 21);
        assert_eq!(frames(&[6, 2, 2, 99]), [2, 6]);
        assert_eq!(taken(Sampling::Every(3), &TICKS, 21), [0, 3, 6]);
        assert_eq!(taken(Sampling::All, &TICKS, 21).len(), 7);
    }

    /// Times that go back, as in broken files, take nothing twice.
    #[test]
    fn times_that_go_back_are_survived() {
        let ticks = [0, 5, 3, 4, 6];
        let rate = Sampling::PerSecond(Rational::new(10, 1));
        assert_eq!(taken(rate, &ticks, 7), [0, 3, 4]);
    }
}
