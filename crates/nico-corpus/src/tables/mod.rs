//! The original experiment's tables of comment files, as text, JSON and CSV.

mod csv;
mod frame_tables;
mod options;
mod report;
mod text;
mod words;

pub use options::TableOptions;
pub use report::CommentTables;
