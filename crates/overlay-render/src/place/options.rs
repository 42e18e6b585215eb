/// Where a comment goes that finds every lane taken.
///
/// ```
/// use overlay_render::{LayoutOptions, WithoutLane};
///
/// let options = LayoutOptions::default().without_lane(WithoutLane::Constant(0.5));
/// assert_eq!(options.without_lane, WithoutLane::Constant(0.5));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum WithoutLane {
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
    /// The place of comments that find no free lane. Default: random with seed 0.
    pub without_lane: WithoutLane,
    /// Whether the owner's scripts (`@デフォルト`, `@置換`, `@逆`, `@コメント禁止`) act. They are not shown in
    /// either case. Default: true.
    pub scripts: bool,
    /// Most comments painted at once; of more, the newest are. All of them keep their places.
    /// Default: `None`, no limit (the player once had 40).
    pub limit: Option<usize>,
}

impl Default for LayoutOptions {
    fn default() -> Self {
        Self {
            without_lane: WithoutLane::Random { seed: 0 },
            scripts: true,
            limit: None,
        }
    }
}

impl LayoutOptions {
    /// Sets the place of comments without a lane.
    #[must_use]
    pub fn without_lane(mut self, without_lane: WithoutLane) -> Self {
        self.without_lane = without_lane;
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
}
