//! The layers whose output serves as a feature.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::layout::VggVariant;

/// A layer of an encoder, whose output is a frame's features: any of VGG-16 or VGG-19 below the
/// classifying one, or the output of another network.
///
/// [`FromStr`] takes two kinds of names. The papers': `conv1_1` … `conv5_4`, `relu6` and `relu7`
/// mean the numbers after the ReLU (`relu5_3` is `conv5_3`), `pool1` … `pool5` those after the
/// maximum over 2x2. And torchvision's indices: `features.0` … `features.36` and `classifier.0` …
/// `classifier.5`, exactly what that module puts out; the even ones of the convolutions are the
/// numbers before the ReLU, which no paper's name stands for. [`Display`](fmt::Display) and files
/// have the paper's name where there is one.
///
/// The indices are those of VGG-19's modules, also where the network is a VGG-16: of that one, use
/// the papers' names. It has no `conv3_4`, `conv4_4` and `conv5_4`.
///
/// # Example
///
/// ```
/// use frame_features::Layer;
///
/// assert_eq!("conv5_3".parse(), Ok(Layer::Conv5_3));
/// assert_eq!("features.33".parse(), Ok(Layer::Conv5_3)); // its ReLU
/// assert_eq!(Layer::Relu7.to_string(), "relu7");
/// assert_eq!("pool5".parse(), "features.36".parse::<Layer>());
/// assert_eq!("features.32".parse::<Layer>()?.to_string(), "features.32"); // before the ReLU
/// # Ok::<(), frame_features::ParseLayerError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layer(Place);

/// Each place has one value, so that equal layers are equal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// Index in torchvision's `features`, `0..=36`.
    Features(u8),
    /// Index in torchvision's `classifier`: 0, 1, 3 or 4, since dropout does nothing here.
    Classifier(u8),
    /// Of a network that is not VGG-19.
    Output,
}

/// Last index in `features`, the fifth pooling.
const LAST_FEATURE: u8 = 36;

/// How much of a VGG a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Depth {
    /// Of which network.
    pub(crate) variant: VggVariant,
    /// Convolutions below and in it.
    pub(crate) convolutions: usize,
    /// Fully connected layers below and in it.
    pub(crate) fully_connected: usize,
    /// Whether the last of those is followed by its ReLU.
    pub(crate) relu: bool,
    /// Whether the last convolution is followed by its pooling.
    pub(crate) pooled: bool,
}

#[expect(
    non_upper_case_globals,
    reason = "layers are written as the papers write them"
)]
impl Layer {
    /// The second fully connected layer: one vector a frame, 4,096 numbers in the published
    /// network. What Show and Tell describes a picture with.
    pub const Relu7: Self = Self(Place::Classifier(4));
    /// The third convolution of the fifth group: one annotation vector for each location, a
    /// feature map of a sixteenth of the picture's size, 512 numbers each in the published network.
    /// What Show, Attend and Tell looks at.
    pub const Conv5_3: Self = Self(Place::Features(33));
    /// The output of a network that is not VGG-19: see [`FrameEncoder`](crate::FrameEncoder). Which
    /// network and which of its layers is told by the encoder's name and checksum.
    pub const Output: Self = Self(Place::Output);

    /// All layers of VGG-19, the lowest first.
    ///
    /// ```
    /// use frame_features::Layer;
    ///
    /// let names: Vec<_> = Layer::all().map(|layer| layer.to_string()).collect();
    /// assert_eq!(names[..5], ["features.0", "conv1_1", "features.2", "conv1_2", "pool1"]);
    /// assert_eq!(names[37..], ["classifier.0", "relu6", "classifier.3", "relu7"]);
    /// ```
    pub fn all() -> impl Iterator<Item = Self> {
        let features = (0..=LAST_FEATURE).map(Place::Features);
        let classifier = [0, 1, 3, 4].map(Place::Classifier);
        features.chain(classifier).map(Self)
    }

