use std::cmp::Reverse;
use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::bytes::FIRST_TEXT_PIECE;
use super::merging::{Merging, OUTSIDE};
use super::options::PieceOptions;
use super::vocabulary::Pieces;
use crate::error::Error;

/// Of 10,000 characters of the texts, those that are pieces by themselves; the rarest others are
/// written in bytes. What SentencePiece (Kudo and Richardson 2018) takes for Japanese.
const COVERED: u128 = 9_995;
/// Places in the texts are counted in 32 bits.
const MAX_CORPUS_CHARS: usize = 1 << 31;

/// Learns a vocabulary of [`Pieces`] from texts, by merging the most frequent pair of neighbours
/// again and again.
///
/// # Method
///
/// Byte-pair encoding over characters: Sennrich, Haddow and Birch, "Neural Machine Translation of
/// Rare Words with Subword Units" (2016), section 3.2. A text begins as its characters; each step
/// makes a piece of the two neighbours that stand beside each other most often. Neighbours are
/// counted by the text that they make together, so that ab + c and a + bc are one; where two are
/// equally frequent, the one that comes first in the sorted texts is taken. Texts are not cut at
/// spaces or anywhere else before: Japanese has no spaces between words.
///
/// The commonest characters, of which 99.95 % of the texts consist, are pieces by themselves. The
/// others are written in bytes.
///
/// Everything is counted in whole numbers: what is learnt depends on the texts and how often each
/// was added, not on their order, the machine or its threads.
///
/// ```
/// use jp_tokenize::{PieceLearner, PieceOptions};
///
/// let mut learner = PieceLearner::new(PieceOptions::default().size(266))?;
/// for comment in ["ここすき", "ここすき", "ここ草"] {
///     learner.add(comment);
/// }
/// let pieces = learner.learn()?;
/// let names: Vec<_> = (260..266).filter_map(|id| pieces.name(id)).collect();
/// assert_eq!(names, ["こ", "き", "す", "草", "ここ", "ここす"]);
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PieceLearner {
    options: PieceOptions,
    counts: HashMap<Box<str>, u64, RandomState>,
}

impl PieceLearner {
    /// Makes a learner that has seen no text yet.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if an option is.
    pub fn new(options: PieceOptions) -> Result<Self, Error> {
        options.check()?;
        Ok(Self {
            options,
            counts: HashMap::default(),
        })
    }

    /// Adds a text, which is normalized first. Equal texts are kept once, with their count.
    pub fn add(&mut self, text: &str) {
        let text = self.options.normalizer.normalize(text);
        if let Some(count) = self.counts.get_mut(&*text) {
            *count = count.saturating_add(1);
        } else if !text.is_empty() {
            self.counts.insert(text.into(), 1);
        }
    }

    /// Learns pieces from the texts that were added.
    ///
    /// Takes time about linear in the characters of the distinct texts, and about 60 bytes of
    /// memory for each.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if the distinct texts have more than 2^31 characters.
    pub fn learn(self) -> Result<Pieces, Error> {
        let mut texts: Vec<(Box<str>, u64)> = self.counts.into_iter().collect();
        texts.sort_unstable();
        let chars: usize = texts.iter().map(|(text, _)| text.chars().count() + 1).sum();
        if chars >= MAX_CORPUS_CHARS {
            return Err(Error::OutOfRange {
                option: "characters of distinct texts",
                value: chars,
                least: 0,
                most: MAX_CORPUS_CHARS,
            });
        }
        let most = self.options.size - FIRST_TEXT_PIECE as usize;
        let alphabet = alphabet(&texts, most);
        let numbers: HashMap<char, u32, RandomState> = alphabet.iter().copied().zip(0..).collect();
        let mut merging = Merging::new(
            alphabet.iter().map(|&c| String::from(c).into()).collect(),
            self.options.max_piece_chars,
        );
        for (text, count) in &texts {
            let symbols = text.chars().map(|c| numbers.get(&c).copied());
            merging.add(symbols.map(|symbol| symbol.unwrap_or(OUTSIDE)), *count);
        }
        drop(texts);
        let learnt = merging.run(most, self.options.min_count.max(1));
        Pieces::from_texts(learnt, self.options.normalizer)
    }
}

