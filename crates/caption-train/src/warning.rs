use std::fmt;

use serde::{Deserialize, Serialize};

use super::epoch_log::EpochRecord;

/// Fewest pairs to learn from that no warning is given of.
const FEW_TRAIN: usize = 1_000;
/// Fewest pairs to measure on that no warning is given of: the perplexity of fewer changes by some
/// percent from sample to sample.
const FEW_DEV: usize = 100;

/// Something that makes a finished training probably not what was wanted. It goes on nevertheless.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TrainWarning {
    /// Less than 1,000 pairs to learn from, or less than 100 to measure on.
    FewPairs {
        /// Pairs to learn from.
        train: usize,
        /// Pairs to measure on.
        dev: usize,
    },
    /// The mean training loss of an epoch after the first is not below that of the first.
    LossNotFalling {
        /// The epoch, from 1.
        epoch: usize,
        /// Mean training loss of the first epoch, nats a word.
        first: f64,
        /// That of the epoch, nats a word.
        now: f64,
    },
    /// At the end the model predicts dev no better than the frequencies of train's words do, which
    /// know neither picture nor sentence.
    NoBetterThanUnigram {
        /// Perplexity of the model that was kept, per word on dev.
        perplexity: f64,
        /// That of the word frequencies.
        unigram: f64,
    },
}

impl fmt::Display for TrainWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewPairs { train, dev } => write!(
                f,
                "few comments: {train} to learn from and {dev} to measure on; less than {FEW_TRAIN} teach little, and figures of less than {FEW_DEV} are noise"
            ),
            Self::LossNotFalling { epoch, first, now } => write!(
                f,
                "the loss does not fall: {now:.3} nats a word in epoch {epoch}, {first:.3} in the first"
            ),
            Self::NoBetterThanUnigram {
                perplexity,
                unigram,
            } => write!(
                f,
                "the model has learnt nothing of use: perplexity {perplexity:.2} a word on dev, and {unigram:.2} by the frequencies of words alone"
            ),
        }
    }
}

impl TrainWarning {
    pub(super) fn of_size(train: usize, dev: usize) -> Option<Self> {
        (train < FEW_TRAIN || dev < FEW_DEV).then_some(Self::FewPairs { train, dev })
    }

    /// Of the last epoch, unless the one before gave the same warning.
    pub(super) fn of_epochs(epochs: &[EpochRecord]) -> Option<Self> {
        let first = epochs.first()?.train_nll;
        let falls = |epoch: &EpochRecord| epoch.epoch == 1 || epoch.train_nll < first;
        let (last, before) = epochs.split_last()?;
        let new = !falls(last) && before.last().is_none_or(falls);
        new.then_some(Self::LossNotFalling {
            epoch: last.epoch,
            first,
            now: last.train_nll,
        })
    }

    pub(super) fn of_result(perplexity: f64, unigram: f64) -> Option<Self> {
        let better = perplexity < unigram;
        (!better).then_some(Self::NoBetterThanUnigram {
            perplexity,
            unigram,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(losses: &[f64]) -> Vec<EpochRecord> {
        let each = losses.iter().zip(1..);
        each.map(|(&train_nll, epoch)| EpochRecord {
            epoch,
            train_nll,
            dev_nll: 1.0,
            dev_perplexity: 1f64.exp(),
            score: None,
            learning_rate: 1e-3,
            seconds: 1.0,
            comments_per_second: 1.0,
            best: false,
        })
        .collect()
    }

    /// Equal is not falling; once told, it is told again only after it fell.
    #[test]
    fn a_loss_that_does_not_fall_is_told_once() {
        let told = |losses: &[f64]| TrainWarning::of_epochs(&epochs(losses)).is_some();
        assert!(!told(&[3.0]));
        assert!(!told(&[3.0, 2.9]));
        assert!(told(&[3.0, 3.0]));
        assert!(!told(&[3.0, 3.0, 3.1]));
        assert!(told(&[3.0, 3.0, 2.9, 3.1]));
    }

    #[test]
    fn limits_are_those_of_the_documentation() {
        assert_eq!(TrainWarning::of_size(1_000, 100), None);
        assert!(TrainWarning::of_size(999, 100).is_some());
        assert!(TrainWarning::of_size(1_000, 99).is_some());
        assert_eq!(TrainWarning::of_result(9.9, 10.0), None);
        assert!(TrainWarning::of_result(10.0, 10.0).is_some());
        assert!(TrainWarning::of_result(f64::NAN, 10.0).is_some());
    }
}
