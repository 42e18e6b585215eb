mod lengths;

pub use lengths::Lengths;

use crate::color::NUM_NAMES;
use crate::{Color, Comment, CommentArt, Fork, Kind, Position, Size};

/// Statistics of comments, counted one at a time: kinds, Premium, anonymity, commands and lengths.
///
/// The [kinds](Self::comments) are counted over all comments; the shares
/// ([`premium`](Self::premium), [`positions`](Self::positions) and so on) and
/// [`lengths`](Self::lengths) over the viewers' that speak, [`viewers`](Self::viewers): deleted
/// comments keep no commands, and owners' scripts and pictures are not how people comment. Memory
/// does not grow with the comments.
///
/// ```
/// use nico_comments::{Comment, CommentStats, Vpos};
///
/// let bodies = [("草", "184 red"), ("8888", "184 ue #123456"), ("", "")];
/// let comments = bodies.iter().map(|&(body, mail)| Comment::new(Vpos(0), body).mail(mail));
/// let stats: CommentStats = comments.collect();
/// assert_eq!((stats.comments, stats.empty, stats.viewers, stats.anonymous), (3, 1, 2, 2));
/// assert_eq!(stats.positions()[1].name, "ue");
/// assert_eq!(stats.positions()[1].of(stats.viewers), 0.5);
/// assert_eq!(stats.lengths.mean(), 2.5);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CommentStats {
    /// All comments.
    pub comments: u64,
    /// Deleted ones.
    pub deleted: u64,
    /// Those that are not deleted and hold nothing but white space.
    pub empty: u64,
    /// The owner's.
    pub owner: u64,
    /// かんたんコメント.
    pub easy: u64,
    /// Scripts.
    pub scripts: u64,
    /// Those that speak: [`Kind::Speech`].
    pub speech: u64,
    /// Of those that speak, the viewers'.
    pub viewers: u64,
    /// Of the viewers', those of Premium users.
    pub premium: u64,
    /// Of the viewers', those posted with `184`.
    pub anonymous: u64,
    /// Of the viewers', [comment art](CommentArt).
    pub art: u64,
    /// How long the viewers' are.
    pub lengths: Lengths,
    positions: [u64; 3],
    sizes: [u64; 3],
    /// By the place of the colour's first name; those without a name at the end.
    colors: [u64; NUM_NAMES + 1],
}

/// Number of comments that have a property: a row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Share {
    /// The command, `code` for `#RRGGBB`.
    pub name: &'static str,
    /// Comments that are shown so.
    pub comments: u64,
}

impl Share {
    /// The share of `all` comments, from 0 to 1; 0 of none.
    #[must_use]
    pub fn of(&self, all: u64) -> f64 {
        self.comments as f64 / all.max(1) as f64
    }
}

impl CommentStats {
    /// Counts a comment.
    pub fn push(&mut self, comment: &Comment) {
        self.comments += 1;
        let kinds = [
            (Kind::Deleted, &mut self.deleted),
            (Kind::Owner, &mut self.owner),
            (Kind::Easy, &mut self.easy),
            (Kind::Script, &mut self.scripts),
        ];
        for (kind, count) in kinds {
            *count += u64::from(kind.has(comment));
        }
        if !Kind::Speech.has(comment) {
            let silent = !comment.is_deleted() && Kind::Empty.has(comment);
            self.empty += u64::from(silent);
            return;
        }
        self.speech += 1;
        if comment.fork != Fork::Owner {
            self.push_viewer(comment);
        }
    }

    fn push_viewer(&mut self, comment: &Comment) {
        self.viewers += 1;
        self.premium += u64::from(comment.is_premium());
        self.anonymous += u64::from(Kind::Anonymous.has(comment));
        self.art += u64::from(CommentArt::is_art(comment));
        self.lengths.push(comment.body.chars().count());
        let mail = &comment.mail;
        self.positions[mail.position() as usize] += 1;
        self.sizes[mail.size() as usize] += 1;
        let color = mail.color().unwrap_or(Color::WHITE);
        self.colors[color.place().unwrap_or(NUM_NAMES)] += 1;
    }

    /// Adds what another counted.
    pub fn merge(&mut self, other: &Self) {
        self.comments += other.comments;
        self.deleted += other.deleted;
        self.empty += other.empty;
        self.owner += other.owner;
        self.easy += other.easy;
        self.scripts += other.scripts;
        self.speech += other.speech;
        self.viewers += other.viewers;
        self.premium += other.premium;
        self.anonymous += other.anonymous;
        self.art += other.art;
        self.lengths.merge(&other.lengths);
        let mine = self.positions.iter_mut().chain(&mut self.sizes);
        let theirs = other.positions.iter().chain(&other.sizes);
        for (mine, theirs) in mine
            .chain(&mut self.colors)
            .zip(theirs.chain(&other.colors))
        {
            *mine += theirs;
        }
    }

