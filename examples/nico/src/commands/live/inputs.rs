//! Lines and others' comments, from files that may grow and from standard input.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::bail;
use nico_comments::{Comment, Comments, ReadOptions, Vpos};
use nico_live::{SpokenLine, Transcript};
use serde::Deserialize;

use super::shared::{Input, Shared};
use crate::{
    failure::{Outcome, at, one_line},
    progress::Output,
};

/// How often a file is looked at for more.
const EVERY: Duration = Duration::from_millis(50);
/// After how long without more an entry counts as whole.
const QUIET: Duration = Duration::from_millis(300);
/// After how long without more a line without an end counts as whole.
const LONG_QUIET: Duration = Duration::from_secs(3);
/// Longest line of comments, in bytes.
const MOST_BYTES: usize = 64 << 10;
/// Lines that cannot be read and are told.
const MOST_TOLD: u32 = 5;

/// Reads a transcript on a thread of its own.
pub(super) fn read_lines(shared: &Arc<Shared>, path: &Path, output: Output) -> Outcome {
    let source = Source::open(path)?;
    let follows = source.follows();
    let mut transcript = Transcript::default();
    let mut since = Instant::now();
    let tell = |shared: &Shared, line: SpokenLine| {
        shared.tell(Input::Line(line.start_ms, line.text));
    };
    start(shared, source, output, move |shared, bytes| match bytes {
        Some(bytes) => {
            since = Instant::now();
            for line in transcript.push(bytes) {
                tell(shared, line);
            }
        }
        None => {
            let quiet = since.elapsed();
            let lines = if !follows {
                transcript.finish()
            } else if quiet >= LONG_QUIET {
                transcript.unended()
            } else if quiet >= QUIET {
                transcript.idle().into_iter().collect()
            } else {
                Vec::new()
            };
            for line in lines {
                tell(shared, line);
            }
        }
    });
    Ok(())
}

/// Reads others' comments on a thread of its own: a JSON object or an XML element a line.
pub(super) fn read_comments(shared: &Arc<Shared>, path: &Path, output: Output) -> Outcome {
    let source = Source::open(path)?;
    let follows = source.follows();
    let name = path.display().to_string();
    let mut lines = CommentLines::default();
    let mut since = Instant::now();
    let mut bad = 0u32;
    start(shared, source, output, move |shared, bytes| {
        let read = match bytes {
            Some(bytes) => {
                since = Instant::now();
                lines.push(bytes)
            }
            None if !follows => lines.push(b"\n"),
            None if since.elapsed() >= QUIET => lines.unended().into_iter().map(Ok).collect(),
            None => Vec::new(),
        };
        for one in read {
            match one {
                Ok((millis, comment)) => {
                    shared.tell(Input::Comment(millis, Box::new(comment)));
                }
                Err((number, error)) => {
                    bad += 1;
                    if bad <= MOST_TOLD {
                        let error = one_line(&error);
                        output.say(&format!("skipped: {name}: line {number}: {error}"));
                    }
                    if bad == MOST_TOLD {
                        output.say(&format!(
                            "{name}: later lines that cannot be read are not told"
                        ));
                    }
                }
            }
        }
    });
    Ok(())
}

/// A comment and its time, if it has one.
type TimedComment = (Option<i64>, Comment);
/// A comment, or the number of a line that cannot be read and why.
type ReadLine = Result<TimedComment, (u64, anyhow::Error)>;

/// Others' comments, as their lines come.
#[derive(Default)]
struct CommentLines {
    partial: Vec<u8>,
    /// Whether the line that has no end yet was tried as it stands.
    is_tried: bool,
    /// Lines that have ended.
    number: u64,
}

impl CommentLines {
    /// Takes the next bytes; gives what the lines are that end with them.
    fn push(&mut self, bytes: &[u8]) -> Vec<ReadLine> {
        let mut read = Vec::new();
        self.is_tried = false;
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let room = MOST_BYTES.saturating_sub(self.partial.len());
            self.partial
                .extend_from_slice(&piece[..piece.len().min(room)]);
            if !piece.ends_with(b"\n") {
                continue;
            }
            self.number += 1;
            let line = std::mem::take(&mut self.partial);
            match comment(&line) {
                Ok(comment) => read.extend(comment.map(Ok)),
                Err(error) => read.push(Err((self.number, error))),
            }
        }
        read
    }

    /// Nothing has come for a while: the line that has no end, if it is a comment as it stands; else
    /// it is kept until more comes.
    fn unended(&mut self) -> Option<TimedComment> {
        if std::mem::replace(&mut self.is_tried, true) {
            return None;
        }
        let read = comment(&self.partial).ok().flatten()?;
        self.partial.clear();
        Some(read)
    }
}

/// A comment of few words, as `nico live --jsonl` writes it.
#[derive(Deserialize)]
struct Brief {
    body: String,
    seconds: Option<f64>,
    vpos: Option<i64>,
    #[serde(alias = "user")]
    viewer: Option<String>,
    #[serde(default, alias = "mail")]
    commands: String,
}

