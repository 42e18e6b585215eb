//! When people write: bursts at the beginning, the end and the joke, and a rate that changes with
//! the scenes.

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::show::{SceneKind, Script};

/// Draws the positions of comments.
#[derive(Debug)]
pub(super) struct Timing {
    /// Sums of the scenes' weights.
    sums: Vec<f64>,
    rate: f64,
    num_frames: usize,
    joke: usize,
}

/// Share of comments in the first frame.
const AT_START: f64 = 0.016;
/// Share of comments in the last frame or past the end.
const AT_END: f64 = 0.014;
/// Share of comments around the joke's point.
const AT_JOKE: f64 = 0.025;

impl Timing {
    pub(super) fn new(script: &Script, seed: u64, rate: f64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x7133 ^ script.show as u64);
        let mut sum = 0.0;
        let sums = script
            .scenes
            .iter()
            .map(|scene| {
                let interest = match scene.kind {
                    SceneKind::Opening | SceneKind::Ending => 1.4,
                    SceneKind::Joke => 1.9,
                    SceneKind::Dark | SceneKind::Insert(_) => 1.15,
                    SceneKind::View => 0.6,
                    SceneKind::Play => 1.0,
                };
                sum += interest * random.random_range(0.7..1.4) * to_f64(scene.frames.len());
                sum
            })
            .collect();
        Self {
            sums,
            rate,
            num_frames: script.num_frames(),
            joke: script.joke,
        }
    }

    /// A position in 1/100 s.
    pub(super) fn draw(&self, random: &mut impl Rng, script: &Script) -> i64 {
        let u: f64 = random.random_range(0.0..1.0);
        let end = self.vpos(to_f64(self.num_frames));
        if u < AT_START {
            // Frame 0, and now and then before it, as real files have.
            return if random.random_bool(0.01) {
                -random.random_range(1..3_000)
            } else {
                random.random_range(0..=self.within_frame())
            };
        }
        if u < AT_START + AT_END {
            return match random.random_range(0..20) {
                0..10 => end - 1 - random.random_range(0..=self.within_frame()),
                10..19 => end + random.random_range(0..2_000),
                _ => end + random.random_range(0..200_000),
            };
        }
        if u < AT_START + AT_END + AT_JOKE {
            // Most of them within a few frames of the point.
            let late = if random.random_bool(0.5) {
                random.random_range(0.0..2.0)
            } else {
                random.random_range(0.0_f64..1.0).powi(3) * 45.0
            };
            return self.vpos(to_f64(self.joke) + late).min(end - 1);
        }
        let total = self.sums.last().copied().unwrap_or(1.0);
        let at = random.random_range(0.0..1.0) * total;
        let i = self
            .sums
            .partition_point(|&sum| sum <= at)
            .min(self.sums.len() - 1);
        let scene = &script.scenes[i];
        // Somewhat denser after the cut.
        let v: f64 = random.random_range(0.0..1.0);
        let share = if random.random_bool(0.3) { v * v } else { v };
        self.vpos(to_f64(scene.frames.start) + share * to_f64(scene.frames.len()))
            .min(end - 1)
    }

    /// The last 1/100 s that still belongs to frame 0.
    #[expect(clippy::cast_possible_truncation, reason = "a few hundredths")]
    fn within_frame(&self) -> i64 {
        ((100.0 / self.rate).ceil() as i64 - 1).max(0)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "hours are some million hundredths"
    )]
    fn vpos(&self, frames: f64) -> i64 {
        (frames * 100.0 / self.rate).round() as i64
    }
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 frames")]
fn to_f64(frames: usize) -> f64 {
    frames as f64
}
