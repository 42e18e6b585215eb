//! Comments as text: the console, JSON lines, a growing XML.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use nico_live::{GrowingXml, LiveComment, Prompt};
use serde::Serialize;

use crate::{
    failure::{Outcome, at, in_one_line},
    progress::Output,
};

/// Where comments go as text. One that fails is told once and left; the others go on.
pub(super) struct TextOutputs {
    console: Console,
    json_lines: Option<JsonLines>,
    xml: Option<(PathBuf, GrowingXml)>,
    output: Output,
    /// Outputs that failed.
    failed: Vec<String>,
}

/// Lines of JSON, of which a file holds whole ones alone.
struct JsonLines {
    path: PathBuf,
    out: Box<dyn Write + Send>,
    /// The file, where it is one.
    file: Option<File>,
    /// Bytes of whole lines.
    length: u64,
}

/// Where comments are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Console {
    Nowhere,
    Standard,
    Error,
}

/// A comment as a line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    seconds: f64,
    body: &'a str,
    viewer: Option<&'a str>,
    commands: String,
    prompt: Prompt,
    delay_ms: f64,
}

impl TextOutputs {
    pub(super) fn new(
        console: Console,
        json_lines: Option<&Path>,
        xml: Option<&Path>,
        output: Output,
    ) -> Outcome<Self> {
        let json_lines = json_lines.map(JsonLines::create);
        let xml = xml.map(|path| -> Outcome<_> {
            Ok((path.to_owned(), GrowingXml::create(path).map_err(at(path))?))
        });
        Ok(Self {
            console,
            json_lines: json_lines.transpose()?,
            xml: xml.transpose()?,
            output,
            failed: Vec::new(),
        })
    }

    pub(super) fn give(&mut self, written: &LiveComment) {
        let comment = &written.comment;
        let line = format!("{} {}", comment.vpos, in_one_line(&comment.body));
        let printed = match self.console {
            Console::Nowhere => Ok(()),
            Console::Standard => writeln!(io::stdout(), "{line}"),
            Console::Error => writeln!(io::stderr(), "{line}"),
        };
        if let Err(error) = printed {
            self.console = Console::Nowhere;
            // Whoever read it may go away; what could not be written is a failure.
            if error.kind() != io::ErrorKind::BrokenPipe {
                self.fail(format!("the console: {error}"));
            }
        }
        if let Some(lines) = &mut self.json_lines
            && let Err(error) = lines.write(written)
        {
            let failure = format!("{}: {error}", lines.path.display());
            self.json_lines = None;
            self.fail(failure);
        }
        if let Some((path, xml)) = &mut self.xml
            && let Err(error) = xml.write(comment)
        {
            let failure = format!(
                "{}: {error}; it ends with the comment before",
                path.display()
            );
            self.xml = None;
            self.fail(failure);
        }
    }

    fn fail(&mut self, failure: String) {
        self.output.warn(&failure);
        self.failed.push(failure);
    }

    /// What failed on the way.
    pub(super) fn into_failed(self) -> Vec<String> {
        self.failed
    }
}

impl JsonLines {
    fn create(path: &Path) -> Outcome<Self> {
        let (out, file): (Box<dyn Write + Send>, _) = if path == Path::new("-") {
            (Box::new(io::stdout()), None)
        } else {
            let file = File::create(path).map_err(at(path))?;
            let again = file.try_clone().map_err(at(path))?;
            (Box::new(file), Some(again))
        };
        Ok(Self {
            path: path.to_owned(),
            out,
            file,
            length: 0,
        })
    }

    fn write(&mut self, written: &LiveComment) -> io::Result<()> {
        let line = line(written)?;
        let done = self.out.write_all(&line).and_then(|()| self.out.flush());
        match (&done, &self.file) {
            (Ok(()), _) => self.length += line.len() as u64,
            // Where it cannot be cut off, as of a device, what is there stays.
            (Err(_), Some(file)) => drop(file.set_len(self.length)),
            (Err(_), None) => {}
        }
        done
    }
}

fn line(written: &LiveComment) -> io::Result<Vec<u8>> {
    let comment = &written.comment;
    let commands: Vec<&str> = comment.mail.words().collect();
    #[expect(clippy::cast_precision_loss, reason = "times are far below 2⁵³")]
    let seconds = written.millis as f64 / 1_000.0;
    let mut line = serde_json::to_vec(&Line {
        seconds,
        body: &comment.body,
        viewer: comment.user.as_deref(),
        commands: commands.join(" "),
        prompt: written.prompt,
        delay_ms: (written.delay.as_secs_f64() * 10_000.0).round() / 10.0,
    })?;
    line.push(b'\n');
    Ok(line)
}
