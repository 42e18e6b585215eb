//! Writing a store, block by block.

use std::path::{Path, PathBuf};

use half::f16;

use super::block::{Block, Pending, file_name};
use super::{StoreInfo, StorePlan};
use crate::{Error, Rational, write};

/// What is known of a video when its last frame has been seen.
///
/// ```
/// use frame_features::{Rational, VideoEnd};
///
/// let end = VideoEnd::new(720, Rational::new(24, 1), 30.0);
/// assert_eq!(end.video_frames, 720);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VideoEnd {
    /// Frames in the video, taken or not.
    pub video_frames: usize,
    /// Frames per second.
    pub frame_rate: Rational,
    /// Seconds from the beginning to the end of the last frame.
    pub duration: f64,
    /// If the file was cut off, what FFmpeg said.
    pub ended_early: Option<String>,
}

impl VideoEnd {
    /// The end of a whole video.
    #[must_use]
    pub fn new(video_frames: usize, frame_rate: Rational, duration: f64) -> Self {
        Self {
            video_frames,
            frame_rate,
            duration,
            ended_early: None,
        }
    }
}

/// Writes a [`FeatureStore`](crate::FeatureStore): rows in, whole blocks out.
///
/// Each block appears under its name only when it is whole, so a program may stop at any time;
/// [`create`](Self::create) then takes up the store after its last whole block. The same rows give
/// the same bytes, interrupted or not. See [`FeatureStore`](crate::FeatureStore) for an example.
#[derive(Debug)]
pub struct FeatureStoreWriter {
    folder: PathBuf,
    info: StoreInfo,
    /// Rows in blocks that an earlier run has written.
    kept: usize,
    /// Blocks on disk.
    blocks: usize,
    pending: Pending,
}

impl FeatureStoreWriter {
    /// Begins a store, or goes on with one of the same plan.
    ///
    /// Blocks that are there are read and compared with their checksums; from the first one that is
    /// damaged on they are made again. Only one program may write a store at a time. Of a store that is complete and sound nothing is left to do:
    /// [`is_complete`](Self::is_complete).
    ///
    /// # Errors
    ///
    /// [`Error::StoreMismatch`] if the folder has a store of another plan, or an error of writing.
    pub fn create(folder: impl AsRef<Path>, plan: StorePlan) -> Result<Self, Error> {
        let folder = folder.as_ref();
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let mut info = match StoreInfo::read(folder)? {
            Some(info) => {
                plan.check_same(&info.plan, folder)?;
                info
            }
            None => {
                let info = StoreInfo::begun(plan);
                info.write(folder)?;
                info
            }
        };
        write::remove_partial(folder);
        let rows = info.frames.len();
        let (mut blocks, mut kept, mut frames, mut times) = (0, 0, Vec::new(), Vec::new());
        loop {
            let path = folder.join(file_name(blocks));
            let Some(block) = sound(path, &info.plan) else {
                break;
            };
            if !info.complete && block.rows() < info.plan.block_rows {
                break; // the last block of a video whose end was not recorded
            }
            blocks += 1;
            kept += block.rows();
            frames.extend_from_slice(&block.frames);
            times.extend_from_slice(&block.times);
        }
        let whole = info.complete
            && kept == rows
            && frames
                .iter()
                .zip(&info.frames)
                .all(|(&found, &frame)| usize::try_from(found) == Ok(frame));
        if info.complete && !whole {
            // Something is damaged: what is sound before it stays.
            blocks = blocks.min(kept / info.plan.block_rows);
            kept = blocks * info.plan.block_rows;
            info = StoreInfo::begun(info.plan);
            info.write(folder)?;
        }
        if !whole {
            frames.truncate(kept);
            times.truncate(kept);
            info.frames = frames
                .iter()
                .map_while(|&frame| usize::try_from(frame).ok())
                .collect();
            info.times = times;
        }
        Ok(Self {
            folder: folder.to_path_buf(),
            info,
            kept,
            blocks,
            pending: Pending::default(),
        })
    }

