//! One file of a store: some rows, with their frames and times.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use half::f16;
use half::slice::HalfBitsSliceExt;
use memmap2::Mmap;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use std::io::Write;

use super::StorePlan;
use crate::hash::bytes_sha256;
use crate::map::map;
use crate::{Error, write};

#[cfg(target_endian = "big")]
compile_error!("stores are read where they lie, and they are little-endian");

/// Key of the features' SHA-256 in a block's metadata.
const CHECKSUM: &str = "features_sha256";

/// File name of block `index`.
pub(crate) fn file_name(index: usize) -> String {
    format!("block-{index:05}.safetensors")
}

/// Rows that are not written yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) features: Vec<f16>,
    pub(crate) frames: Vec<i64>,
    pub(crate) times: Vec<f64>,
}

impl Pending {
    pub(crate) fn rows(&self) -> usize {
        self.frames.len()
    }

    pub(crate) fn clear(&mut self) {
        self.features.clear();
        self.frames.clear();
        self.times.clear();
    }

    /// Writes the rows as one block. Same rows, same bytes.
    pub(crate) fn write(&self, path: &Path, plan: &StorePlan) -> Result<(), Error> {
        let features = bytes(&self.features, f16::to_le_bytes);
        let frames = bytes(&self.frames, i64::to_le_bytes);
        let times = bytes(&self.times, f64::to_le_bytes);
        let rows = self.rows();
        let mut shape = vec![rows];
        shape.extend(&plan.shape);
        let view = |dtype, shape, bytes| {
            TensorView::new(dtype, shape, bytes)
                .map_err(|error| Error::block(path, error.to_string()))
        };
        let tensors = [
            ("features", view(Dtype::F16, shape, &features)?),
            ("frames", view(Dtype::I64, vec![rows], &frames)?),
            ("times", view(Dtype::F64, vec![rows], &times)?),
        ];
        // One entry: the order of several in a `HashMap` would differ from run to run.
        let metadata = HashMap::from([(CHECKSUM.to_owned(), bytes_sha256(&features))]);
        let file = safetensors::serialize(tensors, Some(metadata))
            .map_err(|error| Error::block(path, error.to_string()))?;
        write::whole(path, |out| out.write_all(&file))
    }
}

fn bytes<T: Copy, const N: usize>(values: &[T], convert: fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|&value| convert(value)).collect()
}

/// A block that lies on disk, mapped into memory and checked.
#[derive(Debug)]
pub(crate) struct Block {
    path: PathBuf,
    map: Mmap,
    features: Range<usize>,
    row_len: usize,
    checksum: Option<String>,
    pub(crate) frames: Vec<i64>,
    pub(crate) times: Vec<f64>,
}

impl Block {
    /// Opens a block and checks that it holds at most `plan.block_rows` rows of the plan's shape.
    pub(crate) fn open(path: PathBuf, plan: &StorePlan) -> Result<Self, Error> {
        let map = map(&path)?;
        let damaged = |problem: String| Error::block(&path, problem);
        let (header, metadata) =
            SafeTensors::read_metadata(&map).map_err(|error| damaged(error.to_string()))?;
        let checksum = metadata
            .metadata()
            .as_ref()
            .and_then(|entries| entries.get(CHECKSUM).cloned());
        let tensors = SafeTensors::deserialize(&map).map_err(|error| damaged(error.to_string()))?;
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
        let rows = match features.shape() {
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
        if frames.shape() != [rows] || times.shape() != [rows] {
            return Err(damaged(format!(
                "{rows} rows, but frames of shape {:?} and times of shape {:?}",
                frames.shape(),
                times.shape()
            )));
        }
        let frames = frames.data().as_chunks().0;
        let frames: Vec<_> = frames
            .iter()
            .map(|chunk| i64::from_le_bytes(*chunk))
            .collect();
        let times = times.data().as_chunks().0;
        let times: Vec<_> = times
            .iter()
            .map(|chunk| f64::from_le_bytes(*chunk))
            .collect();
        let info = metadata
            .info("features")
            .ok_or_else(|| damaged("there is no tensor \"features\" in it".to_owned()))?;
        let data = size_of::<u64>() + header; // offsets count from the end of the header
        let features = data + info.data_offsets.0..data + info.data_offsets.1;
        let block = Self {
            features,
            row_len: plan.row_len(),
            checksum,
            frames,
            times,
            map,
            path: path.clone(),
        };
        // Casting fails only if another program's header put the numbers at an odd place.
        bytemuck::try_cast_slice::<u8, u16>(block.bytes())
            .map_err(|error| damaged(format!("\"features\" cannot be read in place: {error}")))?;
        Ok(block)
    }

    fn bytes(&self) -> &[u8] {
        &self.map[self.features.clone()]
    }

    pub(crate) fn rows(&self) -> usize {
        self.frames.len()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Row `index` of this block, where it lies in the file.
    pub(crate) fn row(&self, index: usize) -> &[f16] {
        let bits: &[u16] = bytemuck::cast_slice(self.bytes()); // `open` has tried
        &bits.reinterpret_cast::<f16>()[index * self.row_len..][..self.row_len]
    }

    /// Compares the features with the checksum written beside them: reads the whole block.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        match &self.checksum {
            None => Err(Error::block(&self.path, "it has no checksum")),
            Some(expected) if *expected != bytes_sha256(self.bytes()) => Err(Error::block(
                &self.path,
                "its features differ from their checksum",
            )),
            Some(_) => Ok(()),
        }
    }
}
