use std::{
    fmt,
    path::Path,
    process::{self, Stdio},
};

use crate::{Command, Error, Page};

/// A program whose commands pages show.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// The name that pages call it by.
    pub name: &'a str,
    /// Where it lies.
    pub path: &'a Path,
    /// Subcommands that stand for others by what they are given: where the first does not take
    /// the arguments, the second is asked.
    pub aliases: &'a [(&'a str, &'a str)],
}

/// A command of a page that its program does not take.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The page.
    pub page: String,
    /// The line of the page, from 1.
    pub line: usize,
    /// The arguments that stand there.
    pub arguments: Vec<String>,
    /// What the program says of them, its first line.
    pub message: String,
}

/// `docs/guide.md:12: stats --no-such: error: unexpected argument …`.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arguments = self.arguments.join(" ");
        write!(
            f,
            "{}:{}: {arguments}: {}",
            self.page, self.line, self.message
        )
    }
}

/// The commands of these pages, in scripts and in code spans, that a program does not take, of as
/// many as it was asked for.
///
/// Nothing is done: each is given `--help` at its end, at which a parser of arguments stops that took
/// everything before. So what is missing is not noticed, and what the page left out (`…`) may be.
/// Values in capital letters stand for a reader's own and are not judged; a span may also name an
/// option without its value.
///
/// # Errors
///
/// If a quotation does not end, or the program cannot be started.
pub fn refused(program: Program<'_>, pages: &[Page]) -> Result<(Vec<Refusal>, usize), Error> {
    let (mut refusals, mut asked) = (Vec::new(), 0);
    for page in pages {
        let mut commands: Vec<(usize, Command, bool)> = Vec::new();
        for script in page.scripts() {
            for command in script.commands()? {
                commands.push((script.line() + command.line(), command, false));
            }
        }
        let spans = page.spans_of(program.name);
        commands.extend(spans.map(|(line, command)| (line, command, true)));
        for (line, command, in_span) in commands {
            let Some(arguments) = command.arguments_of(program.name) else {
                continue;
            };
            let arguments: Vec<String> = arguments
                .iter()
                .filter(|word| *word != "…")
                .cloned()
                .collect();
            asked += 1;
            if let Some(message) = program.refuses(&arguments, in_span)? {
                let page = page.name().to_owned();
                refusals.push(Refusal {
                    page,
                    line,
                    arguments,
                    message,
                });
            }
        }
    }
    Ok((refusals, asked))
}

impl Program<'_> {
    /// What the program says against these arguments; `None` if it takes them, or what they stand
    /// for, as far as can be judged.
    fn refuses(&self, arguments: &[String], in_span: bool) -> Result<Option<String>, Error> {
        let judged =
            |message: &String| !(is_placeholder(message) || in_span && is_bare_option(message));
        let Some(message) = self.ask(arguments)?.filter(judged) else {
            return Ok(None);
        };
        for (first, second) in self.aliases {
            if let Some(at) = arguments.iter().position(|argument| argument == first) {
                let mut others = arguments.to_vec();
                (*second).clone_into(&mut others[at]);
                if self.ask(&others)?.filter(judged).is_none() {
                    return Ok(None);
                }
            }
        }
        Ok(Some(message))
    }

    fn ask(&self, arguments: &[String]) -> Result<Option<String>, Error> {
        if arguments == ["help"] {
            return Ok(None); // it has no help of its own
        }
        let mut command = process::Command::new(self.path);
        let output = command
            .args(arguments)
            .arg("--help")
            .stdin(Stdio::null())
            .output();
        let output = output.map_err(|source| Error::Start {
            path: self.path.to_owned(),
            source,
        })?;
        let said = String::from_utf8_lossy(&output.stderr);
        let first_line = said.lines().next().unwrap_or_default().to_owned();
        Ok((!output.status.success()).then_some(first_line))
    }
}

/// Whether a value is not taken that stands for a reader's own: `invalid value 'N' for …`.
fn is_placeholder(message: &str) -> bool {
    let value = message
        .split_once("invalid value '")
        .and_then(|(_, rest)| rest.split_once('\''));
    value.is_some_and(|(value, _)| {
        !value.is_empty() && value.chars().all(|c| c.is_ascii_uppercase() || c == '-')
    })
}

/// Whether an option at the end has no value.
fn is_bare_option(message: &str) -> bool {
    message.contains("a value is required for")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_capitals_are_not_judged() {
        assert!(is_placeholder(
            "error: invalid value 'TIME' for '--at <TIME>': expected seconds"
        ));
        for judged in [
            "error: invalid value 'cuda' for '--device'",
            "error: unexpected argument '--AT' found",
            "",
        ] {
            assert!(!is_placeholder(judged), "{judged}");
        }
    }

    /// A program that takes nothing but `good` before `--help`.
    #[cfg(unix)]
    #[test]
    fn what_a_program_does_not_take_is_told_with_its_place() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("page-commands-{}", process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("prog");
        let program = "#!/bin/sh\n[ \"$1\" = good ] || [ \"$1\" = better ] && [ \"$2\" != --old ] || { echo \"error: unexpected $*\" >&2; exit 2; }\n";
        std::fs::write(&path, program).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let text =
            "`prog good` and `prog bad`\n\n```sh\nother bad\nprog good --old; prog alias x\n```\n";
        let page = Page::parse("a.md", text).unwrap();
        let program = Program {
            name: "prog",
            path: &path,
            aliases: &[("alias", "better")],
        };
        let (refusals, asked) = refused(program, &[page]).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let told: Vec<String> = refusals.iter().map(ToString::to_string).collect();
        let expected = [
            "a.md:5: good --old: error: unexpected good --old --help",
            "a.md:1: bad: error: unexpected bad --help",
        ];
        assert_eq!(
            (told.as_slice(), asked),
            (&expected.map(String::from)[..], 4)
        );
    }
}
