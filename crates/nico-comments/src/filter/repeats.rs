use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};

use super::Filter;
use crate::Comment;

/// Filter that removes repeats: it keeps the first comments of each sort and removes those behind
/// them.
///
/// It remembers a hash of 64 bits of each sort it saw, 20 to 40 bytes a sort. That two sorts share
/// one, so that a comment is taken wrongly, has a probability of about n²/2⁶⁵ with n sorts (1 in
/// 200 million for 420,000); the hash is keyed at random, so that nobody can write comments that
/// do.
///
/// ```
/// use nico_comments::{Comment, Keep, Repeats, Vpos};
///
/// let comments = ["888", "888", "草", "888"].map(|body| Comment::new(Vpos(0), body).user("a"));
/// assert_eq!(comments.iter().keep(Repeats::of_bodies(2)).count(), 3);
/// ```
pub struct Repeats {
    sort: Sort,
    most: u32,
    hash: RandomState,
    seen: Mutex<HashMap<u64, u32>>,
}

#[derive(Clone, Copy, Debug)]
enum Sort {
    Comment,
    Body,
    BodyOfUser,
}

impl Repeats {
    /// Takes duplicates away: comments whose [`key`](Comment::key) came before. Those that have
    /// none all stay. Files joined from overlapping pages hold duplicates.
    #[must_use]
    pub fn of_comments() -> Self {
        Self::new(Sort::Comment, 1)
    }

    /// Keeps the first `most` comments with the same body.
    #[must_use]
    pub fn of_bodies(most: u32) -> Self {
        Self::new(Sort::Body, most)
    }

    /// Keeps the first `most` comments of a user with the same body. Comments without a user count
    /// as one user's.
    #[must_use]
    pub fn by_user(most: u32) -> Self {
        Self::new(Sort::BodyOfUser, most)
    }

    fn new(sort: Sort, most: u32) -> Self {
        Self {
            sort,
            most,
            hash: RandomState::new(),
            seen: Mutex::default(),
        }
    }

    /// A hash of the comment's sort; `None` for a comment that is of no sort.
    fn sort_of(&self, comment: &Comment) -> Option<u64> {
        let mut hasher = self.hash.build_hasher();
        match self.sort {
            Sort::Comment => comment.key()?.hash(&mut hasher),
            Sort::Body => comment.body.hash(&mut hasher),
            Sort::BodyOfUser => (&comment.user, &comment.body).hash(&mut hasher),
        }
        Some(hasher.finish())
    }
}

impl Filter for Repeats {
    fn keeps(&self, comment: &Comment) -> bool {
        let Some(sort) = self.sort_of(comment) else {
            return true;
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let count = seen.entry(sort).or_default();
        *count = count.saturating_add(1);
        *count <= self.most
    }
}

impl fmt::Debug for Repeats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repeats")
            .field("sort", &self.sort)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fork, Keep, Vpos};

    fn kept(filter: Repeats, comments: &[Comment]) -> Vec<usize> {
        let numbered = comments.iter().enumerate();
        numbered
            .filter(|(_, comment)| filter.keeps(comment))
            .map(|(at, _)| at)
            .collect()
    }

    #[test]
    fn a_comment_is_known_by_its_number_or_by_everything() {
        let numbered = |no| Comment::new(Vpos(0), "w").thread("1").no(no);
        let live = |date| Comment::new(Vpos(0), "w").date(date);
        let comments = [
            numbered(1),
            numbered(1).mail("ue"),
            numbered(2),
            numbered(1).fork(Fork::Owner),
            live(5),
            live(6),
            live(5),
            Comment::new(Vpos(0), "w"), // of nobody and of no time
            Comment::new(Vpos(0), "w"),
        ];
        assert_eq!(
            kept(Repeats::of_comments(), &comments),
            [0, 2, 3, 4, 5, 7, 8]
        );
    }

    /// yt-dlp's flat list holds the owner's, the viewers' and the easy comments, each numbered from
    /// 1; thread 0 is one that a writer filled in.
    #[test]
    fn a_number_without_its_thread_is_not_enough() {
        let numbered = |body: &str| Comment::new(Vpos(0), body).no(1).date(5);
        let with_id = |id: &str| {
            let mut comment = numbered("w");
            comment.id = Some(id.to_owned());
            comment
        };
        let comments = [
            with_id("1000000000000000001"),
            with_id("1000000000000000002"),
            with_id("1000000000000000001"),
            numbered("w"),
            numbered("草"),
            numbered("w"),
            numbered("w").no(2),
            numbered("888").thread("0"),
            numbered("うぽつ").thread("0"),
            numbered("888").thread("0"),
            with_id("1").thread("0").date(6),
            with_id("1").thread("0").date(7),
            with_id("0").date(8),
            with_id("0").date(9),
        ];
        assert_eq!(
            kept(Repeats::of_comments(), &comments),
            [0, 1, 3, 4, 6, 7, 8, 10, 11, 12, 13]
        );
    }

    #[test]
    fn users_repeat_themselves() {
        let by = |user: &str| Comment::new(Vpos(0), "w").user(user);
        let comments = [by("a"), by("b"), by("a"), by("a"), by("b")];
        assert_eq!(kept(Repeats::by_user(1), &comments), [0, 1]);
        assert_eq!(kept(Repeats::by_user(2), &comments), [0, 1, 2, 4]);
        assert_eq!(kept(Repeats::of_bodies(0), &comments), [0; 0]);
        assert_eq!(comments.iter().keep(Repeats::of_bodies(4)).count(), 4);
    }
}
