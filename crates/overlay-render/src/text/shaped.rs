//! Glyphs with their advances, and those that were shaped before.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use rustybuzz::Direction;

use super::family::Family;
use super::plain::Plain;

/// Longest token that is kept, in bytes, and memory for all of them.
const KEPT_LEN: usize = 512;
const KEPT_BYTES: usize = 32 << 20;

/// A glyph of a face, at its place in a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) face: u16,
    /// The glyph in its face; 0 is drawn as nothing.
    pub(crate) id: u16,
    pub(crate) advance: Advance,
    /// Where the glyph stands beside the pen, in em, to the right and upwards.
    pub(crate) offset: (f32, f32),
}

/// How far a glyph moves the pen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Advance {
    /// Font units of the glyph and of the kerning behind it, with units per em.
    Units { own: i32, kern: i32, per_em: f64 },
    /// A share of the em, of blanks that the font does not have, and the kerning behind it in em.
    Em { share: f64, kern: f64 },
}

impl Advance {
    /// Pixels at a font size, quantised like FreeType's linear advances in 16.16 with a 16.16 scale
    /// of 26.6 pixels.
    pub(crate) fn px(self, px: f64) -> f64 {
        match self {
            Self::Em { share, kern } => {
                ((share * px * 65536.0).round() + (kern * px * 65536.0).round()) / 65536.0
            }
            Self::Units { own, kern, per_em } => {
                let scale = (px * 64.0 * 65536.0 / per_em).round();
                let own = (f64::from(own) * scale / 64.0).round();
                let kern = (f64::from(kern) * px * 65536.0 / per_em).round();
                (own + kern) / 65536.0
            }
        }
    }
}

impl Glyph {
    /// Pixels to the next glyph at a font size of `px`.
    pub(crate) fn advance(&self, px: f64) -> f64 {
        self.advance.px(px)
    }
}

pub(super) type Token = Arc<[Glyph]>;

/// Families and directions, for which tokens are shaped by themselves.
pub(super) const SLOTS: usize = Family::ALL.len() * 2;

/// The place of a family and a direction among them.
pub(super) fn slot(family: Family, direction: Direction) -> usize {
    match direction {
        Direction::RightToLeft => family.slot() + SLOTS / 2,
        _ => family.slot(),
    }
}

/// Tokens that were shaped, for each family and direction, and characters that need not be. `Fonts`
/// keep them from one shaper to the next.
#[derive(Debug, Default)]
pub(super) struct Shaped {
    plain: [PlainCharacters; Family::ALL.len()],
    chars: [HashMap<char, Token, BuildHasherDefault<CharHasher>>; SLOTS],
    words: [HashMap<Box<str>, Token>; SLOTS],
    bytes: usize,
}

impl Shaped {
    pub(super) fn get(&self, slot: usize, token: &str) -> Option<Token> {
        let known = match single(token) {
            Some(c) => self.chars[slot].get(&c),
            None => self.words[slot].get(token),
        };
        known.map(Arc::clone)
    }

    pub(super) fn insert(&mut self, slot: usize, token: &str, glyphs: Token) {
        if token.len() > KEPT_LEN {
            return;
        }
        self.bytes += token.len() + size_of_val(&*glyphs) + 64; // an entry of a map, about
        if self.bytes > KEPT_BYTES {
            *self = Self::default();
        }
        match single(token) {
            Some(c) => self.chars[slot].insert(c, glyphs),
            None => self.words[slot].insert(token.into(), glyphs),
        };
    }

    /// Whether a character can be set without the shaper, if that was looked at.
    pub(super) fn plain(&self, family: Family, c: char) -> Option<Plain> {
        self.plain[family.slot()].get(c)
    }

    pub(super) fn insert_plain(&mut self, family: Family, c: char, plain: Plain) {
        self.bytes += size_of::<Plain>() + size_of::<u16>();
        self.plain[family.slot()].insert(c, plain);
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// What was found of characters: pages of 256 numbers, of the entries behind the first 0.
#[derive(Debug, Default)]
struct PlainCharacters {
    pages: Vec<Option<Box<[u16; 256]>>>,
    entries: Vec<Plain>,
}

impl PlainCharacters {
    fn get(&self, c: char) -> Option<Plain> {
        let (page, at) = place(c);
        let number = self.pages.get(page)?.as_ref()?[at];
        let entry = usize::from(number).checked_sub(1)?;
        self.entries.get(entry).copied()
    }

    /// Of more than 65,535 characters none is kept.
    fn insert(&mut self, c: char, plain: Plain) {
        let Ok(number) = u16::try_from(self.entries.len() + 1) else {
            return;
        };
        let (page, at) = place(c);
        if self.pages.len() <= page {
            self.pages.resize(page + 1, None);
        }
        self.pages[page].get_or_insert_with(|| Box::new([0; 256]))[at] = number;
        self.entries.push(plain);
    }
}

fn place(c: char) -> (usize, usize) {
    (c as usize >> 8, c as usize & 255)
}

/// The only character of a token.
fn single(token: &str) -> Option<char> {
    let mut chars = token.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// A multiplicative hash for single characters, which are most tokens.
#[derive(Default)]
struct CharHasher(u64);

impl Hasher for CharHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(byte.into());
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(value)).wrapping_mul(0x517C_C1B7_2722_0A95);
    }
}
