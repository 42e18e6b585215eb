//! Files that are broken, hostile or not of pictures: each is refused by name, and none panics.

use std::path::Path;

use burn::tensor::Device;
use frame_features::{Error, FrameEncoder, OnnxEncoder, Picture};
use prost::Message;
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::{
    AttributeProto, GraphProto, StringStringEntryProto, attribute_proto::AttributeType,
};

use crate::build::{
    IMAGENET, UNIT, fields, floats, integers, mean_colour, model, node, value, with, write,
    write_bytes,
};

/// What loading says, with its causes.
fn refusal(path: &Path) -> String {
    let error = match OnnxEncoder::load(path, &Device::flex()) {
        Err(error) => error,
        Ok(encoder) => panic!("{}: {encoder}", path.display()),
    };
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    let stem = path.with_extension("");
    assert!(text.contains(stem.to_str().unwrap()), "{text}");
    text
}

fn assert_refused(graph: GraphProto, settings: &str, named: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let text = refusal(&write(folder.path(), "net", graph, settings));
    for named in named {
        assert!(text.contains(named), "expected {named:?} in: {text}");
    }
}

#[test]
fn inputs_that_are_not_one_picture_are_refused() {
    let with_inputs = |inputs: Vec<_>| GraphProto {
        input: inputs,
        ..mean_colour(-1)
    };
    assert_refused(with_inputs(vec![]), UNIT, &["has no input"]);
    let two = ["pictures", "mask"].map(|name| value(name, DataType::Float, &[-1, 3, 16, 16]));
    assert_refused(with_inputs(two.to_vec()), UNIT, &["2 inputs", "\"mask\""]);
    for (dims, named) in [
        (&[-1, 16][..], "[?, 16]"),
        (&[-1, 4, 16, 16], "[?, 4, 16, 16]"),
        (&[-1, 3, 16, 32], "32x16"),
        (&[-1, 3, -1, -1], "`side`"),
        (&[-1, -1, -1, -1], "`layout`"),
    ] {
        let input = value("pictures", DataType::Float, dims);
        assert_refused(with_inputs(vec![input]), UNIT, &[named]);
    }
    let words = value("pictures", DataType::Int64, &[-1, 3, 16, 16]);
    assert_refused(with_inputs(vec![words]), UNIT, &["int64", "float"]);
    let side = format!("{UNIT}side = 32");
    assert_refused(mean_colour(-1), &side, &["side = 32", "16x16"]);
}

#[test]
fn weights_among_the_inputs_are_no_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let mut graph = mean_colour(-1);
    graph.node[1] = node("Mul", &["pooled", "weights"], "scaled");
    let flat = node("Flatten", &["scaled"], "row");
    graph.node.push(flat);
    graph.initializer.push(floats("weights", &[1], &[2.0]));
    graph.input.push(value("weights", DataType::Float, &[1]));
    let path = write(folder.path(), "old", graph, UNIT);
    let encoder = OnnxEncoder::load(path, &Device::flex()).unwrap();
    assert_eq!(encoder.shape(), [3]);
}

#[test]
fn outputs_that_are_no_features_are_refused() {
    let mut two = fields(2, 2);
    two.output.push(value("other", DataType::Float, &[-1, 3]));
    two.node.push(node("Flatten", &["map"], "other"));
    assert_refused(two, UNIT, &["2 outputs", "\"map\", \"other\"", "`output`"]);
    let missing = format!("{UNIT}output = \"nothing\"");
    assert_refused(mean_colour(-1), &missing, &["\"nothing\"", "\"row\""]);
    let none = GraphProto {
        output: vec![],
        ..mean_colour(-1)
    };
    assert_refused(none, UNIT, &["no output"]);
    let unmade = GraphProto {
        output: vec![value("unmade", DataType::Float, &[-1, 3])],
        ..mean_colour(-1)
    };
    assert_refused(unmade, UNIT, &["cannot be computed"]);
    let map = format!("{UNIT}kind = \"map\"");
    assert_refused(mean_colour(-1), &map, &["\"row\" is [1, 3]", "a map"]);
    let row = format!("{UNIT}kind = \"row\"");
    assert_refused(fields(2, 2), &row, &["[1, 3, 2, 2]", "one location"]);
    let mut whole = mean_colour(-1);
    whole.node.push(node("Shape", &["pooled"], "shape"));
    let shape = format!("{UNIT}output = \"shape\"");
    assert_refused(whole, &shape, &["\"shape\"", "float"]);
}

