use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use burn_store::{ModuleSnapshot, SafetensorsStore};
use folder_lock::FolderLock;
use frame_features::EncoderId;
use jp_tokenize::Vocabulary;
use serde::{Deserialize, Serialize};

use crate::{
    comment_rate::CommentRate,
    commenter::CommenterFolder,
    error::Error,
    files::{check_size, open_weights, read_json, remove, weights_store, write_atomic, write_json},
    model::{Network, NetworkConfig},
    model_problem::ModelProblem,
};

/// Names of files.
const CONFIG: &str = "config.json";
const VOCABULARY: &str = "vocabulary.tsv";
const RATE: &str = "rate.json";
const WEIGHTS: &str = "model.safetensors";
/// Files of a model folder that are written under another name first.
const FILES: [&str; 10] = [
    CONFIG,
    WEIGHTS,
    VOCABULARY,
    RATE,
    "rate-fitted.json",
    "encoder.safetensors",
    "training.jsonl",
    "steps.jsonl",
    "split.json",
    "learnt-with.json",
];

/// Configuration of a model: `config.json` of a model folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelConfig {
    /// Configuration of the network.
    pub network: NetworkConfig,
    /// Encoder of its features.
    pub encoder: EncoderId,
    /// How it was trained, as the program that trained it wrote it: this crate does not read it.
    #[serde(default)]
    pub training: serde_json::Value,
}

impl ModelConfig {
    /// The configuration of a model whose training is not described.
    #[must_use]
    pub fn new(network: NetworkConfig, encoder: EncoderId) -> Self {
        Self {
            network,
            encoder,
            training: serde_json::Value::Null,
        }
    }

    /// Sets [`training`](Self::training).
    #[must_use]
    pub fn training(mut self, training: serde_json::Value) -> Self {
        self.training = training;
        self
    }
}

/// Model folder: `config.json`, `model.safetensors`, `vocabulary.tsv`, `rate.json`,
/// `training.jsonl`, `checkpoints/`; and where there are any, `learnt-with.json`, `rate-fitted.json` and
/// `encoder.safetensors`.
#[derive(Clone, Debug)]
pub struct ModelFolder {
    path: PathBuf,
}

impl ModelFolder {
    /// The model folder at this path, which need not exist yet.
    #[doc(alias = "open")]
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
        }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder, if it is not there, and takes the right to write into it for as long as
    /// what is returned lives. Files that killed programs have left half written are removed.
    ///
    /// Trainers lock their folder themselves; a program that removes or replaces a model takes the
    /// lock first. Reading needs none: every file is whole at any time.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another writer has it, [`Error::Io`] if it cannot be made.
    pub fn lock(&self) -> Result<FolderLock, Error> {
        let lock = FolderLock::acquire(&self.path)?;
        lock.remove_leftovers(|name| FILES.contains(&name));
        Ok(lock)
    }

    /// Writes configuration, vocabulary and rate: everything but the weights.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one cannot be written, or could not be read again: sizes that no
    /// network has, a vocabulary of another number of words, a rate of no video.
    pub fn create(
        &self,
        config: &ModelConfig,
        vocabulary: &Vocabulary,
        rate: &CommentRate,
    ) -> Result<(), Error> {
        self.check(config, vocabulary, rate)?;
        fs::create_dir_all(&self.path).map_err(Error::io(&self.path))?;
        write_json(&self.path.join(CONFIG), config)?;
        vocabulary.save(self.path.join(VOCABULARY))?;
        write_json(&self.path.join(RATE), rate)
    }

    /// Refuses what could not be read again.
    pub(crate) fn check(
        &self,
        config: &ModelConfig,
        vocabulary: &Vocabulary,
        rate: &CommentRate,
    ) -> Result<(), Error> {
        self.check_config(config)?;
        self.check_vocabulary(vocabulary, config)?;
        self.check_rate(rate)
    }

    /// Removes the weights, so that there is no model.
    pub(crate) fn remove_weights(&self) -> Result<(), Error> {
        remove(&self.path.join(WEIGHTS))
    }

    /// Reads `config.json`.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it is missing or damaged, or asks for impossible sizes.
    pub fn config(&self) -> Result<ModelConfig, Error> {
        let path = self.path.join(CONFIG);
        if !path.exists() && CommenterFolder::new(&self.path).exists() {
            return Err(Error::model(&self.path, ModelProblem::Commenter));
        }
        let config = read_json(&path)?;
        self.check_config(&config)?;
        Ok(config)
    }

    fn check_config(&self, config: &ModelConfig) -> Result<(), Error> {
        let path = self.path.join(CONFIG);
        check_size(&path, config.network.sizes())?;
        match config.network.problem().map(ModelProblem::Network) {
            Some(problem) => Err(Error::model(&path, problem)),
            None => Ok(()),
        }
    }

    /// Reads `rate.json`.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it is missing or damaged, or counted what no video has.
    pub fn rate(&self) -> Result<CommentRate, Error> {
        let rate = read_json(&self.path.join(RATE))?;
        self.check_rate(&rate)?;
        Ok(rate)
    }

    fn check_rate(&self, rate: &CommentRate) -> Result<(), Error> {
        match rate.problem() {
            Some(problem) => Err(Error::model(&self.path.join(RATE), problem)),
            None => Ok(()),
        }
    }

    /// Path of the model's own encoder, if it has one.
    #[must_use]
    pub fn encoder_path(&self) -> PathBuf {
        self.path.join("encoder.safetensors")
    }

    /// Puts a copy of another folder's encoder beside the model.
    pub(crate) fn copy_encoder(&self, from: &Path) -> Result<(), Error> {
        let to = self.encoder_path();
        if from == to {
            return Ok(());
        }
        let bytes = fs::read(from).map_err(Error::io(from))?;
        write_atomic(&to, &bytes)
    }

    /// Reads `vocabulary.tsv`.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it is missing, damaged, or has not as many words as the
    /// configuration says.
    pub fn vocabulary(&self, config: &ModelConfig) -> Result<Vocabulary, Error> {
        let vocabulary = Vocabulary::load(self.path.join(VOCABULARY))?;
        self.check_vocabulary(&vocabulary, config)?;
        Ok(vocabulary)
    }

    fn check_vocabulary(&self, vocabulary: &Vocabulary, config: &ModelConfig) -> Result<(), Error> {
        let (vocabulary, network) = (vocabulary.len(), config.network.num_words());
        if vocabulary == network {
            return Ok(());
        }
        Err(Error::model(
            &self.path.join(VOCABULARY),
            ModelProblem::VocabularySize {
                vocabulary,
                network,
            },
        ))
    }

    /// Whether the folder holds weights.
    #[must_use]
    pub fn has_weights(&self) -> bool {
        self.path.join(WEIGHTS).is_file()
    }

    /// Writes the weights, whole or not at all. A file that holds them already stays as it is.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be written.
    pub fn save_network(&self, network: &Network) -> Result<(), Error> {
        let path = self.path.join(WEIGHTS);
        let fail = |error| Error::model(&path, ModelProblem::unwritable(error));
        let mut store = weights_store().skip_enum_variants(true);
        // A captioner alone has the names that it had before networks could have a tail.
        match network.tail {
            None => network.captioner.save_into(&mut store),
            Some(_) => network.save_into(&mut store),
        }
        .map_err(fail)?;
        let bytes = store.get_bytes().map_err(fail)?;
        if fs::read(&path).is_ok_and(|found| found == bytes) {
            return Ok(());
        }
        write_atomic(&path, &bytes)
    }

    /// Reads the weights into a network of the configuration.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it is missing, damaged, or not of that configuration.
    pub fn load_network(&self, config: &ModelConfig, device: &Device) -> Result<Network, Error> {
        let path = self.path.join(WEIGHTS);
        let bytes = fs::read(&path).map_err(Error::io(&path))?;
        self.check_weights(&path, &bytes, config)?;
        let mut network = config.network.init(device);
        let mut store = SafetensorsStore::from_bytes(Some(bytes)).skip_enum_variants(true);
        match network.tail {
            None => network.captioner.load_from(&mut store),
            Some(_) => network.load_from(&mut store),
        }
        .map_err(|error| Error::model(&path, ModelProblem::other_weights(error)))?;
        Ok(network)
    }

    /// Refuses a file that is not safetensors before a network of the configured size is allocated.
    fn check_weights(&self, path: &Path, bytes: &[u8], config: &ModelConfig) -> Result<(), Error> {
        let tensors = open_weights(path, bytes, config.network.num_weights())?;
        let name = match config.network.tail {
            None => "embed.weight",
            Some(_) => "captioner.embed.weight",
        };
        let Ok(vectors) = tensors.tensor(name) else {
            return Err(Error::model(path, ModelProblem::NoTensor { name }));
        };
        let (shape, words) = (vectors.shape().to_vec(), config.network.num_words());
        if shape.first() == Some(&words) {
            return Ok(());
        }
        Err(Error::model(
            path,
            ModelProblem::WordVectors { name, shape, words },
        ))
    }
}

