use std::f64::consts::LN_2;

use jp_tokenize::UNK;

use super::character_unigram::CharacterUnigram;
use crate::{pairs::Pairs, word_nlls::WordNlls};

/// Bits per character, `Σ −log₂ p(comment) / Σ (characters + 1)`: comparable between vocabularies.
///
/// A word that became `<unk>` has the likelihood of `<unk>` times that of its [`CharacterUnigram`].
/// The one more character is the end of the comment. `surfaces` gives the words of each pair as
/// they were written, as many as the pair has; of a character whose bytes are pieces of their own,
/// the character at the first of them and nothing at the others. 0 without comments.
///
/// ```
/// use caption_metrics::{Pairs, CharacterUnigram, WordNlls, bits_per_character};
/// use jp_tokenize::UNK;
///
/// let mut pairs = Pairs::new(30);
/// pairs.push(0, &[4, UNK]);
/// let mut nlls = WordNlls::default();
/// nlls.push([4f32.ln(), 2f32.ln(), 2f32.ln()]); // 2 bits, 1 bit, 1 bit for <eos>
/// let spelling = CharacterUnigram::fit(["aa"]); // "a" takes 1 + log₂ 3 bits
/// let bits = bits_per_character(&pairs, &nlls, |_| ["かわ", "a"].into_iter(), &spelling);
/// assert!((bits - (4.0 + 1.0 + 3f64.log2()) / 4.0).abs() < 1e-6);
/// ```
///
/// # Panics
///
/// Panics if `nlls` are not those of `pairs`.
#[must_use]
pub fn bits_per_character<'a, S: Iterator<Item = &'a str>>(
    pairs: &Pairs,
    nlls: &WordNlls,
    surfaces: impl Fn(usize) -> S,
    spelling: &CharacterUnigram,
) -> f64 {
    assert_eq!(pairs.len(), nlls.len(), "a comment for each pair");
    let (mut bits, mut characters) = (0.0, 0usize);
    for (index, pair) in pairs.iter().enumerate() {
        bits += nlls.comment(index) / LN_2;
        characters += 1;
        for (&word, surface) in pair.words.iter().zip(surfaces(index)) {
            characters += surface.chars().count();
            if word == UNK {
                bits += spelling.bits(surface);
            }
        }
    }
    bits / characters.max(1) as f64
}
