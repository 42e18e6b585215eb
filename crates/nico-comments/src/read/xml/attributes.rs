use std::borrow::Cow;

use memchr::memchr;
use quick_xml::events::attributes::{AttrError, Attributes};

use crate::read::text::{any_byte, clean, is_control};

/// Calls `each` with every attribute of a `tag` as nearly all are: `name="value"` after
/// `name="value"`, in which there is nothing to replace. `None` if it is not like that, perhaps
/// after some calls: then [`strict`] has to go over the whole tag.
pub(super) fn plain<'a>(tag: &'a str, mut each: impl FnMut(&'a str, Cow<'a, str>)) -> Option<()> {
    if !is_plain(tag) {
        return None;
    }
    let bytes = tag.as_bytes();
    let mut at = 0;
    loop {
        while bytes.get(at) == Some(&b' ') {
            at += 1;
        }
        if at == bytes.len() {
            return Some(());
        }
        let ends_name = |&byte: &u8| ENDS_NAME[usize::from(byte)];
        let equals = at + bytes[at..].iter().position(ends_name)?;
        if equals == at || !bytes[equals..].starts_with(b"=\"") {
            return None;
        }
        let value = equals + 2;
        let quote = value + memchr(b'"', &bytes[value..])?;
        each(&tag[at..equals], Cow::Borrowed(&tag[value..quote]));
        at = quote + 1;
        if bytes.get(at).is_some_and(|&byte| byte != b' ') {
            return None;
        }
    }
}

/// What is in no name that [`plain`] takes: blanks, `=`, and the colon behind a prefix.
const ENDS_NAME: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte <= b' ' as usize {
        ends[byte] = true;
        byte += 1;
    }
    ends[b'=' as usize] = true;
    ends[b':' as usize] = true;
    ends
};

/// As [`plain`], of any well-formed tag; quick-xml finds the attributes. Calls `each` with the name
/// (prefix taken off) and the decoded value of each in `tag`, the part of a start tag between the
/// element's name and its end. Ends with an error at the first that is not well-formed: then
/// [`forgiving`] has to go over the whole tag again.
pub(super) fn strict<'a>(
    tag: &'a str,
    mut each: impl FnMut(&'a str, Cow<'a, str>),
) -> Result<(), AttrError> {
    let plain = is_plain(tag);
    for attribute in Attributes::new(tag, 0).with_checks(false) {
        let attribute = attribute?;
        let value = match attribute.value {
            value if plain => value,
            Cow::Borrowed(value) => decode(value),
            Cow::Owned(value) => Cow::Owned(decode(&value).into_owned()),
        };
        each(local(attribute.key.into_inner()), value);
    }
    Ok(())
}

/// As [`strict`], passing over what is no `name="value"`: names without a value, values without
/// quotes.
pub(super) fn forgiving<'a>(tag: &'a str, mut each: impl FnMut(&'a str, Cow<'a, str>)) {
    let mut rest = tag.trim_start_matches(is_space);
    while !rest.is_empty() {
        // Whatever it is, the first character belongs to the name.
        let mut ends = rest.char_indices().skip(1);
        let end = ends
            .find(|&(_, c)| c == '=' || is_space(c))
            .map_or(rest.len(), |(at, _)| at);
        let (name, behind) = rest.split_at(end);
        let behind = behind.trim_start_matches(is_space);
        let Some(behind) = behind.strip_prefix('=') else {
            rest = behind;
            continue;
        };
        let behind = behind.trim_start_matches(is_space);
        let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''));
        let closed = quote.and_then(|quote| behind[1..].split_once(quote));
        if let Some((value, after)) = closed {
            each(local(name), decode(value));
            rest = after.trim_start_matches(is_space);
        } else {
            let end = behind.find(is_space).unwrap_or(behind.len());
            rest = behind[end..].trim_start_matches(is_space);
        }
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn local(name: &str) -> &str {
    match name.bytes().rposition(|byte| byte == b':') {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

/// Whether there is nothing in a text that [`decode`] changes.
fn is_plain(raw: &str) -> bool {
    !any_byte(raw.as_bytes(), |byte| (byte == b'&') | is_control(byte))
}

/// A value or text with its references replaced, once, and cleaned (`docs/spec/comment-formats.md`,
/// section 1.2, rules 4 and 5).
pub(super) fn decode(raw: &str) -> Cow<'_, str> {
    if is_plain(raw) {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    replace_references(raw, &mut text);
    Cow::Owned(clean(Cow::Owned(text)).into_owned())
}

/// Appends `raw` to `out`, its references replaced. What begins with `&` and is none stays as
/// written.
pub(super) fn replace_references(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, len) = match reference(rest) {
            None => ('&', 1),
            Some((Reference::Char(c), len)) => (c, len),
            Some((Reference::Number(number), len)) => match (number, reference(&rest[len..])) {
                (0xD800..=0xDBFF, Some((Reference::Number(low @ 0xDC00..=0xDFFF), low_len))) => {
                    let pair = 0x1_0000 + ((number - 0xD800) << 10) + (low - 0xDC00);
                    (
                        char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER),
                        len + low_len,
                    )
                }
                _ => (
                    char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER),
                    len,
                ),
            },
        };
        out.push(c);
        rest = &rest[len..];
    }
    out.push_str(rest);
}

