//! One step of the optimiser, on one device or on several.

use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::{AdamConfig, GradientsAccumulator, GradientsParams, ModuleOptimizer},
    tensor::{Device, Tensor},
};

use caption_model::{Batch, Network};

use super::{
    clip::clip_by_global_norm,
    config::TrainConfig,
    objective::{Objective, ObjectiveState},
    precision::Precision,
    scheduled_sampling::read_own_words,
    weight_decay::decay_weights,
};

/// Adam's term that keeps small gradients from making large steps, as in its paper; Burn's default
/// is 1e-5.
const EPSILON: f32 = 1e-8;

/// A network with its optimiser.
pub(super) struct Learner {
    /// Only away while a step is made.
    network: Option<Network>,
    optimizer: ModuleOptimizer,
    objective: Objective,
    clip_norm: f64,
    weight_decay: f64,
    encoder_rate: f64,
    precision: Precision,
    devices: Vec<Device>,
}

/// What one device learns from in a step.
pub(super) struct Share {
    pub(super) batch: Batch,
    /// Words read that are to become the model's own.
    pub(super) own_words: Vec<i64>,
}

impl Learner {
    /// A network with new weights on the first of the devices, all of which have autodiff.
    pub(super) fn new(network: Network, config: &TrainConfig, devices: &[Device]) -> Self {
        network.visit(&mut Initialize); // lazy weights would draw amid dropout
        Self {
            network: Some(network),
            optimizer: AdamConfig::new().with_epsilon(EPSILON).init(),
            objective: Objective::new(config),
            clip_norm: config.clip_norm,
            weight_decay: config.weight_decay,
            encoder_rate: config.encoder_rate,
            precision: config.precision,
            devices: devices.to_vec(),
        }
    }

    pub(super) fn network(&self) -> &Network {
        self.network.as_ref().expect("no step is being made")
    }

    pub(super) fn optimizer(&self) -> &ModuleOptimizer {
        &self.optimizer
    }

    /// What the objective carries from step to step.
    pub(super) fn objective_state(&self) -> ObjectiveState {
        self.objective.state()
    }

    /// Goes on with what an earlier objective carried.
    pub(super) fn restore(&mut self, state: ObjectiveState) {
        self.objective.restore(state);
    }

    /// Replaces network and optimiser, by those of a checkpoint for example.
    pub(super) fn map<E>(
        &mut self,
        load: impl FnOnce(Network, ModuleOptimizer) -> Result<(Network, ModuleOptimizer), E>,
    ) -> Result<(), E> {
        let (network, optimizer) = load(self.network().clone(), self.optimizer.clone())?;
        self.network = Some(network);
        self.optimizer = optimizer;
        Ok(())
    }

    /// One step of Adam on the mean over the words of all shares, one for each device; returns
    /// their summed NLL, `[1]`.
    pub(super) fn step(&mut self, rate: f64, shares: Vec<Share>) -> Tensor<1> {
        let mut network = self.network.take().expect("no step is being made");
        let words = shares.iter().map(|share| share.batch.num_targets).sum();
        let means = Means {
            objective: &self.objective,
            precision: self.precision,
        };
        let (gradients, nll) = means.gradients(&network, shares, &self.devices);
        let gradients = clip_by_global_norm(&network, gradients, self.clip_norm);
        if self.weight_decay > 0.0 {
            network = decayed(network, rate * self.weight_decay, self.encoder_rate);
        }
        self.objective.observe(&network, &nll, words);
        let rates = network.rates(rate, self.encoder_rate);
        self.network = Some(self.optimizer.step(rates, network, gradients));
        nll
    }
}

/// Weight decay by `share`, that of the encoder's blocks at their own rate ([`Network::rates`]).
fn decayed(network: Network, share: f64, encoder_rate: f64) -> Network {
    let Network { tail, captioner } = network;
    Network {
        tail: tail.map(|tail| decay_weights(tail, share * encoder_rate)),
        captioner: decay_weights(captioner, share),
    }
}

/// What is differentiated, and in which numbers.
#[derive(Clone, Copy)]
struct Means<'a> {
    objective: &'a Objective,
    precision: Precision,
}

