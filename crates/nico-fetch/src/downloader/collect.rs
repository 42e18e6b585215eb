use std::io;
use std::path::{Path, PathBuf};

use super::Downloader;
use crate::error::Error;
use crate::store;
use crate::video::VideoId;
use nico_comments::{
    Comment, Comments, Filter, Format, ReadOptions, Repeats, WriteOptions, XmlWriter, write_file,
    write_whole,
};

impl Downloader {
    /// Runs the program for a video and makes a collection of what it left: its files go to
    /// `folder/external/` and the id of the video, all their comments once each to `comments.xml`
    /// or `comments.json`; the collection in the other format is removed if an earlier run wrote
    /// it. Files that earlier runs for the video left there are among them.
    ///
    /// Comments that come again are recognised by their [`key`](Comment::key), as
    /// [`Repeats::of_comments`] does: those that have none are all taken.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); if a file cannot be read to its end although it began well, or the
    /// collection cannot be written. Before the program is run: [`Error::Busy`] if another process
    /// fetches into the folder; [`Error::ForeignFile`] if a file that no run wrote is in the
    /// collection's place; [`Error::Format`] if `format` is neither [`Format::Xml`] nor
    /// [`Format::V1Json`].
    pub fn collect(
        &self,
        video: &VideoId,
        folder: impl AsRef<Path>,
        format: Format,
    ) -> Result<Downloaded, Error> {
        let folder = folder.as_ref();
        let name = store::collection_name(format).ok_or(Error::Format(format))?;
        let _lock = store::lock(folder)?;
        store::check_place(folder, name)?;
        let external = folder.join("external").join(video.as_str());
        let files = self.run_beside(video, &external, |_| Ok(Vec::new()))?;
        let mut downloaded = Downloaded {
            file: folder.join(name),
            other_collection: None,
            files,
            comments: 0,
            duplicates: 0,
            rejected: 0,
        };
        store::claim(folder, name)?;
        if format == Format::V1Json {
            downloaded.write_json()?;
        } else {
            downloaded.write_xml()?;
        }
        let other = store::remove_other(folder, name)?;
        downloaded.other_collection = other.map(|other| folder.join(other));
        Ok(downloaded)
    }
}

/// Result of another program's download, made one collection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// The collection.
    pub file: PathBuf,
    /// The file in the folder that has the name of a collection in another format and that no run
    /// wrote. It stays, so that whoever reads the folder reads both.
    pub other_collection: Option<PathBuf>,
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
        let known = Repeats::of_comments();
        for path in &self.files {
            for comment in Comments::open(path, ReadOptions::default()).map_err(Error::Read)? {
                match comment {
                    Ok(comment) if known.keeps(&comment) => {
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
        let ids = ["1000000011", "1000000012", "1000000011"];
        let list = ids.map(|id| flat(id, "a")).join(",");
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

    /// As `Repeats` has it: by when they were posted, and not at all where nothing says so.
    #[cfg(unix)]
    #[test]
    fn comments_without_numbers_are_known_by_their_posting() {
        let folder = tempfile::tempdir().unwrap();
        let posted = r#"<chat vpos="1" date="5" user_id="u">w</chat>"#;
        let bare = r#"<chat vpos="1">w</chat>"#;
        let chats = [posted, &posted.replace('5', "6"), bare, bare].concat();
        let script = format!("for i in 1 2; do echo '<packet>{chats}</packet>' > $1/$i.xml; done");
        let downloader = Downloader::new("sh").args(["-c", &script, "{id}", "{out}"]);
        let found = downloader
            .collect(&"sm9".parse().unwrap(), folder.path(), Format::Xml)
            .unwrap();
        assert_eq!((found.comments, found.duplicates), (6, 2));
    }

    /// A file that somebody put there is neither removed nor written over.
    #[cfg(unix)]
    #[test]
    fn files_of_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let by_hand = folder.path().join("comments.json");
        std::fs::write(&by_hand, "[]").unwrap();
        let script = "echo '<chat vpos=\"1\" no=\"1\" user_id=\"u\">a</chat>' > $1/a.xml";
        let downloader = Downloader::new("sh").args(["-c", script, "{id}", "{out}"]);
        let collect = |format| downloader.collect(&"sm9".parse().unwrap(), folder.path(), format);
        assert!(
            matches!(collect(Format::V1Json), Err(Error::ForeignFile(path)) if path == by_hand)
        );
        assert!(!folder.path().join("external").exists(), "it was run");
        let found = collect(Format::Xml).unwrap();
        assert_eq!(found.other_collection.as_deref(), Some(&*by_hand));
        assert_eq!(std::fs::read(&by_hand).unwrap(), b"[]");
        std::fs::remove_file(&by_hand).unwrap();
        assert_eq!(collect(Format::Xml).unwrap().other_collection, None);
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
