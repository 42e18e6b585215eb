//! When pictures are drawn: at the video's own times, or also in between, so that comments move
//! over a picture that stands still.

use ffmpeg_next::{Rational, frame};

use super::ffi::share;
use super::frames::TimedFrame;
use super::span::Span;
use super::stream_info::StreamInfo;
use super::time::{ratio, seconds};

/// Pictures a second where a video has too few.
const USUAL_RATE: i32 = 30;
/// Videos of fewer pictures a second get [`USUAL_RATE`].
const FEW: f64 = 4.0;
/// A picture that is shown for longer, in seconds, stands still.
const STILL: f64 = 0.25;
/// Gaps that are longer, in seconds, are damage and not a picture that is shown for so long.
const MAX_GAP: f64 = 4.0 * 3600.0;
/// Coarsest time base in which repeated pictures move evenly.
const FINE: f64 = 1.0 / 600.0;

/// When pictures are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pace {
    /// At the video's times.
    AsStored,
    /// At the video's times, and in between where a picture stands still.
    Fill {
        /// Units of the output's time base in one of the video's.
        factor: i32,
        /// The output's time base.
        time_base: Rational,
    },
    /// At even times, whatever the video's are.
    Constant {
        /// Pictures a second.
        rate: Rational,
    },
}

impl Pace {
    /// What suits a video, where `rate` is what was asked for and `moves` whether something is
    /// drawn on it that moves.
    pub(super) fn new(info: &StreamInfo, rate: Option<Rational>, moves: bool) -> Self {
        let own = ratio(info.frame_rate);
        match rate {
            Some(rate) => Self::Constant { rate },
            None if !moves => Self::AsStored,
            None if own < FEW => Self::Constant {
                rate: Rational(USUAL_RATE, 1),
            },
            None => Self::fill(info.time_base),
        }
    }

    fn fill(own: Rational) -> Self {
        let is_fine = ratio(own) <= FINE;
        let factor = if is_fine { 1 } else { 600 };
        match own.denominator().checked_mul(factor) {
            Some(denominator) => Self::Fill {
                factor,
                time_base: Rational(own.numerator(), denominator),
            },
            None => Self::Fill {
                factor: 1,
                time_base: own,
            },
        }
    }

    /// The output's time base and frame rate.
    pub(super) fn timing(self, info: &StreamInfo) -> (Rational, Rational) {
        let rate = match self {
            Self::AsStored | Self::Fill { .. } => info.frame_rate,
            Self::Constant { rate } => rate,
        };
        (self.time_base(info.time_base), rate)
    }

    fn time_base(self, own: Rational) -> Rational {
        match self {
            Self::AsStored => own,
            Self::Fill { time_base, .. } => time_base,
            Self::Constant { rate } => rate.invert(),
        }
    }

    /// When a frame is given first, in the output's time base.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates; times of a video are far below"
    )]
    fn first(self, from: Rational, pts: i64) -> i64 {
        match self {
            Self::AsStored => pts,
            Self::Fill { factor, .. } => pts.saturating_mul(factor.into()),
            Self::Constant { rate } => {
                let time = seconds(pts, from) - Span::SAME;
                (time * ratio(rate)).ceil() as i64
            }
        }
    }
}

/// How frames were repeated and dropped in the part that is written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PaceCounts {
    /// Pictures that were given again.
    pub(super) repeated: u64,
    /// Pictures that were never given.
    pub(super) dropped: u64,
}

/// Frames at a [`Pace`].
pub(super) struct Pacer {
    pace: Pace,
    from: Rational, // the video's time base
    to: Rational,   // the output's
    nominal: i64,   // duration of a frame that has none, in `from`
    span: Span,     // what is counted lies in it
    held: Option<Held>,
    coming: Option<TimedFrame>,
    until: Option<i64>, // the held frame is given before this; not known before the next is
    has_given: bool,
    counts: PaceCounts,
}

/// The frame that is given.
struct Held {
    picture: frame::Video,
    pts: i64,
    duration: i64,
    first: i64,     // when it is given first, in the output's time base
    given: i64,     // how often it was
    is_shown: bool, // whether it was in the span
}

