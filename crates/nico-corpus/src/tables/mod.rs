//! The original experiment's tables of comment files, as text, JSON and CSV.

mod csv;
mod options;
mod places;
mod report;
mod text;
mod tokens;

pub use options::TableOptions;
pub use report::CommentTables;
