//! Who is in the way at a height and a time.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::cover::Cover;

/// The longest pieces of time are 2¹⁰ cs, longer than most comments are shown.
const TOP_LEVEL: u8 = 10;

/// The heights that earlier comments take, at every whole time.
///
/// Time is cut into pieces of 1, 2, 4, … 1,024 cs, each of which has two of the next smaller size.
/// The time of a comment is some twenty whole pieces side by side, and a moment lies in eleven:
/// neither to add a comment nor to look for the first one in the way takes longer the more there
/// are at the time.
#[derive(Debug, Default)]
pub(super) struct Occupancy {
    pieces: HashMap<(u8, i64), Piece, FixedState>, // by level and number
    forget_at: usize,                              // pieces
}

/// A piece of time: `1 << level` centiseconds.
#[derive(Debug, Default)]
struct Piece {
    /// Comments that are there all the time, but not for all of the next larger piece.
    whole: Cover,
    /// Comments that are there for a part of the time.
    part: Cover,
}

/// Heights, from the upper to the lower edge.
pub(super) type Heights = (f64, f64);

impl Occupancy {
    /// Adds a comment that is there from the first to the last time. Comments come in rising order.
    pub(super) fn add(&mut self, (first, last): (i64, i64), heights: Heights, comment: u32) {
        if first <= last {
            for root in (first >> TOP_LEVEL)..=(last >> TOP_LEVEL) {
                self.add_in(TOP_LEVEL, root, (first, last), heights, comment);
            }
        }
    }

    fn add_in(&mut self, level: u8, number: i64, span: (i64, i64), heights: Heights, comment: u32) {
        let (begin, end) = times(level, number);
        if end < span.0 || span.1 < begin {
            return;
        }
        let piece = self.pieces.entry((level, number)).or_default();
        if span.0 <= begin && end <= span.1 {
            piece.whole.take(heights.0, heights.1, comment);
            return;
        }
        piece.part.take(heights.0, heights.1, comment);
        self.add_in(level - 1, number * 2, span, heights, comment);
        self.add_in(level - 1, number * 2 + 1, span, heights, comment);
    }

    /// What is taken at a time.
    pub(super) fn at(&self, time: i64) -> Moment<'_> {
        let covers = (0..=TOP_LEVEL).filter_map(|level| {
            let piece = self.pieces.get(&(level, time >> level))?;
            Some(&piece.whole)
        });
        Moment {
            covers: covers.collect(),
        }
    }

    /// The first time within a span at which something between two heights is taken.
    pub(super) fn next(&self, (from, to): (i64, i64), heights: Heights) -> Option<i64> {
        if from > to {
            return None;
        }
        let mut roots = (from >> TOP_LEVEL)..=(to >> TOP_LEVEL);
        roots.find_map(|root| self.next_in(TOP_LEVEL, root, (from, to), heights))
    }

    fn next_in(&self, level: u8, number: i64, span: (i64, i64), heights: Heights) -> Option<i64> {
        let (begin, end) = times(level, number);
        if end < span.0 || span.1 < begin {
            return None;
        }
        let piece = self.pieces.get(&(level, number))?;
        if piece.whole.is_taken(heights.0, heights.1) {
            return Some(begin.max(span.0));
        }
        if !piece.part.is_taken(heights.0, heights.1) {
            return None;
        }
        self.next_in(level - 1, number * 2, span, heights)
            .or_else(|| self.next_in(level - 1, number * 2 + 1, span, heights))
    }

    /// Forgets, from time to time, what is over before a time that is not asked for again.
    pub(super) fn forget_before(&mut self, time: i64) {
        if self.pieces.len() > self.forget_at {
            self.pieces
                .retain(|&(level, number), _| times(level, number).1 >= time);
            self.forget_at = (self.pieces.len() * 2).max(1024);
        }
    }
}

/// The first and the last time of a piece.
fn times(level: u8, number: i64) -> (i64, i64) {
    let begin = number << level;
    (begin, begin + (1 << level) - 1)
}

/// What is taken at one time.
#[derive(Debug)]
pub(super) struct Moment<'a> {
    covers: Vec<&'a Cover>,
}

impl Moment<'_> {
    /// The first of the comments between two heights.
    pub(super) fn first(&self, heights: Heights) -> Option<u32> {
        let firsts = self
            .covers
            .iter()
            .filter_map(|cover| cover.first(heights.0, heights.1));
        firsts.min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the plain way: to look at every comment.
    #[test]
    fn it_finds_what_a_search_of_all_finds() {
        let mut state = 1_u64;
        let mut number = |below: i64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            i64::try_from(state >> 40).expect("24 bits") % below
        };
        let mut occupancy = Occupancy::default();
        let mut all: Vec<((i64, i64), Heights)> = Vec::new();
        for comment in 0..400_u32 {
            let first = number(4000) - 2000;
            let span = (first, first + number(1500) - 100); // a few have no time at all
            let top = f64::from(u16::try_from(number(900)).expect("small"));
            let heights = (top, top + 20.0 + f64::from(comment % 7) * 13.3);
            occupancy.add(span, heights, comment);
            all.push((span, heights));
            let wanted = (f64::from(comment) * 2.0, f64::from(comment) * 2.0 + 60.0);
            let meets = |heights: Heights| heights.0 < wanted.1 && heights.1 > wanted.0;
            let (from, to) = (number(4000) - 2000, number(4000) - 2000);
            let first = all.iter().position(|&((first, last), heights)| {
                first <= from && from <= last && meets(heights)
            });
            let found = occupancy.at(from).first(wanted);
            assert_eq!(found.map(|found| found as usize), first);
            let next = all
                .iter()
                .filter(|&&(_, heights)| meets(heights))
                .map(|&((first, last), _)| (first.max(from), last.min(to)))
                .filter(|(first, last)| first <= last)
                .map(|(first, _)| first)
                .min();
            assert_eq!(occupancy.next((from, to), wanted), next);
        }
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let mut occupancy = Occupancy::default();
        for comment in 0..100_000_u32 {
            let begin = i64::from(comment) * 10;
            occupancy.forget_before(begin);
            occupancy.add((begin, begin + 300), (0.0, 95.0), comment);
        }
        assert!(
            occupancy.pieces.len() < 10_000,
            "{}",
            occupancy.pieces.len()
        );
    }
}
