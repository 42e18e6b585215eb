//! What the document around the comments is, by its first element.

use memchr::memmem;

use super::scan::{Element, local_name};

/// The root of a document, as far as a window shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// The local name of the first element.
    Named(String),
    /// The `i` of Bilibili, with one of its elements in it; or a `d` without a root around it.
    Bilibili,
    /// The window ends before the first element, or there is none.
    Unseen,
}

/// Longest name of a root that is kept, in bytes.
const MAX_NAME: usize = 64;

impl Root {
    /// Looks for the first element behind declarations, comments and what is no markup.
    pub(crate) fn find(window: &[u8]) -> Self {
        let mut rest = window;
        while let Some(at) = memchr::memchr(b'<', rest) {
            rest = &rest[at..];
            let end: &[u8] = match rest {
                [b'<', b'?', ..] => b"?>",
                [b'<', b'!', b'-', b'-', ..] => b"-->",
                [b'<', b'!', ..] => b">",
                [b'<', first, ..] if first.is_ascii_alphabetic() || !first.is_ascii() => {
                    return Self::named(rest);
                }
                _ => b"<",
            };
            let Some(end) = memmem::find(&rest[1..], end) else {
                return Self::Unseen;
            };
            rest = &rest[1 + end..];
        }
        Self::Unseen
    }

    /// The root whose tag `rest` begins with.
    fn named(rest: &[u8]) -> Self {
        let tag = &rest[1..];
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'<');
        let Some(end) = tag.iter().position(ends) else {
            return Self::Unseen;
        };
        match local_name(&tag[..end]) {
            b"d" => Self::Bilibili,
            b"i" if is_bilibili(rest) => Self::Bilibili,
            name => {
                let name = &name[..name.len().min(MAX_NAME)];
                Self::Named(String::from_utf8_lossy(name).into_owned())
            }
        }
    }

    /// Whether a longer window cannot show anything else.
    pub(crate) fn is_settled(&self) -> bool {
        !matches!(self.name(), None | Some("i")) || *self == Self::Bilibili
    }

    /// The name, if it is known.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Bilibili => Some("i"),
            Self::Unseen => None,
        }
    }

    /// The element that a comment is in a document of this root.
    pub(crate) fn element(&self) -> Element {
        match self {
            Self::Bilibili => Element::D,
            Self::Named(_) | Self::Unseen => Element::Chat,
        }
    }

    /// Whether a document of this root may be a comment file that has no comments.
    pub(crate) fn is_of_comments(&self) -> bool {
        let names = [
            "packet",
            "chat",
            "thread",
            "view_counter",
            "global_num_res",
            "leaf",
            "NiconamaComment",
        ];
        match self {
            Self::Named(name) => names.contains(&&**name),
            Self::Bilibili => true,
            Self::Unseen => false,
        }
    }
}

/// Whether what stands in a root `i`, which also makes letters italic in HTML, is Bilibili's.
fn is_bilibili(window: &[u8]) -> bool {
    let elements: [&[u8]; 3] = [b"<chatid", b"<chatserver", b"<d "];
    elements
        .iter()
        .any(|element| memmem::find(window, element).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_found_behind_what_comes_before() {
        for (file, root) in [
            ("<packet>", Some("packet")),
            (
                "\u{FEFF}<?xml version='1.0'?>\n<!-- <i> --><n:packet a='b'/>",
                Some("packet"),
            ),
            ("<!DOCTYPE html><html>", Some("html")),
            ("<!DOCTYPE p [<!ENTITY e 'x'>]><p:i><d p=''>", Some("i")),
            ("text < 5 <packet\n>", Some("packet")),
            ("<?xml", None),
            ("<pack", None),
            ("", None),
        ] {
            assert_eq!(Root::find(file.as_bytes()).name(), root, "{file}");
        }
    }
}
