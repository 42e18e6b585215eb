//! Features that are known beforehand: means of colours.

use burn::tensor::Device;
use frame_features::{Error, FrameEncoder, Layer, OnnxEncoder, Picture, is_onnx, load_encoder};
use tract_onnx::pb::GraphProto;
use tract_onnx::pb::tensor_proto::DataType;

use crate::build::{
    IMAGENET, UNIT, fields, floats, halves, mean_colour, node, value, with, with_one, write,
};

/// A picture of 16x16 whose pixels tell their place: red grows across, green down.
fn gradient(seed: u8) -> Vec<u8> {
    let pixel = |row: u8, column: u8| [column * 16, row * 16, seed];
    let rows = (0..16).flat_map(|row| (0..16).flat_map(move |column| pixel(row, column)));
    rows.collect()
}

fn encode(encoder: &OnnxEncoder, pictures: &[Vec<u8>]) -> Vec<f32> {
    let pictures: Vec<Picture<'_>> = pictures
        .iter()
        .map(|rgb| Picture::new(16, 16, rgb).unwrap())
        .collect();
    encoder.encode(&pictures).unwrap()
}

fn load(path: &std::path::Path) -> OnnxEncoder {
    OnnxEncoder::load(path, &Device::flex()).unwrap()
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 2e-3, "{found} {expected}");
    }
}

/// The mean of 0, 16 … 240 is 120.
#[test]
fn a_row_is_the_mean_colour() {
    let folder = tempfile::tempdir().unwrap();
    let encoder = load(&write(folder.path(), "mean", mean_colour(-1), IMAGENET));
    assert_eq!(encoder.shape(), [3]);
    let id = encoder.id();
    assert_eq!((id.layer, id.input_size), (Layer::Output, 16));
    assert_eq!(id.name, "mean:row");
    let normal = |byte: f32, mean: f32, deviation: f32| (byte / 255.0 - mean) / deviation;
    let row = |blue| {
        [
            normal(120.0, 0.485, 0.229),
            normal(120.0, 0.456, 0.224),
            normal(blue, 0.406, 0.225),
        ]
    };
    let rows = encode(&encoder, &[gradient(7), gradient(200)]);
    assert_close(&rows, &[row(7.0), row(200.0)].concat());
    let said = encoder.to_string();
    assert!(
        said.contains("16x16, rgb, NCHW") && said.contains("a row of 3"),
        "{said}"
    );
}

/// Fields of two rows and four columns: red means 24, 88, 152, 216 and green 56, 184.
#[test]
fn a_map_may_have_any_rows_and_columns() {
    let folder = tempfile::tempdir().unwrap();
    let encoder = load(&write(folder.path(), "fields", fields(2, 4), UNIT));
    assert_eq!(encoder.shape(), [8, 3]);
    assert_eq!(encoder.id().rows_and_columns(8), Some((2, 4)));
    let mut expected = Vec::new();
    for green in [56.0, 184.0] {
        for red in [24.0, 88.0, 152.0, 216.0] {
            expected.extend([red / 255.0, green / 255.0, 51.0 / 255.0]);
        }
    }
    assert_close(&encode(&encoder, &[gradient(51)]), &expected);
    assert!(encoder.to_string().contains("a map of 2x4 locations of 3"));
}

/// Blue first and channels last, in the input and in the map.
#[test]
fn channels_last_and_blue_first() {
    let folder = tempfile::tempdir().unwrap();
    let to_nchw = with(
        node("Transpose", &["pictures"], "first"),
        "perm",
        &[0, 3, 1, 2],
    );
    let pool = with(
        node("AveragePool", &["first"], "pooled"),
        "kernel_shape",
        &[8, 16],
    );
    let pool = with(pool, "strides", &[8, 16]);
    let to_nhwc = with(node("Transpose", &["pooled"], "map"), "perm", &[0, 2, 3, 1]);
    let graph = GraphProto {
        input: vec![value("pictures", DataType::Float, &[1, -1, -1, 3])],
        output: vec![value("map", DataType::Float, &[1, 2, 1, 3])],
        node: vec![to_nchw, pool, to_nhwc],
        ..GraphProto::default()
    };
    let settings = format!("{UNIT}colors = \"bgr\"\nside = 16\n");
    let encoder = load(&write(folder.path(), "keras", graph, &settings));
    assert_eq!(encoder.shape(), [2, 3]);
    assert_eq!(encoder.id().grid, Some([2, 1]));
    let [blue, red] = [102.0 / 255.0, 120.0 / 255.0];
    let expected = [blue, 56.0 / 255.0, red, blue, 184.0 / 255.0, red];
    assert_close(&encode(&encoder, &[gradient(102)]), &expected);
}

/// Whether a network takes one, two or any number of pictures at once, they get the same features.
#[test]
fn the_batch_of_the_file_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let pictures: Vec<Vec<u8>> = (0..5).map(|seed| gradient(seed * 50)).collect();
    let rows = [-1, 1, 2].map(|batch| {
        let encoder = load(&write(folder.path(), "mean", mean_colour(batch), UNIT));
        encode(&encoder, &pictures)
    });
    assert_eq!(rows[0].len(), 15);
    assert_eq!(rows[0], rows[1]);
    assert_eq!(rows[0], rows[2]);
    let blue: Vec<f32> = rows[0].iter().skip(2).step_by(3).copied().collect();
    assert_close(
        &blue,
        &[0.0, 50.0, 100.0, 150.0, 200.0].map(|byte| byte / 255.0),
    );
}

