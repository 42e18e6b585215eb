use std::num::NonZero;

use super::alignment::Alignment;

/// The longest runs that are left as they are, of each kind of character; `None`: any.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct MaxRuns {
    pub(super) laughter: Option<NonZero<usize>>,
    pub(super) prolonged: Option<NonZero<usize>>,
    pub(super) kana: Option<NonZero<usize>>,
}

/// Changes characters one by one: Latin letters to small ones, wavy lines after kana to prolonged
/// marks.
pub(super) fn map(
    text: &str,
    lowercase: bool,
    wavy_to_prolonged: bool,
) -> Option<(String, Alignment)> {
    let mut before = None;
    let mut changed = String::new();
    let mut alignment = Alignment::default();
    let mut kept = 0; // bytes of the text that `changed` has
    for (at, was) in text.char_indices() {
        let c = match was {
            'A'..='Z' if lowercase => was.to_ascii_lowercase(),
            'Ａ'..='Ｚ' if lowercase => was.to_lowercase().next().unwrap_or(was),
            '〜' | '～' | '~' if wavy_to_prolonged && before.is_some_and(is_kana) => 'ー',
            _ => was,
        };
        before = Some(c);
        if c != was {
            changed.push_str(&text[kept..at]);
            changed.push(c);
            if at > kept {
                alignment.push(at - kept, at - kept, true);
            }
            alignment.push(c.len_utf8(), was.len_utf8(), false);
            kept = at + was.len_utf8();
        }
    }
    finish(text, changed, alignment, kept)
}

/// Cuts runs of a character.
pub(super) fn cut(text: &str, max_runs: &MaxRuns) -> Option<(String, Alignment)> {
    let mut changed = String::new();
    let mut alignment = Alignment::default();
    let mut kept = 0; // bytes of the text that `changed` has or leaves out
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut len = 1;
        while chars.next_if(|&(_, next)| next == c).is_some() {
            len += 1;
        }
        let (end, after) = match chars.peek() {
            Some(&(at, c)) => (at, Some(c)),
            None => (text.len(), None),
        };
        let max = longest(c, before, after, max_runs);
        if len > max {
            // All but the last of those that stay are themselves; the last stands for the rest of
            // the run.
            let last = start + (max - 1) * c.len_utf8();
            changed.push_str(&text[kept..last]);
            changed.push(c);
            if last > kept {
                alignment.push(last - kept, last - kept, true);
            }
            alignment.push(c.len_utf8(), end - last, false);
            kept = end;
        }
        before = Some(c);
    }
    finish(text, changed, alignment, kept)
}

/// The longest run of a character that may stay, at least 1.
fn longest(c: char, before: Option<char>, after: Option<char>, max_runs: &MaxRuns) -> usize {
    let max = match c {
        'ー' | 'ｰ' | '〜' | '～' | '~' => max_runs.prolonged,
        _ if is_kana(c) => max_runs.kana,
        _ if is_laughter(c, before, after) => max_runs.laughter,
        _ => None,
    };
    max.map_or(usize::MAX, NonZero::get)
}

fn finish(
    text: &str,
    mut changed: String,
    mut alignment: Alignment,
    kept: usize,
) -> Option<(String, Alignment)> {
    if kept == 0 {
        return None;
    }
    let rest = &text[kept..];
    if !rest.is_empty() {
        changed.push_str(rest);
        alignment.push(rest.len(), rest.len(), true);
    }
    Some((changed, alignment))
}

/// Hiragana and katakana, small and half-width ones too, and the prolonged marks; not the marks of
/// voicing.
fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | 'ｦ'..='ﾝ' | 'ㇰ'..='ㇿ')
}

fn is_laughter(c: char, before: Option<char>, after: Option<char>) -> bool {
    let neither = |kind: fn(char) -> bool| !before.is_some_and(kind) && !after.is_some_and(kind);
    match c {
        'w' | 'W' => neither(|c| (c.is_ascii_alphanumeric() && c != '8') || c == '.'),
        '8' | '８' => neither(|c| c.is_ascii_digit() || ('０'..='９').contains(&c)),
        'ｗ' | 'Ｗ' | '草' | '笑' => true,
        _ => false,
    }
}
