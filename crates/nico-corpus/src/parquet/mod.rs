//! Comments, their words, files and frames as a folder of Parquet tables.

mod folder;
mod frames;
mod partial_folder;
mod place;
mod show_tables;
mod words;

pub use folder::{ParquetFolderOptions, ParquetReport, write_parquet_folder};
pub use place::VideoPlace;
