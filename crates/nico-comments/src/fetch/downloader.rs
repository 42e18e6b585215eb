use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::clock::{Clock, SystemClock};
use super::numbers::{Numbers, number};
use super::video::VideoId;
use crate::{
    Comment, Comments, Fork, Format, ReadOptions, WriteError, WriteOptions, XmlWriter, write_file,
    write_whole,
};

/// Bytes of the program's errors that are shown.
const SHOWN: u64 = 2048;
/// Files and folders that are looked at.
const MAX_FILES: usize = 10_000;
/// Folders within folders that are looked at.
const MAX_DEPTH: usize = 8;

/// Another program that downloads comments (Saccubus, yt-dlp, …): any command that leaves files of a format this crate reads.
///
/// The command is run without a shell. In its arguments `{id}` stands for the video and `{out}` for the folder that the files are to be left
/// in. Its output is not shown; the end of what it says on standard error is part of the error if it fails.
///
/// ```
/// # #[cfg(unix)] {
/// use nico_comments::fetch::Downloader;
///
/// let folder = tempfile::tempdir()?;
/// let script = "echo '<packet><chat vpos=\"1\">'$0'</chat></packet>' > $1/c.xml";
/// let files = Downloader::new("sh").args(["-c", script, "{id}", "{out}"]).run(&"sm9".parse()?, folder.path())?;
/// assert_eq!(files, [folder.path().join("c.xml")]);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Downloader {
    /// The program, by path or by name.
    pub program: OsString,
    /// Its arguments, with `{id}` and `{out}` in them.
    pub args: Vec<String>,
    /// How long it may take. Default: an hour.
    pub time_limit: Duration,
}

impl Downloader {
    /// A program without arguments.
    #[must_use]
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            time_limit: Duration::from_secs(60 * 60),
        }
    }

    /// A command as it would be typed: words between spaces, quotes around what holds spaces. No variables, no pipes.
    ///
    /// ```
    /// use nico_comments::fetch::Downloader;
    ///
    /// let command = "yt-dlp --write-subs --skip-download -o '{out}/%(id)s' https://www.nicovideo.jp/watch/{id}";
    /// let downloader = Downloader::parse(command).expect("quotes are closed");
    /// assert_eq!((downloader.program, downloader.args.len()), ("yt-dlp".into(), 5));
    /// ```
    ///
    /// `None` if there is no word or a quote is not closed.
    #[must_use]
    pub fn parse(command: &str) -> Option<Self> {
        let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
        for c in command.chars() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (Some(_), c) => word.get_or_insert_default().push(c),
                (None, '\'' | '"') => {
                    quote = Some(c);
                    word.get_or_insert_default();
                }
                (None, c) if c.is_whitespace() => words.extend(word.take()),
                (None, c) => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        let mut words = words.into_iter();
        let program = words
            .next()
            .filter(|program| quote.is_none() && !program.is_empty())?;
        Some(Self::new(program).args(words))
    }

    /// Sets [`args`](Self::args).
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`time_limit`](Self::time_limit).
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Runs the program for a video and gives the comment files that it left in `out`, by name. Files that hold no comments
    /// (pictures, descriptions) are passed over; so are files that were there before and did not change.
    ///
    /// # Errors
    ///
    /// If the program cannot be run, fails or takes too long, or leaves no comment file.
    pub fn run(
        &self,
        video: &VideoId,
        out: impl AsRef<Path>,
    ) -> Result<Vec<PathBuf>, DownloadError> {
        self.run_beside(video, out.as_ref(), files)
    }

    /// Runs the program; the files that `known` finds before are not taken for its own.
    fn run_beside(
        &self,
        video: &VideoId,
        out: &Path,
        known: impl FnOnce(&Path) -> Result<Vec<FileMark>, DownloadError>,
    ) -> Result<Vec<PathBuf>, DownloadError> {
        fs::create_dir_all(out).map_err(DownloadError::at(out))?;
        let out = &std::path::absolute(out).map_err(DownloadError::at(out))?;
        let known = known(out)?;
        self.command(video, out)?;
        let mut found = Vec::new();
        for file in files(out)? {
            if !known.contains(&file) && holds_comments(&file.0) {
                found.push(file.0);
            }
        }
        if found.is_empty() {
            let program = self.program.to_string_lossy().into_owned();
            return Err(DownloadError::NoFile {
                program,
                out: out.clone(),
            });
        }
        Ok(found)
    }

    /// Runs the program for a video and makes a collection of what it left: its files go to `folder/external`, all their comments
    /// once each to `comments.xml` or `comments.json`. Files that earlier runs left there are among them. Only comments with a number are recognised when they come again.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); if a file cannot be read to its end although it began well, or the collection cannot be written.
    pub fn collect(
        &self,
        video: &VideoId,
        folder: impl AsRef<Path>,
        format: Format,
    ) -> Result<Downloaded, DownloadError> {
        let folder = folder.as_ref();
        let files = self.run_beside(video, &folder.join("external"), |_| Ok(Vec::new()))?;
        let mut downloaded = Downloaded {
            file: folder.join(if format == Format::V1Json {
                "comments.json"
            } else {
                "comments.xml"
            }),
            files,
            comments: 0,
            duplicates: 0,
            rejected: 0,
        };
        let mut failure = None;
        let written = match format {
            Format::V1Json => {
                let mut comments = Vec::new();
                downloaded.read(|comment| {
                    comments.push(comment);
                    Ok(())
                })?;
                write_file(
                    &downloaded.file,
                    format,
                    &comments,
                    &WriteOptions::default(),
                )
            }
            Format::Xml => write_whole(downloaded.file.clone(), |out| {
                let mut writer = XmlWriter::new(out, WriteOptions::default());
                if let Err(error) = downloaded.read(|comment| writer.write(&comment)) {
                    failure = Some(error);
                    return Err(std::io::Error::other("the files cannot be read"));
                }
                writer.finish().map(drop)
            }),
            format => write_file(&downloaded.file, format, &[], &WriteOptions::default()),
        };
        match failure {
            Some(failure) => Err(failure),
            None => Ok(written.map(|()| downloaded)?),
        }
    }

    fn command(&self, video: &VideoId, out: &Path) -> Result<(), DownloadError> {
        let program = || self.program.to_string_lossy().into_owned();
        let failed = |error| DownloadError::Start {
            program: program(),
            error,
        };
        let mut errors = tempfile::tempfile().map_err(failed)?; // a pipe could fill up, or be kept open by its children
        let args = self.args.iter().map(|arg| placed(arg, video, out));
        let mut child = Command::new(&self.program)
            .args(args)
            .env_remove(super::SESSION_VARIABLE)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors.try_clone().map_err(failed)?)
            .spawn()
            .map_err(failed)?;
        let clock = SystemClock::new();
        let status = loop {
            match child.try_wait().map_err(failed)? {
                Some(status) => break status,
                None if clock.elapsed() > self.time_limit => {
                    // It may have ended in the meantime.
                    let _ = child.kill();
                    let _ = child.wait();
                    let (program, seconds) = (program(), self.time_limit.as_secs());
                    return Err(DownloadError::TooLong {
                        program,
                        seconds,
                        said: tail(&mut errors),
                    });
                }
                None => clock.sleep(Duration::from_millis(20)),
            }
        };
        if status.success() {
            Ok(())
        } else {
            Err(DownloadError::Failed {
                program: program(),
                status: status.to_string(),
                said: tail(&mut errors),
            })
        }
    }
}

