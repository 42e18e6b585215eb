//! Files of weights that are wrong, and writing our own.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use burn::tensor::Device;
use common::{fixture, input, relative_error};
use frame_features::{Error, Layer, Vgg, VggConfig, VggVariant};
use half::{bf16, f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

fn fixture_tensors() -> Tensors {
    tensors_of("vgg19-slim16.safetensors")
}

fn tensors_of(file: &str) -> Tensors {
    let bytes = std::fs::read(fixture(file)).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    tensors
        .iter()
        .map(|(name, view)| {
            let values = view.data().as_chunks().0;
            let values = values.iter().map(|chunk| f32::from_le_bytes(*chunk));
            (name.to_owned(), (view.shape().to_vec(), values.collect()))
        })
        .collect()
}

fn write(path: &Path, tensors: &Tensors, dtype: Dtype, convert: impl Fn(f32) -> Vec<u8>) {
    let bytes: Vec<_> = tensors
        .iter()
        .map(|(name, (shape, values))| {
            let bytes: Vec<u8> = values.iter().flat_map(|&value| convert(value)).collect();
            (name, shape, bytes)
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        (
            name.as_str(),
            TensorView::new(dtype, (*shape).clone(), bytes).unwrap(),
        )
    });
    std::fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

fn write_f32(path: &Path, tensors: &Tensors) {
    write(path, tensors, Dtype::F32, |value| {
        value.to_le_bytes().to_vec()
    });
}

/// The message of loading a file that must not load.
fn refusal(path: &Path) -> String {
    let error = Vgg::load(path, &Device::flex()).expect_err("the file is broken");
    let message = error.to_string();
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(message.contains(name), "no file in: {message}");
    message
}

#[test]
fn a_missing_tensor_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    for name in [
        "features.0.weight",
        "features.32.bias",
        "classifier.3.weight",
    ] {
        let mut tensors = fixture_tensors();
        tensors.remove(name);
        write_f32(&path, &tensors);
        let message = refusal(&path);
        assert!(
            message.contains(name) && message.contains("missing"),
            "{message}"
        );
    }
}

/// What wraps the names of a network, and how many networks there are.
#[test]
fn wrapped_names_are_found() {
    let device = Device::flex();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let plain = Vgg::load(fixture("vgg19-slim16.safetensors"), &device).unwrap();
    let wrapped = |prefixes: &[&str]| {
        let tensors = fixture_tensors();
        let all = prefixes.iter().flat_map(|prefix| {
            let names = tensors.iter();
            names.map(move |(name, tensor)| (format!("{prefix}{name}"), tensor.clone()))
        });
        let mut all: Tensors = all.collect();
        all.insert("fc.weight".into(), (vec![2, 1], vec![1.0, 2.0]));
        write_f32(&path, &all);
    };
    for prefixes in [
        &["module."][..],
        &["model."],
        &["net.backbone."],
        &["state_dict."],
        &["model_state_dict.module."],
        &["anything.at.all."],
        &["", "ema."],
        &["model.", "teacher."], // one that wraps, one that is another network
    ] {
        wrapped(prefixes);
        let network = Vgg::load(&path, &device).unwrap();
        assert_eq!(
            network.fingerprint(Layer::Relu7).unwrap(),
            plain.fingerprint(Layer::Relu7).unwrap(),
            "{prefixes:?}"
        );
    }
    for prefixes in [["model.", "state_dict."], ["module.", "net."]] {
        wrapped(&prefixes);
        let message = refusal(&path);
        assert!(message.contains("several networks"), "{message}");
        for prefix in prefixes {
            assert!(
                message.contains(&format!("\"{prefix}features.0")),
                "{message}"
            );
        }
    }
}

/// A network of another kind: some of its names are shown, and no more than some.
#[test]
fn other_names_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("resnet.safetensors");
    let mut tensors = Tensors::new();
    tensors.insert("conv1.weight".into(), (vec![2, 3, 7, 7], vec![0.5; 294]));
    for number in 0..500 {
        let name = format!("layer{number:03}{}.bias", "x".repeat(300));
        tensors.insert(name, (vec![1], vec![0.0]));
    }
    write_f32(&path, &tensors);
    let message = refusal(&path);
    for part in [
        "conv1.weight\" [2, 3, 7, 7]",
        "layer000",
        "495 more",
        "features.0.weight",
    ] {
        assert!(message.contains(part), "{part} not in: {message}");
    }
    assert!(message.len() < 1000, "{message}");
}

