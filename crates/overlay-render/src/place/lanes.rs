//! The vertical places of comments: `docs/spec/comment-layout.md`, section 9.

use super::motion::{LEFT_PROBE, MARGIN, RIGHT_PROBE, Scroll, real};
use super::stage::STAGE_HEIGHT;

/// Rounds after which a place is accepted as it is.
const ROUNDS: usize = 10;
/// Whole steps between the times at which a scrolling comment looks for others.
const STEP: i64 = 5;
/// The last centiseconds of a fixed comment, in which it blocks nobody.
const FREE_TAIL: i64 = 20;

/// What to do for a comment that finds no free lane, with the numbers drawn so far.
pub(crate) trait Draw {
    /// The next number, 0 to below 1.
    fn draw(&mut self) -> f64;
}

/// A place, and how many random numbers it took because no lane was free.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Place {
    pub(crate) y: f64,
    pub(crate) drawn: u32,
}

/// How one push ended.
enum Push {
    Free,
    Moved,
    Stop,
}

/// Moves `y` below each of `tops_bottoms`, in their order, until none is in the way.
fn push<I: Iterator<Item = (f64, f64)>>(
    place: &mut Place,
    height: f64,
    overfull: f64,
    random: &mut impl Draw,
    tops_bottoms: impl Fn() -> I,
) -> Push {
    let mut moved = Push::Free;
    while let Some((_, bottom)) =
        tops_bottoms().find(|&(top, bottom)| place.y < bottom && place.y + height > top)
    {
        place.y = bottom;
        moved = Push::Moved;
        if place.y + height > STAGE_HEIGHT {
            place.y = if height > STAGE_HEIGHT {
                overfull
            } else {
                place.drawn += 1;
                (random.draw() * (STAGE_HEIGHT - height)).floor()
            };
            return Push::Stop;
        }
    }
    moved
}

/// Comments in the order they were placed, of which those that are over are dropped from time to
/// time.
#[derive(Debug)]
struct Placed<T> {
    items: Vec<T>,
    drop_at: usize, // items
}

impl<T> Default for Placed<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            drop_at: 64,
        }
    }
}

impl<T> Placed<T> {
    fn push(&mut self, item: T, is_over: impl Fn(&T) -> bool) {
        if self.items.len() >= self.drop_at {
            self.items.retain(|item| !is_over(item));
            self.drop_at = (self.items.len() * 2).max(64);
        }
        self.items.push(item);
    }
}

/// Comments of one fixed position. Times must not decrease from call to call.
#[derive(Debug, Default)]
pub(crate) struct FixedLanes {
    placed: Placed<FixedItem>,
}

#[derive(Debug)]
struct FixedItem {
    top: f64,
    bottom: f64,
    last: i64,
}

impl FixedLanes {
    /// Section 9.2. Every earlier comment that is ever in the way is so at `vpos`, because none
    /// begins later. `overfull` is the place of a comment higher than the stage that finds others.
    pub(crate) fn place(
        &mut self,
        vpos: i64,
        long: i64,
        height: f64,
        overfull: f64,
        random: &mut impl Draw,
    ) -> Place {
        let here = self.placed.items.iter().filter(|item| item.last >= vpos);
        let mut place = Place::default();
        for _ in 0..ROUNDS {
            let others = || here.clone().map(|item| (item.top, item.bottom));
            if let Push::Free = push(&mut place, height, overfull, random, others) {
                break;
            }
        }
        if place.y >= 0.0 {
            let item = FixedItem {
                top: place.y,
                bottom: place.y + height,
                last: vpos + (long - FREE_TAIL).max(0),
            };
            self.placed.push(item, |item| item.last < vpos);
        }
        place
    }
}

/// Scrolling comments.
#[derive(Debug, Default)]
pub(crate) struct ScrollLanes {
    placed: Placed<ScrollItem>,
    longs: Option<(i64, i64)>, // the shortest and longest display time so far
}

/// First and last whole time.
type Times = (i64, i64);

#[derive(Debug)]
struct ScrollItem {
    top: f64,
    bottom: f64,
    right: Times, // over the right probe
    left: Times,
    vpos: i64,
    scroll: Scroll,
    listed: Times,
    window: (f64, f64),
}

