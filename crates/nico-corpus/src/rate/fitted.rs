use std::path::Path;

use caption_metrics::poisson_deviance;
use frame_features::FeatureStore;
use rand::Rng;
use rand_distr::{Distribution, Gamma, Poisson};
use serde::{Deserialize, Serialize};

use super::{
    poisson::{Regression, Table},
    seconds::{all_seconds, counted_seconds, second_features},
};
use crate::{error::Error, files::write_json};

/// Shortest video that says anything, seconds that are counted.
const MIN_SECONDS: usize = 50;
/// Blocks of so many seconds are held out together: neighbouring seconds are alike.
const BLOCK: usize = 10;
/// Strengths of the ridge over the weights of the features, in units of the number of comments;
/// without end, the features are left out.
const RIDGES: [f64; 5] = [f64::INFINITY, 1.0, 0.1, 0.01, 0.001];

/// How many comments a second gets, fitted to a video: a Poisson regression of the seconds' counts,
///
/// `ln rate(t) = a + b exp(−t / 5 s) + c exp(−(T − t) / 5 s) + w · f(t)`,
///
/// on the time to the beginning and to the end, where comments burst, and on the mean features `f`
/// of the second's frames. A ridge over `w`, chosen on held-out blocks of ten seconds, keeps it
/// from learning the video by heart; where features do not help it leaves them out. Counts scatter
/// more than Poisson's, so they are drawn from a negative binomial distribution (Gelman and Hill
/// 2007, section 6.2).
///
/// ```no_run
/// use nico_corpus::FittedRate;
/// use frame_features::FeatureStore;
///
/// let store = FeatureStore::open("features")?;
/// let comments_of_rows: Vec<Option<u32>> = vec![Some(2); store.len()]; // None: not to be learnt from
/// let (rate, fit) = FittedRate::fit(&store, &comments_of_rows)?;
/// println!("deviance of held-out seconds {:.2}, of the mean rate {:.2}", fit.deviance, fit.mean_deviance);
/// let comments_a_second = rate.per_second(&store)?;
/// # let _ = comments_a_second;
/// # Ok::<(), nico_corpus::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedRate {
    /// Weights of 1, of the beginning and of the end.
    time_weights: [f64; 3],
    /// What is taken from the features before they are weighed.
    feature_means: Vec<f32>,
    /// Weights of the features; none if they do not help.
    feature_weights: Vec<f64>,
    /// `r` of the negative binomial distribution, whose variance is `μ + μ² / r`; `None` is
    /// Poisson's.
    size: Option<f64>,
    /// The most comments a second that were seen: another video's features may lie far from those
    /// learnt from, and an exponential of them further.
    most: f64,
}

/// What a [`FittedRate`] is worth: deviances of Poisson's distribution a second, on blocks that
/// were not learnt from.
///
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedRateReport {
    /// Seconds that were counted.
    pub seconds: usize,
    /// Of those the ones that the deviances are of.
    pub held_out: usize,
    /// Mean deviance of the fitted rate.
    pub deviance: f64,
    /// Mean deviance of the mean rate.
    pub mean_deviance: f64,
    /// Strength of the ridge in units of the number of comments; `None` if the features were left
    /// out.
    pub ridge: Option<f64>,
    /// `r` of the negative binomial distribution; `None` for Poisson's.
    pub size: Option<f64>,
}

impl FittedRate {
    /// Name of its file in a model folder.
    pub const FILE: &str = "rate-fitted.json";

    /// Fits the rate to a video: `comments` holds the number of comments of each row of the store,
    /// or `None` for rows that are not to be learnt from. Seconds with such a row are left out.
    ///
    /// The features of a second, up to four frames of it, are in memory at once: 16 KB a second for
    /// `relu7`.
    ///
    /// # Errors
    ///
    /// Fails if there are more or fewer numbers than rows, if less than 50 seconds are counted or
    /// no comment is, and if a row cannot be read.
    pub fn fit(
        store: &FeatureStore,
        comments: &[Option<u32>],
    ) -> Result<(Self, FittedRateReport), Error> {
        if comments.len() != store.len() {
            return Err(Error::Option {
                option: "number of rows with comments",
                value: comments.len().to_string(),
                expected: "a number for each row of the features",
            });
        }
        let (seconds, counts) = counted_seconds(store, comments);
        if seconds.len() < MIN_SECONDS || counts.iter().sum::<f64>() == 0.0 {
            return Err(Error::Option {
                option: "length of the video to fit a rate to",
                value: format!("{} s", seconds.len()),
                expected: "50 s or more, with comments",
            });
        }
        let mut features = second_features(store, &seconds)?;
        let feature_means = centre(&mut features);
        let scale = unit_scale(&mut features);
        let times = seconds.iter().map(|second| second.bursts).collect();
        let table = Table::new(times, features, counts);
        let blocks: Vec<usize> = seconds.iter().map(|second| second.number / BLOCK).collect();
        let (regression, fit) = select(&table, &blocks);
        let feature_weights = regression
            .features
            .iter()
            .map(|weight| weight * scale)
            .collect();
        let rate = Self {
            time_weights: regression.times,
            feature_means,
            feature_weights,
            size: fit.size,
            most: table.counts.iter().copied().fold(0.0, f64::max),
        };
        Ok((rate, fit))
    }

