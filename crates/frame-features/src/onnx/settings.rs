//! How a network takes pictures and which of its outputs are features: the TOML beside an ONNX
//! file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;

use super::preset::Preset;

/// The order of the colours in a network's input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColorOrder {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Blue, green, red, as OpenCV and Caffe have it.
    Bgr,
}

/// Where the channels of pictures and maps stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TensorLayout {
    /// `[pictures, channels, rows, columns]`, as PyTorch exports it.
    Nchw,
    /// `[pictures, rows, columns, channels]`, as TensorFlow and Keras export it.
    Nhwc,
}

/// What a network's output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeatureKind {
    /// One feature vector for the picture.
    Row,
    /// A feature map: an annotation vector for each location.
    Map,
}

/// How an ONNX network takes pictures, and which of its outputs are the features.
///
/// Usually read from the TOML file beside the network; `docs/onnx.md` has a table of its keys.
/// A byte `b` of a colour becomes `(b / scale - mean) / deviation`.
///
/// # Example
///
/// ```
/// use frame_features::{ColorOrder, FeatureKind, OnnxSettings};
///
/// let settings: OnnxSettings = r#"
///     preset = "imagenet"
///     side = 288
///     output = "features"
///     kind = "map"
/// "#
/// .parse()?;
/// assert_eq!((settings.side, settings.colors), (Some(288), ColorOrder::Rgb));
/// assert_eq!(settings.kind, Some(FeatureKind::Map));
/// assert_eq!(settings.mean, [0.485, 0.456, 0.406]);
///
/// let without_mean = "side = 288".parse::<OnnxSettings>().unwrap_err();
/// assert!(without_mean.to_string().contains("mean"));
/// # Ok::<(), frame_features::OnnxSettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OnnxSettings {
    /// Side of the square that pictures are scaled to, in pixels. Default: what the network's input
    /// says, else the preset's.
    pub side: Option<usize>,
    /// Side for networks that take any and settings that name none: the preset's.
    pub usual_side: Option<usize>,
    /// Mean of red, green and blue.
    pub mean: [f32; 3],
    /// Standard deviation of red, green and blue.
    pub deviation: [f32; 3],
    /// What bytes are divided by: 255 (default), or 1 where mean and deviation count bytes.
    pub scale: f32,
    /// Order of the colours in the input. Default: red first.
    pub colors: ColorOrder,
    /// Where the channels stand, in the input and in a map of four dimensions. Default: where the
    /// shape of the input has its 3.
    pub layout: Option<TensorLayout>,
    /// Name of the output, or of any tensor within the network. Default: the only output.
    pub output: Option<String>,
    /// What the output is. Default: a map if it has rows and columns, else a row.
    pub kind: Option<FeatureKind>,
    /// Tokens before those of the locations, in outputs `[pictures, tokens, d]`: 1 for a class
    /// token, 5 for DINOv2 with registers. Default: 0. Of a row it is the token to take, from 0.
    pub first_token: usize,
}

/// Settings that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OnnxSettingsError {
    /// The text is no TOML, or has a key or value that is not known.
    #[error("{0}")]
    Toml(String),
    /// A key without which pictures cannot be prepared is missing.
    #[error("there is no `{key}`, and no `preset` that has it")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value is out of range.
    #[error("`{key}` is {value}, expected {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
}

/// The file, as it stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    preset: Option<Preset>,
    side: Option<usize>,
    mean: Option<[f32; 3]>,
    deviation: Option<[f32; 3]>,
    scale: Option<f32>,
    colors: Option<ColorOrder>,
    layout: Option<TensorLayout>,
    output: Option<String>,
    kind: Option<FeatureKind>,
    first_token: Option<usize>,
}

/// Largest side of pictures, in pixels.
const MAX_SIDE: usize = 4096;

impl OnnxSettings {
    /// The settings of a family of networks.
    #[must_use]
    pub fn of(preset: Preset) -> Self {
        Self {
            side: None,
            usual_side: Some(preset.side()),
            mean: preset.mean(),
            deviation: preset.deviation(),
            scale: preset.scale(),
            colors: preset.colors(),
            layout: preset.layout(),
            output: None,
            kind: None,
            first_token: 0,
        }
    }

    /// Scales pictures to this side.
    #[must_use]
    pub fn side(mut self, pixels: usize) -> Self {
        self.side = Some(pixels);
        self
    }

    /// Takes this output, or any tensor within the network.
    #[must_use]
    pub fn output(mut self, name: impl Into<String>) -> Self {
        self.output = Some(name.into());
        self
    }

