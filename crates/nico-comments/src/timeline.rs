use crate::{Comment, Vpos};

/// The frames of a video in time: which frame a [`Vpos`] belongs to, and when a frame is shown.
///
/// Made from a constant rate as a fraction, so that 29.97 fps (30000/1001) is exact over any length, or from the time of each
/// frame. A timeline has at least one frame.
///
/// ```
/// use nico_comments::{Timeline, Vpos};
///
/// // 24 minutes at 29.97 fps
/// let timeline = Timeline::constant(30_000, 1001, 42_469)?;
/// assert_eq!(timeline.frame_at(Vpos(35_140)), 10_531);
/// assert_eq!(timeline.minutes_seconds(10_531), "5:51");
/// // A comment from beyond the end goes to the last frame, or to none.
/// assert_eq!(timeline.frame_at(Vpos(200_000)), 42_468);
/// assert_eq!(timeline.frame_within(Vpos(200_000)), None);
/// # Ok::<(), nico_comments::TimelineError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    times: Times,
}

#[derive(Clone, Debug, PartialEq)]
enum Times {
    /// `num / den` frames a second.
    Constant { num: u32, den: u32, frames: usize },
    /// The start of each frame and the end of the last, in microseconds, ascending.
    Variable { starts: Vec<i64>, end: i64 },
}

/// Why there is no such timeline.
///
/// ```
/// # use nico_comments::{Timeline, TimelineError};
/// assert_eq!(Timeline::constant(30, 1, 0), Err(TimelineError::NoFrames));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimelineError {
    /// It would have no frame.
    #[error("the video has no frames")]
    NoFrames,
    /// Numerator or denominator of the frame rate is 0.
    #[error("the frame rate is {0}/{1}, expected two positive numbers")]
    Rate(u32, u32),
    /// A time is no number, or lies before the one before it.
    #[error("the time of frame {0} is no number or lies before that of the frame before")]
    Time(usize),
}

impl Timeline {
    /// `frames` frames at a constant rate of `num / den` a second, the first at 0.
    ///
    /// # Errors
    ///
    /// If there is no frame or the rate is not positive.
    pub fn constant(num: u32, den: u32, frames: usize) -> Result<Self, TimelineError> {
        match (num, den, frames) {
            (0, ..) | (_, 0, _) => Err(TimelineError::Rate(num, den)),
            (.., 0) => Err(TimelineError::NoFrames),
            _ => Ok(Self {
                times: Times::Constant { num, den, frames },
            }),
        }
    }

    /// A frame at each of `times`, in seconds and ascending, for variable rates. The last frame lasts as long as the one before
    /// it (a single one: no time at all). Times are kept to the microsecond.
    ///
    /// # Errors
    ///
    /// If there is no time, or one is not finite or lies before the one before it.
    pub fn variable(times: &[f64]) -> Result<Self, TimelineError> {
        let starts: Vec<i64> = times.iter().map(|&seconds| micros(seconds)).collect();
        let unusable =
            |at: usize| !times[at].is_finite() || (at > 0 && starts[at] < starts[at - 1]);
        if let Some(at) = (0..times.len()).find(|&at| unusable(at)) {
            return Err(TimelineError::Time(at));
        }
        let last = *starts.last().ok_or(TimelineError::NoFrames)?;
        let before = starts.len().checked_sub(2).map_or(last, |at| starts[at]);
        Ok(Self {
            times: Times::Variable {
                end: last.saturating_add(last.saturating_sub(before)),
                starts,
            },
        })
    }

    /// How many frames there are; at least 1.
    #[must_use]
    pub fn num_frames(&self) -> usize {
        match &self.times {
            Times::Constant { frames, .. } => *frames,
            Times::Variable { starts, .. } => starts.len(),
        }
    }

    /// The frame shown at `vpos`. Before the first it is the first, past the end the last: comments whose `vpos` outlives the
    /// video pile up there. [`frame_within`](Self::frame_within) leaves them out.
    #[must_use]
    pub fn frame_at(&self, vpos: Vpos) -> usize {
        let last = self.num_frames() - 1;
        match &self.times {
            Times::Constant { num, den, .. } => {
                let frame =
                    (i128::from(vpos.0) * i128::from(*num)).div_euclid(100 * i128::from(*den));
                usize::try_from(frame.max(0)).unwrap_or(last).min(last)
            }
            Times::Variable { starts, .. } => {
                let time = vpos.0.saturating_mul(10_000);
                starts
                    .partition_point(|&start| start <= time)
                    .saturating_sub(1)
            }
        }
    }

