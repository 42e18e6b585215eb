//! The vertical places of comments: `docs/spec/comment-layout.md`, section 9.

use super::motion::{MARGIN, Scroll};
use super::occupancy::{Heights, Occupancy};
use super::touching::{Bottoms, Crowds, ScrollItem, Times};

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

/// Moves `y` below each comment that `next` finds between two heights, until none is in the way.
/// `next` gives the lower edge of the first one.
fn push(
    place: &mut Place,
    stage: f64,
    height: f64,
    overfull: f64,
    random: &mut impl Draw,
    next: impl Fn(Heights) -> Option<f64>,
) -> Push {
    let mut moved = Push::Free;
    while let Some(bottom) = next((place.y, place.y + height)) {
        place.y = bottom;
        moved = Push::Moved;
        if place.y + height > stage {
            place.y = if height > stage {
                overfull
            } else {
                place.drawn += 1;
                (random.draw() * (stage - height)).floor()
            };
            return Push::Stop;
        }
    }
    moved
}

/// Comments of one fixed position. Times must not decrease from call to call.
#[derive(Debug)]
pub(crate) struct FixedLanes {
    stage: f64, // its height, as all lengths in pixels
    taken: Occupancy,
    bottoms: Bottoms,
}

impl FixedLanes {
    /// Free lanes on a stage of this height.
    pub(crate) fn new(stage: f64) -> Self {
        Self {
            stage,
            taken: Occupancy::default(),
            bottoms: Bottoms::default(),
        }
    }

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
        self.taken.forget_before(vpos);
        let here = self.taken.at(vpos);
        let next = |heights| Some(self.bottoms.of(here.first(heights)?));
        let mut place = Place::default();
        for _ in 0..ROUNDS {
            if let Push::Free = push(&mut place, self.stage, height, overfull, random, next) {
                break;
            }
        }
        self.add(vpos, long, height, place.y);
        place
    }

    /// Adds a comment that has its place, `y`.
    pub(crate) fn add(&mut self, vpos: i64, long: i64, height: f64, y: f64) {
        if y >= 0.0 {
            let comment = self.bottoms.add(y + height);
            let last = vpos + (long - FREE_TAIL).max(0);
            self.taken.add((vpos, last), (y, y + height), comment);
        }
    }
}

/// Scrolling comments.
#[derive(Debug)]
pub(crate) struct ScrollLanes {
    stage: f64,       // its height
    right: Occupancy, // over the right probe
    left: Occupancy,
    bottoms: Bottoms,
    crowds: Crowds,
}

impl ScrollLanes {
    /// Free lanes on a stage of this height.
    pub(crate) fn new(stage: f64) -> Self {
        Self {
            stage,
            right: Occupancy::default(),
            left: Occupancy::default(),
            bottoms: Bottoms::default(),
            crowds: Crowds::default(),
        }
    }

    /// Section 9.3. `forget_before` is the earliest time that this or any later comment looks at.
    pub(crate) fn place(
        &mut self,
        vpos: i64,
        scroll: Scroll,
        height: f64,
        forget_before: i64,
        random: &mut impl Draw,
    ) -> Place {
        if height > self.stage {
            return Place {
                y: (height - self.stage) / -2.0,
                drawn: 0,
            };
        }
        self.right.forget_before(forget_before);
        self.left.forget_before(forget_before);
        self.crowds.forget_before(forget_before);
        let own = ScrollItem::new(vpos, scroll);
        let place = self.search(&own, height, random);
        self.add_item(own, height, place.y);
        place
    }

    /// Adds a comment that has its place, `y`.
    pub(crate) fn add(&mut self, vpos: i64, scroll: Scroll, height: f64, y: f64) {
        if height <= self.stage {
            self.add_item(ScrollItem::new(vpos, scroll), height, y);
        }
    }

    fn add_item(&mut self, own: ScrollItem, height: f64, y: f64) {
        let heights = (y, y + height);
        let number = self.bottoms.add(heights.1);
        let [right, left] = own.over(MARGIN);
        self.right.add(right, heights, number);
        self.left.add(left, heights, number);
        self.crowds.add(ScrollItem {
            heights,
            number,
            ..own
        });
    }