/// What another program left, made one collection.
///
/// ```
/// # fn show(downloaded: &nico_comments::fetch::Downloaded) {
/// println!("{} comments of {} files in {}", downloaded.comments, downloaded.files.len(), downloaded.file.display());
/// # }
/// ```
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
    /// Reads all files and gives each comment once.
    fn read(
        &mut self,
        mut take: impl FnMut(Comment) -> std::io::Result<()>,
    ) -> Result<(), DownloadError> {
        let mut seen: HashMap<(Option<String>, Fork), Numbers> = HashMap::new();
        for path in &self.files {
            for comment in
                Comments::open(path, ReadOptions::default()).map_err(DownloadError::Read)?
            {
                match comment {
                    Ok(comment) => {
                        let thread = (comment.thread.clone(), comment.fork.clone());
                        if number(&comment)
                            .is_none_or(|number| seen.entry(thread).or_default().insert(number))
                        {
                            self.comments += 1;
                            take(comment).map_err(DownloadError::at(&self.file))?;
                        } else {
                            self.duplicates += 1;
                        }
                    }
                    Err(error) if error.is_fatal() => return Err(DownloadError::Read(error)),
                    Err(_) => self.rejected += 1,
                }
            }
        }
        Ok(())
    }
}

/// The argument with its placeholders filled in, in one pass. `out` need not be Unicode.
fn placed(arg: &str, video: &VideoId, out: &Path) -> OsString {
    let mut placed = OsString::new();
    let mut rest = arg;
    while let Some(at) = rest.find('{') {
        placed.push(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix("{id}") {
            placed.push(video.as_str());
            rest = behind;
        } else if let Some(behind) = rest.strip_prefix("{out}") {
            placed.push(out);
            rest = behind;
        } else {
            placed.push("{");
            rest = &rest[1..];
        }
    }
    placed.push(rest);
    placed
}

/// A file, its length and its time of change.
type FileMark = (PathBuf, u64, Option<std::time::SystemTime>);

/// Files below a folder with length and time of change, by name. Links are not followed.
fn files(folder: &Path) -> Result<Vec<FileMark>, DownloadError> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut looked_at = 0;
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(DownloadError::at(&folder))? {
            let entry = entry.map_err(DownloadError::at(&folder))?;
            let info = entry.metadata().map_err(DownloadError::at(&folder))?; // of a link, not of where it leads
            looked_at += 1;
            if looked_at > MAX_FILES {
                return Err(DownloadError::TooMany(folder));
            }
            if info.is_dir() && depth < MAX_DEPTH {
                folders.push((entry.path(), depth + 1));
            } else if info.is_file() {
                found.push((entry.path(), info.len(), info.modified().ok()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether the crate's reader finds a comment in the file.
fn holds_comments(path: &Path) -> bool {
    Comments::open(path, ReadOptions::default())
        .is_ok_and(|mut comments| comments.any(|comment| comment.is_ok()))
}

/// The end of what a program said, on one line.
fn tail(file: &mut File) -> String {
    let mut bytes = Vec::new();
    // What cannot be read is not shown; the status is.
    let len = file.seek(SeekFrom::End(0)).unwrap_or(0);
    let _ = file.seek(SeekFrom::Start(len.saturating_sub(SHOWN)));
    let _ = file.take(SHOWN).read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let shown: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    shown.trim().to_owned()
}

/// Why another program brought no comments.
///
/// ```
/// use nico_comments::fetch::{DownloadError, Downloader};
///
/// let folder = tempfile::tempdir()?;
/// let error = Downloader::new("/no/such/program").run(&"sm9".parse()?, folder.path()).unwrap_err();
/// assert!(matches!(error, DownloadError::Start { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The program cannot be run.
    #[error("{program}: cannot be run: {error}")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The program failed.
    #[error("{program}: failed ({status}): {said}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// The end of what it said on standard error.
        said: String,
    },
    /// The program was stopped.
    #[error("{program}: took longer than {seconds} s and was stopped: {said}")]
    TooLong {
        /// The program.
        program: String,
        /// The limit.
        seconds: u64,
        /// The end of what it said on standard error.
        said: String,
    },
    /// The program left nothing that can be read.
    #[error("{program}: left no comment file in {}; does its command name {{out}}?", out.display())]
    NoFile {
        /// The program.
        program: String,
        /// The folder.
        out: PathBuf,
    },
    /// The program left more files than are looked at.
    #[error("{}: holds too many files", .0.display())]
    TooMany(PathBuf),
    /// A file of the program cannot be read to its end.
    #[error(transparent)]
    Read(crate::Error),
    /// The collection could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The file system refused.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl DownloadError {
    fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |error| Self::Io {
            path: path.to_owned(),
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_words_and_quotes() {
        let parse = |text| {
            Downloader::parse(text).map(|found| (found.program.into_string().unwrap(), found.args))
        };
        let owned = |args: &[&str]| args.iter().map(|&arg| arg.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            parse(" a  b\t\"c d\"'e\"f' '' "),
            Some(("a".into(), owned(&["b", "c de\"f", ""])))
        );
        assert_eq!(
            parse("a; rm $HOME | x"),
            Some(("a;".into(), owned(&["rm", "$HOME", "|", "x"])))
        );
        assert_eq!((parse(""), parse("a 'b"), parse("''")), (None, None, None));
    }

    #[test]
    fn placeholders_are_filled_in_once() {
        let video: VideoId = "sm9".parse().unwrap();
        let placed = |arg| placed(arg, &video, Path::new("/x/{id}"));
        assert_eq!(placed("-o={out}/{id}.{ext}{"), "-o=/x/{id}/sm9.{ext}{");
    }

    #[cfg(unix)]
    #[test]
    fn failures_say_what_the_program_said() {
        let folder = tempfile::tempdir().unwrap();
        let run = |script: &str, limit| {
            let downloader = Downloader::new("sh").args(["-c", script, "{id}", "{out}"]);
            let result = downloader
                .time_limit(Duration::from_millis(limit))
                .run(&"sm9".parse().unwrap(), folder.path());
            result.unwrap_err().to_string()
        };
        let error = run(
            "head -c 9999 /dev/zero | tr '\\0' x >&2; printf 'no \\033[31mlogin\\n' >&2; exit 3",
            60_000,
        );
        assert!(
            error.contains("no  [31mlogin")
                && error.contains("exit status: 3")
                && error.len() < 2200,
            "{error}"
        );
        assert!(run("exit 0", 60_000).contains("left no comment file"));
        assert!(run("echo waiting >&2; exec sleep 60", 200).contains("was stopped: waiting"));
    }

    #[cfg(unix)]
    #[test]
    fn old_files_and_other_files_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("old.xml"),
            "<packet><chat vpos='1'>a</chat></packet>",
        )
        .unwrap();
        let script = "mkdir $1/sub; echo '<packet><chat vpos=\"1\">a</chat></packet>' > $1/sub/new.xml; echo no > $1/info.txt";
        let downloader = Downloader::new("sh").args(["-c", script, "{id}", "{out}"]);
        let files = downloader
            .run(&"sm9".parse().unwrap(), folder.path())
            .unwrap();
        assert_eq!(files, [folder.path().join("sub/new.xml")]);
    }

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
        assert!(
            downloader
                .collect(&"sm9".parse().unwrap(), folder.path(), Format::OwnerText)
                .is_err()
        );
    }
}
