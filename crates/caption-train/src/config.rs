use serde::{Deserialize, Serialize};

use caption_model::AttentionTarget;

use super::{
    check::{count, number, option},
    data::Shuffle,
    error::Error,
    precision::Precision,
    reinforce::HardAttention,
    schedule::Schedule,
    select_by::SelectBy,
};

/// Configuration of training, all that changes the result: Adam with clipped gradients, until dev
/// says that it has stopped learning.
///
/// ```
/// use caption_train::{Schedule, TrainConfig};
///
/// let config = TrainConfig::default()
///     .epochs(3)
///     .learning_rate(2e-3)
///     .schedule(Schedule::Cosine)
///     .warmup_steps(200);
/// assert_eq!(config.batch_size, 256);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TrainConfig {
    /// Most epochs; one epoch is every pair once. Default: 25, the original's best with attention.
    pub epochs: usize,
    /// Pairs a batch. Default: 256, the original's.
    pub batch_size: usize,
    /// Adam's step size (β₁ 0.9, β₂ 0.999, ε 1e-8), where the schedule is at its full rate.
    /// Default: 1e-3.
    pub learning_rate: f64,
    /// Learning-rate schedule. Default: constant.
    pub schedule: Schedule,
    /// Steps in which the learning rate rises from 0 to the full one. Default: 0.
    pub warmup_steps: usize,
    /// Largest Euclidean norm of all gradients together; larger ones are scaled down to it.
    /// Default: 5.
    pub clip_norm: f64,
    /// Share of themselves times the learning rate that weights lose at each step (AdamW), those of
    /// an encoder's blocks times [their own](Self::encoder_rate); biases do not. Default: 0.
    pub weight_decay: f64,
    /// Label smoothing ε (Szegedy et al. 2016, section 7): the target is the word with weight 1 − ε
    /// and every word alike with the rest. Perplexities are told without it. Default: 0.
    pub label_smoothing: f64,
    /// Probability with which a word that is read becomes `<unk>`; what is to be predicted stays
    /// (Bowman et al., "Generating sentences from a continuous space", 2016, section 3.1). Default:
    /// 0.
    pub word_dropout: f64,
    /// Probability, after [`sampling_epochs`](Self::sampling_epochs), with which a word that is
    /// read is the one that the model itself finds most probable there (scheduled sampling, Bengio
    /// et al. 2015; in two passes, Mihaylova and Martins 2019). A second pass forward is made where
    /// it is not 0. Default: 0.
    pub scheduled_sampling: f64,
    /// Epochs in which that probability grows linearly, from 0 in the first. Default: 10.
    pub sampling_epochs: usize,
    /// Epochs without a better one before training stops. Default: 3.
    pub patience: usize,
    /// Criterion by which epochs are compared; of equally good ones the earliest is kept. Default:
    /// perplexity on dev.
    pub select_by: SelectBy,
    /// Weight λ of the doubly stochastic regularizer of attention. Default: 1.
    pub attention_regularizer: f64,
    /// What that regularizer asks of a location. Default: 1, as in the paper.
    pub attention_target: AttentionTarget,
    /// How hard attention is trained; without it attention is soft. Default: soft.
    pub hard_attention: Option<HardAttention>,
    /// Learning rate of an encoder's blocks that are trained along, as a share of the captioner's;
    /// with 0 they stay as they are. Default: 0.1.
    pub encoder_rate: f64,
    /// Seed of weights, shuffling and dropout. Default: 1.
    pub seed: u64,
    /// Floating-point type of the computation. Default: f32.
    pub precision: Precision,
    /// Shuffling of pairs. Default: all with all, unless the features are too large for memory.
    pub shuffle: Shuffle,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            epochs: 25,
            batch_size: 256,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            warmup_steps: 0,
            clip_norm: 5.0,
            weight_decay: 0.0,
            label_smoothing: 0.0,
            word_dropout: 0.0,
            scheduled_sampling: 0.0,
            sampling_epochs: 10,
            patience: 3,
            select_by: SelectBy::Perplexity,
            attention_regularizer: 1.0,
            attention_target: AttentionTarget::One,
            hard_attention: None,
            encoder_rate: 0.1,
            seed: 1,
            precision: Precision::F32,
            shuffle: Shuffle::Auto,
        }
    }
}

/// Writes a setter for each field.
macro_rules! setters {
    ($($field:ident: $kind:ty, $argument:ident;)*) => {
        impl TrainConfig {
            $(
                #[doc = concat!("Sets [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $field(mut self, $argument: $kind) -> Self {
                    self.$field = $argument;
                    self
                }
            )*
        }
    };
}

