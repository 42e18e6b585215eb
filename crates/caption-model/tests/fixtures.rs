//! PyTorch's numbers: outputs, loss, every gradient, and the weights after three steps of Adam.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::{collections::BTreeMap, path::PathBuf};

use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::{GradientsParams, ModuleOptimizer},
    tensor::{Device, Int, Tensor, TensorData},
};
use burn_store::{ModuleSnapshot, PyTorchToBurnAdapter, SafetensorsStore};
use caption_model::{
    AttentionCaptionerConfig, FusedAdam, GlobalCaptionerConfig, Network, NetworkConfig, PAD,
    doubly_stochastic,
};
use safetensors::SafeTensors;

/// Relative error of outputs; gradients and three-step weights may be ten times as far off.
const TOLERANCE: f64 = 1e-4;

#[test]
fn global_captioner_agrees_with_pytorch() {
    let fixture = Fixture::read("global");
    let [d_features] = fixture.trailing("input.features");
    let [num_words, d_embedding] = fixture.shape("weights.embed.weight");
    let [d_hidden] = fixture.shape("weights.mlp.bias");
    let config = GlobalCaptionerConfig::new(num_words, d_features)
        .with_d_embedding(d_embedding)
        .with_d_hidden(d_hidden);
    check(&fixture, &NetworkConfig::Global(config), 0.0);
}

#[test]
fn attention_captioner_agrees_with_pytorch() {
    let fixture = Fixture::read("attention");
    let [d_annotation] = fixture.trailing("input.features");
    let [num_words, d_embedding] = fixture.shape("weights.embed.weight");
    let [d_hidden] = fixture.shape("weights.init_h.bias");
    let [d_attention] = fixture.shape("weights.att_f.bias");
    let config = AttentionCaptionerConfig::new(num_words, d_annotation)
        .with_d_embedding(d_embedding)
        .with_d_hidden(d_hidden)
        .with_d_attention(d_attention);
    check(&fixture, &NetworkConfig::Attention(config), 1.0);
}

fn check(fixture: &Fixture, config: &NetworkConfig, lambda: f64) {
    let device = Device::flex().autodiff();
    let mut network = fixture.load(config.init(&device));
    let inputs = fixture.inputs(&device);
    let mut optimizer = ModuleOptimizer::from(FusedAdam::default());
    let mut losses = Vec::new();
    for step in 0..3 {
        let outputs = inputs.run(&network);
        let mut loss = outputs.nll.clone();
        if let Some(regulariser) = &outputs.regulariser {
            loss = loss + regulariser.clone().mul_scalar(lambda);
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
            for (name, gradient) in collect(&network, Some(&gradients)) {
                fixture.compare(&format!("grad.{name}"), &gradient, 10.0 * TOLERANCE);
            }
        }
        network = optimizer.step(1e-2, network, gradients);
    }
    fixture.compare("output.losses", &losses, TOLERANCE);
    for (name, weights) in collect(&network, None) {
        // The scores' bias has no effect on the softmax: Adam moves it by the signs of rounding errors.
        if name != "att_v.bias" {
            fixture.compare(&format!("after3.{name}"), &weights, 10.0 * TOLERANCE);
        }
    }
}

/// What the models read, on the device.
struct Inputs {
    features: Tensor<3>,
    words: Tensor<2, Int>,
    live: Tensor<2>,
    positions: Tensor<1, Int>,
    targets: Tensor<1, Int>,
}

struct Outputs {
    logits: Tensor<2>,
    nll: Tensor<1>,
    regulariser: Option<Tensor<1>>,
    weights: Option<Tensor<3>>,
}

impl Inputs {
    fn run(&self, network: &Network) -> Outputs {
        let (deep, attention) = network.forward(self.features.clone(), self.words.clone());
        let [batch, time, d] = deep.dims();
        let deep = deep.reshape([batch * time, d]);
        let [counted] = self.targets.dims();
        let spoken = deep.clone().select(0, self.positions.clone());
        let cost = network.word_loss(spoken, self.targets.clone(), 0.0);
        Outputs {
            nll: cost.loss.sum().div_scalar(counted as f64),
            logits: network.logits(deep),
            regulariser: attention
                .clone()
                .map(|attention| doubly_stochastic(attention.weights, self.live.clone())),
            weights: attention.map(|attention| attention.weights),
        }
    }
}

struct Fixture {
    bytes: Vec<u8>,
}

