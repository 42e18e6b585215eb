//! The original experiment's tables of comment files, as text, JSON and CSV.

mod csv;
mod frame_tables;
mod options;
mod report;
mod text;
mod words;

#[cfg(feature = "parquet")]
pub(crate) use frame_tables::SPLIT_SEED;
pub use options::TableOptions;
pub use report::CommentTables;
