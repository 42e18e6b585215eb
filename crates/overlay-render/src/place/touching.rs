//! Which scrolling comments of other durations are in the way of one:
//! `docs/spec/comment-layout.md`, section 9.4.
//!
//! Comments of one duration keep their order, so that looking at two lines of the stage is enough
//! for them. Those of another duration overtake or are overtaken: each that comes near enough is in
//! the way with all of its height. Here those of one duration stand in trees, in the order in which
//! they were placed; what no comment of a branch can do (be there, be near enough, lie where others
//! leave room) is passed over with the whole branch.

use std::collections::{BTreeMap, VecDeque};

use super::cover::Cover;
use super::envelope::{Envelope, Line};
use super::motion::{LEFT_PROBE, MARGIN, RIGHT_PROBE, Scroll, real};
use super::occupancy::Heights;

/// First and last whole time.
pub(super) type Times = (i64, i64);

/// A scrolling comment, as one of another duration looks for it.
#[derive(Debug)]
pub(super) struct ScrollItem {
    pub(super) heights: Heights,
    /// Its place in the order in which comments are placed.
    pub(super) number: u32,
    pub(super) vpos: i64,
    pub(super) scroll: Scroll,
    pub(super) listed: Times,
    /// The times between which others are compared with it.
    pub(super) window: (f64, f64),
}

impl ScrollItem {
    pub(super) fn new(vpos: i64, scroll: Scroll) -> Self {
        let (from, to) = scroll.probe_window();
        Self {
            heights: (0.0, 0.0),
            number: 0,
            vpos,
            scroll,
            listed: shifted(scroll.listed(), vpos),
            window: (from + real(vpos), to + real(vpos)),
        }
    }

    /// When it is over the probes: right and left.
    pub(super) fn over(&self, margin: f64) -> [Times; 2] {
        [RIGHT_PROBE, LEFT_PROBE].map(|probe| shifted(self.scroll.over(probe, margin), self.vpos))
    }

    /// The second in which it is listed first.
    fn bucket(&self) -> i64 {
        self.listed.0.div_euclid(100)
    }

    /// Its left edge at a time.
    fn left(&self, time: f64) -> f64 {
        self.scroll.x(time - real(self.vpos))
    }

    /// Its right edge, over times that count from `base` on.
    fn right(&self, base: f64) -> Line {
        let (scroll, vpos) = (&self.scroll, real(self.vpos) - base);
        Line {
            slope: -scroll.speed,
            at_zero: scroll.x(-vpos) + scroll.width,
        }
    }
}

fn shifted((first, last): Times, by: i64) -> Times {
    (first + by, last + by)
}

/// Whether a comment of another duration comes near enough while both are between the probes.
fn touches(own: &ScrollItem, item: &ScrollItem) -> bool {
    let (p, q) = (
        own.window.0.max(item.window.0),
        own.window.1.min(item.window.1),
    );
    if p >= q || item.scroll.long == own.scroll.long {
        return false;
    }
    let ahead = |t: f64| {
        (t - real(own.vpos) + 100.0) * own.scroll.speed
            - (t - real(item.vpos) + 100.0) * item.scroll.speed
    };
    let (a, b) = (ahead(p), ahead(q));
    a.min(b) <= own.scroll.width + MARGIN && a.max(b) >= -(item.scroll.width + MARGIN)
}

/// The lower edges of comments, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Bottoms(Vec<f64>);

impl Bottoms {
    /// Adds one, and gives its number.
    pub(super) fn add(&mut self, bottom: f64) -> u32 {
        let number = self.next();
        self.0.push(bottom);
        number
    }

    /// The number of the next one.
    fn next(&self) -> u32 {
        u32::try_from(self.0.len()).expect("comments are fewer than 2³²")
    }

    pub(super) fn of(&self, comment: u32) -> f64 {
        self.0[comment as usize]
    }
}

/// Comments of other durations that are in the way of one, in the order in which they are looked at:
/// those that are listed no later than in the comment's first second as they were placed, then later
/// ones second by second.
///
/// What is looked for are the first ones between two heights that are at least as far apart as the
/// comment is high. So one is passed over that lies in gaps between those before it that are lower
/// than that: wherever it is in the way, one of them is.
#[derive(Debug)]
pub(super) struct Touching {
    stage: f64, // its height
    height: f64,
    cover: Cover,
    bottoms: Bottoms,
}

impl Touching {
    fn new(stage: f64, height: f64) -> Self {
        Self {
            stage,
            height,
            cover: Cover::default(),
            bottoms: Bottoms::default(),
        }
    }

