//! Widths of characters where no font is at hand.

use super::blanks::{blank, canonical};
use super::shaped::{Advance, Glyph};

/// The face of glyphs that are in none.
pub(super) const NO_FACE: u16 = u16::MAX;

/// A token's characters with estimated widths and nothing to draw.
pub(super) fn glyphs(token: &str) -> impl Iterator<Item = Glyph> {
    token.chars().map(|c| Glyph {
        face: NO_FACE,
        id: 0,
        advance: Advance::Em {
            share: width(canonical(c)),
            kern: 0.0,
        },
        offset: (0.0, 0.0),
    })
}

/// Half an em for Latin and half-width forms, nothing for marks and joiners, else an em.
fn width(c: char) -> f64 {
    if let Some(share) = blank(c) {
        return share;
    }
    match c {
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' => 0.0,
        '\u{0300}'..='\u{036F}' | '\u{3099}' | '\u{309A}' | '\u{FE00}'..='\u{FE0F}' => 0.0,
        '\0'..='\u{10FF}' | '\u{FF61}'..='\u{FFDC}' => 0.5,
        _ => 1.0,
    }
}
