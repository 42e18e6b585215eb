//! An ONNX file as it stands, looked through before anything is computed of it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Dim;
use tract_onnx::pb::type_proto::Value as Type;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto};
use tract_onnx::prelude::Framework;

use super::problem::OnnxProblem;
use crate::error::Error;
use crate::files::parts_sha256;

/// Bytes of the largest file of the format: messages of Protocol Buffers end there.
const MAX_BYTES: u64 = (1 << 31) - 1;
/// Most operators. The largest vision networks in use have some thousands.
const MAX_OPERATORS: usize = 1 << 16;
/// Most numbers of a tensor within a network: 1 GiB in f32.
pub(super) const MAX_NUMBERS: u64 = 1 << 28;
/// Longest padding, in pixels: no network has one of more than its pictures' sides.
const MAX_PADDING: i64 = 1 << 12;

/// A network in a file.
pub(super) struct OnnxFile {
    pub(super) model: ModelProto,
    pub(super) sha256: String,
}

/// A network's input.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) half: bool,
    /// Its four dimensions; nothing where they may be anything.
    pub(super) dims: [Option<usize>; 4],
}

impl OnnxFile {
    /// Reads a file and makes sure that it can be trusted: tensors are as long as they say, all
    /// operators are known, and none makes something huge of little.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::metadata(path)
            .map_err(Error::io("open", path))?
            .len();
        if bytes > MAX_BYTES {
            return Err(Error::onnx(path, OnnxProblem::TooLarge { bytes }));
        }
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        let sha256 = parts_sha256([&bytes]);
        let model = tract_onnx::onnx()
            .proto_model_for_read(&mut bytes.as_slice())
            .map_err(|error| Error::onnx(path, OnnxProblem::NotOnnx).caused_by(error))?;
        let file = Self { model, sha256 };
        file.check().map_err(|problem| Error::onnx(path, problem))?;
        Ok(file)
    }

    fn check(&self) -> Result<(), OnnxProblem> {
        let graph = self.graph()?;
        let mut operators = 0;
        visit(graph, &mut |graph: &GraphProto| {
            operators += graph.node.len();
            Ok(())
        })?;
        if operators > MAX_OPERATORS {
            return Err(OnnxProblem::Graph { operators });
        }
        let mut unknown = BTreeSet::new();
        let registered = tract_onnx::onnx().op_register;
        visit(graph, &mut |graph: &GraphProto| {
            for node in &graph.node {
                if !registered.0.contains_key(&node.op_type) && !unknown.contains(&node.op_type) {
                    unknown.insert(node.op_type.clone());
                }
            }
            if let Some(sparse) = graph.sparse_initializer.first() {
                let name = sparse.values.as_ref().map(|values| values.name.clone());
                return Err(OnnxProblem::TensorType {
                    tensor: name.unwrap_or_default(),
                    kind: "sparse".to_owned(),
                });
            }
            tensors(graph).try_for_each(check_tensor)
        })?;
        if !unknown.is_empty() {
            return Err(OnnxProblem::Operators(unknown.into_iter().collect()));
        }
        visit(graph, &mut |graph: &GraphProto| {
            let constants = constants(graph);
            graph
                .node
                .iter()
                .try_for_each(|node| check_growth(node, &constants))
        })
    }

    /// The graph.
    pub(super) fn graph(&self) -> Result<&GraphProto, OnnxProblem> {
        self.model.graph.as_ref().ok_or(OnnxProblem::NotOnnx)
    }

    /// The only input.
    pub(super) fn input(&self) -> Result<Input, OnnxProblem> {
        let graph = self.graph()?;
        // Old files name their weights among the inputs too.
        let weights = graph.initializer.iter().map(|tensor| tensor.name.as_str());
        let weights: HashSet<&str> = weights.collect();
        let inputs = graph.input.iter();
        let inputs = inputs.filter(|input| !weights.contains(input.name.as_str()));
        let inputs: Vec<&ValueInfoProto> = inputs.collect();
        let [input] = inputs[..] else {
            let names = inputs.iter().map(|input| input.name.clone()).collect();
            return Err(match inputs.len() {
                0 => OnnxProblem::NoInput,
                _ => OnnxProblem::Inputs(names),
            });
        };
        let Some(Type::TensorType(tensor)) =
            input.r#type.as_ref().and_then(|kind| kind.value.as_ref())
        else {
            return Err(OnnxProblem::InputType("no type".to_owned()));
        };
        let half = match DataType::try_from(tensor.elem_type) {
            Ok(DataType::Float) => false,
            Ok(DataType::Float16) => true,
            _ => return Err(OnnxProblem::InputType(type_name(tensor.elem_type))),
        };
        let dims: Vec<Option<usize>> = match &tensor.shape {
            None => vec![None; 4],
            Some(shape) => (shape.dim.iter())
                .map(|dim| match dim.value {
                    Some(Dim::DimValue(length)) => usize::try_from(length).ok().filter(|&l| l > 0),
                    _ => None,
                })
                .collect(),
        };
        let dims =
            <[_; 4]>::try_from(dims).map_err(|dims| OnnxProblem::InputShape(shape_text(&dims)))?;
        Ok(Input {
            name: input.name.clone(),
            half,
            dims,
        })
    }

    /// Names of the outputs.
    pub(super) fn outputs(&self) -> Result<Vec<String>, OnnxProblem> {
        let outputs = self.graph()?.output.iter();
        Ok(outputs.map(|output| output.name.clone()).collect())
    }

    /// The output that is meant: the named tensor, else the only output.
    pub(super) fn output(&self, name: Option<&str>) -> Result<String, OnnxProblem> {
        let outputs = self.outputs()?;
        let Some(name) = name else {
            return match <[String; 1]>::try_from(outputs) {
                Ok([only]) => Ok(only),
                Err(outputs) => Err(OnnxProblem::Outputs(outputs)),
            };
        };
        let mut made = self.graph()?.node.iter().flat_map(|node| &node.output);
        if !name.is_empty() && made.any(|made| made == name) {
            return Ok(name.to_owned());
        }
        Err(OnnxProblem::NoSuchOutput {
            name: name.to_owned(),
            outputs,
        })
    }

    /// What the file says of itself, for somebody who has to write its settings.
    pub(super) fn seen(&self) -> String {
        let input = match self.input() {
            Ok(input) => {
                let kind = if input.half { "float16" } else { "float" };
                let dims = shape_text(&input.dims);
                format!("its input \"{}\" is {dims} of {kind}", input.name)
            }
            Err(problem) => problem.to_string(),
        };
        let outputs = self.outputs().unwrap_or_default();
        format!("{input}, its outputs are {}", quoted(&outputs))
    }
}

