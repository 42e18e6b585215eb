use std::borrow::Cow;

use memchr::{memchr, memmem};

use super::attributes::{decode, forgiving, plain, replace_references, strict};
use super::scan::{CDATA, CDATA_END, Chat};
use crate::read::chat::{Members, excerpt};
use crate::read::error::ErrorKind;
use crate::read::text::{clean, integer, lossy};
use crate::{Comment, bilibili};

/// The comment that `chat`, cut out of `data`, holds. Without `shortcuts` its tag is read as if it
/// were damaged.
pub(crate) fn comment(data: &[u8], chat: &Chat, shortcuts: bool) -> Result<Comment, ErrorKind> {
    let tag = lossy(&data[chat.attributes.clone()]);
    let mut members = Members::new(integer);
    let mut done = shortcuts && plain(&tag, |name, value| members.set(name, value)).is_some();
    if shortcuts && !done {
        members = Members::new(integer);
        done = strict(&tag, |name, value| members.set(name, value)).is_ok();
    }
    if !done {
        members = Members::new(integer);
        forgiving(&tag, |name, value| members.set(name, value));
    }
    members.set_body(body(&data[chat.text.clone()]));
    members.into_comment()
}

/// The comment that a `d` element of Bilibili, cut out of `data`, holds, and whether it had other
/// attributes than `p`, which a comment has no place for.
pub(crate) fn bilibili(data: &[u8], element: &Chat) -> (Result<Comment, ErrorKind>, bool) {
    let tag = lossy(&data[element.attributes.clone()]);
    let (mut p, mut others) = (None, false);
    let mut each = |name: &str, value: Cow<'_, str>| match name {
        "p" if p.is_none() => p = Some(value.into_owned()),
        _ => others = true,
    };
    forgiving(&tag, &mut each);
    let comment = p.ok_or(ErrorKind::NoVpos("p")).and_then(|p| {
        let text = body(&data[element.text.clone()]);
        let time = || p.split(',').next().unwrap_or_default();
        bilibili::comment(&p, text).ok_or_else(|| ErrorKind::Seconds(excerpt(time())))
    });
    (comment, others)
}

/// The text between the tags: CDATA sections unwrapped, references outside of them replaced,
/// cleaned.
fn body(raw: &[u8]) -> String {
    let raw = lossy(raw);
    if memchr(b'<', raw.as_bytes()).is_none() || memmem::find(raw.as_bytes(), CDATA).is_none() {
        return match raw {
            Cow::Borrowed(raw) => decode(raw).into_owned(),
            Cow::Owned(raw) => decode(&raw).into_owned(),
        };
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = &*raw;
    while let Some((before, section, after)) = cdata(rest) {
        replace_references(before, &mut text);
        text.push_str(section);
        rest = after;
    }
    replace_references(rest, &mut text);
    clean(Cow::Owned(text)).into_owned()
}

/// What stands before, in and after the first closed CDATA section.
fn cdata(text: &str) -> Option<(&str, &str, &str)> {
    let start = memmem::find(text.as_bytes(), CDATA)?;
    let inner = &text[start + CDATA.len()..];
    let end = memmem::find(inner.as_bytes(), CDATA_END)?;
    Some((
        &text[..start],
        &inner[..end],
        &inner[end + CDATA_END.len()..],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cdata_is_unwrapped_where_it_is_closed() {
        assert_eq!(
            body(b"&lt;<![CDATA[&lt;</chat>\r\n]]>&gt;<![CDATA[a&amp;"),
            "<&lt;</chat>\n><![CDATA[a&"
        );
        assert_eq!(body(b"a\xFF<![CDATA[]]>b"), "a\u{FFFD}b");
    }
}
