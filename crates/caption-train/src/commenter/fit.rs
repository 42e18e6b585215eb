//! Training in rounds: so many steps, then dev; checkpoints between and within them.

use std::{ops::ControlFlow, time::Instant};

use burn::{
    module::{Module, ParamGroup},
    optim::{AdamConfig, AdjustLrFn, GradientsParams, ModuleOptimizer, MuonConfig},
    tensor::Tensor,
};
use serde::{Deserialize, Serialize};

use super::{
    config::{FitConfig, FitOptimizer, TrainingLength},
    record::{CommenterEvent, RoundRecord},
};
use crate::{
    checkpoint::Checkpoints,
    clip::clip_by_global_norm,
    compare::surpasses,
    error::Error,
    exact::Exact,
    run_options::RunOptions,
    seeds::{SeedPurpose, step_seed},
    step::Initialize,
    weight_decay::decay_weights,
};

/// Steps after which the speed says how many there are in so many minutes.
const STEPS_TO_MEASURE: usize = 20;
/// Steps between two lines that tell how it goes.
const STEPS_A_LOOK: usize = 10;

/// What is learnt.
pub(super) trait Task {
    type Network: Module + Clone;

    /// Its name in logs and checkpoints.
    fn name(&self) -> &'static str;

    /// Weights that are matrices between layers, by parts of their names: what Muon is for.
    fn matrices(&self) -> ParamGroup;

    /// What a step minimises, on data that depends on the seed alone.
    fn loss(&self, network: &Self::Network, seed: u64) -> StepLoss;

    /// The mean loss on what is not learnt from.
    fn measure(&self, network: &Self::Network) -> Result<f64, Error>;

    /// Writes the weights, of the best round so far.
    fn keep(&self, network: &Self::Network) -> Result<(), Error>;

    /// Whether they replace those that it begins with. Then a checkpoint is written before the
    /// first step, from which a killed training begins again.
    fn replaces_start(&self) -> bool {
        false
    }
}

/// The loss of a step.
pub(super) struct StepLoss {
    /// What is differentiated, `[1]`.
    pub(super) objective: Tensor<1>,
    /// Summed negative log-likelihood, `[1]`, without gradients, and of how much.
    pub(super) nll: Tensor<1>,
    pub(super) count: usize,
}

/// How far a task is, apart from weights and optimiser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FitState {
    /// What must be the same to go on: task, configuration, data.
    pub(super) identity: serde_json::Value,
    /// Steps in all; none while the speed is still measured.
    total: Option<usize>,
    /// Steps that are done.
    steps: usize,
    /// Seconds that they took.
    seconds: f64,
    /// Of the round under way: summed loss, as a decimal that comes back to the last bit.
    nll: Exact,
    count: usize,
    rounds: Vec<RoundRecord>,
    /// The best dev loss so far.
    best: Exact,
}

impl FitState {
    fn new(identity: serde_json::Value) -> Self {
        Self {
            identity,
            total: None,
            steps: 0,
            seconds: 0.0,
            nll: Exact(0.0),
            count: 0,
            rounds: Vec::new(),
            best: Exact(f64::INFINITY),
        }
    }

    fn is_done(&self) -> bool {
        self.total.is_some_and(|total| self.steps >= total)
    }

    /// Steps after which dev was measured last.
    fn measured_after(&self) -> usize {
        self.rounds.last().map_or(0, |round| round.steps)
    }
}

/// Trains a network until its steps are done; goes on from a checkpoint.
pub(super) struct Fit<'a, T: Task> {
    pub(super) task: &'a T,
    pub(super) config: &'a FitConfig,
    pub(super) seed: u64,
    pub(super) options: &'a RunOptions,
    pub(super) checkpoints: Checkpoints,
    pub(super) identity: serde_json::Value,
}

