use std::cmp::Reverse;
use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::bytes::FIRST_TEXT_PIECE;
use super::merging::Merging;
use super::options::PieceOptions;
use super::vocabulary::Pieces;
use crate::error::Error;

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
/// A character is a piece by itself if that saves as many units over its bytes as the last merge
/// saves; the rarer ones are written in bytes.
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
/// assert_eq!(names, ["こ", "き", "す", "草", "ここ", "すき"]);
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
        let alphabet = alphabet(&texts);
        let numbers: HashMap<char, u32, RandomState> =
            alphabet.iter().map(|&(c, _)| c).zip(0..).collect();
        let mut merging = Merging::new(alphabet, self.options.max_piece_chars);
        for (text, count) in &texts {
            merging.add(text.chars().map(|c| numbers[&c]), *count);
        }
        drop(texts);
        let learnt = merging.run(most, self.options.min_count.max(1));
        Pieces::from_texts(learnt, self.options.normalizer)
    }
}

/// The characters of texts with how many units each saves, as a piece, over its bytes: the most
/// useful first, equal ones by code point. One byte counts as two, for the sake of those who read
/// pieces.
fn alphabet(texts: &[(Box<str>, u64)]) -> Vec<(char, u64)> {
    let mut counts = HashMap::<char, u64, RandomState>::default();
    for (text, times) in texts {
        for c in text.chars() {
            let count = counts.entry(c).or_default();
            *count = count.saturating_add(*times);
        }
    }
    let worth = |(c, count): (char, u64)| {
        let saved = (c.len_utf8() as u64 - 1).max(1);
        (c, count.saturating_mul(saved))
    };
    let mut chars: Vec<(char, u64)> = counts.into_iter().map(worth).collect();
    chars.sort_unstable_by_key(|&(c, worth)| (Reverse(worth), c));
    chars
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
        assert_eq!(
            &learnt[8..],
            ["es", "est", "lo", "low", "ne", "west", "newest"]
        );
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

    /// い, う and 鬱 occur 12, 6 times and once and save 24, 12 and 2 units over their bytes; the
    /// merges save 6 and 3.
    #[test]
    fn characters_are_pieces_where_they_save_as_much_as_merges() {
        let texts = [
            "いう", "いう", "いう", "いう", "いう", "いう", "いい", "いい", "いい", "鬱",
        ];
        let options = PieceOptions::default().size(263);
        assert_eq!(learn(&texts, options), ["い", "う", "いう"]);
        let options = PieceOptions::default().size(265);
        assert_eq!(learn(&texts, options), ["い", "う", "鬱", "いう", "いい"]);
    }

    #[test]
    fn names_are_free() {
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
