//! Where the papers and their authors' programs differ: the captioners' switches on the command
//! line.

use caption_model::{
    AttentionCaptionerConfig, AttentionInference, AttentionTarget, FirstInput,
    GlobalCaptionerConfig, InitialState,
};
use caption_train::{HardAttention, TrainConfig};
use serde::de::DeserializeOwned;

/// Switches of the captioners; `docs/captioners.md` says what the papers and the programs do.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct SwitchArgs {
    /// What is read before the first word: bos, a learnt vector, or zero.
    #[arg(long, default_value = "bos", value_parser = named::<FirstInput>)]
    first_input: FirstInput,
    /// Leaves out the tanh before the word layer.
    #[arg(long)]
    no_deep_tanh: bool,
    /// Attention: leaves out the gate of the context vector.
    #[arg(long)]
    no_gate: bool,
    /// Attention: how the first state follows from the mean annotation: one_layer, two_layers, or
    /// blind, not at all.
    #[arg(long, default_value = "one_layer", value_parser = named::<InitialState>)]
    initial_state: InitialState,
    /// Attention: what is looked at when the model is measured and writes: expected, largest or
    /// sampled.
    #[arg(long, default_value = "expected", value_parser = named::<AttentionInference>)]
    attention_inference: AttentionInference,
    /// Weight of the regularizer of attention.
    #[arg(long, default_value_t = 1.0)]
    attention_regularizer: f64,
    /// What it asks of a location over a comment's words: one, or reachable, the words divided by
    /// the locations.
    #[arg(long, default_value = "one", value_parser = named::<AttentionTarget>)]
    attention_target: AttentionTarget,
    /// Attention: trains on single locations drawn by their weights (hard attention).
    #[arg(long)]
    hard_attention: bool,
    /// Hard attention: weight of the entropy of the weights.
    #[arg(long, default_value_t = HardAttention::default().entropy, requires = "hard_attention")]
    attention_entropy: f64,
}

impl SwitchArgs {
    /// The switch that was given and is of attention alone, if one was: the global captioner has
    /// none.
    pub(crate) fn of_attention(&self) -> Option<&'static str> {
        let given = [
            (self.no_gate, "--no-gate"),
            (
                self.initial_state != InitialState::OneLayer,
                "--initial-state",
            ),
            (
                self.attention_inference != AttentionInference::Expected,
                "--attention-inference",
            ),
            (
                self.attention_regularizer.to_bits() != 1.0_f64.to_bits(),
                "--attention-regularizer",
            ),
            (
                self.attention_target != AttentionTarget::One,
                "--attention-target",
            ),
            (self.hard_attention, "--hard-attention"),
        ];
        given
            .into_iter()
            .find_map(|(given, name)| given.then_some(name))
    }

    pub(crate) fn global(&self, config: GlobalCaptionerConfig) -> GlobalCaptionerConfig {
        config
            .with_first_input(self.first_input)
            .with_pre_logits_tanh(!self.no_deep_tanh)
    }

    pub(crate) fn attention(&self, config: AttentionCaptionerConfig) -> AttentionCaptionerConfig {
        config
            .with_first_input(self.first_input)
            .with_pre_logits_tanh(!self.no_deep_tanh)
            .with_gate(!self.no_gate)
            .with_initial_state(self.initial_state)
            .with_inference(self.attention_inference)
    }

    pub(crate) fn training(&self, config: TrainConfig) -> TrainConfig {
        let hard = HardAttention {
            entropy: self.attention_entropy,
            ..HardAttention::default()
        };
        config
            .attention_regularizer(self.attention_regularizer)
            .attention_target(self.attention_target)
            .hard_attention(self.hard_attention.then_some(hard))
    }
}

/// A switch's value by the name that it has in `config.json`.
fn named<T: DeserializeOwned>(name: &str) -> Result<T, String> {
    serde_json::from_value(name.into()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(clap::Parser)]
    struct Program {
        #[command(flatten)]
        switches: SwitchArgs,
    }

    #[test]
    fn switches_reach_the_configurations() {
        let text = "nico --first-input zero --no-deep-tanh --no-gate --initial-state two_layers --attention-inference largest \
                    --attention-target reachable --hard-attention --attention-entropy 0.5";
        let args = Program::try_parse_from(text.split_whitespace()).unwrap();
        let config = args.switches.attention(AttentionCaptionerConfig::new(9, 4));
        let expected = AttentionCaptionerConfig::new(9, 4)
            .with_first_input(FirstInput::Zero)
            .with_pre_logits_tanh(false)
            .with_gate(false)
            .with_initial_state(InitialState::TwoLayers)
            .with_inference(AttentionInference::Argmax);
        assert_eq!(config, expected);
        let training = args.switches.training(TrainConfig::default());
        assert_eq!(training.attention_target, AttentionTarget::Reachable);
        assert_eq!(training.hard_attention.map(|hard| hard.entropy), Some(0.5));
        let none = Program::try_parse_from(["nico"]).unwrap().switches;
        assert_eq!(none.of_attention(), None);
        assert_eq!(args.switches.of_attention(), Some("--no-gate"));
        assert_eq!(
            none.training(TrainConfig::default()),
            TrainConfig::default()
        );
        assert_eq!(
            none.global(GlobalCaptionerConfig::new(9, 4)),
            GlobalCaptionerConfig::new(9, 4)
        );
    }

    #[test]
    fn other_names_are_refused_with_those_there_are() {
        let error = named::<AttentionInference>("sideways").unwrap_err();
        assert!(
            error.contains("`expected`, `largest`, `sampled`"),
            "{error}"
        );
    }
}
