use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::{Device, Tensor},
};

use super::*;
use crate::precision::Precision;
use caption_metrics::Pairs;
use caption_model::{
    AttentionCaptionerConfig, CaptionerConfig, CaptionerNetwork, GlobalCaptionerConfig,
    NetworkConfig,
};
use torch_fixtures::{Fixture, collect, values};

const WORDS: usize = 3;
const LOCATIONS: usize = 3;

fn config() -> TrainConfig {
    TrainConfig::default()
        .attention_regularizer(0.0)
        .hard_attention(Some(HardAttention {
            reinforce: 1.0,
            entropy: 0.0,
            expected_share: 0.0,
        }))
}

fn network(device: &Device) -> Network {
    device.seed(11);
    let config = AttentionCaptionerConfig::new(7, 3)
        .with_d_embedding(3)
        .with_d_hidden(4)
        .with_d_attention(3);
    let network = NetworkConfig::from(config).init(device);
    // Weights of attention as large as after training: with those at the start all locations are
    // nearly the same.
    let CaptionerNetwork::Attention(mut model) = network.captioner else {
        unreachable!("it was made so");
    };
    for layer in [&mut model.att_f, &mut model.att_h, &mut model.att_v] {
        layer.weight = Param::from_tensor(layer.weight.val().mul_scalar(4.0).detach());
    }
    CaptionerNetwork::Attention(model).into()
}

/// The same comment of two words (and its `<eos>`) under the same picture, `count` times.
fn batch(count: usize, device: &Device) -> Batch {
    let mut pairs = Pairs::new(30);
    pairs.push(0, &[5, 6]);
    let picture = [[[0.3, -1.2, 0.8], [1.1, 0.4, -0.7], [-0.9, 0.6, 1.3]]];
    let picture = Tensor::<3>::from_floats(picture, device);
    Batch::new(&pairs, &vec![0; count], picture.repeat_dim(0, count))
}

/// Every sequence of three locations.
fn sequences() -> Vec<[usize; WORDS]> {
    let count = LOCATIONS.pow(u32::try_from(WORDS).unwrap());
    (0..count)
        .map(|number| [number / 9 % 3, number / 3 % 3, number % 3])
        .collect()
}

/// Points that make each comment of a batch draw its sequence: the middles of the shares that its
/// locations have.
fn points_of(network: &Network, batch: &Batch, sequences: &[[usize; WORDS]]) -> Vec<[f32; WORDS]> {
    let mut points = vec![[0.0; WORDS]; sequences.len()];
    for time in 0..WORDS {
        let draws = draws(&points, &batch.features.device());
        let seen =
            network.forward_training(batch.features.clone(), batch.words.clone(), Some(&draws));
        let weights = values(seen.attention.unwrap().weights);
        for (row, sequence) in sequences.iter().enumerate() {
            let weights = &weights[(row * WORDS + time) * LOCATIONS..][..LOCATIONS];
            let below: f32 = weights[..sequence[time]].iter().sum();
            points[row][time] = below + weights[sequence[time]] / 2.0;
        }
    }
    points
}

fn draws(points: &[[f32; WORDS]], device: &Device) -> LocationSamples {
    let rows: Vec<Tensor<2>> = points
        .iter()
        .map(|row| Tensor::from_floats([*row], device))
        .collect();
    LocationSamples::new(
        Tensor::cat(rows, 0),
        Tensor::ones([points.len(), 1], device),
    )
}

/// All gradients, one after the other.
fn gradients(loss: &Tensor<1>, network: &Network) -> Vec<f64> {
    struct All(GradientsParams, Vec<f64>);
    impl ModuleVisitor for All {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id).expect("every weight has one");
            self.1.extend(values(gradient).into_iter().map(f64::from));
        }
    }
    let found = GradientsParams::from_grads(loss.backward(), network);
    let mut all = All(found, Vec::new());
    network.visit(&mut all);
    all.1
}

fn distance(found: &[f64], expected: &[f64]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let difference = norm(&mut found.iter().zip(expected).map(|(a, b)| a - b));
    difference / norm(&mut expected.iter().copied())
}

