use std::{fmt, str::FromStr};

use frame_features::Layer;

use crate::error::Error;

/// The lowest block of VGG-19 that is trained along; those over it are trained too, those below
/// stay as they are.
///
/// ```
/// use caption_train::TunedBlocks;
///
/// let blocks: TunedBlocks = "conv5".parse()?;
/// assert_eq!(blocks.below().to_string(), "pool4"); // what its features are to be extracted of
/// # Ok::<(), caption_train::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TunedBlocks {
    /// From conv2_1 on.
    Conv2,
    /// From conv3_1 on.
    Conv3,
    /// From conv4_1 on.
    Conv4,
    /// From conv5_1 on: up to conv5_3 they are 7.1 of the 20 million weights of the convolutions.
    Conv5,
    /// Only the fully connected layers; Show and Tell alone reads them.
    Fc,
}

impl TunedBlocks {
    const ALL: [Self; 5] = [Self::Conv2, Self::Conv3, Self::Conv4, Self::Conv5, Self::Fc];

    /// The layer under them: the features that a [`FineTuner`](crate::FineTuner) reads.
    #[must_use]
    pub fn below(self) -> Layer {
        let name = match self {
            Self::Conv2 => "pool1",
            Self::Conv3 => "pool2",
            Self::Conv4 => "pool3",
            Self::Conv5 => "pool4",
            Self::Fc => "pool5",
        };
        name.parse().expect("VGG-19 has five poolings")
    }
}

impl fmt::Display for TunedBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conv2 => "conv2",
            Self::Conv3 => "conv3",
            Self::Conv4 => "conv4",
            Self::Conv5 => "conv5",
            Self::Fc => "fc",
        })
    }
}

impl FromStr for TunedBlocks {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|blocks| blocks.to_string() == name)
            .ok_or_else(|| Error::Option {
                option: "the lowest block to be trained",
                value: format!("{name:?}"),
                expected: "conv2, conv3, conv4, conv5 or fc",
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for blocks in TunedBlocks::ALL {
            assert_eq!(blocks.to_string().parse::<TunedBlocks>().unwrap(), blocks);
        }
        let error = "conv1".parse::<TunedBlocks>().unwrap_err().to_string();
        assert!(error.contains("\"conv1\", expected conv2"), "{error}");
    }
}