impl ScrollItem {
    fn new(vpos: i64, scroll: Scroll, margin: f64) -> Self {
        let shift = |(first, last): Times| (first + vpos, last + vpos);
        let (from, to) = scroll.probe_window();
        Self {
            top: 0.0,
            bottom: 0.0,
            right: shift(scroll.over(RIGHT_PROBE, margin)),
            left: shift(scroll.over(LEFT_PROBE, margin)),
            vpos,
            scroll,
            listed: shift(scroll.listed()),
            window: (from + real(vpos), to + real(vpos)),
        }
    }

    fn blocks(&self, place: &Place, height: f64) -> bool {
        place.y < self.bottom && place.y + height > self.top
    }
}

/// A comment that looks for a place: at whole times from its first on, [`STEP`] apart.
struct Searcher<'a> {
    items: &'a [ScrollItem],
    own: ScrollItem, // without a margin
    height: f64,
    mixed: bool, // whether there are comments of other durations
}

impl ScrollLanes {
    /// Section 9.3. `forget_before` is the earliest time that this or any later comment looks at.
    pub(crate) fn place(
        &mut self,
        vpos: i64,
        scroll: Scroll,
        height: f64,
        forget_before: i64,
        random: &mut impl Draw,
    ) -> Place {
        if height > STAGE_HEIGHT {
            return Place {
                y: (height - STAGE_HEIGHT) / -2.0,
                drawn: 0,
            };
        }
        let (shortest, longest) = self.longs.unwrap_or((scroll.long, scroll.long));
        let searcher = Searcher {
            items: &self.placed.items,
            own: ScrollItem::new(vpos, scroll, 0.0),
            height,
            mixed: (shortest, longest) != (scroll.long, scroll.long),
        };
        let place = searcher.search(random);
        self.longs = Some((shortest.min(scroll.long), longest.max(scroll.long)));
        let item = ScrollItem {
            top: place.y,
            bottom: place.y + height,
            ..ScrollItem::new(vpos, scroll, MARGIN)
        };
        self.placed
            .push(item, |item| item.listed.1 <= forget_before);
        place
    }
}