    /// The frame shown at `vpos`, if the video is running then.
    #[must_use]
    pub fn frame_within(&self, vpos: Vpos) -> Option<usize> {
        let within = match &self.times {
            Times::Constant { num, den, frames } => {
                let scaled = i128::from(vpos.0) * i128::from(*num);
                (0..*frames as i128 * 100 * i128::from(*den)).contains(&scaled)
            }
            Times::Variable { starts, end } => {
                (starts[0]..*end).contains(&vpos.0.saturating_mul(10_000))
            }
        };
        within.then(|| self.frame_at(vpos))
    }

    /// The first centisecond at which `frame` is shown: `frame_at` of it is the frame again, up to 100 fps. Frames past the last
    /// count as the last.
    #[must_use]
    pub fn vpos_of(&self, frame: usize) -> Vpos {
        let frame = frame.min(self.num_frames() - 1);
        let centis = match &self.times {
            Times::Constant { num, den, .. } => {
                let scaled = frame as i128 * 100 * i128::from(*den);
                scaled.div_euclid((*num).into()) + i128::from(scaled.rem_euclid((*num).into()) != 0)
            }
            Times::Variable { starts, .. } => {
                (i128::from(starts[frame]) + 9_999).div_euclid(10_000)
            }
        };
        Vpos(i64::try_from(centis).unwrap_or(i64::MAX))
    }

    /// When `frame` begins, in seconds. Frames past the last count as the last.
    #[must_use]
    pub fn seconds_of(&self, frame: usize) -> f64 {
        let frame = frame.min(self.num_frames() - 1);
        match &self.times {
            Times::Constant { num, den, .. } => frame as f64 * f64::from(*den) / f64::from(*num),
            Times::Variable { starts, .. } => starts[frame] as f64 / 1e6,
        }
    }

    /// When the last frame ends, in seconds.
    #[must_use]
    pub fn duration(&self) -> f64 {
        match &self.times {
            Times::Constant { num, den, frames } => {
                *frames as f64 * f64::from(*den) / f64::from(*num)
            }
            Times::Variable { end, .. } => *end as f64 / 1e6,
        }
    }

    /// When `frame` begins, in minutes and whole seconds: `23:37`.
    #[must_use]
    pub fn minutes_seconds(&self, frame: usize) -> String {
        let hundredths = Vpos::from_secs_f64(self.seconds_of(frame).max(0.0) + 1e-6).0;
        let seconds = hundredths / 100;
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }

    /// Changes the `vpos` of comments on another video so that they spread over this one: what was at the end of their video
    /// comes to the end of this. The length of their video is that of [`estimate_length`].
    pub fn fit(&self, comments: &mut [Comment]) {
        let Some(length) = estimate_length(comments).filter(|length| length.0 > 0) else {
            return;
        };
        let end = Vpos::from_secs_f64(self.duration());
        for comment in comments {
            comment.vpos = scale(comment.vpos, length, end);
            comment.vpos_rest_ms = 0;
        }
    }
}

/// `vpos` moved to the same share of a video of length `to` that it is of one of length `from`, rounded down.
///
/// ```
/// use nico_comments::{Vpos, scale};
///
/// assert_eq!(scale(Vpos(750), Vpos(1000), Vpos(200)), Vpos(150));
/// ```
///
/// # Panics
///
/// Panics if `from` is 0.
#[must_use]
pub fn scale(vpos: Vpos, from: Vpos, to: Vpos) -> Vpos {
    let scaled = (i128::from(vpos.0) * i128::from(to.0)).div_euclid(from.0.into());
    Vpos(i64::try_from(scaled).unwrap_or(if scaled < 0 { i64::MIN } else { i64::MAX }))
}

