mod collect;
mod files;
mod tail;

pub use collect::Downloaded;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use self::files::{FileMark, files, holds_comments};
use self::tail::Tail;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::parse_error::ParseError;
use crate::secret::SESSION_VARIABLE;
use crate::video::VideoId;

/// External program that downloads comments (Saccubus, yt-dlp, …): any command that leaves files of
/// a format this crate reads.
///
/// The command is run without a shell. In its arguments `{id}` stands for the video and `{out}` for
/// the folder that the files are to be left in. Its output is not shown; the end of what it says on
/// standard error is part of the error if it fails.
///
/// ```
/// # #[cfg(unix)] {
/// use nico_fetch::Downloader;
///
/// let folder = tempfile::tempdir()?;
/// let script = "echo '<packet><chat vpos=\"1\">'$0'</chat></packet>' > $1/c.xml";
/// let downloader = Downloader::new("sh").args(["-c", script, "{id}", "{out}"]);
/// let files = downloader.run(&"sm9".parse()?, folder.path())?;
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
    /// Ends the program once it is true, with [`Error::Cancelled`]: to be set from another thread.
    /// Default: none.
    pub stop: Option<Arc<AtomicBool>>,
}

impl Downloader {
    /// A program without arguments.
    #[must_use]
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            time_limit: Duration::from_secs(60 * 60),
            stop: None,
        }
    }

    /// Splits a command into program and arguments as a POSIX shell splits words: at white space,
    /// but for what is quoted. No variables, no pipes.
    ///
    /// ```
    /// use nico_fetch::Downloader;
    ///
    /// let command = "yt-dlp --write-subs --skip-download -o '{out}/%(id)s' \
    ///     https://www.nicovideo.jp/watch/{id}";
    /// let downloader = Downloader::parse(command)?;
    /// assert_eq!((downloader.program, downloader.args.len()), ("yt-dlp".into(), 5));
    /// # Ok::<(), nico_fetch::ParseError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no word or a quote is not closed.
    pub fn parse(command: &str) -> Result<Self, ParseError> {
        let words = shell_words::split(command).map_err(|_| ParseError::Command)?;
        let mut words = words.into_iter();
        let program = words.next().filter(|program| !program.is_empty());
        Ok(Self::new(program.ok_or(ParseError::Command)?).args(words))
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

    /// Sets [`stop`](Self::stop).
    #[must_use]
    pub fn stop(mut self, flag: impl Into<Option<Arc<AtomicBool>>>) -> Self {
        self.stop = flag.into();
        self
    }

    /// Runs the program for a video and gives the comment files that it left in `out`, by name.
    /// Files that hold no comments (pictures, descriptions) are passed over; so are files that were
    /// there before and did not change.
    ///
    /// # Errors
    ///
    /// If the program cannot be run, fails, takes too long or is [stopped](Self::stop), or leaves no
    /// comment file.
    pub fn run(&self, video: &VideoId, out: impl AsRef<Path>) -> Result<Vec<PathBuf>, Error> {
        self.run_beside(video, out.as_ref(), files)
    }

    /// Runs the program; the files that `known` finds before are not taken for its own.
    fn run_beside(
        &self,
        video: &VideoId,
        out: &Path,
        known: impl FnOnce(&Path) -> Result<Vec<FileMark>, Error>,
    ) -> Result<Vec<PathBuf>, Error> {
        fs::create_dir_all(out).map_err(Error::at(out))?;
        let out = &std::path::absolute(out).map_err(Error::at(out))?;
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
            return Err(Error::NoFile {
                program,
                out: out.clone(),
            });
        }
        Ok(found)
    }

    fn command(&self, video: &VideoId, out: &Path) -> Result<(), Error> {
        let program = || self.program.to_string_lossy().into_owned();
        let failed = |source| Error::Start {
            program: program(),
            source,
        };
        let args = self.args.iter().map(|arg| placed(arg, video, out));
        let mut child = Command::new(&self.program)
            .args(args)
            .env_remove(SESSION_VARIABLE)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let errors = child.stderr.take().map(Tail::of);
        let said = || errors.as_ref().map_or_else(String::new, Tail::text);
        let clock = SystemClock::new();
        let is_stopped = || (self.stop.as_ref()).is_some_and(|stop| stop.load(Ordering::Relaxed));
        let status = loop {
            if let Some(status) = child.try_wait().map_err(failed)? {
                break status;
            }
            let is_stopped = is_stopped();
            if is_stopped || clock.elapsed() > self.time_limit {
                // It may have ended in the meantime.
                let _ = child.kill();
                let _ = child.wait();
                return Err(if is_stopped {
                    Error::Cancelled
                } else {
                    Error::TooLong {
                        program: program(),
                        limit: self.time_limit,
                        said: said(),
                    }
                });
            }
            clock.sleep(Duration::from_millis(20));
        };
        if status.success() {
            Ok(())
        } else {
            Err(Error::Failed {
                program: program(),
                status,
                said: said(),
            })
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_words_and_quotes() {
        let parse = |text| {
            let found = Downloader::parse(text).ok();
            found.map(|found| (found.program.into_string().unwrap(), found.args))
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
        // Long enough for a slow machine, too, in the end.
        let waits = |limit| run("echo waiting >&2; exec sleep 60", limit);
        let mut stopped = [200, 3_000, 30_000].into_iter().map(waits);
        assert!(stopped.any(|error| error.contains("was stopped: waiting")));
    }

    #[cfg(unix)]
    #[test]
    fn a_program_can_be_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let downloader = Downloader::new("sh")
            .args(["-c", "touch $0/begun; exec sleep 60", "{out}"])
            .stop(Arc::clone(&stop));
        let begun = folder.path().join("begun");
        let result = std::thread::scope(|scope| {
            let run = scope.spawn(|| downloader.run(&"sm9".parse().unwrap(), folder.path()));
            while !begun.exists() && !run.is_finished() {
                std::thread::sleep(Duration::from_millis(5));
            }
            stop.store(true, Ordering::Relaxed);
            run.join().unwrap()
        });
        assert!(matches!(result, Err(Error::Cancelled)), "{result:?}");
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
}
