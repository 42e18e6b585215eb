use std::{collections::HashMap, hash::Hash};

/// How often each run of `n` words occurs.
pub(crate) fn count<W: Eq + Hash>(words: &[W], n: usize) -> HashMap<&[W], usize> {
    let mut counts = HashMap::new();
    for run in words.windows(n.max(1)) {
        *counts.entry(run).or_insert(0) += 1;
    }
    counts
}
