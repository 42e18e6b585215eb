//! Parquet files for SQL engines: comments, and any other table of typed columns, streamed.

mod buffer;
mod cell;
mod comments;
mod table;

pub use cell::ParquetCell;
pub use comments::{ParquetOptions, ParquetWriter};
pub use table::{ParquetColumn, ParquetTable, ParquetType};
