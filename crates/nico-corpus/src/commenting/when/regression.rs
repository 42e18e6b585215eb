//! Regressions on a few dozen numbers, of counts (Poisson's, with a logarithm) and of shares of
//! trials (binomial, with a logit): Newton's method with a ridge (McCullagh and Nelder 1989,
//! section 2.5).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Rows whose sums are made by one thread: always the same ones, so that results repeat.
const CHUNK: usize = 2_048;
/// Ridge over the weights of standardized numbers, a row.
const RIDGE: f64 = 1e-3;
/// Numbers further from their mean count as so many standard deviations.
const FARTHEST: f64 = 5.0;
/// Largest logarithm that is reckoned with.
const LARGEST: f64 = 30.0;

/// How counts come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likelihood {
    /// Events of a rate.
    Poisson,
    /// Trials that succeed with a probability.
    Binomial,
}

/// What was counted at a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    /// Events, or trials that succeeded.
    pub(super) count: f64,
    /// Trials; ignored for Poisson's.
    pub(super) trials: f64,
    /// Added to the linear predictor.
    pub(super) offset: f64,
}

/// Numbers of many moments, row by row.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    width: usize,
    values: Vec<f32>,
}

impl Rows {
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            values: Vec::new(),
        }
    }

    /// # Panics
    ///
    /// Panics if the row has another width.
    pub(super) fn push(&mut self, row: &[f64]) {
        assert_eq!(row.len(), self.width, "width of a row");
        self.values
            .extend(row.iter().map(|value| to_single(*value)));
    }

    /// The rows, in double precision.
    pub(super) fn iter(&self) -> impl Iterator<Item = Vec<f64>> {
        let rows = self.values.chunks_exact(self.width.max(1));
        rows.map(|row| row.iter().map(|value| f64::from(*value)).collect())
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.values.append(&mut other.values);
    }

    pub(super) fn len(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }
}

/// A linear predictor of standardized numbers. In single precision, of which JSON keeps every bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Linear {
    intercept: f32,
    means: Vec<f32>,
    /// Standard deviations; 1 where a number never varies.
    scales: Vec<f32>,
    weights: Vec<f32>,
}

impl Linear {
    /// Fits rows with what was counted at each.
    ///
    /// # Panics
    ///
    /// Panics if there is not a count for each row.
    pub(super) fn fit(likelihood: Likelihood, rows: &Rows, counted: &[Counted]) -> Self {
        assert_eq!(rows.len(), counted.len(), "a count for each row");
        let (means, scales) = moments(rows);
        let single = |values: Vec<f64>| -> Vec<f32> { values.into_iter().map(to_single).collect() };
        let mut linear = Self {
            intercept: 0.0,
            weights: vec![0.0; means.len()],
            means: single(means),
            scales: single(scales),
        };
        let problem = Problem {
            likelihood,
            rows: standardized(rows, &linear),
            width: rows.width + 1,
            counted,
        };
        let mut weights = single(problem.solve());
        linear.weights = weights.split_off(1);
        linear.intercept = weights[0];
        linear
    }

    /// Number of numbers it reads.
    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }

    /// The linear predictor of a row.
    pub(super) fn predict(&self, row: &[f64]) -> f64 {
        let weighed = row.iter().enumerate().map(|(column, value)| {
            let standard = standard(*value, self.means[column], self.scales[column]);
            f64::from(self.weights[column]) * standard
        });
        (f64::from(self.intercept) + weighed.sum::<f64>()).clamp(-LARGEST, LARGEST)
    }

    /// Whether it can be used: as many means and scales as weights, all finite, scales above 0.
    pub(super) fn is_sound(&self) -> bool {
        let lists = [&self.means, &self.scales, &self.weights];
        lists.iter().all(|list| {
            list.len() == self.weights.len() && list.iter().all(|value| value.is_finite())
        }) && self.scales.iter().all(|scale| *scale > 0.0)
            && self.intercept.is_finite()
    }
}

fn standard(value: f64, mean: f32, scale: f32) -> f64 {
    ((value - f64::from(mean)) / f64::from(scale)).clamp(-FARTHEST, FARTHEST)
}

/// Means and standard deviations of the columns.
fn moments(rows: &Rows) -> (Vec<f64>, Vec<f64>) {
    let number = rows.len().max(1) as f64;
    let mut means = vec![0.0; rows.width];
    let mut squares = vec![0.0; rows.width];
    for row in rows.values.chunks_exact(rows.width.max(1)) {
        for (mean, value) in means.iter_mut().zip(row) {
            *mean += f64::from(*value) / number;
        }
    }
    for row in rows.values.chunks_exact(rows.width.max(1)) {
        for ((square, mean), value) in squares.iter_mut().zip(&means).zip(row) {
            *square += (f64::from(*value) - mean).powi(2) / number;
        }
    }
    let scale = |square: f64| if square > 1e-12 { square.sqrt() } else { 1.0 };
    (means, squares.into_iter().map(scale).collect())
}

