use std::ops::Range;

/// Alignment of a changed text to the original: which place each place was.
///
/// Both texts are cut into pieces that follow each other. A piece was either copied, byte by byte,
/// or replaced as a whole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Alignment {
    pieces: Vec<Piece>,
    /// The lengths of the changed and of the original text.
    len: usize,
    original_len: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Piece {
    start: usize,
    original: usize,
    is_copied: bool,
}

impl Alignment {
    /// Appends a piece. Copied pieces that follow each other are one.
    pub(super) fn push(&mut self, len: usize, original_len: usize, is_copied: bool) {
        if !(is_copied && self.pieces.last().is_some_and(|last| last.is_copied)) {
            self.pieces.push(Piece {
                start: self.len,
                original: self.original_len,
                is_copied,
            });
        }
        self.len += len;
        self.original_len += original_len;
    }

    /// Where a place was: a place within a replaced piece at that piece's end.
    pub(super) fn original(&self, at: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.start <= at);
        let end = self
            .pieces
            .get(after)
            .map_or(self.original_len, |piece| piece.original);
        match after.checked_sub(1).map(|last| self.pieces[last]) {
            Some(piece) if piece.is_copied || piece.start == at => {
                (piece.original + (at - piece.start)).min(end)
            }
            _ => end,
        }
    }
}

/// A normalized text and its alignment to the original: a [`Normalizer`](crate::Normalizer) made
/// it, and it knows where in the original its parts were.
///
/// ```
/// use std::num::NonZero;
/// use jp_tokenize::Normalizer;
///
/// let normalizer = Normalizer::default().nfkc(true).max_laughter(NonZero::new(2));
/// let comment = "ﾜﾛﾀｗｗｗｗｗ";
/// let normalized = normalizer.align(comment);
/// assert_eq!(normalized.text(), "ワロタww");
/// assert_eq!(&comment[normalized.original_range(0..9)], "ﾜﾛﾀ");
/// assert_eq!(&comment[normalized.original_range(9..11)], "ｗｗｗｗｗ");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Normalized {
    text: String,
    original_len: usize,
    /// From the original to the text, a step at a time.
    steps: Vec<Alignment>,
}

impl Normalized {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            original_len: text.len(),
            steps: Vec::new(),
        }
    }

    pub(super) fn step(&mut self, change: impl FnOnce(&str) -> Option<(String, Alignment)>) {
        if let Some((text, alignment)) = change(&self.text) {
            self.text = text;
            self.steps.push(alignment);
        }
    }

    /// The normalized text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes the normalized text out.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    /// Maps a byte range of the normalized text to that of the original.
    ///
    /// Parts that follow each other were parts that follow each other, and the whole was the whole.
    /// The last character of a run that was cut was all that was cut off, too. Where one character
    /// became several, the first part that has some of them was that character, and what comes
    /// after its beginning is empty: of ㌔, which becomes キロ, the キ was all and the ロ nothing.
    ///
    /// Any range will do: one that reaches over the end or ends within a character is taken to the
    /// next place that is in the text and between characters. Takes time logarithmic in the number
    /// of changes.
    ///
    /// ```
    /// let normalized = jp_tokenize::Normalizer::default().nfkc(true).align("３㌔");
    /// assert_eq!(normalized.text(), "3キロ");
    /// assert_eq!(normalized.original_range(1..7), 3..6);
    /// assert_eq!(normalized.original_range(1..4), 3..6);
    /// assert_eq!(normalized.original_range(4..7), 6..6);
    /// ```
    #[must_use]
    pub fn original_range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.original(range.start);
        start..self.original(range.end).max(start)
    }

    fn original(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at += 1;
        }
        if at == self.text.len() {
            return self.original_len;
        }
        let steps = self.steps.iter().rev();
        steps.fold(at, |at, step| step.original(at))
    }
}
