use frame_features::{Layer, VggTailConfig};
use serde::{Deserialize, Serialize};

use super::{
    config::{AttentionCaptionerConfig, GlobalCaptionerConfig},
    network_problem::NetworkProblem,
};
use crate::files::{layer, matrix};

/// Configuration of a captioner of either kind.
///
/// ```
/// use caption_model::{AttentionCaptionerConfig, CaptionerConfig};
/// use frame_features::Layer;
///
/// let config = CaptionerConfig::from(AttentionCaptionerConfig::new(100, 512));
/// assert_eq!(config.layer(), Layer::Conv5_3);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptionerConfig {
    /// Show and Tell: one vector a picture.
    Global(GlobalCaptionerConfig),
    /// Show, Attend and Tell: a vector for each location of a picture.
    Attention(AttentionCaptionerConfig),
}

impl CaptionerConfig {
    /// The layer of VGG-19 that its paper reads.
    #[must_use]
    pub fn layer(&self) -> Layer {
        match self {
            Self::Global(_) => Layer::Relu7,
            Self::Attention(_) => Layer::Conv5_3,
        }
    }

    /// Number of words, special ones included.
    #[must_use]
    pub fn num_words(&self) -> usize {
        match self {
            Self::Global(config) => config.num_words,
            Self::Attention(config) => config.num_words,
        }
    }

    /// Size of a picture's feature vector, or of each of its annotation vectors.
    #[must_use]
    pub fn d_features(&self) -> usize {
        match self {
            Self::Global(config) => config.d_features,
            Self::Attention(config) => config.d_annotation,
        }
    }

    /// Shape of the features that it reads, for messages: `[4096]` or `[locations, 512]`.
    #[must_use]
    pub fn feature_shape(&self) -> String {
        match self {
            Self::Global(config) => format!("[{}]", config.d_features),
            Self::Attention(config) => format!("[locations, {}]", config.d_annotation),
        }
    }

    /// Probability of dropout while training.
    #[must_use]
    pub fn dropout(&self) -> f64 {
        match self {
            Self::Global(config) => config.dropout,
            Self::Attention(config) => config.dropout,
        }
    }

    /// Every size that takes memory.
    fn sizes(&self) -> Vec<usize> {
        match self {
            Self::Global(c) => vec![c.num_words, c.d_features, c.d_embedding, c.d_hidden],
            Self::Attention(c) => vec![
                c.num_words,
                c.d_annotation,
                c.d_embedding,
                c.d_hidden,
                c.d_attention,
            ],
        }
    }

    /// Numbers of the weights.
    fn num_weights(&self) -> u128 {
        match self {
            Self::Global(config) => config.num_weights(),
            Self::Attention(config) => config.num_weights(),
        }
    }
}

impl From<GlobalCaptionerConfig> for CaptionerConfig {
    fn from(config: GlobalCaptionerConfig) -> Self {
        Self::Global(config)
    }
}

impl From<AttentionCaptionerConfig> for CaptionerConfig {
    fn from(config: AttentionCaptionerConfig) -> Self {
        Self::Attention(config)
    }
}

/// A captioner's configuration, with that of the encoder's last blocks where they are trained
/// along: what `config.json` of a model folder holds under `network`.
///
/// ```
/// use caption_model::{GlobalCaptionerConfig, NetworkConfig};
/// use frame_features::VggTailConfig;
///
/// let config = NetworkConfig::from(GlobalCaptionerConfig::new(30_000, 4096));
/// assert!(config.accepts(&[4096]));
///
/// let tail = VggTailConfig {
///     below: "pool5".parse()?,
///     layer: "relu7".parse()?,
///     convolutions: vec![],
///     fully_connected: vec![[49 * 8, 64], [64, 64]],
/// };
/// let config = NetworkConfig::fine_tuned(tail, GlobalCaptionerConfig::new(50, 64));
/// assert!(config.accepts(&[49, 8]));
/// # Ok::<(), frame_features::ParseLayerError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
#[non_exhaustive]
pub struct NetworkConfig {
    /// The encoder's blocks that are trained along, if there are any.
    pub tail: Option<VggTailConfig>,
    /// What reads the features, or the output of those blocks.
    pub captioner: CaptionerConfig,
}

/// How `config.json` holds it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Global(GlobalCaptionerConfig),
    Attention(AttentionCaptionerConfig),
    FineTuned {
        tail: VggTailConfig,
        captioner: CaptionerConfig,
    },
}

impl From<Stored> for NetworkConfig {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Global(config) => config.into(),
            Stored::Attention(config) => config.into(),
            Stored::FineTuned { tail, captioner } => Self::fine_tuned(tail, captioner),
        }
    }
}

impl From<NetworkConfig> for Stored {
    fn from(NetworkConfig { tail, captioner }: NetworkConfig) -> Self {
        match (tail, captioner) {
            (Some(tail), captioner) => Self::FineTuned { tail, captioner },
            (None, CaptionerConfig::Global(config)) => Self::Global(config),
            (None, CaptionerConfig::Attention(config)) => Self::Attention(config),
        }
    }
}

impl<C: Into<CaptionerConfig>> From<C> for NetworkConfig {
    fn from(captioner: C) -> Self {
        Self {
            tail: None,
            captioner: captioner.into(),
        }
    }
}

impl NetworkConfig {
    /// A captioner over the last blocks of an encoder.
    #[must_use]
    pub fn fine_tuned(tail: VggTailConfig, captioner: impl Into<CaptionerConfig>) -> Self {
        Self {
            tail: Some(tail),
            captioner: captioner.into(),
        }
    }

