//! Which comments stay where too many are there at once.

use std::cmp::Reverse;

use super::placed::PlacedComment;
use super::stage::{STAGE_HEIGHT, STAGE_WIDTH};

/// Sums of areas are compared with this much more, for rounding.
const ROUNDING: f64 = 1e-9;

/// Makes comments invisible until those of each time together take at most `density` of the area
/// that comments are in. The better ones stay: those with more nicoru, of equal ones those with the
/// higher NG score, of equal ones the earlier. Owners' and banners always do, and take their share
/// first. `merits` gives nicoru and score by [`PlacedComment::src`]. The time for a comment grows with the logarithm of their number.
pub(super) fn thin(
    placed: &mut [PlacedComment],
    merits: impl Fn(usize) -> (i64, i64),
    density: f64,
) {
    let mut order: Vec<usize> = (0..placed.len())
        .filter(|&index| placed[index].is_drawn())
        .collect();
    order.sort_by_key(|&index| {
        let (nicoru, score) = merits(placed[index].src);
        let is_kept = is_always_kept(&placed[index]);
        (!is_kept, Reverse(nicoru), Reverse(score), index)
    });
    let span = |comment: &PlacedComment| {
        let (begin, end) = comment.listed();
        (comment.clamped_vpos() + begin, comment.clamped_vpos() + end)
    };
    let spans = order.iter().map(|&index| span(&placed[index]));
    let mut times: Vec<i64> = spans.flat_map(|(begin, end)| [begin, end]).collect();
    times.sort_unstable();
    times.dedup();
    let mut load = Load::new(times.len());
    for index in order {
        let comment = &mut placed[index];
        let (begin, end) = span(comment);
        let at = |time: i64| times.partition_point(|&other| other < time);
        let (from, to) = (at(begin), at(end));
        let share = share(comment);
        if !is_always_kept(comment) && load.most(from, to) + share > density + ROUNDING {
            comment.thinned = true;
            comment.invisible = true;
        } else {
            load.add(from, to, share);
        }
    }
}

fn is_always_kept(comment: &PlacedComment) -> bool {
    comment.owner || comment.banner
}

/// How much of the area that comments are in a comment's box takes.
fn share(comment: &PlacedComment) -> f64 {
    let floor = f64::from(comment.floor);
    let height = comment.height.min(floor) / floor.min(STAGE_HEIGHT);
    comment.width.min(STAGE_WIDTH) / STAGE_WIDTH * height
}

/// A sum for each of a row of places: a tree of which every node knows the most of its part.
struct Load {
    size: usize, // places, a power of two
    /// What was added to all of a node's places at once, and the most of them with that.
    nodes: Vec<(f64, f64)>,
}

impl Load {
    fn new(places: usize) -> Self {
        let size = places.next_power_of_two();
        Self {
            size,
            nodes: vec![(0.0, 0.0); 2 * size],
        }
    }

    /// Adds to the places from the first to before the second.
    fn add(&mut self, from: usize, to: usize, amount: f64) {
        if from < to {
            self.add_in(1, (0, self.size), (from, to), amount);
        }
    }

    fn add_in(&mut self, node: usize, own: (usize, usize), span: (usize, usize), amount: f64) {
        if span.1 <= own.0 || own.1 <= span.0 {
            return;
        }
        if span.0 <= own.0 && own.1 <= span.1 {
            self.nodes[node].0 += amount;
            self.nodes[node].1 += amount;
            return;
        }
        let middle = own.0.midpoint(own.1);
        self.add_in(2 * node, (own.0, middle), span, amount);
        self.add_in(2 * node + 1, (middle, own.1), span, amount);
        let most = self.nodes[2 * node].1.max(self.nodes[2 * node + 1].1);
        self.nodes[node].1 = self.nodes[node].0 + most;
    }

    /// The most of the places from the first to before the second; 0 of none.
    fn most(&self, from: usize, to: usize) -> f64 {
        if from < to {
            self.most_in(1, (0, self.size), (from, to))
        } else {
            0.0
        }
    }

    fn most_in(&self, node: usize, own: (usize, usize), span: (usize, usize)) -> f64 {
        if span.1 <= own.0 || own.1 <= span.0 {
            return 0.0;
        }
        if span.0 <= own.0 && own.1 <= span.1 {
            return self.nodes[node].1;
        }
        let middle = own.0.midpoint(own.1);
        let below = self
            .most_in(2 * node, (own.0, middle), span)
            .max(self.most_in(2 * node + 1, (middle, own.1), span));
        self.nodes[node].0 + below
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against the plain way: to add to each place.
        #[test]
        fn a_tree_knows_the_most(
            adds in prop::collection::vec((0_usize..40, 0_usize..40, 0_u8..10), 1..60),
        ) {
            let mut load = Load::new(40);
            let mut plain = [0.0_f64; 40];
            for (from, to, amount) in adds {
                let amount = f64::from(amount);
                let most = plain.iter().take(to).skip(from).copied().fold(0.0, f64::max);
                prop_assert_eq!(load.most(from, to), most);
                load.add(from, to, amount);
                let span = plain.iter_mut().take(to).skip(from);
                span.for_each(|sum| *sum += amount);
            }
        }
    }
}
