use serde::{Deserialize, Serialize};

use super::config::{AttentionCaptionerConfig, GlobalCaptionerConfig};
use crate::finetune::FineTunedConfig;

/// Which captioner, and its sizes: what `config.json` of a model folder holds under `network`.
///
/// ```
/// use caption_model::{GlobalCaptionerConfig, NetworkConfig};
///
/// let config = NetworkConfig::Global(GlobalCaptionerConfig::new(30_000, 4096));
/// assert_eq!(config.num_words(), 30_000);
/// assert_eq!(config.feature_shape_rank(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkConfig {
    /// Show and Tell: one vector a picture.
    Global(GlobalCaptionerConfig),
    /// Show, Attend and Tell: a vector for each location of a picture.
    Attention(AttentionCaptionerConfig),
    /// One of them over the last blocks of an encoder, which are trained along.
    FineTuned(FineTunedConfig),
}

impl NetworkConfig {
    /// Number of words, special ones included.
    pub fn num_words(&self) -> usize {
        match self {
            Self::Global(config) => config.num_words,
            Self::Attention(config) => config.num_words,
            Self::FineTuned(config) => config.plain().num_words(),
        }
    }

    /// Size of a picture's feature vector, or of each of its annotation vectors, as the network reads them.
    pub fn d_features(&self) -> usize {
        match self {
            Self::Global(config) => config.d_features,
            Self::Attention(config) => config.d_annotation,
            Self::FineTuned(config) => config.tail.d_input(),
        }
    }

    /// Rank of what a feature store holds for a frame: 1 for a vector, 2 for vectors by location.
    pub fn feature_shape_rank(&self) -> usize {
        match self {
            Self::Global(_) => 1,
            Self::Attention(_) | Self::FineTuned(_) => 2,
        }
    }

    /// Whether rows of this shape, as a feature store names it, can be read by the network.
    pub fn accepts(&self, shape: &[usize]) -> bool {
        let fits = match self {
            Self::Global(_) | Self::Attention(_) => true,
            Self::FineTuned(config) => shape.first().is_some_and(|&it| config.tail.accepts(it)),
        };
        fits && shape.len() == self.feature_shape_rank() && shape.last() == Some(&self.d_features())
    }

    /// What rows the network reads, in words.
    pub(crate) fn expected_features(&self) -> String {
        match self {
            Self::Global(config) => format!("[{}]", config.d_features),
            Self::Attention(config) => format!("[locations, {}]", config.d_annotation),
            Self::FineTuned(config) => {
                format!(
                    "[locations, {}] of {}",
                    self.d_features(),
                    config.tail.below
                )
            }
        }
    }

    /// Every size that takes memory, to be bounded before a file's configuration is believed.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        match self {
            Self::Global(c) => vec![c.num_words, c.d_features, c.d_embedding, c.d_hidden],
            Self::Attention(c) => vec![
                c.num_words,
                c.d_annotation,
                c.d_embedding,
                c.d_hidden,
                c.d_attention,
            ],
            Self::FineTuned(c) => {
                let mut sizes = c.plain().sizes();
                let layers = c.tail.convolutions.iter().chain(&c.tail.fully_connected);
                sizes.extend(layers.flatten());
                sizes
            }
        }
    }

    /// Probability of dropout while training.
    pub(crate) fn dropout(&self) -> f64 {
        match self {
            Self::Global(config) => config.dropout,
            Self::Attention(config) => config.dropout,
            Self::FineTuned(config) => config.plain().dropout(),
        }
    }

    /// Whether that is a probability that leaves something.
    pub(crate) fn is_dropout_possible(&self) -> bool {
        (0.0..1.0).contains(&self.dropout())
    }

    /// What does not fit together, if something does not: a file may say anything.
    pub(crate) fn problem(&self) -> Option<String> {
        if !self.is_dropout_possible() {
            return Some(format!(
                "dropout is {}, expected 0 to below 1",
                self.dropout()
            ));
        }
        match self {
            Self::Global(_) | Self::Attention(_) => None,
            Self::FineTuned(config) => config.problem(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropout_of_a_file_is_checked() {
        let problem = |dropout| {
            let config = GlobalCaptionerConfig::new(9, 4).with_dropout(dropout);
            NetworkConfig::Global(config).problem()
        };
        assert_eq!(problem(0.5), None);
        for wrong in [7.5, 1.0, -0.1, f64::NAN] {
            assert!(problem(wrong).is_some_and(|text| text.contains("dropout is")));
        }
    }
}