/// VGG-16 is another network than VGG-19, and has no fourth convolutions.
#[test]
fn vgg_16_is_no_vgg_19() {
    let device = Device::flex();
    let network = Vgg::load(fixture("vgg16-slim32.pth"), &device).unwrap();
    assert_eq!(network.convolutions().len(), 13);
    assert_eq!(network.name(), "vgg16-slim32");
    for name in ["conv3_4", "conv4_4", "conv5_4"] {
        let layer: Layer = name.parse().unwrap();
        let error = network.feature_shape(layer, 224).unwrap_err();
        assert!(matches!(error, Error::NoSuchLayer { .. }), "{error}");
        let error = Vgg::load_for(fixture("vgg16-slim32.pth"), layer, &device).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("VGG-16") && message.contains(name),
            "{message}"
        );
    }
    // Written and read again, it is the same network.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.safetensors");
    network.save_safetensors(&path).unwrap();
    let again = Vgg::load(&path, &device).unwrap();
    assert_eq!(again.variant(), VggVariant::Vgg16);
    assert_eq!(
        again.fingerprint(Layer::Relu7).unwrap(),
        network.fingerprint(Layer::Relu7).unwrap()
    );
    let pool4: Layer = "pool4".parse().unwrap();
    let tail = network.tail(pool4, Layer::Relu7).unwrap();
    assert_eq!(tail.config().problem(), None);
    let joined = network.with_tail(&tail);
    assert_eq!(
        joined.fingerprint(Layer::Relu7).unwrap(),
        network.fingerprint(Layer::Relu7).unwrap()
    );
    let rows = network.forward(pool4, input(64, &device)).unwrap();
    let expected = network.forward(Layer::Relu7, input(64, &device)).unwrap();
    let difference = tail.forward(rows) - expected;
    assert!(difference.abs().max().into_scalar::<f32>() < 1e-6);
}

/// Normalisations that no training has left.
#[test]
fn damaged_normalisations_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bn.safetensors");
    let whole = tensors_of("vgg19_bn-slim32.safetensors");
    let name = |part: &str| format!("model.backbone.features.4.{part}");
    for (part, change, problem) in [
        ("running_var", Change::Value(-1.0), "below 0"),
        ("running_var", Change::Value(f32::INFINITY), "inf"),
        ("running_mean", Change::Value(f32::NAN), "NaN"),
        ("weight", Change::Missing, "missing"),
        ("bias", Change::Shape(vec![2, 1]), "[2, 1]"),
    ] {
        let mut tensors = whole.clone();
        match change {
            Change::Missing => drop(tensors.remove(&name(part))),
            Change::Value(value) => tensors.get_mut(&name(part)).unwrap().1[0] = value,
            Change::Shape(shape) => tensors.get_mut(&name(part)).unwrap().0 = shape,
        }
        write_f32(&path, &tensors);
        let message = refusal(&path);
        assert!(message.contains("features.4."), "{message}");
        assert!(message.contains(problem), "{problem} not in: {message}");
    }
}

enum Change {
    Missing,
    Value(f32),
    Shape(Vec<usize>),
}

#[test]
fn a_misshapen_tensor_is_named_with_both_shapes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let mut tensors = fixture_tensors();
    let entry = tensors.get_mut("features.28.weight").unwrap();
    assert_eq!(entry.0, [32, 32, 3, 3]);
    entry.0 = vec![32, 96, 3, 1];
    write_f32(&path, &tensors);
    let message = refusal(&path);
    assert!(message.contains("features.28.weight"), "{message}");
    assert!(message.contains("[32, 96, 3, 1]"), "{message}");
    assert!(message.contains("32, 3, 3]"), "{message}");
}

#[test]
fn a_weight_that_is_no_number_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let mut tensors = fixture_tensors();
    tensors.get_mut("features.5.bias").unwrap().1[2] = f32::NAN;
    write_f32(&path, &tensors);
    let message = refusal(&path);
    assert!(
        message.contains("features.5.bias") && message.contains("NaN"),
        "{message}"
    );
}

#[test]
fn weights_of_integers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    write(&path, &fixture_tensors(), Dtype::I32, |_| vec![0; 4]);
    let message = refusal(&path);
    assert!(
        message.contains("features.0.weight") && message.contains("I32"),
        "{message}"
    );
}

/// Half precision gives what single precision gives, as well as its digits allow.
#[test]
fn half_precisions_load() {
    let device = Device::flex();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let whole = Vgg::load(fixture("vgg19-slim16.safetensors"), &device).unwrap();
    let expected: Vec<f32> = whole
        .forward_conv5_3(input(64, &device))
        .try_into_vec_as()
        .unwrap();
    let tensors = fixture_tensors();
    write(&path, &tensors, Dtype::F16, |value| {
        f16::from_f32(value).to_le_bytes().to_vec()
    });
    let half = Vgg::load(&path, &device).unwrap();
    let found: Vec<f32> = half
        .forward_conv5_3(input(64, &device))
        .try_into_vec_as()
        .unwrap();
    assert!(relative_error(&found, &expected) < 2e-3);
    write(&path, &tensors, Dtype::BF16, |value| {
        bf16::from_f32(value).to_le_bytes().to_vec()
    });
    let half = Vgg::load(&path, &device).unwrap();
    let found: Vec<f32> = half
        .forward_conv5_3(input(64, &device))
        .try_into_vec_as()
        .unwrap();
    assert!(relative_error(&found, &expected) < 2e-2);
}

