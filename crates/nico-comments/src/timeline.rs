mod fit;

pub use fit::scale;

use crate::Vpos;

/// Frame times of a video: which frame a [`Vpos`] belongs to, and when a frame is shown.
///
/// Made from a constant rate as a fraction, so that 29.97 fps (30000/1001) is exact over any
/// length, or from the time of each frame: in [seconds](Self::variable), in
/// [ticks of a time base](Self::from_ticks) or as a [file of timestamps](Self::parse_timestamps). A
/// timeline has at least one frame and at most 67,108,864.
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

/// An invalid timeline.
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
    /// It would have more frames than [`Timeline`] can hold.
    #[error("the video has {0} frames, expected at most 67,108,864")]
    TooMany(usize),
    /// Numerator or denominator of the time base is 0.
    #[error("the time base is {0}/{1}, expected two positive numbers")]
    TimeBase(u32, u32),
    /// A line of a file of timestamps, counted from 1, is no number of milliseconds.
    #[error("line {0} of the timestamps is no number of milliseconds")]
    Timestamp(usize),
}

/// Most frames of a timeline: 12 days at 60 a second. What is counted for each frame stays below a
/// gigabyte.
pub(crate) const MAX_FRAMES: usize = 1 << 26;

impl Timeline {
    /// `frames` frames at a constant rate of `num / den` a second, the first at 0.
    ///
    /// # Errors
    ///
    /// If there is no frame, or too many, or the rate is not positive.
    pub fn constant(num: u32, den: u32, frames: usize) -> Result<Self, TimelineError> {
        match (num, den, frames) {
            (0, ..) | (_, 0, _) => Err(TimelineError::Rate(num, den)),
            (.., 0) => Err(TimelineError::NoFrames),
            (.., frames) if frames > MAX_FRAMES => Err(TimelineError::TooMany(frames)),
            _ => Ok(Self {
                times: Times::Constant { num, den, frames },
            }),
        }
    }

    /// A frame at each of `times`, in seconds and ascending, for variable rates. The last frame
    /// lasts as long as the one before it (a single one: no time at all). Times are kept to the
    /// microsecond.
    ///
    /// # Errors
    ///
    /// If there is no time, or too many, or one is not finite or lies before the one before it.
    pub fn variable(times: &[f64]) -> Result<Self, TimelineError> {
        if let Some(at) = times.iter().position(|time| !time.is_finite()) {
            return Err(TimelineError::Time(at));
        }
        Self::of_starts(times.iter().map(|&seconds| micros(seconds)))
    }

    /// A frame at each of `ticks`, ascending, that last `num / den` seconds each: presentation
    /// times as containers hold them, with their time base. Otherwise as
    /// [`variable`](Self::variable).
    ///
    /// ```
    /// use nico_comments::{Timeline, Vpos};
    ///
    /// let timeline = Timeline::from_ticks(&[0, 3003, 9009], 1, 90_000)?; // MPEG's clock
    /// assert_eq!(timeline.frame_at(Vpos(9)), 1);
    /// # Ok::<(), nico_comments::TimelineError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`variable`](Self::variable), and if the time base is not positive.
    pub fn from_ticks(ticks: &[i64], num: u32, den: u32) -> Result<Self, TimelineError> {
        if num == 0 || den == 0 {
            return Err(TimelineError::TimeBase(num, den));
        }
        Self::of_starts(ticks.iter().map(|&tick| {
            let micros = i128::from(tick) * i128::from(num) * 1_000_000;
            let rounded = (micros + i128::from(den) / 2).div_euclid(den.into());
            i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
        }))
    }

