use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Filter;
use crate::Comment;

/// A list of named filters, one after the other, with a count of what each removed: so a user sees
/// why comments vanished.
///
/// A comment is kept if all filters keep it, and counts for the first that does not. Counts go on
/// from use to use; a reference is a filter too, so that they can be read afterwards.
///
/// ```
/// use nico_comments::{Comment, Filters, Keep, Kind, NgWords, Vpos, Without};
///
/// let filters = Filters::new()
///     .with("deleted", Without(Kind::Deleted))
///     .with("NG words", NgWords::new(["荒らし"]));
/// let bodies = ["草", "荒らし", "荒らしに反応する人も荒らし"];
/// let comments = bodies.map(|body| Comment::new(Vpos(0), body));
/// assert_eq!(comments.iter().keep(&filters).count(), 1);
/// assert_eq!((filters.seen(), filters.kept()), (3, 1));
/// assert_eq!(filters.to_string(), "1 of 3 comments kept; taken away: deleted 0, NG words 2");
/// ```
#[derive(Default)]
pub struct Filters {
    filters: Vec<Named>,
    seen: AtomicU64,
}

struct Named {
    name: String,
    filter: Box<dyn Filter + Send + Sync>,
    taken: AtomicU64,
}

/// Number of comments that a filter of [`Filters`] removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The name it was given.
    pub name: String,
    /// Comments that it took away and none before it.
    pub taken: u64,
}

impl Filters {
    /// No filter yet: keeps everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a filter behind the others. The name is for [`tally`](Self::tally) only.
    #[must_use]
    pub fn with(
        mut self,
        name: impl Into<String>,
        filter: impl Filter + Send + Sync + 'static,
    ) -> Self {
        self.filters.push(Named {
            name: name.into(),
            filter: Box::new(filter),
            taken: AtomicU64::new(0),
        });
        self
    }

    /// What each filter took away so far, in the order in which they were added.
    #[must_use]
    pub fn tally(&self) -> Vec<Tally> {
        let tally = |named: &Named| Tally {
            name: named.name.clone(),
            taken: named.taken.load(Ordering::Relaxed),
        };
        self.filters.iter().map(tally).collect()
    }

    /// Comments judged so far.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }

    /// Comments kept so far: those judged without those taken away.
    #[must_use]
    pub fn kept(&self) -> u64 {
        let taken = self.tally().into_iter().map(|tally| tally.taken).sum();
        self.seen().saturating_sub(taken)
    }
}

impl Filter for Filters {
    fn keeps(&self, comment: &Comment) -> bool {
        self.seen.fetch_add(1, Ordering::Relaxed);
        let taker = self
            .filters
            .iter()
            .find(|named| !named.filter.keeps(comment));
        if let Some(taker) = taker {
            taker.taken.fetch_add(1, Ordering::Relaxed);
        }
        taker.is_none()
    }
}

impl Filter for &Filters {
    fn keeps(&self, comment: &Comment) -> bool {
        (**self).keeps(comment)
    }
}

/// One line: what was kept, and what each filter took away.
impl fmt::Display for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} comments kept", self.kept(), self.seen())?;
        for (at, tally) in self.tally().iter().enumerate() {
            let lead = if at == 0 { "; taken away:" } else { "," };
            write!(f, "{lead} {} {}", tally.name, tally.taken)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filters")
            .field("seen", &self.seen())
            .field("tally", &self.tally())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Keep, Vpos};
    use proptest::prelude::*;

    fn above(least: i64) -> impl Filter + Send + Sync {
        move |comment: &Comment| comment.vpos > Vpos(least)
    }

    proptest! {
        /// What was kept and what each filter took away add up; several filters keep what they keep
        /// one after the other.
        #[test]
        fn counts_add_up(vposes in prop::collection::vec(-50..50_i64, 0..60), least in prop::collection::vec(-60..60_i64, 0..5)) {
            let comments: Vec<_> = vposes.iter().map(|&vpos| Comment::new(Vpos(vpos), "w")).collect();
            let filters = least.iter().fold(Filters::new(), |filters, &least| filters.with(format!("> {least}"), above(least)));
            let kept: Vec<_> = comments.iter().keep(&filters).collect();
            let expected: Vec<_> = comments.iter().filter(|comment| least.iter().all(|&l| comment.vpos.0 > l)).collect();
            prop_assert_eq!(&kept, &expected);
            prop_assert_eq!((filters.seen(), filters.kept()), (comments.len() as u64, kept.len() as u64));
            let taken: u64 = filters.tally().iter().map(|tally| tally.taken).sum();
            prop_assert_eq!(taken + filters.kept(), filters.seen());
        }

        /// `and`, `or` and `not` are those of logic.
        #[test]
        fn filters_combine_as_in_logic(vpos: i64, a: i64, b: i64) {
            let comment = Comment::new(Vpos(vpos), "w");
            let (left, right) = (vpos > a, vpos > b);
            prop_assert_eq!(above(a).and(above(b)).keeps(&comment), left && right);
            prop_assert_eq!(above(a).or(above(b)).keeps(&comment), left || right);
            prop_assert_eq!(above(a).not().keeps(&comment), !left);
        }
    }
}