/// The rows with a leading 1, standardized.
fn standardized(rows: &Rows, linear: &Linear) -> Vec<f32> {
    let mut values = Vec::with_capacity(rows.values.len() + rows.len());
    for row in rows.values.chunks_exact(rows.width.max(1)) {
        values.push(1.0);
        let each = row.iter().zip(linear.means.iter().zip(&linear.scales));
        values.extend(
            each.map(|(value, (mean, scale))| {
                to_single(standard(f64::from(*value), *mean, *scale))
            }),
        );
    }
    values
}

/// What is minimised: the negative log-likelihood and `½ RIDGE · rows · w²`.
struct Problem<'a> {
    likelihood: Likelihood,
    rows: Vec<f32>,
    width: usize,
    counted: &'a [Counted],
}

/// Sums over rows.
struct Sums {
    loss: f64,
    gradient: Vec<f64>,
    /// Lower triangle, row by row.
    curvature: Vec<f64>,
}

impl Problem<'_> {
    fn solve(&self) -> Vec<f64> {
        let mut weights = vec![0.0; self.width];
        let count: f64 = self.counted.iter().map(|one| one.count).sum();
        let number = self.counted.len().max(1) as f64;
        if self.likelihood == Likelihood::Poisson {
            weights[0] = ((count + 0.5) / number).ln();
        }
        let mut sums = self.sums(&weights);
        for _ in 0..40 {
            let step = solve_positive(&sums.curvature, &sums.gradient);
            let Some((next, there)) = self.descend(&weights, &step, sums.loss) else {
                break;
            };
            let gained = sums.loss - there.loss;
            (weights, sums) = (next, there);
            if gained <= 1e-9 * (1.0 + sums.loss.abs()) {
                break;
            }
        }
        weights
    }

    /// The weights after the step, or after as much of it as lowers the loss.
    fn descend(&self, weights: &[f64], step: &[f64], loss: f64) -> Option<(Vec<f64>, Sums)> {
        let shares = (0..20).map(|halvings| 0.5f64.powi(halvings));
        shares
            .map(|share| {
                let moved = weights.iter().zip(step);
                let next: Vec<f64> = moved.map(|(weight, step)| weight - share * step).collect();
                let sums = self.sums(&next);
                (next, sums)
            })
            .find(|(_, sums)| sums.loss < loss)
    }

    fn sums(&self, weights: &[f64]) -> Sums {
        let chunks: Vec<Sums> = self
            .rows
            .par_chunks(CHUNK * self.width)
            .zip(self.counted.par_chunks(CHUNK))
            .map(|(rows, counted)| self.chunk(weights, rows, counted))
            .collect();
        let ridge = RIDGE * self.counted.len() as f64;
        let penalty = weights[1..].iter().map(|w| w * w).sum::<f64>() * ridge / 2.0;
        let mut sums = Sums {
            loss: penalty,
            gradient: weights.iter().map(|w| w * ridge).collect(),
            curvature: vec![0.0; self.width * (self.width + 1) / 2],
        };
        sums.gradient[0] = 0.0; // the intercept is free
        for column in 1..self.width {
            sums.curvature[column * (column + 1) / 2 + column] = ridge;
        }
        for chunk in chunks {
            sums.loss += chunk.loss;
            add(&mut sums.gradient, &chunk.gradient);
            add(&mut sums.curvature, &chunk.curvature);
        }
        sums
    }

    fn chunk(&self, weights: &[f64], rows: &[f32], counted: &[Counted]) -> Sums {
        let mut sums = Sums {
            loss: 0.0,
            gradient: vec![0.0; self.width],
            curvature: vec![0.0; self.width * (self.width + 1) / 2],
        };
        for (row, counted) in rows.chunks_exact(self.width).zip(counted) {
            let product = row
                .iter()
                .zip(weights)
                .map(|(value, w)| f64::from(*value) * w);
            let predictor = (counted.offset + product.sum::<f64>()).clamp(-LARGEST, LARGEST);
            let (loss, expected, variance) = match self.likelihood {
                Likelihood::Poisson => {
                    let rate = predictor.exp();
                    (rate - counted.count * predictor, rate, rate)
                }
                Likelihood::Binomial => {
                    let probability = 1.0 / (1.0 + (-predictor).exp());
                    // ln(1 + eˣ), of large x too
                    let log_sum = predictor.max(0.0) + (-predictor.abs()).exp().ln_1p();
                    let expected = counted.trials * probability;
                    (
                        counted.trials * log_sum - counted.count * predictor,
                        expected,
                        expected * (1.0 - probability),
                    )
                }
            };
            sums.loss += loss;
            let mut at = 0;
            for (column, value) in row.iter().enumerate() {
                let value = f64::from(*value);
                sums.gradient[column] += (expected - counted.count) * value;
                let weighed = variance * value;
                let triangle = &mut sums.curvature[at..=at + column];
                for (sum, other) in triangle.iter_mut().zip(row) {
                    *sum += weighed * f64::from(*other);
                }
                at += column + 1;
            }
        }
        sums
    }
}

