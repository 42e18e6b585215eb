//! Writing a store, block by block.

use std::path::{Path, PathBuf};

use folder_lock::FolderLock;
use half::f16;

use super::block::{Block, Pending, file_name};
use super::info::{FORMAT, StoreInfo};
use super::plan::StorePlan;
use super::video_end::VideoEnd;
use crate::error::Error;
use crate::half_precision::{limit, to_f16};

/// Writes a feature store, a [`FeatureStore`](crate::FeatureStore): rows in, whole blocks out.
///
/// Each block appears under its name only when it is whole, so a program may stop at any time;
/// [`create`](Self::create) then takes up what is there. The same rows give the same bytes,
/// interrupted or not. See [`FeatureStore`](crate::FeatureStore) for an example.
#[derive(Debug)]
pub struct FeatureStoreWriter {
    folder: PathBuf,
    info: StoreInfo,
    /// Rows in blocks that an earlier run has written.
    kept_rows: usize,
    /// Blocks on disk and, among them, those that have to be made.
    blocks: Vec<Option<Written>>,
    /// The block that is being made.
    current: usize,
    pending: Pending,
    /// Keeps other programs from writing the same store.
    _lock: FolderLock,
}

/// What is known of a block on disk.
#[derive(Debug)]
struct Written {
    frames: Vec<usize>,
    times: Vec<f64>,
    /// An earlier run has left it.
    kept: bool,
}

/// Whether a file of this name is a store's.
fn is_ours(name: &str) -> bool {
    name == super::info::FILE_NAME || super::block::index_of(name).is_some()
}