#[cfg(test)]
mod tests {
    use jp_tokenize::VocabularyBuilder;

    use super::*;
    use crate::{Captioner, GlobalCaptionerConfig};

    /// What the error says that a folder with a text in place of another in one of its files is
    /// refused with.
    fn refusal(file: &str, from: &str, to: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let vocabulary = VocabularyBuilder::new().build(None, 1);
        let network = GlobalCaptionerConfig::new(vocabulary.len(), 3)
            .with_d_embedding(2)
            .with_d_hidden(5);
        let encoder = EncoderId::new("mine", "0".repeat(64), frame_features::Layer::Relu7, 224);
        let config = ModelConfig::new(network.into(), encoder);
        let device = Device::flex();
        let rate = CommentRate::from_counts([1, 2], 30.0);
        let weights = config.network.init(&device);
        let captioner = Captioner::new(weights, vocabulary, config, rate).unwrap();
        captioner.save(dir.path()).unwrap();
        assert!(Captioner::from_dir(dir.path(), &device).is_ok());
        let path = dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replace(from, to)).unwrap();
        let error = Captioner::from_dir(dir.path(), &device).unwrap_err();
        let source = std::error::Error::source(&error).unwrap();
        format!("{error}: {source}")
    }

    /// Each size may be one that is believed, and the network of them more than memory holds.
    #[test]
    fn a_network_larger_than_its_weights_is_not_made() {
        for (from, to) in [
            ("\"d_hidden\": 5", "\"d_hidden\": 16777216"),
            ("\"d_embedding\": 2", "\"d_embedding\": 16777216"),
            ("\"d_features\": 3", "\"d_features\": 4"),
        ] {
            let message = refusal("config.json", from, to);
            assert!(message.contains("model.safetensors"), "{message}");
            assert!(message.contains("numbers, the network"), "{message}");
        }
    }

    #[test]
    fn a_rate_that_could_not_be_drawn_from_is_refused() {
        for (from, to) in [
            ("30.0", "1e300"),
            ("30.0", "-1.0"),
            ("\"2\"", "\"18446744073709551615\""),
        ] {
            let message = refusal("rate.json", from, to);
            assert!(message.contains("rate.json"), "{message}");
            assert!(message.contains("expected"), "{message}");
        }
    }
}
