//! Tokens that were shaped beforehand, with rules of fonts that are not at hand.

use std::collections::{HashMap, HashSet};
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

/// Of a token.
pub(super) fn direction(right_to_left: bool) -> Direction {
    match right_to_left {
        true => Direction::RightToLeft,
        false => Direction::LeftToRight,
    }
}

/// Tokens by family, direction and text, and the characters for which there were rules.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    tokens: [HashMap<Box<str>, Token>; SLOTS],
    ruled: HashSet<(Family, char)>,
}

impl Prepared {
    pub(super) fn new(
        tokens: impl IntoIterator<Item = PreparedToken>,
        ruled: HashSet<(Family, char)>,
    ) -> Self {
        let mut by_text: [HashMap<Box<str>, Token>; SLOTS] = Default::default();
        for token in tokens {
            let slot = slot(token.family, direction(token.right_to_left));
            by_text[slot].insert(token.text, token.glyphs.into());
        }
        let tokens = by_text;
        Self { tokens, ruled }
    }

    pub(super) fn get(&self, slot: usize, text: &str) -> Option<Token> {
        self.tokens[slot].get(text).map(Arc::clone)
    }

    /// What rules there were for a character.
    pub(super) fn about(&self, family: Family, c: char) -> Ruled {
        let alone = |c: char| self.get(family.slot(), c.encode_utf8(&mut [0; 4]));
        match self.ruled.contains(&(family, c)) {
            true if alone(c).is_some() => Ruled::Alone,
            true => Ruled::WithOthers,
            false => Ruled::Never,
        }
    }
}
