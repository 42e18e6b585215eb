//! What to draw.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Where in a comment the colour of someone's clothes is told, where everybody wears another one in
/// every scene.
///
/// ```
/// use world::{ColorTold, WorldOptions};
///
/// let options = WorldOptions::default().scattered(true).costumes(Some(ColorTold::BeforeName));
/// assert_eq!(options.costumes, Some(ColorTold::BeforeName));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColorTold {
    /// Before the name or after it: 「赤のルリ」, 「ルリは赤」.
    Anywhere,
    /// Before the name alone, so that a look can tell who is named before the name is written:
    /// 「赤のルリ」.
    BeforeName,
}

/// How long the shows are, how many comments they have and what they are drawn from.
///
/// # Example
///
/// ```
/// use world::WorldOptions;
///
/// let options = WorldOptions::default().seconds(10.0).comments(500).seed(7);
/// assert_eq!(options.num_frames(), 300);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WorldOptions {
    /// Length of a show in seconds, at least 1 and at most 4 hours. Default: 90.
    pub seconds: f64,
    /// Comments of a show, deleted and owner's ones included. Default: 9,000.
    pub comments: usize,
    /// What everything random comes from. Default: 1.
    pub seed: u64,
    /// Width of the picture in pixels, even, 64 to 4,096. Default: 640.
    pub width: u32,
    /// Height of the picture in pixels, even, 48 to 4,096. Default: 480.
    pub height: u32,
    /// Frames a second as a fraction, 1 to 240. Default: 30000/1001.
    pub fps: [u32; 2],
    /// Of the comments that name somebody while somebody is in the picture, the share that may name
    /// anybody, seen or not, 0 to 1. Default: 0.1.
    pub unseen_names: f64,
    /// Whether characters stand small at one of five places instead of large in the middle or in
    /// fixed pairs and threes, so that knowing the usual place says little about who is where.
    /// Default: no.
    pub scattered: bool,
    /// Whether everybody wears another colour in every scene, which most comments that name
    /// somebody in the picture then tell: what only a look at the one who is named can tell.
    /// Default: no.
    pub costumes: Option<ColorTold>,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            seconds: 90.0,
            comments: 9_000,
            seed: 1,
            width: 640,
            height: 480,
            fps: [30_000, 1_001],
            unseen_names: 0.1,
            scattered: false,
            costumes: None,
        }
    }
}

impl WorldOptions {
    /// Sets the length of a show in seconds.
    #[must_use]
    pub fn seconds(mut self, seconds: f64) -> Self {
        self.seconds = seconds;
        self
    }

    /// Sets the length of a show in minutes.
    #[must_use]
    pub fn minutes(self, minutes: f64) -> Self {
        self.seconds(minutes * 60.0)
    }

    /// Sets how many comments a show has.
    #[must_use]
    pub fn comments(mut self, comments: usize) -> Self {
        self.comments = comments;
        self
    }

    /// Sets what everything random comes from.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the size of the picture in pixels.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// Sets the frame rate.
    #[must_use]
    pub fn fps(mut self, frames: u32, seconds: u32) -> Self {
        self.fps = [frames, seconds];
        self
    }

    /// Sets how many names are said of anybody, seen or not.
    #[must_use]
    pub fn unseen_names(mut self, share: f64) -> Self {
        self.unseen_names = share;
        self
    }

    /// Sets whether characters stand small at one of five places.
    #[must_use]
    pub fn scattered(mut self, scattered: bool) -> Self {
        self.scattered = scattered;
        self
    }

    /// Sets whether everybody wears another colour in every scene, and comments tell which, and
    /// where they do.
    #[must_use]
    pub fn costumes(mut self, costumes: Option<ColorTold>) -> Self {
        self.costumes = costumes;
        self
    }

    /// How many frames a show has.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "negative lengths become 0"
    )]
    #[must_use]
    pub fn num_frames(&self) -> usize {
        (self.seconds * self.rate()).round() as usize
    }

    pub(crate) fn rate(&self) -> f64 {
        f64::from(self.fps[0]) / f64::from(self.fps[1])
    }

    /// Refuses options out of their ranges.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let [width, height] = [self.width, self.height];
        let [frames, seconds] = self.fps;
        let checks = [
            (
                (1.0..=14_400.0).contains(&self.seconds),
                ("a length", format!("{} s", self.seconds), "1 s to 4 hours"),
            ),
            (
                width % 2 == 0
                    && height % 2 == 0
                    && (64..=4096).contains(&width)
                    && (48..=4096).contains(&height),
                (
                    "a picture",
                    format!("{width}x{height}"),
                    "even numbers from 64x48 to 4096x4096",
                ),
            ),
            (
                frames > 0 && seconds > 0 && (1.0..=240.0).contains(&self.rate()),
                (
                    "a frame rate",
                    format!("{frames}/{seconds}"),
                    "1 to 240 frames a second",
                ),
            ),
            (
                (0.0..=1.0).contains(&self.unseen_names),
                (
                    "a share of unseen names",
                    self.unseen_names.to_string(),
                    "0 to 1",
                ),
            ),
            (
                self.comments <= 20_000_000,
                (
                    "a number of comments",
                    self.comments.to_string(),
                    "at most 20,000,000",
                ),
            ),
        ];
        match checks.into_iter().find(|(holds, _)| !holds) {
            None => Ok(()),
            Some((_, (option, value, range))) => Err(Error::Option {
                option,
                value,
                range,
            }),
        }
    }
}