    /// The viewers' comments by position: `naka`, with or without the command, `ue`, `shita`.
    #[must_use]
    pub fn positions(&self) -> Vec<Share> {
        shares(
            Position::ALL.iter().map(|position| position.as_str()),
            &self.positions,
        )
    }

    /// The viewers' comments by size: `medium`, with or without the command, `big`, `small`.
    #[must_use]
    pub fn sizes(&self) -> Vec<Share> {
        shares(Size::ALL.iter().map(|size| size.as_str()), &self.sizes)
    }

    /// The viewers' comments by colour: the names, `white` with or without the command, and `code`
    /// for all others. The first colour command counts, whoever wrote it.
    #[must_use]
    pub fn colors(&self) -> Vec<Share> {
        let named = Color::named().filter_map(|color| {
            let comments = self.colors[color.place()?];
            Some(Share {
                name: color.name()?,
                comments,
            })
        });
        let code = Share {
            name: "code",
            comments: self.colors[NUM_NAMES],
        };
        named.chain([code]).collect()
    }
}

fn shares(names: impl Iterator<Item = &'static str>, counts: &[u64]) -> Vec<Share> {
    names
        .zip(counts)
        .map(|(name, &comments)| Share { name, comments })
        .collect()
}

impl<'a> Extend<&'a Comment> for CommentStats {
    fn extend<I: IntoIterator<Item = &'a Comment>>(&mut self, comments: I) {
        comments.into_iter().for_each(|comment| self.push(comment));
    }
}

impl FromIterator<Comment> for CommentStats {
    fn from_iter<I: IntoIterator<Item = Comment>>(comments: I) -> Self {
        let mut stats = Self::default();
        comments
            .into_iter()
            .for_each(|comment| stats.push(&comment));
        stats
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vpos;
    use proptest::prelude::*;

    fn comment() -> impl Strategy<Value = Comment> {
        let body = prop_oneof!["", "w{1,3}", "@逆", "\u{3000}", "草\n草\n草"];
        let mail = "(184 |ue |shita |big |small |red |#FF0000 |#123456 |w ){0,4}";
        (body, mail, 0..3_u8, 0..3_u8, any::<bool>()).prop_map(
            |(body, mail, fork, deleted, premium)| {
                Comment::new(Vpos(0), body)
                    .mail(&*mail)
                    .fork([Fork::Main, Fork::Owner, Fork::Easy][usize::from(fork)].clone())
                    .deleted(deleted / 2)
                    .premium(premium)
            },
        )
    }

    #[test]
    fn colours_are_counted_by_what_is_seen() {
        let of = |mail: &str| Comment::new(Vpos(0), "w").mail(mail);
        let stats: CommentStats = ["", "white", "#FF0000", "red blue", "#123456"]
            .map(of)
            .into_iter()
            .collect();
        let seen = |name| {
            stats
                .colors()
                .iter()
                .find(|share| share.name == name)
                .map(|share| share.comments)
        };
        assert_eq!(
            [seen("white"), seen("red"), seen("code"), seen("blue")],
            [Some(2), Some(2), Some(1), Some(0)]
        );
    }

    proptest! {
        /// Counting apart and merging is counting together; every viewer's comment has one
        /// position, size, colour and length.
        #[test]
        fn counts_add_up(comments in prop::collection::vec(comment(), 0..40), cut in 0..40_usize) {
            let all: CommentStats = comments.iter().cloned().collect();
            let (left, right) = comments.split_at(cut.min(comments.len()));
            let mut merged: CommentStats = left.iter().cloned().collect();
            merged.merge(&right.iter().cloned().collect());
            prop_assert_eq!(&merged, &all);
            let mut extended = CommentStats::default();
            extended.extend(&comments);
            prop_assert_eq!(&extended, &all);
            for shares in [all.positions(), all.sizes(), all.colors()] {
                prop_assert_eq!(shares.iter().map(|share| share.comments).sum::<u64>(), all.viewers);
            }
            prop_assert_eq!(all.lengths.num_comments(), all.viewers);
            prop_assert!(all.viewers <= all.speech && all.speech + all.deleted + all.empty <= all.comments);
            prop_assert!(all.premium.max(all.anonymous).max(all.art) <= all.viewers);
        }
    }
}
