use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::base_split::{BaseSplit, BaseToken};
use super::candidates::Candidates;
use super::corpus::Corpus;
use super::selection::Selection;

/// How much cheaper than need be a word is, so that it comes out beside words that it was not seen
/// beside.
const MARGIN: i32 = 300;

/// What a piece of a word costs that is left over where a candidate ends within one: as an unknown
/// character or so.
const PIECE: i32 = 7_000;

/// The costs at which the chosen candidates come out where they should and not elsewhere, in the
/// order of the choice.
///
/// The dictionary's own split tells what a word has to be cheaper than: the costs of the words in
/// its place, of their connections and of those on both sides. The costs of connections are those
/// that were met in the texts.
pub(super) fn word_costs(
    corpus: &Corpus,
    base: &BaseSplit,
    candidates: &Candidates,
    selection: &Selection,
) -> Vec<i16> {
    let connections = Connections::new(base);
    let mut place_of = vec![usize::MAX; candidates.list.len()];
    for (place, chosen) in selection.chosen.iter().enumerate() {
        place_of[chosen.candidate as usize] = place;
    }
    // For each chosen candidate: below which cost it comes out, how often that counts, whether it
    // should.
    let mut limits: Vec<Vec<(i32, i64)>> = vec![Vec::new(); selection.chosen.len()];
    let mut text = 0;
    for (occurrence, &used) in candidates.occurrences.iter().zip(&selection.used) {
        let place = place_of[occurrence.candidate as usize];
        if place == usize::MAX {
            continue;
        }
        while corpus.text(text).end <= occurrence.start as usize {
            text += 1;
        }
        let weight = i64::from(corpus.weights[occurrence.start as usize]);
        let span = (occurrence.start, occurrence.start + occurrence.len);
        let (limit, whole) = connections.limit(base, base.of_text(text), span);
        if used {
            limits[place].push((limit, weight));
        } else if whole {
            limits[place].push((limit, -weight));
        }
    }
    limits.into_iter().map(best).collect()
}

/// The cost below the limits of what should come out and above those of what should not, by weight.
fn best(mut limits: Vec<(i32, i64)>) -> i16 {
    limits.sort_unstable();
    let mut right = 0;
    let mut best = (0, i32::MAX); // of what is above a cost, and the cost
    for &(limit, weight) in limits.iter().rev() {
        right += weight;
        if right >= best.0 {
            best = (right, limit);
        }
    }
    let cost = best.1.saturating_sub(MARGIN);
    let within = cost.clamp(i32::from(i16::MIN), i32::from(i16::MAX));
    i16::try_from(within).unwrap_or(i16::MAX)
}

/// The costs of connections from a right id to a left id.
struct Connections {
    costs: HashMap<(u16, u16), i32, RandomState>,
    /// What a connection costs that was not met.
    usual: i32,
}

impl Connections {
    fn new(base: &BaseSplit) -> Self {
        let mut costs = HashMap::default();
        for number in 0..base.starts.len() - 1 {
            let mut before = (0, 0); // the beginning of a text
            for token in base.of_text(number) {
                let (right_id, total) = before;
                let cost = token.total_cost - i32::from(token.word_cost) - total;
                costs.insert((right_id, token.left_id), cost);
                before = (token.right_id, token.total_cost);
            }
        }
        let (_, left, right) = base.noun;
        let mut of_nouns: Vec<i32> = costs
            .iter()
            .filter(|((from, to), _)| *from == right || *to == left)
            .map(|(_, &cost)| cost)
            .collect();
        of_nouns.sort_unstable();
        let usual = of_nouns.get(of_nouns.len() / 2).copied().unwrap_or(0);
        Self { costs, usual }
    }

    fn cost(&self, right_id: u16, left_id: u16) -> i32 {
        self.costs
            .get(&(right_id, left_id))
            .copied()
            .unwrap_or(self.usual)
    }

    /// The cost below which a noun comes out there, and whether words begin and end where it does.
    fn limit(
        &self,
        base: &BaseSplit,
        tokens: &[BaseToken],
        (start, end): (u32, u32),
    ) -> (i32, bool) {
        let (_, left_id, right_id) = base.noun;
        let first = tokens.partition_point(|token| token.end <= start);
        let after = tokens.partition_point(|token| token.start < end);
        let (Some(first_token), Some(last)) = (
            tokens.get(first),
            after.checked_sub(1).and_then(|at| tokens.get(at)),
        ) else {
            return (0, false);
        };
        let before = first.checked_sub(1).map(|at| &tokens[at]);
        let (right_before, total_before) =
            before.map_or((0, 0), |token| (token.right_id, token.total_cost));
        let mut limit = last.total_cost - total_before - self.cost(right_before, left_id);
        if let Some(next) = tokens.get(after) {
            limit += self.cost(last.right_id, next.left_id) - self.cost(right_id, next.left_id);
        }
        let mut whole = true;
        for left_over in [first_token.start < start, last.end > end] {
            if left_over {
                limit -= PIECE;
                whole = false;
            }
        }
        (limit, whole)
    }
}