/// Names, quoted and with commas.
fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names
        .iter()
        .take(8)
        .map(|name| format!("{name:?}"))
        .collect();
    names.join(", ")
}

/// Calls `look` with a graph and those within its operators. The reader of Protocol Buffers does
/// not read more than a hundred levels, so that this ends.
fn visit(
    graph: &GraphProto,
    look: &mut impl FnMut(&GraphProto) -> Result<(), OnnxProblem>,
) -> Result<(), OnnxProblem> {
    look(graph)?;
    for node in &graph.node {
        for attribute in &node.attribute {
            for inner in attribute.g.iter().chain(&attribute.graphs) {
                visit(inner, look)?;
            }
        }
    }
    Ok(())
}

/// The tensors of a graph: its weights, and constants of its operators.
fn tensors(graph: &GraphProto) -> impl Iterator<Item = &TensorProto> {
    let attributes = graph.node.iter().flat_map(|node| &node.attribute);
    let constants = attributes.flat_map(|attribute| attribute.t.iter().chain(&attribute.tensors));
    graph.initializer.iter().chain(constants)
}

fn check_tensor(tensor: &TensorProto) -> Result<(), OnnxProblem> {
    let name = || tensor.name.clone();
    if tensor.data_location == Some(i32::from(DataLocation::External)) {
        let mut entries = tensor.external_data.iter();
        let location = entries.find(|entry| entry.key == "location");
        return Err(OnnxProblem::External {
            tensor: name(),
            location: location
                .map(|entry| entry.value.clone())
                .unwrap_or_default(),
        });
    }
    let (width, typed) = match DataType::try_from(tensor.data_type) {
        Ok(DataType::Float) => (4, tensor.float_data.len()),
        Ok(DataType::Double) => (8, tensor.double_data.len()),
        Ok(DataType::Int64) => (8, tensor.int64_data.len()),
        Ok(DataType::Int32) => (4, tensor.int32_data.len()),
        Ok(DataType::Float16 | DataType::Uint16 | DataType::Int16) => (2, tensor.int32_data.len()),
        Ok(DataType::Uint8 | DataType::Int8 | DataType::Bool) => (1, tensor.int32_data.len()),
        _ => {
            return Err(OnnxProblem::TensorType {
                tensor: name(),
                kind: type_name(tensor.data_type),
            });
        }
    };
    let found = if tensor.raw_data.is_empty() {
        typed as u64 * width
    } else {
        tensor.raw_data.len() as u64
    };
    let mut dims = tensor.dims.iter().map(|&dim| u64::try_from(dim).ok());
    let declared = dims.try_fold(width, |product, dim| product.checked_mul(dim?));
    if declared == Some(found) {
        return Ok(());
    }
    Err(OnnxProblem::TensorLength {
        tensor: name(),
        declared,
        found,
    })
}

