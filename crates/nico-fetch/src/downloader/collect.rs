use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use super::Downloader;
use crate::error::Error;
use crate::numbers::{Numbers, content_key, number};
use crate::store;
use crate::video::VideoId;
use nico_comments::{
    Comment, Comments, Fork, Format, ReadOptions, WriteOptions, XmlWriter, write_file, write_whole,
};

impl Downloader {
    /// Runs the program for a video and makes a collection of what it left: its files go to
    /// `folder/external/` and the id of the video, all their comments once each to `comments.xml`
    /// or `comments.json`; the collection in the other format that an earlier run left is removed.
    /// Files that earlier runs for the video left there are among them.
    ///
    /// Comments that come again are recognised by thread, fork and number; where the thread is not
    /// known, as in the flat lists of yt-dlp, by their ids; where there is none either, by number,
    /// date, user, position and text. Those without number and id are all taken.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); if a file cannot be read to its end although it began well, or the
    /// collection cannot be written; [`Error::Busy`] if another process fetches into the folder; if
    /// `format` is neither [`Format::Xml`] nor [`Format::V1Json`], before the program is run.
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
        let external = folder.join("external").join(video.as_str());
        let files = self.run_beside(video, &external, |_| Ok(Vec::new()))?;
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
        store::remove_other(folder, name)?;
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
        let mut known = Known::default();
        for path in &self.files {
            for comment in Comments::open(path, ReadOptions::default()).map_err(Error::Read)? {
                match comment {
                    Ok(comment) if known.insert(&comment) => {
                        self.comments += 1;
                        take(comment).map_err(Error::at(&self.file))?;
                    }
                    Ok(_) => self.duplicates += 1,
                    Err(error) if error.is_fatal() => return Err(Error::Read(error)),
                    Err(_) => self.rejected += 1,
                }
            }
        }
        Ok(())
    }
}

/// The comments that were read, by what tells them apart.
#[derive(Default)]
struct Known {
    numbers: HashMap<(String, Fork), Numbers>,
    /// Ids; numbers and contents of comments without.
    others: HashSet<String>,
}

impl Known {
    /// Adds a comment; `false` if it was there.
    fn insert(&mut self, comment: &Comment) -> bool {
        match (comment.known_thread(), comment.known_id(), number(comment)) {
            (Some(thread), _, Some(number)) => {
                let thread = (thread.to_owned(), comment.fork.clone());
                self.numbers.entry(thread).or_default().insert(number)
            }
            (_, Some(id), _) => self.others.insert(id.to_owned()),
            (_, None, Some(number)) => {
                let key = format!("{number} {}", content_key(comment));
                self.others.insert(key)
            }
            (_, None, None) => true,
        }
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
            let collections = ["comments.xml", "comments.json"];
            let there = collections
                .iter()
                .filter(|name| folder.path().join(name).exists());
            assert_eq!(there.count(), 1, "only the collection of this run");
        }
    }

    /// yt-dlp's flat list: the owner's, the viewers' and the easy comments, each numbered from 1.
    #[cfg(unix)]
    #[test]
    fn numbers_of_unnamed_threads_drop_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let flat = |id: &str, body: &str| {
            format!(r#"{{"id":"{id}","no":1,"vposMs":10,"body":"{body}","userId":"u"}}"#)
        };
        let chat = |body: &str| format!(r#"<chat no="1" vpos="1" user_id="u">{body}</chat>"#);
        let list = [flat("11", "a"), flat("12", "a"), flat("11", "a")].join(",");
        let chats = [chat("b"), chat("c"), chat("b")].concat();
        let filled = chats.replace("<chat", r#"<chat thread="0""#);
        let script = format!(
            "echo '[{list}]' > $1/1.json; echo '<packet>{chats}</packet>' > $1/2.xml; \
             echo '<packet>{filled}</packet>' > $1/3.xml"
        );
        let downloader = Downloader::new("sh").args(["-c", &script, "{id}", "{out}"]);
        let found = downloader
            .collect(&"sm9".parse().unwrap(), folder.path(), Format::Xml)
            .unwrap();
        // The third file holds what the second does.
        assert_eq!((found.comments, found.duplicates), (4, 5));
    }

    #[cfg(unix)]
    #[test]
    fn videos_are_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        let script = "test $0 = sm11 || echo '<chat vpos=\"1\" no=\"1\" user_id=\"u\">'$0'</chat>' > $1/$0.xml";
        let downloader = Downloader::new("sh").args(["-c", script, "{id}", "{out}"]);
        let collect = |id: &str| {
            let video = id.parse().unwrap();
            downloader.collect(&video, folder.path(), Format::Xml)
        };
        assert_eq!(collect("sm9").unwrap().comments, 1);
        let found = collect("sm10").unwrap();
        assert_eq!((found.comments, found.files.len()), (1, 1));
        assert!(found.files[0].ends_with("external/sm10/sm10.xml"));
        assert!(matches!(collect("sm11"), Err(Error::NoFile { .. })));
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
