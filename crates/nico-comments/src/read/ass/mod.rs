//! Subtitles in Advanced SubStation Alpha that show comments, read back to comments
//! (`docs/spec/comment-formats.md`, section 7.3).
//!
//! [`Reader`] takes a file line by line. What moves is a scrolling comment, what stands is one at the
//! top or the bottom; sizes are compared with the style's, colours are taken as they are. Of what
//! `overlay_render::write_ass` wrote, which has an event for each line of text, the lines of a
//! comment are put together again.

mod event;
mod tags;

use std::collections::HashMap;

use event::Event;

use super::error::ErrorKind;
use super::text::{clean, lossy};
use crate::{Color, Comment, Font};

/// Styles that are remembered; a hostile file could have any number.
const MAX_STYLES: usize = 1000;
/// Height of the picture if a file does not say: what players assume.
const USUAL_HEIGHT: f64 = 288.0;

/// What the lines so far said, and the comment whose lines may go on.
#[derive(Debug)]
pub(crate) struct Reader {
    section: Section,
    height: f64,
    styles: HashMap<String, Style>,
    style_fields: Vec<String>,
    event_fields: Vec<String>,
    /// The comment that was read last, with where its last line is.
    open: Option<Event>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Info,
    Styles,
    Events,
    Other,
}

/// The looks of events that do not say otherwise.
#[derive(Clone, Debug)]
struct Style {
    size: f64,
    color: Color,
    alignment: u8,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            size: 18.0,
            color: Color::WHITE,
            alignment: 2,
        }
    }
}

/// A comment of subtitles, and what they say that it cannot hold.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) comment: Comment,
    pub(crate) lost: Vec<&'static str>,
}

/// What became of a line.
#[derive(Debug)]
pub(crate) enum Line {
    /// Nothing that is a comment.
    Nothing,
    /// A comment ended with the line before.
    Comment(Box<Read>),
    /// An event that shows no text, or is not shown.
    LeftOut(&'static str),
    /// An event that cannot be read.
    Bad(ErrorKind),
}

/// Whether a text is of this format, by its beginning.
pub(crate) fn begins(text: &[u8]) -> bool {
    let sections: [&[u8]; 3] = [b"[script info]", b"[v4+ styles]", b"[v4 styles]"];
    sections.iter().any(|section| {
        text.get(..section.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(section))
    })
}

/// Bytes that [`begins`] has to see.
pub(crate) const BEGINNING: usize = 13;

impl Reader {
    pub(crate) fn new() -> Self {
        let names = |text: &str| text.split(',').map(str::to_owned).collect();
        Self {
            section: Section::Other,
            height: USUAL_HEIGHT,
            styles: HashMap::new(),
            style_fields: names("name,fontname,fontsize,primarycolour"),
            event_fields: names("layer,start,end,style,name,marginl,marginr,marginv,effect,text"),
            open: None,
        }
    }

    /// Takes the next line in.
    pub(crate) fn line(&mut self, line: &[u8]) -> Line {
        let line = lossy(line);
        let line = line.strip_prefix('\u{FEFF}').unwrap_or(&line).trim();
        if line.starts_with('[') {
            self.section = match &*line.to_ascii_lowercase() {
                "[script info]" => Section::Info,
                "[v4+ styles]" | "[v4 styles]" => Section::Styles,
                "[events]" => Section::Events,
                _ => Section::Other,
            };
            return Line::Nothing;
        }
        let Some((name, value)) = line.split_once(':') else {
            return Line::Nothing;
        };
        let value = value.trim_start();
        match (self.section, name) {
            (Section::Info, name) if name.eq_ignore_ascii_case("PlayResY") => {
                let height = number(value).filter(|&height| height > 0.0);
                self.height = height.unwrap_or(self.height);
            }
            (Section::Styles, "Format") => self.style_fields = fields_of(value),
            (Section::Styles, "Style") => self.style(value),
            (Section::Events, "Format") => self.event_fields = fields_of(value),
            (Section::Events, "Dialogue") => return self.dialogue(value),
            (Section::Events, "Comment") => return Line::LeftOut("comment line"),
            _ => {}
        }
        Line::Nothing
    }

    /// The last comment, once all lines were taken in.
    pub(crate) fn finish(&mut self) -> Option<Read> {
        self.open.take().map(Event::into_read)
    }

    fn style(&mut self, value: &str) {
        let mut style = Style::default();
        let mut name = "";
        for (field, value) in self.style_fields.iter().zip(value.split(',')) {
            let value = value.trim();
            match &**field {
                "name" => name = value.trim_start_matches('*'),
                "fontsize" => {
                    let size = number(value).filter(|&size| size > 0.0);
                    style.size = size.unwrap_or(style.size);
                }
                "primarycolour" => style.color = tags::color(value).unwrap_or(Color::WHITE),
                "alignment" => style.alignment = value.parse().unwrap_or(2),
                _ => {}
            }
        }
        if self.styles.len() < MAX_STYLES {
            self.styles.insert(name.to_owned(), style);
        }
    }

    /// Whether `overlay_render::write_ass` wrote the file: its styles are named as the fonts are.
    fn is_ours(&self) -> bool {
        Font::ALL
            .iter()
            .all(|font| self.styles.contains_key(font.as_str()))
    }

    fn dialogue(&mut self, value: &str) -> Line {
        let is_ours = self.is_ours();
        let fields = self.event_fields.len();
        let row = self.event_fields.iter().map(|field| &**field);
        let row: Vec<_> = row.zip(value.splitn(fields, ',')).collect();
        let get = |wanted: &str| {
            let found = row.iter().find(|(field, _)| *field == wanted);
            found.map_or("", |(_, value)| value)
        };
        let name = get("style").trim().trim_start_matches('*');
        let usual = Style::default();
        let style = self
            .styles
            .get(name)
            .or_else(|| self.styles.get("Default"))
            .unwrap_or(&usual);
        let parsed = tags::parse(get("text"), style);
        if parsed.is_drawing {
            return Line::LeftOut("drawing");
        }
        let body = clean(parsed.text.as_str().into()).into_owned();
        let times = (tags::time(get("start")), tags::time(get("end")));
        let (Some(start), Some(end)) = times else {
            let which = if times.0.is_none() { "start" } else { "end" };
            return Line::Bad(ErrorKind::Time(super::chat::excerpt(get(which))));
        };
        if body.trim().is_empty() {
            return Line::Nothing;
        }
        let mut event = Event {
            times: (start, end),
            layer: get("layer").trim().to_owned(),
            style: name.to_owned(),
            usual_size: style.size,
            height: self.height,
            banner: get("effect").trim_start().starts_with("Banner"),
            is_ours,
            lines: 1,
            body,
            looks: parsed,
        };
        event.lines += event.body.matches('\n').count();
        let before = self.open.take();
        match before {
            Some(mut before) if is_ours && before.goes_on(&event) => {
                before.join(event);
                self.open = Some(before);
                Line::Nothing
            }
            before => {
                self.open = Some(event);
                before.map_or(Line::Nothing, |before| {
                    Line::Comment(Box::new(before.into_read()))
                })
            }
        }
    }
}

fn fields_of(value: &str) -> Vec<String> {
    value
        .split(',')
        .map(|field| field.trim().to_ascii_lowercase())
        .collect()
}

fn number(text: &str) -> Option<f64> {
    text.trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests;
