//! Whether an encoder's features tell who is in the picture: a linear probe learnt on one show and
//! asked on the other.

use burn::tensor::Device;
use frame_features::Vgg;

use super::pictures::rgb;
use super::tensors::{batch, values};
use crate::show::{Painter, Script, Show};

/// How well a linear probe finds a character of the safari after it has learnt it on the café.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProbeResult {
    /// The character's id.
    pub character: &'static str,
    /// Which features were used.
    pub features: &'static str,
    /// Average precision of the safari's frames, ranked by the probe.
    pub average_precision: f64,
    /// The share of the safari's frames with the character: what a random order gives.
    pub chance: f64,
    /// Area under the curve of true over false positives; 0.5 is chance.
    pub auc: f64,
}

/// Draws frames of both shows, `every` seconds apart, and probes the features of their shared
/// characters.
///
/// The probe is ridge regression on standardised features.
#[must_use]
pub fn probe_encoder(network: &Vgg, seconds: f64, every: f64, seed: u64) -> Vec<ProbeResult> {
    let [cafe, safari] = Show::ALL.map(|show| frames(network, show, seconds, every, seed));
    let mut results = Vec::new();
    for (features, name) in ["relu7", "mean of conv5_3"].into_iter().enumerate() {
        for (number, character) in Show::Cafe.cast().iter().enumerate().take(2) {
            let probe = Ridge::fit(&cafe.features[features], &presence(&cafe, number), 10.0);
            let scores: Vec<_> = safari.features[features]
                .iter()
                .map(|row| probe.score(row))
                .collect();
            let truth = presence(&safari, number);
            let share = truth.iter().filter(|&&present| present).count();
            results.push(ProbeResult {
                character: character.id,
                features: name,
                average_precision: average_precision(&scores, &truth),
                chance: to_f64(share) / to_f64(truth.len().max(1)),
                auc: area_under_curve(&scores, &truth),
            });
        }
    }
    results
}

/// Features of a show's frames: `relu7` and the mean of `conv5_3`, and who is in them.
struct Frames {
    features: [Vec<Vec<f64>>; 2],
    present: Vec<Vec<usize>>,
}

fn presence(frames: &Frames, character: usize) -> Vec<bool> {
    frames
        .present
        .iter()
        .map(|present| present.contains(&character))
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "frames of a show"
)]
fn frames(network: &Vgg, show: Show, seconds: f64, every: f64, seed: u64) -> Frames {
    let rate = 30_000.0 / 1_001.0;
    let num_frames = (seconds * rate) as usize;
    let mut painter = Painter::new(Script::write(show, seed, num_frames, rate), 640, 480, rate);
    let device = Device::flex();
    let mut frames = Frames {
        features: [Vec::new(), Vec::new()],
        present: Vec::new(),
    };
    let numbers: Vec<_> = (0..num_frames)
        .step_by(((every * rate) as usize).max(1))
        .collect();
    for numbers in numbers.chunks(8) {
        let pictures: Vec<_> = numbers
            .iter()
            .map(|&frame| rgb(&painter.draw(frame)))
            .collect();
        let input = batch(&pictures.iter().collect::<Vec<_>>(), 224, &device);
        let grid = network.forward_conv5_3(input.clone());
        let [rows, channels, ..] = grid.dims();
        let mean = grid.mean_dims(&[2, 3]).reshape([rows, channels]);
        for (to, tensor) in frames
            .features
            .iter_mut()
            .zip([network.forward_relu7(input), mean])
        {
            let [_, width] = tensor.dims();
            let values = values(tensor);
            to.extend(
                values
                    .chunks_exact(width)
                    .map(|row| row.iter().copied().map(f64::from).collect::<Vec<_>>()),
            );
        }
        frames.present.extend(numbers.iter().map(|&frame| {
            painter
                .boxes(frame)
                .into_iter()
                .map(|(number, _)| number)
                .collect()
        }));
    }
    frames
}

/// Ridge regression to −1 and 1 on standardised features.
struct Ridge {
    mean: Vec<f64>,
    scale: Vec<f64>,
    weights: Vec<f64>,
}

