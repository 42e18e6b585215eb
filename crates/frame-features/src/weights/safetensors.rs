//! Weights in safetensors files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors};

use super::tensor_file::TensorFile;
use crate::error::Error;
use crate::files::map;

/// Whether a file is to be read as safetensors: its name says so, or it begins like one (eight
/// bytes of length and the brace of its JSON header).
pub(super) fn recognise(path: &Path) -> Result<bool, Error> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let mut start = Vec::with_capacity(9);
    file.take(9)
        .read_to_end(&mut start)
        .map_err(Error::io("read", path))?;
    let named = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors"));
    Ok(named || (start.len() == 9 && start[8] == b'{' && start[4..8] == [0; 4]))
}

/// Opens a safetensors file, which lives as long as `use_file` runs.
pub(super) fn with<T>(
    path: &Path,
    use_file: impl FnOnce(&dyn TensorFile) -> Result<T, Error>,
) -> Result<T, Error> {
    let map = map(path)?;
    from_bytes(path, &map, use_file)
}

/// The same for a file that is in memory; `path` only names it.
pub(super) fn from_bytes<T>(
    path: &Path,
    bytes: &[u8],
    use_file: impl FnOnce(&dyn TensorFile) -> Result<T, Error>,
) -> Result<T, Error> {
    let tensors = SafeTensors::deserialize(bytes)
        .map_err(|error| Error::weights(path, "as a safetensors file").caused_by(error))?;
    use_file(&tensors)
}

impl TensorFile for SafeTensors<'_> {
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.names().into_iter().map(str::to_owned).collect();
        names.sort_unstable();
        names
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.tensor(name).ok()?.shape().to_vec())
    }

    fn read(&self, name: &str) -> Result<Vec<f32>, String> {
        let view = self.tensor(name).map_err(|error| error.to_string())?;
        to_f32(view.dtype(), view.data())
    }
}

/// Little-endian values of one of the types that weights come in, as f32.
fn to_f32(dtype: Dtype, bytes: &[u8]) -> Result<Vec<f32>, String> {
    match dtype {
        Dtype::F32 => Ok(each(bytes, f32::from_le_bytes)),
        Dtype::F64 => Ok(each(bytes, f64::from_le_bytes)
            .into_iter()
            .map(narrow)
            .collect()),
        Dtype::F16 => Ok(each(bytes, f16::from_le_bytes).to_f32_vec()),
        Dtype::BF16 => Ok(each(bytes, bf16::from_le_bytes).to_f32_vec()),
        other => Err(format!("holds {other}, expected F32, F16, BF16 or F64")),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "weights are computed with in single precision"
)]
pub(super) fn narrow(value: f64) -> f32 {
    value as f32
}

pub(super) fn each<T, const N: usize>(bytes: &[u8], convert: fn([u8; N]) -> T) -> Vec<T> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|chunk| convert(*chunk))
        .collect()
}
