use std::ops::RangeInclusive;

use super::player::Player;
use crate::error::Error;

/// Longest text of a comment, in UTF-16 units, and its most lines; the rest is cut off.
pub(super) const MAX_LENGTH: usize = 16_384;
pub(super) const MAX_LINES: usize = 256;

/// Where a comment goes that finds every lane taken.
///
/// ```
/// use overlay_render::{LayoutOptions, LaneOverflow};
///
/// let options = LayoutOptions::default().lane_overflow(LaneOverflow::Constant(0.5));
/// assert_eq!(options.lane_overflow, LaneOverflow::Constant(0.5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LaneOverflow {
    /// A random height on the stage, the same again for the same seed.
    Random {
        /// Where the numbers start.
        seed: u64,
    },
    /// Always this share of the free height, 0 (top) to 1 (bottom).
    Constant(f64),
}

/// How comments are laid out.
///
/// ```
/// use overlay_render::LayoutOptions;
///
/// assert!(LayoutOptions::default().scripts);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LayoutOptions {
    /// The player whose look comments get. Default: today's.
    pub player: Player,
    /// The place of comments that find no free lane. Default: random with seed 0.
    pub lane_overflow: LaneOverflow,
    /// Whether the owner's scripts (`@デフォルト`, `@置換`, `@逆`, `@コメント禁止`) act. They are not shown in
    /// either case. Default: true.
    pub scripts: bool,
    /// Most comments painted at once; of more, the newest are. All of them keep their places.
    /// Default: `None`, no limit (the player once had 40).
    pub limit: Option<usize>,
    /// Most of the picture that comments may take at once, their boxes' areas added up: 1 is all of
    /// it. Where there are more, those with more nicoru stay, then those with a better NG score,
    /// then earlier ones; the owner's and a broadcast's operator's always do. What is left out takes
    /// no lane and is counted in [`LayoutReport::thinned`](crate::LayoutReport::thinned). Default:
    /// `None`, all of them. Above 0.
    pub density: Option<f64>,
    /// Longest text of a comment that is laid out, in UTF-16 units (most characters are one); the
    /// rest is cut off. Default: 16,384, the player's. 1 to that.
    pub max_length: usize,
    /// Most lines of a comment; the rest is cut off. Default: 256, the player's. 1 to that.
    pub max_lines: usize,
    /// What the opacity of every comment is multiplied with. Default: 1. 0 to 1.
    pub opacity: f64,
    /// What the size of every comment is multiplied with. Fixed ones still fit the width that they
    /// may take, and there are as many lanes as then fit. Default: 1. 0.25 to 4.
    pub size: f64,
    /// How much faster comments scroll than the player's. Default: 1. 0.25 to 4.
    pub speed: f64,
    /// The share of the stage's height, from the top, in which comments are. Default: 1, all of it.
    /// 0.1 to 1.
    pub area: f64,
}

impl Default for LayoutOptions {
    fn default() -> Self {
        Self {
            player: Player::Html5,
            lane_overflow: LaneOverflow::Random { seed: 0 },
            scripts: true,
            limit: None,
            density: None,
            max_length: MAX_LENGTH,
            max_lines: MAX_LINES,
            opacity: 1.0,
            size: 1.0,
            speed: 1.0,
            area: 1.0,
        }
    }
}

impl LayoutOptions {
    /// Sets the player whose look comments get.
    #[must_use]
    pub fn player(mut self, player: Player) -> Self {
        self.player = player;
        self
    }

    /// Sets the place of comments without a lane.
    #[must_use]
    pub fn lane_overflow(mut self, lane_overflow: LaneOverflow) -> Self {
        self.lane_overflow = lane_overflow;
        self
    }

    /// Sets whether the owner's scripts act.
    #[must_use]
    pub fn scripts(mut self, act: bool) -> Self {
        self.scripts = act;
        self
    }

    /// Sets the most comments painted at once.
    #[must_use]
    pub fn limit(mut self, comments: impl Into<Option<usize>>) -> Self {
        self.limit = comments.into();
        self
    }

    /// Sets the most of the picture that comments take at once.
    #[must_use]
    pub fn density(mut self, share: impl Into<Option<f64>>) -> Self {
        self.density = share.into();
        self
    }

    /// Sets the longest text of a comment, in UTF-16 units.
    #[must_use]
    pub fn max_length(mut self, units: usize) -> Self {
        self.max_length = units;
        self
    }

    /// Sets the most lines of a comment.
    #[must_use]
    pub fn max_lines(mut self, lines: usize) -> Self {
        self.max_lines = lines;
        self
    }

    /// Sets what the opacity of comments is multiplied with.
    #[must_use]
    pub fn opacity(mut self, factor: f64) -> Self {
        self.opacity = factor;
        self
    }

    /// Sets what the size of comments is multiplied with.
    #[must_use]
    pub fn size(mut self, factor: f64) -> Self {
        self.size = factor;
        self
    }

    /// Sets how much faster comments scroll.
    #[must_use]
    pub fn speed(mut self, factor: f64) -> Self {
        self.speed = factor;
        self
    }

    /// Sets the share of the stage's height in which comments are.
    #[must_use]
    pub fn area(mut self, share: f64) -> Self {
        self.area = share;
        self
    }

    /// Makes sure that every option is in its range, for options that come from a user:
    /// [`layout`](crate::layout) and [`LiveStage::new`](crate::LiveStage::new) panic at others.
    ///
    /// ```
    /// use overlay_render::LayoutOptions;
    ///
    /// let error = LayoutOptions::default().size(9.0).check().expect_err("too large");
    /// assert_eq!(error.to_string(), "the size of comments is 9, expected 0.25 to 4");
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`], of the first that is not.
    pub fn check(&self) -> Result<(), Error> {
        const FACTORS: RangeInclusive<f64> = 0.25..=4.0;
        let density = self.density.unwrap_or(1.0);
        let (length, lines) = (self.max_length, self.max_lines);
        let height = match self.lane_overflow {
            LaneOverflow::Constant(share) => share,
            LaneOverflow::Random { .. } => 0.0,
        };
        #[expect(clippy::cast_precision_loss, reason = "a figure for a message")]
        let checks = [
            (
                (0.0..=1.0).contains(&height),
                ("the height of comments without a lane", height, "0 to 1"),
            ),
            (
                density > 0.0 && density.is_finite(),
                ("the density", density, "a number above 0"),
            ),
            (
                (1..=MAX_LENGTH).contains(&length),
                ("the longest text", length as f64, "1 to 16,384"),
            ),
            (
                (1..=MAX_LINES).contains(&lines),
                ("the number of lines", lines as f64, "1 to 256"),
            ),
            (
                (0.0..=1.0).contains(&self.opacity),
                ("the opacity", self.opacity, "0 to 1"),
            ),
            (
                FACTORS.contains(&self.size),
                ("the size of comments", self.size, "0.25 to 4"),
            ),
            (
                FACTORS.contains(&self.speed),
                ("the speed of comments", self.speed, "0.25 to 4"),
            ),
            (
                (0.1..=1.0).contains(&self.area),
                ("the area of comments", self.area, "0.1 to 1"),
            ),
        ];
        let wrong = checks.into_iter().find(|(is_right, _)| !is_right);
        wrong.map_or(Ok(()), |(_, (what, found, expected))| {
            Err(Error::OutOfRange {
                what,
                found,
                expected,
            })
        })
    }
}
