use std::{cell::Cell, ops::ControlFlow, path::PathBuf, sync::Arc};

use burn::tensor::Device;
use caption_model::{
    CommenterConfig, CommenterFolder, LearntPart,
    commenter::{BackgroundNgrams, Stream, ngram_weights},
};
use jp_tokenize::Pieces;
use serde::Serialize;

use super::{
    config::FitConfig,
    fit::{Fit, FitState},
    language::{Language, Learns, heads_learn_apart},
    matching::Matching,
    record::{CommenterEvent, RoundRecord},
};
use crate::{
    checkpoint::Checkpoints, epoch_log::write_epoch_log, error::Error, fingerprint,
    run_options::RunOptions,
};

/// What a commenter learns from.
#[derive(Clone, Copy, Debug)]
pub struct CommenterData<'a> {
    /// Videos that are learnt from.
    pub train: &'a [Stream],
    /// Videos that say which weights are kept.
    pub dev: &'a [Stream],
    /// The pieces that the streams' texts are in.
    pub pieces: &'a Pieces,
}

/// Trains a commenter into a folder: first the matcher, then the transformer, then what copies and
/// recalls.
///
/// The last learns from every other video of [`CommenterData::dev`], which the transformer did not
/// learn from, and mixes in the n-grams of those it did; with a single video there, from what the
/// transformer learnt from, and without their n-grams.
///
/// After every round, and within it as often as [`RunOptions::checkpoint_every`] says, the folder
/// holds a checkpoint, from which a killed training goes on to the same weights. The weights that
/// are kept are those of the round that was best on dev. One trainer writes a folder at a time.
#[derive(Clone, Debug)]
pub struct CommenterTrainer {
    config: CommenterConfig,
    matcher: Option<FitConfig>,
    network: Option<FitConfig>,
    heads: Option<FitConfig>,
    seed: u64,
    options: RunOptions,
    folder: PathBuf,
    learnt_with: Vec<LearntPart>,
}

/// What must be the same for a training to go on.
#[derive(Serialize)]
struct Identity<'a> {
    task: &'static str,
    config: &'a CommenterConfig,
    /// Nothing where the task is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<&'a FitConfig>,
    seed: u64,
    train: u64,
    dev: u64,
    learnt_with: &'a [LearntPart],
    /// What the heads learn after: the losses of the transformer.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Vec<f64>>,
}

/// Checksums of the streams that are learnt from and of those kept aside.
#[derive(Clone, Copy)]
struct Prints {
    train: u64,
    dev: u64,
}

impl CommenterTrainer {
    /// A trainer of these networks that leaves them in `folder`.
    pub fn new(config: CommenterConfig, folder: impl Into<PathBuf>) -> Self {
        Self {
            config,
            matcher: Some(FitConfig::matcher()),
            network: Some(FitConfig::network()),
            heads: Some(FitConfig::heads()),
            seed: 1,
            options: RunOptions::default(),
            folder: folder.into(),
            learnt_with: Vec::new(),
        }
    }

    /// Sets how the matcher is trained; none leaves it out. Default: [`FitConfig::matcher`].
    #[must_use]
    pub fn matcher(mut self, config: Option<FitConfig>) -> Self {
        self.matcher = config;
        self
    }

    /// Sets how the transformer is trained; none leaves it out. Default: [`FitConfig::network`].
    #[must_use]
    pub fn network(mut self, config: Option<FitConfig>) -> Self {
        self.network = config;
        self
    }

    /// Sets how the transformer learns to copy and to recall; none leaves it out. Default:
    /// [`FitConfig::heads`], after the transformer.
    #[must_use]
    pub fn heads(mut self, config: Option<FitConfig>) -> Self {
        self.heads = config;
        self
    }

    /// Sets the seed of everything that is drawn. Default: 1.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets what does not change the result. Default: [`RunOptions::default`].
    #[must_use]
    pub fn run_options(mut self, options: RunOptions) -> Self {
        self.options = options;
        self
    }

    /// Names what the data is made of: with other parts training does not go on. Default: nothing;
    /// other data is then known by the checksums of its streams alone.
    #[must_use]
    pub fn learnt_with(mut self, parts: impl IntoIterator<Item = LearntPart>) -> Self {
        self.learnt_with = parts.into_iter().collect();
        self
    }