    /// Looks for a place at whole times from the comment's first on, [`STEP`] apart.
    fn search(&self, own: &ScrollItem, height: f64, random: &mut impl Draw) -> Place {
        let probes = [&self.right, &self.left];
        let over = own.over(0.0);
        let others = self.crowds.touching(own, height, self.stage);
        let mut place = Place::default();
        let mut latest_change = None;
        for _ in 0..ROUNDS {
            let next = |heights: Heights| others.first(heights);
            let mut changed = match push(&mut place, self.stage, height, 0.0, random, next) {
                Push::Stop => return place,
                Push::Moved => true,
                Push::Free => false,
            };
            let mut from = own.listed.0;
            loop {
                let heights = (place.y, place.y + height);
                let times = probes
                    .iter()
                    .zip(over)
                    .filter_map(|(probe, (first, last))| {
                        next_look(probe, (first.max(from), last), own.listed.0, heights)
                    });
                let time = times.min();
                if let Some(latest) = latest_change
                    && latest >= from
                    && time.is_none_or(|time| time >= latest)
                {
                    return place; // came by the latest change again
                }
                let Some(time) = time else { break };
                let mut stop = false;
                for (probe, (first, last)) in probes.iter().zip(over) {
                    if time < first || last < time {
                        continue;
                    }
                    let here = probe.at(time);
                    let next = |heights| Some(self.bottoms.of(here.first(heights)?));
                    match push(&mut place, self.stage, height, 0.0, random, next) {
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
}

/// The first look within a span at which another comment is in the way. Looks are [`STEP`] apart,
/// from `start` on.
fn next_look(probe: &Occupancy, span: Times, start: i64, heights: Heights) -> Option<i64> {
    let (mut from, to) = span;
    loop {
        let taken = probe.next((from, to), heights)?;
        let look = taken + (start - taken).rem_euclid(STEP);
        if look > to {
            return None;
        }
        if look == taken || probe.at(look).first(heights).is_some() {
            return Some(look);
        }
        from = look + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::cover::steps;
    use super::super::motion::real;
    use super::super::stage::STAGE_HEIGHT;
    use super::*;

    struct Half;
    impl Draw for Half {
        fn draw(&mut self) -> f64 {
            0.5
        }
    }

    #[test]
    fn fixed_comments_stack_and_leave() {
        let mut lanes = FixedLanes::new(STAGE_HEIGHT);
        let mut at = |vpos| lanes.place(vpos, 300, 100.0, 0.0, &mut Half).y;
        assert_eq!([at(0), at(0), at(100)], [0.0, 100.0, 200.0]);
        assert_eq!(at(280), 300.0); // the first two still block at 280 …
        assert_eq!(at(281), 0.0); // … and no longer at 281
    }

    /// Ten lanes of 108 pixels; the eleventh comment has none and gets floor(0.5 · 972).
    #[test]
    fn without_a_lane_the_place_is_drawn() {
        let mut lanes = FixedLanes::new(STAGE_HEIGHT);
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
        let mut lanes = ScrollLanes::new(STAGE_HEIGHT);
        let scroll = Scroll::new(300.0, 300);
        let mut at = |vpos| lanes.place(vpos, scroll, 90.0, vpos - 300, &mut Half).y;
        assert_eq!([at(0), at(0), at(1000)], [0.0, 90.0, 0.0]);
    }

    /// Numbers of a linear congruential generator.
    struct Lcg(u32);
    impl Lcg {
        fn below(&mut self, limit: u32) -> u32 {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (self.0 >> 8) % limit
        }
    }
    impl Draw for Lcg {
        fn draw(&mut self) -> f64 {
            f64::from(self.below(1 << 20)) / f64::from(1 << 20)
        }
    }

    /// What it takes to place a comment, where so many are placed in 30 seconds: pieces of covers
    /// that are looked at. Their numbers are counted, not times.
    fn steps_a_comment(count: u32, longs: [i64; 3], random: &mut impl Draw) -> (f64, f64) {
        let mut numbers = Lcg(1);
        let mut fixed = FixedLanes::new(STAGE_HEIGHT);
        let mut scrolling = ScrollLanes::new(STAGE_HEIGHT);
        let mut total = (0, 0);
        for i in 0..count {
            let vpos = i64::from(i) * 3000 / i64::from(count);
            let height = [65.028, 95.529, 138.394][numbers.below(3) as usize];
            steps::take();
            fixed.place(vpos, 300, height, 0.0, random);
            total.0 += steps::take();
            let long = longs[numbers.below(3) as usize];
            let scroll = Scroll::new(f64::from(100 + numbers.below(2000)), long);
            scrolling.place(vpos, scroll, height, vpos - 350, random);
            total.1 += steps::take();
        }
        #[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
        let each = |steps: u64| steps as f64 / f64::from(count);
        (each(total.0), each(total.1))
    }

    /// Twice as dense, and no more than a quarter more steps for a comment, whether those without a
    /// lane lie anywhere or all at one place; where not all last as long, half more (twice as many if
    /// each were compared with each).
    #[test]
    fn a_place_costs_the_same_however_many_there_are() {
        let dense = |count| {
            let (one, three) = ([300; 3], [300, 400, 700]);
            [
                steps_a_comment(count, one, &mut Lcg(7)),
                steps_a_comment(count, one, &mut Half),
                steps_a_comment(count, three, &mut Lcg(7)),
                steps_a_comment(count, three, &mut Half),
            ]
        };
        let (few, many) = (dense(10_000), dense(20_000));
        let most = [1.25, 1.25, 1.5, 1.5];
        for ((few, many), most) in few.into_iter().zip(many).zip(most) {
            assert!(few.0 > 10.0 && few.1 > 10.0, "nothing was counted: {few:?}");
            assert!(
                many.0 < few.0 * 1.25 && many.1 < few.1 * most,
                "steps a fixed and a scrolling comment: {few:?}, twice as dense {many:?}"
            );
        }
    }
}
