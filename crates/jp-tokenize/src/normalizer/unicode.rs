use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc_quick};

use super::alignment::Alignment;

/// The text in form NFKC, and on request in small Latin letters; `None` if that is how it is.
pub(super) fn nfkc(text: &str, lowercase: bool) -> Option<(String, Alignment)> {
    let is_small = |text: &str| !lowercase || !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes && is_small(text) {
        return None;
    }
    let mut changed = String::with_capacity(text.len());
    let mut alignment = Alignment::default();
    let mut start = 0;
    while start < text.len() {
        let end = segment_end(text, start);
        let segment = &text[start..end];
        let before = changed.len();
        // Letters change between taking apart and putting together: ẖ can be put together, but H
        // with the same line cannot.
        let apart = segment
            .nfkd()
            .map(|c| if lowercase { c.to_ascii_lowercase() } else { c });
        changed.extend(apart.nfc());
        let len = changed.len() - before;
        alignment.push(len, segment.len(), &changed[before..] == segment);
        start = end;
    }
    (changed != text).then_some((changed, alignment))
}

/// Where the characters end that are put together with the one at `start`.
fn segment_end(text: &str, start: usize) -> usize {
    let mut chars = text[start..].char_indices().skip(1);
    let next = chars.find(|&(_, c)| begins_segment(c));
    next.map_or(text.len(), |(at, _)| start + at)
}

/// Whether what a character is made of neither is put together with nor trades places with what is
/// before it.
fn begins_segment(c: char) -> bool {
    let mut first = None;
    decompose_compatible(c, |part| {
        first.get_or_insert(part);
    });
    first.is_none_or(|first| {
        canonical_combining_class(first) == 0
            && is_nfc_quick(std::iter::once(first)) == IsNormalized::Yes
    })
}