/// Every length of both kinds of file, cut off: an error that names the file, never a panic.
#[test]
fn files_that_are_cut_off_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["vgg19-slim16.safetensors", "vgg19-slim16.pth"] {
        let whole = std::fs::read(fixture(name)).unwrap();
        let path = folder.path().join(name);
        let mut lengths: Vec<usize> = (0..24).map(|step| whole.len() * step / 24).collect();
        lengths.extend([1, 7, 8, 9, 100, whole.len() - 1]);
        for length in lengths {
            std::fs::write(&path, &whole[..length]).unwrap();
            refusal(&path);
        }
    }
}

/// A byte changed anywhere: an error or other numbers, never a panic.
#[test]
fn files_with_a_changed_byte_do_not_panic() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["vgg19-slim16.safetensors", "vgg19-slim16.pth"] {
        let whole = std::fs::read(fixture(name)).unwrap();
        let path = folder.path().join(name);
        let beginning = (0..400).step_by(13);
        let end = (1..4000).step_by(331).map(|back| whole.len() - back);
        for place in beginning.chain(end) {
            let mut changed = whole.clone();
            changed[place] ^= 0xff;
            std::fs::write(&path, &changed).unwrap();
            let _either = Vgg::load_for(&path, Layer::Conv5_3, &Device::flex());
        }
    }
}

#[test]
fn other_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("empty.pth", &b""[..]),
        ("text.pth", b"these are no weights"),
        ("text.safetensors", b"these are no weights"),
        ("picture.pth", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("pickle.pth", b"\x80\x02}q\0."), // an empty dictionary
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        refusal(&path);
    }
    let absent = folder.path().join("absent.pth");
    assert!(matches!(
        Vgg::load(&absent, &Device::flex()),
        Err(Error::Io { .. })
    ));
    assert!(refusal(&absent).contains("absent.pth"));
    assert!(Vgg::load(folder.path(), &Device::flex()).is_err()); // a folder
}

/// `pickle.loads` of this would create a file. Nothing may run, and nothing may load.
#[test]
fn code_in_a_pickle_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("ran");
    let command = format!("touch {}", trace.display());
    let mut pickle = b"\x80\x02}(U\x11features.0.weightcposix\nsystem\n(X".to_vec();
    pickle.extend(u32::try_from(command.len()).unwrap().to_le_bytes());
    pickle.extend(command.as_bytes());
    pickle.extend(b"tRu."); // call, put into the dictionary, end
    let path = folder.path().join("evil.pth");
    std::fs::write(&path, &pickle).unwrap();
    refusal(&path);
    assert!(!trace.exists());
}

#[test]
fn saved_weights_load_again_and_files_appear_whole() {
    let device = Device::flex();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.safetensors");
    let network = VggConfig::slim(32).init(&device);
    network.save_safetensors_f16(&path).unwrap();
    let again = Vgg::load(&path, &device).unwrap();
    assert_eq!(again.name(), "mine");
    let found: Vec<f32> = again
        .forward_relu7(input(64, &device))
        .try_into_vec_as()
        .unwrap();
    let expected: Vec<f32> = network
        .forward_relu7(input(64, &device))
        .try_into_vec_as()
        .unwrap();
    assert!(relative_error(&found, &expected) < 5e-3);
    // Saving what f16 has already rounded changes nothing.
    let second = folder.path().join("second.safetensors");
    again.save_safetensors_f16(&second).unwrap();
    assert_eq!(
        std::fs::read(&path).unwrap(),
        std::fs::read(&second).unwrap()
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2); // no temporary file is left
    let nowhere = folder.path().join("no/such/folder.safetensors");
    assert!(network.save_safetensors_f16(nowhere).is_err());
}

#[test]
fn loading_for_conv5_3_leaves_the_rest_out() {
    let device = Device::flex();
    let path = fixture("vgg19-slim16.pth");
    let network = Vgg::load_for(path, Layer::Conv5_3, &device).unwrap();
    assert_eq!(network.convolutions().len(), 15);
    assert_eq!(
        network.feature_shape(Layer::Conv5_3, 448).unwrap(),
        [784, 32]
    );
    let error = network.feature_shape(Layer::Relu7, 224).unwrap_err();
    assert!(error.to_string().contains("vgg19-slim16"), "{error}");
}

/// The encoder that comes with the crate.
#[test]
#[cfg(feature = "slim")]
fn the_slim_encoder_loads() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("weights/vgg19-slim8.safetensors");
    assert!(std::fs::metadata(&file).unwrap().len() <= 8 << 20);
    let network = Vgg::slim(&Device::flex()).unwrap();
    assert_eq!(network.name(), "vgg19-slim8");
    assert_eq!(
        network.feature_shape(Layer::Conv5_3, 224).unwrap(),
        [196, 64]
    );
}