impl Searcher<'_> {
    fn search(&self, random: &mut impl Draw) -> Place {
        let height = self.height;
        let mut place = Place::default();
        let mut latest_change = None;
        for _ in 0..ROUNDS {
            let mut changed = match self.push_mixed(&mut place, random) {
                Push::Stop => return place,
                Push::Moved => true,
                Push::Free => false,
            };
            let mut from = self.own.listed.0;
            loop {
                let time = self.next_blocked(&place, from);
                if let Some(latest) = latest_change
                    && latest >= from
                    && time.is_none_or(|time| time >= latest)
                {
                    return place; // came by the latest change again
                }
                let Some(time) = time else { break };
                let mut stop = false;
                let probes: [fn(&ScrollItem) -> Times; 2] = [|item| item.right, |item| item.left];
                for probe in probes {
                    let over = |item: &ScrollItem| {
                        let (first, last) = probe(item);
                        first <= time && time <= last
                    };
                    if !over(&self.own) {
                        continue;
                    }
                    let others = || {
                        let here = self.items.iter().filter(|item| over(item));
                        here.map(|item| (item.top, item.bottom))
                    };
                    match push(&mut place, height, 0.0, random, others) {
                        Push::Free => continue,
                        Push::Moved => {}
                        Push::Stop => stop = true,
                    }
                    changed = true;
                    latest_change = Some(time);
                }
                if stop {
                    return place;
                }
                from = time + 1;
            }
            if !changed {
                break;
            }
        }
        place
    }

    /// The first time from `from` on at which this comment looks and another is in its way.
    fn next_blocked(&self, place: &Place, from: i64) -> Option<i64> {
        // Nothing can be found before the first look itself, so that ends the search.
        let soonest = self.first_look(from, self.own.right, self.own.left)?;
        let mut earliest: Option<i64> = None;
        for item in self
            .items
            .iter()
            .filter(|item| item.blocks(place, self.height))
        {
            let both = |a: Times, b: Times| (a.0.max(b.0), a.1.min(b.1));
            let right = both(item.right, self.own.right);
            let left = both(item.left, self.own.left);
            if let Some(time) = self.first_look(from, right, left) {
                earliest = Some(earliest.map_or(time, |earliest| earliest.min(time)));
                if time == soonest {
                    break;
                }
            }
        }
        earliest
    }

    /// The first look from `from` on within either of two spans.
    fn first_look(&self, from: i64, right: Times, left: Times) -> Option<i64> {
        let within = |(first, last): Times| {
            let time = first.max(from);
            let time = time + (self.own.listed.0 - time).rem_euclid(STEP);
            (time <= last).then_some(time)
        };
        match (within(right), within(left)) {
            (Some(right), Some(left)) => Some(right.min(left)),
            (right, left) => right.or(left),
        }
    }

    /// Pushes with the comments of other durations that touch this one (section 9.4).
    fn push_mixed(&self, place: &mut Place, random: &mut impl Draw) -> Push {
        if !self.mixed {
            return Push::Free;
        }
        let start = self.own.listed.0.div_euclid(100);
        let bucket = |item: &ScrollItem| item.listed.0.div_euclid(100).max(start);
        let mut moved = Push::Free;
        loop {
            let mut first: Option<&ScrollItem> = None;
            for item in self.items {
                let sooner = first.is_none_or(|first| bucket(item) < bucket(first));
                if sooner && item.blocks(place, self.height) && self.touches(item) {
                    first = Some(item);
                    if bucket(item) == start {
                        break; // none comes before it
                    }
                }
            }
            let Some(item) = first else { return moved };
            let only = || std::iter::once((item.top, item.bottom));
            match push(place, self.height, 0.0, random, only) {
                Push::Stop => return Push::Stop,
                Push::Moved => moved = Push::Moved,
                Push::Free => return moved,
            }
        }
    }

    /// Whether a comment of another duration comes near enough while both are between the probes.
    fn touches(&self, item: &ScrollItem) -> bool {
        let own = &self.own;
        let (p, q) = (
            own.window.0.max(item.window.0),
            own.window.1.min(item.window.1),
        );
        if item.scroll.long == own.scroll.long || p >= q {
            return false;
        }
        let ahead = |t: f64| {
            (t - real(own.vpos) + 100.0) * own.scroll.speed
                - (t - real(item.vpos) + 100.0) * item.scroll.speed
        };
        let (a, b) = (ahead(p), ahead(q));
        a.min(b) <= own.scroll.width + MARGIN && a.max(b) >= -(item.scroll.width + MARGIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Half;
    impl Draw for Half {
        fn draw(&mut self) -> f64 {
            0.5
        }
    }

    #[test]
    fn fixed_comments_stack_and_leave() {
        let mut lanes = FixedLanes::default();
        let mut at = |vpos| lanes.place(vpos, 300, 100.0, 0.0, &mut Half).y;
        assert_eq!([at(0), at(0), at(100)], [0.0, 100.0, 200.0]);
        assert_eq!(at(280), 300.0); // the first two still block at 280 …
        assert_eq!(at(281), 0.0); // … and no longer at 281
    }

    /// Ten lanes of 108 pixels; the eleventh comment has none and gets floor(0.5 · 972).
    #[test]
    fn without_a_lane_the_place_is_drawn() {
        let mut lanes = FixedLanes::default();
        for lane in 0..10 {
            let place = lanes.place(0, 300, 108.0, 0.0, &mut Half);
            assert_eq!(
                place,
                Place {
                    y: real(lane) * 108.0,
                    drawn: 0
                }
            );
        }
        let place = lanes.place(0, 300, 108.0, 0.0, &mut Half);
        assert!(place.drawn > 0);
    }

    #[test]
    fn scrolling_comments_follow_in_the_same_lane() {
        let mut lanes = ScrollLanes::default();
        let scroll = Scroll::new(300.0, 300);
        let mut at = |vpos| lanes.place(vpos, scroll, 90.0, vpos - 300, &mut Half).y;
        assert_eq!([at(0), at(0), at(1000)], [0.0, 90.0, 0.0]);
    }
}
