use std::path::Path;

use frame_features::FeatureStore;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::poisson::{Regression, Table, deviance};
use crate::{error::Error, files::write_atomic};

/// How fast the bursts at the beginning and at the end of a video die away, seconds.
const BURST: f64 = 5.0;
/// Rows of a store that are read for a second, at most.
const ROWS_A_SECOND: usize = 4;
/// Shortest video that says anything, seconds that are counted.
const MIN_SECONDS: usize = 50;
/// Blocks of so many seconds are held out together: neighbouring seconds are alike.
const BLOCK: usize = 10;
/// Strengths of the ridge over the weights of the features, in units of the number of comments; without end, the features are
/// left out.
const RIDGES: [f64; 5] = [f64::INFINITY, 1.0, 0.1, 0.01, 0.001];

/// How many comments a second gets, fitted to a video: a Poisson regression of the seconds' counts,
///
/// `ln rate(t) = a + b exp(−t / 5 s) + c exp(−(T − t) / 5 s) + w · f(t)`,
///
/// on the time to the beginning and to the end, where comments burst, and on the mean features `f` of the second's frames. A ridge
/// over `w`, chosen on held-out blocks of ten seconds, keeps it from learning the video by heart; where features do not help it
/// leaves them out. Counts scatter more than Poisson's, so they are drawn from a negative binomial distribution (Gelman and Hill
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
/// # Ok::<(), caption_model::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FittedRate {
    /// Weights of 1, of the beginning and of the end.
    time_weights: [f64; 3],
    /// What is taken from the features before they are weighed.
    feature_means: Vec<f32>,
    /// Weights of the features; none if they do not help.
    feature_weights: Vec<f64>,
    /// `r` of the negative binomial distribution, whose variance is `μ + μ² / r`; `None` is Poisson's.
    size: Option<f64>,
    /// The most comments a second that were seen: another video's features may lie far from those learnt from, and an exponential
    /// of them further.
    most: f64,
}

/// What a [`FittedRate`] is worth: deviances of Poisson's distribution a second, on blocks that were not learnt from.
///
/// ```
/// let fit = nico_corpus::RateFit { seconds: 90, held_out: 18, deviance: 2.0, mean_deviance: 3.0, ridge: Some(0.1), size: None };
/// assert!(fit.deviance < fit.mean_deviance);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RateFit {
    /// Seconds that were counted.
    pub seconds: usize,
    /// Of those the ones that the deviances are of.
    pub held_out: usize,
    /// Mean deviance of the fitted rate.
    pub deviance: f64,
    /// Mean deviance of the mean rate.
    pub mean_deviance: f64,
    /// Strength of the ridge in units of the number of comments; `None` if the features were left out.
    pub ridge: Option<f64>,
    /// `r` of the negative binomial distribution; `None` for Poisson's.
    pub size: Option<f64>,
}

impl FittedRate {
    /// Name of its file in a model folder.
    pub const FILE: &str = "rate-fitted.json";

    /// Fits the rate to a video: `comments` holds the number of comments of each row of the store, or `None` for rows that are not
    /// to be learnt from. Seconds with such a row are left out.
    ///
    /// The features of a second, up to four frames of it, are in memory at once: 16 KB a second for `relu7`.
    ///
    /// # Errors
    ///
    /// Fails if there are more or fewer numbers than rows, if less than 50 seconds are counted or no comment is, and if a row cannot
    /// be read.
    pub fn fit(store: &FeatureStore, comments: &[Option<u32>]) -> Result<(Self, RateFit), Error> {
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
                return Err(Error::FeatureShape {
                    found: store.shape().to_vec(),
                    expected: format!("{} numbers a location", self.feature_weights.len()),
                });
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
            let problem = "size is no number above 0, or most none from 0 on";
            return Err(Error::model(path, problem));
        }
        Ok(rate)
    }

    /// Writes it as JSON, whole or not at all.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let text = serde_json::to_vec_pretty(self).map_err(Error::json(path))?;
        write_atomic(path, &text)
    }
}

/// A second of a video.
struct Second {
    number: usize,
    /// Its rows of the store.
    rows: std::ops::Range<usize>,
    /// 1, and how near the beginning and the end are.
    bursts: [f64; 3],
}