fn add(sums: &mut [f64], more: &[f64]) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}

/// Solves `A x = b` of a symmetric matrix by Cholesky's decomposition; `A` is given as its lower
/// triangle. Where a pivot is not positive, its unknown is 0.
fn solve_positive(triangle: &[f64], right: &[f64]) -> Vec<f64> {
    let size = right.len();
    let at = |row: usize, column: usize| row * (row + 1) / 2 + column;
    let mut factor = triangle.to_vec();
    for row in 0..size {
        for column in 0..=row {
            let known: f64 = (0..column)
                .map(|k| factor[at(row, k)] * factor[at(column, k)])
                .sum();
            let rest = factor[at(row, column)] - known;
            let pivot = factor[at(column, column)];
            factor[at(row, column)] = match row == column {
                true if rest > 1e-12 => rest.sqrt(),
                false if pivot > 0.0 => rest / pivot,
                _ => 0.0,
            };
        }
    }
    let mut solved = right.to_vec();
    for row in 0..size {
        let known: f64 = (0..row).map(|k| factor[at(row, k)] * solved[k]).sum();
        let pivot = factor[at(row, row)];
        solved[row] = if pivot > 0.0 {
            (solved[row] - known) / pivot
        } else {
            0.0
        };
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size)
            .map(|k| factor[at(k, row)] * solved[k])
            .sum();
        let pivot = factor[at(row, row)];
        solved[row] = if pivot > 0.0 {
            (solved[row] - known) / pivot
        } else {
            0.0
        };
    }
    solved
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rows are kept in single precision"
)]
fn to_single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(number: u32) -> Rows {
        let mut rows = Rows::new(3);
        for at in 0..number {
            rows.push(&[f64::from(at % 7), f64::from(at % 3) * 10.0, 4.0]);
        }
        rows
    }

    /// Exact rates exp(0.5 + 0.1 a − 0.02 b) are found again; a column that never varies does no
    /// harm.
    #[test]
    fn exact_rates_are_found_again() {
        let rows = rows(4_200);
        let log_rate = |at: u32| 0.5 + 0.1 * f64::from(at % 7) - 0.2 * f64::from(at % 3);
        let counted: Vec<Counted> = (0..4_200)
            .map(|at| Counted {
                count: log_rate(at).exp(),
                trials: 0.0,
                offset: 0.0,
            })
            .collect();
        let linear = Linear::fit(Likelihood::Poisson, &rows, &counted);
        for at in 0..21u32 {
            let row = [f64::from(at % 7), f64::from(at % 3) * 10.0, 4.0];
            let found = linear.predict(&row);
            assert!((found - log_rate(at)).abs() < 2e-3, "{at}: {found}");
        }
        assert!(linear.is_sound());
        let again = Linear::fit(Likelihood::Poisson, &rows, &counted);
        assert_eq!(again, linear);
    }

    /// Shares of trials with an offset: logit(p) = offset − 1 + 0.3 a.
    #[test]
    fn exact_shares_are_found_again() {
        let rows = rows(2_100);
        let counted: Vec<Counted> = (0..2_100u32)
            .map(|at| {
                let offset = f64::from(at % 2);
                let logit = offset - 1.0 + 0.3 * f64::from(at % 7);
                Counted {
                    count: 50.0 / (1.0 + (-logit).exp()),
                    trials: 50.0,
                    offset,
                }
            })
            .collect();
        let linear = Linear::fit(Likelihood::Binomial, &rows, &counted);
        let found = linear.predict(&[6.0, 0.0, 4.0]);
        assert!((found - 0.8).abs() < 2e-3, "{found}");
    }

    /// (4 2; 2 3) x = (8; 7) has x = (1.25, 1.5).
    #[test]
    fn equations_are_solved() {
        let solved = solve_positive(&[4.0, 2.0, 3.0], &[8.0, 7.0]);
        assert!((solved[0] - 1.25).abs() < 1e-12 && (solved[1] - 1.5).abs() < 1e-12);
        assert_eq!(solve_positive(&[1.0, 0.0, 0.0], &[2.0, 0.0]), [2.0, 0.0]);
    }
}
