//! Errors as a user reads them: one line that names the file and what went wrong.

use std::path::Path;

/// What a command returns.
pub(crate) type Outcome<T = ()> = anyhow::Result<T>;

/// For errors of the standard library, which do not name the file.
pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> anyhow::Error + '_ {
    move |error| anyhow::Error::new(error).context(path.display().to_string())
}

/// An error and its causes in one line, each said once, whatever they hold: text of hostile files
/// must not forge further lines.
pub(crate) fn one_line(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if message.is_empty() {
            message = text;
        } else if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
    }
    in_one_line(&message)
}

/// Text without line breaks and control characters.
pub(crate) fn in_one_line(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => line.push(' '),
            c if c.is_control() => line.extend(c.escape_unicode()),
            c => line.push(c),
        }
    }
    line
}
