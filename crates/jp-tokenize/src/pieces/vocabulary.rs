use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::bytes::{FIRST_TEXT_PIECE, byte_id, byte_name, id_byte, is_reserved};
use super::learner::PieceLearner;
use super::options::{MAX_PIECE_CHARS, MAX_SIZE, PieceOptions};
use super::split::split;
use crate::chunks::first_chunk;
use crate::error::{Error, PiecesErrorKind};
use crate::normalizer::Normalizer;
use crate::vocabulary::{SPECIAL_WORDS, UNK};

/// A subword vocabulary: pieces of text, each with an id, of which any text consists (byte-pair
/// encoding with byte fallback).
///
/// Learnt by a [`PieceLearner`] or [loaded](Self::load) from a file. Ids go from 0 to
/// [`len`](Self::len) − 1: [`PAD`](crate::PAD), [`BOS`](crate::BOS), [`EOS`](crate::EOS) and
/// [`UNK`] as in a [`Vocabulary`](crate::Vocabulary), then the 256 bytes, then texts: characters,
/// the most useful first, and longer pieces in the order in which they were learnt.
///
/// A character that is in no piece is written as the bytes of its UTF-8, so that there is no
/// unknown word: [`encode`](Self::encode) never gives a special id, and [`decode`](Self::decode)
/// gives the [normalized](Self::normalizer) text back exactly, which is the text itself unless the
/// pieces were learnt with a normalization.
///
/// ```
/// use jp_tokenize::{PieceOptions, Pieces};
///
/// let comments = ["ここすき", "ここすき", "ここ草", "草草"];
/// let pieces = Pieces::learn(comments, &PieceOptions::default())?;
/// let ids = pieces.encode("ここすき！");
/// assert_eq!(ids.len(), 1 + 3); // U+FF01 is three bytes
/// assert_eq!(pieces.name(ids[0]).as_deref(), Some("ここすき"));
/// assert_eq!(pieces.name(ids[1]).as_deref(), Some("<0xEF>"));
/// assert_eq!(pieces.decode(&ids), "ここすき！");
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pieces {
    /// The texts, from id 260.
    pub(super) texts: Vec<Arc<str>>,
    pub(super) ids: HashMap<Arc<str>, u32, RandomState>,
    /// Length of the longest text, bytes.
    pub(super) max_bytes: usize,
    normalizer: Normalizer,
}

/// A piece of a text and where it stands. Given by [`Pieces::tokens`].
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PieceToken {
    /// The piece's id.
    pub id: u32,
    /// The bytes of the original text that it stands for. Of a character that is written in bytes,
    /// the first byte stands for the whole, and the others for nothing.
    pub range: Range<usize>,
}

impl Pieces {
    /// Learns pieces from texts: a [`PieceLearner`] adds them all.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if an option is, or if the distinct texts have more than 2^31
    /// characters.
    pub fn learn<T: AsRef<str>>(
        texts: impl IntoIterator<Item = T>,
        options: &PieceOptions,
    ) -> Result<Self, Error> {
        let mut learner = PieceLearner::new(options.clone())?;
        for text in texts {
            learner.add(text.as_ref());
        }
        learner.learn()
    }

    /// Numbers texts; an error if they are no vocabulary.
    pub(super) fn from_texts(texts: Vec<Box<str>>, normalizer: Normalizer) -> Result<Self, Error> {
        let wrong = |kind| Error::Pieces {
            path: None,
            kind,
            source: None,
        };
        if texts.len() > MAX_SIZE - FIRST_TEXT_PIECE as usize {
            return Err(wrong(PiecesErrorKind::TooMany(MAX_SIZE)));
        }
        let texts: Vec<Arc<str>> = texts.into_iter().map(Arc::from).collect();
        let mut ids = HashMap::with_capacity_and_hasher(texts.len(), RandomState::default());
        for (text, id) in texts.iter().zip(FIRST_TEXT_PIECE..) {
            if text.is_empty() {
                return Err(wrong(PiecesErrorKind::Empty(id)));
            }
            if text.chars().count() > MAX_PIECE_CHARS {
                return Err(wrong(PiecesErrorKind::TooLong(id, MAX_PIECE_CHARS)));
            }
            if is_reserved(text) {
                return Err(wrong(PiecesErrorKind::Reserved(text.to_string())));
            }
            if ids.insert(Arc::clone(text), id).is_some() {
                return Err(wrong(PiecesErrorKind::Duplicate(text.to_string())));
            }
        }
        Ok(Self {
            max_bytes: texts.iter().map(|text| text.len()).max().unwrap_or(0),
            texts,
            ids,
            normalizer,
        })
    }

