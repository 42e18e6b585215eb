//! Choosing from lists.

use rand::{Rng, RngExt};

/// An item of a list in order of popularity: the share falls with the rank, as in Zipf's law.
pub(super) fn any<'a>(random: &mut impl Rng, list: &[&'a str]) -> &'a str {
    let weight = |rank: usize| 1.0 / (to_f64(rank) + 2.0);
    let total: f64 = (0..list.len()).map(weight).sum();
    let mut at = random.random_range(0.0..1.0) * total;
    for (rank, item) in list.iter().enumerate() {
        at -= weight(rank);
        if at < 0.0 {
            return item;
        }
    }
    list.last().copied().unwrap_or("")
}

#[expect(clippy::cast_precision_loss, reason = "ranks are small")]
fn to_f64(rank: usize) -> f64 {
    rank as f64
}
