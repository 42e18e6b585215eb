//! Writing comments.

mod options;
mod rate;
mod writer;

pub use options::GenerateOptions;
pub use rate::CommentRate;
pub use writer::{Generated, Generator};
