use std::collections::BTreeMap;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::model_problem::ModelProblem;

/// Largest factor of [`CommentRate::draw_scaled`].
const MAX_FACTOR: f64 = 1_000.0;
/// Comments of a frame, and frames a second, beyond which a file is damaged: who draws from it
/// would never end.
const MAX_COUNT: usize = 1_000_000;

/// Comment rate: the distribution of the number of comments a frame in the training data.
///
/// The original draws from it for each frame of the target video. `rate.json` of a model folder
/// holds it.
///
/// ```
/// use caption_model::CommentRate;
/// use rand::SeedableRng;
///
/// let rate = CommentRate::from_counts([0, 0, 3, 3], 30.0); // three comments on two of four frames
/// assert_eq!(rate.mean(), 1.5);
/// assert_eq!(rate.per_second(), 45.0);
/// let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
/// assert!([0, 3].contains(&rate.draw(&mut rng)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CommentRate {
    /// Number of frames by number of comments.
    frames: BTreeMap<usize, u64>,
    /// Frames a second of the video they were counted on.
    frame_rate: f64,
}

impl CommentRate {
    /// Counts frames by their numbers of comments; the video has `frame_rate` frames a second.
    #[must_use]
    pub fn from_counts(
        comments_per_frame: impl IntoIterator<Item = usize>,
        frame_rate: f64,
    ) -> Self {
        let mut frames = BTreeMap::new();
        for comments in comments_per_frame {
            *frames.entry(comments).or_insert(0) += 1;
        }
        Self { frames, frame_rate }
    }

    /// What of it no video has, if something: a file may say anything.
    pub(crate) fn problem(&self) -> Option<ModelProblem> {
        let most = MAX_COUNT;
        if !(0.0..=most as f64).contains(&self.frame_rate) {
            let frame_rate = self.frame_rate;
            return Some(ModelProblem::FrameRate { frame_rate, most });
        }
        let (&comments, _) = self.frames.last_key_value()?;
        (comments > most).then_some(ModelProblem::CommentsOfFrame { comments, most })
    }

    /// Mean number of comments a frame; 0 without frames.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let comments: f64 = self
            .frames
            .iter()
            .map(|(&comments, &frames)| comments as f64 * frames as f64)
            .sum();
        comments / (self.num_frames() as f64).max(1.0)
    }

    /// Frames a second of the video that was counted.
    #[must_use]
    pub fn frame_rate(&self) -> f64 {
        self.frame_rate
    }

    /// Mean number of comments a second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        self.mean() * self.frame_rate
    }

    /// Number of frames counted.
    #[must_use]
    pub fn num_frames(&self) -> u64 {
        self.frames
            .values()
            .fold(0, |sum, &frames| sum.saturating_add(frames))
    }

    /// Draws the number of comments of a frame; 0 without frames.
    pub fn draw(&self, rng: &mut impl Rng) -> usize {
        let total = self.num_frames();
        if total == 0 {
            return 0;
        }
        let mut left = rng.random_range(0..total);
        for (&comments, &frames) in &self.frames {
            if left < frames {
                return comments;
            }
            left -= frames;
        }
        0
    }

    /// Draws the number of comments of a frame and takes each `factor` times on average, for a
    /// sparser or denser video. A factor above 1,000 counts as 1,000; one that is negative or not
    /// finite, as 0.
    pub fn draw_scaled(&self, factor: f64, rng: &mut impl Rng) -> usize {
        let factor = if factor.is_finite() {
            factor.clamp(0.0, MAX_FACTOR)
        } else {
            0.0
        };
        let copies = whole(factor);
        (0..self.draw(rng))
            .map(|_| copies + usize::from(rng.random_bool(factor.fract())))
            .sum()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a factor lies between 0 and MAX_FACTOR"
)]
fn whole(factor: f64) -> usize {
    factor as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn draws_have_the_mean_of_the_data() {
        let rate = CommentRate::from_counts(
            (0..1_000).map(|frame| usize::from(frame % 10 == 0) * 40),
            30.0,
        );
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let drawn: usize = (0..20_000).map(|_| rate.draw(&mut rng)).sum();
        assert!((drawn as f64 / 20_000.0 - rate.mean()).abs() < 0.3);
        for factor in [0.25, 2.5] {
            let scaled: usize = (0..20_000)
                .map(|_| rate.draw_scaled(factor, &mut rng))
                .sum();
            assert!((scaled as f64 / 20_000.0 - factor * rate.mean()).abs() < 0.3 * factor);
        }
    }

    #[test]
    fn no_frames_give_no_comments() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        assert_eq!(CommentRate::default().draw(&mut rng), 0);
    }
}
