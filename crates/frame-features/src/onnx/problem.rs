//! Why an ONNX file makes no features.

use std::fmt;
use std::path::PathBuf;

/// What is wrong with an ONNX file, or with the settings beside it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum OnnxProblem {
    /// It is no ONNX file, or is cut off.
    NotOnnx,
    /// It is larger than a file of its format can be, 2 GiB.
    TooLarge {
        /// Its length in bytes.
        bytes: u64,
    },
    /// There are no settings beside it.
    NoSettings {
        /// The file that was looked for.
        path: PathBuf,
        /// What the network says of itself: its input and outputs, in words.
        seen: String,
    },
    /// The file of settings cannot be used.
    Settings,
    /// It has no input, so that no picture could be given.
    NoInput,
    /// It has more inputs than one. Holds their names.
    Inputs(Vec<String>),
    /// Its input does not take numbers that pictures can become. Holds the type.
    InputType(String),
    /// Its input does not have the shape of pictures. Holds the shape in words.
    InputShape(String),
    /// Its input takes pictures that are no squares.
    NotSquare {
        /// Height in pixels.
        height: usize,
        /// Width in pixels.
        width: usize,
    },
    /// Neither the network nor its settings say how large the pictures are.
    NoSide,
    /// The settings and the network say different sides.
    Side {
        /// The settings' side in pixels.
        settings: usize,
        /// The network's.
        network: usize,
    },
    /// Neither the network nor its settings say where the channels stand.
    NoLayout,
    /// It has several outputs and the settings name none, or has none. Holds their names.
    Outputs(Vec<String>),
    /// The output that the settings name is not there.
    NoSuchOutput {
        /// The name.
        name: String,
        /// Names of the outputs.
        outputs: Vec<String>,
    },
    /// The output cannot be taken for what the settings say.
    OutputShape {
        /// Its name.
        name: String,
        /// Its shape in words.
        shape: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The weights of a tensor lie in another file.
    External {
        /// The tensor.
        tensor: String,
        /// The file.
        location: String,
    },
    /// A tensor does not have as many bytes as its shape and type say.
    TensorLength {
        /// The tensor.
        tensor: String,
        /// Bytes by its shape, nothing if there are more than can be counted.
        declared: Option<u64>,
        /// Bytes that are there.
        found: u64,
    },
    /// A tensor has numbers of a type that is not read. Holds its name and type.
    TensorType {
        /// The tensor.
        tensor: String,
        /// The type.
        kind: String,
    },
    /// Operators that are not known. Holds their names.
    Operators(Vec<String>),
    /// A tensor within the network has too many numbers.
    TooMany {
        /// The operator or tensor.
        tensor: String,
        /// How many numbers there would be, nothing if more than can be counted.
        numbers: Option<u64>,
    },
    /// The graph has too many operators.
    Graph {
        /// How many there are.
        operators: usize,
    },
    /// The network could not be prepared.
    Prepare,
    /// The network could not be run.
    Run,
    /// What it made of a picture has infinite values or such that are no numbers. Holds the name of
    /// the output.
    NotFinite(String),
}

impl fmt::Display for OnnxProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOnnx => f.write_str("this is no ONNX file, or it is cut off"),
            Self::TooLarge { bytes } => write!(
                f,
                "it has {bytes} bytes, and an ONNX file has less than 2^31"
            ),
            Self::NoSettings { path, seen } => write!(
                f,
                "there is no {} that says how pictures become its input, such as `preset = \
                 \"imagenet\"`, or `mean` and `deviation` of the colours; {seen}",
                path.display()
            ),
            Self::Settings => f.write_str("these settings cannot be used"),
            Self::NoInput => f.write_str("the network has no input"),
            Self::Inputs(names) => {
                write!(f, "the network has {} inputs: ", names.len())?;
                write_names(f, names)?;
                f.write_str(", expected one, the pictures")
            }
            Self::InputType(kind) => write!(
                f,
                "the network's input is of {kind}, expected float or float16"
            ),
            Self::InputShape(shape) => write!(
                f,
                "the network's input is {shape}, expected [pictures, 3, rows, columns] or \
                 [pictures, rows, columns, 3]"
            ),
            Self::NotSquare { height, width } => write!(
                f,
                "the network takes pictures of {width}x{height}, expected squares"
            ),
            Self::NoSide => f.write_str(
                "the network takes pictures of any size, and its settings have no `side`",
            ),
            Self::Side { settings, network } => write!(
                f,
                "its settings say `side = {settings}`, but the network takes {network}x{network}"
            ),
            Self::NoLayout => f.write_str(
                "the network does not say which dimension the channels are, and its settings have \
                 no `layout`",
            ),
            Self::Outputs(names) if names.is_empty() => f.write_str("the network has no output"),
            Self::Outputs(names) => {
                write!(f, "the network has {} outputs: ", names.len())?;
                write_names(f, names)?;
                f.write_str(", and its settings have no `output`")
            }
            Self::NoSuchOutput { name, outputs } => {
                write!(f, "there is no tensor \"{name}\" in it; its outputs are ")?;
                write_names(f, outputs)
            }
            Self::OutputShape {
                name,
                shape,
                expected,
            } => write!(f, "its output \"{name}\" is {shape}, expected {expected}"),
            Self::External { tensor, location } => write!(
                f,
                "the numbers of tensor \"{tensor}\" lie in another file, \"{location}\", expected \
                 all in one"
            ),
            Self::TensorLength {
                tensor,
                declared: Some(declared),
                found,
            } => write!(
                f,
                "tensor \"{tensor}\" should have {declared} bytes by its shape and has {found}"
            ),
            Self::TensorLength { tensor, found, .. } => write!(
                f,
                "tensor \"{tensor}\" has a shape of more numbers than can be, and {found} bytes"
            ),
            Self::TensorType { tensor, kind } => {
                write!(f, "tensor \"{tensor}\" is of {kind}, which is not read")
            }
            Self::Operators(names) => {
                f.write_str("it needs operators that are not there: ")?;
                write_names(f, names)
            }
            Self::TooMany {
                tensor,
                numbers: Some(numbers),
            } => write!(
                f,
                "\"{tensor}\" would have {numbers} numbers, expected up to 2^28"
            ),
            Self::TooMany { tensor, .. } => write!(
                f,
                "\"{tensor}\" would have more numbers than can be counted"
            ),
            Self::Graph { operators } => {
                write!(f, "it has {operators} operators, expected up to 65,536")
            }
            Self::Prepare => f.write_str("the network cannot be computed"),
            Self::Run => f.write_str("the network failed on a picture"),
            Self::NotFinite(output) => write!(
                f,
                "its output \"{output}\" for a picture is not finite, as happens where weights are not"
            ),
        }
    }
}

/// At most eight names.
fn write_names(f: &mut fmt::Formatter<'_>, names: &[String]) -> fmt::Result {
    for (index, name) in names.iter().take(8).enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(f, "{comma}\"{name}\"")?;
    }
    if names.len() > 8 {
        write!(f, " and {} more", names.len() - 8)?;
    }
    Ok(())
}
