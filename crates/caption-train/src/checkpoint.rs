use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::{
    module::Module,
    optim::{ModuleOptimizer, OptimizerRecord},
    store::ModuleRecord,
};
use frame_features::EncoderId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use caption_model::{LearntPart, NetworkConfig};

use super::{
    config::TrainConfig, difference::Difference, epoch_log::EpochRecord, error::Error, exact,
    objective::ObjectiveState,
};

/// How far training is, apart from weights and optimiser: `state.json` of a checkpoint.
///
/// Random numbers have no state: they are functions of the seed, the epoch and the step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TrainState {
    pub(super) identity: CheckpointIdentity,
    /// Epochs that are done.
    #[serde(with = "exact::epochs")]
    pub(super) epochs: Vec<EpochRecord>,
    /// What is done of the next one.
    pub(super) underway: PartialEpoch,
    pub(super) finished: bool,
    /// Rows of the windows that pairs are mixed in.
    pub(super) window_rows: Option<usize>,
    /// The baseline of hard attention.
    #[serde(default)]
    pub(super) objective: ObjectiveState,
    /// Options that were given other values when training went on.
    #[serde(default)]
    pub(super) changes: Vec<OptionChange>,
}

/// An option that was given another value when training went on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct OptionChange {
    /// Epochs that were done.
    pub(super) epochs: usize,
    /// Steps of the next one that were done.
    pub(super) steps: usize,
    #[serde(flatten)]
    pub(super) difference: Difference,
}

impl TrainState {
    /// Epochs that are done, and steps of the next one.
    pub(super) fn place(&self) -> (usize, usize) {
        (self.epochs.len(), self.underway.steps)
    }

    /// Whether the weights are those of an epoch's end that was the best so far: those to be kept.
    pub(super) fn is_best(&self) -> bool {
        self.underway.steps == 0 && self.epochs.last().is_some_and(|epoch| epoch.best)
    }
}

/// What is done of an epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct PartialEpoch {
    pub(super) steps: usize,
    pub(super) comments: usize,
    pub(super) targets: usize,
    /// Summed negative log-likelihood of the targets, as bits: decimals are not read back to the
    /// last one.
    nll_bits: u64,
    pub(super) seconds: f64,
}

impl PartialEpoch {
    /// Counts what a step has learnt.
    pub(super) fn add(&mut self, nll: f64) {
        self.nll_bits = (self.nll() + nll).to_bits();
    }

    /// Summed negative log-likelihood, nats.
    pub(super) fn nll(&self) -> f64 {
        f64::from_bits(self.nll_bits)
    }
}

/// What must be the same for a checkpoint to be continued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CheckpointIdentity {
    pub(super) network: NetworkConfig,
    pub(super) training: TrainConfig,
    pub(super) metric: Option<String>,
    /// In words, as earlier versions had it.
    pub(super) encoder: String,
    #[serde(default)]
    pub(super) encoder_id: Option<EncoderId>,
    pub(super) train_pairs: usize,
    pub(super) dev_pairs: usize,
    /// Checksums of the pairs.
    pub(super) train: u64,
    pub(super) dev: u64,
    /// Checksums of the features and of the vocabulary; earlier versions have none.
    #[serde(default)]
    pub(super) features: Option<u64>,
    #[serde(default)]
    pub(super) vocabulary: Option<u64>,
    /// That of the weights it began with, if they were given.
    #[serde(default)]
    pub(super) first: Option<u64>,
    /// What the data is made of, as the caller names it.
    #[serde(default)]
    pub(super) learnt_with: Vec<LearntPart>,
}

