use std::iter::FusedIterator;

use super::Filter;
use crate::Comment;

/// An item that a filter can judge: comments, references to them, and results of which the good
/// ones are comments.
pub trait Judged {
    /// The comment; `None` for an error, which every filter lets pass.
    fn comment(&self) -> Option<&Comment>;
}

impl Judged for Comment {
    fn comment(&self) -> Option<&Comment> {
        Some(self)
    }
}

impl<T: Judged> Judged for &T {
    fn comment(&self) -> Option<&Comment> {
        (*self).comment()
    }
}

impl<T: Judged, E> Judged for Result<T, E> {
    fn comment(&self) -> Option<&Comment> {
        self.as_ref().ok()?.comment()
    }
}

/// Extension of iterators that filters comments, or results of comments: errors pass.
///
/// ```
/// use nico_comments::{Comments, Keep, Kind, NgWords, ReadOptions, Without};
///
/// let file = "<chat vpos='1' user_id='a'>草</chat><chat vpos='2' deleted='1'/>\
///     <chat vpos='x'/><chat vpos='3' user_id='b'>荒らし</chat>";
/// let mut comments = Comments::new(file.as_bytes(), ReadOptions::default());
/// let kept = comments.by_ref().keep(Without(Kind::Deleted)).keep(NgWords::new(["荒らし"]));
/// let kept: Vec<_> = kept.collect();
/// assert!(matches!(&kept[..], [Ok(comment), Err(_)] if comment.body == "草"));
/// assert_eq!(comments.summary().comments, 3); // the reader counts what it read
/// ```
pub trait Keep: Iterator + Sized {
    /// Leaves out the comments that the filter does not keep.
    fn keep<F: Filter>(self, filter: F) -> Kept<Self, F>
    where
        Self::Item: Judged,
    {
        Kept {
            comments: self,
            filter,
        }
    }
}

impl<I: Iterator> Keep for I {}

/// Iterator over the comments that a filter keeps; made by [`Keep::keep`].
#[derive(Clone, Debug)]
pub struct Kept<I, F> {
    comments: I,
    filter: F,
}

impl<I: Iterator<Item: Judged>, F: Filter> Iterator for Kept<I, F> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let filter = &self.filter;
        self.comments.find(|item| match item.comment() {
            Some(comment) => filter.keeps(comment),
            None => true,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.comments.size_hint().1)
    }
}

impl<I: FusedIterator<Item: Judged>, F: Filter> FusedIterator for Kept<I, F> {}
