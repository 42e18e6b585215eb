//! The tables of an evaluation as HTML.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};

/// Most columns that stand side by side on a narrow screen.
const SIDE_BY_SIDE: usize = 6;

/// Markdown as HTML. HTML within it is shown as text and links go nowhere: what comments hold must
/// not get into the page.
pub(super) fn render(text: &str) -> Markup {
    let mut table = Table::default();
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Link { .. } | Tag::Image { .. })
        | Event::End(TagEnd::Link | TagEnd::Image) => None,
        // Its titles stand under the page's own.
        Event::Start(Tag::Heading { level, .. }) => Some(Event::Start(Tag::Heading {
            level: below(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        })),
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(below(level)))),
        Event::SoftBreak => Some(Event::Text(CowStr::Borrowed(" "))),
        other => Some(other),
    });
    let events = events.map(|event| match table.tag(&event) {
        Some(tag) => Event::Html(tag.into()),
        None => event,
    });
    let mut html = String::new();
    push_html(&mut html, events);
    PreEscaped(html)
}

/// Writes the tags of tables: without styles for their alignment, which the page's policy refuses,
/// and with the column's title at each cell, for where a row does not fit.
#[derive(Default)]
struct Table {
    titles: Vec<String>,
    in_head: bool,
    column: usize,
}

impl Table {
    /// The tag to write in place of an event, if it is a table's.
    fn tag(&mut self, event: &Event<'_>) -> Option<String> {
        Some(match event {
            Event::Start(Tag::Table(columns)) => {
                self.titles.clear();
                let many = columns.len() > SIDE_BY_SIDE;
                let class = if many { " class=\"many\"" } else { "" };
                format!("<table{class}>")
            }
            Event::End(TagEnd::Table) => "</tbody></table>".to_owned(),
            Event::Start(Tag::TableHead) => {
                self.in_head = true;
                "<thead><tr>".to_owned()
            }
            Event::End(TagEnd::TableHead) => {
                self.in_head = false;
                "</tr></thead><tbody>".to_owned()
            }
            Event::Start(Tag::TableRow) => {
                self.column = 0;
                "<tr>".to_owned()
            }
            Event::End(TagEnd::TableRow) => "</tr>".to_owned(),
            Event::Start(Tag::TableCell) if self.in_head => {
                self.titles.push(String::new());
                "<th>".to_owned()
            }
            Event::Start(Tag::TableCell) => {
                let title = self.titles.get(self.column).map_or("", String::as_str);
                self.column += 1;
                format!("<td data-title=\"{}\">", escaped(title))
            }
            Event::End(TagEnd::TableCell) if self.in_head => "</th>".to_owned(),
            Event::End(TagEnd::TableCell) => "</td>".to_owned(),
            Event::Text(text) | Event::Code(text) if self.in_head => {
                if let Some(title) = self.titles.last_mut() {
                    title.push_str(text);
                }
                return None;
            }
            _ => return None,
        })
    }
}

/// Text as the value of an attribute.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_become_tables_and_html_becomes_text() {
        let html = render("# Evaluation\n\n| name | said |\n| --- | ---: |\n| <script>x</script> [a](javascript:x) | 3 |\n\n<img src=x onerror=y>\n").0;
        assert!(
            html.contains("<h3>Evaluation</h3>")
                && html
                    .contains("<table><thead><tr><th>name</th><th>said</th></tr></thead><tbody>")
                && html.contains("<td data-title=\"said\">3</td></tr></tbody></table>"),
            "{html}"
        );
        assert!(
            !html.contains("<script") && !html.contains("<img") && !html.contains("href"),
            "{html}"
        );
        assert!(html.contains("&lt;script&gt;x"), "{html}");
        assert!(
            !html.contains("style="),
            "the page's policy refuses it: {html}"
        );
    }
    /// Tables that do not fit a narrow screen are marked; a title cannot leave its attribute.
    #[test]
    fn columns_of_wide_tables_are_named_in_each_cell() {
        let row = |cells: &str| format!("| {} |\n", cells.repeat(7).trim_end_matches("| "));
        let text = row("a\"><script>&amp; | ") + &row("--- | ") + &row("1 | ");
        let html = render(&text).0;
        assert!(html.starts_with("<table class=\"many\">"), "{html}");
        let title = "<td data-title=\"a&quot;&gt;&lt;script&gt;&amp;\">1</td>";
        assert_eq!(html.matches(title).count(), 7, "{html}");
        assert!(!html.contains("<script"), "{html}");
    }
}