    /// Adds a comment, and says whether it matters behind those before it.
    fn add(&mut self, (top, bottom): Heights) -> bool {
        let number = self.bottoms.next();
        let matters = self.has_room((top, bottom)) && self.cover.take(top, bottom, number);
        if matters {
            self.bottoms.add(bottom);
        }
        matters
    }

    /// Whether a comment between two heights would matter.
    fn has_room(&self, heights: Heights) -> bool {
        self.cover.has_room(heights, self.height, self.stage)
    }

    fn is_full(&self) -> bool {
        !self.has_room((0.0, self.stage))
    }

    /// The lower edge of the first one between two heights, which are at least as far apart as the
    /// comment is high.
    pub(super) fn first(&self, (top, bottom): Heights) -> Option<f64> {
        Some(self.bottoms.of(self.cover.first(top, bottom)?))
    }
}

/// The scrolling comments that were placed, by their durations.
#[derive(Debug, Default)]
pub(super) struct Crowds(BTreeMap<i64, Crowd>);

impl Crowds {
    /// Adds a comment behind the others.
    pub(super) fn add(&mut self, item: ScrollItem) {
        self.0.entry(item.scroll.long).or_default().add(item);
    }

    /// Forgets comments that are over before a time that is not looked at again.
    pub(super) fn forget_before(&mut self, time: i64) {
        for crowd in self.0.values_mut() {
            crowd.forget_before(real(time));
        }
    }

    /// The comments of other durations that touch one of some height, on a stage of some height.
    pub(super) fn touching(&self, own: &ScrollItem, height: f64, stage: f64) -> Touching {
        let others = self.0.iter().filter(|(long, _)| **long != own.scroll.long);
        let mut seen: Vec<(i64, u32, Heights)> = Vec::new(); // in each crowd by itself
        for (_, crowd) in others {
            crowd.seen_by(own, Touching::new(stage, height), &mut seen);
        }
        seen.sort_unstable_by_key(|&(bucket, number, _)| (bucket, number));
        let mut found = Touching::new(stage, height);
        for (_, _, heights) in seen {
            if found.add(heights) && found.is_full() {
                break;
            }
        }
        found
    }
}

/// Comments of one duration, in the order in which they were placed.
#[derive(Debug, Default)]
struct Crowd(VecDeque<Group>);

impl Crowd {
    fn add(&mut self, item: ScrollItem) {
        if self.0.back().is_none_or(Group::is_full) {
            self.0.push_back(Group::default());
        }
        if let Some(group) = self.0.back_mut() {
            group.add(item);
        }
    }

    fn forget_before(&mut self, time: f64) {
        while self.0.len() > 1 && self.0[0].end <= time {
            self.0.pop_front();
        }
    }

    /// Appends the comments that touch one and matter behind the others of the crowd, each with the
    /// second that orders it: the first one for all that are not listed later.
    fn seen_by(&self, own: &ScrollItem, found: Touching, seen: &mut Vec<(i64, u32, Heights)>) {
        let start = own.bucket();
        let mut look = Look {
            own,
            buckets: (i64::MIN, start),
            found,
            seen,
        };
        look.groups(&self.0);
        // A comment is listed before its vpos, and none that was placed has a later one; on a live
        // stage none is listed later, but for those that wait for others of their duration.
        for bucket in start + 1..=own.vpos.div_euclid(100) {
            if look.found.is_full() {
                break;
            }
            look.buckets = (bucket, bucket);
            look.groups(&self.0);
        }
    }
}

/// Comments that share a node of the lowest level.
const LEAF: usize = 16;
/// Comments after which a new group begins: what is over is forgotten by groups.
const GROUP: usize = LEAF << 12;

/// Comments of one duration that were placed one after the other, with a tree over them.
#[derive(Debug)]
struct Group {
    items: Vec<ScrollItem>,
    /// Nodes over [`LEAF`], 2 [`LEAF`], 4 [`LEAF`], … comments.
    levels: Vec<Vec<Node>>,
    /// When the last one's window ends.
    end: f64,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            levels: Vec::new(),
            end: f64::NEG_INFINITY,
        }
    }
}

impl Group {
    /// The time that envelopes count from.
    fn base(&self) -> f64 {
        self.items.first().map_or(0.0, |item| real(item.vpos))
    }

    fn is_full(&self) -> bool {
        self.items.len() == GROUP
    }

