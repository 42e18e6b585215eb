//! The tables of an evaluation as HTML.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{
    Alignment, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html,
};

/// Markdown as HTML. HTML within it is shown as text and links go nowhere: what comments hold must
/// not get into the page.
pub(super) fn render(text: &str) -> Markup {
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
        // Alignment would become styles of single cells, which the page's policy refuses; its style
        // sheet aligns them.
        Event::Start(Tag::Table(columns)) => Some(Event::Start(Tag::Table(vec![
            Alignment::None;
            columns.len()
        ]))),
        Event::SoftBreak => Some(Event::Text(CowStr::Borrowed(" "))),
        other => Some(other),
    });
    let mut html = String::new();
    push_html(&mut html, events);
    PreEscaped(html)
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
            html.contains("<h3>Evaluation</h3>") && html.contains("<table>"),
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
}
