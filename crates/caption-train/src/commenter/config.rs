use caption_model::commenter::MAX_PIECES;
use serde::{Deserialize, Serialize};

use crate::{
    check::{count, number, option},
    error::Error,
    schedule::Schedule,
};

/// How long is trained.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainingLength {
    /// So many steps.
    Steps(usize),
    /// About so many minutes: the first steps tell how fast this machine is, and how many steps
    /// there are from then on. The checkpoint keeps that number.
    Minutes(f64),
}

/// Which comments of the video a matcher learns to tell the true one from. All were written at
/// least 30 s away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FalseCandidates {
    /// Those from after the moment: none of them can be known by having been read already.
    #[default]
    Later,
    /// Those from before it as well. A comment that was read long ago and not since is then likely
    /// to be a false one, which is true of the choice and of no video.
    Both,
}

/// What turns gradients into steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FitOptimizer {
    /// Adam (Kingma and Ba 2015) for all weights.
    #[default]
    Adam,
    /// Muon for the matrices between layers (Jordan et al., "Muon: an optimizer for hidden layers
    /// in neural networks", 2024), with steps of the size of Adam's (Liu et al., "Muon is scalable
    /// for LLM training", 2025); Adam for all others.
    Muon,
}

/// How one network of a commenter is trained: all that changes the result, but for the data.
///
/// ```
/// use caption_train::{FitConfig, TrainingLength};
///
/// let config = FitConfig::matcher().length(TrainingLength::Steps(500));
/// assert_eq!(config.clip_norm, 1.0);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FitConfig {
    /// How long.
    pub length: TrainingLength,
    /// Steps between two measurements on dev.
    pub steps_a_round: usize,
    /// What a step learns from. Default: 48 moments of one video for the matcher, 4 windows for the
    /// transformer and its heads.
    pub batch_size: usize,
    /// Most tokens of a window, the part of a stream that the transformer reads at once: 64 or
    /// more. Default: 1,024. The matcher has no windows.
    pub window_tokens: usize,
    /// Step size where the schedule is at its full rate.
    pub learning_rate: f64,
    /// Learning-rate schedule. Default: linear, to 0 at the last step.
    pub schedule: Schedule,
    /// Steps in which the learning rate rises from 0. Default: 100.
    pub warmup_steps: usize,
    /// Adam's decay of the second moments.
    pub beta_2: f32,
    /// Largest Euclidean norm of all gradients together. Default: 1.
    pub clip_norm: f64,
    /// Share of themselves times the learning rate that weights lose at each step (AdamW).
    pub weight_decay: f64,
    /// Probability with which each kind of input is left out. Default: 0.1.
    pub input_dropout: f64,
    /// What turns gradients into steps. Default: Adam for the matcher, Muon for the transformer.
    #[serde(default)]
    pub optimizer: FitOptimizer,
    /// What a matcher learns to tell the true comment from. Default: later ones.
    #[serde(default)]
    pub false_candidates: FalseCandidates,
}

impl FitConfig {
    /// What the matcher is trained with unless told otherwise: 1,200 steps. With three and five
    /// times as many it chose worse on other shows.
    #[must_use]
    pub fn matcher() -> Self {
        Self {
            length: TrainingLength::Steps(1_200),
            steps_a_round: 250,
            batch_size: 48,
            window_tokens: 1_024,
            learning_rate: 3e-3,
            schedule: Schedule::Linear,
            warmup_steps: 100,
            beta_2: 0.999,
            clip_norm: 1.0,
            weight_decay: 0.0,
            input_dropout: 0.1,
            optimizer: FitOptimizer::Adam,
            false_candidates: FalseCandidates::Later,
        }
    }

    /// What the transformer is trained with unless told otherwise: 5,000 steps.
    #[must_use]
    pub fn network() -> Self {
        Self {
            length: TrainingLength::Steps(5_000),
            steps_a_round: 500,
            batch_size: 4,
            learning_rate: 8e-3,
            beta_2: 0.99,
            weight_decay: 0.01,
            optimizer: FitOptimizer::Muon,
            ..Self::matcher()
        }
    }

