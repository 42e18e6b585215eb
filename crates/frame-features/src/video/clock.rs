//! Frame times that go up, whatever the file says.

use crate::time_repairs::TimeRepairs;

/// Frames at the end of a file that may have no times without its being worth a word.
const USUAL_AT_END: usize = 16;

/// Gives one frame after the other its time, by the rule of [`TimeRepairs`].
#[derive(Debug)]
pub(super) struct FrameClock {
    /// A second in ticks: times that go back by less are moved by themselves.
    second: i64,
    last: Option<Last>,
    /// What is added to the file's times since the last jump back.
    offset: i64,
    /// Whether a frame has had a time of its own.
    anchored: bool,
    /// Frames without a time since the last one that had one.
    waiting: usize,
    repairs: TimeRepairs,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    ticks: i64,
    duration: i64,
}

impl FrameClock {
    /// Counts in units of which `second` are a second.
    pub(super) fn new(second: i64) -> Self {
        Self {
            second: second.max(1),
            last: None,
            offset: 0,
            anchored: false,
            waiting: 0,
            repairs: TimeRepairs::default(),
        }
    }

    /// The time of the next frame, in ticks: after that of the frame before it. `stated` is what
    /// the file says.
    pub(super) fn next(&mut self, stated: Option<i64>, duration: i64) -> i64 {
        let ticks = match (stated, self.last) {
            (None, last) => {
                self.waiting += 1;
                last.map_or(0, Last::end)
            }
            (Some(stated), None) => stated,
            (Some(stated), Some(last)) => self.after(last, stated),
        };
        if stated.is_some() {
            self.anchored = true;
            self.repairs.missing += std::mem::take(&mut self.waiting);
        }
        self.last = Some(Last { ticks, duration });
        ticks
    }

    fn after(&mut self, last: Last, stated: i64) -> i64 {
        let ticks = stated.saturating_add(self.offset);
        let back = last.ticks.saturating_sub(ticks);
        // Where no frame before has a time, none of theirs is known.
        let near = (-self.second..self.second).contains(&back);
        if back < 0 && (self.anchored || near) {
            self.repairs.moved += usize::from(self.offset != 0);
            return ticks;
        }
        self.repairs.moved += 1;
        if self.anchored && near {
            return last.ticks.saturating_add(1);
        }
        self.repairs.jumps += usize::from(self.anchored);
        self.offset = last.end().saturating_sub(stated);
        last.end()
    }

    /// Where the last frame ends, in ticks; 0 if there was none.
    pub(super) fn end(&self) -> i64 {
        self.last.map_or(0, Last::end)
    }

    /// What was repaired so far; after the last frame, altogether.
    pub(super) fn repairs(&self) -> TimeRepairs {
        let usual = self.anchored && self.waiting <= USUAL_AT_END;
        let waiting = if usual { 0 } else { self.waiting };
        TimeRepairs {
            missing: self.repairs.missing + waiting,
            ..self.repairs
        }
    }
}

impl Last {
    fn end(self) -> i64 {
        self.ticks.saturating_add(self.duration.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times in milliseconds of frames that last 40 each, and what was repaired.
    fn times(stated: &[Option<i64>]) -> (Vec<i64>, TimeRepairs) {
        let mut clock = FrameClock::new(1000);
        let times = stated.iter().map(|&it| clock.next(it, 40)).collect();
        (times, clock.repairs())
    }

    fn repairs(missing: usize, moved: usize, jumps: usize) -> TimeRepairs {
        TimeRepairs {
            missing,
            moved,
            jumps,
        }
    }

    #[test]
    fn sound_times_are_kept() {
        for stated in [
            [0, 40, 80, 120],
            [-80, -40, 0, 900_000],
            [100_000, 100_001, 107_000, 107_040],
        ] {
            assert_eq!(times(&stated.map(Some)), (stated.into(), repairs(0, 0, 0)));
        }
    }

    /// Frames without times before the first that has one: it follows them, and so do the others.
    #[test]
    fn the_first_time_follows_frames_without_one() {
        let stated = [None, None, None, Some(0), Some(40), Some(95)];
        let (found, repaired) = times(&stated);
        assert_eq!(found, [0, 40, 80, 120, 160, 215]);
        assert_eq!(repaired, repairs(3, 3, 0));
        let late = [None, None, Some(100_000), Some(100_040)];
        assert_eq!(times(&late), (vec![0, 40, 80, 120], repairs(2, 2, 0)));
        let fitting = [None, None, Some(80), Some(120)];
        assert_eq!(times(&fitting), (vec![0, 40, 80, 120], repairs(2, 0, 0)));
    }

    #[test]
    fn frames_without_times_follow_the_one_before() {
        let (found, repaired) = times(&[Some(500), None, None, Some(620), Some(660)]);
        assert_eq!(found, [500, 540, 580, 620, 660]);
        assert_eq!(repaired, repairs(2, 0, 0));
        let (found, repaired) = times(&[None; 3]);
        assert_eq!(found, [0, 40, 80]);
        assert_eq!(repaired, repairs(3, 0, 0));
    }

    /// As AVI with frames that refer to later ones has it.
    #[test]
    fn few_at_the_end_are_not_counted() {
        let (found, repaired) = times(&[Some(40), Some(80), None, None]);
        assert_eq!(
            (found, repaired),
            (vec![40, 80, 120, 160], repairs(0, 0, 0))
        );
        let mut stated = vec![Some(0)];
        stated.resize(18, None);
        assert_eq!(times(&stated).1, repairs(17, 0, 0));
    }

    #[test]
    fn joined_recordings_go_on() {
        let stated = [5000, 5040, 0, 40, 90, 20_000, 20_040, 0].map(Some);
        let (found, repaired) = times(&stated);
        let expected = [5000, 5040, 5080, 5120, 5170, 25_080, 25_120, 25_160];
        assert_eq!(found, expected);
        assert_eq!(repaired, repairs(0, 6, 2));
    }

    /// Times that tremble move no later ones.
    #[test]
    fn short_steps_back_are_moved_by_themselves() {
        let stated = [0, 40, 41, 39, 41, 120, 120, 160].map(Some);
        let (found, repaired) = times(&stated);
        assert_eq!(found, [0, 40, 41, 42, 43, 120, 121, 160]);
        assert_eq!(repaired, repairs(0, 3, 0));
    }

    #[test]
    fn no_number_is_too_large() {
        let (found, _) = times(&[i64::MAX, i64::MIN, 0, i64::MAX, -1].map(Some));
        assert_eq!(found.len(), 5);
        assert!(found.is_sorted());
    }
}
