use crate::vocabulary::{SPECIAL_WORDS, UNK};

/// Id of the piece of byte 0; those of the other bytes follow.
pub(super) const FIRST_BYTE: u32 = UNK + 1;
/// Id of the first piece that is a text.
pub(super) const FIRST_TEXT_PIECE: u32 = FIRST_BYTE + 256;

/// The id of a byte's piece.
pub(super) fn byte_id(byte: u8) -> u32 {
    FIRST_BYTE + u32::from(byte)
}

/// The byte whose piece has this id.
pub(super) fn id_byte(id: u32) -> Option<u8> {
    u8::try_from(id.checked_sub(FIRST_BYTE)?).ok()
}

/// The name of a byte's piece, as SentencePiece writes it.
pub(super) fn byte_name(byte: u8) -> String {
    format!("<0x{byte:02X}>")
}

/// Whether a text is the name of a special word or of a byte: no piece is spelt so, for names of
/// pieces differ.
pub(super) fn is_reserved(text: &str) -> bool {
    let hex = |c: char| c.is_ascii_digit() || ('A'..='F').contains(&c);
    SPECIAL_WORDS.contains(&text)
        || text
            .strip_prefix("<0x")
            .and_then(|rest| rest.strip_suffix('>'))
            .is_some_and(|digits| digits.len() == 2 && digits.chars().all(hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_bytes_are_reserved() {
        for byte in 0..=u8::MAX {
            assert!(is_reserved(&byte_name(byte)));
            assert_eq!(id_byte(byte_id(byte)), Some(byte));
        }
        assert!(is_reserved("<eos>"));
        for free in ["<0x0a>", "<0x100>", "0x00", "<0x>", "<0xé>", ""] {
            assert!(!is_reserved(free), "{free}");
        }
        assert_eq!(id_byte(UNK), None);
        assert_eq!(id_byte(FIRST_TEXT_PIECE), None);
    }
}
