use crate::{Comment, Fork, Vpos};

/// What tells a comment from all others, as far as it says: made by [`Comment::key`].
///
/// Two comments with equal keys are the same comment, read twice. To keep comments of many videos
/// in a table, put the video beside it where it is not [`Number`](Self::Number) or
/// [`Id`](Self::Id).
///
/// ```
/// use std::collections::HashSet;
/// use nico_comments::{Comment, CommentKey, Vpos};
///
/// let numbered = |no| Comment::new(Vpos(0), "w").thread("1").no(no);
/// let comments = [numbered(1), numbered(2), numbered(1).mail("ue")];
/// let keys: HashSet<CommentKey<'_>> = comments.iter().filter_map(Comment::key).collect();
/// assert_eq!(keys.len(), 2);
/// // Of this nobody can say whether it is the same as another one.
/// assert_eq!(Comment::new(Vpos(0), "w").key(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommentKey<'a> {
    /// Its number within thread and fork.
    Number {
        /// The thread.
        thread: &'a str,
        /// The part of the thread.
        fork: &'a Fork,
        /// The number, from 1.
        no: i64,
    },
    /// Its id.
    Id(&'a str),
    /// Everything that it says of its posting, and the text.
    Posting {
        /// The number, from 1, of a thread that is not known.
        no: Option<i64>,
        /// When it was posted, in unix seconds.
        date: Option<i64>,
        /// Microseconds after that.
        date_usec: Option<u32>,
        /// Who posted it.
        user: Option<&'a str>,
        /// Where in the video it appears.
        vpos: Vpos,
        /// The text.
        body: &'a str,
    },
}

impl Comment {
    /// What tells the comment from others: thread, fork and number; where the thread is not
    /// [known](Self::known_thread) or there is no number from 1 on, the [id](Self::known_id); where
    /// there is none either, number, date, user, `vpos` and body together
    /// (`docs/spec/comment-formats.md`, sections 1 and 3). `None` if it says none of number, date
    /// and user: viewers often write the same at the same moment.
    ///
    /// A number says which comment it is within its thread and fork only, and flat lists of
    /// comments, as yt-dlp saves them, mix several without naming them. Thread `0` counts as not
    /// known: writers [fill it in](crate::WriteOptions::fill), and then perhaps number, id and date
    /// as well, so that beside it the id and a number alone do not count, and a date of 0 never.
    #[must_use]
    pub fn key(&self) -> Option<CommentKey<'_>> {
        let no = self.no.filter(|no| *no >= 1);
        if let (Some(thread), Some(no)) = (self.known_thread(), no) {
            let fork = &self.fork;
            return Some(CommentKey::Number { thread, fork, no });
        }
        if let Some(id) = self.known_id() {
            return Some(CommentKey::Id(id));
        }
        let is_numbered = no.is_some() && self.thread.as_deref() != Some("0");
        let is_dated = self.date.is_some_and(|date| date != 0);
        let says_something = is_numbered || is_dated || self.user.is_some();
        says_something.then_some(CommentKey::Posting {
            no,
            date: self.date,
            date_usec: self.date_usec,
            user: self.user.as_deref(),
            vpos: self.vpos,
            body: &self.body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_of_what_is_said_is_the_key() {
        let comment = || Comment::new(Vpos(7), "w");
        let mut with_id = comment().no(3).user("a");
        with_id.id = Some("1000000009".to_owned());
        assert_eq!(with_id.key(), Some(CommentKey::Id("1000000009")));
        let numbered = with_id.thread("1");
        let number = CommentKey::Number {
            thread: "1",
            fork: &Fork::Main,
            no: 3,
        };
        assert_eq!(numbered.key(), Some(number));
        // Thread 0, and the id beside it, are filled in.
        let filled = numbered.thread("0");
        assert!(matches!(
            filled.key(),
            Some(CommentKey::Posting { no: Some(3), .. })
        ));
    }

    /// Programs that know no numbers write 0 or -1 for each.
    #[test]
    fn a_number_that_is_none_says_nothing() {
        for no in [0, -1, i64::MIN] {
            let comment = |body: &str| Comment::new(Vpos(7), body).thread("1").no(no);
            assert_eq!(comment("w").key(), None);
            let (one, other) = (comment("w").user("a"), comment("草").user("a"));
            assert_ne!(one.key(), other.key());
        }
    }

    /// Files that were converted one by one can be joined: what a writer filled in makes no comment
    /// of the one a duplicate of the other's.
    #[test]
    fn what_is_filled_in_is_no_key() {
        use crate::{Comments, Format, ReadOptions, WriteOptions, write_comments};
        for format in Format::ALL.iter().filter(|format| format.is_written()) {
            let converted = |body: &str, thread: Option<&str>| {
                let mut comment = Comment::new(Vpos(7), body).user("a").date(5);
                comment.thread = thread.map(str::to_owned);
                let mut file = Vec::new();
                write_comments(&mut file, *format, &[comment], &WriteOptions::default()).unwrap();
                let mut comments = Comments::new(file.as_slice(), ReadOptions::default());
                comments.next().unwrap().unwrap()
            };
            for thread in [None, Some("9")] {
                let (one, other) = (converted("草", thread), converted("w", thread));
                assert_ne!(one.key(), other.key(), "{format}, {thread:?}");
                assert_eq!(
                    one.key(),
                    converted("草", thread).key(),
                    "{format}, {thread:?}"
                );
            }
        }
        let filled = Comment::new(Vpos(7), "w").thread("0").no(1).date(0);
        assert_eq!(filled.key(), None);
    }

    #[test]
    fn without_number_date_and_user_nothing_is_the_same() {
        let comment = || Comment::new(Vpos(7), "w");
        assert_eq!(comment().key(), None);
        for known in [comment().user("a"), comment().date(5), comment().no(1)] {
            assert!(known.key().is_some() && known.key() == known.clone().mail("ue").key());
        }
    }
}
