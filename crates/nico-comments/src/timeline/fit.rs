//! Comments of a video that is cut otherwise.

use super::Timeline;
use crate::{Comment, Vpos};

impl Timeline {
    /// Scales the `vpos` of comments on another video so that they spread over this one: what was
    /// at the end of their video comes to the end of this. The length of their video is one more
    /// than their largest `vpos`, not counting stray ones: those beyond one and a half times the
    /// `vpos` that 99 % of them stay below.
    pub fn fit(&self, comments: &mut [Comment]) {
        let mut positions: Vec<Vpos> = comments.iter().map(|comment| comment.vpos).collect();
        if self.fit_positions(&mut positions) {
            for (comment, vpos) in comments.iter_mut().zip(positions) {
                comment.vpos = vpos;
                comment.vpos_rest_ms = 0;
            }
        }
    }

    /// Does to positions alone what [`fit`](Self::fit) does to comments; tells whether there was
    /// anything to go by.
    pub fn fit_positions(&self, positions: &mut [Vpos]) -> bool {
        let Some(length) = length_of(positions.iter().copied()).filter(|length| length.0 > 0)
        else {
            return false;
        };
        let end = Vpos::from_secs_f64(self.duration());
        for vpos in positions {
            *vpos = scale(*vpos, length, end);
        }
        true
    }
}

/// Scales `vpos` to the same share of a video of length `to` that it is of one of length `from`,
/// rounded down.
///
/// ```
/// use nico_comments::{Vpos, scale};
///
/// assert_eq!(scale(Vpos(750), Vpos(1000), Vpos(200)), Vpos(150));
/// ```
///
/// # Panics
///
/// Panics if `from` is 0.
#[must_use]
pub fn scale(vpos: Vpos, from: Vpos, to: Vpos) -> Vpos {
    let scaled = (i128::from(vpos.0) * i128::from(to.0)).div_euclid(from.0.into());
    Vpos(i64::try_from(scaled).unwrap_or(if scaled < 0 { i64::MIN } else { i64::MAX }))
}

/// The length of the video that comments were written on, as far as they tell: one more than the
/// largest `vpos`, not counting stray ones, which lie beyond one and a half times the `vpos` that
/// 99 % of the comments stay below. `None` without comments.
fn length_of(positions: impl Iterator<Item = Vpos>) -> Option<Vpos> {
    let mut all: Vec<_> = positions.map(|vpos| vpos.0).collect();
    all.sort_unstable();
    let most = *all.get((all.len() * 99 / 100).min(all.len().checked_sub(1)?))?;
    let limit = most.saturating_add(most.max(0) / 2);
    let largest = all.into_iter().rev().find(|&vpos| vpos <= limit)?;
    Some(Vpos(largest.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_comments_do_not_lengthen_the_video() {
        let positions = (0..200).map(|n| Vpos(n * 10));
        assert_eq!(
            length_of(positions.chain([Vpos(999_999)])),
            Some(Vpos(1991))
        );
        assert_eq!(length_of(std::iter::empty()), None);
    }

    #[test]
    fn comments_of_a_longer_video_fit() {
        let mut comments: Vec<_> = [0, 500, 999]
            .map(|vpos| Comment::new(Vpos(vpos), "w"))
            .into();
        Timeline::constant(30, 1, 60).unwrap().fit(&mut comments);
        assert_eq!(
            comments
                .iter()
                .map(|comment| comment.vpos.0)
                .collect::<Vec<_>>(),
            [0, 100, 199]
        );
        Timeline::constant(30, 1, 60).unwrap().fit(&mut []);
    }
}
