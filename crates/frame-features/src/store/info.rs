//! The description of a store, `store.json`.

use std::{cmp::Ordering, path::Path};

use serde::{Deserialize, Serialize};

use super::plan::StorePlan;
use super::video_end::VideoEnd;
use crate::error::Error;
use crate::files::write_whole;
use crate::rational::Rational;
use crate::time_repairs::TimeRepairs;

/// Name of the description in a store's folder.
pub(crate) const FILE_NAME: &str = "store.json";
/// The layout that this crate writes and reads.
pub(crate) const FORMAT: u32 = 2;

/// Description of a feature store, as in its `store.json`.
///
/// # Example
///
/// ```no_run
/// let store = frame_features::FeatureStore::open("out/features")?;
/// let info = store.info();
/// println!("{} of {} frames of {}", info.frames.len(), info.video_frames, info.plan.video);
/// # Ok::<(), frame_features::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoreInfo {
    /// Version of the layout on disk.
    pub format: u32,
    /// What the features are of and how they were made.
    pub plan: StorePlan,
    /// Whether extraction has ended. Until then the fields below are empty.
    pub complete: bool,
    /// Frames in the video, taken or not.
    pub video_frames: usize,
    /// Frames per second of the video, as its container states or on average.
    pub frame_rate: Rational,
    /// Seconds from the time of the video's first frame to the end of its last one.
    pub duration: f64,
    /// Time of the video's first frame, taken or not; stores of earlier versions do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<f64>,
    /// If the video ended in the middle (a file cut off), what FFmpeg said there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_early: Option<String>,
    /// Seconds that are missing of what the video's container states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_seconds: Option<f64>,
    /// What was wrong with the times of the video's frames.
    #[serde(default, skip_serializing_if = "TimeRepairs::is_none")]
    pub time_repairs: TimeRepairs,
    /// For each row, the index of its frame in the video, ascending.
    pub frames: Vec<usize>,
    /// For each row, the time of its frame in seconds, as the container counts them: the video's
    /// first frame is at [`start`](Self::start). Never descending.
    pub times: Vec<f64>,
}

/// What every layout has in `store.json`.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl StoreInfo {
    /// Time of the video's first frame in seconds, taken or not: where players begin. Of stores
    /// that earlier versions wrote, the time of the first frame taken.
    #[must_use]
    pub fn start(&self) -> f64 {
        self.start
            .or(self.times.first().copied())
            .unwrap_or_default()
    }

    /// The rows' times in seconds from the video's first frame on, as players count them.
    #[must_use]
    pub fn times_from_start(&self) -> Vec<f64> {
        let start = self.start();
        self.times.iter().map(|time| time - start).collect()
    }

    /// Records what is known of the video after its last frame.
    pub(crate) fn end(&mut self, end: VideoEnd) {
        let VideoEnd {
            video_frames,
            frame_rate,
            duration,
            start,
            ended_early,
            missing_seconds,
            time_repairs,
        } = end;
        self.video_frames = video_frames;
        self.frame_rate = frame_rate;
        self.duration = duration;
        self.start = start;
        self.ended_early = ended_early;
        self.missing_seconds = missing_seconds;
        self.time_repairs = time_repairs;
    }

    pub(crate) fn begun(plan: StorePlan) -> Self {
        Self {
            format: FORMAT,
            plan: StorePlan {
                sampling: plan.sampling.normalised(),
                ..plan
            },
            complete: false,
            video_frames: 0,
            frame_rate: Rational::new(0, 1),
            duration: 0.0,
            start: None,
            ended_early: None,
            missing_seconds: None,
            time_repairs: TimeRepairs::default(),
            frames: Vec::new(),
            times: Vec::new(),
        }
    }

    /// Reads a folder's description; nothing if there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(FILE_NAME);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        let unreadable = |error| Error::store(&path, "it cannot be read").caused_by(error);
        let Format { format } = serde_json::from_slice(&text).map_err(unreadable)?;
        if format != FORMAT {
            return Err(Error::Format {
                path,
                found: format,
                expected: FORMAT,
            });
        }
        let info: Self = serde_json::from_slice(&text).map_err(unreadable)?;
        info.check(&path)?;
        Ok(Some(info))
    }

    /// Refuses what no extraction writes, so that later code may rely on it.
    pub(crate) fn check(&self, path: &Path) -> Result<(), Error> {
        let refuse = |problem: String| Err(Error::store(path, problem));
        let row_len = self
            .plan
            .shape
            .iter()
            .try_fold(1_usize, |product, &side| product.checked_mul(side));
        if row_len.is_none_or(|len| len == 0 || len > 1 << 30) {
            return refuse(format!("rows of shape {:?}", self.plan.shape));
        }
        if self.plan.block_rows == 0 {
            return refuse("\"block_rows\" has to be at least 1".to_owned());
        }
        let checked = self.plan.sampling.check();
        if let Err(error) = checked.and_then(|()| self.plan.duplicates.check()) {
            return refuse(error.to_string());
        }
        if self.frames.len() != self.times.len() {
            return refuse(format!(
                "{} frames but {} times",
                self.frames.len(),
                self.times.len()
            ));
        }
        if !self.frames.is_sorted_by(|one, next| one < next) {
            return refuse("the frames are not ascending".to_owned());
        }
        if let Some(row) = first_step_back(&self.times) {
            let [earlier, later] = [self.times[row - 1], self.times[row]];
            return refuse(format!(
                "times go back: row {} is at {earlier} s, row {row} at {later} s",
                row - 1
            ));
        }
        let numbers = [Some(self.duration), self.start, self.missing_seconds];
        let mut numbers = numbers
            .into_iter()
            .flatten()
            .chain(self.times.first().copied());
        if let Some(number) = numbers.find(|number| !number.is_finite()) {
            return refuse(format!("a time is {number} s"));
        }
        if self
            .start
            .zip(self.times.first())
            .is_some_and(|(start, first)| start > *first)
        {
            return refuse("a row lies before the video's first frame".to_owned());
        }
        if self
            .frames
            .last()
            .is_some_and(|&last| last >= self.video_frames)
        {
            return refuse("a frame lies past the end of the video".to_owned());
        }
        if self.complete && self.frames.is_empty() {
            return refuse("there are no frames in it".to_owned());
        }
        Ok(())
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILE_NAME);
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::store(&path, "it cannot be written").caused_by(error))?;
        text.push(b'\n');
        write_whole(&path, &text)
    }
}

/// The first row whose time is before that of the row before it.
fn first_step_back(times: &[f64]) -> Option<usize> {
    // What is not a number is no order either.
    let is_order = |pair: &[f64]| pair[0].partial_cmp(&pair[1]).is_some_and(Ordering::is_le);
    let back = times.windows(2).position(|pair| !is_order(pair))?;
    Some(back + 1)
}
