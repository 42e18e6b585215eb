use caption_metrics::folded_text;

/// Characters of a text that are read.
const LONGEST: usize = 30;
/// N-grams of a text that are kept.
const MOST: usize = 96;

/// Hashes the character n-grams of texts into the rows of a table: a text is a bag of rows.
///
/// Texts are folded first ([`folded_text`]); of a text the n-grams of one to three characters are
/// taken, its beginning and end marked, and the whole of it.
///
/// ```
/// use caption_model::NgramHasher;
///
/// let hasher = NgramHasher::new(1 << 16);
/// assert_eq!(hasher.rows("ＷＷＷ"), hasher.rows("ww"));
/// assert_ne!(hasher.rows("草"), hasher.rows("ww"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NgramHasher {
    rows: u32,
}

impl NgramHasher {
    /// Hashes into a table of so many rows.
    ///
    /// # Panics
    ///
    /// Panics if there are none.
    #[must_use]
    pub fn new(rows: u32) -> Self {
        assert!(rows > 0, "a table of no rows");
        Self { rows }
    }

    /// The rows of a text's n-grams, as often as they stand in it.
    #[must_use]
    pub fn rows(&self, text: &str) -> Vec<u32> {
        let folded = folded_text(text);
        let mut characters = vec!['^'];
        characters.extend(folded.chars().take(LONGEST));
        characters.push('$');
        let mut rows = vec![self.row(0, &characters)];
        for length in 1..=3u8 {
            let ngrams = characters.windows(usize::from(length));
            rows.extend(ngrams.map(|ngram| self.row(length, ngram)));
        }
        rows.truncate(MOST);
        rows
    }

    /// FNV-1a over the kind of n-gram and its characters, the same on every machine.
    fn row(&self, kind: u8, ngram: &[char]) -> u32 {
        let mut hash = (0xcbf2_9ce4_8422_2325 ^ u64::from(kind)).wrapping_mul(0x100_0000_01b3);
        for character in ngram {
            for byte in u32::from(*character).to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
        // The low bits of FNV are its weak ones.
        let row = (hash >> 24) % u64::from(self.rows);
        u32::try_from(row).unwrap_or(0)
    }
}
