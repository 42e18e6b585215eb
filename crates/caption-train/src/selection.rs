//! Which epoch's model is kept, and when training stops.

use super::{compare::surpasses, config::TrainConfig, epoch_log::EpochRecord};

/// What an epoch's record is compared by: the higher, the better.
pub(super) fn selection_score(record: &EpochRecord) -> f64 {
    record.score.unwrap_or(-record.dev_nll)
}

/// The first of the epochs that no later one surpasses.
pub(super) fn best(epochs: &[EpochRecord]) -> Option<&EpochRecord> {
    epochs.iter().reduce(|best, epoch| {
        if surpasses(selection_score(epoch), selection_score(best)) {
            epoch
        } else {
            best
        }
    })
}

/// Whether training is over: all epochs are done, or too many since the best one.
pub(super) fn is_over(config: &TrainConfig, epochs: &[EpochRecord]) -> bool {
    let best = best(epochs).map_or(0, |best| best.epoch);
    epochs.len() >= config.epochs || epochs.len() - best >= config.patience
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(epoch: usize, dev_nll: f64, score: Option<f64>) -> EpochRecord {
        EpochRecord {
            epoch,
            train_nll: 0.0,
            dev_nll,
            dev_perplexity: dev_nll.exp(),
            score,
            learning_rate: 1e-3,
            seconds: 1.0,
            comments_per_second: 1.0,
            best: false,
        }
    }

    /// By perplexity the first 2.0 is best; with scores the highest one, whatever the perplexity.
    /// Patience counts from it.
    #[test]
    fn the_best_epoch_is_the_first_that_none_surpasses() {
        let config = TrainConfig::default().epochs(9).patience(2);
        let plain = [
            epoch(1, 3.0, None),
            epoch(2, 2.0, None),
            epoch(3, 2.0, None),
        ];
        assert_eq!(best(&plain).unwrap().epoch, 2);
        assert!(!is_over(&config, &plain));
        let scored = [
            epoch(1, 3.0, Some(0.4)),
            epoch(2, 2.0, Some(0.3)),
            epoch(3, 1.0, Some(0.4)),
        ];
        assert_eq!(best(&scored).unwrap().epoch, 1);
        assert!(is_over(&config, &scored));
        assert!(is_over(&config.epochs(1), &plain[..1]));
    }
}