impl Means<'_> {
    /// Gradients of the mean over the words of all shares, on the device of the network, with the
    /// summed NLL.
    fn gradients(
        self,
        network: &Network,
        mut shares: Vec<Share>,
        devices: &[Device],
    ) -> (GradientsParams, Tensor<1>) {
        if shares.len() == 1 {
            let share = shares.pop().expect("there is one");
            return self.of_share(network, share, 1.0);
        }
        self.averaged(network, shares, devices)
    }

    /// Synchronous data parallelism as `burn-train` has it, with the same parts of Burn: each
    /// device has a replica of the network ([`Module::fork`]) and its share of the batch; their
    /// gradients are moved to the first device and summed there ([`GradientsAccumulator`]). Shares
    /// are weighed by their words, so that the sum is the gradient of the whole batch's mean. (The
    /// regularizer of attention is a mean over pictures: it is the whole batch's where all shares
    /// have equally many words.)
    fn averaged(
        self,
        network: &Network,
        shares: Vec<Share>,
        devices: &[Device],
    ) -> (GradientsParams, Tensor<1>) {
        let main = &devices[0];
        let words: usize = shares.iter().map(|share| share.batch.num_targets).sum();
        let parts: Vec<(GradientsParams, Tensor<1>)> = std::thread::scope(|scope| {
            let running: Vec<_> = shares
                .into_iter()
                .zip(devices)
                .map(|(share, device)| {
                    scope.spawn(move || {
                        let weight = share.batch.num_targets as f64 / words as f64;
                        let replica = network.clone().fork(device);
                        self.of_share(&replica, share, weight)
                    })
                })
                .collect();
            let finished = running.into_iter().map(|thread| match thread.join() {
                Ok(part) => part,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            finished.collect()
        });
        let mut sum = GradientsAccumulator::new();
        let mut nll: Option<Tensor<1>> = None;
        for (gradients, part) in parts {
            sum.accumulate(network, gradients.to_device(main, network));
            let part = part.to_device(&main.clone().inner());
            nll = Some(nll.map_or_else(|| part.clone(), |nll| nll + part.clone()));
        }
        (sum.grads(), nll.expect("a batch has comments"))
    }

    fn of_share(
        self,
        network: &Network,
        share: Share,
        weight: f64,
    ) -> (GradientsParams, Tensor<1>) {
        let Share {
            mut batch,
            own_words,
        } = share;
        read_own_words(network, &mut batch, &own_words);
        let reader = self.precision.lower(network, &mut batch);
        let loss = self.objective.loss(&reader, &batch);
        let objective = if weight == 1.0 {
            loss.objective
        } else {
            loss.objective.mul_scalar(weight)
        };
        let gradients = GradientsParams::from_grads(objective.backward(), network);
        (gradients, loss.nll.inner())
    }
}

/// Draws weights that are lazy until they are used.
pub(super) struct Initialize;

impl ModuleVisitor for Initialize {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let _ = param.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use caption_metrics::Pairs;
    use caption_model::{
        AttentionCaptionerConfig, CaptionerNetwork, GlobalCaptionerConfig, NetworkConfig,
    };

    /// Word 5 has probability 9/16, the other seven 1/16 each. The comment 5 `<eos>` costs half of
    /// ln 16/9 and ln 16 together a word, and an even spread of the target ln 16 − (ln 9)/8: with
    /// smoothing 0.4 the objective is 0.6 of the one and 0.4 of the other. The likelihood that is
    /// told stays the sum of ln 16/9 and ln 16.
    #[test]
    fn smoothing_spreads_the_target() {
        let device = Device::flex().autodiff();
        let network = NetworkConfig::from(GlobalCaptionerConfig::new(8, 3)).init(&device);
        let CaptionerNetwork::Global(mut model) = network.captioner else {
            unreachable!("it was made so");
        };
        model.out.weight = model
            .out
            .weight
            .map(|weight| weight.mul_scalar(0.0).detach());
        let mut bias = [0.0; 8];
        bias[5] = 9f32.ln();
        model.out.bias = Some(Param::from_tensor(Tensor::from_floats(bias, &device)));
        let network = Network::from(CaptionerNetwork::Global(model));
        let mut pairs = Pairs::new(30);
        pairs.push(0, &[5]);
        let batch = share(&pairs, &[0], 1, &device).batch;
        let config = TrainConfig::default().label_smoothing(0.4);
        let loss = Objective::new(&config).loss(&network, &batch);
        let (right, other) = ((16.0f32 / 9.0).ln(), 16f32.ln());
        let expected = 0.6 * (right + other) / 2.0 + 0.4 * (other - 9f32.ln() / 8.0);
        assert!((loss.objective.into_scalar::<f32>() - expected).abs() < 1e-5);
        assert!((loss.nll.into_scalar::<f32>() - right - other).abs() < 1e-5);
    }

    /// All weights, one after the other.
    struct Weights(Vec<f32>);

    impl ModuleVisitor for Weights {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let data = param.val().into_data().convert::<f32>();
            self.0.extend(data.try_into_vec::<f32>().unwrap());
        }
    }

    fn weights(network: &Network) -> Vec<f32> {
        let mut weights = Weights(Vec::new());
        network.visit(&mut weights);
        weights.0
    }

    fn share(pairs: &Pairs, indices: &[usize], locations: usize, device: &Device) -> Share {
        let rows: Vec<Tensor<3>> = indices
            .iter()
            .map(|&index| {
                let values = (0..locations * 3).map(|i| ((i * 7 + index * 5) % 11) as f32 / 11.0);
                let values: Vec<f32> = values.collect();
                Tensor::<1>::from_floats(&values[..], device).reshape([1, locations, 3])
            })
            .collect();
        Share {
            batch: Batch::new(pairs, indices, Tensor::cat(rows, 0)),
            own_words: Vec::new(),
        }
    }

    /// Two devices with half of the batch each make the step that one makes with all of it,
    /// gradients within 1e-6 of each other. The comments of one half are longer: weighing by words
    /// matters. (With attention they are equally long, for the regularizer.)
    #[test]
    fn two_devices_make_the_step_of_one() {
        let device = Device::flex().autodiff();
        let global = NetworkConfig::from(
            GlobalCaptionerConfig::new(9, 3)
                .with_d_embedding(4)
                .with_d_hidden(4),
        );
        let attention = NetworkConfig::from(
            AttentionCaptionerConfig::new(9, 3)
                .with_d_embedding(4)
                .with_d_hidden(4)
                .with_d_attention(4),
        );
        let mut uneven = Pairs::new(30);
        let mut even = Pairs::new(30);
        for index in 0..6u32 {
            let length = if index % 2 == 0 { 1 } else { 4 };
            uneven.push(0, &vec![4 + index % 5; length]);
            even.push(0, &[4 + index % 5, 8 - index % 3]);
        }
        for (config, pairs, locations) in [(global, uneven, 1), (attention, even, 5)] {
            device.seed(3);
            let network = config.init(&device);
            network.visit(&mut Initialize);
            let before = weights(&network);
            let means = Means {
                objective: &Objective::new(&TrainConfig::default()),
                precision: Precision::F32,
            };
            let shares = |parts: &[&[usize]]| {
                let each = parts.iter();
                each.map(|indices| share(&pairs, indices, locations, &device))
                    .collect::<Vec<_>>()
            };
            let step = |parts: &[&[usize]]| {
                let devices = vec![device.clone(); parts.len()];
                let (gradients, nll) = means.gradients(&network, shares(parts), &devices);
                let gradients = clip_by_global_norm(&network, gradients, 1e9);
                let mut plain = burn::optim::SgdConfig::new().init();
                let stepped = plain.step(1.0, network.clone(), gradients);
                (weights(&stepped), nll.into_scalar::<f32>())
            };
            let (whole, whole_nll) = step(&[&[0, 1, 2, 3, 4, 5]]);
            let (halves, halves_nll) = step(&[&[0, 2, 4], &[1, 3, 5]]);
            let largest = |one: &[f32], other: &[f32]| {
                let pairs = one.iter().zip(other);
                pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
            };
            assert!(largest(&whole, &before) > 1e-2, "nothing was learnt");
            let difference = largest(&whole, &halves);
            assert!(difference < 1e-6, "{difference}");
            assert!((whole_nll - halves_nll).abs() < 1e-4 * whole_nll);
        }
    }
}