/// The comment of a line and its time, if it has one.
fn comment(line: &[u8]) -> Outcome<Option<TimedComment>> {
    let line = line.trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    if let Ok(brief) = serde_json::from_slice::<Brief>(line) {
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let millis = brief.seconds.map(|seconds| (seconds * 1_000.0) as i64);
        let millis = millis.or(brief.vpos.map(|vpos| vpos.saturating_mul(10)));
        let vpos = Vpos(millis.unwrap_or(0).div_euclid(10));
        let mut comment = Comment::new(vpos, brief.body).mail(brief.commands.as_str());
        comment.user = brief.viewer;
        return Ok(Some((millis, comment)));
    }
    let Some(comment) = Comments::new(line, ReadOptions::default()).next() else {
        bail!(
            "no comment, expected a JSON object with a body, or a comment of any JSON or XML format"
        );
    };
    let comment = comment?;
    Ok(Some((Some(comment.vpos_millis()), comment)))
}

/// Where bytes come from.
enum Source {
    /// A file that may grow.
    File(PathBuf, File),
    /// Standard input, or a pipe: it ends.
    Stream(String, Box<dyn Read + Send>),
}

impl Source {
    fn open(path: &Path) -> Outcome<Self> {
        if path == Path::new("-") {
            let input = Box::new(std::io::stdin());
            return Ok(Self::Stream("standard input".to_owned(), input));
        }
        let file = File::open(path).map_err(at(path))?;
        let meta = file.metadata().map_err(at(path))?;
        if meta.is_dir() {
            bail!("{}: is a folder, not a file of lines", path.display());
        }
        if meta.is_file() {
            return Ok(Self::File(path.to_owned(), file));
        }
        Ok(Self::Stream(path.display().to_string(), Box::new(file)))
    }

    /// Whether it is looked at again after its end.
    fn follows(&self) -> bool {
        matches!(self, Self::File(..))
    }
}

/// Reads on a thread of its own until everything ends: what came, or nothing for now (of what does
/// not grow: for ever). The thread is left behind at the program's end, since a pipe may never say
/// anything again.
fn start(
    shared: &Arc<Shared>,
    source: Source,
    output: Output,
    mut take: impl FnMut(&Shared, Option<&[u8]>) + Send + 'static,
) {
    let shared = Arc::clone(shared);
    let ends = !source.follows();
    if ends {
        shared.input_opened();
    }
    thread::spawn(move || {
        if let Err(error) = read(&shared, source, &mut take) {
            output.warn(&one_line(&error));
        }
        if ends {
            shared.input_ended();
        }
    });
}

fn read(shared: &Shared, source: Source, take: &mut dyn FnMut(&Shared, Option<&[u8]>)) -> Outcome {
    let mut bytes = vec![0; 16 << 10];
    match source {
        Source::Stream(name, mut stream) => loop {
            match stream.read(&mut bytes) {
                Ok(0) => {
                    take(shared, None);
                    return Ok(());
                }
                Ok(count) => take(shared, Some(&bytes[..count])),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(at(Path::new(&name))(error)),
            }
        },
        Source::File(path, mut file) => {
            let mut position = 0u64;
            while !shared.is_stopped() {
                match file.read(&mut bytes).map_err(at(&path))? {
                    0 => {
                        take(shared, None);
                        // One that was written anew is read from its beginning.
                        let length = std::fs::metadata(&path).map_or(position, |meta| meta.len());
                        if length < position {
                            file = File::open(&path).map_err(at(&path))?;
                            position = 0;
                        }
                        thread::sleep(EVERY);
                    }
                    count => {
                        position += count as u64;
                        take(shared, Some(&bytes[..count]));
                    }
                }
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_a_line_are_read_in_any_form() {
        let read =
            |line: &str| comment(line.as_bytes()).map(|read| read.map(|one| (one.0, one.1.body)));
        let is = |millis: Option<i64>| Some((millis, "草".to_owned()));
        assert_eq!(read(r#"{"body":"草"}"#).unwrap(), is(None));
        assert_eq!(
            read(r#"{"seconds":1.5,"body":"草","viewer":"a","commands":"ue"}"#).unwrap(),
            is(Some(1_500))
        );
        assert_eq!(
            read(r#"{"chat":{"thread":"1","no":1,"vpos":150,"content":"草","date":1}}"#).unwrap(),
            is(Some(1_500))
        );
        assert_eq!(
            read(r#"<chat vpos="150" user_id="a">草</chat>"#).unwrap(),
            is(Some(1_500))
        );
        assert_eq!(read("  \n").unwrap(), None);
        assert!(read("{").is_err() && read("[]").is_err());
    }

    #[test]
    fn a_comment_without_a_line_end_is_read_once_and_half_of_one_kept() {
        let bodies = |read: Vec<ReadLine>| -> Vec<Result<String, u64>> {
            let one = |read: ReadLine| read.map(|one| one.1.body).map_err(|error| error.0);
            read.into_iter().map(one).collect()
        };
        let mut lines = CommentLines::default();
        let read = lines.push("{\"body\":\"一\"}\n<chat vpos=\"5\" user_id=\"a\">二".as_bytes());
        assert_eq!(bodies(read), [Ok("一".to_owned())]);
        assert!(lines.unended().is_none()); // half of one
        assert!(lines.push(b"</chat>").is_empty());
        assert_eq!(lines.unended().unwrap().1.body, "二");
        assert!(lines.unended().is_none() && lines.push(b"\n").is_empty());
        // At the end of a stream half a comment is a line that cannot be read.
        assert!(lines.push(b"{\"body\"").is_empty());
        assert_eq!(bodies(lines.push(b"\n")), [Err(3)]);
        assert!(lines.push(b"\n").is_empty());
    }
}