    /// Whether the store is complete and sound, so that nothing is to be written.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.info.complete
    }

    /// How many rows an earlier run has left: that many need not be computed, and
    /// [`push`](Self::push) goes on with the next one.
    #[must_use]
    pub fn kept_rows(&self) -> usize {
        self.kept
    }

    /// Rows in whole blocks on disk plus those that wait.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.info.frames.len() + self.pending.rows()
    }

    /// Whether `waiting` rows more would fill a block.
    #[cfg(feature = "video")]
    pub(crate) fn block_is_full_with(&self, waiting: usize) -> bool {
        self.pending.rows() + waiting >= self.info.plan.block_rows
    }

    /// Compares a frame with the one that row `row` of an earlier run is of.
    #[cfg(feature = "video")]
    pub(crate) fn check_kept(&self, row: usize, frame: usize, time: f64) -> Result<(), Error> {
        let found = (self.info.frames.get(row), self.info.times.get(row));
        if found == (Some(&frame), Some(&time)) {
            return Ok(());
        }
        Err(Error::store(
            &self.folder,
            format!("row {row} is of another frame than now: remove the store and extract again"),
        ))
    }

    /// Adds the next row: `values` of frame `frame` at `seconds`. Values beyond f16's range become
    /// its largest.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the row has another length than the plan says, holds a value that is no
    /// number, or is not of a later frame than the one before; an error of writing when a block is
    /// full.
    pub fn push(&mut self, frame: usize, seconds: f64, values: &[f32]) -> Result<(), Error> {
        let refuse = |problem: String| Err(Error::store(&self.folder, problem));
        if self.info.complete {
            return refuse("it is complete".to_owned());
        }
        let row_len = self.info.plan.row_len();
        if values.len() != row_len {
            return refuse(format!(
                "a row has {} numbers, expected {row_len}",
                values.len()
            ));
        }
        if values.iter().any(|value| value.is_nan()) {
            return refuse(format!("the feature of frame {frame} is not a number"));
        }
        let number = i64::try_from(frame).unwrap_or(i64::MAX);
        let last = self.pending.frames.last().copied().or_else(|| {
            let last = self.info.frames.last()?;
            i64::try_from(*last).ok()
        });
        if last.is_some_and(|last| last >= number) {
            return refuse(format!("frame {frame} comes after a later one"));
        }
        let limit = f16::MAX.to_f32();
        self.pending.features.extend(
            values
                .iter()
                .map(|value| f16::from_f32(value.clamp(-limit, limit))),
        );
        self.pending.frames.push(number);
        self.pending.times.push(seconds);
        if self.pending.rows() == self.info.plan.block_rows {
            self.write_block()?;
        }
        Ok(())
    }

    /// Writes the last block and then `store.json`, which makes the store complete.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if no row was pushed, or an error of writing.
    pub fn finish(mut self, end: VideoEnd) -> Result<StoreInfo, Error> {
        if self.info.complete {
            return Ok(self.info);
        }
        if self.pending.rows() > 0 {
            self.write_block()?;
        }
        if self.info.frames.is_empty() {
            return Err(Error::store(&self.folder, "there are no frames to keep"));
        }
        self.info.video_frames = end.video_frames;
        self.info.frame_rate = end.frame_rate;
        self.info.duration = end.duration;
        self.info.ended_early = end.ended_early;
        self.info.complete = true;
        self.info.write(&self.folder)?;
        Ok(self.info)
    }

    fn write_block(&mut self) -> Result<(), Error> {
        let path = self.folder.join(file_name(self.blocks));
        self.pending.write(&path, &self.info.plan)?;
        self.blocks += 1;
        self.info.frames.extend(
            self.pending
                .frames
                .iter()
                .filter_map(|&frame| usize::try_from(frame).ok()),
        );
        self.info.times.extend_from_slice(&self.pending.times);
        self.pending.clear();
        Ok(())
    }
}

/// A block that is there, fits the plan and agrees with its checksum.
fn sound(path: PathBuf, plan: &StorePlan) -> Option<Block> {
    let block = Block::open(path, plan).ok()?;
    block.verify().ok()?;
    let valid = block.frames.iter().all(|&frame| frame >= 0);
    valid.then_some(block)
}
