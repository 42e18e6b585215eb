//! Where an object ends that may be a comment, looked for in the bytes at hand; and what gives a
//! damaged one away.

use std::ops::Range;

use super::bracket::Bracket;
use super::value::{is_space, string_len};

/// What a string at the start of a window is.
pub(super) enum Name {
    /// The name of a member.
    Found(NameAt),
    /// No name: no colon follows. Its length.
    None(usize),
    /// The window ends before the value begins.
    Open,
}

pub(super) struct NameAt {
    pub(super) text: Range<usize>,
    /// Where the member's value begins.
    pub(super) value: usize,
}

impl Name {
    pub(super) fn read(window: &[u8]) -> Self {
        let behind_space = |at: usize| {
            window[at..]
                .iter()
                .position(|&b| !is_space(b))
                .map(|spaces| at + spaces)
        };
        let Some(len) = string_len(window) else {
            return Self::Open;
        };
        match behind_space(len) {
            Some(colon) if window[colon] == b':' => match behind_space(colon + 1) {
                Some(value) => Self::Found(NameAt {
                    text: 1..len - 1,
                    value,
                }),
                None => Self::Open,
            },
            Some(_) => Self::None(len),
            None => Self::Open,
        }
    }
}

pub(super) enum Scanned {
    /// The object ends here.
    Whole(usize),
    /// A list of comments or threads begins, its bracket included.
    Holds(Bracket, usize),
    /// The object is damaged: behind so many bytes another one begins, where none can.
    Broken(usize),
    /// The window ends before.
    Open,
}

/// Looks for the end of the object at the start of `window`, or for a member that opens what `role`
/// may hold.
///
/// A missing or stray quote or bracket would let the object swallow those behind it. Two things
/// that well-formed JSON never holds give it away: an object where a member's name belongs, and a
/// string that ends between `{` and a name.
pub(super) fn scan_object(window: &[u8], role: Option<Bracket>) -> Scanned {
    let mut at = 1;
    let mut depth = 1_u64;
    // A bit for each open bracket, the innermost lowest: whether it is an object's.
    let mut objects = 1_u64;
    let mut name_next = true; // whether the name of a member comes next
    while let Some(&byte) = window.get(at) {
        match byte {
            b'"' => {
                let Some(len) = string_len(&window[at..]) else {
                    return Scanned::Open;
                };
                let text = at + 1..at + len - 1;
                at += len;
                if depth == 1
                    && name_next
                    && let Some(role) = role
                    && let Some(holds) = held_list(window, text.clone(), role)
                {
                    return holds;
                }
                name_next = false;
                match swallows(&window[text.start - 1..at], &window[at..]) {
                    Some(Some(brace)) => return Scanned::Broken(text.start - 1 + brace),
                    Some(None) => {}
                    None => return Scanned::Open,
                }
                continue;
            }
            b'{' if name_next => return Scanned::Broken(at),
            b'{' | b'[' => {
                depth += 1;
                name_next = byte == b'{';
                objects = objects << 1 | u64::from(name_next);
            }
            b'}' | b']' if depth == 1 => return Scanned::Whole(at + 1),
            b'}' | b']' => {
                depth -= 1;
                // What was shifted out beyond 64 brackets comes back as an array's, which is never
                // broken.
                objects >>= 1;
                name_next = false;
            }
            b',' => name_next = objects & 1 == 1,
            _ => {}
        }
        at += 1;
    }
    Scanned::Open
}

/// The list that begins behind the name at `text`, if an object with `role` may hold one of that
/// name.
fn held_list(window: &[u8], text: Range<usize>, role: Bracket) -> Option<Scanned> {
    let candidates: [&[u8]; 4] = [b"data", b"threads", b"packet", b"comments"];
    if !candidates.contains(&&window[text.clone()]) {
        return None;
    }
    let Name::Found(read) = Name::read(&window[text.start - 1..]) else {
        return None;
    };
    let value = text.start - 1 + read.value;
    let inner = role.opens(&window[text], window[value])?;
    Some(Scanned::Holds(inner, value + 1))
}

/// Whether a string, quotes included, has swallowed the beginning of an object: where its `{` is,
/// if so. `None` if the window ends before that is decided.
#[expect(
    clippy::option_option,
    reason = "undecided and no are different answers"
)]
pub(super) fn swallows(string: &[u8], behind: &[u8]) -> Option<Option<usize>> {
    let text = &string[..string.len() - 1];
    let brace = text
        .iter()
        .rposition(|&b| !is_space(b))
        .filter(|&at| at > 0 && text[at] == b'{');
    match brace {
        Some(brace) => begins_member(behind).map(|begins| begins.then_some(brace)),
        None => Some(None),
    }
}

/// Longest name that [`begins_member`] looks at.
const MAX_NAME: usize = 32;

/// Whether what follows a quote reads like the rest of `"name":`; `None` if the window ends before
/// that is decided.
fn begins_member(behind: &[u8]) -> Option<bool> {
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let Some(len) = behind.iter().take(MAX_NAME).position(|b| !word(b)) else {
        return if behind.len() < MAX_NAME {
            None
        } else {
            Some(false)
        };
    };
    if len == 0 || behind[len] != b'"' {
        return Some(false);
    }
    let colon = behind[len + 1..].iter().find(|&&b| !is_space(b))?;
    Some(*colon == b':')
}
