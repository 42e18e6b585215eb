//! Weights in PyTorch's files, through the reader of `burn-store`, which takes the pickle for
//! data: it knows the constructors of tensors and containers and runs nothing.

use std::collections::HashMap;
use std::path::Path;

use burn_store::pytorch_reader::{DType, PytorchReader, Tensor};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::safetensors::{each, narrow};
use super::tensor_file::TensorFile;
use crate::error::Error;

/// An opened `.pth` file.
pub(super) struct PytorchFile {
    tensors: HashMap<String, Tensor>,
    /// Length of the file: no honest tensor is larger.
    bytes: u64,
}

impl PytorchFile {
    /// Opens a `state_dict`, or a checkpoint that has one somewhere: its names then come after those
    /// of the dictionaries that it lies in.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::metadata(path)
            .map_err(Error::io("read", path))?
            .len();
        let reader = PytorchReader::new(path).map_err(|error| {
            Error::weights(path, "neither safetensors nor PyTorch").caused_by(error)
        })?;
        let tensors = reader.into_tensors();
        if tensors.is_empty() {
            return Err(Error::weights(path, "there are no tensors in it"));
        }
        Ok(Self { tensors, bytes })
    }
}

impl TensorFile for PytorchFile {
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.tensors.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.tensors.get(name)?.shape().to_vec())
    }

    fn read(&self, name: &str) -> Result<Vec<f32>, String> {
        let tensor = self.tensors.get(name).ok_or("missing")?;
        // A view with stride 0 can claim more than its storage holds, up to 10 GiB.
        let claimed = tensor.byte_len() as u64;
        if claimed > self.bytes {
            return Err(format!(
                "claims {claimed} bytes, but the whole file has {}",
                self.bytes
            ));
        }
        let bytes = tensor.read().map_err(|error| error.to_string())?;
        match tensor.dtype() {
            DType::F32 => Ok(each(&bytes, f32::from_ne_bytes)),
            DType::F64 => Ok(each(&bytes, f64::from_ne_bytes)
                .into_iter()
                .map(narrow)
                .collect()),
            DType::F16 => Ok(each(&bytes, f16::from_ne_bytes).to_f32_vec()),
            DType::BF16 => Ok(each(&bytes, bf16::from_ne_bytes).to_f32_vec()),
            other => Err(format!("holds {other:?}, expected F32, F16, BF16 or F64")),
        }
    }
}

impl std::fmt::Debug for PytorchFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PytorchFile")
            .field("tensors", &self.tensors.len())
            .finish_non_exhaustive()
    }
}
