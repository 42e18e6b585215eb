use std::borrow::Cow;

use super::error::ErrorKind;
use crate::{Comment, Fork, Mail, Vpos};

/// Gathers what the attributes of a `chat` element or the members of a message-server JSON object
/// say; both have the same names (`docs/spec/comment-formats.md`, sections 0 and 1). Of repeated
/// ones the first counts.
#[derive(Debug)]
pub(super) struct Members {
    comment: Comment,
    vpos: Option<Result<Vpos, String>>,
    seen: u32,
    integer: fn(&str) -> Option<i64>,
}

/// The known names; their order is that of the bits in `seen`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Thread,
    Fork,
    No,
    Vpos,
    Date,
    DateUsec,
    Mail,
    UserId,
    Premium,
    Anonymity,
    Score,
    Nicoru,
    Deleted,
    Leaf,
    Content,
}

impl Name {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "thread" => Self::Thread,
            "fork" => Self::Fork,
            "no" => Self::No,
            "vpos" => Self::Vpos,
            "date" => Self::Date,
            "date_usec" => Self::DateUsec,
            "mail" => Self::Mail,
            "user_id" => Self::UserId,
            "premium" => Self::Premium,
            "anonymity" => Self::Anonymity,
            "score" => Self::Score,
            "nicoru" => Self::Nicoru,
            "deleted" => Self::Deleted,
            "leaf" => Self::Leaf,
            "content" => Self::Content,
            _ => return None,
        })
    }

    fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// Unknown names that are kept of a comment; a hostile one could hold thousands.
const MAX_EXTRA: usize = 256;

impl Members {
    /// Nothing gathered yet. `integer` is what the format takes for an integer.
    pub(super) fn new(integer: fn(&str) -> Option<i64>) -> Self {
        Self {
            comment: Comment::default(),
            vpos: None,
            seen: 0,
            integer,
        }
    }

    /// Takes a member in. Unusable numbers are as if absent, unknown names are kept as extra.
    pub(super) fn set(&mut self, name: &str, value: Cow<'_, str>) {
        let Some(name) = Name::of(name) else {
            return self.set_extra(name, value);
        };
        if self.seen & name.bit() != 0 {
            return;
        }
        self.seen |= name.bit();
        let integer = || (self.integer)(&value);
        let comment = &mut self.comment;
        match name {
            Name::Thread => comment.thread = text(value),
            Name::Fork => comment.fork = Fork::parse(&value),
            Name::No => comment.no = integer().filter(|&no| no >= 0),
            Name::Vpos => self.vpos = Some(integer().map(Vpos).ok_or_else(|| excerpt(&value))),
            Name::Date => comment.date = integer(),
            Name::DateUsec => comment.date_usec = microseconds(integer()),
            Name::Mail => comment.mail = Mail::parse(&value),
            Name::UserId => comment.user = text(value),
            Name::Premium => comment.premium = flag(integer()),
            Name::Anonymity => comment.anonymous = integer().is_some_and(|n| n != 0),
            Name::Score => comment.score = integer(),
            Name::Nicoru => comment.nicoru = integer(),
            Name::Deleted => comment.deleted = flag(integer()),
            Name::Leaf => comment.leaf = integer(),
            Name::Content => comment.body = value.into_owned(),
        }
    }

    fn set_extra(&mut self, name: &str, value: Cow<'_, str>) {
        let extra = &mut self.comment.extra;
        let usable = !name.is_empty() && name != "xmlns" && extra.len() < MAX_EXTRA;
        if usable && extra.iter().all(|(known, _)| known != name) {
            extra.push((name.to_owned(), value.into_owned()));
        }
    }

    /// Sets the text, for formats that do not hold it as a member.
    pub(super) fn set_body(&mut self, body: String) {
        self.comment.body = body;
    }

    /// The comment, if its `vpos` is usable.
    ///
    /// A source that names no fork says by a missing user that the owner wrote it, unless it was
    /// deleted or is anonymous.
    pub(super) fn into_comment(mut self) -> Result<Comment, ErrorKind> {
        self.comment.vpos = self
            .vpos
            .ok_or(ErrorKind::NoVpos("vpos"))?
            .map_err(ErrorKind::Vpos)?;
        if self.seen & Name::Fork.bit() == 0
            && self.comment.user.is_none()
            && !self.comment.is_deleted()
            && !self.comment.anonymous
        {
            self.comment.fork = Fork::Owner;
        }
        Ok(self.comment)
    }
}

/// `None` for empty text.
pub(super) fn text(value: Cow<'_, str>) -> Option<String> {
    (!value.is_empty()).then(|| value.into_owned())
}

/// Microseconds within a second, `None` outside.
pub(super) fn microseconds(number: Option<i64>) -> Option<u32> {
    number
        .and_then(|n| u32::try_from(n).ok())
        .filter(|&n| n < 1_000_000)
}

/// A small number whose being 0 or not is what counts: any other that does not fit is 255.
pub(super) fn flag(number: Option<i64>) -> u8 {
    number.map_or(0, |n| u8::try_from(n).unwrap_or(u8::MAX))
}

/// The beginning of a text, for an error.
pub(super) fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}
