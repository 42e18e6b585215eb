//! Which comments to keep: filters that combine, iterators that apply them, and a count of what
//! each took away.

mod comment_art;
mod dates;
mod keep;
mod kind;
mod named;
mod ng;
mod patterns;
mod repeats;
mod score;
mod words;

pub use comment_art::CommentArt;
pub use dates::{DateIn, VposIn};
pub use keep::{Judged, Keep, Kept};
pub use kind::{Kind, Only, UnknownKind, Without};
pub use named::{Filters, Tally};
pub use ng::{NgCommands, NgUsers};
pub use patterns::{NgPatterns, PatternError, PatternErrorKind};
pub use repeats::Repeats;
pub use score::{ScoreError, ScoreLimit};
pub use words::{NgMatching, NgWords};

use crate::Comment;

/// A filter, which says which comments to keep. Closures from `&Comment` to `bool` are filters.
///
/// Filters are applied to an iterator by [`Keep::keep`] and combined by [`and`](Self::and),
/// [`or`](Self::or) and [`not`](Self::not). A filter sees every comment once and in order; only
/// [`Repeats`] remembers what it saw.
///
/// Players never take the owner's comments away by words, users or commands. Here a filter judges
/// every comment alike, except [`ScoreLimit`]; `NgWords::new(words).or(Only(Kind::Owner))` spares
/// the owner.
///
/// ```
/// use nico_comments::{Comment, Filter, Kind, NgWords, Only, Vpos};
///
/// let spares_the_owner = NgWords::new(["荒らし"]).or(Only(Kind::Owner));
/// let filter = spares_the_owner.and(|comment: &Comment| comment.vpos >= Vpos(0));
/// assert!(filter.keeps(&Comment::new(Vpos(7), "草")));
/// assert!(!filter.keeps(&Comment::new(Vpos(7), "荒らしは帰れ")));
/// assert!(!filter.keeps(&Comment::new(Vpos(-1), "草")));
/// ```
pub trait Filter {
    /// Whether the comment is kept.
    fn keeps(&self, comment: &Comment) -> bool;

    /// Keeps what both keep. What this one takes away the other does not see.
    fn and<F: Filter>(self, other: F) -> And<Self, F>
    where
        Self: Sized,
    {
        And(self, other)
    }

    /// Keeps what one of the two keeps. What this one keeps the other does not see.
    fn or<F: Filter>(self, other: F) -> Or<Self, F>
    where
        Self: Sized,
    {
        Or(self, other)
    }

    /// Keeps what this one takes away.
    fn not(self) -> Not<Self>
    where
        Self: Sized,
    {
        Not(self)
    }
}

impl<F: Fn(&Comment) -> bool> Filter for F {
    fn keeps(&self, comment: &Comment) -> bool {
        self(comment)
    }
}

impl Filter for Box<dyn Filter + Send + Sync> {
    fn keeps(&self, comment: &Comment) -> bool {
        (**self).keeps(comment)
    }
}

/// Filter that keeps what two both keep; made by [`Filter::and`].
#[derive(Clone, Copy, Debug)]
pub struct And<A, B>(A, B);

impl<A: Filter, B: Filter> Filter for And<A, B> {
    fn keeps(&self, comment: &Comment) -> bool {
        self.0.keeps(comment) && self.1.keeps(comment)
    }
}

/// Filter that keeps what one of two keeps; made by [`Filter::or`].
#[derive(Clone, Copy, Debug)]
pub struct Or<A, B>(A, B);

impl<A: Filter, B: Filter> Filter for Or<A, B> {
    fn keeps(&self, comment: &Comment) -> bool {
        self.0.keeps(comment) || self.1.keeps(comment)
    }
}

/// Filter that keeps what another removes; made by [`Filter::not`].
#[derive(Clone, Copy, Debug)]
pub struct Not<F>(F);

impl<F: Filter> Filter for Not<F> {
    fn keeps(&self, comment: &Comment) -> bool {
        !self.0.keeps(comment)
    }
}
