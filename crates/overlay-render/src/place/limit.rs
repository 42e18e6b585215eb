//! Which comments a limit of comments at once leaves, and when.

use std::collections::{BTreeMap, BTreeSet};

use super::placed::PlacedComment;

/// From the first time to before the second, in centiseconds.
pub(crate) type Span = (i64, i64);

/// When each comment is shown where only the newest `limit` of those that are there are; of those
/// that never are, nothing. Banners do not count.
pub(super) fn shown(comments: &[PlacedComment], limit: usize) -> Vec<Vec<Span>> {
    let mut edges = Vec::new();
    for comment in comments {
        if comment.is_drawn() && !comment.banner {
            let (begin, end) = comment.listed();
            edges.push((comment.clamped_vpos() + begin, true, comment.index));
            edges.push((comment.clamped_vpos() + end, false, comment.index));
        }
    }
    edges.sort_unstable(); // at one time ends come before beginnings
    let mut spans = vec![Vec::new(); comments.len()];
    let mut shown: BTreeMap<usize, i64> = BTreeMap::new(); // since when
    let mut waiting = BTreeSet::new();
    let mut close = |index: usize, span: Span| {
        if span.0 < span.1 {
            spans[index].push(span);
        }
    };
    for (time, begins, index) in edges {
        if begins {
            shown.insert(index, time);
            if shown.len() > limit
                && let Some((oldest, since)) = shown.pop_first()
            {
                close(oldest, (since, time));
                waiting.insert(oldest);
            }
        } else if let Some(since) = shown.remove(&index) {
            close(index, (since, time));
            if let Some(newest) = waiting.pop_last() {
                shown.insert(newest, time);
            }
        } else {
            waiting.remove(&index);
        }
    }
    spans
}
