//! Reading a store.

use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

use super::block::{self, Block};
use super::info::StoreInfo;
use crate::encoder::EncoderId;
use crate::error::Error;

/// Rows of so many bytes are asked for as a whole: page by page they take several times as long.
const LONG_ROW: usize = 1 << 15;

/// A feature store: the features of a video's frames in f16, one row a frame, memory-mapped from
/// disk.
///
/// A store is a folder: `store.json` ([`StoreInfo`]) and `block-00000.safetensors` and so on, each
/// with `features` `[stored, …]` in f16 and, for each of its rows, `frames`, `times` and `stored`:
/// which of the block's features are the row's. Frames that show the picture of the one before
/// share its features ([`DuplicateFrames`](crate::DuplicateFrames)); in Python, rows are
/// `features[stored]`. Opening maps the blocks into memory without reading their features, so a
/// store may be larger than memory, and rows that are not asked for cost nothing. It can be shared
/// between threads.
///
/// Written by [`FeatureStoreWriter`](crate::FeatureStoreWriter), or by `extract` (feature `video`).
///
/// # Example
///
/// ```
/// use frame_features::{
///     EncoderId, FeatureStore, FeatureStoreWriter, Layer, Rational, Sampling, StorePlan, VideoEnd,
///     VideoSource,
/// };
///
/// let folder = tempfile::tempdir()?;
/// let encoder = EncoderId::new("by hand", "0".repeat(64), Layer::Relu7, 224);
/// let video = VideoSource { path: "cafe.mp4".into(), bytes: 1, sha256: "0".repeat(64) };
/// let plan = StorePlan::new(encoder, [2], video).sampling(Sampling::Every(10));
/// let mut writer = FeatureStoreWriter::create(folder.path(), plan)?;
/// writer.push(0, 0.0, &[1.0, 2.0])?;
/// writer.push(10, 0.5, &[3.0, 4.0])?;
/// writer.finish(VideoEnd::new(15, Rational::new(20, 1), 0.75))?;
///
/// let store = FeatureStore::open(folder.path())?;
/// assert_eq!((store.len(), store.shape()), (2, &[2][..]));
/// let mut rows = Vec::new();
/// store.read_rows(&[1, 0], &mut rows)?;
/// assert_eq!(rows, [3.0, 4.0, 1.0, 2.0]);
/// assert_eq!(store.row_at_frame(9), 0); // frames 0 to 9 are described by the first row
/// assert_eq!(store.row_at_frame(14), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FeatureStore {
    folder: PathBuf,
    info: StoreInfo,
    blocks: Vec<Block>,
}

