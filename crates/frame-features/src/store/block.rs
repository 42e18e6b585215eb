//! One file of a store: some rows, with their frames and times.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use memmap2::Mmap;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::plan::StorePlan;
use crate::error::Error;
use crate::files::{map, parts_sha256, will_need, write_whole};

#[cfg(target_endian = "big")]
compile_error!("stores are read where they lie, and they are little-endian");

/// Key in a block's metadata of the SHA-256 of its tensors: features, frames, times, stored.
const CHECKSUM: &str = "sha256";

/// File name of block `index`.
pub(crate) fn file_name(index: usize) -> String {
    format!("block-{index:05}.safetensors")
}

/// No store has so many blocks: a file that says so is none of a store's.
const MAX_BLOCKS: usize = 1_000_000;

/// The index in a block's file name; nothing for other names.
pub(crate) fn index_of(name: &str) -> Option<usize> {
    let digits = name.strip_prefix("block-")?.strip_suffix(".safetensors")?;
    let index = digits.parse().ok()?;
    (index < MAX_BLOCKS && file_name(index) == name).then_some(index)
}

/// Rows that are not written yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) features: Vec<f16>,
    pub(crate) frames: Vec<i64>,
    pub(crate) times: Vec<f64>,
    /// For each row, which of the stored features is its own.
    pub(crate) stored: Vec<i64>,
}

impl Pending {
    pub(crate) fn rows(&self) -> usize {
        self.frames.len()
    }

    /// Adds a row that refers to the features added last.
    pub(crate) fn push(&mut self, frame: i64, time: f64, stored: usize) {
        self.frames.push(frame);
        self.times.push(time);
        self.stored.push(i64::try_from(stored).unwrap_or(i64::MAX));
    }

    pub(crate) fn clear(&mut self) {
        self.features.clear();
        self.frames.clear();
        self.times.clear();
        self.stored.clear();
    }

    /// Writes the rows as one block. Same rows, same bytes.
    pub(crate) fn write(&self, path: &Path, plan: &StorePlan) -> Result<(), Error> {
        let bits: &[u16] = self.features.reinterpret_cast();
        let bytes: [&[u8]; 4] = [
            bytemuck::cast_slice(bits),
            bytemuck::cast_slice(&self.frames),
            bytemuck::cast_slice(&self.times),
            bytemuck::cast_slice(&self.stored),
        ];
        let rows = vec![self.rows()];
        let mut shape = vec![self.features.len() / plan.row_len().max(1)];
        shape.extend(&plan.shape);
        let kinds = [
            ("features", Dtype::F16, shape),
            ("frames", Dtype::I64, rows.clone()),
            ("times", Dtype::F64, rows.clone()),
            ("stored", Dtype::I64, rows),
        ];
        let tensors = kinds
            .into_iter()
            .zip(bytes)
            .map(|((name, dtype, shape), bytes)| {
                TensorView::new(dtype, shape, bytes)
                    .map(|view| (name, view))
                    .map_err(|error| Error::block(path, "it cannot be written").caused_by(error))
            })
            .collect::<Result<Vec<_>, _>>()?;
        // One entry: the order of several in a `HashMap` would differ from run to run.
        let metadata = HashMap::from([(CHECKSUM.to_owned(), parts_sha256(bytes))]);
        let file = safetensors::serialize(tensors, Some(metadata))
            .map_err(|error| Error::block(path, "it cannot be written").caused_by(error))?;
        write_whole(path, &file)
    }
}

/// A block that lies on disk, mapped into memory and checked.
#[derive(Debug)]
pub(crate) struct Block {
    path: PathBuf,
    map: Mmap,
    /// Where features, frames, times and references lie in the file.
    parts: [Range<usize>; 4],
    row_len: usize,
    /// SHA-256 of its tensors as the file says it.
    checksum: Option<String>,
    /// Rows of features.
    num_stored: usize,
    /// For each row, which of the stored features is its own.
    stored: Vec<usize>,
    pub(crate) frames: Vec<i64>,
    pub(crate) times: Vec<f64>,
}

