use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::counts::SECOND;
use crate::stream::Past;

/// Time constants of decayed counts, seconds.
const TIME_CONSTANTS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 300.0];
/// Single seconds before now whose counts are read.
const LAGS: usize = 30;
/// Time constants of the time since the last line began, seconds.
const LINE_DECAYS: [f64; 3] = [1.0, 3.0, 8.0];

/// What a [`RateModel`](super::RateModel) reads of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RateInputs {
    /// How many comments the episode has had a second so far.
    MeanSoFar,
    /// How far the video is.
    Position,
    /// How many comments the last 5 s had.
    LastSpan,
    /// Counts that decay at nine time constants from 1 s to 300 s, with the two above.
    Decayed,
    /// The same, and the counts of each of the last 30 s, and of parts of the last one.
    Seconds,
    /// The same, and how long ago lines of dialogue began, and how long they are.
    SecondsAndLines,
}

impl RateInputs {
    /// All of them, from the least to the most.
    pub const ALL: [Self; 6] = [
        Self::MeanSoFar,
        Self::Position,
        Self::LastSpan,
        Self::Decayed,
        Self::Seconds,
        Self::SecondsAndLines,
    ];

    /// What it is, in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MeanSoFar => "mean so far",
            Self::Position => "position",
            Self::LastSpan => "last 5 s",
            Self::Decayed => "decayed counts",
            Self::Seconds => "decayed counts and single seconds",
            Self::SecondsAndLines => "the same and dialogue",
        }
    }

    /// How many numbers it reads.
    pub(super) fn len(self) -> usize {
        let (position, decayed) = (4, TIME_CONSTANTS.len() + 1);
        match self {
            Self::MeanSoFar | Self::LastSpan => 1,
            Self::Position => position,
            Self::Decayed => 2 + position + decayed,
            Self::Seconds => 2 + position + decayed + LAGS + 3,
            Self::SecondsAndLines => Self::Seconds.len() + 3 + LINE_DECAYS.len(),
        }
    }

    /// Where they stand among the numbers of [`SecondsAndLines`](Self::SecondsAndLines), which has
    /// those of all others.
    pub(super) fn of_all(self) -> Range<usize> {
        match self {
            Self::MeanSoFar => 0..1,
            Self::LastSpan => 1..2,
            Self::Position => 3..7,
            Self::Decayed | Self::Seconds | Self::SecondsAndLines => 0..self.len(),
        }
    }

    /// Reads them of a moment's past. Logarithms of counts, so that weights are exponents: half a
    /// comment is added where there may be none.
    pub(super) fn read(self, past: &Past<'_>) -> Vec<f64> {
        self.read_with(past, &[])
    }

    /// The same, as if comments had been written at `more` times besides, milliseconds of the
    /// video.
    pub(super) fn read_with(self, past: &Past<'_>, more: &[i64]) -> Vec<f64> {
        let counts = PastCounts::read(past, more);
        match self {
            Self::MeanSoFar => vec![counts.mean.ln()],
            Self::Position => counts.position().into(),
            Self::LastSpan => vec![log(counts.last(5))],
            Self::Decayed => counts.decayed(),
            Self::Seconds => counts.single_seconds(),
            Self::SecondsAndLines => {
                let mut values = counts.single_seconds();
                values.extend(lines(past));
                values
            }
        }
    }
}

/// Comments of each second before a moment.
struct PastCounts {
    /// The last second first; since the video began.
    seconds: Vec<f64>,
    /// Of the last 250 ms, the last 500 ms, and the 500 ms before those.
    parts: [f64; 3],
    /// A second, since the video began; a little above 0.
    mean: f64,
}

impl PastCounts {
    fn read(past: &Past<'_>, more: &[i64]) -> Self {
        let now = past.millis().max(0);
        let number = usize::try_from((now + SECOND - 1) / SECOND).unwrap_or(0);
        // A day of video is more than any episode has.
        let mut seconds = vec![0.0; number.min(86_400)];
        let mut parts = [0.0; 3];
        let written = past.comments().map(|comment| comment.millis);
        let more = more.iter().copied().filter(|millis| *millis < now);
        for millis in written
            .take_while(|millis| *millis >= 0)
            .chain(more.filter(|millis| *millis >= 0))
        {
            let ago = now - 1 - millis; // 0 for the millisecond before
            let second = usize::try_from(ago / SECOND).ok();
            if let Some(count) = second.and_then(|second| seconds.get_mut(second)) {
                *count += 1.0;
            }
            match ago {
                0..250 => (parts[0], parts[1]) = (parts[0] + 1.0, parts[1] + 1.0),
                250..500 => parts[1] += 1.0,
                500..1_000 => parts[2] += 1.0,
                _ => {}
            }
        }
        let mean = seconds.iter().sum::<f64>() / number.max(1) as f64 + 0.05;
        Self {
            seconds,
            parts,
            mean,
        }
    }

