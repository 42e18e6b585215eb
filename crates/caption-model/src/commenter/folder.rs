use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::{module::Module, tensor::Device};
use burn_store::{ModuleSnapshot, SafetensorsStore};
use folder_lock::FolderLock;
use frame_features::EncoderId;
use jp_tokenize::Pieces;
use serde::{Deserialize, Serialize};

use super::{
    background_ngrams::BackgroundNgrams,
    matcher::{CommentMatcher, CommentMatcherConfig},
    network::{CommenterNetwork, CommenterNetworkConfig},
    window::StreamTokens,
};
use crate::{
    error::Error,
    files::{check_size, open_weights, read_json, remove, weights_store, write_atomic, write_json},
    model_problem::ModelProblem,
};

const CONFIG: &str = "commenter.json";
const PIECES: &str = "pieces.json";
const MATCHER: &str = "matcher.safetensors";
const NETWORK: &str = "network.safetensors";
const BACKGROUND: &str = "background.safetensors";
/// Files that are written under another name first.
const FILES: [&str; 6] = [
    CONFIG,
    PIECES,
    MATCHER,
    NETWORK,
    BACKGROUND,
    "training.jsonl",
];

/// Configuration of a commenter: `commenter.json` of its folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CommenterConfig {
    /// Configuration of the network that says which comment fits a moment.
    pub matcher: CommentMatcherConfig,
    /// Configuration of the network that says how probable each word is.
    pub network: CommenterNetworkConfig,
    /// The encoder of the pictures that the network reads; none if it reads none.
    #[serde(default)]
    pub encoder: Option<EncoderId>,
    /// How it was trained, as the program that trained it wrote it: this crate does not read it.
    #[serde(default)]
    pub training: serde_json::Value,
}

impl CommenterConfig {
    /// 3 to 4 million weights beside the table of n-grams: for two cores.
    #[must_use]
    pub fn tiny(pieces: &Pieces) -> Self {
        Self::of_sizes(pieces, [192, 4, 4])
    }

    /// 10 million weights beside the table of n-grams: for a GPU.
    #[must_use]
    pub fn base(pieces: &Pieces) -> Self {
        Self::of_sizes(pieces, [320, 6, 5])
    }

    fn of_sizes(pieces: &Pieces, [d_model, num_layers, num_heads]: [usize; 3]) -> Self {
        let tokens = StreamTokens::new(u32::try_from(pieces.len()).unwrap_or(u32::MAX));
        let network = CommenterNetworkConfig::new(tokens.num_tokens())
            .with_d_model(d_model)
            .with_num_layers(num_layers)
            .with_num_heads(num_heads);
        Self {
            matcher: CommentMatcherConfig::new(),
            network,
            encoder: None,
            training: serde_json::Value::Null,
        }
    }

    /// Has the network read pictures: rows of `d_picture` features that `encoder` made.
    #[must_use]
    pub fn pictures(mut self, encoder: EncoderId, d_picture: usize) -> Self {
        self.network.d_picture = d_picture;
        self.encoder = Some(encoder);
        self
    }
}

/// Folder of a commenter: `commenter.json`, `pieces.json`, `matcher.safetensors`,
/// `network.safetensors`, `background.safetensors`, `training.jsonl`, and the checkpoints of both
/// networks.
#[derive(Clone, Debug)]
pub struct CommenterFolder {
    path: PathBuf,
}

impl CommenterFolder {
    /// The folder at this path, which need not exist yet.
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

