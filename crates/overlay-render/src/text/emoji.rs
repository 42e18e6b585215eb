//! Which characters are shown as pictures: Unicode's UTS #51.

use unicode_properties::{EmojiStatus, UnicodeEmoji};

/// Asks for a character as text, and as a picture.
const TEXT: char = '\u{FE0E}';
const PICTURE: char = '\u{FE0F}';
/// Joins two pictures to one.
const JOINER: char = '\u{200D}';
/// Makes a key of the character before.
const KEYCAP: char = '\u{20E3}';

/// Whether a character of a text is shown as a picture where a font has one: by itself, or because a
/// variation selector or a skin colour follows.
pub(super) fn is_picture(text: &[char], at: usize) -> bool {
    let status = text[at].emoji_status();
    match text.get(at + 1) {
        Some(&TEXT) => false,
        Some(&PICTURE) => text[at].is_emoji_char(),
        Some('\u{1F3FB}'..='\u{1F3FF}') if status == EmojiStatus::EmojiModifierBase => true,
        _ => matches!(
            status,
            EmojiStatus::EmojiPresentation
                | EmojiStatus::EmojiPresentationAndModifierBase
                | EmojiStatus::EmojiPresentationAndEmojiComponent
                | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent
        ),
    }
}

/// Whether a character belongs to the picture before it.
pub(super) fn continues(text: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| text[before]);
    before == Some(JOINER) || text[at] == KEYCAP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_and_colours_decide() {
        let is = |text: &str| is_picture(&text.chars().collect::<Vec<_>>(), 0);
        assert!(
            is("😀")
                && is("❤\u{FE0F}")
                && is("☝🏽")
                && is("👍🏽")
                && is("🇯🇵")
                && is("1\u{FE0F}\u{20E3}")
        );
        assert!(
            !is("❤") && !is("😀\u{FE0E}") && !is("1") && !is("☝") && !is("草") && !is("あ\u{FE0F}")
        );
        let joined: Vec<char> = "👩\u{200D}❤".chars().collect();
        assert!(continues(&joined, 2) && !continues(&joined, 0) && !continues(&joined, 1));
    }
}
