//! Message-server XML, read by the forgiving rules of `docs/spec/comment-formats.md`, section 1.2.
//!
//! [`Scanner`] cuts `chat` elements out of the stream, [`comment()`] makes a
//! [`Comment`](crate::Comment) of one; Bilibili's `d` elements are read by the same rules
//! ([`bilibili()`]), and [`Root`] tells the two apart. The attributes of a tag are read in the first way that fits:
//! `name="value"` one after the other as nearly all tags are (without this way reading takes 1.17
//! times as long), by quick-xml as any well-formed tag, or by our own rules what is damaged.
//!
//! quick-xml's `Reader` does not take the scanner's place: comments made of its events take 1.3
//! times as long (`benches/comments/run.sh`), and it ends at the first mistake, where the rules
//! want the other comments of the file, an error with its place for each that is lost, a bound on
//! memory, and the same result in whatever pieces the stream comes.

mod attributes;
mod decode;
mod root;
mod scan;

pub(super) use decode::{bilibili, comment};
pub(super) use root::Root;
pub(super) use scan::{Chat, Element, Found, Scanner};