    /// Reads a file of timestamps, "timestamp format v2", as `mkvextract` and encoders of variable
    /// rates write it: a number of milliseconds a line, the time of each frame. Empty lines and
    /// those that begin with `#` are passed over.
    ///
    /// ```
    /// use nico_comments::Timeline;
    ///
    /// let timeline = Timeline::parse_timestamps("# timestamp format v2\n0\n33.367\n100.1\n")?;
    /// assert_eq!(timeline.num_frames(), 3);
    /// # Ok::<(), nico_comments::TimelineError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a line is no number, and as [`variable`](Self::variable).
    pub fn parse_timestamps(text: &str) -> Result<Self, TimelineError> {
        let mut times = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let millis: f64 = line.parse().map_err(|_| TimelineError::Timestamp(number))?;
            times.push(millis / 1e3);
        }
        Self::variable(&times)
    }

    fn of_starts(starts: impl ExactSizeIterator<Item = i64>) -> Result<Self, TimelineError> {
        if starts.len() > MAX_FRAMES {
            return Err(TimelineError::TooMany(starts.len()));
        }
        let starts: Vec<i64> = starts.collect();
        if let Some(at) = starts.windows(2).position(|pair| pair[1] < pair[0]) {
            return Err(TimelineError::Time(at + 1));
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

    /// The frame shown at `vpos`. Before the first it is the first, past the end the last: comments
    /// whose `vpos` outlives the video pile up there. [`frame_within`](Self::frame_within) leaves
    /// them out.
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

    /// The first centisecond at which `frame` is shown: `frame_at` of it is the frame again, up to
    /// 100 fps. Frames past the last count as the last.
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

    /// The whole second of the video in which `frame` begins, from 0; no more than 86,400, a day,
    /// so that counting by seconds costs no memory in a damaged timeline.
    #[must_use]
    pub fn whole_second(&self, frame: usize) -> usize {
        usize::try_from(self.second_of(frame).clamp(0, 86_400)).unwrap_or(0)
    }

    /// The second in which `frame` begins, rounded down; what lacks but a microsecond of a second,
    /// as times that were rounded do, counts as that.
    fn second_of(&self, frame: usize) -> i64 {
        let start = micros(self.seconds_of(frame));
        start.saturating_add(1).div_euclid(1_000_000)
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

    /// When `frame` begins, in minutes and whole seconds, rounded down: `23:37`.
    #[must_use]
    pub fn minutes_seconds(&self, frame: usize) -> String {
        let seconds = self.second_of(frame).max(0);
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }
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

    /// Frame 42,468 begins at 42,468 · 1001 / 30,000 = 1417.02 s = 23:37, as in the original's
    /// table.
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

    /// Frame 869 begins at 869 · 1001 / 30,000 = 28.9956 s, which is 29.00 s in centiseconds.
    #[test]
    fn seconds_are_rounded_down() {
        let constant = Timeline::constant(30_000, 1001, 1000).unwrap();
        let ticks: Vec<i64> = (0..1000).map(|frame| frame * 3003).collect();
        let ticks = Timeline::from_ticks(&ticks, 1, 90_000).unwrap();
        for timeline in [constant, ticks] {
            for (frame, second, time) in [(0, 0, "0:00"), (869, 28, "0:28"), (870, 29, "0:29")] {
                assert_eq!(timeline.whole_second(frame), second);
                assert_eq!(timeline.minutes_seconds(frame), time);
            }
        }
        let timeline = Timeline::variable(&[-0.5, 0.0, 28.996, 28.999_999, 29.0]).unwrap();
        let seconds = (0..5).map(|frame| timeline.whole_second(frame));
        assert_eq!(seconds.collect::<Vec<_>>(), [0, 0, 28, 29, 29]);
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
        assert_eq!(
            Timeline::constant(30, 1, usize::MAX),
            Err(TimelineError::TooMany(usize::MAX))
        );
        assert_eq!(
            Timeline::from_ticks(&[0], 1, 0),
            Err(TimelineError::TimeBase(1, 0))
        );
        assert_eq!(
            Timeline::from_ticks(&[i64::MAX, i64::MIN], u32::MAX, 1),
            Err(TimelineError::Time(1))
        );
        for (text, error) in [
            ("# only this", TimelineError::NoFrames),
            ("0\n\nsoon", TimelineError::Timestamp(3)),
            ("0\nNaN", TimelineError::Time(1)),
        ] {
            assert_eq!(Timeline::parse_timestamps(text), Err(error));
        }
    }

    /// 29.97 fps in MPEG's clock is 3,003 ticks a frame: the same frames as of the rate.
    #[test]
    fn ticks_of_a_constant_rate_are_that_rate() {
        let ticks: Vec<i64> = (0..2000).map(|frame| frame * 3003).collect();
        let (ticks, rate) = (
            Timeline::from_ticks(&ticks, 1, 90_000).unwrap(),
            Timeline::constant(30_000, 1001, 2000).unwrap(),
        );
        for vpos in (-50..7000).map(Vpos) {
            assert_eq!(ticks.frame_at(vpos), rate.frame_at(vpos), "{vpos:?}");
            assert_eq!(ticks.frame_within(vpos), rate.frame_within(vpos));
        }
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