    fn add(&mut self, item: ScrollItem) {
        self.end = self.end.max(item.window.1);
        self.items.push(item);
        if !self.items.len().is_multiple_of(LEAF) {
            return;
        }
        let mut node = Node::of(&self.items[self.items.len() - LEAF..], self.base());
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(node);
            match nodes.as_slice() {
                [.., left, right] if nodes.len().is_multiple_of(2) => {
                    node = Node::over(left, right);
                }
                _ => break,
            }
        }
    }
}

/// A search of a crowd.
struct Look<'a> {
    own: &'a ScrollItem,
    /// The first and the last second in which those are listed first that are looked for.
    buckets: (i64, i64),
    found: Touching,
    seen: &'a mut Vec<(i64, u32, Heights)>,
}

impl Look<'_> {
    fn groups(&mut self, groups: &VecDeque<Group>) {
        for group in groups.iter().filter(|group| group.end > self.own.window.0) {
            let mut done = 0;
            for level in (0..group.levels.len()).rev() {
                let size = LEAF << level;
                for index in done / size..group.levels[level].len() {
                    self.node(group, level, index);
                    done = (index + 1) * size;
                }
            }
            self.items(&group.items[done..]);
        }
    }

    fn node(&mut self, group: &Group, level: usize, index: usize) {
        #[cfg(test)]
        super::cover::steps::count();
        let node = &group.levels[level][index];
        let may_touch = node.may_touch(self.own, group.base(), self.buckets);
        if !may_touch || !node.spans.iter().any(|&span| self.found.has_room(span)) {
            return;
        }
        match level.checked_sub(1) {
            Some(below) => {
                self.node(group, below, index * 2);
                self.node(group, below, index * 2 + 1);
            }
            None => self.items(&group.items[index * LEAF..(index + 1) * LEAF]),
        }
    }

    fn items(&mut self, items: &[ScrollItem]) {
        for item in items {
            #[cfg(test)]
            super::cover::steps::count();
            let bucket = item.bucket();
            let is_asked = self.buckets.0 <= bucket && bucket <= self.buckets.1;
            if is_asked && touches(self.own, item) && self.found.add(item.heights) {
                let order = bucket.max(self.own.bucket());
                self.seen.push((order, item.number, item.heights));
            }
        }
    }
}

/// Most spans of heights that a node tells apart.
const MAX_SPANS: usize = 16;

/// What is known of neighbouring comments of a crowd together.
#[derive(Debug)]
struct Node {
    /// Where the windows begin, first and last, and where the last one ends.
    begin: (f64, f64),
    end: f64,
    /// The seconds in which they are listed first.
    buckets: (i64, i64),
    /// The farthest right edge at each time, which counts from the crowd's base on.
    right: Envelope,
    /// The farthest right edge with which one's window ends.
    right_at_end: f64,
    /// Their heights together, from the top down.
    spans: Vec<Heights>,
}

impl Node {
    fn of(items: &[ScrollItem], base: f64) -> Self {
        let least = |of: fn(&ScrollItem) -> f64| items.iter().map(of).fold(f64::INFINITY, f64::min);
        let most =
            |of: fn(&ScrollItem) -> f64| items.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let buckets = items.iter().map(ScrollItem::bucket);
        Self {
            begin: (least(|item| item.window.0), most(|item| item.window.0)),
            end: most(|item| item.window.1),
            buckets: (
                buckets.clone().min().unwrap_or(0),
                buckets.max().unwrap_or(0),
            ),
            right: Envelope::of(items.iter().map(|item| item.right(base)).collect()),
            right_at_end: most(|item| item.left(item.window.1) + item.scroll.width),
            spans: joined(items.iter().map(|item| item.heights).collect()),
        }
    }

    fn over(left: &Self, right: &Self) -> Self {
        let spans = left.spans.iter().chain(&right.spans).copied();
        Self {
            begin: (
                left.begin.0.min(right.begin.0),
                left.begin.1.max(right.begin.1),
            ),
            end: left.end.max(right.end),
            buckets: (
                left.buckets.0.min(right.buckets.0),
                left.buckets.1.max(right.buckets.1),
            ),
            right: left.right.joined(&right.right),
            right_at_end: left.right_at_end.max(right.right_at_end),
            spans: joined(spans.collect()),
        }
    }