impl<T: Task> Fit<'_, T> {
    /// The rounds, those before an interruption included. Where `observe` breaks, a checkpoint is
    /// written first.
    pub(super) fn run(
        &self,
        network: T::Network,
        observe: &mut impl FnMut(CommenterEvent) -> ControlFlow<()>,
    ) -> Result<Vec<RoundRecord>, Error> {
        network.visit(&mut Initialize); // of the seed, before anything else is drawn
        let optimizer = self.optimizer();
        let mut state = FitState::new(self.identity.clone());
        let (mut network, mut optimizer) = (network, optimizer);
        let newest = self.checkpoints.newest::<FitState>()?;
        let is_new = newest.is_none();
        if let Some((path, found)) = newest {
            if found.identity != self.identity {
                return Err(Error::other_commenter(
                    &path,
                    &found.identity,
                    &self.identity,
                ));
            }
            (network, optimizer) = Checkpoints::load(&path, network, optimizer)?;
            state = found;
            let answer = observe(CommenterEvent::Resumed {
                task: self.task.name(),
                steps: state.steps,
            });
            if answer.is_break() && !state.is_done() {
                return Err(Error::Stopped);
            }
        }
        self.checkpoints.create()?;
        if is_new && self.task.replaces_start() {
            self.save(&network, &optimizer, &state)?;
        }
        let (mut since, mut saved) = (Instant::now(), Instant::now());
        loop {
            if state.total.is_none() {
                state.total = self.total(&state);
            }
            if state.is_done() {
                // They may be over as soon as their number is known.
                if state.measured_after() != state.steps {
                    let _ = self.finish_round(&network, &mut state, observe)?; // all is done
                    self.save(&network, &optimizer, &state)?;
                }
                return Ok(state.rounds);
            }
            (network, optimizer) = self.step(network, optimizer, &mut state)?;
            state.seconds += since.elapsed().as_secs_f64();
            since = Instant::now();
            let is_last = state.total == Some(state.steps);
            let mut is_over = false;
            if state.steps.is_multiple_of(STEPS_A_LOOK) || is_last {
                is_over = observe(self.progress(&state)).is_break();
            }
            if is_last || state.steps.is_multiple_of(self.config.steps_a_round) {
                is_over |= self.finish_round(&network, &mut state, observe)?.is_break();
                since = Instant::now();
                self.save(&network, &optimizer, &state)?;
                saved = since;
            } else if is_over || self.options.checkpoint_every.is_due(state.steps, saved) {
                self.save(&network, &optimizer, &state)?;
                saved = Instant::now();
                since = saved;
            }
            if is_over && !state.is_done() {
                return Err(Error::Stopped);
            }
        }
    }

    /// Adam, and for matrices Muon if it is asked for, with steps of the size of Adam's.
    fn optimizer(&self) -> ModuleOptimizer {
        let adam = AdamConfig::new()
            .with_beta_2(self.config.beta_2)
            .with_epsilon(1e-8)
            .init();
        match self.config.optimizer {
            FitOptimizer::Adam => adam,
            FitOptimizer::Muon => {
                let muon = MuonConfig::new().with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW);
                adam.with_group(self.task.matrices(), muon.build(), None)
            }
        }
    }

    /// How many steps there are to be, as soon as that is known.
    fn total(&self, state: &FitState) -> Option<usize> {
        match self.config.length {
            TrainingLength::Steps(steps) => Some(steps),
            TrainingLength::Minutes(minutes) if state.steps >= STEPS_TO_MEASURE => {
                let speed = state.steps as f64 / state.seconds.max(1e-9);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is positive and saturates"
                )]
                let steps = (60.0 * minutes * speed) as usize;
                Some(steps.max(STEPS_TO_MEASURE))
            }
            TrainingLength::Minutes(_) => None,
        }
    }

    fn rate(&self, state: &FitState) -> f64 {
        let (config, total) = (self.config, state.total.unwrap_or(usize::MAX));
        config.learning_rate
            * config
                .schedule
                .factor(state.steps, config.warmup_steps, total)
    }

    fn step(
        &self,
        mut network: T::Network,
        mut optimizer: ModuleOptimizer,
        state: &mut FitState,
    ) -> Result<(T::Network, ModuleOptimizer), Error> {
        let rate = self.rate(state);
        let seed = step_seed(self.seed, 0, state.steps, SeedPurpose::Batch);
        let loss = self.task.loss(&network, seed);
        let gradients = GradientsParams::from_grads(loss.objective.backward(), &network);
        let nll = f64::from(caption_model::to_host(loss.nll)?.iter().sum::<f32>());
        if !nll.is_finite() {
            return Err(Error::NotFinite {
                loss: nll,
                epoch: state.rounds.len() + 1,
                step: state.steps + 1,
                learning_rate: rate,
                checkpoint: self.checkpoints.newest_path(),
            });
        }
        let gradients = clip_by_global_norm(&network, gradients, self.config.clip_norm);
        if self.config.weight_decay > 0.0 {
            network = decay_weights(network, rate * self.config.weight_decay);
        }
        network = optimizer.step(rate, network, gradients);
        state.steps += 1;
        state.nll = Exact(state.nll.0 + nll);
        state.count += loss.count;
        Ok((network, optimizer))
    }

    fn progress(&self, state: &FitState) -> CommenterEvent {
        CommenterEvent::Step {
            task: self.task.name(),
            step: state.steps,
            of: state.total,
            loss: state.nll.0 / state.count.max(1) as f64,
            seconds: state.seconds,
        }
    }

    fn finish_round(
        &self,
        network: &T::Network,
        state: &mut FitState,
        observe: &mut impl FnMut(CommenterEvent) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Error> {
        let valid = network.clone().valid();
        let dev_loss = self.task.measure(&valid)?;
        let best = surpasses(-dev_loss, -state.best.0);
        if best {
            self.task.keep(&valid)?;
            state.best = Exact(dev_loss);
        }
        let record = RoundRecord {
            task: self.task.name().to_owned(),
            steps: state.steps,
            train_loss: state.nll.0 / state.count.max(1) as f64,
            dev_loss,
            learning_rate: self.rate(state),
            seconds: state.seconds,
            best,
        };
        (state.nll, state.count) = (Exact(0.0), 0);
        state.rounds.push(record.clone());
        Ok(observe(CommenterEvent::Round(record)))
    }

    fn save(
        &self,
        network: &T::Network,
        optimizer: &ModuleOptimizer,
        state: &FitState,
    ) -> Result<(), Error> {
        let place = (state.rounds.len(), state.steps);
        self.checkpoints.save(network, optimizer, state, place)
    }
}
