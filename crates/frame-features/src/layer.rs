//! The layers whose output serves as a feature.

use std::fmt;
use std::str::FromStr;

/// A layer of VGG-19 whose output, after its ReLU, is a frame's feature.
///
/// # Example
///
/// ```
/// use frame_features::Layer;
///
/// assert_eq!("conv5_3".parse(), Ok(Layer::Conv5_3));
/// assert_eq!(Layer::Relu7.to_string(), "relu7");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Layer {
    /// The second fully connected layer: one vector a frame, 4,096 numbers in the published
    /// network. What Show and Tell describes a picture with.
    Relu7,
    /// The third convolution of the fifth group: one annotation vector for each location, a grid
    /// of a sixteenth of the picture's size, 512 numbers each in the published network. What
    /// Show, Attend and Tell looks at.
    #[serde(rename = "conv5_3")]
    Conv5_3,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relu7 => "relu7",
            Self::Conv5_3 => "conv5_3",
        })
    }
}

/// A name that is none of [`Layer`]'s.
///
/// ```
/// let error = "conv9_9".parse::<frame_features::Layer>().unwrap_err();
/// assert_eq!(error.to_string(), "unknown layer \"conv9_9\", expected relu7 or conv5_3");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown layer {0:?}, expected relu7 or conv5_3")]
pub struct ParseLayerError(String);

impl FromStr for Layer {
    type Err = ParseLayerError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "relu7" => Ok(Self::Relu7),
            "conv5_3" => Ok(Self::Conv5_3),
            _ => Err(ParseLayerError(name.to_owned())),
        }
    }
}
