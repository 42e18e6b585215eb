//! Files of model folders: whole or absent, and checked before anything is made of them.

use std::{fs, io::ErrorKind, path::Path};

use burn_store::SafetensorsStore;
use safetensors::SafeTensors;
use serde::{Serialize, de::DeserializeOwned};

use crate::{error::Error, model_problem::ModelProblem};

/// Largest size that a configuration may ask for; a damaged file must not make the program take all
/// memory.
const MAX_SIZE: usize = 1 << 24;

/// Writes a file, whole or not at all, with the mode that the umask gives.
pub(crate) fn write_atomic(path: &Path, contents: &[u8]) -> Result<(), Error> {
    folder_lock::write_whole(path, |out| out.write_all(contents)).map_err(Error::io(path))
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(Error::io(path)),
    }
}

/// What takes a network's weights to make a file of them. The same weights give the same bytes:
/// Burn's three entries of metadata would stand in the order of a hash map.
pub(crate) fn weights_store() -> SafetensorsStore {
    SafetensorsStore::from_bytes(None)
        .clear_metadata()
        .metadata("format", "safetensors")
}

/// Writes a JSON file, whole or not at all.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_vec_pretty(value).map_err(Error::json(path))?;
    write_atomic(path, &text)
}

/// Reads a JSON file.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = fs::read(path).map_err(Error::io(path))?;
    serde_json::from_slice(&text).map_err(Error::json(path))
}

/// Refuses sizes of a configuration that no network has.
pub(crate) fn check_size(path: &Path, sizes: impl IntoIterator<Item = usize>) -> Result<(), Error> {
    let most = MAX_SIZE;
    match sizes.into_iter().find(|size| *size == 0 || *size > most) {
        Some(size) => Err(Error::model(path, ModelProblem::Size { size, most })),
        None => Ok(()),
    }
}

/// Opens a file of weights, and refuses one that holds fewer numbers than a configuration asks for:
/// each size may be one that is believed, and their product more memory than there is. So a network
/// takes no more than a few times its file before that is read.
pub(crate) fn open_weights<'a>(
    path: &Path,
    bytes: &'a [u8],
    expected: u128,
) -> Result<SafeTensors<'a>, Error> {
    let tensors = SafeTensors::deserialize(bytes)
        .map_err(|error| Error::model(path, ModelProblem::NotSafetensors(Box::new(error))))?;
    let numbers = |shape: &[usize]| {
        let sides = shape.iter().map(|side| *side as u128);
        sides.fold(1, u128::saturating_mul)
    };
    let found = (tensors.iter())
        .map(|(_, tensor)| numbers(tensor.shape()))
        .fold(0, u128::saturating_add);
    if found >= expected {
        return Ok(tensors);
    }
    let problem = ModelProblem::TooFewWeights { found, expected };
    Err(Error::model(path, problem))
}

/// Numbers of a matrix.
pub(crate) fn matrix(rows: usize, columns: usize) -> u128 {
    (rows as u128).saturating_mul(columns as u128)
}

/// Numbers of a linear layer: its matrix and its bias.
pub(crate) fn layer(inputs: usize, outputs: usize) -> u128 {
    matrix(inputs, outputs).saturating_add(outputs as u128)
}

/// Sum of numbers, however many.
pub(crate) fn sum<const N: usize>(numbers: [u128; N]) -> u128 {
    numbers.into_iter().fold(0, u128::saturating_add)
}
