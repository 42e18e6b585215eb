//! Floating-point numbers in checkpoints: to the last bit, and those that are no number too.
//!
//! JSON has no NaN and no infinities, and its usual readers give some numbers back with another
//! last digit, by which another epoch could be the best one after a kill. As text, Rust's shortest
//! decimal form, each comes back as it was.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::epoch_log::EpochRecord;

/// A number as text; checkpoints of earlier versions have numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Exact(pub(crate) f64);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            Text(String),
            Number(f64),
        }
        match Stored::deserialize(deserializer)? {
            Stored::Number(number) => Ok(Self(number)),
            Stored::Text(text) => text.parse().map(Self).map_err(serde::de::Error::custom),
        }
    }
}

/// An epoch with exact numbers.
#[derive(Serialize, Deserialize)]
struct ExactEpoch {
    epoch: usize,
    train_nll: Exact,
    dev_nll: Exact,
    dev_perplexity: Exact,
    #[serde(default)]
    score: Option<Exact>,
    learning_rate: Exact,
    seconds: Exact,
    comments_per_second: Exact,
    best: bool,
}

impl From<&EpochRecord> for ExactEpoch {
    fn from(record: &EpochRecord) -> Self {
        Self {
            epoch: record.epoch,
            train_nll: Exact(record.train_nll),
            dev_nll: Exact(record.dev_nll),
            dev_perplexity: Exact(record.dev_perplexity),
            score: record.score.map(Exact),
            learning_rate: Exact(record.learning_rate),
            seconds: Exact(record.seconds),
            comments_per_second: Exact(record.comments_per_second),
            best: record.best,
        }
    }
}

impl From<ExactEpoch> for EpochRecord {
    fn from(stored: ExactEpoch) -> Self {
        Self {
            epoch: stored.epoch,
            train_nll: stored.train_nll.0,
            dev_nll: stored.dev_nll.0,
            dev_perplexity: stored.dev_perplexity.0,
            score: stored.score.map(|score| score.0),
            learning_rate: stored.learning_rate.0,
            seconds: stored.seconds.0,
            comments_per_second: stored.comments_per_second.0,
            best: stored.best,
        }
    }
}

/// `#[serde(with = "exact::epochs")]`
pub(super) mod epochs {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        epochs: &[EpochRecord],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(epochs.iter().map(ExactEpoch::from))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<EpochRecord>, D::Error> {
        let stored = Vec::<ExactEpoch>::deserialize(deserializer)?;
        Ok(stored.into_iter().map(EpochRecord::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of a seventh and the like, ends of the range, and what JSON has no number for.
    #[test]
    fn every_number_comes_back_to_the_last_bit() {
        let sums = (1..2_000).map(|n| (1..=n % 40 + 1).map(|i| 1.0 / f64::from(i * n)).sum());
        let ends = [f64::MAX, f64::MIN_POSITIVE, 5e-324, 0.0, -0.0];
        let others = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        for number in sums.chain(ends).chain(others) {
            let text = serde_json::to_string(&Exact(number)).unwrap();
            let back: Exact = serde_json::from_str(&text).unwrap();
            assert_eq!(back.0.to_bits(), number.to_bits(), "{text}");
        }
        assert_eq!(serde_json::from_str::<Exact>("2.5").unwrap(), Exact(2.5)); // earlier versions
        assert!(serde_json::from_str::<Exact>("\"much\"").is_err());
    }
}
