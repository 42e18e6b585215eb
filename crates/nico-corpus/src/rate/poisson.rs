//! Poisson regression with a logarithmic link and a ridge: Newton's method, its equations solved by
//! conjugate gradients, so that no matrix of features by features is made.

/// Largest logarithm of a rate that is reckoned with.
const LARGEST: f64 = 30.0;
/// Ridge over the weights of the two ends: what a few comments are worth, for the case that an end
/// was not seen.
const TIME_RIDGE: f64 = 1.0;

/// What a regression is fitted to: a row for each second.
pub(super) struct Table {
    /// 1, and how near the beginning and the end are.
    pub(super) times: Vec<[f64; 3]>,
    pub(super) features: Vec<Vec<f32>>,
    pub(super) counts: Vec<f64>,
}

impl Table {
    pub(super) fn new(times: Vec<[f64; 3]>, features: Vec<Vec<f32>>, counts: Vec<f64>) -> Self {
        Self {
            times,
            features,
            counts,
        }
    }
}

/// Weights of the columns of a [`Table`].
#[derive(Clone, Debug)]
pub(super) struct Regression {
    pub(super) times: [f64; 3],
    /// None if the features are left out.
    pub(super) features: Vec<f64>,
}

impl Regression {
    /// Fits some rows: the weights of the largest likelihood, less `ridge / 2` times the squared
    /// weights of the features. An infinite ridge leaves them out.
    pub(super) fn fit(table: &Table, rows: &[usize], ridge: f64) -> Self {
        let size = if ridge.is_finite() {
            table.features.first().map_or(0, Vec::len)
        } else {
            0
        };
        let problem = Problem {
            table,
            rows,
            ridge,
            size,
        };
        let total: f64 = rows.iter().map(|&row| table.counts[row]).sum();
        let mut weights = vec![0.0; 3 + size];
        weights[0] = (total.max(0.5) / rows.len().max(1) as f64).ln();
        let mut loss = problem.loss(&weights);
        for _ in 0..50 {
            let step = problem.newton_step(&weights);
            let Some((next, lower)) = problem.descend(&weights, &step, loss) else {
                break;
            };
            let gained = loss - lower;
            (weights, loss) = (next, lower);
            if gained <= 1e-9 * (1.0 + loss.abs()) {
                break;
            }
        }
        Self {
            times: [weights[0], weights[1], weights[2]],
            features: weights.split_off(3),
        }
    }

    /// The rate of a row.
    pub(super) fn rate(&self, table: &Table, row: usize) -> f64 {
        let times: f64 = self
            .times
            .iter()
            .zip(&table.times[row])
            .map(|(a, b)| a * b)
            .sum();
        let features = self.features.iter().zip(&table.features[row]);
        let features: f64 = features
            .map(|(weight, &value)| weight * f64::from(value))
            .sum();
        (times + features).clamp(-LARGEST, LARGEST).exp()
    }
}

/// What is minimised: `Σ(μ − y ln μ) + ½ Σ ridge w²`.
struct Problem<'a> {
    table: &'a Table,
    rows: &'a [usize],
    ridge: f64,
    /// Number of features that are weighed.
    size: usize,
}

