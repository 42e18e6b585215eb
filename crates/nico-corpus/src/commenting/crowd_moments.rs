use std::iter::FusedIterator;

use rand::{RngExt, SeedableRng, distr::Distribution, distr::weighted::WeightedIndex};
use rand_chacha::ChaCha8Rng;

use crate::error::Error;

/// When somebody of a crowd writes, and who: a Poisson process, and viewers by Zipf's law, so that
/// some write much more than others. Moments are milliseconds of the video and rise; viewers are
/// numbers from 0. The iterator ends with the range of the numbers only.
///
/// ```
/// use nico_corpus::commenting::CrowdMoments;
///
/// let minute = CrowdMoments::new(2.0, 40, 1)?.take_while(|&(millis, _)| millis < 60_000);
/// assert!((80..160).contains(&minute.count()));
/// # Ok::<(), nico_corpus::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CrowdMoments {
    per_second: f64,
    who: WeightedIndex<f64>,
    rng: ChaCha8Rng,
    seconds: f64,
}

impl CrowdMoments {
    /// So many comments a second on average, by so many viewers.
    ///
    /// # Errors
    ///
    /// [`Error::Crowd`] unless it is above 0 and at most 100 comments a second, of 1 to 100,000
    /// viewers.
    pub fn new(per_second: f64, viewers: u32, seed: u64) -> Result<Self, Error> {
        let works = per_second > 0.0 && per_second <= 100.0 && (1..=100_000).contains(&viewers);
        let refused = Error::Crowd {
            per_second,
            viewers,
        };
        if !works {
            return Err(refused);
        }
        let weights = (0..viewers).map(|rank| 1.0 / f64::from(rank + 3));
        Ok(Self {
            per_second,
            who: WeightedIndex::new(weights).map_err(|_| refused)?,
            rng: ChaCha8Rng::seed_from_u64(seed),
            seconds: 0.0,
        })
    }

    /// So many times as often: some are left out afterwards.
    pub(super) fn times(mut self, factor: f64) -> Self {
        self.per_second *= factor;
        self
    }
}

impl Iterator for CrowdMoments {
    type Item = (i64, u32);

    fn next(&mut self) -> Option<Self::Item> {
        // 1 − u is never 0.
        self.seconds -= (1.0 - self.rng.random::<f64>()).ln() / self.per_second;
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let millis = (self.seconds * 1_000.0) as i64;
        if millis == i64::MAX {
            return None;
        }
        let viewer = u32::try_from(self.who.sample(&mut self.rng)).unwrap_or(0);
        Some((millis, viewer))
    }
}

impl FusedIterator for CrowdMoments {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_writes_as_often_as_asked_and_some_more_than_others() {
        let draw = || -> Vec<(i64, u32)> {
            let moments = CrowdMoments::new(5.0, 20, 4).unwrap();
            moments.take_while(|moment| moment.0 < 600_000).collect()
        };
        let moments = draw();
        assert_eq!(moments, draw());
        assert!((2_700..3_300).contains(&moments.len()), "{}", moments.len());
        assert!(moments.is_sorted_by_key(|one| one.0));
        let of = |viewer| moments.iter().filter(|one| one.1 == viewer).count();
        assert!(of(0) > 3 * of(19), "{} {}", of(0), of(19));
        for wrong in [(0.0, 20), (5.0, 0), (f64::NAN, 20), (101.0, 20)] {
            let error = CrowdMoments::new(wrong.0, wrong.1, 4).unwrap_err();
            assert!(error.to_string().contains("comments a second"), "{error}");
        }
    }
}
