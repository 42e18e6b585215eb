//! Counts of spans of an episode.

use crate::stream::Episode;

/// A second, milliseconds.
pub(super) const SECOND: i64 = 1_000;
/// The span that forecasts are judged on, milliseconds.
pub(super) const SPAN: i64 = 5 * SECOND;
/// Forecasts are judged from here on: before, there is hardly any past.
const FROM: i64 = 30 * SECOND;
/// And until this long before the episode's end, where many viewers leave.
const BEFORE_END: i64 = 30 * SECOND;
/// The share of comments that an episode's end is told by: a few are written after the video.
const STRAYS: usize = 200;

/// Comments in a span of an episode.
pub(super) fn count(episode: &Episode, from: i64, length: i64) -> f64 {
    episode.within(from..from.saturating_add(length)).len() as f64
}

/// When an episode ends: when all but one in two hundred of its comments have appeared. 0 without
/// any.
pub(super) fn end(episode: &Episode) -> i64 {
    let Some(last) = episode.len().checked_sub(1) else {
        return 0;
    };
    episode.comment(last - last / STRAYS).millis.max(0)
}

/// The moments at whole `step`s from the beginning to the last one whose next `length` is within
/// the episode.
pub(super) fn moments(
    episode: &Episode,
    length: i64,
    step: i64,
) -> impl Iterator<Item = i64> + use<> {
    let last = end(episode) - length;
    (0..)
        .map(move |at: i64| at * step)
        .take_while(move |at| *at <= last)
}

/// The beginnings of the spans that forecasts are judged on.
pub(super) fn judged_spans(episode: &Episode) -> Vec<i64> {
    let last = end(episode) - BEFORE_END - SPAN;
    moments(episode, SPAN, SPAN)
        .filter(|from| (FROM..=last).contains(from))
        .collect()
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::Dialogue;

    /// A comment at each tenth of a second of 100 s, and one at 500 s.
    #[test]
    fn spans_end_with_the_video_and_not_with_a_stray() {
        let times = (0..1_000).map(|at| at * 10).chain([50_000]);
        let comments = times.map(|time| Comment::new(Vpos(time), "w"));
        let episode = Episode::new("a", comments, Dialogue::default());
        assert_eq!(end(&episode), 99_500); // five of 1,001 come later
        assert_eq!(count(&episode, 10_000, SPAN), 50.0);
        assert_eq!(
            judged_spans(&episode),
            [30_000, 35_000, 40_000, 45_000, 50_000, 55_000, 60_000]
        );
        assert_eq!(
            moments(&episode, SPAN, 40_000).collect::<Vec<_>>(),
            [0, 40_000, 80_000]
        );
        let empty = Episode::new("a", [], Dialogue::default());
        assert_eq!((end(&empty), judged_spans(&empty).len()), (0, 0));
    }
}