/// With three locations and three words there are 27 sequences `s`. The gradient of
/// `Σ_s p(s) log p(y|s)`, all of them written out, is the mean of the estimates from each sequence,
/// weighed by its probability, whatever the baseline is. Without the part that learns from rewards
/// it is not.
#[test]
fn the_estimator_of_hard_attention_is_unbiased() {
    let device = Device::flex().autodiff();
    let network = network(&device);
    let sequences = sequences();
    let all = batch(sequences.len(), &device);
    let points = points_of(&network, &all, &sequences);

    let forward = network.forward_training(
        all.features.clone(),
        all.words.clone(),
        Some(&draws(&points, &device)),
    );
    let probabilities: Tensor<2> = forward.log_drawn.unwrap().sum_dim(1).exp();
    let weights = values(probabilities.clone());
    assert!(
        (weights.iter().sum::<f32>() - 1.0).abs() < 1e-5,
        "{weights:?}"
    );
    let pre_logits = forward.pre_logits.reshape([sequences.len() * WORDS, 3]);
    let words = network.word_loss(pre_logits, all.targets.clone(), 0.0).loss;
    let expected_nll = (by_comment(words, &all) * probabilities).sum();
    let exact = gradients(&expected_nll.div_scalar(WORDS as f64), &network);

    let mean_estimate = |objective: &Objective| {
        let one = batch(1, &device);
        let mut mean = vec![0.0; exact.len()];
        for (point, &weight) in points.iter().zip(&weights) {
            let draws = draws(&[*point], &device);
            let loss = objective.loss_with(&network, &one, Some(&draws));
            for (mean, part) in mean.iter_mut().zip(gradients(&loss.objective, &network)) {
                *mean += f64::from(weight) * part;
            }
        }
        mean
    };
    let mut objective = Objective::new(&config());
    for baseline in [None, Some(Baseline(0.0)), Some(Baseline(-3.0))] {
        objective.baseline = baseline;
        let error = distance(&mean_estimate(&objective), &exact);
        assert!(error < 1e-4, "{baseline:?}: {error}");
    }
    objective.hard = objective.hard.map(|hard| HardAttention {
        reinforce: 0.0,
        ..hard
    });
    let error = distance(&mean_estimate(&objective), &exact);
    assert!(
        error > 1e-3,
        "nothing was to be learnt from rewards: {error}"
    );
}

/// If every comment sees the expectation and entropy counts nothing, hard attention is soft
/// attention.
#[test]
fn expectations_alone_are_soft_attention() {
    let device = Device::flex().autodiff();
    let network = network(&device);
    let batch = batch(2, &device);
    let hard = HardAttention {
        expected_share: 1.0,
        entropy: 0.0,
        ..HardAttention::default()
    };
    let of = |config: TrainConfig| {
        let loss = Objective::new(&config).loss(&network, &batch);
        gradients(&loss.objective, &network)
    };
    let soft = of(TrainConfig::default());
    let error = distance(
        &of(TrainConfig::default().hard_attention(Some(hard))),
        &soft,
    );
    assert!(error < 1e-5, "{error}");
}

/// From −ln 7 over words of −2 and −1: 0.9 (0.9 (−ln 7) + 0.1 (−2)) + 0.1 (−1).
#[test]
fn the_baseline_moves_and_survives_a_checkpoint() {
    let device = Device::flex().autodiff();
    let network = network(&device);
    let mut objective = Objective::new(&config());
    assert_eq!(objective.state(), ObjectiveState::default());
    objective.observe(&network, &Tensor::from_floats([8.0], &device), 4);
    objective.observe(&network, &Tensor::from_floats([5.0], &device), 5);
    let expected = 0.9 * (0.9 * -7f64.ln() - 0.2) - 0.1;
    let found = objective.baseline(&network).0;
    assert!((found - expected).abs() < 1e-12, "{found}, {expected}");
    let text = serde_json::to_string(&objective.state()).unwrap();
    let mut restored = Objective::new(&config());
    restored.restore(serde_json::from_str(&text).unwrap());
    assert_eq!(restored.baseline, objective.baseline);
    // Soft attention has none.
    let mut soft = Objective::new(&TrainConfig::default());
    soft.observe(&network, &Tensor::from_floats([8.0], &device), 4);
    assert_eq!(soft.state(), ObjectiveState::default());
}

