//! What was wrong with the times of a video's frames.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Repaired frame times: how many frames of a video have no time in the file, or one that goes
/// back, and were given one. All counts are 0 for a sound file.
///
/// The rule, as `VideoFrames` (feature `video`) follows it:
///
/// - A frame without a time is shown when the frame before it ends.
/// - A time that is not after the one before it, and less than a second earlier, is moved by itself
///   to just after the one before.
/// - A time that goes back by a second or more, as where two recordings were joined, begins a new
///   part: its frame is shown when the frame before it ends, and all later times move by as much.
/// - If the first frames have no times, they count from 0, and the part that begins with the first
///   time follows them.
/// - Other times that jump ahead are taken as they are.
///
/// # Example
///
/// ```
/// use frame_features::TimeRepairs;
///
/// assert!(TimeRepairs::default().is_none());
/// let joined = TimeRepairs { missing: 0, moved: 50, jumps: 1 };
/// assert_eq!(joined.to_string(), "50 frames moved after 1 jump back");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRepairs {
    /// Frames without a time. Not counted are the last ones of a file, up to 16: some containers
    /// (AVI) leave those out as a rule.
    pub missing: usize,
    /// Frames whose time was moved.
    pub moved: usize,
    /// How often times go back by a second or more.
    pub jumps: usize,
}

impl TimeRepairs {
    /// Whether nothing was wrong.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for TimeRepairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let Self {
            missing,
            moved,
            jumps,
        } = *self;
        if missing > 0 {
            write!(f, "{missing} frame{} without a time", plural(missing))?;
        }
        if missing > 0 && moved > 0 {
            f.write_str(", ")?;
        }
        if moved > 0 {
            write!(f, "{moved} frame{} moved", plural(moved))?;
        }
        if jumps > 0 {
            write!(f, " after {jumps} jump{} back", plural(jumps))?;
        }
        if self.is_none() {
            f.write_str("no times repaired")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_repaired_is_said() {
        let text = |missing, moved, jumps| {
            TimeRepairs {
                missing,
                moved,
                jumps,
            }
            .to_string()
        };
        assert_eq!(text(0, 0, 0), "no times repaired");
        assert_eq!(text(1, 0, 0), "1 frame without a time");
        assert_eq!(
            text(49, 51, 1),
            "49 frames without a time, 51 frames moved after 1 jump back"
        );
        assert_eq!(text(0, 1, 0), "1 frame moved");
    }
}