/// Refuses operators that make huge tensors of small ones, as far as the file says how large. What
/// a network computes as a size only from its picture is not seen here.
fn check_growth(
    node: &NodeProto,
    constants: &HashMap<&str, &TensorProto>,
) -> Result<(), OnnxProblem> {
    let refuse = |numbers| {
        Err(OnnxProblem::TooMany {
            tensor: if node.name.is_empty() {
                node.op_type.clone()
            } else {
                node.name.clone()
            },
            numbers,
        })
    };
    for attribute in &node.attribute {
        let padding = attribute.name == "pads" || attribute.name == "output_padding";
        let too_long = |&pad: &i64| pad > MAX_PADDING;
        if padding && let Some(&pad) = attribute.ints.iter().find(|&pad| too_long(pad)) {
            return refuse(u64::try_from(pad).ok());
        }
        let scales = attribute.floats.iter().map(|&scale| f64::from(scale));
        if attribute.name == "scales" && scales.product::<f64>() > 1e6 {
            return refuse(None);
        }
    }
    let sizes: &[usize] = match node.op_type.as_str() {
        "ConstantOfShape" => &[0],
        "Expand" | "Tile" | "Pad" | "OneHot" => &[1],
        "Resize" => &[2, 3],
        "Upsample" => &[1],
        "Range" => &[0, 1],
        _ => &[],
    };
    for &index in sizes {
        let tensor = (node.input.get(index)).and_then(|name| constants.get(name.as_str()));
        let Some(values) = tensor.copied().and_then(numbers_of) else {
            continue;
        };
        let (numbers, most) = if node.op_type == "Pad" {
            let longest = values.iter().copied().fold(0.0, f64::max);
            (longest, MAX_PADDING as f64)
        } else {
            let factors = values.iter().map(|value| value.abs().max(1.0));
            (factors.product(), MAX_NUMBERS as f64)
        };
        if numbers > most {
            return refuse(whole(numbers));
        }
    }
    Ok(())
}

/// A count, if it is one that fits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 2^63, and a message has no use for fractions"
)]
fn whole(count: f64) -> Option<u64> {
    (0.0..9e18).contains(&count).then_some(count as u64)
}

/// The constants of a graph by their names; of several of one name the first, and weights before
/// what operators give.
fn constants(graph: &GraphProto) -> HashMap<&str, &TensorProto> {
    let weights = (graph.initializer.iter()).map(|tensor| (tensor.name.as_str(), tensor));
    let operators = graph.node.iter().filter(|node| node.op_type == "Constant");
    let given = operators.flat_map(|node| {
        let tensor = node.attribute.iter().find_map(|it| it.t.as_ref());
        let names = node.output.iter();
        names.filter_map(move |name| Some((name.as_str(), tensor?)))
    });
    let mut constants = HashMap::new();
    for (name, tensor) in weights.chain(given) {
        constants.entry(name).or_insert(tensor);
    }
    constants
}

/// The numbers of a constant of up to 16.
fn numbers_of(tensor: &TensorProto) -> Option<Vec<f64>> {
    let raw = tensor.raw_data.as_slice();
    if raw.len() > 128 || tensor.int64_data.len() > 16 || tensor.float_data.len() > 16 {
        return None;
    }
    let values: Vec<f64> = match DataType::try_from(tensor.data_type) {
        Ok(DataType::Int64) => {
            let raw = raw
                .as_chunks::<8>()
                .0
                .iter()
                .map(|&b| i64::from_le_bytes(b) as f64);
            raw.chain(tensor.int64_data.iter().map(|&value| value as f64))
                .collect()
        }
        Ok(DataType::Float) => {
            let raw = raw
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&b| f32::from_le_bytes(b));
            raw.chain(tensor.float_data.iter().copied())
                .map(f64::from)
                .collect()
        }
        Ok(DataType::Int32) => {
            let raw = raw
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&b| i32::from_le_bytes(b));
            raw.chain(tensor.int32_data.iter().copied())
                .map(f64::from)
                .collect()
        }
        _ => return None,
    };
    Some(values)
}

/// `float16` and so on.
fn type_name(kind: i32) -> String {
    match DataType::try_from(kind) {
        Ok(kind) => format!("{kind:?}").to_lowercase(),
        Err(_) => format!("type {kind}"),
    }
}

/// `[?, 3, 224, 224]`.
pub(super) fn shape_text(dims: &[Option<usize>]) -> String {
    let dim = |dim: &Option<usize>| dim.map_or_else(|| "?".to_owned(), |dim| dim.to_string());
    let dims: Vec<String> = dims.iter().map(dim).collect();
    format!("[{}]", dims.join(", "))
}
