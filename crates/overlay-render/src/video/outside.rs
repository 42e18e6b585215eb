//! Comments that nobody sees.

use crate::place::Layout;

/// How many comments a layout shows, and how many of them outside a video of `seconds`.
pub(super) fn comments_outside(layout: &Layout, seconds: f64) -> (usize, usize) {
    let seen = layout
        .comments()
        .iter()
        .filter(|comment| !comment.invisible && !comment.blank);
    seen.fold((0, 0), |(all, outside), comment| {
        let (begin, end) = comment.shown();
        let is_outside = end <= 0.0 || begin >= seconds * 100.0;
        (all + 1, outside + usize::from(is_outside))
    })
}
