//! Which heights of the stage are taken, and who took them first.

/// Gaps that are too low by this much count as wide enough: sums of heights are rounded.
const ROUNDING: f64 = 1e-6;

/// The stage from the top down, as far as it is taken: for every height the first comment that took
/// it.
///
/// Of comments that lie over others nothing is kept, so its size depends on how many heights there
/// are, not on how many comments.
#[derive(Debug, Default)]
pub(super) struct Cover {
    taken: Vec<Taken>, // disjoint, from the top down
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Taken {
    top: f64,
    bottom: f64,
    first: u32,
}

impl Cover {
    /// Takes what is still free between two heights, and says whether anything was. Comments come
    /// in rising order.
    pub(super) fn take(&mut self, top: f64, bottom: f64, comment: u32) -> bool {
        let before = self.taken.len();
        let mut at = self.taken.partition_point(|taken| taken.bottom <= top);
        let mut free = top;
        while free < bottom {
            let next = self.taken.get(at).map_or(bottom, |taken| taken.top);
            if free < next {
                let gap = Taken {
                    top: free,
                    bottom: next.min(bottom),
                    first: comment,
                };
                self.taken.insert(at, gap);
            }
            free = self.taken[at].bottom;
            at += 1;
        }
        self.taken.len() > before
    }

    /// The first of the comments that took a part of what is between two heights.
    pub(super) fn first(&self, top: f64, bottom: f64) -> Option<u32> {
        let from = self.taken.partition_point(|taken| taken.bottom <= top);
        let between = self.taken[from..]
            .iter()
            .take_while(|taken| taken.top < bottom);
        #[cfg(test)]
        let between = between.inspect(|_| steps::count());
        between.map(|taken| taken.first).min()
    }

    /// Whether a part of what is between two heights lies in a gap, between 0 and `stage`, that is
    /// wide enough for something of this height.
    pub(super) fn has_room(&self, (top, bottom): (f64, f64), height: f64, stage: f64) -> bool {
        let edge = Taken {
            top: stage,
            bottom: stage,
            first: 0,
        };
        let mut free = 0.0_f64;
        for taken in self.taken.iter().chain([&edge]) {
            if free >= bottom {
                break;
            }
            if taken.top > top && taken.top - free >= height - ROUNDING {
                return true;
            }
            free = free.max(taken.bottom);
        }
        false
    }

    /// Whether anything between two heights is taken.
    pub(super) fn is_taken(&self, top: f64, bottom: f64) -> bool {
        #[cfg(test)]
        steps::count();
        let next = self.taken.partition_point(|taken| taken.bottom <= top);
        self.taken.get(next).is_some_and(|taken| taken.top < bottom)
    }
}

/// How many pieces were looked at: tests show with it what a place costs.
#[cfg(test)]
pub(super) mod steps {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    pub(crate) fn count() {
        STEPS.set(STEPS.get() + 1);
    }

    /// The steps since the last call.
    pub(crate) fn take() -> u64 {
        STEPS.replace(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keeps_what_it_took() {
        let mut cover = Cover::default();
        cover.take(10.0, 20.0, 0);
        cover.take(40.0, 50.0, 1);
        cover.take(15.0, 60.0, 2); // gets 20 to 40 and 50 to 60
        cover.take(0.0, 70.0, 3); // gets 0 to 10 and 60 to 70
        let first = |top, bottom| cover.first(top, bottom);
        assert_eq!([first(5.0, 12.0), first(10.0, 10.5)], [Some(0), Some(0)]);
        assert_eq!([first(20.0, 40.0), first(45.0, 99.0)], [Some(2), Some(1)]);
        assert_eq!([first(60.0, 70.0), first(0.0, 10.0)], [Some(3), Some(3)]);
        assert_eq!([first(70.0, 90.0), first(-5.0, 0.0)], [None, None]);
        let room = |top, bottom, height| cover.has_room((top, bottom), height, 100.0);
        assert!(!room(0.0, 70.0, 1.0) && room(0.0, 70.5, 30.0) && !room(0.0, 99.0, 30.5));
        assert!(room(99.0, 100.0, 30.0) && !room(100.0, 120.0, 1.0));
        assert!(cover.is_taken(69.0, 90.0) && !cover.is_taken(70.0, 90.0));
    }

    #[test]
    fn what_lies_over_others_costs_nothing() {
        let mut cover = Cover::default();
        for comment in 0..1000 {
            cover.take(0.0, 100.0, comment);
        }
        assert_eq!(cover.taken.len(), 1);
    }
}