    /// Number of words, special ones included.
    #[must_use]
    pub fn num_words(&self) -> usize {
        self.captioner.num_words()
    }

    /// Size of a picture's feature vector, or of each of its annotation vectors, as the network
    /// reads them.
    #[must_use]
    pub fn d_features(&self) -> usize {
        let tail = self.tail.as_ref().map(VggTailConfig::d_input);
        tail.unwrap_or_else(|| self.captioner.d_features())
    }

    /// Whether rows of this shape, as a feature store names it, can be read by the network.
    #[must_use]
    pub fn accepts(&self, shape: &[usize]) -> bool {
        let rank = match (&self.tail, &self.captioner) {
            (None, CaptionerConfig::Global(_)) => 1,
            _ => 2,
        };
        let fits = match &self.tail {
            None => true,
            Some(tail) => shape.first().is_some_and(|&it| tail.accepts(it)),
        };
        fits && shape.len() == rank && shape.last() == Some(&self.d_features())
    }

    /// What rows the network reads, for messages.
    #[must_use]
    pub fn expected_features(&self) -> String {
        match &self.tail {
            None => self.captioner.feature_shape(),
            Some(tail) => format!("[locations, {}] of {}", tail.d_input(), tail.below),
        }
    }

    /// What does not fit together, if something does not: a file may say anything.
    #[must_use]
    pub fn problem(&self) -> Option<NetworkProblem> {
        let dropout = self.captioner.dropout();
        if !(0.0..1.0).contains(&dropout) {
            return Some(NetworkProblem::Dropout { dropout });
        }
        let tail = self.tail.as_ref()?;
        let (given, read) = (tail.d_output(), self.captioner.d_features());
        let tail = tail.problem().map(NetworkProblem::Tail);
        tail.or_else(|| (given != read).then_some(NetworkProblem::Unconnected { given, read }))
    }

    /// Every size that takes memory, to be bounded before a file's configuration is believed.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        let mut sizes = self.captioner.sizes();
        if let Some(tail) = &self.tail {
            let layers = tail.convolutions.iter().chain(&tail.fully_connected);
            sizes.extend(layers.flatten());
        }
        sizes
    }

    /// Numbers of the weights, to be found in a file before a network of these sizes is made.
    pub(crate) fn num_weights(&self) -> u128 {
        let of_tail = self.tail.as_ref().map_or(0, |tail| {
            let convolutions = tail.convolutions.iter().map(|&[input, output]| {
                matrix(input, output)
                    .saturating_mul(9)
                    .saturating_add(output as u128)
            });
            let linear = (tail.fully_connected.iter()).map(|&[input, output]| layer(input, output));
            convolutions.chain(linear).fold(0, u128::saturating_add)
        });
        of_tail.saturating_add(self.captioner.num_weights())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropout_of_a_file_is_checked() {
        let problem = |dropout| {
            let config = GlobalCaptionerConfig::new(9, 4).with_dropout(dropout);
            NetworkConfig::from(config).problem()
        };
        assert_eq!(problem(0.5), None);
        for wrong in [7.5, 1.0, -0.1, f64::NAN] {
            assert!(matches!(
                problem(wrong),
                Some(NetworkProblem::Dropout { .. })
            ));
        }
    }

    /// What a file has to hold is what Burn counts.
    #[test]
    fn weights_are_counted() {
        let device = burn::tensor::Device::flex();
        let attention = crate::AttentionCaptionerConfig::new(9, 4)
            .with_d_embedding(5)
            .with_d_hidden(3)
            .with_d_attention(2);
        let two_layers = attention
            .clone()
            .with_gate(false)
            .with_initial_state(crate::InitialState::TwoLayers);
        let global = GlobalCaptionerConfig::new(9, 4)
            .with_d_embedding(5)
            .with_d_hidden(3);
        let tail = VggTailConfig {
            below: "pool4".parse().unwrap(),
            layer: "relu7".parse().unwrap(),
            convolutions: vec![[2, 3], [3, 3], [3, 3], [3, 2]],
            fully_connected: vec![[98, 4], [4, 4]],
        };
        for config in [
            NetworkConfig::from(attention),
            two_layers.into(),
            global.clone().into(),
            NetworkConfig::fine_tuned(tail, global),
        ] {
            let network = config.init(&device);
            let counted = burn::module::Module::num_params(&network);
            assert_eq!(config.num_weights(), counted as u128);
        }
        let largest =
            GlobalCaptionerConfig::new(usize::MAX, usize::MAX).with_d_embedding(usize::MAX);
        assert_eq!(NetworkConfig::from(largest).num_weights(), u128::MAX);
    }

    /// What model folders of the first version hold.
    #[test]
    fn json_is_that_of_earlier_folders() {
        let config = NetworkConfig::from(GlobalCaptionerConfig::new(9, 4));
        let text = serde_json::to_value(&config).unwrap();
        assert_eq!(text["global"]["num_words"], 9);
        let tail = VggTailConfig {
            below: "pool5".parse().unwrap(),
            layer: "relu7".parse().unwrap(),
            convolutions: vec![],
            fully_connected: vec![[49, 4], [4, 4]],
        };
        let tuned = NetworkConfig::fine_tuned(tail, GlobalCaptionerConfig::new(9, 4));
        let text = serde_json::to_value(&tuned).unwrap();
        assert_eq!(text["fine_tuned"]["captioner"]["global"]["num_words"], 9);
        for config in [config, tuned] {
            let text = serde_json::to_string(&config).unwrap();
            assert_eq!(
                serde_json::from_str::<NetworkConfig>(&text).unwrap(),
                config
            );
        }
    }
}
