//! Blanks whose width is fixed: comment-layout, section 6.4.

/// The width in em of the blanks of Unicode's General Punctuation that have one by definition.
pub(super) fn blank(c: char) -> Option<f64> {
    Some(match c {
        '\u{2002}' => 1.0 / 2.0,
        '\u{2003}' => 1.0,
        '\u{2004}' => 1.0 / 3.0,
        '\u{2005}' => 1.0 / 4.0,
        '\u{2006}' => 1.0 / 6.0,
        '\u{2009}' => 1.0 / 5.0,
        '\u{200A}' => 1.0 / 16.0,
        '\u{205F}' => 4.0 / 18.0,
        _ => return None,
    })
}

/// The character that a browser measures: blanks by their canonical equivalents, control characters
/// as a space.
pub(super) fn canonical(c: char) -> char {
    match c {
        '\u{2000}' => '\u{2002}',
        '\u{2001}' => '\u{2003}',
        '\r' | '\u{B}' | '\u{C}' => ' ',
        _ => c,
    }
}