impl Pacer {
    /// For the frames of a span, and some before and behind it.
    pub(super) fn new(pace: Pace, info: &StreamInfo, span: Span) -> Self {
        Self {
            pace,
            from: info.time_base,
            to: pace.timing(info).0,
            nominal: info.nominal_duration(),
            span,
            held: None,
            coming: None,
            until: None,
            has_given: false,
            counts: PaceCounts::default(),
        }
    }

    pub(super) fn counts(&self) -> PaceCounts {
        self.counts
    }

    /// Takes the video's next frame, once [`next`](Self::next) has given `None`.
    pub(super) fn push(&mut self, frame: TimedFrame) {
        let Some(held) = &self.held else {
            return self.hold(frame);
        };
        let gap = seconds(frame.pts.saturating_sub(held.pts), self.from);
        let next = self.pace.first(self.from, frame.pts);
        self.until = Some(if gap > MAX_GAP {
            next.min(held.first.saturating_add(1))
        } else {
            next
        });
        self.coming = Some(frame);
    }

    /// There are no more frames: the last one is shown for as long as the file says.
    pub(super) fn end(&mut self) {
        if let Some(held) = &self.held {
            let is_usual = held.duration > 0 && seconds(held.duration, self.from) <= MAX_GAP;
            let lasts = if is_usual {
                held.duration
            } else {
                self.nominal
            };
            let end = self.pace.first(self.from, held.pts.saturating_add(lasts));
            // A video that is shorter than a picture of the rate asked for has one all the same.
            self.until = Some(if self.has_given {
                end
            } else {
                end.max(held.first.saturating_add(1))
            });
        }
    }

    /// The frame to draw next, as far as it is known.
    pub(super) fn next(&mut self) -> Option<TimedFrame> {
        loop {
            let (held, until) = (self.held.as_ref()?, self.until?);
            if let Some(time) = self.time(held, held.given, until) {
                return self.give(time, until);
            }
            let is_dropped = held.given == 0 && self.span.has(seconds(held.pts, self.from));
            let coming = self.coming.take()?; // without one the last is kept, for the sound's sake
            self.counts.dropped += u64::from(is_dropped);
            self.hold(coming);
        }
    }

    /// When the last frame would be given once more, in seconds, after the end of the video.
    pub(super) fn next_repeat(&self) -> Option<f64> {
        let held = self.held.as_ref()?;
        let repeat = self.repeat(held, held.given)?;
        Some(seconds(repeat, self.to))
    }

    /// Gives the last frame once more.
    pub(super) fn give_again(&mut self) -> Option<TimedFrame> {
        let held = self.held.as_ref()?;
        let time = self.repeat(held, held.given)?;
        let until = self.repeat(held, held.given + 1)?;
        self.give(time, until)
    }

    fn hold(&mut self, frame: TimedFrame) {
        self.until = None;
        self.held = Some(Held {
            picture: frame.picture,
            pts: frame.pts,
            duration: frame.duration,
            first: self.pace.first(self.from, frame.pts),
            given: 0,
            is_shown: false,
        });
    }

    /// The `number`th time that a frame is given at, from 0; `None` if it is not given so often.
    fn time(&self, held: &Held, number: i64, until: i64) -> Option<i64> {
        if number == 0 {
            return (held.first < until).then_some(held.first);
        }
        let time = self.repeat(held, number)?;
        let is_due = match self.pace {
            Pace::AsStored => false,
            // Not right before the next frame.
            Pace::Fill { .. } => {
                let stands_still = seconds(until.saturating_sub(held.first), self.to) > STILL;
                stands_still && time < until.saturating_sub(self.steps(1) / 2)
            }
            Pace::Constant { .. } => time < until,
        };
        is_due.then_some(time)
    }

    /// The `number`th time of a frame that is shown for ever.
    fn repeat(&self, held: &Held, number: i64) -> Option<i64> {
        match self.pace {
            Pace::AsStored => None,
            Pace::Fill { .. } => Some(held.first.saturating_add(self.steps(number))),
            Pace::Constant { .. } => Some(held.first.saturating_add(number)),
        }
    }

