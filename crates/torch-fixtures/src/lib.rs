//! PyTorch's numbers for small captioners, for tests: weights, inputs, outputs, gradients and what
//! three steps of Adam make of the weights. `data/README.md` says which.
//!
//! Whatever is not as expected panics, as it does in a test.
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::{collections::BTreeMap, path::PathBuf};

use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::{Device, Int, Tensor, TensorData},
};
use burn_store::{ModuleSnapshot, PyTorchToBurnAdapter, SafetensorsStore};
use safetensors::SafeTensors;

const PAD: i64 = 0;

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// What the captioners read, on the device.
#[derive(Debug)]
pub struct Inputs {
    /// `[batch, locations, d]`.
    pub features: Tensor<3>,
    /// `[batch, time]`, the words read.
    pub words: Tensor<2, Int>,
    /// `[batch, time]`, 1 where the word to be said is no padding.
    pub mask: Tensor<2>,
    /// Where in `[batch * time]` the words to be said stand.
    pub positions: Tensor<1, Int>,
    /// The words to be said, padding left out.
    pub targets: Tensor<1, Int>,
}

/// A file of PyTorch's numbers, or the part of one that belongs to a variant.
#[derive(Debug)]
pub struct Fixture {
    bytes: Vec<u8>,
    prefix: String,
}

impl Fixture {
    /// The captioner of this name, `global` or `attention`, as the original experiment has it: from
    /// the folder that the environment variable `FIXTURES_DIR` names, else from this crate's.
    pub fn captioner(name: &str) -> Self {
        let folder = std::env::var_os("FIXTURES_DIR").map_or_else(data, PathBuf::from);
        Self::read(folder, name, "")
    }

    /// A variant of `switches.safetensors`.
    #[must_use]
    pub fn variant(name: &str) -> Self {
        Self::read(data(), "switches", &format!("{name}/"))
    }

    /// The file `NAME.safetensors`; the tensors that it is asked for begin with `prefix`.
    fn read(folder: PathBuf, name: &str, prefix: &str) -> Self {
        let path = folder.join(format!("{name}.safetensors"));
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        Self {
            bytes,
            prefix: prefix.to_owned(),
        }
    }

    fn tensor(&self, name: &str) -> (Vec<usize>, Vec<u8>) {
        let tensors = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = tensors
            .tensor(&format!("{}{name}", self.prefix))
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        (view.shape().to_vec(), view.data().to_vec())
    }

    /// A tensor's numbers.
    #[must_use]
    pub fn floats(&self, name: &str) -> Vec<f32> {
        let (_, data) = self.tensor(name);
        let (chunks, _) = data.as_chunks::<4>();
        chunks
            .iter()
            .map(|bytes| f32::from_le_bytes(*bytes))
            .collect()
    }

    /// A tensor's shape.
    #[must_use]
    pub fn shape<const D: usize>(&self, name: &str) -> [usize; D] {
        self.tensor(name).0.try_into().unwrap()
    }

    /// The last size of a tensor.
    #[must_use]
    pub fn trailing(&self, name: &str) -> [usize; 1] {
        [*self.tensor(name).0.last().unwrap()]
    }

    /// What the captioner reads.
    #[must_use]
    pub fn inputs(&self, device: &Device) -> Inputs {
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
        let mask: Vec<f32> = next
            .iter()
            .map(|&w| f32::from(u8::from(w != PAD)))
            .collect();
        let positions: Vec<i64> = (0i64..)
            .zip(&mask)
            .filter(|(_, l)| **l > 0.0)
            .map(|(i, _)| i)
            .collect();
        let targets: Vec<i64> = next.into_iter().filter(|&w| w != PAD).collect();
        let counted = targets.len();
        let features = self.floats("input.features");
        let (shape, _) = self.tensor("input.features");
        let locations = if shape.len() == 3 { shape[1] } else { 1 };
        let d = features.len() / batch / locations;
        let shape = [batch, columns - 1];
        Inputs {
            features: Tensor::from_data(TensorData::new(features, [batch, locations, d]), device),
            words: Tensor::from_data(TensorData::new(words, shape), device),
            mask: Tensor::from_data(TensorData::new(mask, shape), device),
            positions: Tensor::from_data(TensorData::new(positions, [counted]), device),
            targets: Tensor::from_data(TensorData::new(targets, [counted]), device),
        }
    }

    /// The fixture's weights in a captioner of ours.
    pub fn load<M: ModuleSnapshot>(&self, mut network: M) -> M {
        let mut store = SafetensorsStore::from_bytes(Some(self.bytes.clone()))
            .with_from_adapter(PyTorchToBurnAdapter)
            .skip_enum_variants(true)
            .with_key_remapping(format!("^{}weights\\.", self.prefix), "")
            .with_key_remapping(r"^(lstm|cell)\.(weight|bias)_ih(_l0)?$", "$1.input.$2")
            .with_key_remapping(r"^(lstm|cell)\.(weight|bias)_hh(_l0)?$", "$1.hidden.$2");
        network.load_from(&mut store).unwrap();
        network
    }

    /// Compares a tensor with ours: the difference's norm may be a share `tolerance` of the norm.
    pub fn compare(&self, name: &str, ours: &[f32], tolerance: f64) {
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
pub fn collect<M: Module>(
    network: &M,
    gradients: Option<&GradientsParams>,
) -> BTreeMap<String, Vec<f32>> {
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
                    .unwrap_or_else(|| panic!("{:?} has no gradient", self.path)),
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

/// A tensor's numbers on the host.
#[must_use]
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}
