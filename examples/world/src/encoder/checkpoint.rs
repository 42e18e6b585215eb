//! How far a training has come, on the disk.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::optim::{ModuleOptimizer, OptimizerRecord};
use burn::store::ModuleRecord;
use serde::{Deserialize, Serialize};

use super::error::EncoderError;
use super::network::Trainee;
use super::options::EncoderOptions;
use crate::whole::write_pieces;

/// Steps that are done: of the phase with this number, from 0, and of all phases before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) phase: usize,
    pub(super) step: usize,
}

/// What lies beside the weights and names them.
#[derive(Serialize, Deserialize)]
struct Progress {
    options: EncoderOptions,
    #[serde(flatten)]
    place: Place,
}

/// The folder of a training's checkpoints.
pub(super) struct Checkpoints<'a> {
    folder: &'a Path,
    options: &'a EncoderOptions,
}

impl<'a> Checkpoints<'a> {
    /// Makes the folder.
    pub(super) fn new(folder: &'a Path, options: &'a EncoderOptions) -> Result<Self, EncoderError> {
        std::fs::create_dir_all(folder).map_err(|source| EncoderError::Folder {
            path: folder.to_owned(),
            source,
        })?;
        Ok(Self { folder, options })
    }

    /// Up to where the training has come; nothing if it has not begun.
    pub(super) fn place(&self) -> Result<Option<Place>, EncoderError> {
        let Some(progress) = self.progress()? else {
            return Ok(None);
        };
        if progress.options != *self.options {
            return Err(EncoderError::OtherTraining(self.folder.to_owned()));
        }
        Ok(Some(progress.place))
    }

    /// The network and the optimiser as they were there.
    pub(super) fn load(
        &self,
        place: Place,
        network: Trainee,
        optimizer: ModuleOptimizer,
    ) -> Result<(Trainee, ModuleOptimizer), EncoderError> {
        let path = self.network_path(place);
        let unusable = |source| weights(&path, "read", source);
        let record = ModuleRecord::load(&path).map_err(|error| unusable(error.into()))?;
        let network = network
            .try_load_record(record)
            .map_err(|error| unusable(error.into()))?;
        if place.step == 0 {
            return Ok((network, optimizer)); // each phase begins with a new one
        }
        let path = self.optimizer_path(place);
        let record =
            OptimizerRecord::load(&path).map_err(|error| weights(&path, "read", error.into()))?;
        Ok((network, optimizer.load_record(record)))
    }

    /// Writes network and optimiser, then the file that names them, then forgets those before.
    pub(super) fn save(
        &self,
        place: Place,
        network: &Trainee,
        optimizer: Option<&ModuleOptimizer>,
    ) -> Result<(), EncoderError> {
        // A file that was damaged meanwhile is written anew.
        let before = self.progress().ok().flatten();
        let before = before.map(|progress| progress.place);
        let path = self.network_path(place);
        network.settle();
        let record = network.clone().into_record();
        record
            .save(&path)
            .map_err(|error| weights(&path, "write", error.into()))?;
        if let Some(optimizer) = optimizer {
            let path = self.optimizer_path(place);
            optimizer
                .save(&path)
                .map_err(|error| weights(&path, "write", error.into()))?;
        }
        let progress = Progress {
            options: self.options.clone(),
            place,
        };
        write_pieces(&self.progress_path(), |out| {
            Ok(serde_json::to_writer_pretty(out, &progress)?)
        })
        .map_err(EncoderError::Checkpoint)?;
        if let Some(before) = before.filter(|before| *before != place) {
            // Only space is lost if they stay.
            let _ = std::fs::remove_file(self.network_path(before));
            let _ = std::fs::remove_file(self.optimizer_path(before));
        }
        Ok(())
    }

    fn progress(&self) -> Result<Option<Progress>, EncoderError> {
        let path = self.progress_path();
        let unusable = |source| EncoderError::Progress {
            path: path.clone(),
            source,
        };
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| unusable(error.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(error)),
        }
    }

    fn progress_path(&self) -> PathBuf {
        self.folder.join("progress.json")
    }

    fn network_path(&self, place: Place) -> PathBuf {
        let Place { phase, step } = place;
        self.folder.join(format!("network-{phase}-{step}.bpk"))
    }

    fn optimizer_path(&self, place: Place) -> PathBuf {
        let Place { phase, step } = place;
        self.folder.join(format!("optimizer-{phase}-{step}.bpk"))
    }
}

fn weights(
    path: &Path,
    action: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
) -> EncoderError {
    EncoderError::Weights {
        path: path.to_owned(),
        action,
        source,
    }
}
