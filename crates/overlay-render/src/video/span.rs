//! The part of a video that is written.

use std::ops::Range;

use ffmpeg_next::Rational;

use super::stream_info::Chapter;
use super::time::{offset, ratio};
use crate::error::Error;

/// A stretch of time in seconds from the start of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: f64,
    pub(super) end: f64,
}

impl Span {
    /// Times that are this near are the same, in seconds: people round what they type.
    pub(super) const SAME: f64 = 0.5e-3;

    pub(super) fn new(seconds: &Range<f64>) -> Result<Self, Error> {
        let Range { start, end } = *seconds;
        if start >= 0.0 && start.is_finite() && end > start {
            Ok(Self { start, end })
        } else {
            Err(Error::Span { start, end })
        }
    }

    /// Whether it is the whole of any video.
    pub(super) fn is_all(self) -> bool {
        self.start <= 0.0 && self.end == f64::INFINITY
    }

    /// Whether a frame at `time` lies in it: each frame lies in one of two spans that meet.
    pub(super) fn has(self, time: f64) -> bool {
        self.start <= 0.0 && time < 0.0 || (time >= self.start - Self::SAME && !self.is_past(time))
    }

    /// Whether everything from `time` on comes too late.
    pub(super) fn is_past(self, time: f64) -> bool {
        time >= self.end - Self::SAME
    }

    /// Whether something from `time` on that lasts `lasting` is heard or seen in it.
    pub(super) fn touches(self, time: f64, lasting: f64) -> bool {
        time < self.end && (time + lasting.max(0.0) > self.start || self.has(time))
    }

    /// What a time of the file becomes, in its own unit.
    pub(super) fn moved(self, time: i64, time_base: Rational) -> i64 {
        time.saturating_sub(offset(self.start, time_base))
    }

    /// A chapter as far as it lies in the span.
    #[expect(
        clippy::cast_precision_loss,
        reason = "times of a video are far below 2⁵³"
    )]
    pub(super) fn cut(self, chapter: &Chapter) -> Option<(i64, i64)> {
        let unit = ratio(chapter.time_base);
        let (start, end) = (chapter.start as f64 * unit, chapter.end as f64 * unit);
        if !self.touches(start, end - start) {
            return None;
        }
        let start = self.moved(chapter.start, chapter.time_base).max(0);
        let mut end = self.moved(chapter.end, chapter.time_base).max(start);
        if self.end.is_finite() {
            end = end.min(offset(self.end - self.start, chapter.time_base));
        }
        Some((start, end.max(start)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_meet_share_no_frame() {
        let (a, b) = (
            Span::new(&(0.0..1.001)).unwrap(),
            Span::new(&(1.001..2.0)).unwrap(),
        );
        for frame in 0..90 {
            let time = f64::from(frame) * 1001.0 / 30000.0;
            assert_eq!(
                u8::from(a.has(time)) + u8::from(b.has(time)),
                u8::from(time < 1.9995),
                "{time}"
            );
        }
        assert!(a.has(-0.02)); // a video whose first frame lies before its file's start
    }

    #[test]
    fn chapters_are_cut_and_moved() {
        let chapter = |start, end| Chapter {
            id: 1,
            time_base: Rational(1, 1000),
            start,
            end,
            title: String::new(),
        };
        let span = Span::new(&(2.0..5.0)).unwrap();
        assert_eq!(span.cut(&chapter(1000, 3000)), Some((0, 1000)));
        assert_eq!(span.cut(&chapter(3000, 9000)), Some((1000, 3000)));
        assert_eq!(span.cut(&chapter(0, 1000)), None);
        assert_eq!(span.cut(&chapter(6000, 7000)), None);
    }

    #[test]
    fn spans_without_length_are_refused() {
        for seconds in [3.0..3.0, 3.0..1.0, -1.0..3.0, f64::NAN..3.0, 0.0..f64::NAN] {
            assert!(Span::new(&seconds).is_err(), "{seconds:?}");
        }
    }
}
