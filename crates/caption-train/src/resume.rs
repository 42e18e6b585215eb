//! Going on with a folder's training: what has to be the same, and what may be another value.

use super::{
    checkpoint::{CheckpointIdentity, TrainState},
    config::TrainConfig,
    difference::{Difference, of_options, of_parts},
    epoch_log::EpochRecord,
    schedule::Schedule,
    selection::is_over,
};

/// Options that say how the next steps learn, and nothing else: with another value of one training
/// can go on, to another result than with that value from the start.
const STEERING: [&str; 10] = [
    "learning_rate",
    "schedule",
    "warmup_steps",
    "clip_norm",
    "weight_decay",
    "label_smoothing",
    "word_dropout",
    "scheduled_sampling",
    "sampling_epochs",
    "encoder_rate",
];

/// In what a training differs from a folder's.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// With these it goes on to the result that it would have had with them from the start.
    pub(super) free: Vec<Difference>,
    /// With these it can go on where that is allowed.
    pub(super) steering: Vec<Difference>,
    /// With these it is another training.
    pub(super) fixed: Vec<Difference>,
}

impl Changes {
    pub(super) fn between(found: &TrainState, wanted: &CheckpointIdentity) -> Self {
        let before = &found.identity;
        let mut changes = Self {
            fixed: before.differences(wanted),
            ..Self::default()
        };
        for difference in of_options(&before.training, &wanted.training) {
            let option = difference.what.split('.').next().unwrap_or_default();
            let list = match option {
                "epochs" | "patience" if !fits(&wanted.training, &found.epochs) => {
                    &mut changes.fixed
                }
                "epochs" if depends_on_epochs(&before.training, &wanted.training) => {
                    &mut changes.steering
                }
                "epochs" | "patience" => &mut changes.free,
                other if STEERING.contains(&other) => &mut changes.steering,
                _ => &mut changes.fixed,
            };
            list.push(difference);
        }
        changes
    }
}

/// Whether a training with this configuration would have come as far.
fn fits(config: &TrainConfig, epochs: &[EpochRecord]) -> bool {
    (1..epochs.len()).all(|done| !is_over(config, &epochs[..done])) && epochs.len() <= config.epochs
}

/// Whether the learning rate at a step depends on the number of epochs.
fn depends_on_epochs(before: &TrainConfig, now: &TrainConfig) -> bool {
    let depends =
        |config: &TrainConfig| matches!(config.schedule, Schedule::Cosine | Schedule::Linear);
    depends(before) || depends(now)
}

impl CheckpointIdentity {
    /// Whether the features are of the same encoder, whatever it is called.
    fn has_encoder_of(&self, now: &Self) -> bool {
        match (&self.encoder_id, &now.encoder_id) {
            (Some(before), Some(now)) => before.matches(now),
            _ => self.encoder == now.encoder,
        }
    }

    /// In what another training differs, but for the options of training. Checksums are named only
    /// where nothing that has a name differs: other comments are other pairs.
    fn differences(&self, now: &Self) -> Vec<Difference> {
        let mut found = of_options(&self.network, &now.network);
        if !self.has_encoder_of(now) {
            found.push(Difference::new("the encoder", &self.encoder, &now.encoder));
        }
        if self.metric != now.metric {
            let name = |metric: &Option<String>| metric.clone().unwrap_or_else(|| "none".into());
            let (before, now) = (name(&self.metric), name(&now.metric));
            found.push(Difference::new("the metric", before, now));
        }
        // Earlier versions and other programs do not name them.
        if !self.learnt_with.is_empty() && !now.learnt_with.is_empty() {
            found.extend(of_parts(&self.learnt_with, &now.learnt_with));
        }
        if !found.is_empty() {
            return found;
        }
        let pairs = |number: usize, checksum: u64| format!("{number} pairs ({checksum:016x})");
        let mut compare = |what: &str, before: String, now: String| {
            if before != now {
                found.push(Difference::new(what, before, now));
            }
        };
        compare(
            "what is learnt from",
            pairs(self.train_pairs, self.train),
            pairs(now.train_pairs, now.train),
        );
        compare(
            "what is measured on",
            pairs(self.dev_pairs, self.dev),
            pairs(now.dev_pairs, now.dev),
        );
        let checksum = |it: Option<u64>| it.map_or("random".into(), |it| format!("{it:016x}"));
        if self.features.is_some() {
            let numbers = [
                ("the features' checksum", self.features, now.features),
                ("the vocabulary's checksum", self.vocabulary, now.vocabulary),
                ("the first weights' checksum", self.first, now.first),
            ];
            for (what, before, now) in numbers {
                compare(what, checksum(before), checksum(now));
            }
        }
        found
    }
}
