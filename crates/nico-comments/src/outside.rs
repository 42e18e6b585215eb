use std::fmt;

use crate::Vpos;

/// How many comments lie outside their video, which says that they are of another one, or that
/// their times count from something else (the beginning of a broadcast).
///
/// ```
/// use nico_comments::{OutsideVideo, Vpos};
///
/// let outside = OutsideVideo::count([Vpos(120), Vpos(1_440_000), Vpos(1_440_100)], 30.0);
/// assert_eq!((outside.outside, outside.comments), (2, 3));
/// let warning = outside.warning().expect("most of them");
/// assert_eq!(warning, "2 of 3 comments lie outside the video of 30 s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct OutsideVideo {
    /// Comments before the beginning and behind the end.
    pub outside: u64,
    /// All comments.
    pub comments: u64,
    /// Length of the video in seconds.
    pub duration: f64,
}

/// Share of comments outside from which on a warning is due: a few stray ones are in most files.
const MANY: f64 = 0.1;

impl OutsideVideo {
    /// Counts the positions that a video of `duration` seconds does not have.
    #[must_use]
    pub fn count(positions: impl IntoIterator<Item = Vpos>, duration: f64) -> Self {
        let end = Vpos::from_secs_f64(duration);
        let mut count = Self {
            outside: 0,
            comments: 0,
            duration,
        };
        for vpos in positions {
            count.comments += 1;
            count.outside += u64::from(vpos < Vpos(0) || vpos > end);
        }
        count
    }

    /// A line for people, if there are no comments or a tenth of them or more lies outside.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let is_due = self.comments == 0 || self.outside as f64 >= MANY * self.comments as f64;
        is_due.then(|| self.to_string())
    }
}

/// A line for people.
impl fmt::Display for OutsideVideo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            outside,
            comments,
            duration,
        } = self;
        if *comments == 0 {
            return f.write_str("no comments");
        }
        // Hundredths, as far as there are some.
        let seconds = (duration * 100.0).round() / 100.0;
        write!(
            f,
            "{outside} of {comments} comments lie outside the video of {seconds} s"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_stray_ones_are_usual() {
        let inside = (0..100).map(|n| Vpos(n * 10));
        let outside = OutsideVideo::count(inside.chain([Vpos(-1), Vpos(1_001)]), 10.0);
        assert_eq!((outside.outside, outside.warning()), (2, None));
        let none = OutsideVideo::count([], 10.0);
        assert_eq!(none.warning().as_deref(), Some("no comments"));
        assert_eq!(OutsideVideo::count([Vpos(1_000)], 10.0).outside, 0);
    }
}
