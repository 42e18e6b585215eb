use std::{fmt, str::FromStr};

use super::{CommentArt, Filter};
use crate::{Comment, Fork};

/// A kind of comment, for [`Only`] and [`Without`]. A comment can be of several.
///
/// ```
/// use nico_comments::{Comment, Fork, Kind, Vpos};
///
/// let script = Comment::new(Vpos(0), "@逆").fork(Fork::Owner);
/// assert!(Kind::Owner.has(&script) && Kind::Script.has(&script) && !Kind::Speech.has(&script));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Deleted, by whomever.
    Deleted,
    /// Nothing but white space; deleted comments are among them.
    Empty,
    /// By the owner of the video.
    Owner,
    /// Posted by one tap: かんたんコメント. A small stock of bodies, repeated many times.
    Easy,
    /// A program or command to the player: [`Comment::is_script`].
    Script,
    /// Somebody speaking: neither deleted nor empty nor a script. What is learnt from and counted.
    Speech,
    /// By somebody with Premium.
    Premium,
    /// Posted with `184`, as a command or as the flag of message-server files.
    Anonymous,
    /// A picture made of characters, as [`CommentArt`] finds it.
    CommentArt,
}

/// A text that names no kind of comment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found:?} is no kind of comment, expected deleted, empty, owner, easy, script, speech, premium, \
     anonymous or art"
)]
#[non_exhaustive]
pub struct UnknownKind {
    /// What stood there.
    pub found: String,
}

impl Kind {
    /// All kinds.
    const ALL: [Self; 9] = [
        Self::Deleted,
        Self::Empty,
        Self::Owner,
        Self::Easy,
        Self::Script,
        Self::Speech,
        Self::Premium,
        Self::Anonymous,
        Self::CommentArt,
    ];

    /// Its name in one word: `deleted`, `art`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Empty => "empty",
            Self::Owner => "owner",
            Self::Easy => "easy",
            Self::Script => "script",
            Self::Speech => "speech",
            Self::Premium => "premium",
            Self::Anonymous => "anonymous",
            Self::CommentArt => "art",
        }
    }

    /// Whether the comment is of this kind.
    #[must_use]
    pub fn has(self, comment: &Comment) -> bool {
        match self {
            Self::Deleted => comment.is_deleted(),
            Self::Empty => comment.body.trim().is_empty(),
            Self::Owner => comment.is_owner(),
            Self::Easy => comment.fork == Fork::Easy,
            Self::Script => comment.is_script(),
            Self::Speech => {
                !comment.is_deleted() && !comment.is_script() && !comment.body.trim().is_empty()
            }
            Self::Premium => comment.is_premium(),
            Self::Anonymous => comment.anonymous || comment.mail.is_184(),
            Self::CommentArt => CommentArt::is_art(comment),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        kind.ok_or_else(|| UnknownKind {
            found: name.to_owned(),
        })
    }
}

/// Filter that keeps the comments of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Only(pub Kind);

impl Filter for Only {
    fn keeps(&self, comment: &Comment) -> bool {
        self.0.has(comment)
    }
}

/// Filter that removes the comments of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Without(pub Kind);

impl Filter for Without {
    fn keeps(&self, comment: &Comment) -> bool {
        !self.0.has(comment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vpos;

    #[test]
    fn kinds_have_names() {
        for kind in Kind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!("art".parse(), Ok(Kind::CommentArt));
        let error = "Owner".parse::<Kind>().unwrap_err().to_string();
        assert!(
            error.starts_with("\"Owner\" is no kind of comment"),
            "{error}"
        );
    }

    #[test]
    fn kinds_are_told_apart() {
        let viewer = || Comment::new(Vpos(0), "w").user("a");
        let cases = [
            (Kind::Deleted, Comment::new(Vpos(0), "").deleted(2)),
            (Kind::Empty, Comment::new(Vpos(0), "\u{3000}\n")),
            (Kind::Owner, viewer().fork(Fork::Owner)),
            (Kind::Easy, viewer().fork(Fork::Easy)),
            (Kind::Script, Comment::new(Vpos(0), "/x").fork(Fork::Owner)),
            (Kind::Premium, viewer().premium(true)),
            (Kind::Anonymous, viewer().mail("184")),
            (Kind::Anonymous, viewer().anonymous(true)),
            (Kind::CommentArt, viewer().mail("ca")),
        ];
        for (kind, comment) in cases {
            assert!(kind.has(&comment), "{kind:?}");
            assert!(!kind.has(&viewer()), "{kind:?}");
            assert_ne!(
                Only(kind).keeps(&comment),
                Without(kind).keeps(&comment),
                "{kind:?}"
            );
        }
        assert!(Kind::Speech.has(&viewer()));
        for silent in [
            Comment::new(Vpos(0), " "),
            viewer().deleted(1),
            Comment::new(Vpos(0), "@逆").fork(Fork::Owner),
        ] {
            assert!(!Kind::Speech.has(&silent));
        }
    }
}
