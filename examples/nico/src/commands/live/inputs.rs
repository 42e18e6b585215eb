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
        None if follows && since.elapsed() >= QUIET => {
            if let Some(line) = transcript.idle() {
                tell(shared, line);
            }
        }
        None => {
            if !follows {
                for line in transcript.finish() {
                    tell(shared, line);
                }
            }
        }
    });
    Ok(())
}

/// Reads others' comments on a thread of its own: a JSON object or an XML element a line.
pub(super) fn read_comments(shared: &Arc<Shared>, path: &Path, output: Output) -> Outcome {
    let source = Source::open(path)?;
    let name = path.display().to_string();
    let mut partial: Vec<u8> = Vec::new();
    let (mut number, mut bad) = (0u64, 0u32);
    start(shared, source, output, move |shared, bytes| {
        let Some(bytes) = bytes else {
            return;
        };
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let room = MOST_BYTES.saturating_sub(partial.len());
            partial.extend_from_slice(&piece[..piece.len().min(room)]);
            if !piece.ends_with(b"\n") {
                continue;
            }
            number += 1;
            let line = std::mem::take(&mut partial);
            match comment(&line) {
                Ok(Some((millis, comment))) => {
                    shared.tell(Input::Comment(millis, Box::new(comment)));
                }
                Ok(None) => {}
                Err(error) => {
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
fn comment(line: &[u8]) -> Outcome<Option<(Option<i64>, Comment)>> {
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
}
