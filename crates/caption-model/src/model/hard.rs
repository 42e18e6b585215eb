//! Hard attention: Xu et al., "Show, Attend and Tell" (2015), section 4.1.
//!
//! Before each word one location `s_t` is drawn from the softmax's distribution `α_t` (equation 8),
//! and the context vector is that location's annotation alone (equation 9): `z_t = a_{s_t}`. What
//! is drawn has no gradient; training estimates it (`HardAttention` of `caption-train`).

use burn::tensor::{Device, Distribution, Int, Tensor};

use super::variants::AttentionInference;

/// Attention of one step, before a context vector is made of it.
pub(super) struct StepAttention<'a> {
    /// Weights `α`, `[batch, locations]`.
    pub(super) weights: &'a Tensor<2>,
    /// Annotations `a`, `[batch, locations, d]`.
    pub(super) annotations: &'a Tensor<3>,
    /// Their expectation `Σ α_i a_i`, `[batch, d]`.
    pub(super) expected: Tensor<2>,
}

impl AttentionInference {
    /// The context vector, before the gate.
    pub(super) fn context(self, seen: StepAttention<'_>) -> Tensor<2> {
        match self {
            Self::Expected => seen.expected,
            Self::Argmax => {
                let places = seen.weights.clone().argmax(1).squeeze_dim(1);
                annotation_at(seen.annotations, places)
            }
            Self::Sampled => {
                let [batch, _] = seen.weights.dims();
                let device = seen.weights.device();
                let points = Tensor::random([batch], Distribution::Uniform(0.0, 1.0), &device);
                annotation_at(seen.annotations, place_at(seen.weights.clone(), points))
            }
        }
    }
}

/// Random numbers by which the locations of a batch are sampled, drawn before its first word.
#[derive(Clone, Debug)]
pub struct LocationSamples {
    /// Where in its distribution each location lies, 0 to 1, `[batch, time]`.
    points: Tensor<2>,
    /// 1 for comments whose locations are drawn, 0 for those that see the expectation,
    /// `[batch, 1]`.
    drawn: Tensor<2>,
}

impl LocationSamples {
    /// Random numbers for `[batch, time]` words from the device's generator; each comment sees the
    /// expectation with probability `expected_share`.
    #[must_use]
    pub fn random(shape: [usize; 2], expected_share: f64, device: &Device) -> Self {
        let uniform =
            |shape: [usize; 2]| Tensor::random(shape, Distribution::Uniform(0.0, 1.0), device);
        Self {
            points: uniform(shape),
            drawn: uniform([shape[0], 1])
                .greater_equal_elem(expected_share)
                .float(),
        }
    }

    /// Given random numbers: `points` in `[batch, time]` from 0 to 1, `drawn` in `[batch, 1]` 0 or
    /// 1.
    #[must_use]
    pub fn new(points: Tensor<2>, drawn: Tensor<2>) -> Self {
        Self { points, drawn }
    }

    /// The context vector of word `time` and `log α` of the location drawn, `[batch, 1]`: 0 where
    /// nothing is drawn.
    pub(super) fn context(&self, time: usize, seen: StepAttention<'_>) -> (Tensor<2>, Tensor<2>) {
        let points = self.points.clone().narrow(1, time, 1).squeeze_dim(1);
        let places = place_at(seen.weights.clone(), points);
        let log = seen
            .weights
            .clone()
            .gather(1, places.clone().unsqueeze_dim(1))
            .clamp_min(f32::MIN_POSITIVE)
            .log();
        let one = annotation_at(seen.annotations, places);
        let drawn = self.drawn.clone().cast(one.dtype());
        let context = one * drawn.clone() + seen.expected * (drawn.neg() + 1.0);
        (context, log * self.drawn.clone())
    }
}

