//! Comment JSON in all its shapes, streamed: [`Scanner`] walks the brackets and cuts the comment
//! objects out, [`decode()`] turns one into a [`Comment`](crate::Comment).
//!
//! serde_json refuses lone surrogates and raw control characters, which real files hold
//! (`docs/spec/comment-formats.md`, section 2), so the tokens are read here: [`value`] has the
//! lexer. Nothing recurses; nesting costs a counter.

mod bracket;
mod decode;
mod object;
mod scan;
mod value;

pub(super) use decode::{Decoded, decode};
pub(super) use scan::{Found, Item, Scanner, Thread};