#[test]
fn settings_are_asked_for_with_what_the_file_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "net", mean_colour(-1), UNIT);
    std::fs::remove_file(path.with_extension("toml")).unwrap();
    let text = refusal(&path);
    for named in [
        "net.toml",
        "preset",
        "mean",
        "[?, 3, 16, 16]",
        "\"pictures\"",
        "\"row\"",
    ] {
        assert!(text.contains(named), "{text}");
    }
    let bad = write(folder.path(), "net", mean_colour(-1), "preset = \"eyes\"");
    assert!(refusal(&bad).contains("eyes"));
    std::fs::write(bad.with_extension("toml"), [0xff, 0xfe]).unwrap();
    assert!(refusal(&bad).contains("net.toml"));
    std::fs::remove_file(bad.with_extension("toml")).unwrap();
    std::fs::create_dir(bad.with_extension("toml")).unwrap();
    assert!(refusal(&bad).contains("net.toml"));
}

/// Weights that are no numbers, and finite ones whose sums are infinite.
#[test]
fn features_that_are_not_finite_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, weight) in [("nan", f32::NAN), ("huge", f32::MAX)] {
        let mut graph = mean_colour(-1);
        graph.initializer = vec![floats("weights", &[3, 1], &[weight; 3])];
        graph
            .node
            .push(node("MatMul", &["row", "weights"], "product"));
        graph.output = vec![value("product", DataType::Float, &[-1, 1])];
        let path = write(folder.path(), name, graph, UNIT);
        let encoder = OnnxEncoder::load(&path, &Device::flex()).unwrap();
        let white = [255; 16 * 16 * 3];
        let picture = Picture::new(16, 16, &white).unwrap();
        let error = encoder.forward(&[picture]).unwrap_err().to_string();
        assert!(
            error.contains("\"product\" for a picture is not finite"),
            "{error}"
        );
    }
}

#[test]
fn operators_that_are_missing_are_named() {
    let mut graph = mean_colour(-1);
    graph.node[0].op_type = "GlobalMagic".to_owned();
    graph.node.push(node("Sorcery", &["row"], "more"));
    assert_refused(graph, UNIT, &["\"GlobalMagic\", \"Sorcery\""]);
}

#[test]
fn tensors_that_lie_about_themselves_are_refused() {
    let with_weights = |weights| {
        let mut graph = mean_colour(-1);
        graph.node[1] = node("Mul", &["pooled", "weights"], "row");
        graph.initializer.push(weights);
        graph
    };
    let huge = floats("weights", &[1 << 29], &[1.0]); // 2 GiB
    assert_refused(
        with_weights(huge),
        UNIT,
        &["\"weights\"", "2147483648 bytes", "has 4"],
    );
    let overflowing = floats("weights", &[i64::MAX, i64::MAX], &[1.0]);
    assert_refused(
        with_weights(overflowing),
        UNIT,
        &["\"weights\"", "more numbers than"],
    );
    let negative = floats("weights", &[-3], &[1.0]);
    assert_refused(with_weights(negative), UNIT, &["\"weights\""]);
    let mut short = floats("weights", &[3], &[1.0, 2.0, 3.0]);
    short.raw_data.pop();
    assert_refused(
        with_weights(short),
        UNIT,
        &["should have 12 bytes", "has 11"],
    );
    let mut unknown = floats("weights", &[1], &[1.0]);
    unknown.data_type = 77;
    assert_refused(with_weights(unknown), UNIT, &["\"weights\"", "type 77"]);
    let mut text = floats("weights", &[1], &[]);
    text.data_type = DataType::String.into();
    assert_refused(with_weights(text), UNIT, &["\"weights\"", "string"]);
    let mut elsewhere = floats("weights", &[1], &[]);
    elsewhere.data_location = Some(DataLocation::External.into());
    elsewhere.external_data.push(StringStringEntryProto {
        key: "location".to_owned(),
        value: "/etc/passwd".to_owned(),
    });
    assert_refused(
        with_weights(elsewhere),
        UNIT,
        &["\"weights\"", "/etc/passwd", "another file"],
    );
    let unfitting = floats("weights", &[5, 1, 1], &[0.0; 5]);
    assert_refused(with_weights(unfitting), UNIT, &["\"row\" is"]);
}

