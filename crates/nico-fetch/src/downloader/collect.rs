use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use super::Downloader;
use crate::error::Error;
use crate::numbers::{Numbers, number};
use crate::store;
use crate::video::VideoId;
use nico_comments::{
    Comment, Comments, Fork, Format, ReadOptions, WriteOptions, XmlWriter, write_file, write_whole,
};

impl Downloader {
    /// Runs the program for a video and makes a collection of what it left: its files go to
    /// `folder/external`, all their comments once each to `comments.xml` or `comments.json`. Files
    /// that earlier runs left there are among them. Only comments with a number are recognised when
    /// they come again.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); if a file cannot be read to its end although it began well, or the
    /// collection cannot be written; [`Error::Busy`] if another process fetches into the folder; if `format` is neither [`Format::Xml`] nor [`Format::V1Json`],
    /// before the program is run.
    pub fn collect(
        &self,
        video: &VideoId,
        folder: impl AsRef<Path>,
        format: Format,
    ) -> Result<Downloaded, Error> {
        let folder = folder.as_ref();
        let name = match format {
            Format::Xml => "comments.xml",
            Format::V1Json => "comments.json",
            format => return Err(Error::Format(format)),
        };
        let _lock = store::lock(folder)?;
        let files = self.run_beside(video, &folder.join("external"), |_| Ok(Vec::new()))?;
        let mut downloaded = Downloaded {
            file: folder.join(name),
            files,
            comments: 0,
            duplicates: 0,
            rejected: 0,
        };
        if format == Format::V1Json {
            downloaded.write_json()?;
        } else {
            downloaded.write_xml()?;
        }
        Ok(downloaded)
    }
}

/// Result of another program's download, made one collection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// The collection.
    pub file: PathBuf,
    /// The files of the program that hold comments.
    pub files: Vec<PathBuf>,
    /// Comments of the collection.
    pub comments: u64,
    /// Comments that came again.
    pub duplicates: u64,
    /// Comments that could not be read.
    pub rejected: u64,
}

impl Downloaded {
    /// Writes the collection as v1 JSON, all comments of which are held: its threads say first how
    /// many they have.
    fn write_json(&mut self) -> Result<(), Error> {
        let mut comments = Vec::new();
        self.read(|comment| {
            comments.push(comment);
            Ok(())
        })?;
        let options = WriteOptions::default();
        Ok(write_file(&self.file, Format::V1Json, &comments, &options)?)
    }

    /// Writes the collection as XML, a comment at a time.
    fn write_xml(&mut self) -> Result<(), Error> {
        let mut failure = None;
        let written = write_whole(self.file.clone(), |out| {
            let mut writer = XmlWriter::new(out, WriteOptions::default());
            if let Err(error) = self.read(|comment| writer.write(&comment)) {
                failure = Some(error);
                return Err(io::Error::other("the files cannot be read"));
            }
            writer.finish().map(drop)
        });
        match failure {
            Some(failure) => Err(failure),
            None => Ok(written?),
        }
    }

    /// Reads all files and gives each comment once.
    fn read(&mut self, mut take: impl FnMut(Comment) -> io::Result<()>) -> Result<(), Error> {
        let mut seen: HashMap<(Option<String>, Fork), Numbers> = HashMap::new();
        for path in &self.files {
            for comment in Comments::open(path, ReadOptions::default()).map_err(Error::Read)? {
                match comment {
                    Ok(comment) => {
                        let thread = (comment.thread.clone(), comment.fork.clone());
                        if number(&comment)
                            .is_none_or(|number| seen.entry(thread).or_default().insert(number))
                        {
                            self.comments += 1;
                            take(comment).map_err(Error::at(&self.file))?;
                        } else {
                            self.duplicates += 1;
                        }
                    }
                    Err(error) if error.is_fatal() => return Err(Error::Read(error)),
                    Err(_) => self.rejected += 1,
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_several_files_hold_is_collected_once() {
        let folder = tempfile::tempdir().unwrap();
        let chats = |chats: &str| format!("echo '<packet>{chats}</packet>'");
        let one = r#"<chat thread="1" no="1" vpos="1" user_id="u">a</chat>"#;
        let two = r#"<chat thread="1" fork="1" no="1" vpos="1">b</chat><chat vpos="x"/><chat vpos="2">c</chat>"#;
        let script = format!(
            "{} > $1/1.xml; {} > $1/2.xml",
            chats(one),
            chats(&format!("{one}{two}"))
        );
        let downloader = Downloader::new("sh").args(["-c", &script, "{id}", "{out}"]);
        for format in [Format::Xml, Format::V1Json] {
            let found = downloader
                .collect(&"sm9".parse().unwrap(), folder.path(), format)
                .unwrap();
            assert_eq!(
                (
                    found.files.len(),
                    found.comments,
                    found.duplicates,
                    found.rejected
                ),
                (2, 3, 1, 1)
            );
            let bodies = Comments::open(&found.file, ReadOptions::default())
                .unwrap()
                .map(|comment| comment.unwrap().body);
            assert_eq!(bodies.collect::<String>().len(), 3);
        }
    }

    /// Two programs would write one collection over the other's.
    #[cfg(unix)]
    #[test]
    fn one_process_at_a_time_collects() {
        let folder = tempfile::tempdir().unwrap();
        let lock = store::lock(folder.path()).unwrap();
        let downloader = Downloader::new("/no/such/program");
        let collect = || {
            let video = "sm9".parse().unwrap();
            downloader
                .collect(&video, folder.path(), Format::Xml)
                .unwrap_err()
        };
        assert!(matches!(collect(), Error::Busy(busy) if busy == folder.path()));
        drop(lock);
        assert!(matches!(collect(), Error::Start { .. }));
    }

    #[test]
    fn other_formats_are_refused_before_the_program_is_run() {
        let folder = tempfile::tempdir().unwrap();
        let downloader = Downloader::new("/no/such/program");
        for format in [Format::FormattedJson, Format::OwnerText] {
            let error = downloader
                .collect(&"sm9".parse().unwrap(), folder.path(), format)
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(format.as_str()) && error.contains("xml or v1-json"),
                "{error}"
            );
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
