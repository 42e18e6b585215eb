//! Tokens that were shaped beforehand, with rules of fonts that are not at hand.

use std::collections::HashMap;
use std::sync::Arc;

use rustybuzz::Direction;

use super::family::Family;
use super::plain::Ruled;
use super::shaped::{Glyph, SLOTS, Token, slot};

/// A token with the glyphs that it is set in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PreparedToken {
    pub(super) family: Family,
    pub(super) right_to_left: bool,
    pub(super) text: Box<str>,
    pub(super) glyphs: Vec<Glyph>,
}

impl PreparedToken {
    pub(super) fn direction(&self) -> Direction {
        match self.right_to_left {
            true => Direction::RightToLeft,
            false => Direction::LeftToRight,
        }
    }
}

/// Tokens by family, direction and text.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    tokens: [HashMap<Box<str>, Token>; SLOTS],
    ruled: [HashMap<char, Ruled>; Family::ALL.len()],
}

impl Prepared {
    pub(super) fn get(&self, slot: usize, text: &str) -> Option<Token> {
        self.tokens[slot].get(text).map(Arc::clone)
    }

    /// What the fonts' rules said of a character, as far as the tokens tell.
    pub(super) fn about(&self, family: Family, c: char) -> Ruled {
        let known = self.ruled[family.slot()].get(&c);
        known.copied().unwrap_or(Ruled::Never)
    }
}

impl FromIterator<PreparedToken> for Prepared {
    fn from_iter<I: IntoIterator<Item = PreparedToken>>(tokens: I) -> Self {
        let mut prepared = Self::default();
        for token in tokens {
            let ruled = &mut prepared.ruled[token.family.slot()];
            let alone = token.text.chars().nth(1).is_none();
            for c in token.text.chars() {
                let known = ruled.entry(c).or_insert(Ruled::WithOthers);
                if alone {
                    *known = Ruled::Alone;
                }
            }
            let slot = slot(token.family, token.direction());
            prepared.tokens[slot].insert(token.text, token.glyphs.into());
        }
        prepared
    }
}
