//! Networks that are recognised by their bytes, so that nobody has to write a TOML for them.
//!
//! Of the ONNX model zoo: sums and tensors are those of its list of files
//! (`ONNX_HUB_MANIFEST.json` in the repository onnx/models), the preprocessing that of its pages.
//! The features are what is pooled before the classes.

use super::preset::Preset;
use super::settings::{FeatureKind, OnnxSettings};

/// A published file.
struct Known {
    /// SHA-256 of its bytes, in hexadecimal.
    sha256: &'static str,
    /// The tensor whose values are the features.
    output: &'static str,
    /// How it takes pictures.
    settings: fn() -> OnnxSettings,
}

/// The settings of a file that is known.
pub(super) fn settings_of(sha256: &str) -> Option<OnnxSettings> {
    let known = KNOWN.iter().find(|known| known.sha256 == sha256)?;
    Some((known.settings)().output(known.output))
}

/// The names are those under which the files are published.
const KNOWN: [Known; 13] = [
    // resnet18-v1-7
    Known {
        sha256: "4e8f8653e7a2222b3904cc3fe8e304cd8b339ce1d05fd24688162f86fb6df52c",
        output: "resnetv15_pool1_fwd",
        settings: imagenet,
    },
    // resnet34-v1-7
    Known {
        sha256: "883a41b2e30ddc2e422c108b091b5e70b92d37dc5c345a2c563dcae27971e2cc",
        output: "resnetv16_pool1_fwd",
        settings: imagenet,
    },
    // resnet50-v1-7
    Known {
        sha256: "af16a04a6ec48ac494065d4439fe9dea590d337b9ca6dc328160ccf04a217b9c",
        output: "resnetv17_pool1_fwd",
        settings: imagenet,
    },
    // resnet101-v1-7
    Known {
        sha256: "760702f6ec0138f71ebac66f4e95d1c72dc9267a8544f4d4667a53075fd0497c",
        output: "resnetv18_pool1_fwd",
        settings: imagenet,
    },
    // resnet152-v1-7
    Known {
        sha256: "b0ec92437bf8c9d0739bf9bafdea9638e13f9e3c1e2fb766ad546cc182fd3f6d",
        output: "resnetv19_pool1_fwd",
        settings: imagenet,
    },
    // resnet18-v2-7
    Known {
        sha256: "3b4d048057854022232aa20bf68262e31718ab7119a17f920b8a2dc1433f824b",
        output: "resnetv22_pool1_fwd",
        settings: imagenet,
    },
    // resnet34-v2-7
    Known {
        sha256: "3d3815e25f4b1ea967e2a526a3b27ef2a03af1725bdc199a63a271c26862d914",
        output: "resnetv23_pool1_fwd",
        settings: imagenet,
    },
    // resnet50-v2-7
    Known {
        sha256: "79102261eb6e5fd7af5d27f41316293e388c5cb691e5d25bfb035c4f64fefe31",
        output: "resnetv24_pool1_fwd",
        settings: imagenet,
    },
    // resnet101-v2-7
    Known {
        sha256: "3a0a819ea0953fb4700b0d98e43540aeee253e5b4c503c552b0c7979fc67767d",
        output: "resnetv25_pool1_fwd",
        settings: imagenet,
    },
    // resnet152-v2-7
    Known {
        sha256: "40fb3f6dd313ba786a2c8077a0ef7d7b4afeda5d037365400d3a7fbc2b1bee64",
        output: "resnetv27_pool1_fwd",
        settings: imagenet,
    },
    // mobilenetv2-10
    Known {
        sha256: "0e7c0aa4bc74650386fa1d2c84705753de7c2bdb21909ada5c59154bb429e092",
        output: "464",
        settings: imagenet,
    },
    // efficientnet-lite4-11
    Known {
        sha256: "d111689907c06eea7c82e4833ddef758da6453b9d4cf60b7e99ca05c7cbd9c12",
        output: "efficientnet-lite4/model/head/AvgPool:0",
        settings: lite,
    },
    // 320n.onnx of the package nudenet 3.4.2 of PyPI: YOLOv8n, a map of its neck
    Known {
        sha256: "c15d8273adad2d0a92f014cc69ab2d6c311a06777a55545f2c4eb46f51911f0f",
        output: "/model.20/Concat_output_0",
        settings: yolo_320,
    },
];

fn imagenet() -> OnnxSettings {
    OnnxSettings::of(Preset::Imagenet).kind(FeatureKind::Row)
}

/// EfficientNet-lite: bytes from about -1 to 1.
fn lite() -> OnnxSettings {
    let mut settings = imagenet();
    (settings.mean, settings.deviation, settings.scale) = ([127.0; 3], [128.0; 3], 1.0);
    settings
}

fn yolo_320() -> OnnxSettings {
    OnnxSettings::of(Preset::Yolo)
        .side(320)
        .kind(FeatureKind::Map)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_known_sum_has_settings_that_can_be_used() {
        let sums: HashSet<&str> = KNOWN.iter().map(|known| known.sha256).collect();
        assert_eq!(sums.len(), KNOWN.len());
        for sum in sums {
            let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
            assert!(sum.len() == 64 && sum.bytes().all(hexadecimal), "{sum}");
            settings_of(sum).unwrap().check().unwrap();
        }
        assert_eq!(settings_of("4e8f8653"), None);
    }

    /// White is (255 - 127) / 128 = 1 to EfficientNet-lite, 1 to YOLO and 2.2489 to ImageNet's red.
    #[test]
    fn each_takes_pictures_in_its_own_way() {
        let white = |settings: OnnxSettings| settings.tables()[0][255];
        assert!((white(lite()) - 1.0).abs() < 1e-6);
        assert!((white(yolo_320()) - 1.0).abs() < 1e-6);
        assert!((white(imagenet()) - 2.248_908_3).abs() < 1e-6);
    }
}
