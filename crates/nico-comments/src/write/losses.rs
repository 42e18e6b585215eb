use std::collections::BTreeMap;
use std::fmt;

use crate::{Comment, Format};

/// Fields of comments that a format cannot hold, each with the number of comments that lose it. To
/// be told to whoever has them written.
///
/// ```
/// use nico_comments::{Comment, Format, Losses, Vpos};
///
/// let scored = Comment::new(Vpos(7), "草").score(-100);
/// let comments = [scored, Comment::new(Vpos(9), "w").user("Yg_6")];
/// let losses = Losses::of(&comments, Format::FormattedJson);
/// assert_eq!(losses.fields().collect::<Vec<_>>(), [("score", 1), ("user", 1)]);
/// assert_eq!(
///     losses.to_string(),
///     "formatted-json cannot hold: score (1 of 2 comments), user (1)"
/// );
/// assert!(Losses::of(&comments, Format::Xml).is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Losses {
    format: Format,
    comments: u64,
    characters: u64,
    fields: BTreeMap<&'static str, u64>,
}

impl Losses {
    /// No losses of no comment yet; those written one by one are [`add`](Self::add)ed.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            format,
            comments: 0,
            characters: 0,
            fields: BTreeMap::new(),
        }
    }

    /// The losses of all these comments.
    #[must_use]
    pub fn of<'a>(comments: impl IntoIterator<Item = &'a Comment>, format: Format) -> Self {
        let mut losses = Self::new(format);
        comments.into_iter().for_each(|comment| losses.add(comment));
        losses
    }

    /// Counts what is lost of one more comment; see [`Comment::lost_in`].
    pub fn add(&mut self, comment: &Comment) {
        self.comments += 1;
        let lost = comment.lost_in(self.format);
        if !lost.is_empty() {
            self.characters += comment.characters_lost_in(self.format);
        }
        for field in lost {
            *self.fields.entry(field).or_default() += 1;
        }
    }

    /// Characters that were left out of texts because the format does not allow them: control
    /// characters, in XML also U+FFFE and U+FFFF. The texts count among the
    /// [`fields`](Self::fields).
    #[must_use]
    pub fn characters(&self) -> u64 {
        self.characters
    }

    /// The format that cannot hold them.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Comments counted.
    #[must_use]
    pub fn comments(&self) -> u64 {
        self.comments
    }

    /// The fields that are lost, by name, with the number of comments that lose them.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.fields.iter().map(|(&field, &count)| (field, count))
    }

    /// Whether nothing is lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// A line for people.
impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = self.fields();
        let Some((field, count)) = fields.next() else {
            return write!(f, "{} holds everything", self.format);
        };
        let Self {
            format, comments, ..
        } = self;
        write!(
            f,
            "{format} cannot hold: {field} ({count} of {comments} comments)"
        )?;
        fields.try_for_each(|(field, count)| write!(f, ", {field} ({count})"))?;
        match self.characters {
            0 => Ok(()),
            1 => write!(f, "; 1 character left out that it does not allow"),
            more => write!(f, "; {more} characters left out that it does not allow"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vpos;

    #[test]
    fn nothing_lost_is_said_too() {
        let comment = Comment::new(Vpos(0), "w").user("a");
        let losses = Losses::of([&comment], Format::Xml);
        assert_eq!(losses.to_string(), "xml holds everything");
        assert_eq!(losses.fields().count(), 0);
    }

    #[test]
    fn characters_that_xml_does_not_allow_are_counted() {
        let comments = [
            Comment::new(Vpos(0), "\u{FFFF}\u{FFFE}草").user("a\u{1}"),
            Comment::new(Vpos(1), "ふつう").user("b"),
        ];
        let losses = Losses::of(&comments, Format::Xml);
        assert_eq!(losses.characters(), 3);
        assert_eq!(
            losses.to_string(),
            "xml cannot hold: body (1 of 2 comments), user (1); \
             3 characters left out that it does not allow"
        );
        let losses = Losses::of(&comments, Format::V1Json);
        assert_eq!(losses.characters(), 1);
    }
}
