use std::{fs, ops::Range, path::Path};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use crate::{Command, Error, Mark};

/// A Markdown page: its scripts, and the commands that its sentences name.
#[derive(Clone, Debug)]
pub struct Page {
    name: String,
    scripts: Vec<Script>,
    spans: Vec<(usize, String)>,
}

impl Page {
    /// The page of this file, which is called `name` in messages.
    ///
    /// # Errors
    ///
    /// If it cannot be read, and as [`parse`](Self::parse).
    pub fn read(path: &Path, name: impl Into<String>) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(name, &text)
    }

    /// The page of this text.
    ///
    /// # Errors
    ///
    /// [`Error::Mark`] for a comment before a script that is almost a mark.
    pub fn parse(name: impl Into<String>, text: &str) -> Result<Self, Error> {
        let name = name.into();
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let (mut scripts, mut spans) = (Vec::new(), Vec::new());
        let mut comment: Option<String> = None; // right before, if there is one
        let mut begun: Option<(usize, Option<Mark>, String)> = None;
        for (event, Range { start, .. }) in
            Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter()
        {
            match event {
                Event::Html(html) => comment.get_or_insert_default().push_str(&html),
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language)))
                    if language.split([',', ' ']).next() == Some("sh") =>
                {
                    let mark = Mark::parse(&comment.take().unwrap_or_default());
                    let mark = mark.map_err(|found| Error::Mark {
                        page: name.clone(),
                        line: line(start),
                        found,
                    })?;
                    begun = Some((line(start) + 1, mark, String::new()));
                }
                Event::Text(more) => {
                    if let Some((_, _, script)) = &mut begun {
                        script.push_str(&more);
                    }
                }
                Event::End(pulldown_cmark::TagEnd::CodeBlock) => {
                    if let Some((line, mark, text)) = begun.take() {
                        let page = name.clone();
                        scripts.push(Script {
                            page,
                            line,
                            mark,
                            text,
                        });
                    }
                }
                Event::Code(code) => spans.push((line(start), code.into_string())),
                Event::Start(_) => comment = None,
                _ => {}
            }
        }
        Ok(Self {
            name,
            scripts,
            spans,
        })
    }

    /// How the page is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The blocks of `sh`, in order.
    #[must_use]
    pub fn scripts(&self) -> &[Script] {
        &self.scripts
    }

    /// The commands that begin with this program in code spans of the page's sentences and tables,
    /// each with its line. Spans whose quotations do not end are no commands.
    pub(crate) fn spans_of(&self, program: &str) -> impl Iterator<Item = (usize, Command)> {
        let first = format!("{program} ");
        let spans = self
            .spans
            .iter()
            .filter(move |(_, code)| code.starts_with(&first));
        spans.flat_map(|(line, code)| {
            let commands = Command::all(code).unwrap_or_default();
            commands.into_iter().map(|command| (*line, command))
        })
    }
}

/// A block of `sh` in a page.
#[derive(Clone, Debug)]
pub struct Script {
    page: String,
    line: usize,
    mark: Option<Mark>,
    text: String,
}

impl Script {
    /// The page that it stands in.
    #[must_use]
    pub fn page(&self) -> &str {
        &self.page
    }

    /// The line of the page in which it begins, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// How it was tried, if the page says so.
    #[must_use]
    pub fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    /// The script.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its commands, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Quotation`].
    pub fn commands(&self) -> Result<Vec<Command>, Error> {
        Command::all(&self.text).map_err(|(line, source)| Error::Quotation {
            page: self.page.clone(),
            line: self.line + line,
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Title\n\n<!-- run by a test -->\n```sh\nnico stats a.xml\n```\n\n\
        <!-- run by hand 2026-11-28 -->\n\nAn option of `nico train … --pieces 5`:\n\n\
        ```sh\nnico train\nmpv x\n```\n\n```rust\nnico();\n```\n\n\
        - in a list\n\n  <!-- run by hand 2026-11-28 -->\n  ```sh\n  nico words\n  ```\n\n\
        | a | b |\n|---|---|\n| `nico live` | `mpv` |\n";

    #[test]
    fn scripts_have_their_lines_and_the_marks_right_before_them() {
        let page = Page::parse("a.md", PAGE).unwrap();
        let found: Vec<_> = (page.scripts().iter())
            .map(|script| (script.line(), script.mark().cloned(), script.text()))
            .collect();
        let by_hand = Some(Mark::Hand("2026-11-28".into()));
        let expected = [
            (5, Some(Mark::Test), "nico stats a.xml\n"),
            (13, None, "nico train\nmpv x\n"), // a sentence stands between
            (25, by_hand, "nico words\n"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn sentences_and_tables_name_commands() {
        let page = Page::parse("a.md", PAGE).unwrap();
        let found: Vec<_> = page
            .spans_of("nico")
            .map(|(line, one)| (line, one.words().join(" ")))
            .collect();
        let expected = [
            (10, "nico train … --pieces 5".into()),
            (30, "nico live".into()),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_almost_a_mark_is_an_error() {
        let error = Page::parse("a.md", &PAGE.replace("by a test", "by tests")).unwrap_err();
        assert!(matches!(&error, Error::Mark { line: 4, .. }), "{error}");
    }
}