    /// Takes the output for this.
    #[must_use]
    pub fn kind(mut self, kind: FeatureKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Begins with this token.
    #[must_use]
    pub fn first_token(mut self, index: usize) -> Self {
        self.first_token = index;
        self
    }

    /// The file that holds the settings of a network: its name with `.toml` for its ending.
    #[must_use]
    pub fn path_beside(network: &Path) -> PathBuf {
        network.with_extension("toml")
    }

    /// Refuses values that would make no input.
    ///
    /// # Errors
    ///
    /// [`OnnxSettingsError::Value`].
    pub fn check(&self) -> Result<(), OnnxSettingsError> {
        let refuse = |key, value: String, expected| {
            Err(OnnxSettingsError::Value {
                key,
                value,
                expected,
            })
        };
        if let Some(side) = self.side.filter(|side| !(1..=MAX_SIDE).contains(side)) {
            return refuse("side", side.to_string(), "1 to 4096 pixels");
        }
        if !(self.scale.is_finite() && self.scale > 0.0) {
            return refuse("scale", self.scale.to_string(), "a positive number");
        }
        if self.mean.iter().any(|mean| !mean.is_finite()) {
            return refuse("mean", format!("{:?}", self.mean), "three numbers");
        }
        let positive = |deviation: &f32| deviation.is_finite() && *deviation > 0.0;
        if !self.deviation.iter().all(positive) {
            let found = format!("{:?}", self.deviation);
            return refuse("deviation", found, "three positive numbers");
        }
        Ok(())
    }

    /// What a byte of each colour becomes, red first.
    pub(super) fn tables(&self) -> [[f32; 256]; 3] {
        let table = |color: usize| {
            std::array::from_fn(|byte| {
                let byte = f32::from(u8::try_from(byte).unwrap_or(u8::MAX));
                (byte / self.scale - self.mean[color]) / self.deviation[color]
            })
        };
        [table(0), table(1), table(2)]
    }

    /// What of the settings decides which numbers come out, in a text of one form.
    pub(super) fn canonical(&self) -> String {
        let mut text = format!("{:?} {:?} {:?}", self.colors, self.kind, self.first_token);
        for value in self.mean.iter().chain(&self.deviation).chain([&self.scale]) {
            write!(text, " {:08x}", value.to_bits()).expect("writing to a String does not fail");
        }
        text
    }
}

impl FromStr for OnnxSettings {
    type Err = OnnxSettingsError;

    /// Reads the text of a TOML file.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let written: Written = toml::from_str(text)
            .map_err(|error| OnnxSettingsError::Toml(error.to_string().trim_end().to_owned()))?;
        let preset = written.preset;
        let or_missing = |key| OnnxSettingsError::Missing { key };
        let settings = Self {
            side: written.side,
            usual_side: preset.map(Preset::side),
            mean: (written.mean)
                .or(preset.map(Preset::mean))
                .ok_or_else(|| or_missing("mean"))?,
            deviation: (written.deviation)
                .or(preset.map(Preset::deviation))
                .ok_or_else(|| or_missing("deviation"))?,
            scale: (written.scale)
                .or(preset.map(Preset::scale))
                .unwrap_or(255.0),
            colors: (written.colors)
                .or(preset.map(Preset::colors))
                .unwrap_or_default(),
            layout: written.layout.or(preset.and_then(Preset::layout)),
            output: written.output,
            kind: written.kind,
            first_token: written.first_token.unwrap_or(0),
        };
        settings.check()?;
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        text.parse::<OnnxSettings>().unwrap_err().to_string()
    }

    #[test]
    fn a_key_overrides_its_preset() {
        let read: OnnxSettings = "preset = \"wd-tagger\"\nlayout = \"NCHW\"\nscale = 255"
            .parse()
            .unwrap();
        assert_eq!(read.layout, Some(TensorLayout::Nchw));
        assert_eq!((read.scale, read.colors), (255.0, ColorOrder::Bgr));
        assert_eq!((read.side, read.usual_side), (None, Some(448)));
    }

    /// ImageNet's white is (1 - 0.485) / 0.229 = 2.2489 in red; Caffe's black is minus its mean.
    #[test]
    fn tables_are_as_their_definition() {
        let imagenet = OnnxSettings::of(Preset::Imagenet).tables();
        assert!((imagenet[0][255] - 2.248_908_3).abs() < 1e-6);
        let caffe = OnnxSettings::of(Preset::Caffe).tables();
        assert_eq!(caffe[2][0], -104.006_99);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (text, named) in [
            ("preset = \"nothing\"", "nothing"),
            ("preset = \"clip\"\ndepth = 3", "depth"),
            ("deviation = [1.0, 1.0, 1.0]", "`mean`"),
            ("mean = [1.0, 1.0, 1.0]", "`deviation`"),
            ("preset = \"clip\"\nside = 0", "`side` is 0"),
            ("preset = \"clip\"\nside = 5000", "`side` is 5000"),
            ("preset = \"clip\"\nside = -1", "side"),
            ("preset = \"clip\"\nscale = 0.0", "`scale` is 0"),
            ("preset = \"clip\"\nscale = nan", "`scale` is NaN"),
            ("preset = \"clip\"\nmean = [0.0, inf, 0.0]", "`mean`"),
            ("preset = \"clip\"\nmean = [0.0, 1.0]", "mean"),
            (
                "preset = \"clip\"\ndeviation = [1.0, 0.0, 1.0]",
                "`deviation`",
            ),
            ("preset = \"clip\"\nkind = \"vector\"", "vector"),
            ("not toml", "TOML"),
        ] {
            let refused = refusal(text);
            assert!(refused.contains(named), "{text:?}: {refused}");
        }
    }

    #[test]
    fn another_preprocessing_has_another_text() {
        let texts: std::collections::HashSet<String> = [
            OnnxSettings::of(Preset::Imagenet),
            OnnxSettings::of(Preset::Clip),
            OnnxSettings::of(Preset::Yolo),
            OnnxSettings::of(Preset::WdTagger),
            OnnxSettings::of(Preset::Imagenet).first_token(1),
            OnnxSettings::of(Preset::Imagenet).kind(FeatureKind::Map),
        ]
        .iter()
        .map(OnnxSettings::canonical)
        .collect();
        assert_eq!(texts.len(), 6);
    }
}