/// A few bytes that ask for gigabytes.
#[test]
fn what_would_take_all_memory_is_refused() {
    let grown = |op: &str, inputs: &[&str], size: Vec<i64>| {
        let mut graph = mean_colour(-1);
        graph.initializer.push(integers("size", &size));
        graph.node.push(node(op, inputs, "grown"));
        graph.node.push(node("Flatten", &["grown"], "row2"));
        graph.output[0].name = "row2".to_owned();
        graph
    };
    let huge = vec![1 << 20, 1 << 20];
    for graph in [
        grown("ConstantOfShape", &["size"], huge.clone()),
        grown("Expand", &["row", "size"], huge.clone()),
        grown("Tile", &["row", "size"], huge),
        grown("Pad", &["row", "size"], vec![0, 0, 0, 1 << 40]),
    ] {
        assert_refused(graph, UNIT, &["numbers"]);
    }
    let mut padded = fields(2, 2);
    padded.node[0] = with(padded.node[0].clone(), "pads", &[1 << 30; 4]);
    assert_refused(padded, UNIT, &["numbers"]);
    // By its shape alone: 12,000 x 12,000 x 3 numbers of a picture that is enlarged step by step.
    let mut enlarged = fields(16, 16);
    for (step, input) in ["map", "grown0", "grown1", "grown2"]
        .into_iter()
        .enumerate()
    {
        let size = format!("size{step}");
        enlarged.initializer.push(integers(&size, &[1, 1, 6, 6]));
        let grown = format!("grown{step}");
        enlarged.node.push(node("Tile", &[input, &size], &grown));
    }
    enlarged.output[0].name = "grown3".to_owned();
    assert_refused(enlarged, UNIT, &["numbers"]);
}

#[test]
fn graphs_without_end_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut inner = mean_colour(-1);
    for _ in 0..2_000 {
        let attribute = AttributeProto {
            name: "body".to_owned(),
            g: Some(inner),
            ..AttributeProto::default()
        };
        let mut holder = node("Loop", &["pictures"], "row");
        holder.attribute.push(attribute);
        inner = GraphProto {
            node: vec![holder],
            ..GraphProto::default()
        };
    }
    // What nests so deeply cannot be dropped or written by recursion either: on a large stack.
    let bytes = std::thread::Builder::new()
        .stack_size(1 << 30)
        .spawn(move || model(inner).encode_to_vec())
        .unwrap()
        .join()
        .unwrap();
    let path = write_bytes(folder.path(), "deep", &bytes, UNIT);
    assert!(refusal(&path).contains("no ONNX file"));
    let mut circle = mean_colour(-1);
    circle.node[0].input[0] = "row".to_owned();
    assert_refused(circle, UNIT, &["cannot be computed"]);
    let mut many = mean_colour(-1);
    many.node = vec![many.node[0].clone(); 70_000];
    assert_refused(many, UNIT, &["70000 operators"]);
    // Each of another name that is not known: they are counted before they are looked up.
    let mut unknown = mean_colour(-1);
    let operators = (0..300_000).map(|number| node(&format!("Magic{number}"), &["row"], "more"));
    unknown.node = operators.collect();
    assert_refused(unknown, UNIT, &["300000 operators"]);
}