impl Problem<'_> {
    fn product(&self, row: usize, weights: &[f64]) -> f64 {
        let times = self.table.times[row]
            .iter()
            .zip(weights)
            .map(|(a, b)| a * b);
        let features = self.table.features[row].iter().zip(&weights[3..]);
        times.sum::<f64>()
            + features
                .map(|(&value, weight)| f64::from(value) * weight)
                .sum::<f64>()
    }

    fn rate(&self, row: usize, weights: &[f64]) -> f64 {
        self.product(row, weights).clamp(-LARGEST, LARGEST).exp()
    }

    fn penalty(&self, column: usize) -> f64 {
        match column {
            0 => 0.0,
            1 | 2 => TIME_RIDGE,
            _ => self.ridge,
        }
    }

    fn loss(&self, weights: &[f64]) -> f64 {
        let fit: f64 = self
            .rows
            .iter()
            .map(|&row| {
                let rate = self.rate(row, weights);
                rate - self.table.counts[row] * rate.ln()
            })
            .sum();
        let columns = weights.iter().enumerate();
        let penalty: f64 = columns
            .map(|(c, weight)| self.penalty(c) * weight * weight)
            .sum();
        fit + penalty / 2.0
    }

    /// `Σ row · factor(row) + penalty · weights`: gradients and products with the Hessian are both
    /// of this form.
    fn combine(&self, weights: &[f64], factor: impl Fn(usize) -> f64) -> Vec<f64> {
        let columns = weights.iter().enumerate();
        let mut sum: Vec<f64> = columns
            .map(|(c, weight)| self.penalty(c) * weight)
            .collect();
        for &row in self.rows {
            let factor = factor(row);
            for (sum, value) in sum.iter_mut().zip(self.table.times[row]) {
                *sum += factor * value;
            }
            for (sum, &value) in sum[3..].iter_mut().zip(&self.table.features[row]) {
                *sum += factor * f64::from(value);
            }
        }
        sum
    }

    /// The step that the Hessian and the gradient ask for, by conjugate gradients.
    fn newton_step(&self, weights: &[f64]) -> Vec<f64> {
        debug_assert_eq!(weights.len(), 3 + self.size);
        let rates: std::collections::HashMap<usize, f64> = self
            .rows
            .iter()
            .map(|&row| (row, self.rate(row, weights)))
            .collect();
        let gradient = self.combine(weights, |row| rates[&row] - self.table.counts[row]);
        let mut step = vec![0.0; weights.len()];
        let mut residual: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut direction = residual.clone();
        let mut square = norm(&residual);
        let enough = square * 1e-10;
        for _ in 0..60 {
            if square <= enough || square == 0.0 {
                break;
            }
            let bent = self.combine(&direction, |row| {
                rates[&row] * self.product(row, &direction)
            });
            let curvature: f64 = direction.iter().zip(&bent).map(|(a, b)| a * b).sum();
            if curvature <= 0.0 || !curvature.is_finite() {
                break;
            }
            let length = square / curvature;
            for (step, direction) in step.iter_mut().zip(&direction) {
                *step += length * direction;
            }
            for (residual, bent) in residual.iter_mut().zip(&bent) {
                *residual -= length * bent;
            }
            let next = norm(&residual);
            for (direction, residual) in direction.iter_mut().zip(&residual) {
                *direction = residual + next / square * *direction;
            }
            square = next;
        }
        step
    }

    /// The weights after the step, or after as much of it as lowers the loss.
    fn descend(&self, weights: &[f64], step: &[f64], loss: f64) -> Option<(Vec<f64>, f64)> {
        let mut share = 1.0;
        for _ in 0..30 {
            let moved = weights
                .iter()
                .zip(step)
                .map(|(weight, step)| weight + share * step);
            let next: Vec<f64> = moved.collect();
            let lower = self.loss(&next);
            if lower < loss {
                return Some((next, lower));
            }
            share /= 2.0;
        }
        None
    }
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|value| value * value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts that are exactly exp(1 + b + 0.5 f) give back the weights 1, 1, 0.5, but for the
    /// ridge over the end's.
    #[test]
    fn exact_rates_are_found_again() {
        let row = |i: usize| {
            let burst = if i.is_multiple_of(3) { 1.0 } else { 0.0 };
            let feature = (i % 7) as f32 - 3.0;
            (
                burst,
                feature,
                (1.0 + burst + 0.5 * f64::from(feature)).exp(),
            )
        };
        let rows: Vec<_> = (0..210).map(row).collect();
        let table = Table::new(
            rows.iter().map(|row| [1.0, row.0, 0.0]).collect(),
            rows.iter().map(|row| vec![row.1]).collect(),
            rows.iter().map(|row| row.2).collect(),
        );
        let every: Vec<usize> = (0..rows.len()).collect();
        let found = Regression::fit(&table, &every, 0.0);
        for (found, expected) in found
            .times
            .iter()
            .chain(&found.features)
            .zip([1.0, 1.0, 0.0, 0.5])
        {
            assert!((found - expected).abs() < 5e-3, "{found} for {expected}");
        }
        let without = Regression::fit(&table, &every, f64::INFINITY);
        assert!(without.features.is_empty());
        let mean = rows.iter().map(|row| row.2).sum::<f64>() / 210.0;
        let rates = every
            .iter()
            .map(|&row| without.rate(&table, row))
            .sum::<f64>()
            / 210.0;
        assert!((rates / mean - 1.0).abs() < 1e-3); // the intercept makes them meet
    }
}