impl Ridge {
    fn fit(rows: &[Vec<f64>], truth: &[bool], strength: f64) -> Self {
        let (count, width) = (to_f64(rows.len()), rows.first().map_or(0, Vec::len));
        let mean: Vec<f64> = (0..width)
            .map(|i| rows.iter().map(|row| row[i]).sum::<f64>() / count)
            .collect();
        let scale: Vec<f64> = (0..width)
            .map(|i| {
                let deviation = (rows
                    .iter()
                    .map(|row| (row[i] - mean[i]).powi(2))
                    .sum::<f64>()
                    / count)
                    .sqrt();
                if deviation > 1e-6 {
                    1.0 / deviation
                } else {
                    0.0
                }
            })
            .collect();
        let standardised: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| (0..width).map(|i| (row[i] - mean[i]) * scale[i]).collect())
            .collect();
        // The dual form: there are fewer frames than features. (K + λ)a = y, w = Xᵀa.
        let n = rows.len();
        let share = to_f64(truth.iter().filter(|&&present| present).count()) / count;
        let targets: Vec<f64> = truth
            .iter()
            .map(|&present| f64::from(u8::from(present)) - share)
            .collect();
        let mut kernel = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..=i {
                let dot: f64 = standardised[i]
                    .iter()
                    .zip(&standardised[j])
                    .map(|(a, b)| a * b)
                    .sum();
                kernel[i][j] = dot
                    + if i == j {
                        strength * to_f64(width) / 10.0
                    } else {
                        0.0
                    };
                kernel[j][i] = kernel[i][j];
            }
        }
        let alphas = solve(kernel, targets);
        let weights = (0..width)
            .map(|i| {
                standardised
                    .iter()
                    .zip(&alphas)
                    .map(|(row, alpha)| row[i] * alpha)
                    .sum()
            })
            .collect();
        Self {
            mean,
            scale,
            weights,
        }
    }

    fn score(&self, row: &[f64]) -> f64 {
        (0..row.len())
            .map(|i| (row[i] - self.mean[i]) * self.scale[i] * self.weights[i])
            .sum()
    }
}

/// Solves `matrix · x = right` for a symmetric, positive matrix by Cholesky's method.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = matrix[i][j] - (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum::<f64>();
            matrix[i][j] = if i == j {
                sum.max(1e-12).sqrt()
            } else {
                sum / matrix[j][j]
            };
        }
    }
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - sum) / matrix[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - sum) / matrix[i][i];
    }
    right
}

/// Ranks from the highest score down.
fn ranked(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    order
}

fn average_precision(scores: &[f64], truth: &[bool]) -> f64 {
    let (mut found, mut sum) = (0, 0.0);
    for (rank, &i) in ranked(scores).iter().enumerate() {
        if truth[i] {
            found += 1;
            sum += to_f64(found) / to_f64(rank + 1);
        }
    }
    if found == 0 { 0.0 } else { sum / to_f64(found) }
}

fn area_under_curve(scores: &[f64], truth: &[bool]) -> f64 {
    let positives = truth.iter().filter(|&&present| present).count();
    let negatives = truth.len() - positives;
    let (mut above, mut sum) = (0, 0);
    for &i in &ranked(scores) {
        if truth[i] {
            above += 1;
        } else {
            sum += above;
        }
    }
    if positives * negatives == 0 {
        0.5
    } else {
        to_f64(sum) / to_f64(positives * negatives)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of frames")]
fn to_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores in the right order are perfect, in the wrong order 0; of (yes, no, yes) precision is
    /// (1 + 2/3) / 2.
    #[test]
    fn ranks_are_scored() {
        assert_eq!(
            area_under_curve(&[3.0, 2.0, 1.0], &[true, true, false]),
            1.0
        );
        assert_eq!(
            area_under_curve(&[1.0, 2.0, 3.0], &[true, true, false]),
            0.0
        );
        assert!(
            (average_precision(&[3.0, 2.0, 1.0], &[true, false, true]) - 5.0 / 6.0).abs() < 1e-12
        );
    }

    /// 4x + 2y = 2 and 2x + 3y = 5 have the solution x = −0.5, y = 2.
    #[test]
    fn equations_are_solved() {
        let x = solve(vec![vec![4.0, 2.0], vec![2.0, 3.0]], vec![2.0, 5.0]);
        assert!((x[0] + 0.5).abs() < 1e-9 && (x[1] - 2.0).abs() < 1e-9);
    }
}
