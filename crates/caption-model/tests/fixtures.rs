//! PyTorch's numbers: outputs, loss, every gradient, and the weights after three steps of Adam.

#[cfg(any(feature = "cuda", feature = "wgpu"))]
#[path = "common/gpu.rs"]
mod gpu;

use burn::{
    optim::{AdamConfig, GradientsParams},
    tensor::{Device, Tensor},
};
use caption_model::{
    AttentionCaptionerConfig, AttentionTarget, FirstInput, GlobalCaptionerConfig, InitialState,
    Network, NetworkConfig, doubly_stochastic,
};

use torch_fixtures::{Fixture, Inputs, collect, values};

/// Relative error of outputs; gradients and three-step weights may be ten times as far off.
const TOLERANCE: f64 = 1e-4;

#[test]
fn global_captioner_agrees_with_pytorch() {
    let fixture = Fixture::captioner("global");
    check_global(&fixture, &Device::flex(), |config| config);
}

#[test]
fn attention_captioner_agrees_with_pytorch() {
    let fixture = Fixture::captioner("attention");
    check_attention(&fixture, &Device::flex(), AttentionTarget::One, |config| {
        config
    });
}

#[cfg(any(feature = "cuda", feature = "wgpu"))]
#[test]
#[ignore = "needs a GPU"]
fn captioners_on_a_gpu_agree_with_pytorch() {
    let device = gpu::gpu();
    let global = Fixture::captioner("global");
    check_global(&global, &device, |config| config);
    let attention = Fixture::captioner("attention");
    check_attention(&attention, &device, AttentionTarget::One, |config| config);
}

#[test]
fn word_layers_without_tanh_agree_with_pytorch() {
    check_global(
        &Fixture::variant("global-linear-output"),
        &Device::flex(),
        |config| config.with_pre_logits_tanh(false),
    );
    check_attention(
        &Fixture::variant("attention-linear-output"),
        &Device::flex(),
        AttentionTarget::One,
        |config| config.with_pre_logits_tanh(false),
    );
}

#[test]
fn zeros_as_first_input_agree_with_pytorch() {
    check_global(
        &Fixture::variant("global-zero-first"),
        &Device::flex(),
        |config| config.with_first_input(FirstInput::Zero),
    );
    check_attention(
        &Fixture::variant("attention-zero-first"),
        &Device::flex(),
        AttentionTarget::One,
        |config| config.with_first_input(FirstInput::Zero),
    );
}

#[test]
fn attention_without_gate_agrees_with_pytorch() {
    check_attention(
        &Fixture::variant("attention-no-gate"),
        &Device::flex(),
        AttentionTarget::One,
        |config| config.with_gate(false),
    );
}

#[test]
fn first_states_of_two_layers_agree_with_pytorch() {
    check_attention(
        &Fixture::variant("attention-two-layers"),
        &Device::flex(),
        AttentionTarget::One,
        |config| config.with_initial_state(InitialState::TwoLayers),
    );
}

#[test]
fn the_regulariser_of_reachable_sums_agrees_with_pytorch() {
    check_attention(
        &Fixture::variant("attention-reachable"),
        &Device::flex(),
        AttentionTarget::Reachable,
        |config| config,
    );
}

fn check_global(
    fixture: &Fixture,
    device: &Device,
    switched: impl FnOnce(GlobalCaptionerConfig) -> GlobalCaptionerConfig,
) {
    let [d_features] = fixture.trailing("input.features");
    let [num_words, d_embedding] = fixture.shape("weights.embed.weight");
    let [d_hidden] = fixture.shape("weights.mlp.bias");
    let config = GlobalCaptionerConfig::new(num_words, d_features)
        .with_d_embedding(d_embedding)
        .with_d_hidden(d_hidden);
    let config = NetworkConfig::from(switched(config));
    check(fixture, device, &config, AttentionTarget::One);
}

fn check_attention(
    fixture: &Fixture,
    device: &Device,
    target: AttentionTarget,
    switched: impl FnOnce(AttentionCaptionerConfig) -> AttentionCaptionerConfig,
) {
    let [d_annotation] = fixture.trailing("input.features");
    let [num_words, d_embedding] = fixture.shape("weights.embed.weight");
    let [d_hidden] = fixture.shape("weights.init_h.bias");
    let [d_attention] = fixture.shape("weights.att_f.bias");
    let config = AttentionCaptionerConfig::new(num_words, d_annotation)
        .with_d_embedding(d_embedding)
        .with_d_hidden(d_hidden)
        .with_d_attention(d_attention);
    let config = NetworkConfig::from(switched(config));
    check(fixture, device, &config, target);
}

/// The regulariser's weight is 1.
fn check(fixture: &Fixture, device: &Device, config: &NetworkConfig, target: AttentionTarget) {
    let device = device.clone().autodiff();
    let mut network = Network::from(fixture.load(config.captioner.init(&device)));
    let inputs = fixture.inputs(&device);
    let mut optimizer = AdamConfig::new().with_epsilon(1e-8).init();
    let mut losses = Vec::new();
    for step in 0..3 {
        let outputs = run(&inputs, &network, target);
        let mut loss = outputs.nll.clone();
        if let Some(regulariser) = &outputs.regulariser {
            loss = loss + regulariser.clone();
        }
        losses.extend(values(loss.clone()));
        if step == 0 {
            fixture.compare("output.logits", &values(outputs.logits), TOLERANCE);
            fixture.compare("output.nll", &values(outputs.nll), TOLERANCE);
            if let Some(regulariser) = outputs.regulariser {
                fixture.compare("output.regulariser", &values(regulariser), TOLERANCE);
            }
            if let Some(weights) = outputs.weights {
                fixture.compare("output.alphas", &values(weights), TOLERANCE);
            }
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        if step == 0 {
            for (name, gradient) in collect(&network.captioner, Some(&gradients)) {
                fixture.compare(&format!("grad.{name}"), &gradient, 10.0 * TOLERANCE);
            }
        }
        network = optimizer.step(1e-2, network, gradients);
    }
    fixture.compare("output.losses", &losses, TOLERANCE);
    for (name, weights) in collect(&network.captioner, None) {
        // The scores' bias has no effect on the softmax: Adam moves it by the signs of rounding
        // errors.
        if name != "att_v.bias" {
            fixture.compare(&format!("after3.{name}"), &weights, 10.0 * TOLERANCE);
        }
    }
}

struct Outputs {
    logits: Tensor<2>,
    nll: Tensor<1>,
    regulariser: Option<Tensor<1>>,
    weights: Option<Tensor<3>>,
}

fn run(inputs: &Inputs, network: &Network, target: AttentionTarget) -> Outputs {
    let (deep, attention) = network.forward(inputs.features.clone(), inputs.words.clone());
    let [batch, time, d] = deep.dims();
    let deep = deep.reshape([batch * time, d]);
    let [counted] = inputs.targets.dims();
    let spoken = deep.clone().select(0, inputs.positions.clone());
    let cost = network.word_loss(spoken, inputs.targets.clone(), 0.0);
    Outputs {
        nll: cost.loss.sum().div_scalar(counted as f64),
        logits: network.logits(deep),
        regulariser: attention
            .clone()
            .map(|attention| doubly_stochastic(attention.weights, inputs.mask.clone(), target)),
        weights: attention.map(|attention| attention.weights),
    }
}