    /// The rate of each second of a video, comments a second: the last one may be shorter.
    ///
    /// # Errors
    ///
    /// Fails if the features are of another size and if a row cannot be read.
    pub fn per_second(&self, store: &FeatureStore) -> Result<Vec<f64>, Error> {
        let seconds = all_seconds(store);
        let mut rates: Vec<f64> = seconds
            .iter()
            .map(|second| dot(&self.time_weights, &second.bursts))
            .collect();
        if !self.feature_weights.is_empty() {
            let size = store.shape().last().copied().unwrap_or(0);
            if size != self.feature_weights.len() || size != self.feature_means.len() {
                return Err(caption_model::Error::FeatureShape {
                    found: store.shape().to_vec(),
                    expected: format!("{} numbers a location", self.feature_weights.len()),
                }
                .into());
            }
            for (rate, features) in rates.iter_mut().zip(second_features(store, &seconds)?) {
                let weighed = features
                    .iter()
                    .zip(&self.feature_means)
                    .zip(&self.feature_weights);
                *rate += weighed
                    .map(|((value, mean), weight)| f64::from(value - mean) * weight)
                    .sum::<f64>();
            }
        }
        Ok(rates
            .into_iter()
            .map(|rate| rate.exp().min(self.most))
            .collect())
    }

    /// Draws a second's number of comments, `mean` being its rate.
    pub fn draw(&self, mean: f64, rng: &mut impl Rng) -> usize {
        draw_count(mean, self.size, rng)
    }

    /// The fitted rate of a model folder, if it has one.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be read or holds something else.
    pub fn of_model(folder: impl AsRef<Path>) -> Result<Option<Self>, Error> {
        let path = folder.as_ref().join(Self::FILE);
        path.exists().then(|| Self::load(path)).transpose()
    }

    /// Reads the file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be read or holds something else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read(path).map_err(Error::io(path))?;
        let rate: Self = serde_json::from_slice(&text).map_err(Error::json(path))?;
        let is_size = |size: f64| size.is_finite() && size > 0.0;
        if !(rate.size.is_none_or(is_size) && rate.most.is_finite() && rate.most >= 0.0) {
            return Err(Error::Rate {
                path: path.to_owned(),
            });
        }
        Ok(rate)
    }

    /// Writes it as JSON, whole or not at all.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        write_json(path.as_ref(), self)
    }
}

/// Takes the mean from every row and returns it.
fn centre(rows: &mut [Vec<f32>]) -> Vec<f32> {
    let size = rows.first().map_or(0, Vec::len);
    let number = rows.len().max(1) as f64;
    let means: Vec<f32> = (0..size)
        .map(|column| {
            let sum: f64 = rows.iter().map(|row| f64::from(row[column])).sum();
            to_single(sum / number)
        })
        .collect();
    for row in rows {
        row.iter_mut()
            .zip(&means)
            .for_each(|(value, mean)| *value -= mean);
    }
    means
}

/// Scales all rows so that their mean squared length is 1, and returns the factor: then one grid of
/// ridges fits every encoder.
fn unit_scale(rows: &mut [Vec<f32>]) -> f64 {
    let squares: f64 = rows
        .iter()
        .flatten()
        .map(|&value| f64::from(value).powi(2))
        .sum();
    let scale = if squares > 0.0 {
        (rows.len() as f64 / squares).sqrt()
    } else {
        1.0
    };
    for value in rows.iter_mut().flatten() {
        *value *= to_single(scale);
    }
    scale
}

