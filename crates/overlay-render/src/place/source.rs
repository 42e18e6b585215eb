//! Where the comments of a layout come from.

use std::borrow::Cow;

use nico_comments::{Comment, Vpos};

use super::packed::PackedComments;
use super::text::CommentText;

/// Comments that are laid out, by their places.
pub(super) trait Comments {
    fn len(&self) -> usize;
    fn is_deleted(&self, index: usize) -> bool;
    /// Whether the operator of a broadcast wrote it.
    fn is_operators(&self, index: usize) -> bool;
    /// What comments are sorted by: vpos, date and microseconds.
    fn moment(&self, index: usize) -> (Vpos, i64, u32);
    /// How often somebody pressed "nicoru", and the NG score.
    fn merits(&self, index: usize) -> (i64, i64);
    /// What of a comment a layout depends on.
    fn get(&self, index: usize) -> Cow<'_, Comment>;
    /// A comment's text, where that lies in a block already.
    fn text(&self, index: usize) -> Option<CommentText>;
}

impl Comments for &[Comment] {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn is_deleted(&self, index: usize) -> bool {
        self[index].is_deleted()
    }

    fn is_operators(&self, index: usize) -> bool {
        self[index].is_operator()
    }

    fn moment(&self, index: usize) -> (Vpos, i64, u32) {
        let comment = &self[index];
        let (date, usec) = (comment.date.unwrap_or(0), comment.date_usec.unwrap_or(0));
        (comment.vpos, date, usec)
    }

    fn merits(&self, index: usize) -> (i64, i64) {
        let comment = &self[index];
        (comment.nicoru.unwrap_or(0), comment.score.unwrap_or(0))
    }

    fn get(&self, index: usize) -> Cow<'_, Comment> {
        Cow::Borrowed(&self[index])
    }

    fn text(&self, _: usize) -> Option<CommentText> {
        None
    }
}

impl Comments for PackedComments {
    fn len(&self) -> usize {
        self.len()
    }

    fn is_deleted(&self, index: usize) -> bool {
        self.is_deleted(index)
    }

    fn is_operators(&self, index: usize) -> bool {
        self.is_operators(index)
    }

    fn moment(&self, index: usize) -> (Vpos, i64, u32) {
        self.moment(index)
    }

    fn merits(&self, index: usize) -> (i64, i64) {
        self.merits(index)
    }

    fn get(&self, index: usize) -> Cow<'_, Comment> {
        Cow::Owned(self.get(index))
    }

    fn text(&self, index: usize) -> Option<CommentText> {
        Some(self.text(index))
    }
}