/// The location in which a point of the distribution lies: the first whose cumulated weight is
/// above the point.
///
/// # Shapes
///
/// - `weights`: `[batch, locations]`
/// - `points`: `[batch]`, 0 to 1
/// - returned: `[batch]`
fn place_at(weights: Tensor<2>, points: Tensor<1>) -> Tensor<1, Int> {
    let [_, locations] = weights.dims();
    let cumulated = weights.detach().cumsum(1);
    // Rounding leaves the last sum a little off 1.
    let total = cumulated.clone().narrow(1, locations - 1, 1);
    let below = cumulated.lower_equal(points.unsqueeze_dim::<2>(1) * total);
    let last = i64::try_from(locations - 1).unwrap_or(i64::MAX);
    below.int().sum_dim(1).squeeze_dim(1).clamp_max(last)
}

/// One annotation of each picture: `[batch, locations, d]` and `[batch]` to `[batch, d]`.
fn annotation_at(annotations: &Tensor<3>, places: Tensor<1, Int>) -> Tensor<2> {
    let [batch, locations, d] = annotations.dims();
    let rows = i64::try_from(batch).unwrap_or(i64::MAX);
    let step = i64::try_from(locations).unwrap_or(i64::MAX);
    let first = Tensor::arange(0..rows, &places.device()).mul_scalar(step);
    annotations
        .clone()
        .reshape([batch * locations, d])
        .select(0, places + first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(tensor: Tensor<1, Int>) -> Vec<i64> {
        tensor.into_data().convert::<i64>().try_into_vec().unwrap()
    }

    /// Weights 1/4, 1/2, 1/4 (and one with nothing at the first place): points up to 1/4 lie in the
    /// first location, up to 3/4 in the second.
    #[test]
    fn a_point_lies_in_the_location_whose_share_covers_it() {
        let device = Device::flex();
        let row = [0.25, 0.5, 0.25];
        let weights = Tensor::from_floats([row, row, row, row, [0.0, 1.0, 0.0], row], &device);
        let points = Tensor::from_floats([0.0, 0.24, 0.25, 0.74, 0.0, 1.0], &device);
        assert_eq!(ints(place_at(weights, points)), [0, 0, 1, 1, 1, 2]);
    }

    /// Two pictures of three places; 10 (picture) + place stands at each.
    #[test]
    fn looks_differ_in_what_they_see() {
        let device = Device::flex();
        let annotations = Tensor::<3>::from_floats(
            [[[10.0], [11.0], [12.0]], [[20.0], [21.0], [22.0]]],
            &device,
        );
        let weights = Tensor::<2>::from_floats([[0.25, 0.5, 0.25], [0.0, 0.25, 0.75]], &device);
        let seen = || StepAttention {
            weights: &weights,
            annotations: &annotations,
            expected: Tensor::from_floats([[11.0], [21.75]], &device),
        };
        let values = |tensor: Tensor<2>| tensor.into_data().try_into_vec::<f32>().unwrap();
        assert_eq!(
            values(AttentionInference::Expected.context(seen())),
            [11.0, 21.75]
        );
        assert_eq!(
            values(AttentionInference::Argmax.context(seen())),
            [11.0, 22.0]
        );
        for value in values(AttentionInference::Sampled.context(seen())) {
            assert!([10.0, 11.0, 12.0, 21.0, 22.0].contains(&value), "{value}");
        }
        // The first comment's location is drawn, the third of its picture with log 1/4; the second
        // one sees the expectation.
        let draws = LocationSamples::new(
            Tensor::from_floats([[0.9], [0.9]], &device),
            Tensor::from_floats([[1.0], [0.0]], &device),
        );
        let (context, log) = draws.context(0, seen());
        assert_eq!(values(context), [12.0, 21.75]);
        assert_eq!(values(log), [0.25f32.ln(), 0.0]);
    }

    /// Half of 4,000 comments see the expectation, give or take five standard deviations.
    #[test]
    fn a_share_of_the_comments_sees_the_expectation() {
        let draws = LocationSamples::random([4_000, 2], 0.5, &Device::flex());
        let share = draws.drawn.mean().into_scalar::<f32>();
        assert!((share - 0.5).abs() < 0.04, "{share}");
    }
}
