use std::borrow::Cow;
use std::collections::HashSet;

use super::scan::{Item, Thread};
use super::value::{Value, elements, members};
use crate::read::chat::{Members, excerpt, flag, microseconds, text};
use crate::read::error::ErrorKind;
use crate::read::metadata::Metadata;
use crate::read::options::Format;
use crate::read::owner;
use crate::read::text::lenient_integer;
use crate::{Comment, Fork, Mail, Vpos};

/// What an object turned out to be.
#[derive(Debug)]
pub(crate) enum Decoded {
    /// A comment of this format, or one that cannot be read.
    Comment(Format, Result<Box<Comment>, ErrorKind>),
    /// It is damaged. The format, if where it stands tells.
    Malformed(Option<Format>, &'static str),
    /// Something else that this format holds between its comments, and what it says.
    Other(Format, Option<Metadata>),
    /// It fits several formats: the rest of the file has to tell.
    Undecided,
    /// Nothing that has to do with comments.
    Unknown,
    /// The service's error message.
    Answer(String),
}

/// The comment in an object. `format` is the one that the file was recognised as so far.
pub(crate) fn decode(
    object: &[u8],
    item: Item,
    thread: &Thread,
    format: Option<Format>,
) -> Decoded {
    let found: Vec<_> = match members(object).collect::<Result<_, _>>() {
        Ok(found) => found,
        Err(reason) => {
            let format = match item {
                Item::Listed => None,
                Item::OfThread => Some(Format::V1Json),
                Item::OfPacket => Some(Format::JikkyoJson),
            };
            return Decoded::Malformed(format, reason);
        }
    };
    let format = match recognise(&found, item, format) {
        Ok(format) => format,
        Err(other) => return other,
    };
    let comment = match format {
        Format::V1Json => v1(found, thread),
        Format::FormattedJson => formatted(found),
        Format::OwnerJson => owner_list(found),
        _ => match found.iter().find(|(name, _)| name == "chat") {
            Some((_, Value::Object(chat))) => wrapped(chat),
            _ => legacy(found),
        },
    };
    Decoded::Comment(format, comment.map(Box::new))
}

type Member<'a> = (Cow<'a, str>, Value<'a>);

/// Names of members that only comments have.
const OF_COMMENTS: [&str; 7] = [
    "content", "body", "comment", "vpos", "vposMs", "date", "postedAt",
];
/// Names of the members around what the message server sends between comments.
const BETWEEN: [&str; 7] = [
    "ping",
    "thread",
    "leaf",
    "global_num_res",
    "chat_result",
    "view_counter",
    "num_click",
];

/// The format of an object with these members (in the order of `docs/spec/comment-formats.md`,
/// section 3).
fn recognise(found: &[Member<'_>], item: Item, known: Option<Format>) -> Result<Format, Decoded> {
    let get = |wanted: &str| {
        found
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value)
    };
    let has = |wanted| get(wanted).is_some();
    let is_object = |wanted: &&str| matches!(get(wanted), Some(Value::Object(_)));
    match item {
        Item::OfThread => return Ok(Format::V1Json),
        Item::OfPacket if is_object(&"chat") => return Ok(Format::JikkyoJson),
        Item::OfPacket => return Err(Decoded::Other(Format::JikkyoJson, metadata(found))),
        Item::Listed => {}
    }
    if has("vposMs") {
        return Ok(Format::V1Json);
    }
    if is_object(&"chat") {
        return Ok(Format::LegacyJson);
    }
    if BETWEEN.iter().any(is_object) {
        return Err(Decoded::Other(Format::LegacyJson, metadata(found)));
    }
    if has("time") && has("comment") {
        return Ok(Format::OwnerJson);
    }
    if has("vpos") && has("no") {
        return Ok(Format::LegacyJson);
    }
    if has("vpos") && (has("owner") || matches!(get("mail"), Some(Value::Array(_)))) {
        return Ok(Format::FormattedJson);
    }
    if let Some(message) = answer(found) {
        return Err(Decoded::Answer(message));
    }
    match known {
        _ if !OF_COMMENTS.iter().any(|name| has(name)) => Err(Decoded::Unknown),
        Some(format) => Ok(format),
        None => Err(Decoded::Undecided),
    }
}

/// What an object that wraps something of the message server says.
fn metadata(found: &[Member<'_>]) -> Option<Metadata> {
    let (name, inner) = found.iter().find_map(|(name, value)| match value {
        Value::Object(inner) if Metadata::is_name(name.as_bytes()) => Some((name, inner)),
        _ => None,
    })?;
    let mut metadata = Metadata::new(name);
    for (name, value) in members(inner).map_while(Result::ok) {
        if let Some(text) = value.into_text() {
            metadata.push(&name, text);
        }
    }
    Some(metadata)
}

/// An error message: Jikkyo's `{"error": "…"}`, v1's `{"meta": {"status": 400, "errorCode": "…"}}`.
fn answer(found: &[Member<'_>]) -> Option<String> {
    let get = |found: &[Member<'_>], wanted: &str| {
        found
            .iter()
            .find(|(name, _)| name == wanted)
            .and_then(|(_, value)| value.clone().into_text())
            .map(Cow::into_owned)
    };
    if let Some(message) = get(found, "error") {
        return Some(message);
    }
    let meta = found.iter().find(|(name, _)| name == "meta")?;
    let Value::Object(meta) = meta.1 else {
        return None;
    };
    let meta: Vec<_> = members(meta).map_while(Result::ok).collect();
    let status = get(&meta, "status").filter(|status| status != "200")?;
    Some(
        get(&meta, "errorCode").map_or(format!("status {status}"), |code| {
            format!("{code}, status {status}")
        }),
    )
}

fn wrapped(chat: &[u8]) -> Result<Comment, ErrorKind> {
    let found: Vec<_> = members(chat)
        .collect::<Result<_, _>>()
        .map_err(ErrorKind::Json)?;
    legacy(found)
}

/// Message-server JSON, wrapped or flat, and Jikkyo's (`docs/spec/comment-formats.md`, sections 2
/// and 1.3).
fn legacy(found: Vec<Member<'_>>) -> Result<Comment, ErrorKind> {
    // An archive of flat objects says of deleted comments only that user, text and commands are
    // empty.
    let empty = |wanted: &str| {
        found
            .iter()
            .any(|(name, value)| name == wanted && *value == Value::String("".into()))
    };
    let emptied = empty("content")
        && empty("user_id")
        && empty("mail")
        && !found.iter().any(|(name, _)| name == "deleted");
    let mut members = Members::new(lenient_integer);
    for (name, value) in found {
        match value {
            Value::Array(words) if name == "mail" => {
                members.set(&name, Cow::Owned(words_of(words).join(" ")))
            }
            value => {
                if let Some(text) = value.into_text() {
                    members.set(&name, text);
                }
            }
        }
    }
    if emptied {
        members.set("deleted", Cow::Borrowed("1"));
    }
    members.into_comment()
}

/// v1, in a thread or flat (`docs/spec/comment-formats.md`, section 3). Only `vposMs` is needed.
fn v1(found: Vec<Member<'_>>, thread: &Thread) -> Result<Comment, ErrorKind> {
    let mut comment = Comment {
        thread: thread.id.clone(),
        fork: thread.fork.clone().unwrap_or_default(),
        ..Comment::default()
    };
    let mut vpos = Err(ErrorKind::NoVpos("vposMs"));
    gather(&mut comment, found, "commands", |comment, name, value| {
        let integer = || lenient_integer(&value);
        match name {
            "id" => comment.id = text(value),
            "no" => comment.no = integer().filter(|&no| no >= 0),
            "vposMs" => vpos = integer().ok_or_else(|| ErrorKind::Vpos(excerpt(&value))),
            "body" => comment.body = value.into_owned(),
            "userId" => comment.user = text(value),
            "isPremium" => comment.premium = truth(&value).into(),
            "score" => comment.score = integer(),
            "nicoruCount" => comment.nicoru = integer(),
            "postedAt" => (comment.date, comment.date_usec) = posted_at(&value),
            "isMyPost" => mine(comment, &value),
            "deleted" => comment.deleted = deletion(&value),
            _ => return Some(value),
        }
        None
    });
    comment.set_vpos_millis(vpos?);
    Ok(comment)
}

/// niconicomments' own (`docs/spec/comment-formats.md`, section 4). Everything has a default.
fn formatted(found: Vec<Member<'_>>) -> Result<Comment, ErrorKind> {
    let mut comment = Comment::default();
    let mut vpos = Ok(Vpos(0));
    gather(&mut comment, found, "mail", |comment, name, value| {
        let integer = || lenient_integer(&value);
        match name {
            "id" => comment.no = integer().filter(|&no| no >= 0),
            "vpos" => {
                vpos = integer()
                    .map(Vpos)
                    .ok_or_else(|| ErrorKind::Vpos(excerpt(&value)))
            }
            "content" => comment.body = value.into_owned(),
            "date" => comment.date = integer(),
            "date_usec" | "usec" => comment.date_usec = microseconds(integer()),
            "owner" if truth(&value) => comment.fork = Fork::Owner,
            "owner" => {}
            "premium" => comment.premium = truth(&value).into(),
            "user_id" => comment.user = text(value),
            "layer" => {
                comment.layer = integer()
                    .and_then(|n| i32::try_from(n).ok())
                    .filter(|&layer| layer != -1)
            }
            "is_my_post" => mine(comment, &value),
            "deleted" => comment.deleted = deletion(&value),
            _ => return Some(value),
        }
        None
    });
    comment.vpos = vpos?;
    Ok(comment)
}

/// The upload editor's list (`docs/spec/comment-formats.md`, section 4).
fn owner_list(found: Vec<Member<'_>>) -> Result<Comment, ErrorKind> {
    let mut comment = Comment {
        fork: Fork::Owner,
        ..Comment::default()
    };
    let mut time = Err(ErrorKind::NoVpos("time"));
    gather(&mut comment, found, "command", |comment, name, value| {
        match name {
            "time" => time = owner::time(&value).ok_or_else(|| ErrorKind::Time(excerpt(&value))),
            "comment" => comment.body = value.into_owned(),
            _ => return Some(value),
        }
        None
    });
    comment.vpos = time?;
    Ok(comment)
}

/// Takes members into a comment: the one named `commands` as its mail, of the others the scalars by
/// `set`, which gives back the value of a name that it does not know. Those are kept as extra.
fn gather<'a>(
    comment: &mut Comment,
    found: Vec<Member<'a>>,
    commands: &str,
    mut set: impl FnMut(&mut Comment, &str, Cow<'a, str>) -> Option<Cow<'a, str>>,
) {
    for (name, value) in first_of_each(found) {
        if name == commands {
            comment.mail = mail(value);
        } else if let Some(value) = value.into_text()
            && let Some(unknown) = set(comment, &name, value)
        {
            comment
                .extra
                .push((name.into_owned(), unknown.into_owned()));
        }
    }
}

/// Members without the repeats of a name.
fn first_of_each(mut found: Vec<Member<'_>>) -> Vec<Member<'_>> {
    let repeated = |at: usize| found[..at].iter().any(|(name, _)| *name == found[at].0);
    if found.len() <= 32 && !(0..found.len()).any(repeated) {
        return found;
    }
    let mut seen = HashSet::new();
    found.retain(|(name, _)| seen.insert(name.clone()));
    found
}

/// Commands as a list of words, or as text.
fn mail(value: Value<'_>) -> Mail {
    match value {
        Value::Array(list) => Mail::from_words(words_of(list).iter().map(|word| &**word)),
        value => value
            .into_text()
            .map(|text| Mail::parse(&text))
            .unwrap_or_default(),
    }
}

fn words_of(list: &[u8]) -> Vec<Cow<'_, str>> {
    elements(list).filter_map(Value::into_text).collect()
}

fn truth(text: &str) -> bool {
    text == "true" || lenient_integer(text).is_some_and(|n| n != 0)
}

/// How a comment was deleted, 0 if it was not. A truth value counts as 1.
fn deletion(text: &str) -> u8 {
    if text == "true" {
        1
    } else {
        flag(lenient_integer(text))
    }
}

/// Keeps the mark of one's own comments under the name that message-server XML has for it.
fn mine(comment: &mut Comment, value: &str) {
    if truth(value) {
        comment.extra.push(("mine".to_owned(), "1".to_owned()));
    }
}

/// Unix seconds and microseconds of RFC 3339; microseconds only if there is a fraction.
fn posted_at(text: &str) -> (Option<i64>, Option<u32>) {
    let Ok(time) = text.trim().parse::<jiff::Timestamp>() else {
        return (None, None);
    };
    let micros = time.as_microsecond();
    let fraction = u32::try_from(micros.rem_euclid(1_000_000))
        .ok()
        .filter(|&usec| usec != 0);
    (Some(micros.div_euclid(1_000_000)), fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(
            posted_at("2020-09-13T21:26:30+09:00"),
            (Some(1_599_999_990), None)
        );
        assert_eq!(
            posted_at("2024-02-29T14:59:59.5Z"),
            (Some(1_709_218_799), Some(500_000))
        );
        assert_eq!(posted_at("yesterday"), (None, None));
    }

    #[test]
    fn repeated_members_count_once() {
        let object = br#"{"vposMs":15,"body":"a","vposMs":7,"body":"b","source":"leaf"}"#;
        let Decoded::Comment(Format::V1Json, Ok(comment)) =
            decode(object, Item::Listed, &Thread::default(), None)
        else {
            panic!("a flat v1 comment");
        };
        assert_eq!(
            (comment.vpos, comment.vpos_rest_ms, &*comment.body),
            (Vpos(1), 5, "a")
        );
        assert_eq!(comment.extra, [("source".into(), "leaf".into())]);
    }
}