    /// Whether one of the comments may touch another; if not, none does.
    ///
    /// [`touches`] asks when both are between the probes, from p to q, whether the other's left edge
    /// and the comment's right edge meet. Both move evenly, so they do at p or at q or not at all.
    fn may_touch(&self, own: &ScrollItem, base: f64, buckets: Times) -> bool {
        let (from, to) = own.window;
        if self.buckets.1 < buckets.0 || buckets.1 < self.buckets.0 {
            return false;
        }
        if self.begin.0 >= to || self.end <= from {
            return false;
        }
        let meets = |right: f64, time: f64| {
            // Sums of large times are rounded: nearer than that nothing is decided here.
            let own_size = own.scroll.speed * (time.abs() + base.abs());
            let rounding = 1.0 + 1e-14 * (self.right.magnitude(time, base) + own_size);
            right + MARGIN + rounding >= own.left(time)
        };
        let at = |time: f64| meets(self.right.at(time - base), time);
        // p is the comment's own beginning, where another comment comes in behind it; or
        self.begin.1 > from
            || at(from)
            // q is the end of one of these; or
            || meets(self.right_at_end, self.end.min(to))
            // q is the comment's own end.
            || (self.end > to && at(to))
    }
}

/// Heights together, from the top down: exact up to [`MAX_SPANS`] of them, from the first to the
/// last beyond.
fn joined(mut heights: Vec<Heights>) -> Vec<Heights> {
    heights.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let mut spans: Vec<Heights> = Vec::new();
    for (top, bottom) in heights {
        match spans.last_mut() {
            Some(last) if top <= last.1 => last.1 = last.1.max(bottom),
            _ => spans.push((top, bottom)),
        }
    }
    if let (true, Some(first), Some(last)) = (spans.len() > MAX_SPANS, spans.first(), spans.last())
    {
        spans = vec![(first.0, last.1)];
    }
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::stage::STAGE_HEIGHT;
    use super::*;

    /// Against the plain way: to ask every comment.
    fn slowly(items: &[(ScrollItem, i64)], own: &ScrollItem) -> Touching {
        let mut all: Vec<&ScrollItem> = items.iter().map(|(item, _)| item).collect();
        all.retain(|item| touches(own, item));
        all.sort_by_key(|item| (item.bucket().max(own.bucket()), item.number));
        let mut found = Touching::new(STAGE_HEIGHT, 0.0);
        for item in all {
            found.add(item.heights);
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        /// Comments of few and of many durations, sparse and dense, near time 0 and far from it, one
        /// after the other: each finds what a search of all finds.
        #[test]
        fn a_search_of_all_finds_the_same(
            comments in prop::collection::vec(
                (0_i64..40, 0_u16..3000, 0_usize..6, 0_u16..990), 1..300,
            ),
            begin in prop::sample::select(vec![0_i64, -5_000, 1_000_000_000_000]),
            longs in prop::sample::select(vec![
                [300, 300, 300, 300, 300, 500], [100, 200, 300, 400, 500, 600],
                [1, 30, 300, 3_000, 12_000, 12_000],
            ]),
        ) {
            let mut crowds = Crowds::default();
            let mut items: Vec<(ScrollItem, i64)> = Vec::new();
            let mut vpos = begin;
            for (number, (later, width, long, top)) in comments.into_iter().enumerate() {
                vpos += later * later / 100; // many at the same time
                let scroll = Scroll::new(f64::from(width), longs[long]);
                let item = || {
                    let top = f64::from(top);
                    ScrollItem {
                        heights: (top, top + 60.0 + f64::from(width % 3) * 10.5),
                        number: u32::try_from(number).unwrap(),
                        ..ScrollItem::new(vpos, scroll)
                    }
                };
                let own = item();
                let slow = slowly(&items, &own);
                for height in [5.0, 60.0, 95.5] {
                    let fast = crowds.touching(&own, height, STAGE_HEIGHT);
                    for top in 0..108 {
                        let top = f64::from(top) * 10.0;
                        for height in [height, height + 20.5].into_iter() {
                            let heights = (top, top + height);
                            if heights.1 <= STAGE_HEIGHT {
                                prop_assert_eq!(fast.first(heights), slow.first(heights));
                            }
                        }
                    }
                }
                crowds.add(item());
                items.push((own, vpos));
            }
        }
    }

    #[test]
    fn heights_are_joined() {
        let heights = vec![(5.0, 9.0), (0.0, 2.0), (2.0, 3.0), (8.0, 12.0)];
        assert_eq!(joined(heights), [(0.0, 3.0), (5.0, 12.0)]);
        let many = (0..20).map(|at| (f64::from(at) * 10.0, f64::from(at) * 10.0 + 1.0));
        assert_eq!(joined(many.collect()), [(0.0, 191.0)]);
    }
}
