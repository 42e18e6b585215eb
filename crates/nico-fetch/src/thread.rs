use std::ops::RangeInclusive;

use crate::numbers::{Seen, number};
use crate::options::FetchOptions;
use crate::page::Page;
use crate::report::End;
use nico_comments::{Comment, Fork};

/// Pages in a row without anything new after which a walk is given up, whatever their dates say.
const MAX_BARREN: u32 = 5;

/// Dates that are further apart than this, in seconds, may be of a comment that strayed into the
/// wrong year.
const STRAY: i64 = 24 * 60 * 60;

/// Comments at the bottom of a page that may all be strays.
const MAX_STRAYS: usize = 3;

/// Comments of a page from which on it is looked at for strays; smaller ones are the end of a
/// thread.
const FULL_ENOUGH: usize = 10;

/// What a walk needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The page of this second; without one, what a viewer gets.
    Ask(Option<i64>),
    Done(End),
}

/// One way through a thread, from a second backwards (`docs/spec/comment-formats.md`, section 6.3).
/// Later runs add walks from their own now, or from a second asked for, down to where one from an
/// earlier second began.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    /// Where it began.
    start: Option<i64>,
    /// What to ask for next.
    when: Option<i64>,
    /// Its highest number. Samples reach high and leave most below out, so that theirs do not
    /// count.
    reached: Option<i64>,
    last: Option<LastPage>,
    /// Steps of one second in a row.
    steps: u32,
    /// Pages in a row without anything new.
    barren: u32,
}

#[derive(Clone, Copy, Debug)]
struct LastPage {
    empty: bool,
    lowest: Option<i64>,
    date: Option<i64>,
}

/// What is known of a thread: its comments by number, and how far each walk came. Made by giving it
/// the pages in the order in which they came, be it from the service or from the disk.
#[derive(Clone, Debug)]
pub(crate) struct Thread {
    pub(crate) id: String,
    pub(crate) fork: Fork,
    pub(crate) seen: Seen,
    pub(crate) walks: Vec<Walk>,
    pub(crate) count: Option<u64>,
    pub(crate) pages: u64,
    pub(crate) duplicates: u64,
    pub(crate) rejected: u64,
    /// Seconds of which a part may be out of reach.
    pub(crate) gaps: Vec<i64>,
    /// Comments of the longest page.
    longest: usize,
}

/// What a page brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) new: u64,
    /// The second that may have a gap.
    pub(crate) gap: Option<i64>,
}

impl Thread {
    pub(crate) fn new(id: &str, fork: &Fork) -> Self {
        Self {
            id: id.to_owned(),
            fork: fork.clone(),
            seen: Seen::default(),
            walks: Vec::new(),
            count: None,
            pages: 0,
            duplicates: 0,
            rejected: 0,
            gaps: Vec::new(),
            longest: 0,
        }
    }

    /// Begins a walk; `None` asks for one page only, what a viewer gets.
    pub(crate) fn start(&mut self, when: Option<i64>) {
        self.walks.push(Walk {
            start: when,
            when,
            reached: None,
            last: None,
            steps: 0,
            barren: 0,
        });
    }

    /// Whether the last walk began at most `seconds` before `start`, or is of one page.
    pub(crate) fn began_near(&self, start: Option<i64>, seconds: i64) -> bool {
        self.walks
            .last()
            .is_some_and(|walk| match (walk.start, start) {
                (Some(began), Some(start)) => began >= start.saturating_sub(seconds),
                (began, start) => began == start,
            })
    }

    /// Whether the last walk began at `start`, or is of one page as well.
    pub(crate) fn began_at(&self, start: Option<i64>) -> bool {
        self.walks.last().is_some_and(|walk| walk.start == start)
    }

    /// Whether a walk began later than `when` and is past it, so that what was visible then is
    /// there or on the way of that walk.
    pub(crate) fn covers(&self, when: i64) -> bool {
        let later = |start: Option<i64>| start.is_some_and(|start| start > when);
        let is_past = |next: Option<i64>| next.is_some_and(|next| next <= when);
        let mut walks = self.walks.iter();
        walks.any(|walk| later(walk.start) && is_past(walk.when))
    }

    /// Whether a walk, now at the number `lowest` and before asking for `when`, has met one from an
    /// earlier second and need not go on. One from a later second may not have come that far down.
    /// The second counts as well as the number, since comments with high numbers stray into old
    /// years.
    fn meets_another(&self, index: usize, lowest: i64, when: i64) -> bool {
        let start = self.walks[index].start;
        self.walks.iter().enumerate().any(|(other, walk)| {
            (walk.start, other) < (start, index)
                && walk.start.is_some_and(|start| when <= start)
                && walk.reached.is_some_and(|reached| lowest <= reached)
        })
    }

    /// Adds the comments of a page that belongs to no walk.
    pub(crate) fn add(&mut self, page: &Page) -> u64 {
        let before = self.seen.count;
        for comment in &page.comments {
            self.duplicates += u64::from(!self.seen.insert(comment));
        }
        self.pages += 1;
        self.rejected += page.rejected;
        self.count = page.count.or(self.count);
        self.seen.count - before
    }