    /// How long `number` pictures last at the usual rate, in the output's time base.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "`as` saturates; pictures of a video are far below 2⁵³"
    )]
    fn steps(&self, number: i64) -> i64 {
        (number as f64 / f64::from(USUAL_RATE) / ratio(self.to)).round() as i64
    }

    /// Gives the held frame. Its picture is shared only if it may be given again, since what is
    /// shared must be copied to be painted on.
    fn give(&mut self, pts: i64, until: i64) -> Option<TimedFrame> {
        let held = self.held.as_ref()?;
        let again = self.time(held, held.given + 1, until);
        let is_last = again.is_none() && self.coming.is_some();
        let is_inside = self.span.has(seconds(pts, self.to));
        let held = self.held.as_mut()?;
        self.counts.repeated += u64::from(is_inside && held.is_shown);
        held.is_shown |= is_inside;
        held.given += 1;
        self.has_given = true;
        Some(TimedFrame {
            picture: if is_last {
                std::mem::replace(&mut held.picture, frame::Video::empty())
            } else {
                share(&held.picture)
            },
            pts,
            duration: again.unwrap_or(until).saturating_sub(pts),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times and durations that frames of these times come out with.
    fn paced(pace: Pace, time_base: Rational, frames: &[i64], last: i64) -> Vec<(i64, i64)> {
        let mut pacer = Pacer {
            pace,
            from: time_base,
            to: pace.time_base(time_base),
            nominal: 1,
            span: Span::new(&(0.0..f64::INFINITY)).unwrap(),
            held: None,
            coming: None,
            until: None,
            has_given: false,
            counts: PaceCounts::default(),
        };
        let mut given = Vec::new();
        for &pts in frames {
            let frame = TimedFrame {
                picture: frame::Video::empty(),
                pts,
                duration: last,
            };
            pacer.push(frame);
            while let Some(frame) = pacer.next() {
                given.push((frame.pts, frame.duration));
            }
        }
        pacer.end();
        while let Some(frame) = pacer.next() {
            given.push((frame.pts, frame.duration));
        }
        given
    }

    #[test]
    fn stored_times_stay() {
        let frames = [0, 40, 1000, 1040];
        let given = paced(Pace::AsStored, Rational(1, 1000), &frames, 40);
        assert_eq!(given, [(0, 40), (40, 960), (1000, 40), (1040, 40)]);
    }

    /// A gap of 0.3 s is filled, one of 0.2 s is not; times that were there stay.
    #[test]
    fn gaps_are_filled() {
        let pace = Pace::fill(Rational(1, 1000));
        let given = paced(pace, Rational(1, 1000), &[0, 200, 500, 540], 40);
        let times: Vec<i64> = given.iter().map(|&(pts, _)| pts).collect();
        let filled = [200, 233, 267, 300, 333, 367, 400, 433, 467, 500];
        assert_eq!((times[0], &times[1..11], times[11]), (0, &filled[..], 540));
        assert!(
            given.windows(2).all(|w| w[0].0 + w[0].1 == w[1].0),
            "{given:?}"
        );
    }

    /// A time base of a second is too coarse.
    #[test]
    fn coarse_time_bases_become_finer() {
        let pace = Pace::fill(Rational(1, 1));
        assert_eq!(pace.time_base(Rational(1, 1)), Rational(1, 600));
        let given = paced(pace, Rational(1, 1), &[0, 1], 1);
        assert_eq!(given.len(), 60);
        assert_eq!((given[1].0, given[30].0), (20, 600));
    }

    /// 50 pictures a second at 20: every grid time shows the picture of its moment.
    #[test]
    fn a_rate_repeats_and_drops() {
        let pace = Pace::Constant {
            rate: Rational(20, 1),
        };
        let all: Vec<i64> = (0..50).map(|frame| frame * 20).collect();
        let given = paced(pace, Rational(1, 1000), &all, 20);
        assert_eq!(given, (0..20).map(|k| (k, 1)).collect::<Vec<_>>());
        let slides = paced(pace, Rational(1, 1000), &[0, 1000], 500);
        assert_eq!(slides, (0..30).map(|k| (k, 1)).collect::<Vec<_>>());
    }

    /// A time that was damaged does not become a day of pictures.
    #[test]
    fn absurd_gaps_are_not_filled() {
        let pace = Pace::fill(Rational(1, 1000));
        assert_eq!(
            paced(pace, Rational(1, 1000), &[0, 90_000_000], 40).len(),
            2
        );
        assert_eq!(paced(pace, Rational(1, 1000), &[0], 90_000_000).len(), 1);
    }
}
