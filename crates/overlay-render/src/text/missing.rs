//! Characters that no font has.

use super::family::Family;
use super::shape::Shaper;

/// Number of code points.
const CODE_POINTS: usize = 0x11_0000;

/// Collects the characters of texts that no font has, each once.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    tried: [Vec<u64>; Family::ALL.len()], // a bit for each code point, for each family
    found: Vec<char>,
}

impl Missing {
    /// Looks at the characters of a text of this family.
    pub(crate) fn look(&mut self, shaper: &mut Shaper<'_>, family: Family, text: &str) {
        let tried = &mut self.tried[family.slot()];
        if tried.is_empty() {
            tried.resize(CODE_POINTS / 64, 0);
        }
        for c in text.chars() {
            let at = c as usize;
            let (word, bit) = (&mut tried[at / 64], 1 << (at % 64));
            if *word & bit != 0 {
                continue;
            }
            *word |= bit;
            if shaper.lacks(family, c) && !self.found.contains(&c) {
                self.found.push(c);
            }
        }
    }

    /// The missing ones, in the order in which they appeared.
    pub(crate) fn into_characters(self) -> Vec<char> {
        self.found
    }
}
