use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::{
    module::Module,
    optim::{ModuleOptimizer, OptimizerRecord},
    store::ModuleRecord,
};
use serde::{Deserialize, Serialize};

use super::{config::TrainConfig, history::EpochRecord, objective::ObjectiveState};
use crate::{
    error::Error,
    model::{Network, NetworkConfig},
};

/// What training stands for apart from weights and optimiser: `state.json` of a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) identity: Identity,
    pub(super) epochs: Vec<EpochRecord>,
    pub(super) finished: bool,
    #[serde(default)]
    pub(super) objective: ObjectiveState,
}

/// What must be the same for a checkpoint to be continued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) network: NetworkConfig,
    pub(super) training: TrainConfig,
    pub(super) encoder: String,
    pub(super) train_pairs: usize,
    pub(super) train_targets: usize,
    pub(super) dev_pairs: usize,
    pub(super) dev_targets: usize,
}

/// The folder `checkpoints/`, which keeps the newest epoch only.
pub(super) struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    pub(super) fn new(model_folder: &Path) -> Self {
        Self {
            folder: model_folder.join("checkpoints"),
        }
    }

    /// The newest whole checkpoint's folder and state.
    pub(super) fn newest(&self) -> Result<Option<(PathBuf, State)>, Error> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Ok(None);
        };
        let newest = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| epoch_of(path).is_some())
            .max_by_key(|path| epoch_of(path));
        let Some(folder) = newest else {
            return Ok(None);
        };
        let path = folder.join("state.json");
        let text = fs::read(&path).map_err(Error::io(&path))?;
        let state = serde_json::from_slice(&text).map_err(Error::json(&path))?;
        Ok(Some((folder, state)))
    }

    /// Reads weights and optimiser of a checkpoint into those given.
    pub(super) fn load(
        folder: &Path,
        network: Network,
        optimizer: ModuleOptimizer,
    ) -> Result<(Network, ModuleOptimizer), Error> {
        let path = folder.join("network.bpk");
        let unusable = |path: &Path, why: String| {
            Error::model(
                path,
                format!("{why}; remove the folder checkpoints to train anew"),
            )
        };
        let record =
            ModuleRecord::load(&path).map_err(|error| unusable(&path, error.to_string()))?;
        let network = network
            .try_load_record(record)
            .map_err(|error| unusable(&path, error.to_string()))?;
        let path = folder.join("optimizer.bpk");
        let record =
            OptimizerRecord::load(&path).map_err(|error| unusable(&path, error.to_string()))?;
        Ok((network, optimizer.load_record(record)))
    }

    /// Writes a checkpoint, whole or not at all, and removes the older ones.
    pub(super) fn save(
        &self,
        network: &Network,
        optimizer: &ModuleOptimizer,
        state: &State,
    ) -> Result<(), Error> {
        fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder))?;
        let partial = tempfile::Builder::new()
            .prefix(".partial-")
            .tempdir_in(&self.folder)
            .map_err(Error::io(&self.folder))?;
        let path = partial.path().join("network.bpk");
        network
            .clone()
            .into_record()
            .save(&path)
            .map_err(|error| Error::model(&path, error.to_string()))?;
        let path = partial.path().join("optimizer.bpk");
        optimizer
            .save(&path)
            .map_err(|error| Error::model(&path, error.to_string()))?;
        let path = partial.path().join("state.json");
        let text = serde_json::to_vec_pretty(state).map_err(Error::json(&path))?;
        fs::write(&path, text).map_err(Error::io(&path))?;
        for name in ["network.bpk", "optimizer.bpk", "state.json"] {
            let path = partial.path().join(name);
            fs::File::open(&path)
                .and_then(|file| file.sync_all())
                .map_err(Error::io(&path))?;
        }
        let epoch = state.epochs.len();
        let target = self.folder.join(format!("epoch-{epoch:04}"));
        if target.exists() {
            fs::remove_dir_all(&target).map_err(Error::io(&target))?;
        }
        fs::rename(partial.keep(), &target).map_err(Error::io(&target))?;
        self.remove_before(epoch)
    }

    fn remove_before(&self, epoch: usize) -> Result<(), Error> {
        let entries = fs::read_dir(&self.folder).map_err(Error::io(&self.folder))?;
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.file_name().and_then(|name| name.to_str());
            let partial = name.is_some_and(|name| name.starts_with(".partial-"));
            if partial || epoch_of(&path).is_some_and(|other| other < epoch) {
                fs::remove_dir_all(&path).map_err(Error::io(&path))?;
            }
        }
        Ok(())
    }
}

/// The number in `epoch-0007`.
fn epoch_of(path: &Path) -> Option<usize> {
    path.file_name()?
        .to_str()?
        .strip_prefix("epoch-")?
        .parse()
        .ok()
}