    /// Adds the page that a walk asked for at `when`.
    pub(crate) fn take(&mut self, walk: usize, when: Option<i64>, page: &Page) -> Taken {
        let new = self.add(page);
        self.longest = self.longest.max(page.comments.len());
        let walk = &mut self.walks[walk];
        if when.is_some() {
            let highest = page.comments.iter().filter_map(number).max();
            walk.reached = walk.reached.max(highest);
        }
        walk.barren = if new == 0 { walk.barren + 1 } else { 0 };
        let lowest = page.lowest();
        walk.last = Some(LastPage {
            empty: page.comments.is_empty(),
            lowest: lowest.and_then(number),
            date: lowest.and_then(|comment| comment.date),
        });
        walk.when = when;
        let mut gap = None;
        if let (Some(when), Some(_)) = (when, lowest) {
            match next_date(&page.comments, when) {
                Some(date) => {
                    walk.when = Some(date);
                    walk.steps = 0;
                }
                None => {
                    walk.when = Some(when - 1);
                    // Only a page as long as any can have left something of this second out.
                    gap = (page.comments.len() >= self.longest).then_some(when);
                    walk.steps += 1;
                }
            }
        }
        self.gaps.extend(gap);
        Taken { new, gap }
    }

    /// What a walk needs next, rule by rule (`docs/spec/comment-formats.md`, section 6.3, rule 5).
    pub(crate) fn next(&self, index: usize, options: &FetchOptions) -> Next {
        let walk = &self.walks[index];
        let Some(last) = walk.last else {
            return Next::Ask(walk.when);
        };
        let Some(when) = walk.when else {
            return Next::Done(End::OnePage);
        };
        let count = self.count.filter(|&count| count > 0);
        let end = if last.empty
            || last.lowest == Some(1)
            || count.is_some_and(|count| self.seen.count >= count)
        {
            End::Whole
        } else if last
            .lowest
            .is_some_and(|lowest| self.meets_another(index, lowest, when))
        {
            End::MetKnown
        } else if options
            .max_comments
            .is_some_and(|max| self.seen.count >= max)
            || options
                .since
                .is_some_and(|since| last.date.is_some_and(|date| date < since) || when < since)
        {
            End::Limit
        } else if (walk.steps >= 3 && walk.barren >= 1) || walk.barren >= MAX_BARREN || when < 0 {
            End::NoProgress
        } else {
            return Next::Ask(Some(when));
        };
        Next::Done(end)
    }

    /// Runs of at least `least` missing numbers between known ones, the youngest first.
    pub(crate) fn wide_gaps(&self, least: u64) -> Vec<RangeInclusive<i64>> {
        let lowest = self.seen.numbers.lowest().unwrap_or(i64::MAX);
        let highest = self.seen.numbers.highest().unwrap_or(0);
        let mut gaps = self.seen.numbers.missing(highest);
        gaps.retain(|gap| *gap.start() > lowest && gap.end().abs_diff(*gap.start()) + 1 >= least);
        gaps.reverse();
        gaps
    }
}