impl Fixture {
    fn read(name: &str) -> Self {
        let folder = std::env::var_os("FIXTURES_DIR").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"),
            PathBuf::from,
        );
        let path = folder.join(format!("{name}.safetensors"));
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self { bytes }
    }

    fn tensor(&self, name: &str) -> (Vec<usize>, Vec<u8>) {
        let tensors = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = tensors
            .tensor(name)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        (view.shape().to_vec(), view.data().to_vec())
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        let (_, data) = self.tensor(name);
        let (chunks, _) = data.as_chunks::<4>();
        chunks
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes))
            .collect()
    }

    fn shape<const D: usize>(&self, name: &str) -> [usize; D] {
        self.tensor(name).0.try_into().unwrap()
    }

    /// The last size of a tensor.
    fn trailing(&self, name: &str) -> [usize; 1] {
        [*self.tensor(name).0.last().unwrap()]
    }

    fn inputs(&self, device: &Device) -> Inputs {
        let (shape, data) = self.tensor("input.tokens");
        let (batch, columns) = (shape[0], shape[1]);
        let (chunks, _) = data.as_chunks::<8>();
        let tokens: Vec<i64> = chunks.iter().map(|b| i64::from_le_bytes(*b)).collect();
        let rows = || tokens.chunks(columns);
        let words: Vec<i64> = rows()
            .flat_map(|row| &row[..columns - 1])
            .copied()
            .collect();
        let next: Vec<i64> = rows().flat_map(|row| &row[1..]).copied().collect();
        let live: Vec<f32> = next
            .iter()
            .map(|&w| f32::from(u8::from(w != i64::from(PAD))))
            .collect();
        let positions: Vec<i64> = (0i64..)
            .zip(&live)
            .filter(|(_, l)| **l > 0.0)
            .map(|(i, _)| i)
            .collect();
        let targets: Vec<i64> = next.into_iter().filter(|&w| w != i64::from(PAD)).collect();
        let counted = targets.len();
        let features = self.floats("input.features");
        let (shape, _) = self.tensor("input.features");
        let locations = if shape.len() == 3 { shape[1] } else { 1 };
        let d = features.len() / batch / locations;
        let shape = [batch, columns - 1];
        Inputs {
            features: Tensor::from_data(TensorData::new(features, [batch, locations, d]), device),
            words: Tensor::from_data(TensorData::new(words, shape), device),
            live: Tensor::from_data(TensorData::new(live, shape), device),
            positions: Tensor::from_data(TensorData::new(positions, [counted]), device),
            targets: Tensor::from_data(TensorData::new(targets, [counted]), device),
        }
    }

    /// The fixture's weights in a network of ours.
    fn load(&self, mut network: Network) -> Network {
        let mut store = SafetensorsStore::from_bytes(Some(self.bytes.clone()))
            .with_from_adapter(PyTorchToBurnAdapter)
            .skip_enum_variants(true)
            .with_key_remapping(r"^weights\.", "")
            .with_key_remapping(r"^(lstm|cell)\.(weight|bias)_ih(_l0)?$", "$1.input.$2")
            .with_key_remapping(r"^(lstm|cell)\.(weight|bias)_hh(_l0)?$", "$1.hidden.$2");
        network.load_from(&mut store).unwrap();
        network
    }

    fn compare(&self, name: &str, ours: &[f32], tolerance: f64) {
        let theirs = self.floats(name);
        assert_eq!(theirs.len(), ours.len(), "{name}");
        let norm =
            |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
        let difference = norm(&mut theirs.iter().zip(ours).map(|(a, b)| f64::from(a - b)));
        let size = norm(&mut theirs.iter().map(|&a| f64::from(a)));
        if name.ends_with("att_v.bias") {
            assert!(difference < 1e-6, "{name} is off by {difference}");
        } else {
            assert!(
                difference <= tolerance * size,
                "{name} is off by {difference} of {size}"
            );
        }
    }
}

/// Weights, or their gradients, under PyTorch's names and in its layout.
fn collect(network: &Network, gradients: Option<&GradientsParams>) -> BTreeMap<String, Vec<f32>> {
    struct Collect<'a> {
        gradients: Option<&'a GradientsParams>,
        path: Vec<(String, String)>,
        found: BTreeMap<String, Vec<f32>>,
    }
    impl ModuleVisitor for Collect<'_> {
        fn enter_module(&mut self, name: &str, container: &str) {
            self.path.push((name.to_owned(), container.to_owned()));
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let mut tensor = match self.gradients {
                Some(gradients) => gradients
                    .get::<D>(param.id)
                    .expect("every weight has a gradient"),
                None => param.val().inner(),
            };
            let is_linear = self
                .path
                .iter()
                .any(|(_, container)| container.ends_with("Linear"));
            if D == 2 && is_linear {
                tensor = tensor.transpose();
            }
            let names: Vec<&str> = self.path.iter().map(|(name, _)| name.as_str()).collect();
            let name = torch_name(&names);
            self.found.insert(name, values(tensor));
        }
    }
    let mut visitor = Collect {
        gradients,
        path: Vec::new(),
        found: BTreeMap::new(),
    };
    network.visit(&mut visitor);
    visitor.found
}

/// `lstm.input.weight` is PyTorch's `lstm.weight_ih_l0`, `cell.hidden.bias` its `cell.bias_hh`.
fn torch_name(path: &[&str]) -> String {
    let path: Vec<&str> = path
        .iter()
        .copied()
        .filter(|name| !matches!(*name, "Global" | "Attention"))
        .collect();
    match path[..] {
        [layer @ ("lstm" | "cell"), gate, kind] => {
            let gate = if gate == "input" { "ih" } else { "hh" };
            let suffix = if layer == "lstm" { "_l0" } else { "" };
            format!("{layer}.{kind}_{gate}{suffix}")
        }
        _ => path.join("."),
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}