impl FeatureStoreWriter {
    /// Begins a store, or goes on with one of the same plan.
    ///
    /// Blocks that are there are read and compared with their checksums; those that are damaged or
    /// missing are to be made again, and only those: [`is_kept`](Self::is_kept) says which rows
    /// need not be pushed. Of a store that is complete and sound nothing is left to do:
    /// [`is_complete`](Self::is_complete). Only one program may write a store at a time, which a
    /// lock on the folder sees to where there are locks on folders (Unix).
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another program, or another writer of this one, writes the store,
    /// [`Error::StoreMismatch`] if the folder has a store of another plan, [`Error::Store`] if the
    /// plan asks for what cannot be or if there are blocks without a description, or an error of
    /// writing.
    pub fn create(folder: impl AsRef<Path>, plan: StorePlan) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let lock = FolderLock::acquire(folder).map_err(Error::locking)?;
        let begun = StoreInfo::begun(plan);
        let mut info = match StoreInfo::read(folder)? {
            Some(info) => {
                begun.plan.check_same(&info.plan, folder)?;
                info
            }
            None => {
                begun.check(folder)?;
                // A description is written first, so whose features these are nobody knows.
                if let Some(&index) = block_indices(folder)?.first() {
                    let name = file_name(index);
                    let problem = format!("{name} is in it, and no store.json that says of what");
                    return Err(Error::store(folder, problem));
                }
                begun.write(folder)?;
                begun
            }
        };
        lock.remove_leftovers(is_ours);
        let per_block = info.plan.block_rows;
        let mut blocks = Vec::new();
        if info.complete {
            for first in (0..info.frames.len()).step_by(per_block) {
                let rows = first..(first + per_block).min(info.frames.len());
                let (frames, times) = (&info.frames[rows.clone()], &info.times[rows]);
                let block = sound(folder, blocks.len(), &info.plan);
                blocks.push(block.filter(|block| block.is_of(frames, times)));
            }
        } else {
            // A shorter block is the last one of a video whose end was not recorded.
            for index in block_indices(folder)? {
                let block = sound(folder, index, &info.plan);
                blocks.resize_with(index, || None);
                blocks.push(block.filter(|block| block.rows() == per_block));
            }
        }
        let mut blocks: Vec<_> = blocks
            .into_iter()
            .map(|it| it.and_then(Written::kept))
            .collect();
        if info.complete && blocks.iter().any(Option::is_none) {
            info = StoreInfo::begun(info.plan);
            info.write(folder)?; // until it is repaired nobody should read it
        }
        while blocks.pop_if(|block| block.is_none()).is_some() {} // are made if there are such rows
        let mut writer = Self {
            folder: folder.to_path_buf(),
            kept_rows: blocks
                .iter()
                .flatten()
                .map(|block| block.frames.len())
                .sum(),
            info,
            blocks,
            current: 0,
            pending: Pending::default(),
            _lock: lock,
        };
        writer.go_to_missing();
        Ok(writer)
    }

    /// Whether the store is complete and sound, so that nothing is to be written.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.info.complete
    }

    /// How many rows an earlier run has left: that many need not be computed.
    #[must_use]
    pub fn kept_rows(&self) -> usize {
        self.kept_rows
    }

    /// Whether an earlier run has left row `row`. Of the other rows, in their order,
    /// [`push`](Self::push) takes one after the other.
    #[must_use]
    pub fn is_kept(&self, row: usize) -> bool {
        let block = self.blocks.get(row / self.info.plan.block_rows);
        block.is_some_and(|block| {
            block.as_ref().is_some_and(|block| {
                block.kept && row % self.info.plan.block_rows < block.frames.len()
            })
        })
    }

    /// Rows in whole blocks on disk plus those that wait.
    #[must_use]
    pub fn rows(&self) -> usize {
        let blocks = self.blocks.iter().flatten();
        blocks.map(|block| block.frames.len()).sum::<usize>() + self.pending.rows()
    }

    /// Which blocks an earlier run has left.
    #[cfg(feature = "video")]
    pub(crate) fn kept_blocks(&self) -> Vec<bool> {
        self.blocks.iter().map(Option::is_some).collect()
    }

    /// Whether `waiting` rows more would fill a block.
    #[cfg(feature = "video")]
    pub(crate) fn block_is_full_with(&self, waiting: usize) -> bool {
        self.pending.rows() + waiting >= self.info.plan.block_rows
    }

    /// Compares a frame with the one that row `row` of an earlier run is of.
    #[cfg(feature = "video")]
    pub(crate) fn check_kept(&self, row: usize, frame: usize, time: f64) -> Result<(), Error> {
        let per_block = self.info.plan.block_rows;
        let block = self.blocks.get(row / per_block).and_then(Option::as_ref);
        let same = block.is_some_and(|block| {
            let place = row % per_block;
            (block.frames.get(place), block.times.get(place)) == (Some(&frame), Some(&time))
        });
        if same {
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
    /// number, is not of a later frame than the one before or has an earlier time; an error of
    /// writing when a block is full.
    pub fn push(&mut self, frame: usize, seconds: f64, values: &[f32]) -> Result<(), Error> {
        self.push_f16(frame, seconds, &to_f16(values))
    }

    /// As [`push`](Self::push), of values that are rounded already; infinite ones become the
    /// largest.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn push_f16(&mut self, frame: usize, seconds: f64, values: &[f16]) -> Result<(), Error> {
        let number = self.check_next(frame, seconds)?;
        let refuse = |problem: String| Err(Error::store(&self.folder, problem));
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
        let start = self.pending.features.len();
        self.pending.features.extend_from_slice(values);
        limit(&mut self.pending.features[start..]);
        self.add(number, seconds)
    }

    /// Adds the next row, of a frame that shows the picture of the row before it again: it refers
    /// to that row's features. The first row of a block of
    /// [`block_rows`](StorePlan::block_rows) has a copy of them, so that blocks stand by
    /// themselves.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if there is no row before it or it is not of a later frame than that one;
    /// an error of reading the block before or of writing a full one.
    pub fn push_duplicate(&mut self, frame: usize, seconds: f64) -> Result<(), Error> {
        let number = self.check_next(frame, seconds)?;
        if self.pending.rows() == 0 {
            let before = self.current.checked_sub(1).ok_or_else(|| {
                Error::store(
                    &self.folder,
                    "the first row has no row before it to refer to",
                )
            })?;
            let block = Block::open(self.folder.join(file_name(before)), &self.info.plan)?;
            self.pending.features.extend(block.row(block.rows() - 1));
        }
        self.add(number, seconds)
    }

    /// A frame's number, if it can be the next row's.
    fn check_next(&self, frame: usize, seconds: f64) -> Result<i64, Error> {
        let refuse = |problem: String| Err(Error::store(&self.folder, problem));
        if self.info.complete {
            return refuse("it is complete".to_owned());
        }
        if !seconds.is_finite() {
            return refuse(format!("the time of frame {frame} is {seconds} s"));
        }
        let number = i64::try_from(frame).unwrap_or(i64::MAX);
        let last = match (self.pending.frames.last(), self.pending.times.last()) {
            (Some(&frame), Some(&time)) => Some((frame, time)),
            _ => self.last_before_current(),
        };
        if let Some((last, time)) = last {
            if last >= number {
                return refuse(format!("frame {frame} comes after a later one"));
            }
            if time > seconds {
                return refuse(format!(
                    "times go back: frame {last} is at {time} s, frame {frame} at {seconds} s"
                ));
            }
        }
        Ok(number)
    }

    /// Frame and time of the row before the block that is being made.
    fn last_before_current(&self) -> Option<(i64, f64)> {
        let before = self.blocks.get(self.current.checked_sub(1)?)?.as_ref()?;
        let frame = i64::try_from(*before.frames.last()?).ok()?;
        Some((frame, *before.times.last()?))
    }

    /// Adds a row that has the features added last.
    fn add(&mut self, frame: i64, seconds: f64) -> Result<(), Error> {
        let row_len = self.info.plan.row_len();
        let stored = self.pending.features.len() / row_len - 1;
        self.pending.push(frame, seconds, stored);
        if self.pending.rows() == self.info.plan.block_rows {
            self.write_block()?;
        }
        Ok(())
    }

    /// Writes the last block and then `store.json`, which makes the store complete.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if no row was pushed or rows are missing in the middle, or an error of
    /// writing.
    pub fn finish(mut self, end: VideoEnd) -> Result<StoreInfo, Error> {
        if self.info.complete {
            return Ok(self.info);
        }
        // A short block in the middle would make every row behind it another frame's.
        let more_follow = self.current + 1 < self.blocks.len();
        if self.pending.rows() > 0 && more_follow {
            let problem = format!(
                "only {} rows of {} were pushed",
                self.pending.rows(),
                file_name(self.current)
            );
            return Err(Error::store(&self.folder, problem));
        }
        if self.pending.rows() > 0 {
            self.write_block()?;
        }
        let missing = self.blocks.iter().position(Option::is_none);
        for block in self.blocks.into_iter().flatten() {
            self.info.frames.extend(block.frames);
            self.info.times.extend(block.times);
        }
        self.info.end(end);
        self.info.format = FORMAT;
        self.info.complete = true;
        if let Some(missing) = missing {
            let problem = format!("the rows of {} were not pushed", file_name(missing));
            return Err(Error::store(&self.folder, problem));
        }
        self.info.check(&self.folder)?;
        self.info.write(&self.folder)?;
        Ok(self.info)
    }

    fn write_block(&mut self) -> Result<(), Error> {
        let path = self.folder.join(file_name(self.current));
        self.pending.write(&path, &self.info.plan)?;
        let frames = self.pending.frames.iter();
        let written = Written {
            frames: frames.filter_map(|&it| usize::try_from(it).ok()).collect(),
            times: std::mem::take(&mut self.pending.times),
            kept: false,
        };
        self.pending.clear();
        match self.blocks.get_mut(self.current) {
            Some(place) => *place = Some(written),
            None => self.blocks.push(Some(written)),
        }
        self.go_to_missing();
        Ok(())
    }

    /// Goes to the next block that is to be made.
    fn go_to_missing(&mut self) {
        while matches!(self.blocks.get(self.current), Some(Some(_))) {
            self.current += 1;
        }
    }
}

impl Written {
    fn kept(block: Block) -> Option<Self> {
        let frames = block.frames.iter();
        Some(Self {
            frames: frames
                .map(|&frame| usize::try_from(frame))
                .collect::<Result<_, _>>()
                .ok()?,
            times: block.times,
            kept: true,
        })
    }
}

/// Block `index`, if it is there, fits the plan and agrees with its checksum.
fn sound(folder: &Path, index: usize, plan: &StorePlan) -> Option<Block> {
    let block = Block::open(folder.join(file_name(index)), plan).ok()?;
    block.verify().ok()?;
    Some(block)
}

/// Which blocks a folder has files of, ascending.
fn block_indices(folder: &Path) -> Result<Vec<usize>, Error> {
    let mut indices = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let name = entry.map_err(Error::io("read", folder))?.file_name();
        indices.extend(name.to_str().and_then(super::block::index_of));
    }
    indices.sort_unstable();
    Ok(indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stores_files_are_ours() {
        for name in ["store.json", "block-00012.safetensors"] {
            assert!(is_ours(name), "{name}");
        }
        for name in ["notes.txt", "block-1.safetensors", "video.mp4"] {
            assert!(!is_ours(name), "{name}");
        }
    }
}
