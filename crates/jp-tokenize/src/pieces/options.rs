use super::bytes::FIRST_TEXT_PIECE;
use crate::error::Error;
use crate::normalizer::Normalizer;

/// Most ids: far above any vocabulary of pieces, low enough that a file of noise is refused.
pub(super) const MAX_SIZE: usize = 1 << 20;
/// Longest piece that an option or a file may ask for, in characters.
pub(super) const MAX_PIECE_CHARS: usize = 64;

/// Options of a [`PieceLearner`](crate::PieceLearner): how many pieces, and of what.
///
/// ```
/// use jp_tokenize::{Normalizer, PieceOptions};
///
/// let options = PieceOptions::default().size(16_000).normalizer(Normalizer::default().nfkc(true));
/// assert_eq!(options.max_piece_chars, 16);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PieceOptions {
    /// Number of ids, the 4 special words and the 256 bytes included: 260 to 1,048,576. There are
    /// fewer where the texts do not have so many. Default: 8,000.
    pub size: usize,
    /// Longest piece, in characters, 1 to 64. Default: 16.
    pub max_piece_chars: usize,
    /// Least count of a piece of several characters. Default: 2.
    pub min_count: u64,
    /// Normalization before texts are learnt from and split. Default: none.
    pub normalizer: Normalizer,
}

impl Default for PieceOptions {
    fn default() -> Self {
        Self {
            size: 8_000,
            max_piece_chars: 16,
            min_count: 2,
            normalizer: Normalizer::default(),
        }
    }
}

impl PieceOptions {
    /// Sets [`size`](Self::size).
    #[must_use]
    pub fn size(mut self, ids: usize) -> Self {
        self.size = ids;
        self
    }

    /// Sets [`max_piece_chars`](Self::max_piece_chars).
    #[must_use]
    pub fn max_piece_chars(mut self, chars: usize) -> Self {
        self.max_piece_chars = chars;
        self
    }

    /// Sets [`min_count`](Self::min_count).
    #[must_use]
    pub fn min_count(mut self, count: u64) -> Self {
        self.min_count = count;
        self
    }

    /// Sets [`normalizer`](Self::normalizer).
    #[must_use]
    pub fn normalizer(mut self, normalizer: Normalizer) -> Self {
        self.normalizer = normalizer;
        self
    }

    /// Refuses what is out of range.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (option, value, least, most) in [
            ("size", self.size, FIRST_TEXT_PIECE as usize, MAX_SIZE),
            ("max_piece_chars", self.max_piece_chars, 1, MAX_PIECE_CHARS),
        ] {
            if !(least..=most).contains(&value) {
                return Err(Error::OutOfRange {
                    option,
                    value,
                    least,
                    most,
                });
            }
        }
        Ok(())
    }
}