/// A convolution that sums the colours, with its weights in f32, in f16 with a cast, and a network
/// of f16 throughout.
#[test]
fn weights_in_f16_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let weights = [1.0, 2.0, 0.5];
    let dims = [1, 3, 1, 1];
    let pooled = mean_colour(-1).node[0].clone();
    let whole = |kind, name: &str, weights, mut nodes: Vec<_>| {
        nodes.push(node("Conv", &["pooled", "weights"], "summed"));
        nodes.push(with_one(node("Flatten", &["summed"], "row"), "axis", 1));
        let graph = GraphProto {
            input: vec![value("pictures", kind, &[-1, 3, 16, 16])],
            output: vec![value("row", kind, &[-1, 1])],
            node: nodes,
            initializer: vec![weights],
            ..GraphProto::default()
        };
        let encoder = load(&write(folder.path(), name, graph, UNIT));
        encode(&encoder, &[gradient(60)])
    };
    let expected = [(120.0 + 2.0 * 120.0 + 30.0) / 255.0];
    let in_f32 = floats("weights", &dims, &weights);
    assert_close(
        &whole(DataType::Float, "f32", in_f32, vec![pooled.clone()]),
        &expected,
    );
    let cast = with_one(node("Cast", &["stored"], "weights"), "to", 1);
    let stored = halves("stored", &dims, &weights);
    let nodes = vec![pooled.clone(), cast];
    assert_close(&whole(DataType::Float, "cast", stored, nodes), &expected);
    let in_f16 = halves("weights", &dims, &weights);
    assert_close(
        &whole(DataType::Float16, "f16", in_f16, vec![pooled]),
        &expected,
    );
}

/// A tensor within the network is as good as an output.
#[test]
fn any_tensor_can_be_the_output() {
    let folder = tempfile::tempdir().unwrap();
    let mut graph = fields(4, 4);
    graph
        .node
        .push(node("GlobalAveragePool", &["map"], "pooled"));
    graph
        .node
        .push(with_one(node("Flatten", &["pooled"], "row"), "axis", 1));
    graph.output = vec![value("row", DataType::Float, &[-1, 3])];
    let inner = format!("{UNIT}output = \"map\"\n");
    let of_map = load(&write(folder.path(), "net", graph.clone(), &inner));
    assert_eq!(of_map.shape(), [16, 3]);
    let of_row = load(&write(folder.path(), "net", graph, UNIT));
    assert_eq!(of_row.shape(), [3]);
    assert!(!of_map.id().matches(of_row.id()));
}

/// `[n, tokens, d]`: the first token apart, the others a square of locations.
#[test]
fn tokens_become_a_row_or_a_map() {
    let folder = tempfile::tempdir().unwrap();
    let mut graph = fields(1, 5);
    let flat = with(node("Squeeze", &["map"], "lines"), "axes", &[2]); // [n, 3, 5]
    graph.node.push(flat);
    graph.node.push(with(
        node("Transpose", &["lines"], "tokens"),
        "perm",
        &[0, 2, 1],
    ));
    graph.output = vec![value("tokens", DataType::Float, &[-1, 5, 3])];
    let mut file = crate::build::model(graph);
    file.opset_import[0].version = 11; // where Squeeze has its axes as an attribute
    let bytes = prost::Message::encode_to_vec(&file);
    let encoder = |settings: &str| {
        let settings = format!("{UNIT}{settings}");
        load(&crate::build::write_bytes(
            folder.path(),
            "vit",
            &bytes,
            &settings,
        ))
    };
    let pictures = [gradient(0)];
    let row = encode(&encoder("kind = \"row\""), &pictures);
    let map = encoder("kind = \"map\"\nfirst-token = 1");
    assert_eq!((map.shape(), row.len()), (&[4, 3][..], 3));
    let second = encode(&encoder("kind = \"row\"\nfirst-token = 1"), &pictures);
    assert_eq!(encode(&map, &pictures)[..3], second[..]);
    assert!(row[0] < second[0]); // red grows to the right
}

#[test]
fn the_identity_is_the_file_and_all_that_decides_its_features() {
    let folder = tempfile::tempdir().unwrap();
    let id = |name, graph, settings: &str| {
        let encoder = load(&write(folder.path(), name, graph, settings));
        encoder.id().clone()
    };
    let first = id("one", mean_colour(-1), IMAGENET);
    let renamed = id(
        "two",
        mean_colour(-1),
        "preset = \"dino\" # the same numbers",
    );
    assert!(first.matches(&renamed) && first.name != renamed.name);
    for (graph, settings) in [
        (mean_colour(1), IMAGENET.to_owned()),
        (mean_colour(-1), UNIT.to_owned()),
        (mean_colour(-1), format!("{IMAGENET}colors = \"bgr\"")),
        (mean_colour(-1), format!("{IMAGENET}scale = 256")),
        (mean_colour(-1), format!("{IMAGENET}output = \"pooled\"")),
    ] {
        let other = id("one", graph, &settings);
        assert!(!first.matches(&other), "{settings}");
        assert!(matches!(
            other.check(&first),
            Err(Error::OtherEncoder { .. })
        ));
    }
}

#[test]
fn files_are_told_apart_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "mean", mean_colour(-1), UNIT);
    assert!(is_onnx(&path) && is_onnx("A.ONNX") && !is_onnx("onnx"));
    let encoder = load_encoder(&path, Layer::Relu7, 224, &Device::flex()).unwrap();
    assert_eq!((encoder.shape(), encoder.id().input_size), (&[3][..], 16));
}
