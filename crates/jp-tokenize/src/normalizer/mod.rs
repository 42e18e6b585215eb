//! Making spellings alike before text is split.

mod alignment;
mod runs;
mod unicode;

use std::borrow::Cow;
use std::num::NonZero;

use serde::{Deserialize, Serialize};

use self::alignment::Alignment;
pub use self::alignment::Normalized;
use self::runs::MaxRuns;

/// Text normalization before splitting: NFKC, lower case, and limits on runs of a character.
///
/// Does nothing unless asked to.
///
/// ```
/// use std::num::NonZero;
/// use jp_tokenize::Normalizer;
///
/// let comment = "ｷﾀ━━━！ ｗｗｗｗｗｗ";
/// assert_eq!(Normalizer::default().normalize(comment), comment);
/// assert_eq!(Normalizer::default().nfkc(true).normalize(comment), "キタ━━━! wwwwww");
///
/// let [one, two, three] = [1, 2, 3].map(NonZero::new);
/// assert_eq!(Normalizer::default().max_laughter(two).normalize(comment), "ｷﾀ━━━！ ｗｗ");
/// let runs = Normalizer::default().max_prolonged(one).max_kana(three);
/// assert_eq!(runs.normalize("すごーーーい〜〜 ああああああ"), "すごーいー あああ");
/// ```
///
/// # Order
///
/// NFKC comes first, then Latin letters and wavy lines, and then runs are cut, so that what becomes
/// alike is one run. Normalizing what was normalized changes nothing. Takes time linear in the text
/// but for combining marks, which NFKC sorts.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Normalizer {
    /// Whether text is brought into Unicode normalization form NFKC: full-width Latin letters and
    /// digits become ASCII, half-width kana full-width; the ideographic space U+3000, the most
    /// frequent word of real comments, becomes a space, which is no word. Default: no.
    pub nfkc: bool,
    /// Whether the Latin letters A to Z and Ａ to Ｚ become lower case. Default: no.
    pub lowercase: bool,
    /// Longest run of a laughing or clapping character that is left as it is; longer ones are cut
    /// to it. Those characters are w, W, ｗ, Ｗ, 草 and 笑 for laughter and 8 and ８ for applause;
    /// not where a w has a Latin letter, a digit other than 8 or a full stop beside it (as in
    /// `www.`) or an 8 another digit. Default: none is cut.
    pub max_laughter: Option<NonZero<usize>>,
    /// Longest run of a prolonged mark ー or of a wavy line 〜, ～ or ~; longer ones are cut to it,
    /// and wavy lines after kana become prolonged marks. Default: none is cut, no wavy line
    /// changed.
    pub max_prolonged: Option<NonZero<usize>>,
    /// Longest run of a kana, small and half-width ones included; longer ones are cut to it. Words
    /// such as ああ and ここ need 2. Default: none is cut.
    pub max_kana: Option<NonZero<usize>>,
}

impl Normalizer {
    /// Sets [`nfkc`](Self::nfkc).
    #[must_use]
    pub fn nfkc(mut self, yes: bool) -> Self {
        self.nfkc = yes;
        self
    }

    /// Sets [`lowercase`](Self::lowercase).
    #[must_use]
    pub fn lowercase(mut self, yes: bool) -> Self {
        self.lowercase = yes;
        self
    }

    /// Sets [`max_laughter`](Self::max_laughter).
    #[must_use]
    pub fn max_laughter(mut self, characters: impl Into<Option<NonZero<usize>>>) -> Self {
        self.max_laughter = characters.into();
        self
    }

    /// Sets [`max_prolonged`](Self::max_prolonged).
    #[must_use]
    pub fn max_prolonged(mut self, characters: impl Into<Option<NonZero<usize>>>) -> Self {
        self.max_prolonged = characters.into();
        self
    }

    /// Sets [`max_kana`](Self::max_kana).
    #[must_use]
    pub fn max_kana(mut self, characters: impl Into<Option<NonZero<usize>>>) -> Self {
        self.max_kana = characters.into();
        self
    }

