//! Message-server XML, read by the forgiving rules of comment-formats, 1.2.
//!
//! [`Scanner`] cuts the `chat` elements out of the stream; [`comment`] turns one into a [`Comment`](crate::Comment), its
//! attributes by quick-xml where they are well-formed and by our own rules where they are not.

mod attributes;
mod decode;
mod scan;

pub(super) use decode::comment;
pub(super) use scan::{Found, Scanner};