/// The characters that are pieces by themselves, by falling count, then by code point.
fn alphabet(texts: &[(Box<str>, u64)], most: usize) -> Vec<char> {
    let mut counts = HashMap::<char, u128, RandomState>::default();
    for (text, times) in texts {
        for c in text.chars() {
            *counts.entry(c).or_default() += u128::from(*times);
        }
    }
    let total: u128 = counts.values().sum();
    let mut chars: Vec<(char, u128)> = counts.into_iter().collect();
    chars.sort_unstable_by_key(|&(c, count)| (Reverse(count), c));
    let mut covered = 0;
    let needed = chars
        .into_iter()
        .take(most)
        .take_while(|&(_, count)| {
            let is_needed = covered * 10_000 < total * COVERED;
            covered += count;
            is_needed
        })
        .map(|(c, _)| c);
    needed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(texts: &[&str], options: PieceOptions) -> Vec<String> {
        let mut learner = PieceLearner::new(options).unwrap();
        texts.iter().for_each(|text| learner.add(text));
        let pieces = learner.learn().unwrap();
        let ids = FIRST_TEXT_PIECE..u32::try_from(pieces.len()).unwrap();
        ids.map(|id| pieces.name(id).unwrap().into_owned())
            .collect()
    }

    /// The example of Sennrich et al. (2016): low, lower, newest, widest. Of es, st and we, nine,
    /// nine and eight times, es comes first.
    #[test]
    fn the_papers_example_merges_as_there() {
        let mut texts = vec!["low"; 5];
        texts.extend(["lower"; 2]);
        texts.extend(["newest"; 6]);
        texts.extend(["widest"; 3]);
        let learnt = learn(&texts, PieceOptions::default().size(275));
        assert_eq!(&learnt[..4], ["e", "w", "s", "t"]);
        assert_eq!(&learnt[10..], ["es", "est", "lo", "low", "ne"]);
    }

    #[test]
    fn options_hold() {
        let options = PieceOptions::default().max_piece_chars(3);
        assert_eq!(
            learn(&["ああああああああ"], options),
            ["あ", "ああ"] // four at once would be too long, and no three stand as ああ + あ
        );
        let options = PieceOptions::default().min_count(3);
        assert_eq!(learn(&["ab", "ab"], options), ["a", "b"]);
        let options = PieceOptions::default().size(261);
        assert_eq!(learn(&["aab"], options), ["a"]);
        for options in [
            PieceOptions::default().size(259),
            PieceOptions::default().size(1 << 21),
            PieceOptions::default().max_piece_chars(0),
            PieceOptions::default().max_piece_chars(65),
        ] {
            assert!(matches!(
                PieceLearner::new(options),
                Err(Error::OutOfRange { .. })
            ));
        }
    }

    #[test]
    fn rare_characters_are_no_pieces_and_names_are_free() {
        let many = "あ".repeat(9_999);
        assert!(!learn(&[&many, "鬱"], PieceOptions::default()).contains(&"鬱".into()));
        let learnt = learn(&["<0x0A>"; 9], PieceOptions::default());
        assert!(learnt.iter().any(|piece| piece.len() == 4), "{learnt:?}");
        assert!(!learnt.contains(&"<0x0A>".into()));
    }

    #[test]
    fn the_order_of_texts_is_nothing() {
        let texts = ["ここすき", "ここ草", "草草草", "すきすき", "ここ"];
        let mut turned = texts;
        turned.reverse();
        let options = PieceOptions::default();
        assert_eq!(learn(&texts, options.clone()), learn(&turned, options));
        assert!(learn(&[], PieceOptions::default()).is_empty());
    }
}