/// Sizes are looked up by their names: of weights and of operators that give constants, in a graph
/// of many of both.
#[test]
fn sizes_among_many_constants_are_found() {
    let with_size = |given_by_operator: bool| {
        let mut graph = mean_colour(-1);
        let weights = (0..20_000).map(|number| integers(&format!("weights{number}"), &[1]));
        graph.initializer = weights.collect();
        for number in 0..20_000 {
            let (size, expanded) = (format!("weights{number}"), format!("expanded{number}"));
            graph.node.push(node("Expand", &["row", &size], &expanded));
        }
        let size = integers("size", &[1 << 20, 1 << 20]);
        if given_by_operator {
            let mut constant = node("Constant", &[], "size");
            constant.attribute.push(AttributeProto {
                name: "value".to_owned(),
                r#type: AttributeType::Tensor.into(),
                t: Some(size),
                ..AttributeProto::default()
            });
            graph.node.push(constant);
        } else {
            graph.initializer.push(size);
        }
        graph.node.push(node("Expand", &["row", "size"], "grown"));
        graph.output[0].name = "grown".to_owned();
        graph
    };
    for given_by_operator in [false, true] {
        let graph = with_size(given_by_operator);
        assert_refused(graph, UNIT, &["\"Expand_grown\"", "1099511627776 numbers"]);
    }
}

/// A chain of two thousand operators is long and computed.
#[test]
fn long_graphs_are_computed() {
    let folder = tempfile::tempdir().unwrap();
    let mut graph = mean_colour(-1);
    let mut last = "row".to_owned();
    for step in 0..2_000 {
        let next = format!("step{step}");
        graph.node.push(node("Tanh", &[&last], &next));
        last = next;
    }
    graph.output[0].name = last;
    let path = write(folder.path(), "long", graph, UNIT);
    let encoder = OnnxEncoder::load(path, &Device::flex()).unwrap();
    let grey = vec![128; 16 * 16 * 3];
    let row = encoder
        .encode(&[Picture::new(16, 16, &grey).unwrap()])
        .unwrap();
    assert!(row.iter().all(|value| value.is_finite()));
}

#[test]
fn files_of_other_kinds_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("zeros", vec![0; 4096]),
        ("text", b"there is no network in here".to_vec()),
        ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        ("zip", b"PK\x03\x04\x14\0\0\0\0\0".to_vec()),
    ] {
        let path = write_bytes(folder.path(), name, &bytes, UNIT);
        assert!(refusal(&path).contains("no ONNX file"), "{name}");
    }
    let missing = folder.path().join("missing.onnx");
    std::fs::write(missing.with_extension("toml"), UNIT).unwrap();
    let error = OnnxEncoder::load(&missing, &Device::flex()).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    let directory = folder.path().join("folder.onnx");
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(directory.with_extension("toml"), UNIT).unwrap();
    assert!(OnnxEncoder::load(&directory, &Device::flex()).is_err());
    let sparse = folder.path().join("large.onnx");
    std::fs::File::create(&sparse)
        .unwrap()
        .set_len(1 << 31)
        .unwrap(); // takes no room on disk
    std::fs::write(sparse.with_extension("toml"), UNIT).unwrap();
    assert!(refusal(&sparse).contains("2147483648 bytes"));
}

/// Cut off anywhere, and with any byte changed, a file makes an encoder or an error.
#[test]
fn damaged_files_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let mut graph = mean_colour(-1);
    graph.node[0] = node("Conv", &["pictures", "weights"], "pooled");
    graph
        .initializer
        .push(floats("weights", &[1, 3, 1, 1], &[1.0, 2.0, 3.0]));
    let bytes = model(graph).encode_to_vec();
    let grey = vec![128; 16 * 16 * 3];
    let picture = Picture::new(16, 16, &grey).unwrap();
    let mut tried = 0;
    let mut try_out = |bytes: &[u8]| {
        let path = write_bytes(folder.path(), "net", bytes, IMAGENET);
        if let Ok(encoder) = OnnxEncoder::load(&path, &Device::flex()) {
            let _ = encoder.encode(&[picture]);
        }
        tried += 1;
    };
    for length in 0..bytes.len() {
        try_out(&bytes[..length]);
    }
    let mut seed = 9_u32;
    for index in 0..bytes.len() {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut damaged = bytes.clone();
        damaged[index] ^= 1 << (seed >> 29);
        try_out(&damaged);
        damaged[index] = u8::MAX;
        try_out(&damaged);
    }
    assert_eq!(tried, 3 * bytes.len());
}