    /// How much of a network it is; nothing for [`Layer::Output`], and for layers that this one
    /// does not have.
    pub(crate) fn depth(self, variant: VggVariant) -> Option<Depth> {
        match self.0 {
            Place::Features(index) => {
                let (vgg19, index) = (VggVariant::Vgg19, usize::from(index));
                let mut convolutions = (0..vgg19.num_convolutions()).rev();
                let last = convolutions.find(|&last| vgg19.feature_index(last) <= index)?;
                let after = index - vgg19.feature_index(last);
                let (group, within) = vgg19.place(last);
                let pooled = after == 2;
                let within = if pooled {
                    variant.groups()[group] - 1
                } else {
                    within
                };
                Some(Depth {
                    variant,
                    convolutions: variant.at(group, within)? + 1,
                    fully_connected: 0,
                    relu: after >= 1,
                    pooled,
                })
            }
            Place::Classifier(index) => Some(Depth {
                variant,
                convolutions: variant.num_convolutions(),
                fully_connected: if index < 3 { 1 } else { 2 },
                relu: index % 3 == 1,
                pooled: true,
            }),
            Place::Output => None,
        }
    }

    /// The paper's name, if there is one.
    fn paper(self) -> Option<String> {
        let Depth {
            convolutions,
            fully_connected,
            relu,
            pooled,
            variant,
        } = self.depth(VggVariant::Vgg19)?;
        let last = convolutions - 1;
        match (fully_connected, relu, pooled) {
            (_, false, _) => None,
            (0, true, true) => Some(format!("pool{}", variant.place(last).0 + 1)),
            (0, true, false) => Some(variant.convolution(last).paper),
            (number, true, _) => Some(format!("relu{}", number + 5)),
        }
    }
}

impl Depth {
    /// Whether convolution `index` is followed by its ReLU.
    pub(crate) fn relu_after(self, index: usize) -> bool {
        self.relu || self.fully_connected > 0 || index + 1 < self.convolutions
    }

    /// Whether convolution `index` is followed by a pooling.
    pub(crate) fn pooled_after(self, index: usize) -> bool {
        self.variant.pooled_after(index) && (self.pooled || index + 1 < self.convolutions)
    }

    /// How often the picture's sides are halved on the way.
    pub(crate) fn halvings(self) -> usize {
        (0..self.convolutions)
            .filter(|&index| self.pooled_after(index))
            .count()
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.paper(), self.0) {
            (Some(name), _) => f.write_str(&name),
            (None, Place::Features(index)) => write!(f, "features.{index}"),
            (None, Place::Classifier(index)) => write!(f, "classifier.{index}"),
            (None, Place::Output) => f.write_str("output"),
        }
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layer({self})")
    }
}

/// An unknown name of a [`Layer`].
///
/// ```
/// let error = "conv9_9".parse::<frame_features::Layer>().unwrap_err();
/// assert!(error.to_string().starts_with("unknown layer \"conv9_9\", expected relu7, conv5_3"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown layer {0:?}, expected relu7, conv5_3 or another of conv1_1 to conv5_4, pool1 to pool5, relu6, features.0 to features.36 and classifier.0 to classifier.5"
)]
pub struct ParseLayerError(String);

impl FromStr for Layer {
    type Err = ParseLayerError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let indexed = |prefix, last: u8| {
            let digits: &str = name.strip_prefix(prefix)?;
            let index: u8 = digits.parse().ok()?;
            (index <= last && index.to_string() == digits).then_some(index)
        };
        if let Some(index) = indexed("features.", LAST_FEATURE) {
            return Ok(Self(Place::Features(index)));
        }
        if let Some(index) = indexed("classifier.", 5) {
            let without_dropout = if index % 3 == 2 { index - 1 } else { index };
            return Ok(Self(Place::Classifier(without_dropout)));
        }
        if name == "output" {
            return Ok(Self::Output);
        }
        let paper = match name.strip_prefix("relu") {
            Some(place) if place.contains('_') => format!("conv{place}"),
            _ => name.to_owned(),
        };
        Self::all()
            .find(|layer| layer.paper().is_some_and(|known| known == paper))
            .ok_or_else(|| ParseLayerError(name.to_owned()))
    }
}

