//! The XML that Saccubus saves, with the damage that real files have.
//!
//! Written here and not by `nico-comments`, whose writer cannot and should not write broken
//! entries.

use std::fmt::Write as _;
use std::io::{self, Write};

/// One comment element.
#[derive(Debug)]
pub(super) struct Chat<'a> {
    pub(super) thread: &'a str,
    pub(super) owner: bool,
    pub(super) no: usize,
    pub(super) vpos: i64,
    pub(super) date: i64,
    pub(super) mail: &'a str,
    pub(super) user: Option<&'a str>,
    pub(super) premium: bool,
    /// `None` where it was deleted.
    pub(super) body: Option<&'a str>,
}

/// What the owner wrote: position, mail commands and text.
pub(super) const OWNER: &[(i64, &str, &str)] = &[
    (0, "ue yellow small", "本編はこのあとすぐ"),
    (150, "shita white", "この番組はプログラムが描いています"),
    (
        600,
        "ue cyan small @4",
        "コメントもプログラムが書いています",
    ),
];

pub(super) fn begin(out: &mut impl Write, thread: &str, count: usize) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    write!(
        out,
        "<packet><thread resultcode=\"0\" thread=\"{thread}\" last_res=\"{count}\" ticket=\"0x1\" revision=\"1\" server_time=\"1660000000\"/>"
    )?;
    write!(
        out,
        "<view_counter video=\"{}\" id=\"sm{thread}\" mylist=\"{}\"/>",
        count * 7,
        count / 11
    )?;
    writeln!(
        out,
        "<global_num_res thread=\"{thread}\" num_res=\"{count}\"/>"
    )
}

pub(super) fn end(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "</packet>")
}

pub(super) fn chat(out: &mut impl Write, chat: &Chat<'_>) -> io::Result<()> {
    match chat.body {
        Some(body) => writeln!(
            out,
            "<chat{} vpos=\"{}\"{}>{}</chat>",
            head(chat),
            chat.vpos,
            rest(chat),
            escaped(body)
        ),
        None => writeln!(
            out,
            "<chat{} vpos=\"{}\"{} deleted=\"1\"/>",
            head(chat),
            chat.vpos,
            rest(chat)
        ),
    }
}

/// Writes a comment with one of the faults of real files; `which` chooses it.
pub(super) fn broken(out: &mut impl Write, chat: &Chat<'_>, which: usize) -> io::Result<()> {
    let body = escaped(chat.body.unwrap_or(""));
    match which % 4 {
        // No position: this one cannot be used.
        0 => writeln!(out, "<chat{}{}>{body}</chat>", head(chat), rest(chat)),
        // A bare ampersand and an old fault of Saccubus: readable all the same.
        1 => writeln!(
            out,
            "<chat{} vpos=\"{}\"{}>{body} & &quote;ok&quote;</chat>",
            head(chat),
            chat.vpos,
            rest(chat)
        ),
        // A position that is no number.
        2 => writeln!(
            out,
            "<chat{} vpos=\"--\"{}>{body}</chat>",
            head(chat),
            rest(chat)
        ),
        // Control characters.
        _ => writeln!(
            out,
            "<chat{} vpos=\"{}\"{}>{body}\u{10}\u{1}</chat>",
            head(chat),
            chat.vpos,
            rest(chat)
        ),
    }
}

fn head(chat: &Chat<'_>) -> String {
    let fork = if chat.owner { " fork=\"1\"" } else { "" };
    format!(" thread=\"{}\"{fork} no=\"{}\"", chat.thread, chat.no)
}

fn rest(chat: &Chat<'_>) -> String {
    let mut text = format!(" date=\"{}\"", chat.date);
    if !chat.mail.is_empty() {
        let _ = write!(text, " mail=\"{}\"", escaped(chat.mail)); // writing to a string cannot fail
    }
    if let Some(user) = chat.user {
        let _ = write!(text, " user_id=\"{user}\"");
        if chat.premium {
            text += " premium=\"1\"";
        }
        text += " anonymity=\"1\"";
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
