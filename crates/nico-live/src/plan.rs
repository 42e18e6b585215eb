//! When the crowd writes next.

use std::collections::VecDeque;

use nico_corpus::commenting::CrowdMoments;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{error::Error, live_comment::Prompt, options::LiveOptions};

/// Most comments that are set off and not written yet.
const MOST_PROMPTED: usize = 4;
/// How far ahead the next planned comment may be to be written at once instead, in mean distances
/// between comments.
const AHEAD: f64 = 3.0;

/// A comment that is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) millis: i64,
    pub(crate) viewer: u32,
    pub(crate) prompt: Prompt,
}

/// The comments to come: a crowd's moments, of which lines and cuts draw some forward.
#[derive(Debug)]
pub(crate) struct Plan {
    moments: CrowdMoments,
    next: Option<(i64, u32)>,
    prompted: VecDeque<Planned>,
    rng: ChaCha8Rng,
    share: f64,
    ahead_ms: f64,
    /// The picture's time at which the crowd's moments begin.
    origin: i64,
}

impl Plan {
    pub(crate) fn new(options: &LiveOptions, origin: i64) -> Result<Self, Error> {
        let mut moments = CrowdMoments::new(options.per_second, options.viewers, options.seed)?;
        let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
        rng.set_stream(1); // the moments have stream 0
        Ok(Self {
            next: moments.next(),
            moments,
            prompted: VecDeque::new(),
            rng,
            share: options.prompted,
            ahead_ms: AHEAD * 1_000.0 / options.per_second,
            origin,
        })
    }

    /// Begins at another time of the picture, with the moments that come next.
    pub(crate) fn begin_at(&mut self, millis: i64) {
        self.prompted.clear();
        let next = self.next.map_or(0, |next| next.0);
        self.origin = millis.saturating_sub(next);
    }

    /// The next comment's moment, as planned so far.
    fn upcoming(&self) -> Option<i64> {
        Some(self.origin.saturating_add(self.next?.0))
    }

    /// Something happened: the next comment may be written now instead.
    pub(crate) fn prompt(&mut self, millis: i64, prompt: Prompt) {
        let drawn = self.rng.random::<f64>() < self.share;
        let Some(upcoming) = self.upcoming() else {
            return;
        };
        let ahead = upcoming.saturating_sub(millis);
        let may = drawn && ahead > 0 && (ahead as f64) <= self.ahead_ms;
        if !may || self.prompted.len() >= MOST_PROMPTED {
            return;
        }
        let Some((_, viewer)) = self.next.take() else {
            return;
        };
        self.next = self.moments.next();
        self.prompted.push_back(Planned {
            millis,
            viewer,
            prompt,
        });
    }

    /// The earliest comment whose moment has come.
    pub(crate) fn due(&mut self, now: i64) -> Option<Planned> {
        let upcoming = self.upcoming();
        let prompted = self.prompted.front().map(|planned| planned.millis);
        let is_prompted = match (prompted, upcoming) {
            (Some(prompted), Some(upcoming)) => prompted <= upcoming,
            (prompted, _) => prompted.is_some(),
        };
        let earliest = if is_prompted { prompted } else { upcoming };
        if earliest.is_none_or(|millis| millis > now) {
            return None;
        }
        if is_prompted {
            return self.prompted.pop_front();
        }
        let planned = Planned {
            millis: upcoming?,
            viewer: self.next.take()?.1,
            prompt: Prompt::Crowd,
        };
        self.next = self.moments.next();
        Some(planned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(prompted: f64) -> Plan {
        let options = LiveOptions::default().per_second(2.0).prompted(prompted);
        Plan::new(&options, 1_000).unwrap()
    }

    fn all(plan: &mut Plan, until: i64) -> Vec<Planned> {
        std::iter::from_fn(|| plan.due(until)).collect()
    }

    #[test]
    fn what_is_set_off_takes_the_place_of_what_was_planned() {
        let usual = all(&mut plan(0.0), 301_000);
        let mut prompted = plan(1.0);
        let mut given = Vec::new();
        for second in 1..=300 {
            given.extend(all(&mut prompted, 1_000 * second));
            prompted.prompt(1_000 * second, Prompt::Line);
        }
        given.extend(all(&mut prompted, 301_000));
        let lines = given.iter().filter(|one| one.prompt == Prompt::Line);
        assert!(lines.count() > 200);
        assert!(given.is_sorted_by_key(|one| one.millis));
        assert!(
            given.len().abs_diff(usual.len()) <= 4,
            "{} {}",
            given.len(),
            usual.len()
        );
        // The same viewers in the same order.
        let who = |planned: &[Planned]| planned.iter().map(|one| one.viewer).collect::<Vec<_>>();
        let both = given.len().min(usual.len());
        assert_eq!(who(&given)[..both], who(&usual)[..both]);
    }

    #[test]
    fn a_plan_begins_where_it_is_told() {
        let mut plan = plan(0.0);
        let first = plan.due(i64::MAX).unwrap();
        assert!(first.millis >= 1_000);
        plan.begin_at(90_000);
        assert_eq!(plan.due(89_999), None);
        assert_eq!(plan.due(90_000).map(|planned| planned.millis), Some(90_000));
    }
}