    /// Trains until all steps are done, and tells `observe` how it goes. Where that breaks,
    /// training ends with [`Error::Stopped`] and a checkpoint of the last step, which is measured
    /// first where a round ends with it; `observe` is not called again. Once all is done the answer
    /// does not matter. Returns the rounds of the matcher, the transformer and its heads.
    ///
    /// # Errors
    ///
    /// Fails with an option that cannot work, without videos of enough comments, when the loss is
    /// no number any more, when a file cannot be written, when another program writes into the
    /// folder, and when the folder holds a training of other data or with other options, be it of a
    /// network that this one leaves out. A folder that is refused stays as it is.
    pub fn run(
        &self,
        data: CommenterData<'_>,
        device: &Device,
        mut observe: impl FnMut(CommenterEvent) -> ControlFlow<()>,
    ) -> Result<Vec<RoundRecord>, Error> {
        let is_over = Cell::new(false);
        let mut observe = |event| {
            is_over.set(is_over.get() || observe(event).is_break());
            match is_over.get() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let go_on = || match is_over.get() {
            true => Err(Error::Stopped),
            false => Ok(()),
        };
        let trained = [&self.matcher, &self.network, &self.heads];
        for config in trained.into_iter().flatten() {
            config.check()?;
        }
        self.options.check()?;
        let folder = CommenterFolder::new(&self.folder);
        let _one_writer = folder.lock()?;
        self.check_data(data, &folder)?;
        let prints = Prints {
            train: fingerprint::streams(data.train),
            dev: fingerprint::streams(data.dev),
        };
        self.check_folder(prints)?;
        folder.create(&self.config, data.pieces)?;
        let device = device.clone().autodiff();
        let mut rounds = Vec::new();
        if let Some(config) = &self.matcher {
            let comments = data.train.iter().flat_map(Stream::events);
            let ngrams = comments
                .filter(|event| event.is_comment())
                .map(|event| &*event.ngrams);
            let weights = ngram_weights(self.config.matcher.num_rows, ngrams);
            let task = Matching::new(data.train, data.dev, &weights, config, &folder)?;
            device.seed(self.seed);
            let network = self.config.matcher.init(&weights, &device);
            let fit = self.fit(&task, "matcher", config, prints, None)?;
            rounds.extend(fit.run(network, &mut observe)?);
            self.write_rounds(&rounds)?;
        }
        // Heads that learnt from the videos that were counted would take each text for a usual one.
        let background = match self.config.network.recalls && heads_learn_apart(&data) {
            true => BackgroundNgrams::count(data.train.iter().flat_map(Stream::events)),
            false => BackgroundNgrams::default(),
        };
        folder.save_background(&background)?;
        let background = Arc::new(background);
        if let Some(config) = &self.network {
            go_on()?;
            let task = Language::new(Learns::Transformer, &data, &background, config, &folder)?;
            device.seed(self.seed);
            let network = self.config.network.init(&device);
            let fit = self.fit(&task, "network", config, prints, None)?;
            rounds.extend(fit.run(network, &mut observe)?);
            self.write_rounds(&rounds)?;
        }
        // The best transformer is what learns to copy and to recall.
        if let (Some(config), Some(network)) = (
            self.heads.as_ref().filter(|_| self.has_heads()),
            folder.network(&self.config, &device)?,
        ) {
            go_on()?;
            let task = Language::new(Learns::Heads, &data, &background, config, &folder)?;
            let trained = rounds.iter().filter(|round| round.task == "network");
            let after = trained.map(|round| round.dev_loss).collect();
            let fit = self.fit(&task, "heads", config, prints, Some(after))?;
            rounds.extend(fit.run(network, &mut observe)?);
            self.write_rounds(&rounds)?;
        }
        Ok(rounds)
    }

    /// Refuses what cannot be learnt from or measured on before the first network learns.
    fn check_data(&self, data: CommenterData<'_>, folder: &CommenterFolder) -> Result<(), Error> {
        if let Some(config) = &self.matcher {
            Matching::new(data.train, data.dev, &[], config, folder)?;
        }
        if let Some(config) = &self.network {
            let background = Arc::default();
            Language::new(Learns::Transformer, &data, &background, config, folder)?;
            if let Some(config) = self.heads.as_ref().filter(|_| self.has_heads()) {
                Language::new(Learns::Heads, &data, &background, config, folder)?;
            }
        }
        Ok(())
    }

    /// Refuses a folder of another training before anything in it is replaced. Configuration,
    /// pieces and n-grams belong to all networks: those that are left out now are looked at too.
    fn check_folder(&self, prints: Prints) -> Result<(), Error> {
        let tasks = [
            ("matcher", &self.matcher),
            ("network", &self.network),
            ("heads", &self.heads),
        ];
        for (task, config) in tasks {
            let Some((path, found)) = self.checkpoints(task).newest::<FitState>()? else {
                continue;
            };
            // What the heads learn after is known later, unless it is nothing.
            let is_alone = task == "heads" && config.is_some() && self.network.is_none();
            let after = is_alone.then(Vec::new);
            let mut wanted = self.identity(task, config.as_ref(), prints, after)?;
            for unknown in ["training", "after"] {
                if let (None, Some(value)) = (wanted.get(unknown), found.identity.get(unknown)) {
                    wanted[unknown] = value.clone();
                }
            }
            if found.identity != wanted {
                return Err(Error::other_commenter(&path, &found.identity, &wanted));
            }
        }
        Ok(())
    }

    /// Whether there is what copies or recalls.
    fn has_heads(&self) -> bool {
        self.config.network.d_copy > 0 || self.config.network.recalls
    }

    fn checkpoints(&self, task: &str) -> Checkpoints {
        Checkpoints::new(&self.folder.join(task))
    }

    fn identity(
        &self,
        task: &'static str,
        training: Option<&FitConfig>,
        prints: Prints,
        after: Option<Vec<f64>>,
    ) -> Result<serde_json::Value, Error> {
        let identity = Identity {
            task,
            config: &self.config,
            training,
            seed: self.seed,
            train: prints.train,
            dev: prints.dev,
            learnt_with: &self.learnt_with,
            after,
        };
        serde_json::to_value(&identity).map_err(Error::json(&self.folder))
    }

    fn fit<'a, T: super::fit::Task>(
        &'a self,
        task: &'a T,
        name: &'static str,
        config: &'a FitConfig,
        prints: Prints,
        after: Option<Vec<f64>>,
    ) -> Result<Fit<'a, T>, Error> {
        let identity = self.identity(name, Some(config), prints, after)?;
        let checkpoints = self.checkpoints(name);
        checkpoints.remove_leftovers()?;
        Ok(Fit {
            task,
            config,
            seed: self.seed,
            options: &self.options,
            checkpoints,
            identity,
        })
    }

    fn write_rounds(&self, rounds: &[RoundRecord]) -> Result<(), Error> {
        write_epoch_log(&self.folder.join("training.jsonl"), rounds)
    }
}
