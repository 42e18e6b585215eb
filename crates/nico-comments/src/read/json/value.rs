use std::borrow::Cow;

use memchr::memchr2;

use crate::read::text::{clean, lossy};

/// A member's value. Arrays and objects stay as they were written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    String(Cow<'a, str>),
    Array(&'a [u8]),
    Object(&'a [u8]),
}

impl<'a> Value<'a> {
    /// A scalar as text, `None` for null, arrays and objects.
    pub(super) fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::String(text) => Some(text),
            Self::Number(text) => Some(Cow::Borrowed(text)),
            Self::Bool(value) => Some(Cow::Borrowed(if value { "1" } else { "0" })),
            Self::Null | Self::Array(_) | Self::Object(_) => None,
        }
    }
}

/// What is wrong with a piece of JSON.
pub(super) type Malformed = &'static str;

/// The members of an object, in order. Ends after the first error.
#[derive(Clone, Debug)]
pub(super) struct Members<'a> {
    data: &'a [u8],
    at: usize,
    done: bool,
}

/// Iterates over the members of `object`, which begins with `{`.
pub(super) fn members(object: &[u8]) -> Members<'_> {
    Members {
        data: object,
        at: 1,
        done: false,
    }
}

impl<'a> Members<'a> {
    fn member(&mut self) -> Result<Option<(Cow<'a, str>, Value<'a>)>, Malformed> {
        self.at = skip_space(self.data, self.at);
        if self.data.get(self.at) == Some(&b',') {
            self.at = skip_space(self.data, self.at + 1);
        }
        match self.data.get(self.at) {
            Some(b'"') => {}
            Some(b'}') => return Ok(None),
            _ => return Err("expected a member"),
        }
        let (name, at) = string(self.data, self.at).ok_or("a name does not end")?;
        let at = skip_space(self.data, at);
        if self.data.get(at) != Some(&b':') {
            return Err("expected a colon behind a name");
        }
        let (value, at) = value(self.data, skip_space(self.data, at + 1))?;
        self.at = skip_space(self.data, at);
        if !matches!(self.data.get(self.at), Some(b',' | b'}')) {
            return Err("expected a comma or the end of the object");
        }
        Ok(Some((name, value)))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<(Cow<'a, str>, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let member = self.member().transpose();
        self.done = !matches!(member, Some(Ok(_)));
        member
    }
}

/// The values of `array`, which begins with `[`. What is malformed ends it.
pub(super) fn elements(array: &[u8]) -> impl Iterator<Item = Value<'_>> {
    let mut at = 1;
    std::iter::from_fn(move || {
        at = skip_space(array, at);
        while array.get(at) == Some(&b',') {
            at = skip_space(array, at + 1);
        }
        if matches!(array.get(at), None | Some(b']')) {
            return None;
        }
        let (value, behind) = value(array, at).ok()?;
        at = behind;
        Some(value)
    })
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn skip_space(data: &[u8], at: usize) -> usize {
    data[at.min(data.len())..]
        .iter()
        .position(|&b| !is_space(b))
        .map_or(data.len(), |spaces| at + spaces)
}

fn value(data: &[u8], at: usize) -> Result<(Value<'_>, usize), Malformed> {
    let first = *data.get(at).ok_or("expected a value")?;
    match first {
        b'"' => string(data, at)
            .map(|(text, end)| (Value::String(text), end))
            .ok_or("a text does not end"),
        b'{' | b'[' => {
            let end = at + nested_len(&data[at..]).ok_or("a bracket is not closed")?;
            let inner = &data[at..end];
            Ok((
                if first == b'{' {
                    Value::Object(inner)
                } else {
                    Value::Array(inner)
                },
                end,
            ))
        }
        _ => {
            let len = data[at..]
                .iter()
                .position(|&b| is_space(b) || matches!(b, b',' | b'}' | b']' | b':' | b'"'));
            let end = at + len.unwrap_or(data.len() - at);
            Ok((scalar(&data[at..end])?, end))
        }
    }
}

fn scalar(word: &[u8]) -> Result<Value<'_>, Malformed> {
    match word {
        b"null" | b"NaN" => Ok(Value::Null),
        b"true" => Ok(Value::Bool(true)),
        b"false" => Ok(Value::Bool(false)),
        [b'-' | b'0'..=b'9', rest @ ..]
            if rest
                .iter()
                .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) =>
        {
            std::str::from_utf8(word)
                .map(Value::Number)
                .map_err(|_| "a number is no text")
        }
        _ => Err("expected a value"),
    }
}

/// The length of the array or object at the start of `data`.
fn nested_len(data: &[u8]) -> Option<usize> {
    let mut lexer = Lexer::default();
    lexer.skip(data)
}

/// Finds the end of a value in a stream of bytes: strings and the depth of brackets are all that it
/// knows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lexer {
    depth: u64,
    in_string: bool,
    escaped: bool,
    in_scalar: bool,
}

