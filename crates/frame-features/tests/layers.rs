//! Every layer of the network against PyTorch's, by Burn and by the encoder.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod common;

use burn::tensor::Device;
use common::{fixture, input, picture, relative_error};
use frame_features::{Encoder, Error, FrameEncoder, Layer, Picture, Vgg, VggConfig};
use safetensors::SafeTensors;

/// Tolerance of every output.
const TOLERANCE: f64 = 1e-4;
/// The pictures' side in `vgg19-slim16-layers.safetensors`: poolings drop a row and a column of it.
const SIZE: usize = 36;

/// PyTorch's rows: of a grid `[1, channels, height, width]` the annotation vectors.
fn expected(tensors: &SafeTensors<'_>, name: &str) -> (Vec<usize>, Vec<f32>) {
    let view = tensors.tensor(name).unwrap();
    let values = view.data().as_chunks().0;
    let values: Vec<_> = values
        .iter()
        .map(|chunk| f32::from_le_bytes(*chunk))
        .collect();
    match *view.shape() {
        [1, channels, height, width] => {
            let locations = height * width;
            let at = |place: usize| values[place % channels * locations + place / channels];
            let rows = (0..values.len()).map(at).collect();
            (vec![locations, channels], rows)
        }
        [1, d] => (vec![d], values),
        ref shape => panic!("{name} has shape {shape:?}"),
    }
}

#[test]
fn every_module_of_torchvisions_gives_pytorchs_rows() {
    let device = Device::flex();
    let bytes = std::fs::read(fixture("vgg19-slim16-layers.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let network = Vgg::load(fixture("vgg19-slim16.safetensors"), &device).unwrap();
    let rgb = picture(SIZE);
    let pictures = [Picture::new(SIZE, SIZE, &rgb).unwrap(); 3];
    let mut names = 0;
    for name in tensors.names() {
        let layer: Layer = name.parse().unwrap();
        let (shape, expected) = expected(&tensors, name);
        assert_eq!(network.feature_shape(layer, SIZE).unwrap(), shape, "{name}");

        let rows = network.forward(layer, input(SIZE, &device)).unwrap();
        let error = relative_error(&rows.try_into_vec_as().unwrap(), &expected);
        assert!(error <= TOLERANCE, "{name} by Burn: {error}");

        let encoder = Encoder::new(&network, layer, SIZE).unwrap();
        assert_eq!(encoder.shape(), shape, "{name}");
        let rows = encoder.encode(&pictures).unwrap();
        assert_eq!(rows.len(), 3 * expected.len(), "{name}");
        for row in rows.chunks_exact(expected.len()) {
            let error = relative_error(row, &expected);
            assert!(error <= TOLERANCE, "{name} by the encoder: {error}");
        }
        names += 1;
    }
    assert_eq!(names, 37 + 6);
}

#[test]
fn loading_for_a_layer_reads_what_it_needs() {
    let device = Device::flex();
    let path = fixture("vgg19-slim16.pth");
    let whole = Vgg::load(&path, &device).unwrap();
    for (name, convolutions, linears) in [
        ("conv1_1", 1, 0),
        ("pool2", 4, 0),
        ("features.32", 15, 0),
        ("conv5_3", 15, 0),
        ("pool5", 16, 0),
        ("relu6", 16, 1),
        ("relu7", 16, 2),
    ] {
        let layer: Layer = name.parse().unwrap();
        let part = Vgg::load_for(&path, layer, &device).unwrap();
        assert_eq!(part.convolutions().len(), convolutions, "{name}");
        assert_eq!(part.fully_connected().len(), linears, "{name}");
        let encoder = Encoder::new(&part, layer, 32).unwrap();
        assert_eq!(encoder.id().sha256, whole.fingerprint(layer).unwrap());
        if let Some(above) = Layer::all().find(|above| part.feature_shape(*above, 32).is_err()) {
            let error = Encoder::new(&part, above, 32).unwrap_err();
            assert!(matches!(error, Error::NoSuchLayer { .. }), "{error}");
            assert!(error.to_string().contains(&above.to_string()), "{error}");
            assert!(part.fingerprint(above).is_err());
            assert!(part.forward(above, input(32, &device)).is_err());
        }
    }
}

#[test]
fn another_networks_output_is_none_of_vgg19s_layers() {
    let device = Device::flex();
    let path = fixture("vgg19-slim16.safetensors");
    let error = Vgg::load_for(&path, Layer::Output, &device).unwrap_err();
    assert!(error.to_string().contains("output"), "{error}");
    let network = Vgg::load(&path, &device).unwrap();
    assert!(network.feature_shape(Layer::Output, 224).is_err());
    assert!(Encoder::new(&network, Layer::Output, 224).is_err());
}

/// Of 31 pixels the five poolings leave nothing.
#[test]
fn pictures_that_are_too_small_are_refused() {
    let network = VggConfig::slim(64).init(&Device::flex());
    for size in [0, 31, 5000] {
        let error = Encoder::new(&network, Layer::Relu7, size).unwrap_err();
        assert!(matches!(error, Error::Option { .. }), "{error}");
    }
}

/// 224 → 14x14 and 448 → 28x28, each of 512 numbers in full width.
#[test]
fn the_published_shapes() {
    let network = VggConfig::new().init(&Device::flex());
    for (layer, size, shape) in [
        ("conv5_3", 224, vec![14 * 14, 512]),
        ("conv5_3", 448, vec![28 * 28, 512]),
        ("conv1_1", 224, vec![224 * 224, 64]),
        ("pool3", 224, vec![28 * 28, 256]),
        ("pool5", 224, vec![7 * 7, 512]),
        ("relu6", 224, vec![4096]),
        ("relu7", 448, vec![4096]),
    ] {
        let found = network.feature_shape(layer.parse().unwrap(), size).unwrap();
        assert_eq!(found, shape, "{layer} at {size}");
    }
}

/// As many pictures as do not fit into one pass, and widths that fill vectors badly: the rows are
/// those of Burn.
#[test]
fn odd_widths_and_large_batches_give_burns_rows() {
    let device = Device::flex();
    for (channels, size, pictures) in [([3, 17, 5, 33, 20], 45, 3), ([1, 2, 3, 4, 5], 32, 37)] {
        let network = VggConfig::new()
            .with_channels(channels)
            .with_d_hidden(7)
            .init(&device);
        let rgb = picture(size);
        let pictures = vec![Picture::new(size, size, &rgb).unwrap(); pictures];
        for name in ["pool1", "conv4_2", "conv5_3", "relu7"] {
            let layer: Layer = name.parse().unwrap();
            let expected = network.forward(layer, input(size, &device)).unwrap();
            let expected: Vec<f32> = expected.try_into_vec_as().unwrap();
            let rows = Encoder::new(&network, layer, size).unwrap();
            let rows = rows.encode(&pictures).unwrap();
            assert_eq!(rows.len(), pictures.len() * expected.len());
            for row in rows.chunks_exact(expected.len()) {
                let error = relative_error(row, &expected);
                assert!(error <= TOLERANCE, "{name} of {channels:?}: {error}");
            }
        }
    }
}