/// The date to go on from: that of the lowest number, unless it is older than its neighbour by more
/// than a day; then it may have strayed, and going on from the neighbour asks for hardly more and
/// skips nothing. `None` if that is not below `when`.
fn next_date(comments: &[Comment], when: i64) -> Option<i64> {
    let numbered = || comments.iter().filter(|comment| number(comment).is_some());
    let mut dates = numbered()
        .filter_map(|comment| comment.date)
        .take(MAX_STRAYS + 1);
    // Of a page without numbers.
    let first_of_all = || comments.first().and_then(|comment| comment.date);
    let mut chosen = dates.next().or_else(first_of_all)?;
    if comments.len() >= FULL_ENOUGH {
        for date in dates {
            if date.saturating_sub(chosen) > STRAY {
                chosen = date;
            }
        }
    }
    (chosen < when).then_some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nico_comments::Vpos;

    fn page(comments: impl IntoIterator<Item = (i64, i64)>) -> Page {
        let comment = |(no, date)| Comment::new(Vpos(0), "a").no(no).date(date);
        Page {
            comments: comments.into_iter().map(comment).collect(),
            count: Some(10_000),
            rejected: 0,
        }
    }

    fn thread() -> Thread {
        let mut thread = Thread::new("1", &Fork::Main);
        thread.start(Some(1_000_000_000));
        thread
    }

    #[test]
    fn the_next_second_is_that_of_the_lowest_number() {
        let mut thread = thread();
        // A stray old comment higher up does not count.
        thread.take(
            0,
            Some(1_000_000_000),
            &page((500..600).map(|no| (no, if no == 550 { 5 } else { 900_000 + no }))),
        );
        assert_eq!(
            thread.next(0, &FetchOptions::default()),
            Next::Ask(Some(900_500))
        );
        // Nor does one at the bottom, of which the neighbours show that it strayed.
        thread.take(
            0,
            Some(900_500),
            &page((400..500).map(|no| (no, if no < 402 { 7 } else { 800_000 + no }))),
        );
        assert_eq!(
            thread.next(0, &FetchOptions::default()),
            Next::Ask(Some(800_402))
        );
        assert!(thread.gaps.is_empty());
    }

    #[test]
    fn a_burst_is_stepped_over_and_noted() {
        let mut thread = thread();
        let burst = page((500..600).map(|no| (no, 900)));
        assert_eq!(
            thread.take(0, Some(900), &burst),
            Taken {
                new: 100,
                gap: Some(900)
            }
        );
        assert_eq!(
            thread.next(0, &FetchOptions::default()),
            Next::Ask(Some(899))
        );
        assert_eq!(thread.gaps, [900]);
    }

    #[test]
    fn an_endless_page_ends_after_two_steps() {
        let mut thread = thread();
        let endless = page((500..600).map(|no| (no, 900)));
        let mut asked = Vec::new();
        while let Next::Ask(when) = thread.next(0, &FetchOptions::default()) {
            asked.push(when.unwrap());
            thread.take(0, when, &endless);
        }
        assert_eq!(asked, [1_000_000_000, 900, 899, 898]);
        assert_eq!(
            thread.next(0, &FetchOptions::default()),
            Next::Done(End::NoProgress)
        );
    }

    #[test]
    fn dates_that_fall_for_ever_end_too() {
        let mut thread = thread();
        let mut pages = 0;
        while let Next::Ask(when) = thread.next(0, &FetchOptions::default()) {
            thread.take(0, when, &page([(7, when.unwrap() - 1)]));
            pages += 1;
        }
        assert_eq!(pages, 6);
    }

    #[test]
    fn limits_stop_a_walk_and_lifting_them_goes_on() {
        let mut thread = thread();
        thread.take(
            0,
            Some(1_000_000_000),
            &page((500..600).map(|no| (no, 900_000 + no))),
        );
        let limit = |options: FetchOptions| thread.next(0, &options);
        let stopped = Next::Done(End::Limit);
        assert_eq!(limit(FetchOptions::default().max_comments(100)), stopped);
        assert_eq!(limit(FetchOptions::default().since(900_501)), stopped);
        assert_eq!(
            limit(FetchOptions::default().since(900_500).max_comments(101)),
            Next::Ask(Some(900_500))
        );
    }

    #[test]
    fn a_later_walk_ends_where_numbers_are_known() {
        let mut thread = thread();
        thread.take(0, Some(1_000_000_000), &page((1..100).map(|no| (no, no))));
        assert_eq!(
            thread.next(0, &FetchOptions::default()),
            Next::Done(End::Whole)
        );
        thread.start(Some(2_000_000_000));
        thread.take(1, Some(2_000_000_000), &page((120..200).map(|no| (no, no))));
        assert_eq!(
            thread.next(1, &FetchOptions::default()),
            Next::Ask(Some(120))
        );
        thread.take(1, Some(120), &page((90..121).map(|no| (no, no))));
        assert_eq!(
            thread.next(1, &FetchOptions::default()),
            Next::Done(End::MetKnown)
        );
        assert_eq!((thread.seen.count, thread.duplicates), (199, 11));
    }

    /// A walk from an earlier second, begun while a later one is under way, goes on below what that
    /// one reached, and the later one ends where it meets the earlier one.
    #[test]
    fn walks_end_at_those_from_earlier_seconds() {
        let next = |thread: &Thread, walk| thread.next(walk, &FetchOptions::default());
        let mut thread = thread();
        thread.take(
            0,
            Some(1_000_000_000),
            &page((500..600).map(|no| (no, 1000 * no))),
        );
        assert!(!thread.covers(300_000) && thread.covers(500_000));
        thread.start(Some(300_000));
        // One of a higher number strayed into an old year.
        let strayed = (201..=300).map(|no| (no, 1000 * no)).chain([(550, 7)]);
        thread.take(1, Some(300_000), &page(strayed));
        assert_eq!(next(&thread, 1), Next::Ask(Some(201_000)));
        assert_eq!(next(&thread, 0), Next::Ask(Some(500_000)));
        thread.take(
            0,
            Some(500_000),
            &page((290..=500).map(|no| (no, 1000 * no))),
        );
        assert_eq!(next(&thread, 0), Next::Done(End::MetKnown));
        assert_eq!(next(&thread, 1), Next::Ask(Some(201_000)));
    }

    #[test]
    fn wide_gaps_lie_between_known_numbers() {
        let mut thread = thread();
        thread.take(0, Some(900), &page([5, 6, 17, 30].map(|no| (no, no))));
        assert_eq!(thread.wide_gaps(10), [18..=29, 7..=16]);
        assert_eq!(thread.wide_gaps(11), [18..=29]);
    }
}
