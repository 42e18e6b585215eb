//! Readers: one front ([`Comments`]) for all formats, a scanner each for XML, JSON, subtitles and
//! text.

mod ass;
mod chat;
mod comments;
mod encoding;
mod error;
mod json;
mod metadata;
mod options;
mod owner;
mod source;
mod text;
mod user_key;
mod xml;

pub use comments::Comments;
pub use error::{Error, ErrorKind};
pub use metadata::Metadata;
pub use options::{Format, ReadOptions, Summary};
pub(crate) use owner::time as parse_time;
pub(crate) use text::clean;
pub use user_key::UserKey;