/// Loss and every gradient with locations drawn, entropy, regularizer and a baseline of −1.5 a
/// word, against PyTorch's.
#[test]
fn hard_attention_agrees_with_pytorch() {
    let fixture = Fixture::variant("attention-hard");
    let device = Device::flex().autodiff();
    let [d_annotation] = fixture.trailing("input.features");
    let [num_words, d_embedding] = fixture.shape("weights.embed.weight");
    let [d_hidden] = fixture.shape("weights.init_h.bias");
    let [d_attention] = fixture.shape("weights.att_f.bias");
    let config = AttentionCaptionerConfig::new(num_words, d_annotation)
        .with_d_embedding(d_embedding)
        .with_d_hidden(d_hidden)
        .with_d_attention(d_attention);
    let captioner = CaptionerConfig::from(config).init(&device);
    let network = Network::from(fixture.load(captioner));
    let inputs = fixture.inputs(&device);
    let [num_targets] = inputs.targets.dims();
    let [comments, time] = inputs.mask.dims();
    let batch = Batch {
        features: inputs.features,
        words: inputs.words,
        mask: inputs.mask,
        positions: inputs.positions,
        targets: inputs.targets,
        num_targets,
    };
    let floats = |name: &str, shape: [usize; 2]| {
        let values = fixture.floats(name);
        Tensor::<1>::from_floats(&values[..], &device).reshape(shape)
    };
    let draws = LocationSamples::new(
        floats("input.points", [comments, time]),
        floats("input.drawn", [comments, 1]),
    );
    let mut objective =
        Objective::new(&TrainConfig::default().hard_attention(Some(HardAttention {
            reinforce: 1.0,
            entropy: 0.05,
            expected_share: 0.5,
        })));
    objective.baseline = Some(Baseline(-1.5));
    let loss = objective.loss_with(&network, &batch, Some(&draws));
    let nll = loss.nll.div_scalar(num_targets as f64);
    fixture.compare("output.nll", &values(nll), 1e-4);
    let first = fixture.floats("output.losses")[0];
    let found = loss.objective.clone().into_scalar::<f32>();
    assert!(
        (found - first).abs() < 1e-4 * first.abs(),
        "{found}, {first}"
    );
    let gradients = GradientsParams::from_grads(loss.objective.backward(), &network);
    for (name, gradient) in collect(&network.captioner, Some(&gradients)) {
        fixture.compare(&format!("grad.{name}"), &gradient, 1e-3);
    }
}

/// bfloat16 has eight bits: loss and gradients agree with those of f32 to a few per cent, every
/// weight has one, in f32, and so is the loss.
#[test]
fn losses_and_gradients_are_those_of_f32_but_for_rounding() {
    let device = Device::flex().autodiff();
    let configs = [
        NetworkConfig::from(
            GlobalCaptionerConfig::new(12, 6)
                .with_d_embedding(8)
                .with_d_hidden(8),
        ),
        NetworkConfig::from(
            AttentionCaptionerConfig::new(12, 6)
                .with_d_embedding(8)
                .with_d_hidden(8)
                .with_d_attention(8),
        ),
    ];
    for (config, locations) in configs.into_iter().zip([1, 5]) {
        device.seed(2);
        let network = config.init(&device);
        let mut pairs = Pairs::new(30);
        pairs.push(0, &[4, 9, 11]);
        pairs.push(0, &[7]);
        let values: Vec<f32> = (0..2 * locations * 6)
            .map(|i| (i * 5 % 7) as f32 / 7.0)
            .collect();
        let features = Tensor::<1>::from_floats(&values[..], &device);
        let features: Tensor<3> = features.reshape([2, locations, 6]);
        let run = |precision: Precision| {
            let mut batch = Batch::new(&pairs, &[0, 1], features.clone());
            let lowered = precision.lower(&network, &mut batch);
            let loss = Objective::new(&TrainConfig::default()).loss(&lowered, &batch);
            let value = loss.objective.clone();
            assert_eq!(value.dtype(), burn::tensor::DType::F32);
            assert_eq!(loss.nll.dtype(), burn::tensor::DType::F32);
            let gradients = GradientsParams::from_grads(loss.objective.backward(), &network);
            let gradient = gradients.get::<2>(network.word_layer().weight.id).unwrap();
            assert_eq!(gradient.dtype(), burn::tensor::DType::F32);
            (
                value.into_scalar::<f32>(),
                gradient.into_data().try_into_vec::<f32>().unwrap(),
                gradients.len(),
            )
        };
        let (exact, gradient, count) = run(Precision::F32);
        let (rounded, other, rounded_count) = run(Precision::Bf16);
        assert!((exact - rounded).abs() < 0.01 * exact, "{exact} {rounded}");
        assert_ne!(exact, rounded);
        assert_eq!(count, rounded_count);
        let norm = |values: &[f32]| values.iter().map(|v| v * v).sum::<f32>().sqrt();
        let difference: Vec<f32> = gradient.iter().zip(&other).map(|(a, b)| a - b).collect();
        assert!(norm(&difference) < 0.05 * norm(&gradient));
    }
}
