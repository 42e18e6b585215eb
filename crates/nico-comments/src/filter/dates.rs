use std::ops::RangeBounds;

use super::Filter;
use crate::{Comment, Vpos};

/// Filter that keeps the comments posted within a range of unix seconds. Comments without a date
/// are not within any.
///
/// ```
/// use nico_comments::{Comment, DateIn, Filter, Vpos};
///
/// let year_2011 = DateIn(1_293_807_600..1_325_343_600); // midnight to midnight in Japan
/// assert!(year_2011.keeps(&Comment::new(Vpos(0), "草").date(1_300_000_000)));
/// assert!(!year_2011.keeps(&Comment::new(Vpos(0), "草")));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DateIn<R>(pub R);

impl<R: RangeBounds<i64>> Filter for DateIn<R> {
    fn keeps(&self, comment: &Comment) -> bool {
        comment.date.is_some_and(|date| self.0.contains(&date))
    }
}

/// Filter that keeps the comments that appear within a range of the video.
#[derive(Clone, Copy, Debug)]
pub struct VposIn<R>(pub R);

impl<R: RangeBounds<Vpos>> Filter for VposIn<R> {
    fn keeps(&self, comment: &Comment) -> bool {
        self.0.contains(&comment.vpos)
    }
}
