//! One epoch: every pair once, then dev.

use std::time::Instant;

use burn::tensor::Tensor;
use caption_model::to_host;

use super::{
    checkpoint::TrainState,
    context::TrainContext,
    data::{Ahead, Loaded},
    epoch_log::EpochRecord,
    error::Error,
    event::{StepEvent, TrainEvent},
    run_options::CheckpointEvery,
    seeds::{SeedPurpose, step_seed},
    selection::selection_score,
    step::Learner,
    step_log::StepRecord,
};

/// Steps between two looks at the loss: looking makes the host wait for the device.
const STEPS_A_LOOK: usize = 10;

/// Does what is left of the next epoch; `state` is then as before, but for what is under way in it.
/// Where `tell` fails, a checkpoint of the last step is written first.
pub(super) fn run_epoch(
    context: &TrainContext<'_>,
    learner: &mut Learner,
    state: &mut TrainState,
    tell: &mut impl FnMut(TrainEvent) -> Result<(), Error>,
) -> Result<EpochRecord, Error> {
    let start = Instant::now();
    let epoch = state.epochs.len() + 1;
    let plan = context.plan(epoch, state.window_rows);
    let first = state.underway.steps.min(plan.len());
    let noise = |index| context.noise(epoch, first + index);
    let before = state.underway.seconds;
    let trained = context.loader().ahead(&plan[first..], noise, |ahead| {
        Run {
            context,
            epoch,
            plan: &plan,
            ahead,
            learner: &mut *learner,
            state: &mut *state,
            start,
            before,
            begun_with: 0,
            saved: start,
            losses: Vec::new(),
            counts: Vec::new(),
        }
        .train(tell)
    })?;
    let dev = context.measure_dev(learner)?;
    if !dev.nll().is_finite() {
        return Err(Error::NotFinite {
            loss: dev.nll(),
            epoch,
            step: plan.len(),
            learning_rate: trained.learning_rate,
            checkpoint: context.checkpoints.newest_path(),
        });
    }
    let score = context.score(learner)?;
    let underway = std::mem::take(&mut state.underway);
    let seconds = before + trained.seconds;
    Ok(EpochRecord {
        epoch,
        train_nll: underway.nll() / underway.targets.max(1) as f64,
        dev_nll: dev.nll(),
        dev_perplexity: dev.perplexity(),
        score,
        learning_rate: trained.learning_rate,
        seconds: before + start.elapsed().as_secs_f64(),
        comments_per_second: context.data.train.len() as f64 / seconds.max(1e-9),
        best: false,
    })
}

/// What the steps of an epoch came to.
struct Trained {
    seconds: f64,
    learning_rate: f64,
}

/// The steps of an epoch.
struct Run<'a, 'b> {
    context: &'a TrainContext<'b>,
    epoch: usize,
    plan: &'a [Vec<usize>],
    ahead: Ahead,
    learner: &'a mut Learner,
    state: &'a mut TrainState,
    start: Instant,
    /// Seconds that earlier runs spent on this epoch.
    before: f64,
    /// Comments that earlier runs learnt of this epoch.
    begun_with: usize,
    /// When the last checkpoint was written.
    saved: Instant,
    /// NLLs of the steps since the last look, on the device, and the words they are sums over.
    losses: Vec<Tensor<1>>,
    counts: Vec<usize>,
}

impl Run<'_, '_> {
    fn train(
        mut self,
        tell: &mut impl FnMut(TrainEvent) -> Result<(), Error>,
    ) -> Result<Trained, Error> {
        let mut rate = self.rate(self.plan.len().saturating_sub(1));
        self.begun_with = self.state.underway.comments;
        for step in self.state.underway.steps..self.plan.len() {
            rate = self.rate(step);
            self.step(step, rate)?;
            let done = step + 1 == self.plan.len();
            if done || (step + 1).is_multiple_of(STEPS_A_LOOK) || self.is_checkpoint(step + 1) {
                let event = self.look(step, rate)?;
                let told = tell(TrainEvent::Step(event));
                let every = self.context.options.checkpoint_every;
                if told.is_err() || !done && every.is_due(step + 1, self.saved) {
                    self.save()?;
                    told?;
                    tell(TrainEvent::Checkpoint {
                        epoch: self.epoch,
                        steps: step + 1,
                    })?;
                }
            }
        }
        Ok(Trained {
            seconds: self.start.elapsed().as_secs_f64(),
            learning_rate: rate,
        })
    }

