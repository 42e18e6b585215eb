use super::Filter;
use crate::Comment;

/// Filter that removes comments by their NG score, the sum of what viewers who set NG cost them:
/// those whose score is at or below the limit. The owner's are exempt, and comments without a score
/// are kept.
///
/// The named limits are the player's three levels (`docs/spec/comment-formats.md`, section 5).
///
/// ```
/// use nico_comments::{Comment, Filter, Fork, ScoreLimit, Vpos};
///
/// let hated = Comment::new(Vpos(0), "草").score(-4800);
/// assert!(ScoreLimit::WEAK.keeps(&hated));
/// assert!(!ScoreLimit::MEDIUM.keeps(&hated));
/// assert!(ScoreLimit::MEDIUM.keeps(&hated.fork(Fork::Owner)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScoreLimit(pub i64);

impl ScoreLimit {
    /// 弱: takes little away.
    pub const WEAK: Self = Self(-10_000);
    /// 中: between the two.
    pub const MEDIUM: Self = Self(-4_800);
    /// 強: takes most away.
    pub const STRONG: Self = Self(-1_000);
}

impl Filter for ScoreLimit {
    fn keeps(&self, comment: &Comment) -> bool {
        comment.is_owner() || comment.score.is_none_or(|score| score > self.0)
    }
}