/// The seconds of a video, from its first frame on. A second without a frame of its own has the row before it.
fn all_seconds(store: &FeatureStore) -> Vec<Second> {
    let times = &store.info().times;
    let start = times.first().copied().unwrap_or(0.0);
    let length = (store.info().duration - start).max(0.0);
    let row_at = |time: f64| times.partition_point(|&row| row - start < time - 1e-9);
    let count = whole(length.ceil()).max(1);
    (0..count)
        .map(|number| {
            let from = number as f64;
            let middle = (from + 0.5).min(length);
            Second {
                number,
                rows: match row_at(from)..row_at(from + 1.0) {
                    none if none.is_empty() => none.start.saturating_sub(1)..none.start.max(1),
                    own => own,
                },
                bursts: [
                    1.0,
                    (-middle / BURST).exp(),
                    (-(length - middle).max(0.0) / BURST).exp(),
                ],
            }
        })
        .collect()
}

/// The whole seconds of which every row is counted, and their comments. Seconds that share a row share its comments.
fn counted_seconds(store: &FeatureStore, comments: &[Option<u32>]) -> (Vec<Second>, Vec<f64>) {
    let mut seconds = all_seconds(store);
    let mut sharing = vec![0u32; comments.len()];
    for second in &seconds {
        sharing[second.rows.clone()]
            .iter_mut()
            .for_each(|seconds| *seconds += 1);
    }
    seconds.pop(); // it may be shorter
    seconds
        .into_iter()
        .filter_map(|second| {
            let rows = second.rows.clone();
            let counted = comments[rows.clone()].iter().zip(&sharing[rows]);
            let part = |(count, &seconds): (&Option<u32>, &u32)| {
                Some(f64::from((*count)?) / f64::from(seconds))
            };
            Some((second, counted.map(part).sum::<Option<f64>>()?))
        })
        .unzip()
}

/// The mean features of each second: over some of its frames, and over the locations.
fn second_features(store: &FeatureStore, seconds: &[Second]) -> Result<Vec<Vec<f32>>, Error> {
    let size = store.shape().last().copied().unwrap_or(1).max(1);
    let mut values = Vec::new();
    seconds
        .iter()
        .map(|second| {
            let count = second.rows.len().clamp(1, ROWS_A_SECOND);
            let rows: Vec<usize> = (0..count)
                .map(|index| second.rows.start + index * second.rows.len() / count)
                .collect();
            values.clear();
            store.read_rows(&rows, &mut values)?;
            let mut mean = vec![0.0; size];
            for location in values.chunks_exact(size) {
                for (mean, value) in mean.iter_mut().zip(location) {
                    *mean += value;
                }
            }
            let number = (values.len() / size).max(1);
            mean.iter_mut().for_each(|mean| *mean /= to_f32(number));
            Ok(mean)
        })
        .collect()
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

/// Scales all rows so that their mean squared length is 1, and returns the factor: then one grid of ridges fits every encoder.
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

/// Chooses the ridge on the first four of every five blocks, each held out in turn, measures the choice on the fifth, and fits all.
fn select(table: &Table, blocks: &[usize]) -> (Regression, RateFit) {
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
    let report = RateFit {
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

/// A count of a negative binomial distribution with this mean and `r`, or of Poisson's, by inversion.
fn draw_count(mean: f64, size: Option<f64>, rng: &mut impl Rng) -> usize {
    const LARGEST: f64 = 1e6; // comments a second; beyond is a mistake
    const PART: f64 = 64.0;
    let mean = if mean > 0.0 { mean.min(LARGEST) } else { 0.0 };
    // The sum of independent parts is of the same kind, and the probability of 0 of a part does not underflow.
    let parts = whole((mean / PART).ceil()).max(1);
    let (mean, size) = (mean / parts as f64, size.map(|size| size / parts as f64));
    (0..parts)
        .map(|_| draw_part(mean, size, rng.random()))
        .sum()
}

/// The smallest count whose cumulative probability exceeds `point`.
fn draw_part(mean: f64, size: Option<f64>, point: f64) -> usize {
    let (mut probability, share) = match size {
        Some(size) => ((-size * (mean / size).ln_1p()).exp(), mean / (size + mean)),
        None => ((-mean).exp(), mean),
    };
    let (mut count, mut below) = (0, probability);
    while below <= point && count < 100_000 {
        let next = (count + 1) as f64;
        probability *= match size {
            Some(size) => share * (count as f64 + size) / next,
            None => share / next,
        };
        if probability < 1e-18 && next > mean {
            break; // what is left of the probability is rounding
        }
        below += probability;
        count += 1;
    }
    count
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

#[expect(clippy::cast_precision_loss, reason = "a number of locations")]
fn to_f32(number: usize) -> f32 {
    number as f32
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