impl FeatureStore {
    /// Opens a store that is complete.
    ///
    /// # Errors
    ///
    /// [`Error::NoStore`] if the folder is no store, [`Error::Incomplete`] if extraction into it
    /// has not ended, [`Error::Format`] or [`Error::Store`] if its description cannot be used;
    /// [`Error::Block`], naming the file, if a block is missing, cut off or does not fit.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let info = StoreInfo::read(folder)?.ok_or_else(|| Error::NoStore {
            path: folder.to_owned(),
        })?;
        if !info.complete {
            return Err(Error::Incomplete {
                path: folder.to_owned(),
            });
        }
        let rows = info.frames.len();
        let mut blocks = Vec::with_capacity(rows.div_ceil(info.plan.block_rows));
        for first in (0..rows).step_by(info.plan.block_rows) {
            let path = folder.join(block::file_name(blocks.len()));
            let expected = first..(first + info.plan.block_rows).min(rows);
            blocks.push(open_block(path, &info, expected)?);
        }
        Ok(Self {
            folder: folder.to_path_buf(),
            info,
            blocks,
        })
    }

    /// Refuses the store if its features are of another encoder, layer or picture size than
    /// `wanted`, such as those that a model learnt from.
    ///
    /// # Errors
    ///
    /// [`Error::StoreMismatch`], which names the store and both encoders.
    pub fn check_encoder(&self, wanted: &EncoderId) -> Result<(), Error> {
        let found = &self.info.plan.encoder;
        if found.matches(wanted) {
            return Ok(());
        }
        Err(Error::StoreMismatch {
            path: self.folder.clone(),
            what: "encoder",
            found: found.to_string(),
            wanted: wanted.to_string(),
        })
    }

    /// Number of rows: of frames that were taken. Never 0.
    #[must_use]
    pub fn len(&self) -> usize {
        self.info.frames.len()
    }

    /// Whether there are no rows: never so in a store that could be opened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.info.frames.is_empty()
    }

    /// Number of rows that have features of their own; the others show the same picture again.
    #[must_use]
    pub fn num_stored(&self) -> usize {
        self.blocks.iter().map(Block::num_stored).sum()
    }

    /// Whether row `index` shares the features of the row before it.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRow`] past the end.
    pub fn is_duplicate(&self, index: usize) -> Result<bool, Error> {
        let (block, index) = self.place(index)?;
        Ok(index > 0 && block.stored(index) == block.stored(index - 1))
    }

    /// Shape of a row: `[d]` for `relu7`, `[locations, d]` for `conv5_3`.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.info.plan.shape
    }

    /// What the features are of, with the frame and the time of each row.
    #[must_use]
    pub fn info(&self) -> &StoreInfo {
        &self.info
    }

    /// The store's folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Row `index`, row-major, without copying it.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRow`] past the end.
    pub fn row(&self, index: usize) -> Result<&[f16], Error> {
        let (block, index) = self.place(index)?;
        if self.info.plan.row_len() * size_of::<f16>() >= LONG_ROW {
            block.will_need(index);
        }
        Ok(block.row(index))
    }

    /// Rows in the order of `indices`, without copying them. The operating system is told of all of
    /// them first, so that it fetches those that are not in memory side by side.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRow`] past the end.
    pub fn rows(&self, indices: &[usize]) -> Result<Vec<&[f16]>, Error> {
        let places: Vec<_> = indices
            .iter()
            .map(|&index| self.place(index))
            .collect::<Result<_, _>>()?;
        for (block, index) in &places {
            block.will_need(*index);
        }
        let rows = places.into_iter().map(|(block, index)| block.row(index));
        Ok(rows.collect())
    }

    /// Appends rows to `values` in the order of `indices`, as f32.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRow`] past the end; `values` is then as it was.
    pub fn read_rows(&self, indices: &[usize], values: &mut Vec<f32>) -> Result<(), Error> {
        let rows = self.rows(indices)?;
        let start = values.len();
        let row_len = self.info.plan.row_len();
        values.resize(start + indices.len() * row_len, 0.0);
        let places = values[start..].par_chunks_exact_mut(row_len);
        places
            .zip(rows)
            .for_each(|(place, row)| row.convert_to_f32_slice(place));
        Ok(())
    }

    fn place(&self, index: usize) -> Result<(&Block, usize), Error> {
        let per_block = self.info.plan.block_rows;
        if index >= self.len() {
            return Err(Error::NoSuchRow {
                path: Some(self.folder.clone()),
                row: index,
                rows: self.len(),
            });
        }
        Ok((&self.blocks[index / per_block], index % per_block))
    }

    /// The row that describes frame `video_frame`: of that frame, or of the last one taken before
    /// it. A frame before the first one taken has row 0, one past the end the last row.
    #[must_use]
    pub fn row_at_frame(&self, video_frame: usize) -> usize {
        let after = self
            .info
            .frames
            .partition_point(|&frame| frame <= video_frame);
        after.saturating_sub(1)
    }

    /// The row whose frame is shown at a time in seconds, as [`row_at_frame`](Self::row_at_frame).
    #[must_use]
    pub fn row_at_time(&self, seconds: f64) -> usize {
        let after = self.info.times.partition_point(|&time| time <= seconds);
        after.saturating_sub(1)
    }

    /// Compares every block with its checksum: reads the whole store.
    ///
    /// # Errors
    ///
    /// [`Error::Block`] with the first block that differs.
    pub fn verify(&self) -> Result<(), Error> {
        self.blocks.iter().try_for_each(Block::verify)
    }
}

/// Opens a block and compares its frames and times with those that `store.json` has at its place.
fn open_block(
    path: PathBuf,
    info: &StoreInfo,
    expected: std::ops::Range<usize>,
) -> Result<Block, Error> {
    if !path.exists() {
        return Err(Error::block(&path, "it is missing"));
    }
    let block = Block::open(path, &info.plan)?;
    let frames = &info.frames[expected.clone()];
    if block.is_of(frames, &info.times[expected]) {
        return Ok(block);
    }
    Err(Error::block(
        block.path(),
        "its rows are of other frames than store.json says",
    ))
}