    fn last(&self, seconds: usize) -> f64 {
        self.seconds.iter().take(seconds).sum()
    }

    fn position(&self) -> [f64; 4] {
        let now = self.seconds.len() as f64;
        [
            now.ln_1p(),
            (-now / 5.0).exp(),
            (-now / 30.0).exp(),
            now / 1_000.0,
        ]
    }

    fn decayed(&self) -> Vec<f64> {
        let mut values = vec![self.mean.ln(), log(self.last(5)), log(self.last(10))];
        values.extend(self.position());
        values.extend(TIME_CONSTANTS.map(|seconds| {
            let decay = (-1.0 / seconds).exp();
            let (mut sum, mut weights, mut weight) = (0.0, 0.0, 1.0);
            for count in &self.seconds {
                sum += weight * count;
                weights += weight;
                weight *= decay;
            }
            let mean = if weights > 0.0 { sum / weights } else { 0.0 };
            (mean + 0.1).ln()
        }));
        values
    }

    /// The decayed counts and single seconds; for those before the beginning stands the mean.
    fn single_seconds(&self) -> Vec<f64> {
        let mut values = self.decayed();
        values.extend(self.parts.map(log));
        values
            .extend((0..LAGS).map(|ago| log(self.seconds.get(ago).copied().unwrap_or(self.mean))));
        values
    }
}

/// Of the dialogue: whether there is any yet, how long ago the last line began, how long that is,
/// and how many lines began in the last 10 s.
fn lines(past: &Past<'_>) -> [f64; 3 + LINE_DECAYS.len()] {
    let Some(last) = past.lines().next() else {
        return [0.0; 3 + LINE_DECAYS.len()];
    };
    let ago = (past.millis() - last.start_ms) as f64 / SECOND as f64;
    let length = last.text.chars().count().min(100) as f64 / 10.0;
    let [short, middle, long] = LINE_DECAYS.map(|seconds| (-ago / seconds).exp());
    let recent = past.lines_within(10 * SECOND).count() as f64;
    [1.0, recent, length * middle, short, middle, long]
}

fn log(count: f64) -> f64 {
    (count + 0.5).ln()
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};
    use proptest::prelude::*;

    use super::*;
    use crate::stream::{Dialogue, DialogueLine, Episode};

    fn episode(times: &[i64], lines: &[i64]) -> Episode {
        let comments = times.iter().map(|time| Comment::new(Vpos(*time), "w"));
        let lines = lines.iter().map(|start| DialogueLine {
            start_ms: start * 10,
            end_ms: start * 10 + 500,
            text: "はい".to_owned(),
        });
        Episode::new("a/01", comments, Dialogue::new(lines))
    }

    proptest! {
        /// What comes at a moment or later changes no number, and every number is finite.
        #[test]
        fn the_future_changes_nothing(
            before in prop::collection::vec(-300i64..2_000, 0..60),
            after in prop::collection::vec(2_000i64..9_000, 0..20),
            lines in prop::collection::vec(0i64..9_000, 0..20),
        ) {
            let begun: Vec<i64> = lines.iter().copied().filter(|line| *line <= 2_000).collect();
            let one = episode(&[&before[..], &after[..]].concat(), &lines);
            let two = episode(&before, &begun);
            let all = RateInputs::SecondsAndLines.read(&one.past_at(20_000));
            for inputs in RateInputs::ALL {
                let values = inputs.read(&one.past_at(20_000));
                prop_assert_eq!(&values, &inputs.read(&two.past_at(20_000)));
                prop_assert_eq!(values.len(), inputs.len());
                prop_assert_eq!(&values[..], &all[inputs.of_all()]);
                prop_assert!(values.iter().all(|value| value.is_finite()));
            }
        }
    }

    /// At 10 s: one comment 100 ms ago, two 300 ms ago, one 800 ms ago, and one 4.5 s ago.
    #[test]
    fn counts_are_of_the_seconds_before_the_moment() {
        let episode = episode(&[990, 970, 970, 920, 550], &[900]);
        let counts = PastCounts::read(&episode.past_at(10_000), &[]);
        assert_eq!(
            counts.seconds,
            [4.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
        );
        assert_eq!(counts.parts, [1.0, 3.0, 1.0]);
        assert_eq!((counts.last(5), counts.mean), (5.0, 0.55));
        let more = PastCounts::read(&episode.past_at(10_000), &[-5, 9_950, 10_000]);
        assert_eq!((more.last(5), more.parts[0]), (6.0, 2.0));
        assert_eq!(
            RateInputs::LastSpan.read(&episode.past_at(10_000)),
            [5.5f64.ln()]
        );
        let lines = lines(&episode.past_at(10_000));
        assert_eq!(lines[..2], [1.0, 1.0]);
        assert!((lines[3] - (-1.0f64).exp()).abs() < 1e-12); // it began a second ago
    }
}