    fn rate(&self, step: usize) -> f64 {
        let config = self.context.config;
        // Windows are cut elsewhere in each epoch, which makes some epochs a few steps longer: each
        // counts as one of full batches.
        let steps = self.context.data.train.len().div_ceil(config.batch_size);
        let all = (self.epoch - 1) * steps + step * steps / self.plan.len().max(1);
        let factor = (config.schedule).factor(all, config.warmup_steps, config.epochs * steps);
        let scores = self.state.epochs.iter().map(selection_score);
        config.learning_rate * factor * config.schedule.plateaus(scores)
    }

    fn step(&mut self, step: usize, rate: f64) -> Result<(), Error> {
        let parts = self.ahead.expect()?;
        let comments: usize = parts.iter().map(|part| part.comments).sum();
        self.counts
            .push(parts.iter().map(Loaded::num_targets).sum());
        let seed = self.context.config.seed;
        let shares = self.context.shares(parts);
        let seed = step_seed(seed, self.epoch, step, SeedPurpose::Dropout);
        for device in &self.context.devices[..shares.len()] {
            device.seed(seed);
        }
        self.losses.push(self.learner.step(rate, shares));
        self.state.objective = self.learner.objective_state();
        let underway = &mut self.state.underway;
        underway.steps = step + 1;
        underway.comments += comments;
        Ok(())
    }

    /// Reads the losses of the steps since the last look.
    fn look(&mut self, step: usize, rate: f64) -> Result<StepEvent, Error> {
        let losses = to_host(Tensor::cat(std::mem::take(&mut self.losses), 0))?;
        let losses: Vec<f64> = losses.into_iter().map(f64::from).collect();
        let counts = std::mem::take(&mut self.counts);
        let (mut sum, mut words) = (0.0, 0);
        for (index, (&loss, &count)) in losses.iter().zip(&counts).enumerate() {
            if !loss.is_finite() {
                let at = step + 1 - losses.len() + index;
                return Err(self.not_finite(loss / count as f64, at));
            }
            self.state.underway.add(loss);
            (sum, words) = (sum + loss, words + count);
        }
        let underway = &mut self.state.underway;
        underway.targets += words;
        let here = self.start.elapsed().as_secs_f64();
        underway.seconds = self.before + here;
        let event = StepEvent {
            epoch: self.epoch,
            epochs: self.context.config.epochs,
            step: step + 1,
            steps: self.plan.len(),
            comments: underway.comments,
            of: self.context.data.train.len(),
            loss: sum / words.max(1) as f64,
            learning_rate: rate,
            comments_per_second: (underway.comments - self.begun_with) as f64 / here.max(1e-9),
        };
        self.context.step_log.push(&StepRecord {
            epoch: event.epoch,
            step: event.step,
            nll: event.loss,
            learning_rate: rate,
            comments_per_second: event.comments_per_second,
        })?;
        Ok(event)
    }

    fn is_checkpoint(&self, steps: usize) -> bool {
        matches!(self.context.options.checkpoint_every, CheckpointEvery::Steps(every) if steps.is_multiple_of(every))
    }

    fn save(&mut self) -> Result<(), Error> {
        let (network, optimizer) = (self.learner.network(), self.learner.optimizer());
        let place = self.state.place();
        (self.context.checkpoints).save(network, optimizer, self.state, place)?;
        self.saved = Instant::now();
        Ok(())
    }

    fn not_finite(&self, loss: f64, step: usize) -> Error {
        Error::NotFinite {
            loss,
            epoch: self.epoch,
            step: step + 1,
            learning_rate: self.rate(step),
            checkpoint: self.context.checkpoints.newest_path(),
        }
    }
}
