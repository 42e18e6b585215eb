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
    json_lines: Option<(PathBuf, Box<dyn Write + Send>)>,
    xml: Option<(PathBuf, GrowingXml)>,
    output: Output,
    /// Outputs that failed.
    failed: Vec<String>,
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
        let json_lines = json_lines.map(|path| -> Outcome<_> {
            let out: Box<dyn Write + Send> = if path == Path::new("-") {
                Box::new(io::stdout())
            } else {
                Box::new(File::create(path).map_err(at(path))?)
            };
            Ok((path.to_owned(), out))
        });
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
        if printed.is_err() {
            self.console = Console::Nowhere; // whoever read it has gone away
        }
        if let Some((path, out)) = &mut self.json_lines
            && let Err(error) = write_line(out, written)
        {
            let failure = format!("{}: {error}", path.display());
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

fn write_line(out: &mut dyn Write, written: &LiveComment) -> io::Result<()> {
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
    out.write_all(&line)?;
    out.flush()
}