impl Block {
    /// Opens a block and checks that it holds at most `plan.block_rows` rows of the plan's shape.
    pub(crate) fn open(path: PathBuf, plan: &StorePlan) -> Result<Self, Error> {
        let map = map(&path)?;
        let damaged = |problem: String| Error::block(&path, problem);
        let unreadable = |error| damaged("it cannot be read".to_owned()).caused_by(error);
        let (header, metadata) = SafeTensors::read_metadata(&map).map_err(unreadable)?;
        let checksum = metadata.metadata().as_ref();
        let checksum = checksum.and_then(|entries| entries.get(CHECKSUM).cloned());
        let tensors = SafeTensors::deserialize(&map).map_err(unreadable)?;
        let tensor = |name: &str, dtype: Dtype| {
            let view = tensors
                .tensor(name)
                .map_err(|_| damaged(format!("there is no tensor \"{name}\" in it")))?;
            if view.dtype() == dtype {
                return Ok(view);
            }
            Err(damaged(format!(
                "\"{name}\" is {}, expected {dtype}",
                view.dtype()
            )))
        };
        let features = tensor("features", Dtype::F16)?;
        let frames = tensor("frames", Dtype::I64)?;
        let times = tensor("times", Dtype::F64)?;
        let num_stored = match features.shape() {
            [rows, rest @ ..] if rest == plan.shape && (1..=plan.block_rows).contains(rows) => {
                *rows
            }
            shape => {
                return Err(damaged(format!(
                    "\"features\" has shape {shape:?}, expected up to {} rows of {:?}",
                    plan.block_rows, plan.shape
                )));
            }
        };
        let numbers = |view: &TensorView<'_>| -> Vec<i64> {
            let (chunks, _) = view.data().as_chunks();
            chunks.iter().copied().map(i64::from_le_bytes).collect()
        };
        let rows = match frames.shape() {
            [rows] if (num_stored..=plan.block_rows).contains(rows) => *rows,
            shape => return Err(damaged(format!("\"frames\" has shape {shape:?}"))),
        };
        let stored = references(&numbers(&tensor("stored", Dtype::I64)?), num_stored)
            .ok_or_else(|| damaged("\"stored\" does not go up by ones".to_owned()))?;
        if times.shape() != [rows]
            || stored.len() != rows
            || stored.last() != Some(&(num_stored - 1))
        {
            return Err(damaged(format!(
                "{rows} rows, but times of shape {:?} and {} references to {num_stored} features",
                times.shape(),
                stored.len()
            )));
        }
        let frames = numbers(&frames);
        let (times, _) = times.data().as_chunks();
        let times = times.iter().copied().map(f64::from_le_bytes).collect();
        let data = size_of::<u64>() + header; // offsets count from the end of the header
        let parts = ["features", "frames", "times", "stored"].map(|name| {
            metadata.info(name).map_or(0..0, |info| {
                data + info.data_offsets.0..data + info.data_offsets.1
            })
        });
        let block = Self {
            parts,
            row_len: plan.row_len(),
            checksum,
            num_stored,
            stored,
            frames,
            times,
            map,
            path: path.clone(),
        };
        // Casting fails only if another program's header put the numbers at an odd place.
        bytemuck::try_cast_slice::<u8, u16>(block.bytes())
            .map_err(|_| damaged("\"features\" cannot be read in place".to_owned()))?;
        Ok(block)
    }

    fn bytes(&self) -> &[u8] {
        &self.map[self.parts[0].clone()]
    }

    pub(crate) fn rows(&self) -> usize {
        self.frames.len()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether its rows are of these frames at these times.
    pub(crate) fn is_of(&self, frames: &[usize], times: &[f64]) -> bool {
        // JSON is not read back to the last bit.
        let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * one.abs().max(1.0);
        let mut frames_and_times = self
            .frames
            .iter()
            .zip(frames)
            .zip(self.times.iter().zip(times));
        self.rows() == frames.len()
            && frames_and_times.all(|((&found, &frame), (&at, &time))| {
                usize::try_from(found) == Ok(frame) && near(at, time)
            })
    }

    /// Rows that have features of their own.
    pub(crate) fn num_stored(&self) -> usize {
        self.num_stored
    }

    /// Which of the stored features is row `index`'s.
    pub(crate) fn stored(&self, index: usize) -> usize {
        self.stored[index]
    }

    /// Row `index` of this block, where it lies in the file.
    pub(crate) fn row(&self, index: usize) -> &[f16] {
        let bits: &[u16] = bytemuck::cast_slice(self.bytes()); // `open` has tried
        &bits.reinterpret_cast::<f16>()[self.stored[index] * self.row_len..][..self.row_len]
    }

    /// Tells the operating system that a row will be read, so that it fetches several at once.
    pub(crate) fn will_need(&self, index: usize) {
        let row_bytes = self.row_len * size_of::<f16>();
        let offset = self.parts[0].start + self.stored[index] * row_bytes;
        will_need(&self.map, offset, row_bytes);
    }

    /// Compares the block with the checksum written in it: reads all of it.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        let parts = self.parts.clone().map(|part| &self.map[part]);
        match &self.checksum {
            None => Err(Error::block(&self.path, "it has no checksum")),
            Some(expected) if *expected == parts_sha256(parts) => Ok(()),
            Some(_) => Err(Error::block(&self.path, "it differs from its checksum")),
        }
    }
}

/// References of rows to features: the first row has the first ones, each other row the same as the
/// row before it or the next ones.
fn references(numbers: &[i64], num_stored: usize) -> Option<Vec<usize>> {
    let mut before = None;
    let mut references = Vec::with_capacity(numbers.len());
    for &number in numbers {
        let reference = usize::try_from(number).ok()?;
        let fits = match before {
            None => reference == 0,
            Some(before) => reference == before || reference == before + 1,
        };
        if !fits || reference >= num_stored {
            return None;
        }
        before = Some(reference);
        references.push(reference);
    }
    Some(references)
}
