//! A show's part of the tables.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use nico_comments::{Comment, ParquetOptions, ParquetWriter, WholeFile, WriteError};

use super::{
    folder::{ParquetFolderOptions, ParquetReport},
    place::partition,
    words::WordTable,
};
use crate::error::Error;

/// A show's part of the tables.
pub(super) struct ShowTables<'a> {
    comments: ParquetWriter<WholeFile>,
    comments_path: PathBuf,
    words: Option<WordTable<'a>>,
    words_path: PathBuf,
    file: i32,
}

impl<'a> ShowTables<'a> {
    pub(super) fn create(
        folder: &Path,
        show: Option<&str>,
        options: ParquetFolderOptions<'a>,
    ) -> Result<Self, Error> {
        let path = |table: &str| {
            folder
                .join(table)
                .join(partition(show))
                .join("part-0.parquet")
        };
        let create = |path: &Path| -> Result<WholeFile, Error> {
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).map_err(Error::io(parent))?;
            Ok(WholeFile::create(path)?)
        };
        let (comments_path, words_path) = (path("comments"), path("words"));
        let columns = ParquetOptions::default()
            .show(false)
            .timeline(options.timeline.cloned());
        let comments = ParquetWriter::new(create(&comments_path)?, columns);
        let words = match options.tokenizer {
            None => None,
            Some(tokenizer) => {
                let table = WordTable::new(create(&words_path)?, tokenizer);
                Some(table.map_err(cannot_write(&words_path))?)
            }
        };
        Ok(Self {
            comments: comments.map_err(cannot_write(&comments_path))?,
            comments_path,
            words,
            words_path,
            file: 0,
        })
    }

    pub(super) fn begin_file(&mut self, number: i32, episode: Option<&str>) {
        self.file = number;
        self.comments.begin_file(number, None, episode);
    }

    pub(super) fn push(&mut self, comment: Comment) -> Result<(), Error> {
        let number = self.comments.next_comment();
        let written = self.comments.write(&comment);
        written.map_err(cannot_write(&self.comments_path))?;
        if let Some(words) = &mut self.words
            && crate::is_speech(&comment)
        {
            let written = words.push(self.file, number, comment.body);
            written.map_err(cannot_write(&self.words_path))?;
        }
        Ok(())
    }

    pub(super) fn finish(self, report: &mut ParquetReport) -> Result<(), Error> {
        report.comments += self.comments.num_comments();
        report.dates_lost += self.comments.dates_lost();
        let comments = self.comments.finish();
        comments
            .map_err(cannot_write(&self.comments_path))?
            .commit()?;
        if let Some(words) = self.words {
            let (file, rows) = words.finish().map_err(cannot_write(&self.words_path))?;
            report.words += rows;
            file.commit()?;
        }
        Ok(())
    }
}

/// The error of writing a file, with its name.
pub(super) fn cannot_write(path: &Path) -> impl FnOnce(io::Error) -> WriteError + '_ {
    |source| WriteError::Io {
        path: path.to_owned(),
        source,
    }
}
