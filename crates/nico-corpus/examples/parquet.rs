//! Comment files, or folders of them, as Parquet tables for SQL engines: comments partitioned by
//! show, files, and with a dictionary on this system their words.
//!
//! `cargo run --release -p nico-corpus --features parquet --example parquet -- CORPUS COMMENTS…`

use std::{error::Error, path::PathBuf};

use jp_tokenize::{Dictionary, DictionaryOptions, Tokenizer};
use nico_comments::CommentFiles;
use nico_corpus::{ParquetFolderOptions, Reading, write_parquet_folder};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let corpus = arguments.next().ok_or("expected CORPUS COMMENTS…")?;
    let files = CommentFiles::find(arguments)?.files;
    let tokenizer = match Dictionary::find() {
        Ok(_) => Some(Tokenizer::new(DictionaryOptions::default().open()?)?),
        Err(_) => None,
    };
    let options = ParquetFolderOptions::default().tokenizer(tokenizer.as_ref());
    let report = write_parquet_folder(
        &corpus,
        &files,
        options,
        &Reading::default(),
        |damaged| eprintln!("skipped: {damaged}"),
        |path, text| eprintln!("{}: {text}", path.display()),
    )?;
    println!(
        "{} comments and {} words of {} files, {} shows",
        report.comments, report.words, report.files, report.shows
    );
    Ok(())
}
