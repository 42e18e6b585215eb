use std::borrow::Cow;
use std::io::{self, Write};

use crate::Comment;
use crate::read::clean;

/// Writes the members of a JSON object, commas between.
pub(super) struct Object<'a, W> {
    out: &'a mut W,
    first: bool,
}

impl<'a, W: Write> Object<'a, W> {
    pub(super) fn begin(out: &'a mut W) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Self { out, first: true })
    }

    /// Writes a name and gives the output for its value.
    pub(super) fn name(&mut self, name: &str) -> io::Result<&mut W> {
        if !self.first {
            self.out.write_all(b",")?;
        }
        self.first = false;
        write!(self.out, "\"{name}\":")?;
        Ok(self.out)
    }

    pub(super) fn integer(&mut self, name: &str, value: i64) -> io::Result<()> {
        write!(self.name(name)?, "{value}")
    }

    pub(super) fn truth(&mut self, name: &str, value: bool) -> io::Result<()> {
        write!(self.name(name)?, "{value}")
    }

    pub(super) fn text(&mut self, name: &str, value: &str) -> io::Result<()> {
        text(self.name(name)?, value)
    }

    pub(super) fn null(&mut self, name: &str) -> io::Result<()> {
        self.name(name)?.write_all(b"null")
    }

    pub(super) fn texts<'t>(
        &mut self,
        name: &str,
        values: impl Iterator<Item = &'t str>,
    ) -> io::Result<()> {
        let out = self.name(name)?;
        out.write_all(b"[")?;
        for (index, value) in values.enumerate() {
            if index > 0 {
                out.write_all(b",")?;
            }
            text(out, value)?;
        }
        out.write_all(b"]")
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(b"}")
    }
}

fn text(out: &mut impl Write, value: &str) -> io::Result<()> {
    serde_json::to_writer(out, &clean(Cow::Borrowed(value))).map_err(io::Error::from)
}

/// The commands of a comment, with `invisible` among them if it is to be hidden.
pub(super) fn commands(comment: &Comment, hide: bool) -> impl Iterator<Item = &str> {
    let hide = hide && !comment.mail.is_invisible();
    comment.mail.words().chain(hide.then_some("invisible"))
}

/// Whether a player that knows no deleted comments would show this one.
pub(super) fn shows_deleted(comment: &Comment) -> bool {
    comment.is_deleted() && !comment.body.trim().is_empty()
}

/// Writes how a comment was deleted, if it was.
pub(super) fn deleted<W: Write>(object: &mut Object<'_, W>, comment: &Comment) -> io::Result<()> {
    if comment.is_deleted() {
        object.integer("deleted", comment.deleted.into())?;
    }
    Ok(())
}
