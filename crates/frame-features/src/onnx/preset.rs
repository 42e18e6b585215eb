//! Preprocessing of usual families of networks, by name.

use serde::Deserialize;

use super::settings::{ColorOrder, TensorLayout};

/// How a family of networks was trained to take pictures.
///
/// ```
/// use frame_features::{OnnxSettings, Preset};
///
/// let settings: OnnxSettings = "preset = \"clip\"".parse()?;
/// assert_eq!(settings.mean, Preset::Clip.mean());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Preset {
    /// torchvision's and most of timm's networks: ImageNet's mean and standard deviation.
    Imagenet,
    /// From -1 to 1: TensorFlow's and Keras's MobileNet and Inception, timm's ViT of Google.
    Inception,
    /// OpenAI's CLIP and OpenCLIP, the image encoder.
    Clip,
    /// Google's SigLIP and SigLIP 2, the image encoder: from -1 to 1.
    Siglip,
    /// Meta's DINO and DINOv2: ImageNet's mean and deviation.
    Dino,
    /// SmilingWolf's WD taggers: bytes as they are, blue first, channels last, 448 pixels.
    WdTagger,
    /// Ultralytics' YOLO: from 0 to 1, 640 pixels.
    Yolo,
    /// Networks that come from Caffe, also by way of Keras: bytes less a mean, blue first.
    Caffe,
}

impl Preset {
    /// Mean of each colour, in units of [`scale`](Self::scale), red first.
    #[must_use]
    pub fn mean(self) -> [f32; 3] {
        match self {
            Self::Imagenet | Self::Dino => [0.485, 0.456, 0.406],
            Self::Inception | Self::Siglip => [0.5; 3],
            Self::Clip => [0.481_454_66, 0.457_827_5, 0.408_210_73],
            Self::WdTagger | Self::Yolo => [0.0; 3],
            Self::Caffe => [122.678_92, 116.668_77, 104.006_99],
        }
    }

    /// What is divided by afterwards, red first.
    #[must_use]
    pub fn deviation(self) -> [f32; 3] {
        match self {
            Self::Imagenet | Self::Dino => [0.229, 0.224, 0.225],
            Self::Inception | Self::Siglip => [0.5; 3],
            Self::Clip => [0.268_629_54, 0.261_302_6, 0.275_777_1],
            Self::WdTagger | Self::Yolo | Self::Caffe => [1.0; 3],
        }
    }

    /// What bytes are divided by first: 255, or 1 where they stay as they are.
    #[must_use]
    pub fn scale(self) -> f32 {
        match self {
            Self::WdTagger | Self::Caffe => 1.0,
            _ => 255.0,
        }
    }

    /// The order of the colours.
    #[must_use]
    pub fn colors(self) -> ColorOrder {
        match self {
            Self::WdTagger | Self::Caffe => ColorOrder::Bgr,
            _ => ColorOrder::Rgb,
        }
    }

    /// Where the channels stand, if the family is always exported so.
    #[must_use]
    pub fn layout(self) -> Option<TensorLayout> {
        (self == Self::WdTagger).then_some(TensorLayout::Nhwc)
    }

    /// Side of the pictures in pixels, for networks that take any.
    #[must_use]
    pub fn side(self) -> usize {
        match self {
            Self::WdTagger => 448,
            Self::Yolo => 640,
            _ => 224,
        }
    }
}
