//! Small networks, written as ONNX files.

use std::path::{Path, PathBuf};

use prost::Message;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension::Value as Dim};
use tract_onnx::pb::type_proto::{Tensor, Value as Type};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, ValueInfoProto, attribute_proto::AttributeType,
};

/// ImageNet's preprocessing, where a test needs any.
pub(crate) const IMAGENET: &str = "preset = \"imagenet\"\n";
/// Bytes from 0 to 1.
pub(crate) const UNIT: &str = "mean = [0, 0, 0]\ndeviation = [1, 1, 1]\n";

/// An input or output; a dimension below 0 is called `n`.
pub(crate) fn value(name: &str, kind: DataType, dims: &[i64]) -> ValueInfoProto {
    let dim = |&dim: &i64| Dimension {
        value: Some(if dim < 0 {
            Dim::DimParam("n".to_owned())
        } else {
            Dim::DimValue(dim)
        }),
        ..Dimension::default()
    };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            value: Some(Type::TensorType(Tensor {
                elem_type: kind.into(),
                shape: Some(TensorShapeProto {
                    dim: dims.iter().map(dim).collect(),
                }),
            })),
            ..TypeProto::default()
        }),
        ..ValueInfoProto::default()
    }
}

pub(crate) fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type: DataType::Float.into(),
        raw_data: values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect(),
        ..TensorProto::default()
    }
}

pub(crate) fn halves(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    let values = values.iter().map(|&value| half::f16::from_f32(value));
    TensorProto {
        data_type: DataType::Float16.into(),
        raw_data: values.flat_map(half::f16::to_le_bytes).collect(),
        ..floats(name, dims, &[])
    }
}

pub(crate) fn integers(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        data_type: DataType::Int64.into(),
        raw_data: values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect(),
        ..floats(name, &[values.len().try_into().unwrap()], &[])
    }
}

pub(crate) fn node(op: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        op_type: op.to_owned(),
        name: format!("{op}_{output}"),
        input: inputs.iter().map(|&name| name.to_owned()).collect(),
        output: vec![output.to_owned()],
        ..NodeProto::default()
    }
}

/// The node with a list of integers as an attribute.
pub(crate) fn with(mut node: NodeProto, name: &str, values: &[i64]) -> NodeProto {
    node.attribute.push(AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::Ints.into(),
        ints: values.to_vec(),
        ..AttributeProto::default()
    });
    node
}

/// The node with one integer as an attribute.
pub(crate) fn with_one(mut node: NodeProto, name: &str, value: i64) -> NodeProto {
    node.attribute.push(AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::Int.into(),
        i: value,
        ..AttributeProto::default()
    });
    node
}

pub(crate) fn model(graph: GraphProto) -> ModelProto {
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto {
            version: 13,
            ..OperatorSetIdProto::default()
        }],
        graph: Some(graph),
        ..ModelProto::default()
    }
}

/// The mean colour of a picture of 16x16, `[n, 3]`.
pub(crate) fn mean_colour(batch: i64) -> GraphProto {
    GraphProto {
        input: vec![value("pictures", DataType::Float, &[batch, 3, 16, 16])],
        output: vec![value("row", DataType::Float, &[batch, 3])],
        node: vec![
            node("GlobalAveragePool", &["pictures"], "pooled"),
            with_one(node("Flatten", &["pooled"], "row"), "axis", 1),
        ],
        ..GraphProto::default()
    }
}

/// The mean colours of the fields of a picture of 16x16, `[n, 3, rows, columns]`.
pub(crate) fn fields(rows: i64, columns: i64) -> GraphProto {
    let field = [16 / rows, 16 / columns];
    let pool = with(
        node("AveragePool", &["pictures"], "map"),
        "kernel_shape",
        &field,
    );
    GraphProto {
        input: vec![value("pictures", DataType::Float, &[-1, 3, 16, 16])],
        output: vec![value("map", DataType::Float, &[-1, 3, rows, columns])],
        node: vec![with(pool, "strides", &field)],
        ..GraphProto::default()
    }
}

/// Writes a network with its settings.
pub(crate) fn write(folder: &Path, name: &str, graph: GraphProto, settings: &str) -> PathBuf {
    write_bytes(folder, name, &model(graph).encode_to_vec(), settings)
}

pub(crate) fn write_bytes(folder: &Path, name: &str, bytes: &[u8], settings: &str) -> PathBuf {
    let path = folder.join(name).with_extension("onnx");
    std::fs::write(&path, bytes).unwrap();
    std::fs::write(path.with_extension("toml"), settings).unwrap();
    path
}