setters! {
    epochs: usize, epochs;
    batch_size: usize, pairs;
    learning_rate: f64, rate;
    schedule: Schedule, schedule;
    warmup_steps: usize, steps;
    clip_norm: f64, norm;
    weight_decay: f64, decay;
    label_smoothing: f64, epsilon;
    word_dropout: f64, probability;
    scheduled_sampling: f64, probability;
    sampling_epochs: usize, epochs;
    patience: usize, epochs;
    select_by: SelectBy, by;
    attention_regularizer: f64, weight;
    attention_target: AttentionTarget, target;
    hard_attention: Option<HardAttention>, hard;
    encoder_rate: f64, share;
    seed: u64, seed;
    precision: Precision, precision;
    shuffle: Shuffle, shuffle;
}

impl TrainConfig {
    /// Refuses values that cannot work. Trainers do it themselves; programs that have long work to
    /// do before ask first.
    ///
    /// # Errors
    ///
    /// [`Error::Option`], with the name of the option, its value and what is expected.
    pub fn check(&self) -> Result<(), Error> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        let at_least_0 = |value: f64| value >= 0.0 && value.is_finite();
        let probability = |value: f64| (0.0..1.0).contains(&value);
        const COUNT: &str = "1 or more";
        const POSITIVE: &str = "a positive number";
        const PROBABILITY: &str = "0 or more and less than 1";
        count("epochs", self.epochs)?;
        count("batch_size", self.batch_size)?;
        count("sampling_epochs", self.sampling_epochs)?;
        count("patience", self.patience)?;
        number("learning_rate", self.learning_rate, positive, POSITIVE)?;
        number("clip_norm", self.clip_norm, positive, POSITIVE)?;
        number(
            "weight_decay",
            self.weight_decay,
            at_least_0,
            "0 or a positive number",
        )?;
        number(
            "label_smoothing",
            self.label_smoothing,
            probability,
            PROBABILITY,
        )?;
        number("word_dropout", self.word_dropout, probability, PROBABILITY)?;
        number(
            "scheduled_sampling",
            self.scheduled_sampling,
            |value| (0.0..=1.0).contains(&value),
            "0 to 1",
        )?;
        number(
            "attention_regularizer",
            self.attention_regularizer,
            at_least_0,
            "0 or a positive number",
        )?;
        number(
            "encoder_rate",
            self.encoder_rate,
            at_least_0,
            "0 or a positive number",
        )?;
        if let Some(hard) = &self.hard_attention {
            hard.check()?;
        }
        if let Schedule::Plateau { factor, patience } = self.schedule {
            let fits = |value: f64| value > 0.0 && value < 1.0;
            number(
                "the plateau's factor",
                factor,
                fits,
                "more than 0 and less than 1",
            )?;
            count("the plateau's patience", patience)?;
        }
        if let SelectBy::Comments { frames } = self.select_by {
            count("the number of frames to select by", frames)?;
        }
        if self.shuffle == Shuffle::Windows(0) {
            return option("shuffle", "windows of 0 rows".into(), COUNT);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_cannot_work_are_named() {
        let config = TrainConfig::default;
        let plateau = |factor, patience| Schedule::Plateau { factor, patience };
        let wrong = [
            (config().encoder_rate(-0.1), "encoder_rate is -0.1"),
            (
                config().attention_regularizer(f64::NAN),
                "attention_regularizer is NaN",
            ),
            (
                config().hard_attention(Some(HardAttention {
                    expected_share: 1.5,
                    ..HardAttention::default()
                })),
                "hard_attention.expected_share is 1.5, expected 0 to 1",
            ),
            (config().epochs(0), "epochs is 0, expected 1 or more"),
            (config().learning_rate(f64::NAN), "learning_rate is NaN"),
            (config().clip_norm(-1.0), "clip_norm is -1"),
            (config().weight_decay(-0.1), "weight_decay is -0.1"),
            (
                config().label_smoothing(1.0),
                "label_smoothing is 1, expected 0 or more and less than 1",
            ),
            (config().word_dropout(-0.5), "word_dropout is -0.5"),
            (
                config().scheduled_sampling(1.5),
                "scheduled_sampling is 1.5, expected 0 to 1",
            ),
            (config().sampling_epochs(0), "sampling_epochs is 0"),
            (config().patience(0), "patience is 0"),
            (config().schedule(plateau(1.0, 1)), "factor is 1"),
            (config().schedule(plateau(0.5, 0)), "patience is 0"),
            (
                config().select_by(SelectBy::Comments { frames: 0 }),
                "frames to select by is 0",
            ),
            (config().shuffle(Shuffle::Windows(0)), "windows of 0 rows"),
        ];
        for (config, expected) in wrong {
            let message = config.check().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
        config().check().unwrap();
        config().scheduled_sampling(1.0).check().unwrap();
    }

    /// A configuration written before an option existed gets its default.
    #[test]
    fn older_configurations_are_read() {
        let config: TrainConfig = serde_json::from_str(r#"{"epochs":7,"seed":3}"#).unwrap();
        assert_eq!(config, TrainConfig::default().epochs(7).seed(3));
    }
}
