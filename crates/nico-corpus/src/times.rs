use std::fmt;

use frame_features::FeatureStore;
use nico_comments::{Comment, Timeline, Vpos, scale};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The times of a store's rows, from the video's first frame on: players begin there, whatever time
/// it bears, and whether or not it was taken.
///
/// # Errors
///
/// Fails if the times make no timeline.
pub fn row_timeline(store: &FeatureStore) -> Result<Timeline, Error> {
    timeline_from(store.info().start(), &store.info().times)
}

/// The timeline of frames at these times in seconds, ascending, counted from the first one on.
///
/// # Errors
///
/// Fails if the times make no timeline.
pub fn timeline_from_zero(times: &[f64]) -> Result<Timeline, Error> {
    timeline_from(times.first().copied().unwrap_or(0.0), times)
}

/// The timeline of frames at these times in seconds, ascending, counted from `start` on.
pub(crate) fn timeline_from(start: f64, times: &[f64]) -> Result<Timeline, Error> {
    let times: Vec<f64> = times.iter().map(|time| time - start).collect();
    Ok(Timeline::variable(&times)?)
}

/// How times of comments are stretched to the length of a video that was cut otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeFit {
    /// Not at all.
    #[default]
    Unchanged,
    /// So that the last comment stands at the end.
    LastComment,
    /// As comments of a video of so many seconds.
    Length(f64),
}

impl fmt::Display for TimeFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchanged => f.write_str("not at all"),
            Self::LastComment => f.write_str("from the last comment to the end"),
            Self::Length(length) => write!(f, "from {length} s"),
        }
    }
}

impl TimeFit {
    /// Stretches the times of comments; says whether they were.
    ///
    /// # Errors
    ///
    /// Fails if the length is not a positive number.
    pub fn apply(self, comments: &mut [Comment], timeline: &Timeline) -> Result<bool, Error> {
        let mut positions: Vec<Vpos> = comments.iter().map(|comment| comment.vpos).collect();
        let stretched = self.apply_to_positions(&mut positions, timeline)?;
        if stretched {
            for (comment, vpos) in comments.iter_mut().zip(positions) {
                comment.vpos = vpos;
                comment.vpos_rest_ms = 0;
            }
        }
        Ok(stretched)
    }

    /// As [`apply`](Self::apply), for positions alone.
    ///
    /// # Errors
    ///
    /// Fails if the length is not a positive number.
    pub fn apply_to_positions(
        self,
        positions: &mut [Vpos],
        timeline: &Timeline,
    ) -> Result<bool, Error> {
        match self {
            Self::Unchanged => Ok(false),
            Self::LastComment => Ok(timeline.fit_positions(positions)),
            Self::Length(length) if length > 0.0 && length.is_finite() => {
                let (from, to) = (
                    Vpos::from_secs_f64(length).max(Vpos(1)),
                    Vpos::from_secs_f64(timeline.duration()),
                );
                for vpos in positions {
                    *vpos = scale(*vpos, from, to);
                }
                Ok(true)
            }
            Self::Length(length) => Err(Error::Option {
                option: "the length that comments are fitted from",
                value: length.to_string(),
                expected: "a positive number of seconds",
            }),
        }
    }
}