impl Serialize for Layer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Layer {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_has_a_name_of_its_own_that_reads_back() {
        let mut names = Vec::new();
        for layer in Layer::all().chain([Layer::Output]) {
            let name = layer.to_string();
            assert_eq!(name.parse(), Ok(layer));
            let json = serde_json::to_string(&layer).unwrap();
            assert_eq!(json, format!("\"{name}\""));
            assert_eq!(serde_json::from_str::<Layer>(&json).unwrap(), layer);
            names.push(name);
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 37 + 4 + 1);
    }

    /// `[str(m) for m in torchvision.models.vgg19().features]`, read from its printed form.
    #[test]
    fn torchvisions_indices_are_the_papers_layers() {
        for (index, paper) in [
            ("features.1", "conv1_1"),
            ("features.4", "pool1"),
            ("features.9", "pool2"),
            ("features.11", "conv3_1"),
            ("features.18", "pool3"),
            ("features.26", "conv4_4"),
            ("features.27", "pool4"),
            ("features.33", "relu5_3"),
            ("features.35", "conv5_4"),
            ("features.36", "pool5"),
            ("classifier.1", "relu6"),
            ("classifier.2", "relu6"),
            ("classifier.4", "relu7"),
            ("classifier.5", "relu7"),
        ] {
            assert_eq!(index.parse::<Layer>(), paper.parse::<Layer>(), "{index}");
        }
    }

    #[test]
    fn other_names_are_refused() {
        for name in [
            "",
            "conv",
            "conv1_3",
            "pool0",
            "pool6",
            "fc7", // some mean before the ReLU, some after
            "relu",
            "relu8",
            "relu_",
            "features.37",
            "features.007",
            "features.+1",
            "features.-1",
            "classifier.6",
            "features.99999999999999999999",
            "CONV5_3",
        ] {
            assert!(name.parse::<Layer>().is_err(), "{name}");
        }
    }

    #[test]
    fn depths_count_what_lies_below() {
        let depth = |name: &str| {
            name.parse::<Layer>()
                .unwrap()
                .depth(VggVariant::Vgg19)
                .unwrap()
        };
        let conv5_3 = depth("conv5_3");
        assert_eq!((conv5_3.convolutions, conv5_3.halvings()), (15, 4));
        assert!(conv5_3.relu && !conv5_3.pooled);
        let pool1 = depth("pool1");
        assert_eq!((pool1.convolutions, pool1.halvings()), (2, 1));
        let below = depth("features.5");
        assert_eq!((below.convolutions, below.halvings()), (3, 1));
        assert!(!below.relu);
        assert_eq!(depth("relu6").fully_connected, 1);
        assert_eq!(depth("classifier.3").fully_connected, 2);
        assert!(!depth("classifier.3").relu);
        assert_eq!(Layer::Output.depth(VggVariant::Vgg19), None);
    }

    #[test]
    fn layers_of_vgg_16_are_called_as_the_paper_calls_them() {
        let depth = |name: &str| name.parse::<Layer>().unwrap().depth(VggVariant::Vgg16);
        for (name, convolutions, halvings) in [
            ("conv1_1", 1, 0),
            ("conv3_3", 7, 2),
            ("pool3", 7, 3),
            ("conv4_1", 8, 3),
            ("conv5_3", 13, 4),
            ("pool5", 13, 5),
            ("relu7", 13, 5),
        ] {
            let depth = depth(name).unwrap();
            assert_eq!(
                (depth.convolutions, depth.halvings()),
                (convolutions, halvings),
                "{name}"
            );
        }
        for name in ["conv3_4", "conv4_4", "conv5_4", "features.34", "output"] {
            assert_eq!(depth(name), None, "{name}");
        }
    }
}