    /// Number of ids, the four special words and the 256 bytes included.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "never empty: it has the special words and the bytes"
    )]
    pub fn len(&self) -> usize {
        FIRST_TEXT_PIECE as usize + self.texts.len()
    }

    /// The normalization of texts before they are split, with which the pieces were learnt.
    #[must_use]
    pub fn normalizer(&self) -> &Normalizer {
        &self.normalizer
    }

    /// The text of a piece. None for the special words, for bytes and past the last id.
    #[must_use]
    pub fn piece(&self, id: u32) -> Option<&str> {
        let at = usize::try_from(id.checked_sub(FIRST_TEXT_PIECE)?).ok()?;
        self.texts.get(at).map(|text| &**text)
    }

    /// The byte that a piece is, if it is one.
    #[must_use]
    pub fn byte(&self, id: u32) -> Option<u8> {
        id_byte(id)
    }

    /// The name of an id, for people and for vocabularies: a special word, a byte such as `<0xE3>`,
    /// or the piece itself. Names differ from each other. None past the last id.
    #[must_use]
    pub fn name(&self, id: u32) -> Option<Cow<'_, str>> {
        if id <= UNK {
            return Some(SPECIAL_WORDS[id as usize].into());
        }
        match id_byte(id) {
            Some(byte) => Some(byte_name(byte).into()),
            None => self.piece(id).map(Cow::from),
        }
    }

    /// The id of a piece by its text.
    #[must_use]
    pub fn id(&self, piece: &str) -> Option<u32> {
        self.ids.get(piece).copied()
    }

    /// Encodes a text as ids; neither [`BOS`](crate::BOS) nor [`EOS`](crate::EOS) is added.
    ///
    /// The text is normalized; then, of all neighbours that are a piece together, those that were
    /// learnt first become one, from the left, until there are none. Takes time linear in the text:
    /// one of more than 8,192 characters is split part by part.
    #[must_use]
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut ids = Vec::with_capacity(text.len() / 4);
        self.encode_into(text, &mut ids);
        ids
    }

    /// Encodes a text as [`encode`](Self::encode) does and appends the ids.
    pub fn encode_into(&self, text: &str, ids: &mut Vec<u32>) {
        self.split(&self.normalizer.normalize(text), |id, _| ids.push(id));
    }

    /// Encodes a text and says of each piece where in the original text it stands.
    ///
    /// Pieces follow each other without a gap, as [`Normalized`](crate::Normalized) maps their
    /// ranges.
    ///
    /// ```
    /// use jp_tokenize::{Normalizer, PieceOptions, Pieces};
    ///
    /// let options = PieceOptions::default().normalizer(Normalizer::default().nfkc(true));
    /// let pieces = Pieces::learn(["ココア", "ココア"], &options)?;
    /// let tokens = pieces.tokens("ｺｺｱ");
    /// assert_eq!(pieces.piece(tokens[0].id), Some("ココア"));
    /// assert_eq!(tokens[0].range, 0..9);
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    #[must_use]
    pub fn tokens(&self, text: &str) -> Vec<PieceToken> {
        let normalized = self.normalizer.align(text);
        let mut tokens = Vec::new();
        self.split(normalized.text(), |id, range| {
            let range = normalized.original_range(range);
            tokens.push(PieceToken { id, range });
        });
        tokens
    }

    /// Gives each piece of a normalized text, with its bytes there.
    fn split(&self, text: &str, mut give: impl FnMut(u32, Range<usize>)) {
        let mut start = 0;
        while start < text.len() {
            let chunk = first_chunk(&text[start..]);
            split(self, chunk, |id, range| match id {
                Some(id) => give(id, start + range.start..start + range.end),
                None => {
                    for at in range {
                        give(byte_id(chunk.as_bytes()[at]), start + at..start + at + 1);
                    }
                }
            });
            start += chunk.len();
        }
    }

    /// Decodes ids to a text.
    ///
    /// `<pad>`, `<bos>` and `<eos>` give no text. `<unk>`, ids past the last one and bytes that are
    /// no UTF-8 give U+FFFD, the replacement character.
    ///
    /// ```
    /// use jp_tokenize::{EOS, PieceOptions, Pieces};
    ///
    /// let pieces = Pieces::learn([""], &PieceOptions::default())?;
    /// let mut ids = pieces.encode("草");
    /// assert_eq!(pieces.decode(&ids), "草");
    /// ids.truncate(2); // of three bytes
    /// ids.push(EOS);
    /// assert_eq!(pieces.decode(&ids), "\u{FFFD}");
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    #[must_use]
    pub fn decode(&self, ids: &[u32]) -> String {
        decode(ids, |id| self.piece(id))
    }
}

/// Decodes ids of pieces, given the texts of those that are neither special nor bytes.
pub(crate) fn decode<'a>(ids: &[u32], text: impl Fn(u32) -> Option<&'a str>) -> String {
    let mut bytes = Vec::with_capacity(ids.len() * 4);
    for &id in ids.iter().filter(|&&id| id >= UNK) {
        match id_byte(id) {
            Some(byte) => bytes.push(byte),
            None => {
                let text = text(id).filter(|_| id != UNK);
                bytes.extend(text.unwrap_or("\u{FFFD}").as_bytes());
            }
        }
    }
    match String::from_utf8_lossy(&bytes) {
        Cow::Owned(text) => text,
        Cow::Borrowed(_) => String::from_utf8(bytes).expect("it was just checked"),
    }
}

/// Vocabularies are equal when they have the same pieces at the same ids and the same
/// normalization.
impl PartialEq for Pieces {
    fn eq(&self, other: &Self) -> bool {
        self.texts == other.texts && self.normalizer == other.normalizer
    }
}

impl Eq for Pieces {}
