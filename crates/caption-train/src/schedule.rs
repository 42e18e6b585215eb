use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::compare::surpasses;

/// Learning-rate schedule. Before any of them it rises linearly over the warm-up steps.
///
/// ```
/// use caption_train::Schedule;
///
/// // 10 steps of warm-up, 110 in all: half of the cosine is over after 60 steps.
/// assert_eq!(Schedule::Cosine.factor(4, 10, 110), 0.5);
/// assert_eq!(Schedule::Cosine.factor(10, 10, 110), 1.0);
/// assert!((Schedule::Cosine.factor(60, 10, 110) - 0.5).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Schedule {
    /// The same rate throughout.
    #[default]
    Constant,
    /// Half a cosine from the full rate to 0 at the last step (Loshchilov, Hutter, "SGDR", 2017,
    /// equation 5 without restarts).
    Cosine,
    /// A straight line from the full rate to 0 at the last step.
    Linear,
    /// As one over the square root of the number of steps (Vaswani et al., "Attention is all you
    /// need", 2017, equation 3), scaled so that the full rate is that of the last step of warm-up.
    InverseSqrt,
    /// Multiplied by `factor` whenever `patience` epochs in a row brought no better dev score.
    Plateau {
        /// Between 0 and 1.
        factor: f64,
        /// Epochs, at least one.
        patience: usize,
    },
}

impl Schedule {
    /// By what the learning rate is multiplied at step `step`, from 0, of `total`. What a plateau
    /// does is not in it: that depends on how training goes.
    #[must_use]
    pub fn factor(self, step: usize, warmup: usize, total: usize) -> f64 {
        if step < warmup {
            return (step + 1) as f64 / warmup as f64;
        }
        let left = total.saturating_sub(warmup).max(1) as f64;
        let gone = ((step - warmup) as f64 / left).min(1.0);
        match self {
            Self::Constant | Self::Plateau { .. } => 1.0,
            Self::Cosine => 0.5 * (1.0 + (PI * gone).cos()),
            Self::Linear => 1.0 - gone,
            Self::InverseSqrt => (warmup.max(1) as f64 / (step + 1) as f64).sqrt(),
        }
    }

    /// By what plateaus have multiplied the learning rate after epochs with these merits, of which
    /// the highest is best.
    pub(super) fn plateaus(self, merits: impl IntoIterator<Item = f64>) -> f64 {
        let Self::Plateau { factor, patience } = self else {
            return 1.0;
        };
        let (mut best, mut waited, mut product) = (f64::NEG_INFINITY, 0, 1.0);
        for merit in merits {
            if surpasses(merit, best) {
                (best, waited) = (merit, 0);
                continue;
            }
            waited += 1;
            if waited >= patience.max(1) {
                (product, waited) = (product * factor, 0);
            }
        }
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found}, {expected}");
    }

    /// Four steps of warm-up: a quarter, a half, three quarters, all.
    #[test]
    fn warm_up_rises_linearly() {
        for schedule in [Schedule::Constant, Schedule::Cosine, Schedule::InverseSqrt] {
            let factors = [0, 1, 2, 3].map(|step| schedule.factor(step, 4, 100));
            assert_eq!(factors, [0.25, 0.5, 0.75, 1.0]);
        }
    }

    /// After 20 of 20 + 60 steps: a third of the way the cosine is cos 60° = 1/2, so (1 + 1/2)/2;
    /// two thirds −1/2, so 1/4.
    #[test]
    fn decays_end_at_nothing() {
        near(Schedule::Cosine.factor(40, 20, 80), 0.75);
        near(Schedule::Cosine.factor(60, 20, 80), 0.25);
        near(Schedule::Cosine.factor(80, 20, 80), 0.0);
        near(Schedule::Linear.factor(35, 20, 80), 0.75);
        near(Schedule::Linear.factor(200, 20, 80), 0.0);
        near(Schedule::Constant.factor(79, 20, 80), 1.0);
    }

    /// The 16th step of a warm-up of 16 has the full rate, the 64th half of it, the 256th a
    /// quarter.
    #[test]
    fn inverse_square_root_halves_at_four_times_the_steps() {
        near(Schedule::InverseSqrt.factor(15, 16, 0), 1.0);
        near(Schedule::InverseSqrt.factor(63, 16, 0), 0.5);
        near(Schedule::InverseSqrt.factor(255, 16, 0), 0.25);
        near(Schedule::InverseSqrt.factor(3, 0, 0), 0.5);
    }

    /// Better, worse, equal: two epochs without a better one halve the rate; one better starts the
    /// count again; two more halve it once more.
    #[test]
    fn a_plateau_lowers_the_rate() {
        let schedule = Schedule::Plateau {
            factor: 0.5,
            patience: 2,
        };
        near(schedule.plateaus([-5.0, -5.1]), 1.0);
        near(schedule.plateaus([-5.0, -5.1, -5.0]), 0.5);
        near(schedule.plateaus([-5.0, -5.1, -5.0, -5.2]), 0.5);
        near(
            schedule.plateaus([-5.0, -5.1, -5.0, -4.0, -4.5, -4.5]),
            0.25,
        );
        near(Schedule::Constant.plateaus([-5.0, -6.0, -7.0, -8.0]), 1.0);
    }
}
