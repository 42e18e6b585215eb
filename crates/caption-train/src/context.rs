//! What a training works with: data, devices, files; and how batches come from them.

use burn::{module::Module, tensor::Device};
use caption_metrics::Likelihood;
use caption_model::batch_nlls;

use super::{
    checkpoint::Checkpoints,
    config::TrainConfig,
    data::{DeviceFeatures, Loaded, Loader, Noise, plan_batches, plan_in_windows},
    error::Error,
    metric::CommentMetric,
    run_options::RunOptions,
    sample::Sample,
    scheduled_sampling::own_words_probability,
    seeds::{SeedPurpose, step_seed},
    step::{Learner, Share},
    step_log::StepLog,
    training_data::TrainingData,
};

/// What does not change while training.
pub(super) struct TrainContext<'a> {
    pub(super) config: &'a TrainConfig,
    pub(super) options: &'a RunOptions,
    pub(super) data: TrainingData<'a>,
    /// With autodiff; the first one has the network.
    pub(super) devices: Vec<Device>,
    /// The features on each of the devices, if they are there.
    pub(super) residents: Vec<Option<DeviceFeatures>>,
    pub(super) checkpoints: Checkpoints,
    pub(super) step_log: StepLog,
    pub(super) sample: Option<(Sample<'a>, &'a dyn CommentMetric)>,
}

impl TrainContext<'_> {
    /// The batches of an epoch.
    pub(super) fn plan(&self, epoch: usize, window_rows: Option<usize>) -> Vec<Vec<usize>> {
        let (pairs, size, seed) = (self.data.train, self.config.batch_size, self.config.seed);
        match window_rows {
            Some(rows) => plan_in_windows(pairs, size, rows, seed, epoch as u64),
            None => plan_batches(pairs, size, seed, epoch as u64),
        }
    }

    /// What makes the batches to learn from.
    pub(super) fn loader(&self) -> Loader<'_> {
        Loader {
            pairs: self.data.train,
            source: self.data.store,
            resident: self.residents[0].as_ref(),
            parts: self.devices.len(),
            prefetch: self.options.prefetch,
        }
    }

    /// What is done to the words of a step's batch, and the seed of it.
    pub(super) fn noise(&self, epoch: usize, step: usize) -> Option<(Noise, u64)> {
        let config = self.config;
        let noise = Noise {
            word_dropout: config.word_dropout,
            own_words: own_words_probability(
                config.scheduled_sampling,
                config.sampling_epochs,
                epoch,
            ),
        };
        (noise.word_dropout > 0.0 || noise.own_words > 0.0).then(|| {
            (
                noise,
                step_seed(config.seed, epoch, step, SeedPurpose::Words),
            )
        })
    }

    /// Puts the parts of a batch on the devices.
    pub(super) fn shares(&self, parts: Vec<Loaded>) -> Vec<Share> {
        parts
            .into_iter()
            .zip(self.devices.iter().zip(&self.residents))
            .map(|(mut part, (device, resident))| Share {
                own_words: std::mem::take(&mut part.own_words),
                batch: part.upload(resident.as_ref(), device),
            })
            .collect()
    }

    /// Likelihood of the dev pairs.
    pub(super) fn measure_dev(&self, learner: &Learner) -> Result<Likelihood, Error> {
        let network = learner.network().valid();
        let device = self.devices[0].clone().inner();
        let loader = Loader {
            pairs: self.data.dev,
            parts: 1,
            ..self.loader()
        };
        let plan = self.data.dev.batches_by_length(self.config.batch_size);
        loader.ahead(
            &plan,
            |_| None,
            |mut ahead| {
                let mut likelihood = Likelihood::default();
                for indices in &plan {
                    let batches = ahead.expect()?.into_iter();
                    let nlls = batches
                        .map(|part| part.upload(self.residents[0].as_ref(), &device))
                        .map(|batch| batch_nlls(&network, batch))
                        .collect::<Result<Vec<_>, _>>()?;
                    let words =
                        (indices.iter()).flat_map(|&index| self.data.dev.get(index).targets());
                    for (word, nll) in words.zip(nlls.concat()) {
                        likelihood.add(word, f64::from(nll));
                    }
                }
                Ok(likelihood)
            },
        )
    }

    /// Score of the comments that the model writes, if epochs are compared by it.
    pub(super) fn score(&self, learner: &Learner) -> Result<Option<f64>, Error> {
        let Some((sample, metric)) = &self.sample else {
            return Ok(None);
        };
        let score = sample.score(
            *metric,
            &learner.network().valid(),
            &self.data,
            self.residents[0].as_ref(),
            self.config.batch_size,
            &self.devices[0].clone().inner(),
        )?;
        Ok(Some(score))
    }
}
