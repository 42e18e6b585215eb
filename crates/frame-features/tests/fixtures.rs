//! PyTorch's outputs of the same network for the same picture.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod common;

use burn::tensor::Device;
use common::{fixture, input, picture, relative_error};
use frame_features::{Encoder, FrameEncoder, Layer, Picture, Vgg, VggVariant};
use safetensors::SafeTensors;

/// Tolerance of every output.
const TOLERANCE: f64 = 1e-4;

fn expected(name: &str) -> (Vec<usize>, Vec<f32>) {
    expected_in("vgg19-slim16-outputs.safetensors", name)
}

fn expected_in(file: &str, name: &str) -> (Vec<usize>, Vec<f32>) {
    let path = fixture(file);
    let bytes = std::fs::read(path).expect("the fixture is there");
    let tensors = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let view = tensors.tensor(name).expect("the output is in it");
    let values = view.data().as_chunks().0;
    let values = values.iter().map(|chunk| f32::from_le_bytes(*chunk));
    (view.shape().to_vec(), values.collect())
}

fn agrees(file: &str, device: &Device) {
    let network = Vgg::load(fixture(file), device).expect("the fixture loads");
    for size in [224, 448] {
        let name = format!("conv5_3_{size}");
        let (shape, expected) = expected(&name);
        let grid = network.forward_conv5_3(input(size, device));
        assert_eq!(grid.dims().to_vec(), shape);
        let error = relative_error(&grid.try_into_vec_as().expect("numbers"), &expected);
        println!("{file} {name}: relative error {error:.2e}");
        assert!(error <= TOLERANCE, "{file} {name}: {error}");
    }
    let (shape, expected) = expected("relu7_224");
    let features = network.forward_relu7(input(224, device));
    assert_eq!(features.dims().to_vec(), shape);
    let error = relative_error(&features.try_into_vec_as().expect("numbers"), &expected);
    println!("{file} relu7_224: relative error {error:.2e}");
    assert!(error <= TOLERANCE, "{file} relu7_224: {error}");
}

/// VGG-16, and both networks with batch normalisation, as torchvision builds them and as training
/// programs wrap them.
#[test]
fn other_layouts_give_pytorchs_outputs() {
    let device = Device::flex();
    for (file, name, variant) in [
        ("vgg16-slim32.pth", "vgg16", VggVariant::Vgg16),
        (
            "vgg16_bn-slim32-checkpoint.pth",
            "vgg16_bn",
            VggVariant::Vgg16,
        ),
        ("vgg19_bn-slim32.safetensors", "vgg19_bn", VggVariant::Vgg19),
    ] {
        let network = Vgg::load(fixture(file), &device).unwrap();
        assert_eq!(network.variant(), variant, "{file}");
        for layer in ["conv3_3", "pool4", "conv5_3", "relu7"] {
            let (shape, expected) = expected_in(
                "variants-slim32-outputs.safetensors",
                &format!("{name}.{layer}"),
            );
            let layer: Layer = layer.parse().unwrap();
            let found = network.forward(layer, input(64, &device)).unwrap();
            let found = if shape.len() == 4 {
                found.swap_dims(1, 2) // channels first, as PyTorch has them
            } else {
                found
            };
            let found: Vec<f32> = found.try_into_vec_as().unwrap();
            let error = relative_error(&found, &expected);
            println!("{file} {layer}: relative error {error:.2e}");
            assert!(error <= TOLERANCE, "{file} {layer}: {error}");
            // The encoder's own convolutions, of a file that is read for this layer alone.
            let part = Vgg::load_for(fixture(file), layer, &device).unwrap();
            let encoder = Encoder::new(&part, layer, 64).unwrap();
            let rgb = picture(64);
            let rows = encoder
                .forward(&[Picture::new(64, 64, &rgb).unwrap()])
                .unwrap();
            let rows = if shape.len() == 4 {
                rows.swap_dims(1, 2)
            } else {
                rows
            };
            let rows: Vec<f32> = rows.try_into_vec_as().unwrap();
            let error = relative_error(&rows, &expected);
            assert!(error <= TOLERANCE, "{file} {layer}, encoder: {error}");
        }
    }
}

#[test]
fn pytorchs_file_gives_pytorchs_outputs() {
    agrees("vgg19-slim16.pth", &Device::flex());
}

#[test]
fn a_safetensors_file_gives_pytorchs_outputs() {
    agrees("vgg19-slim16.safetensors", &Device::flex());
}

#[test]
fn both_files_hold_the_same_weights() {
    let device = Device::flex();
    for layer in [Layer::Conv5_3, Layer::Relu7] {
        let [pth, safetensors] = ["vgg19-slim16.pth", "vgg19-slim16.safetensors"]
            .map(|file| Vgg::load_for(fixture(file), layer, &device).unwrap());
        assert_eq!(
            pth.fingerprint(layer).unwrap(),
            safetensors.fingerprint(layer).unwrap()
        );
    }
}

/// The encoder's own convolutions, and several pictures at once.
#[test]
fn the_encoder_gives_pytorchs_outputs() {
    encoder_agrees(&Device::flex());
}

#[cfg(any(feature = "cuda", feature = "wgpu"))]
#[test]
#[ignore = "needs a GPU"]
fn a_gpu_gives_pytorchs_outputs() {
    #[cfg(feature = "cuda")]
    let device = Device::cuda(0);
    #[cfg(not(feature = "cuda"))]
    let device = Device::wgpu(burn::tensor::DeviceKind::DefaultDevice);
    agrees("vgg19-slim16.safetensors", &device);
    encoder_agrees(&device);
}

fn encoder_agrees(device: &Device) {
    let network = Vgg::load(fixture("vgg19-slim16.pth"), device).unwrap();
    for (layer, size, name) in [
        (Layer::Conv5_3, 224, "conv5_3_224"),
        (Layer::Conv5_3, 448, "conv5_3_448"),
        (Layer::Relu7, 224, "relu7_224"),
    ] {
        let encoder = Encoder::new(&network, layer, size).unwrap();
        let rgb = picture(size);
        let black = vec![0; size * size * 3];
        let pictures = [&rgb, &black, &rgb].map(|rgb| Picture::new(size, size, rgb).unwrap());
        let rows = encoder.encode(&pictures).unwrap();
        let row_len = encoder.shape().iter().product();
        let (shape, mut expected) = expected(name);
        if layer == Layer::Conv5_3 {
            // PyTorch's channels come first, annotation vectors' last.
            let locations = shape[2] * shape[3];
            let at = |place: usize| expected[place % shape[1] * locations + place / shape[1]];
            expected = (0..expected.len()).map(at).collect();
        }
        let rows: Vec<_> = rows.chunks_exact(row_len).collect();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0], rows[2]);
        let error = relative_error(rows[0], &expected);
        println!("encoder {name}: relative error {error:.2e}");
        assert!(error <= TOLERANCE, "encoder {name}: {error}");
    }
}
