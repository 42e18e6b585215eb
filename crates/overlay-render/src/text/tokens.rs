//! Cuts a line into the pieces that browsers shape by themselves:
//! `docs/spec/comment-layout.md`, section 6.4.

use std::sync::atomic::{AtomicU8, Ordering};

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};

/// The pieces of a line, in order: one space; a CJK character with the punctuation and marks behind
/// it; any other run.
pub(crate) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(line: &'a str) -> Self {
        Self { rest: line }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.rest.chars().next()?;
        let (token, rest) = self.rest.split_at(token_len(self.rest, first));
        self.rest = rest;
        Some(token)
    }
}

fn token_len(text: &str, first: char) -> usize {
    if is_blank(first) {
        return first.len_utf8();
    }
    let first = class(first);
    let mut followers = text.char_indices().skip(1);
    let end = if first & CJK != 0 {
        let mut has_script = first & NEUTRAL == 0;
        followers.find(|&(_, c)| {
            let class = class(c);
            if class & ATTACHED != 0 {
                return false;
            }
            if !is_blank(c) && class & CJK != 0 {
                if class & NEUTRAL != 0 {
                    return false;
                }
                if !has_script {
                    has_script = true;
                    return false;
                }
            }
            true
        })
    } else {
        followers.find(|&(_, c)| is_blank(c) || class(c) & (CJK | ATTACHED) == CJK)
    };
    end.map_or(text.len(), |(i, _)| i)
}

fn is_blank(c: char) -> bool {
    c == ' '
}

const KNOWN: u8 = 1;
const CJK: u8 = 2;
const NEUTRAL: u8 = 4;
const ATTACHED: u8 = 8;

/// What a character is, as the bits above. Those of the basic plane are looked up once: the tables
/// of Unicode are searched.
fn class(c: char) -> u8 {
    static CLASSES: [AtomicU8; 0x1_0000] = [const { AtomicU8::new(0) }; 0x1_0000];
    let known = usize::try_from(u32::from(c))
        .ok()
        .and_then(|c| CLASSES.get(c));
    let class = known.map_or(0, |class| class.load(Ordering::Relaxed));
    if class != 0 {
        return class;
    }
    let bit = |is: bool, bit: u8| if is { bit } else { 0 };
    let class =
        KNOWN | bit(is_cjk(c), CJK) | bit(is_neutral(c), NEUTRAL) | bit(is_attached(c), ATTACHED);
    if let Some(known) = known {
        known.store(class, Ordering::Relaxed);
    }
    class
}

fn is_neutral(c: char) -> bool {
    matches!(c.script(), Script::Common | Script::Inherited)
}

/// Marks, modifiers and joiners stay with what is before them.
fn is_attached(c: char) -> bool {
    use unicode_properties::GeneralCategory::{ModifierLetter, ModifierSymbol};
    if c.is_ascii() {
        return matches!(c, '^' | '`');
    }
    c == '\u{200D}'
        || c.general_category_group() == GeneralCategoryGroup::Mark
        || matches!(c.general_category(), ModifierLetter | ModifierSymbol)
}

/// Ideographs, kana and what is set like them: punctuation and symbols of the full-width blocks,
/// and emoji.
fn is_cjk(c: char) -> bool {
    let c = u32::from(c);
    c >= 0x2C7
        && (matches!(
            c,
            0x2C7 | 0x2CA | 0x2CB | 0x2D9 | 0x2020 | 0x2021 | 0x2030 | 0x203B | 0x203C | 0x2042 | 0x2047..=0x2049 | 0x2051
                | 0x20DD | 0x20DE | 0x2100 | 0x2103 | 0x2105 | 0x2109 | 0x210A | 0x2113 | 0x2116 | 0x2121 | 0x212B | 0x213B
                | 0x2150..=0x2152 | 0x2156..=0x215A | 0x2160..=0x216B | 0x2170..=0x217B | 0x217F | 0x2189 | 0x2307
                | 0x2312 | 0x23BE..=0x23CC | 0x23CE | 0x2423 | 0x2460..=0x2492 | 0x249C..=0x24FF
        ) || matches!(
            c,
            0x25A0..=0x25A2 | 0x25AA | 0x25AB | 0x25B1..=0x25B3 | 0x25B6 | 0x25B7 | 0x25BC | 0x25BD | 0x25C0 | 0x25C1
                | 0x25C6 | 0x25C7 | 0x25C9 | 0x25CB | 0x25CC | 0x25CE..=0x25D3 | 0x25E2..=0x25E6 | 0x25EF
                | 0x2600..=0x2603 | 0x2605 | 0x2606 | 0x260E | 0x2616 | 0x2617 | 0x2640 | 0x2642 | 0x2660..=0x266F
                | 0x2672..=0x267D | 0x26A0 | 0x26BD | 0x26BE | 0x2713 | 0x271A | 0x273F | 0x2740 | 0x2756
                | 0x2776..=0x277F | 0x2B1A
        ) || matches!(
            c,
            0x2E80..=0x2FDF | 0x2FF0..=0x303F | 0x3041..=0x30FF | 0x3105..=0x312F | 0x3190..=0x4DBF | 0x4E00..=0x9FFF
                | 0xF900..=0xFAFF | 0xFE10..=0xFE12 | 0xFE19 | 0xFE30..=0xFE6F | 0xFF00..=0xFFEF | 0x1B000..=0x1B16F
                | 0x1F000..=0x1FAFF | 0x20000..=0x3FFFF
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(line: &str) -> Vec<&str> {
        Tokens::new(line).collect()
    }

    #[test]
    fn kana_and_han_stand_alone_words_together() {
        assert_eq!(tokens("草生える"), ["草", "生", "え", "る"]);
        assert_eq!(
            tokens("AVA is 神w ok"),
            ["AVA", " ", "is", " ", "神", "w", " ", "ok"]
        );
    }

    #[test]
    fn neutral_characters_follow_their_base() {
        assert_eq!(tokens("あー、い！"), ["あー、", "い！"]);
        assert_eq!(tokens("か\u{3099}き"), ["か\u{3099}", "き"]);
        assert_eq!(tokens("「あ」い"), ["「あ」", "い"]);
    }

    #[test]
    fn pieces_make_the_line_again() {
        let line = "  ｗｗ ☆あ👨\u{200D}👩ق abc";
        assert_eq!(tokens(line).concat(), line);
    }
}
