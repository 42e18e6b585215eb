//! Sizes and variants of the captioners: what `config.json` of a model folder holds under
//! `network`.

use serde::{Deserialize, Serialize};

use super::variants::{AttentionInference, FirstInput, InitialState};

/// Configuration of [`GlobalCaptioner`](crate::GlobalCaptioner); [`init`](Self::init) makes the
/// model.
///
/// The defaults are the original experiment's sizes. Files written before a switch existed are read
/// with its default.
///
/// ```
/// use caption_model::GlobalCaptionerConfig;
///
/// let config = GlobalCaptionerConfig::new(30_000, 4096).with_dropout(0.3);
/// assert_eq!((config.d_hidden, config.pre_logits_tanh), (256, true));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GlobalCaptionerConfig {
    /// Number of words, special ones included.
    pub num_words: usize,
    /// Size of a picture's feature vector: 4096 for relu7 of VGG-19.
    pub d_features: usize,
    /// Size of a word vector, `m`. Default: 256.
    pub d_embedding: usize,
    /// Size of the LSTM, `n`. Default: 256.
    pub d_hidden: usize,
    /// Probability with which training drops a component of the word vectors and of the LSTM's
    /// output. Default: 0.
    pub dropout: f64,
    /// Whether the word predictor's first layer ends in a tanh. Default: yes, as the original
    /// experiment has it; the paper has no such layer, and without the tanh the two layers are one
    /// of lower rank.
    #[serde(default = "yes", rename = "deep_tanh")]
    pub pre_logits_tanh: bool,
    /// Input before the first word. Default: `<bos>`.
    #[serde(default)]
    pub first_input: FirstInput,
}

/// Configuration of [`AttentionCaptioner`](crate::AttentionCaptioner); [`init`](Self::init) makes
/// the model.
///
/// Files written before a switch existed are read with its default.
///
/// ```
/// use caption_model::AttentionCaptionerConfig;
///
/// let plain = AttentionCaptionerConfig::new(30_000, 512).with_gate(false);
/// assert_eq!((plain.d_attention, plain.pre_logits_tanh), (256, true));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AttentionCaptionerConfig {
    /// Number of words, special ones included.
    pub num_words: usize,
    /// Size of an annotation vector, `D`: 512 for conv5_3 of VGG-19.
    pub d_annotation: usize,
    /// Size of a word vector and of the deep output, `m`. Default: 256.
    pub d_embedding: usize,
    /// Size of the LSTM, `n`. Default: 256.
    pub d_hidden: usize,
    /// Size of the layer that scores a location, `k`. Default: 256.
    pub d_attention: usize,
    /// Probability with which training drops a component of the word vectors and of the deep
    /// output. Default: 0.
    pub dropout: f64,
    /// Whether the context vector is scaled by a gate β, a number from 0 to 1 a word (section
    /// 4.2.1). Default: yes. In the authors' program it is the option `selector`, off unless asked
    /// for.
    #[serde(default = "yes")]
    pub gate: bool,
    /// Whether the deep output goes through a tanh before the word layer. Default: yes, as the
    /// authors' program has it; equation 7 has none.
    #[serde(default = "yes", rename = "deep_tanh")]
    pub pre_logits_tanh: bool,
    /// Input before the first word. Default: `<bos>`; the authors' program reads zeros.
    #[serde(default)]
    pub first_input: FirstInput,
    /// Initial state, from the mean annotation. Default: by one layer.
    #[serde(default)]
    pub initial_state: InitialState,
    /// Context vector when it writes and is measured; soft attention is always trained on the
    /// expectation, hard attention as `HardAttention` of `caption-train` says. Default: the
    /// expectation.
    #[serde(default, rename = "look")]
    pub inference: AttentionInference,
}

fn yes() -> bool {
    true
}

/// Writes a setter for each field that has a default.
macro_rules! setters {
    ($config:ident: $($setter:ident, $field:ident: $kind:ty;)*) => {
        impl $config {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $setter(mut self, $field: $kind) -> Self {
                    self.$field = $field;
                    self
                }
            )*
        }
    };
}

setters! { GlobalCaptionerConfig:
    with_d_embedding, d_embedding: usize;
    with_d_hidden, d_hidden: usize;
    with_dropout, dropout: f64;
    with_pre_logits_tanh, pre_logits_tanh: bool;
    with_first_input, first_input: FirstInput;
}

setters! { AttentionCaptionerConfig:
    with_d_embedding, d_embedding: usize;
    with_d_hidden, d_hidden: usize;
    with_d_attention, d_attention: usize;
    with_dropout, dropout: f64;
    with_gate, gate: bool;
    with_pre_logits_tanh, pre_logits_tanh: bool;
    with_first_input, first_input: FirstInput;
    with_initial_state, initial_state: InitialState;
    with_inference, inference: AttentionInference;
}

impl GlobalCaptionerConfig {
    /// The original experiment's sizes, for so many words and features of this size.
    #[must_use]
    pub fn new(num_words: usize, d_features: usize) -> Self {
        Self {
            num_words,
            d_features,
            d_embedding: 256,
            d_hidden: 256,
            dropout: 0.0,
            pre_logits_tanh: true,
            first_input: FirstInput::default(),
        }
    }
}

impl AttentionCaptionerConfig {
    /// The original experiment's sizes, for so many words and annotations of this size.
    #[must_use]
    pub fn new(num_words: usize, d_annotation: usize) -> Self {
        Self {
            num_words,
            d_annotation,
            d_embedding: 256,
            d_hidden: 256,
            d_attention: 256,
            dropout: 0.0,
            gate: true,
            pre_logits_tanh: true,
            first_input: FirstInput::default(),
            initial_state: InitialState::default(),
            inference: AttentionInference::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What version 0.1 wrote.
    #[test]
    fn configurations_without_switches_are_read_with_the_defaults() {
        let text = r#"{"num_words":9,"d_annotation":4,"d_embedding":3,"d_hidden":5,"d_attention":2,"dropout":0.1}"#;
        let config: AttentionCaptionerConfig = serde_json::from_str(text).unwrap();
        let expected = AttentionCaptionerConfig::new(9, 4)
            .with_d_embedding(3)
            .with_d_hidden(5)
            .with_d_attention(2)
            .with_dropout(0.1);
        assert_eq!(config, expected);
        let named = r#"{"num_words":9,"d_annotation":4,"d_embedding":3,"d_hidden":5,"d_attention":2,"dropout":0.1,"deep_tanh":false,"look":"largest"}"#;
        let config: AttentionCaptionerConfig = serde_json::from_str(named).unwrap();
        assert!(!config.pre_logits_tanh);
        assert_eq!(config.inference, AttentionInference::Argmax);
        let text = r#"{"num_words":9,"d_features":4,"d_embedding":3,"d_hidden":5,"dropout":0.0}"#;
        let config: GlobalCaptionerConfig = serde_json::from_str(text).unwrap();
        let expected = GlobalCaptionerConfig::new(9, 4)
            .with_d_embedding(3)
            .with_d_hidden(5);
        assert_eq!(config, expected);
    }
}