    /// Whether there is a commenter.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.join(CONFIG).is_file()
    }

    /// Makes the folder, if it is not there, and takes the right to write into it for as long as
    /// what is returned lives. Files that killed programs have left half written are removed.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another writer has it, [`Error::Io`] if it cannot be made.
    pub fn lock(&self) -> Result<FolderLock, Error> {
        let lock = FolderLock::acquire(&self.path)?;
        lock.remove_leftovers(|name| FILES.contains(&name));
        Ok(lock)
    }

    /// Writes everything but the weights.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one cannot be written, or could not be read again: sizes that no
    /// network has, a network that has not the pieces' tokens.
    pub fn create(&self, config: &CommenterConfig, pieces: &Pieces) -> Result<(), Error> {
        self.check(config, pieces)?;
        fs::create_dir_all(&self.path).map_err(Error::io(&self.path))?;
        write_json(&self.path.join(CONFIG), config)?;
        Ok(pieces.save(self.path.join(PIECES))?)
    }

    /// Refuses what could not be read again.
    pub(crate) fn check(&self, config: &CommenterConfig, pieces: &Pieces) -> Result<(), Error> {
        self.check_config(config)?;
        self.check_tokens(config, pieces)
    }

    /// Removes the networks and what they counted, so that neither was trained.
    pub(crate) fn remove_networks(&self) -> Result<(), Error> {
        let mut networks = [MATCHER, NETWORK, BACKGROUND].into_iter();
        networks.try_for_each(|name| remove(&self.path.join(name)))
    }

    /// Reads the configuration.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it is missing or damaged, or asks for impossible sizes.
    pub fn config(&self) -> Result<CommenterConfig, Error> {
        let path = self.path.join(CONFIG);
        if !path.exists() && self.path.join("model.safetensors").exists() {
            return Err(Error::model(&self.path, ModelProblem::Captioner));
        }
        let config = read_json(&path)?;
        self.check_config(&config)?;
        Ok(config)
    }

    fn check_config(&self, config: &CommenterConfig) -> Result<(), Error> {
        let CommenterConfig {
            matcher, network, ..
        } = config;
        let sizes = matcher.sizes().into_iter().chain(network.sizes());
        check_size(&self.path.join(CONFIG), sizes)
    }

    /// Reads the pieces.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it is missing or damaged, or has not the network's tokens.
    pub fn pieces(&self, config: &CommenterConfig) -> Result<Pieces, Error> {
        let pieces = Pieces::load(self.path.join(PIECES))?;
        self.check_tokens(config, &pieces)?;
        Ok(pieces)
    }

    fn check_tokens(&self, config: &CommenterConfig, pieces: &Pieces) -> Result<(), Error> {
        let tokens =
            StreamTokens::new(u32::try_from(pieces.len()).unwrap_or(u32::MAX)).num_tokens();
        if tokens == config.network.num_tokens {
            return Ok(());
        }
        Err(Error::model(
            &self.path.join(PIECES),
            ModelProblem::VocabularySize {
                vocabulary: tokens,
                network: config.network.num_tokens,
            },
        ))
    }

    /// Writes the matcher's weights, whole or not at all.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be written.
    pub fn save_matcher(&self, matcher: &CommentMatcher) -> Result<(), Error> {
        save(matcher, &self.path.join(MATCHER))
    }

    /// Writes the transformer's weights, whole or not at all.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be written.
    pub fn save_network(&self, network: &CommenterNetwork) -> Result<(), Error> {
        save(network, &self.path.join(NETWORK))
    }

    /// Writes what was counted in what was learnt from, whole or not at all.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be written.
    pub fn save_background(&self, ngrams: &BackgroundNgrams) -> Result<(), Error> {
        let path = self.path.join(BACKGROUND);
        let bytes = ngrams
            .to_bytes()
            .map_err(|problem| Error::model(&path, problem))?;
        write_atomic(&path, &bytes)
    }

    /// Reads what was counted in what was learnt from. There is nothing where the network recalls
    /// nothing, or was not trained.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it is missing or damaged.
    pub fn background(&self, config: &CommenterConfig) -> Result<BackgroundNgrams, Error> {
        if !config.network.recalls || !self.path.join(NETWORK).exists() {
            return Ok(BackgroundNgrams::default());
        }
        let path = self.path.join(BACKGROUND);
        let bytes = fs::read(&path).map_err(Error::io(&path))?;
        BackgroundNgrams::from_bytes(&bytes).map_err(|problem| Error::model(&path, problem))
    }

    /// Reads the matcher, if it was trained.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it is damaged or not of that configuration.
    pub fn matcher(
        &self,
        config: &CommenterConfig,
        device: &Device,
    ) -> Result<Option<CommentMatcher>, Error> {
        let path = self.path.join(MATCHER);
        load(&path, config.matcher.num_weights(), || {
            let rarity = vec![0.0; config.matcher.num_rows];
            config.matcher.init(&rarity, device)
        })
    }

    /// Reads the transformer, if it was trained.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it is damaged or not of that configuration.
    pub fn network(
        &self,
        config: &CommenterConfig,
        device: &Device,
    ) -> Result<Option<CommenterNetwork>, Error> {
        let path = self.path.join(NETWORK);
        load(&path, config.network.num_weights(), || {
            config.network.init(device)
        })
    }
}

fn save(module: &impl ModuleSnapshot, path: &Path) -> Result<(), Error> {
    let fail = |error| Error::model(path, ModelProblem::unwritable(error));
    let mut store = weights_store();
    module.save_into(&mut store).map_err(fail)?;
    write_atomic(path, &store.get_bytes().map_err(fail)?)
}

fn load<M: Module + ModuleSnapshot>(
    path: &Path,
    num_weights: u128,
    init: impl FnOnce() -> M,
) -> Result<Option<M>, Error> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(path)(error)),
    };
    // Before a network of the configured size is allocated.
    open_weights(path, &bytes, num_weights)?;
    let mut module = init();
    let mut store = SafetensorsStore::from_bytes(Some(bytes));
    module
        .load_from(&mut store)
        .map_err(|error| Error::model(path, ModelProblem::other_weights(error)))?;
    Ok(Some(module))
}