/// The folder `checkpoints/`, which keeps the newest one only.
pub(super) struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    pub(super) fn new(model_folder: &Path) -> Self {
        Self {
            folder: model_folder.join("checkpoints"),
        }
    }

    /// Makes the folder, by which a model folder is known as a training's.
    pub(super) fn create(&self) -> Result<(), Error> {
        fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder))
    }

    /// Whether the folder is there.
    pub(super) fn exist(&self) -> bool {
        self.folder.is_dir()
    }

    /// Removes what killed programs have left half written. Only for who has the model folder's
    /// lock.
    pub(super) fn remove_leftovers(&self) -> Result<(), Error> {
        match fs::read_dir(&self.folder) {
            Ok(_) => self.remove_before((0, 0)),
            Err(_) => Ok(()),
        }
    }

    /// The newest whole checkpoint's folder and state.
    pub(super) fn newest<S: DeserializeOwned>(&self) -> Result<Option<(PathBuf, S)>, Error> {
        let Some(folder) = self.newest_path() else {
            return Ok(None);
        };
        let path = folder.join("state.json");
        let text = fs::read(&path).map_err(Error::io(&path))?;
        let state = serde_json::from_slice(&text).map_err(Error::json(&path))?;
        Ok(Some((folder, state)))
    }

    /// The newest whole checkpoint's folder.
    pub(super) fn newest_path(&self) -> Option<PathBuf> {
        let entries = fs::read_dir(&self.folder).ok()?;
        entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| place_of(path).is_some())
            .max_by_key(|path| place_of(path))
    }

    /// Reads weights and optimiser of a checkpoint into those given.
    pub(super) fn load<M: Module>(
        folder: &Path,
        network: M,
        optimizer: ModuleOptimizer,
    ) -> Result<(M, ModuleOptimizer), Error> {
        let path = folder.join("network.bpk");
        let unusable = |path: &Path, reason: String| Error::Checkpoint {
            path: path.to_owned(),
            reason,
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

    /// Writes the checkpoint of a place, epochs that are done and steps of the next one, whole or
    /// not at all, and removes the older ones.
    pub(super) fn save<M: Module>(
        &self,
        network: &M,
        optimizer: &ModuleOptimizer,
        state: &impl Serialize,
        place: (usize, usize),
    ) -> Result<(), Error> {
        let name = format!("epoch-{:04}-step-{:06}", place.0, place.1);
        let partial = self.folder.join(format!(".partial-{name}"));
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(Error::io(&partial))?; // a kill left it
        }
        fs::create_dir_all(&partial).map_err(Error::io(&partial))?;
        if let Err(error) = write_parts(&partial, network, optimizer, state) {
            // The disk may be full: what is there of it must not stay. The first error is the one
            // to tell.
            let _ = fs::remove_dir_all(&partial);
            return Err(error);
        }
        let target = self.folder.join(name);
        if target.exists() {
            fs::remove_dir_all(&target).map_err(Error::io(&target))?;
        }
        fs::rename(&partial, &target).map_err(Error::io(&target))?;
        sync_folder(&self.folder)?;
        self.remove_before(place)
    }

    /// Removes what is older than the checkpoint of this place, and what a kill has left half
    /// written.
    fn remove_before(&self, place: (usize, usize)) -> Result<(), Error> {
        let entries = fs::read_dir(&self.folder).map_err(Error::io(&self.folder))?;
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.file_name().and_then(|name| name.to_str());
            let partial = name.is_some_and(|name| name.starts_with(".partial-"));
            if partial || place_of(&path).is_some_and(|other| other < place) {
                fs::remove_dir_all(&path).map_err(Error::io(&path))?;
            }
        }
        Ok(())
    }
}

/// Writes the files of a checkpoint into `folder` and waits until they are on the disk.
fn write_parts<M: Module>(
    folder: &Path,
    network: &M,
    optimizer: &ModuleOptimizer,
    state: &impl Serialize,
) -> Result<(), Error> {
    let unusable = |path: &Path, reason: String| Error::Checkpoint {
        path: path.to_owned(),
        reason,
    };
    let path = folder.join("network.bpk");
    network
        .clone()
        .into_record()
        .save(&path)
        .map_err(|error| unusable(&path, error.to_string()))?;
    let path = folder.join("optimizer.bpk");
    optimizer
        .save(&path)
        .map_err(|error| unusable(&path, error.to_string()))?;
    let path = folder.join("state.json");
    let text = serde_json::to_vec_pretty(state).map_err(Error::json(&path))?;
    fs::write(&path, text).map_err(Error::io(&path))?;
    for name in ["network.bpk", "optimizer.bpk", "state.json"] {
        let path = folder.join(name);
        fs::File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(Error::io(&path))?;
    }
    sync_folder(folder)
}

/// Makes new names within a folder outlive the machine's power.
fn sync_folder(folder: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Error::io(folder))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// The numbers in `epoch-0007-step-000120`: epochs that are done, and steps of the next one.
fn place_of(path: &Path) -> Option<(usize, usize)> {
    let name = path.file_name()?.to_str()?;
    let (epoch, step) = name.strip_prefix("epoch-")?.split_once("-step-")?;
    Some((epoch.parse().ok()?, step.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkpoints_are_ordered_by_epoch_and_step() {
        let place = |name: &str| place_of(Path::new(name));
        assert_eq!(place("a/epoch-0007-step-000120"), Some((7, 120)));
        assert_eq!(place("epoch-12345-step-1234567"), Some((12_345, 1_234_567)));
        assert_eq!(place(".partial-epoch-0007-step-000120"), None);
        assert_eq!(place("epoch-0007"), None);
        assert!(place("epoch-0002-step-000000") > place("epoch-0001-step-000999"));
    }

    /// A third that is no decimal fraction comes back to the last bit.
    #[test]
    fn sums_are_read_back_exactly() {
        let mut underway = PartialEpoch::default();
        underway.add(1.0 / 3.0);
        underway.add(1e-9);
        let text = serde_json::to_string(&underway).unwrap();
        let back: PartialEpoch = serde_json::from_str(&text).unwrap();
        assert_eq!(back.nll().to_bits(), (1.0f64 / 3.0 + 1e-9).to_bits());
    }
}