/// Chooses the ridge on the first four of every five blocks, each held out in turn, measures the
/// choice on the fifth, and fits all.
fn select(table: &Table, blocks: &[usize]) -> (Regression, FittedRateReport) {
    const FOLDS: usize = 5;
    let rows_where = |keep: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..blocks.len())
            .filter(|&row| keep(blocks[row] % FOLDS))
            .collect()
    };
    let fit = |rows: &[usize], ridge: f64| {
        let comments: f64 = rows.iter().map(|&row| table.counts[row]).sum();
        Regression::fit(table, rows, ridge * comments.max(1.0))
    };
    let error = |regression: &Regression, rows: &[usize]| -> f64 {
        let each = rows
            .iter()
            .map(|&row| deviance(table.counts[row], regression.rate(table, row)));
        each.sum()
    };
    let loss = |ridge: f64| -> f64 {
        let folds = 0..FOLDS - 1;
        folds
            .map(|held_out| {
                let learnt = rows_where(&|fold| fold != held_out && fold != FOLDS - 1);
                error(&fit(&learnt, ridge), &rows_where(&|fold| fold == held_out))
            })
            .sum()
    };
    let losses = RIDGES.map(loss);
    let best = (0..RIDGES.len())
        .min_by(|&a, &b| losses[a].total_cmp(&losses[b]))
        .unwrap_or(0);
    let learnt = rows_where(&|fold| fold != FOLDS - 1);
    let held_out = rows_where(&|fold| fold == FOLDS - 1);
    let part = fit(&learnt, RIDGES[best]);
    let mean =
        learnt.iter().map(|&row| table.counts[row]).sum::<f64>() / learnt.len().max(1) as f64;
    let number = held_out.len().max(1) as f64;
    let of_mean: f64 = held_out
        .iter()
        .map(|&row| deviance(table.counts[row], mean))
        .sum();
    let every: Vec<usize> = (0..blocks.len()).collect();
    let whole = fit(&every, RIDGES[best]);
    let report = FittedRateReport {
        seconds: blocks.len(),
        held_out: held_out.len(),
        deviance: error(&part, &held_out) / number,
        mean_deviance: of_mean / number,
        ridge: RIDGES[best].is_finite().then_some(RIDGES[best]),
        size: scatter(table, &part, &held_out),
    };
    (whole, report)
}

/// `r` of the negative binomial distribution by moments: `1/r = Σ((y − μ)² − μ) / Σμ²`.
fn scatter(table: &Table, regression: &Regression, rows: &[usize]) -> Option<f64> {
    let (mut over, mut squares) = (0.0, 0.0);
    for &row in rows {
        let rate = regression.rate(table, row);
        over += (table.counts[row] - rate).powi(2) - rate;
        squares += rate * rate;
    }
    let inverse = over / squares;
    (inverse > 1e-6 && inverse.is_finite()).then(|| 1.0 / inverse)
}

/// A count of a negative binomial distribution with this mean and `r`, or of Poisson's: Poisson's
/// with a rate that is itself drawn from a gamma distribution (Gelman and Hill 2007, section 6.2).
fn draw_count(mean: f64, size: Option<f64>, rng: &mut impl Rng) -> usize {
    const LARGEST: f64 = 1e6; // comments a second; beyond is a mistake
    let mean = if mean > 0.0 { mean.min(LARGEST) } else { 0.0 };
    let rate = match size.map(|size| Gamma::new(size, mean / size)) {
        Some(Ok(gamma)) => gamma.sample(rng),
        Some(Err(_)) | None => mean,
    };
    match Poisson::new(rate) {
        Ok(poisson) => whole(poisson.sample(rng)),
        Err(_) => 0, // a rate of 0
    }
}

/// Poisson's deviance of one count.
fn deviance(count: f64, rate: f64) -> f64 {
    poisson_deviance(&[count], &[rate.max(1e-12)])
}

fn dot(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths in seconds and counts, which `as` holds within what a usize has"
)]
fn whole(number: f64) -> usize {
    number as usize
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "features are f32, and so are their means"
)]
fn to_single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Mean and variance of many draws: μ and μ + μ²/r, whatever the number of parts.
    #[test]
    fn draws_have_the_mean_and_scatter_of_their_distribution() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (mean, size) in [
            (0.3, None),
            (5.0, None),
            (200.0, None),
            (2.0, Some(0.5)),
            (90.0, Some(3.0)),
        ] {
            let draws: Vec<f64> = (0..20_000)
                .map(|_| draw_count(mean, size, &mut rng) as f64)
                .collect();
            let found = draws.iter().sum::<f64>() / draws.len() as f64;
            let scatter =
                draws.iter().map(|draw| (draw - found).powi(2)).sum::<f64>() / draws.len() as f64;
            let variance = mean + size.map_or(0.0, |size| mean * mean / size);
            assert!(
                (found - mean).abs() < 5.0 * (variance / 20_000.0).sqrt(),
                "{mean}: {found}"
            );
            assert!(
                (scatter / variance - 1.0).abs() < 0.1,
                "{mean}: {scatter} for {variance}"
            );
        }
    }

    #[test]
    fn draws_of_impossible_rates_are_none() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for mean in [0.0, -3.0, f64::NAN] {
            assert_eq!(draw_count(mean, None, &mut rng), 0);
            assert_eq!(draw_count(mean, Some(2.0), &mut rng), 0);
        }
        assert!(draw_count(f64::INFINITY, None, &mut rng) > 900_000);
    }
}