impl Lexer {
    /// Whether what it goes over is a number or word, which may end with the stream.
    pub(super) fn in_scalar(self) -> bool {
        self.in_scalar && self.depth == 0
    }

    /// Goes over `data`; the length up to the end of the value, or `None` if it goes on behind
    /// `data`. What ends a scalar does not belong to it.
    pub(super) fn skip(&mut self, data: &[u8]) -> Option<usize> {
        for (at, &byte) in data.iter().enumerate() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' if !self.in_scalar => self.in_string = true,
                b'{' | b'[' if !self.in_scalar => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' if self.depth == 1 => return Some(at + 1),
                b'}' | b']' | b',' | b'"' | b'{' | b'[' if self.depth == 0 => return Some(at),
                b if is_space(b) && self.in_scalar => return Some(at),
                b if !is_space(b) && self.depth == 0 => self.in_scalar = true,
                _ => {}
            }
        }
        None
    }
}

/// The length of the string at the start of `data`, quotes included.
pub(super) fn string_len(data: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', data.get(at..)?)?;
        if data[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The string that begins at `at`, decoded, and where it ends.
fn string(data: &[u8], at: usize) -> Option<(Cow<'_, str>, usize)> {
    let end = at + string_len(&data[at..])?;
    Some((decode(&data[at + 1..end - 1]), end))
}

/// What stands between quotes: escapes replaced, surrogates joined or U+FFFD, invalid UTF-8 U+FFFD,
/// cleaned.
fn decode(raw: &[u8]) -> Cow<'_, str> {
    let text = lossy(raw);
    if !raw.contains(&b'\\') {
        return clean(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some((before, behind)) = rest.split_once('\\') {
        decoded.push_str(before);
        let (c, len) = escape(behind);
        decoded.extend(c);
        rest = &behind[len..];
    }
    decoded.push_str(rest);
    Cow::Owned(clean(Cow::Owned(decoded)).into_owned())
}

/// The character that an escape means, `text` being what follows its backslash, and how much of
/// `text` it takes. Unknown escapes mean the character itself.
fn escape(text: &str) -> (Option<char>, usize) {
    let Some(first) = text.chars().next() else {
        return (None, 0);
    };
    let c = match first {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{C}',
        'u' => return unicode(text),
        other => other,
    };
    (Some(c), first.len_utf8())
}

fn unicode(text: &str) -> (Option<char>, usize) {
    let unit = |text: &str| {
        u32::from_str_radix(
            text.get(1..5)
                .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?,
            16,
        )
        .ok()
    };
    match unit(text) {
        None => (Some('u'), 1),
        Some(high @ 0xD800..=0xDBFF) => {
            let low = text[5..]
                .strip_prefix('\\')
                .filter(|t| t.starts_with('u'))
                .and_then(unit);
            match low {
                Some(low @ 0xDC00..=0xDFFF) => (
                    char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)),
                    11,
                ),
                _ => (Some(char::REPLACEMENT_CHARACTER), 5),
            }
        }
        Some(number) => (
            Some(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)),
            5,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(object: &str) -> Result<Vec<(Cow<'_, str>, Value<'_>)>, Malformed> {
        members(object.as_bytes()).collect()
    }

    #[test]
    fn members_of_all_kinds() {
        let found =
            all(r#"{"a" : "x\n" ,"b":[1,{"]":2}], "c":-2.5e1,"d":null,"e":{"}":"\""},"f":true}"#)
                .unwrap();
        let values: Vec<_> = found.into_iter().map(|(_, value)| value).collect();
        let expected = [
            Value::String("x\n".into()),
            Value::Array(br#"[1,{"]":2}]"#),
            Value::Number("-2.5e1"),
            Value::Null,
            Value::Object(br#"{"}":"\""}"#),
            Value::Bool(true),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn malformed_objects_say_so() {
        for object in [
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":x}",
            "{\"a\":1 \"b\":2}",
            "{a:1}",
            "{\"a\":\"",
            "{\"a\":[1}",
        ] {
            assert!(all(object).is_err(), "{object}");
        }
        assert!(all("{}").unwrap().is_empty());
    }

    #[test]
    fn strings_are_forgiven() {
        let text = |raw: &[u8]| decode(raw).into_owned();
        assert_eq!(
            text(br"\ud83d\ude00 \ud83d \ude00 \ud83dx \u0041 \uZZZZ \q \/"),
            "😀 � � �x A uZZZZ q /"
        );
        assert_eq!(text(b"a\r\nb\0\x1F\\u0000\\r\xFF\\"), "a\nb\n�");
    }

    #[test]
    fn arrays_give_their_elements() {
        assert_eq!(elements(b"[ \"a\" , 1,[2], ]").count(), 3);
        assert_eq!(elements(b"[").count(), 0);
        assert_eq!(elements(b"[x").count(), 0);
    }
}