    /// What the heads, which copy and recall, are trained with unless told otherwise: 300 steps.
    #[must_use]
    pub fn heads() -> Self {
        Self {
            length: TrainingLength::Steps(300),
            steps_a_round: 100,
            warmup_steps: 20,
            learning_rate: 1e-2,
            weight_decay: 0.0, // of what is learnt before, nothing is lost
            optimizer: FitOptimizer::Adam,
            ..Self::network()
        }
    }

    /// Sets [`length`](Self::length).
    #[must_use]
    pub fn length(mut self, length: TrainingLength) -> Self {
        self.length = length;
        self
    }

    /// Sets [`steps_a_round`](Self::steps_a_round).
    #[must_use]
    pub fn steps_a_round(mut self, steps: usize) -> Self {
        self.steps_a_round = steps;
        self
    }

    /// Sets [`batch_size`](Self::batch_size).
    #[must_use]
    pub fn batch_size(mut self, size: usize) -> Self {
        self.batch_size = size;
        self
    }

    /// Sets [`window_tokens`](Self::window_tokens).
    #[must_use]
    pub fn window_tokens(mut self, tokens: usize) -> Self {
        self.window_tokens = tokens;
        self
    }

    /// Sets [`learning_rate`](Self::learning_rate).
    #[must_use]
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.learning_rate = rate;
        self
    }

    /// Sets [`schedule`](Self::schedule).
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// Sets [`warmup_steps`](Self::warmup_steps).
    #[must_use]
    pub fn warmup_steps(mut self, steps: usize) -> Self {
        self.warmup_steps = steps;
        self
    }

    /// Sets [`input_dropout`](Self::input_dropout).
    #[must_use]
    pub fn input_dropout(mut self, probability: f64) -> Self {
        self.input_dropout = probability;
        self
    }

    /// Sets [`optimizer`](Self::optimizer).
    #[must_use]
    pub fn optimizer(mut self, optimizer: FitOptimizer) -> Self {
        self.optimizer = optimizer;
        self
    }

    /// Sets [`false_candidates`](Self::false_candidates).
    #[must_use]
    pub fn false_candidates(mut self, which: FalseCandidates) -> Self {
        self.false_candidates = which;
        self
    }

    /// Refuses values that cannot work.
    ///
    /// # Errors
    ///
    /// [`Error::Option`], with the name of the option, its value and what is expected.
    pub fn check(&self) -> Result<(), Error> {
        match self.length {
            TrainingLength::Steps(steps) => count("length", steps)?,
            TrainingLength::Minutes(minutes) => number(
                "length",
                minutes,
                |minutes| minutes > 0.0 && minutes.is_finite(),
                "a positive number of minutes",
            )?,
        }
        count("steps_a_round", self.steps_a_round)?;
        count("batch_size", self.batch_size)?;
        if self.window_tokens < MAX_PIECES + 2 {
            let expected = "64 or more, which the longest text has";
            return option("window_tokens", self.window_tokens.to_string(), expected);
        }
        let positive = |value: f64| value > 0.0 && value.is_finite();
        number(
            "learning_rate",
            self.learning_rate,
            positive,
            "a positive number",
        )?;
        number("clip_norm", self.clip_norm, positive, "a positive number")?;
        let share = |value: f64| (0.0..1.0).contains(&value);
        number(
            "weight_decay",
            self.weight_decay,
            share,
            "from 0 to below 1",
        )?;
        number(
            "input_dropout",
            self.input_dropout,
            share,
            "from 0 to below 1",
        )?;
        if matches!(self.schedule, Schedule::Plateau { .. }) {
            return option(
                "schedule",
                "plateau".into(),
                "constant, cosine, linear or inverse_sqrt",
            );
        }
        Ok(())
    }
}