    /// Normalizes a text; the text itself where there is nothing to change.
    #[must_use]
    pub fn normalize<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        self.steps(|step| {
            if let Some((changed, _)) = step(&text) {
                text = Cow::Owned(changed);
            }
        });
        text
    }

    /// Normalizes a text and keeps the alignment: where its parts were in the original.
    #[must_use]
    pub fn align(&self, text: &str) -> Normalized {
        let mut normalized = Normalized::new(text);
        self.steps(|step| normalized.step(step));
        normalized
    }

    /// Gives the steps that were asked for, in their order.
    fn steps(&self, mut take: impl FnMut(&Step<'_>)) {
        let max_runs = MaxRuns {
            laughter: self.max_laughter,
            prolonged: self.max_prolonged,
            kana: self.max_kana,
        };
        let wavy_to_prolonged = self.max_prolonged.is_some();
        if self.nfkc {
            take(&|text| unicode::nfkc(text, self.lowercase));
        }
        if self.lowercase || wavy_to_prolonged {
            take(&|text| runs::map(text, self.lowercase, wavy_to_prolonged));
        }
        if max_runs != MaxRuns::default() {
            take(&|text| runs::cut(text, &max_runs));
        }
    }
}

/// Changes a text, or gives `None` if there is nothing to change.
type Step<'a> = dyn Fn(&str) -> Option<(String, Alignment)> + 'a;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laughter_is_cut_and_nothing_else() {
        let normalizer = Normalizer::default().max_laughter(NonZero::new(3));
        for (text, expected) in [
            ("wwwww", "www"),
            ("www", "www"),
            ("草草草草草だろｗｗｗｗ", "草草草だろｗｗｗ"),
            ("88888888", "888"),
            ("88888円 188888", "888円 188888"),
            ("https://wwww.example", "https://wwww.example"),
            ("ああああああ", "ああああああ"),
            ("wwwwwWWWWW", "wwwwwWWWWW"), // a Latin letter is beside each
            ("", ""),
        ] {
            assert_eq!(normalizer.normalize(text), expected, "{text}");
        }
    }

    #[test]
    fn nfkc_comes_first() {
        let normalizer = Normalizer::default()
            .nfkc(true)
            .max_laughter(NonZero::new(2));
        assert_eq!(normalizer.normalize("ﾜﾛﾀ　ｗｗｗｗ８８８８"), "ワロタ ww88");
        assert!(matches!(normalizer.normalize("ここすき"), Cow::Borrowed(_)));
    }

    #[test]
    fn prolonged_marks_kana_and_letters() {
        let normalizer = Normalizer::default()
            .max_prolonged(NonZero::new(2))
            .max_kana(NonZero::new(2))
            .lowercase(true);
        for (text, expected) in [
            ("うおおおおーーーー", "うおおーー"),
            ("ﾁｰｰｰｰﾝ〜～~", "ﾁｰｰﾝーー"),
            ("10~20 a〜〜〜〜b", "10~20 a〜〜b"),
            ("ぁぁぁぁァァァｱｱｱっっっ", "ぁぁァァｱｱっっ"),
            ("ＧＪ Www", "ｇｊ www"),
            ("ここすき", "ここすき"),
        ] {
            assert_eq!(normalizer.normalize(text), expected, "{text}");
        }
    }

    /// H with a line below cannot be put together, ẖ can.
    #[test]
    fn letters_become_small_before_they_are_put_together() {
        let normalizer = Normalizer::default().nfkc(true).lowercase(true);
        assert_eq!(normalizer.normalize("H\u{331}Å"), "\u{1E96}å");
    }

    #[test]
    fn ranges_lead_back() {
        let normalizer = Normalizer::default()
            .nfkc(true)
            .max_laughter(NonZero::new(2));
        let text = "か\u{3099}ｶﾞ㌔ｗｗｗｗ笑笑笑。";
        let normalized = normalizer.align(text);
        assert_eq!(normalized.text(), "がガキロww笑笑。");
        for (part, original) in [
            ("が", "か\u{3099}"),
            ("ガ", "ｶﾞ"),
            ("キ", "㌔"),
            ("ロ", ""),
            ("w", "ｗ"),
            ("ww", "ｗｗｗｗ"),
            ("笑笑。", "笑笑笑。"),
            ("ガキロw", "ｶﾞ㌔ｗ"),
        ] {
            let start = normalized.text().find(part).unwrap();
            let range = normalized.original_range(start..start + part.len());
            assert_eq!(&text[range], original, "{part}");
        }
        assert_eq!(normalized.original_range(1..usize::MAX), 6..text.len());
    }
}