/// The length of the video that comments were written on, as far as they tell: one more than the largest `vpos`, not counting
/// stray ones, which lie beyond one and a half times the `vpos` that 99 % of the comments stay below. `None` without comments.
///
/// ```
/// use nico_comments::{Comment, Vpos, estimate_length};
///
/// let mut comments: Vec<_> = (0..200).map(|n| Comment::new(Vpos(n * 10), "w")).collect();
/// comments.push(Comment::new(Vpos(999_999), "stray"));
/// assert_eq!(estimate_length(&comments), Some(Vpos(1991)));
/// ```
#[must_use]
pub fn estimate_length(comments: &[Comment]) -> Option<Vpos> {
    let mut all: Vec<_> = comments.iter().map(|comment| comment.vpos.0).collect();
    all.sort_unstable();
    let most = *all.get((all.len() * 99 / 100).min(all.len().checked_sub(1)?))?;
    let limit = most.saturating_add(most.max(0) / 2);
    let largest = all.into_iter().rev().find(|&vpos| vpos <= limit)?;
    Some(Vpos(largest.saturating_add(1)))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and no video lasts 292,000 years"
)]
fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Frame 42,468 begins at 42,468 · 1001 / 30,000 = 1417.02 s = 23:37, as in the original's table.
    #[test]
    fn times_of_the_original() {
        let timeline = Timeline::constant(30_000, 1001, 42_469).unwrap();
        for (frame, time) in [
            (0, "0:00"),
            (42_468, "23:37"),
            (10_531, "5:51"),
            (28_795, "16:00"),
        ] {
            assert_eq!(timeline.minutes_seconds(frame), time);
        }
    }

    #[test]
    fn ends_of_the_video() {
        let constant = Timeline::constant(25, 1, 50).unwrap();
        let variable =
            Timeline::variable(&(0..50).map(|n| f64::from(n) / 25.0).collect::<Vec<_>>()).unwrap();
        for timeline in [constant, variable] {
            assert_eq!(
                (timeline.frame_at(Vpos(-1)), timeline.frame_within(Vpos(-1))),
                (0, None)
            );
            assert_eq!(
                (
                    timeline.frame_at(Vpos(199)),
                    timeline.frame_within(Vpos(199))
                ),
                (49, Some(49))
            );
            assert_eq!(
                (
                    timeline.frame_at(Vpos(200)),
                    timeline.frame_within(Vpos(200))
                ),
                (49, None)
            );
            assert_eq!(
                (
                    timeline.frame_at(Vpos(i64::MAX)),
                    timeline.frame_at(Vpos(i64::MIN))
                ),
                (49, 0)
            );
            assert_eq!(
                (timeline.frame_at(Vpos(3)), timeline.frame_at(Vpos(4))),
                (0, 1)
            );
            assert!((timeline.duration() - 2.0).abs() < 1e-9);
        }
    }

    #[test]
    fn impossible_timelines() {
        assert_eq!(Timeline::constant(0, 1, 1), Err(TimelineError::Rate(0, 1)));
        assert_eq!(Timeline::variable(&[]), Err(TimelineError::NoFrames));
        assert_eq!(
            Timeline::variable(&[0.0, 0.5, 0.4]),
            Err(TimelineError::Time(2))
        );
        assert_eq!(Timeline::variable(&[f64::NAN]), Err(TimelineError::Time(0)));
    }

    #[test]
    fn comments_of_a_longer_video_fit() {
        let mut comments: Vec<_> = [0, 500, 999]
            .map(|vpos| Comment::new(Vpos(vpos), "w"))
            .into();
        Timeline::constant(30, 1, 60).unwrap().fit(&mut comments);
        assert_eq!(
            comments
                .iter()
                .map(|comment| comment.vpos.0)
                .collect::<Vec<_>>(),
            [0, 100, 199]
        );
        Timeline::constant(30, 1, 60).unwrap().fit(&mut []);
    }

    proptest! {
        #[test]
        fn a_frame_is_shown_from_its_vpos_on(num in 1..100_000_u32, den in 1..2000_u32, frame in 0..1_000_000_usize) {
            let num = num.min(100 * den);
            let timeline = Timeline::constant(num, den, 1_000_000).unwrap();
            let vpos = timeline.vpos_of(frame);
            prop_assert_eq!(timeline.frame_at(vpos), frame);
            prop_assert!(frame == 0 || timeline.frame_at(vpos - Vpos(1)) < frame);
        }

        #[test]
        fn frames_do_not_go_back(vpos: i64, step in 0..1_000_000_i64, num in 1..u32::MAX, den in 1..u32::MAX) {
            let timeline = Timeline::constant(num, den, 1000).unwrap();
            prop_assert!(timeline.frame_at(Vpos(vpos)) <= timeline.frame_at(Vpos(vpos.saturating_add(step))));
        }
    }
}
