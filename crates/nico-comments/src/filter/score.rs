use std::str::FromStr;

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

/// A text that is no limit of scores.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no limit of scores, expected weak, medium, strong or a number")]
#[non_exhaustive]
pub struct ScoreError {
    /// What stood there.
    pub found: String,
}

/// By the player's name, `weak`, `medium` or `strong`, or a number.
impl FromStr for ScoreLimit {
    type Err = ScoreError;

    fn from_str(text: &str) -> Result<Self, ScoreError> {
        match text {
            "weak" => Ok(Self::WEAK),
            "medium" => Ok(Self::MEDIUM),
            "strong" => Ok(Self::STRONG),
            number => number.parse().map(Self).map_err(|_| ScoreError {
                found: text.to_owned(),
            }),
        }
    }
}

impl Filter for ScoreLimit {
    fn keeps(&self, comment: &Comment) -> bool {
        comment.is_owner() || comment.score.is_none_or(|score| score > self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_names() {
        assert_eq!("medium".parse(), Ok(ScoreLimit::MEDIUM));
        assert_eq!("-500".parse(), Ok(ScoreLimit(-500)));
        assert!("much".parse::<ScoreLimit>().is_err());
    }
}