enum Reference {
    Char(char),
    Number(u32),
}

/// The reference at the start of `text`, and its length.
fn reference(text: &str) -> Option<(Reference, usize)> {
    let behind = text.strip_prefix('&')?;
    // A number may have any count of leading zeros, a name is short.
    let digits = |digits: &str, radix| {
        digits.len() - digits.trim_start_matches(|c: char| c.is_digit(radix)).len()
    };
    if let Some(number) = behind.strip_prefix('#') {
        let (number, radix, before) = number
            .strip_prefix('x')
            .map_or((number, 10, 2), |hex| (hex, 16, 3));
        let len = digits(number, radix);
        if len == 0 || !number[len..].starts_with(';') {
            return None;
        }
        // All are digits: it can only be too large.
        let value = u32::from_str_radix(&number[..len], radix).unwrap_or(u32::MAX);
        return Some((Reference::Number(value), before + len + 1));
    }
    let names = [
        ("amp;", '&'),
        ("lt;", '<'),
        ("gt;", '>'),
        ("quot;", '"'),
        ("apos;", '\''),
        ("quote;", '"'),
    ];
    let (name, c) = names
        .into_iter()
        .find(|(name, _)| behind.starts_with(name))?;
    Some((Reference::Char(c), 1 + name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Found<'a> = Vec<(&'a str, Cow<'a, str>)>;

    fn own(tag: &str) -> Found<'_> {
        let mut found = Vec::new();
        forgiving(tag, |name, value| found.push((name, value)));
        found
    }

    #[test]
    fn quotes_spaces_and_nonsense() {
        let found = own(" a='1\"' x:b = \"2\"\n\tc d=e f='&lt;' g=");
        assert_eq!(
            found,
            [("a", "1\"".into()), ("b", "2".into()), ("f", "<".into())]
        );
    }

    #[test]
    fn references_are_replaced_once() {
        assert_eq!(decode("&amp;lt; &quote;&#65;&#x41;&apos;"), "&lt; \"AA'");
        assert_eq!(
            decode("&#55357;&#56832;&#xD83D;&#x110000;&#99999999999999;"),
            "\u{1F600}\u{FFFD}\u{FFFD}\u{FFFD}"
        );
        assert_eq!(
            decode("& &; &#; &#x; &#X41; &amp &lt&#-1; &#0000000000065;"),
            "& &; &#; &#x; &#X41; &amp &lt&#-1; A"
        );
        assert_eq!(decode("&#13;&#10;a&#13;b&#0;"), "\na\nb");
    }

    proptest! {
        #[test]
        fn what_is_taken_for_plain_reads_the_same(tag in "( {0,2}([a-c_:1]{1,3}=\"[a-c<>'１]{0,3}(\"|&lt;\"|\\r\")|a='b'|=|\"){0,2}){0,4}") {
            let mut found = Vec::new();
            if plain(&tag, |name, value| found.push((name, value))).is_some() {
                prop_assert_eq!(found, own(&tag));
            }
        }

        #[test]
        fn tags_as_nearly_all_are_are_plain(tag in "( {1,2}[a-z_]{1,9}=\"[^\"&\\x00-\\x1F]{0,9}\"){0,9} ?") {
            let mut found = Vec::new();
            prop_assert!(plain(&tag, |name, value| found.push((name, value))).is_some());
            prop_assert_eq!(found, own(&tag));
        }

        #[test]
        fn both_ways_agree_on_well_formed_tags(tag in "([ \\n]|[a-c]{1,2}|:|=|\"|'|/|&|&amp;|&#x41;|１){0,24}") {
            let mut found = Vec::new();
            if strict(&tag, |name, value| found.push((name, value))).is_ok() {
                prop_assert_eq!(found, own(&tag));
            }
        }

        #[test]
        fn both_ways_agree_on_tags_as_they_are(tag in "( ?[a-z:_]{1,4}( ?= ?)('[^']{0,4}'|\"[^\"]{0,4}\") ?){0,4}") {
            let mut found = Vec::new();
            prop_assert!(strict(&tag, |name, value| found.push((name, value))).is_ok());
            prop_assert_eq!(found, own(&tag));
        }
    }
}
