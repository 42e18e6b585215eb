use crate::Vpos;

/// A comment that wants a place: what lanes have to know of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wanted {
    /// When it appears and goes.
    pub(super) shown: (Vpos, Vpos),
    /// Its width in pixels.
    pub(super) width: f64,
    /// Its height in rows of a pixel.
    pub(super) height: usize,
}

/// The rows of pixels of a stage, each with the comment that was put there last (comment-formats, 7.3).
#[derive(Debug)]
pub(super) struct Lanes {
    /// Width of the stage if comments cross it, `None` if they stand still.
    crossed: Option<f64>,
    rows: Vec<Option<Wanted>>,
}

impl Lanes {
    pub(super) fn new(rows: usize, crossed: Option<f64>) -> Self {
        Self {
            crossed,
            rows: vec![None; rows],
        }
    }

    /// The topmost row at which there is room, taken from now on. Without room the one whose comment began longest ago, or
    /// none if comments may not `overlap`. Comments have to come in the order of their times.
    pub(super) fn place(&mut self, wanted: Wanted, overlap: bool) -> Option<usize> {
        let row = self
            .room(&wanted)
            .or_else(|| overlap.then(|| self.oldest()))?;
        let end = (row + wanted.height).min(self.rows.len());
        self.rows[row.min(end)..end].fill(Some(wanted));
        Some(row)
    }

    fn room(&self, wanted: &Wanted) -> Option<usize> {
        let mut row = 0;
        while row + wanted.height <= self.rows.len() {
            let rows = &self.rows[row..row + wanted.height];
            match rows
                .iter()
                .position(|last| last.is_some_and(|last| self.blocks(&last, wanted)))
            {
                None => return Some(row),
                Some(free) => row += free.max(1), // what blocks is left behind a row at a time
            }
        }
        None
    }

    /// Whether `wanted` would meet `last` in a row that they share.
    fn blocks(&self, last: &Wanted, wanted: &Wanted) -> bool {
        let Some(stage) = self.crossed else {
            return last.shown.1 > wanted.shown.0;
        };
        let times = |comment: &Wanted| {
            let (from, to) = comment.shown;
            (from.as_secs_f64(), (to - from).as_secs_f64())
        };
        let ((begun, lasts), (begins, takes)) = (times(last), times(wanted));
        // Neither catches up before the earlier one has gone, nor begins before that one is wholly in.
        let no_later_than = begins - takes * (1.0 - stage / (wanted.width + stage));
        begun > no_later_than || begun + lasts * last.width / (last.width + stage) > begins
    }

    fn oldest(&self) -> usize {
        let begun = |row: &usize| self.rows[*row].map(|last| last.shown.0);
        (0..self.rows.len()).min_by_key(begun).unwrap_or(0) // never used comes before any time
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn standing_comments_stack_until_they_go() {
        let mut lanes = Lanes::new(10, None);
        let at = |from: i64| Wanted {
            shown: (Vpos(from), Vpos(from + 300)),
            width: 1.0,
            height: 4,
        };
        let rows: Vec<_> = [0, 0, 10, 300]
            .map(|from| lanes.place(at(from), false))
            .into();
        assert_eq!(rows, [Some(0), Some(4), None, Some(0)]);
        assert_eq!(lanes.place(at(301), true), Some(4));
        assert_eq!(lanes.place(at(302), true), Some(8)); // over the edge: rows 8 and 9 were never used
    }

    fn wanted() -> impl Strategy<Value = Wanted> {
        (0..2_000_i64, 1..2_000_u32, 1..40_usize).prop_map(|(from, width, height)| Wanted {
            shown: (Vpos(from), Vpos(from + 400)),
            width: width.into(),
            height,
        })
    }

    /// Where a crossing comment's left edge is at a time in seconds, on a stage 1,000 wide.
    fn left(comment: &Wanted, time: f64) -> f64 {
        let (from, to) = (comment.shown.0.as_secs_f64(), comment.shown.1.as_secs_f64());
        1_000.0 - (1_000.0 + comment.width) * (time - from) / (to - from)
    }

    proptest! {
        /// No two comments that share a row meet on the stage.
        #[test]
        fn crossing_comments_do_not_meet(mut all in prop::collection::vec(wanted(), 1..40)) {
            all.sort_by_key(|comment| comment.shown.0);
            let mut lanes = Lanes::new(60, Some(1_000.0));
            let placed: Vec<_> = all.iter().filter_map(|&comment| Some((comment, lanes.place(comment, false)?))).collect();
            for (at, (a, row_a)) in placed.iter().enumerate() {
                for (b, row_b) in &placed[at + 1..] {
                    if row_a + a.height <= *row_b || row_b + b.height <= *row_a {
                        continue;
                    }
                    // Both move evenly: they meet, if at all, when the second appears or the first goes.
                    for time in [b.shown.0.as_secs_f64(), a.shown.1.as_secs_f64()] {
                        let on_stage = (b.shown.0.as_secs_f64()..=a.shown.1.as_secs_f64()).contains(&time);
                        prop_assert!(!on_stage || left(a, time) + a.width <= left(b, time) + 1e-6, "{a:?} and {b:?} at {time}");
                    }
                }
            }
        }
    }
}
