use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Makes spellings of the same thing alike before text is split into words. Does nothing unless asked to.
///
/// ```
/// use jp_tokenize::Normalizer;
///
/// let comment = "ｷﾀ━━━！ ｗｗｗｗｗｗ";
/// assert_eq!(Normalizer::default().normalize(comment), comment);
/// assert_eq!(Normalizer::default().nfkc(true).normalize(comment), "キタ━━━! wwwwww");
/// assert_eq!(Normalizer::default().max_laughter(2).normalize(comment), "ｷﾀ━━━！ ｗｗ");
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Normalizer {
    /// Whether text is brought into Unicode's form NFKC: full-width Latin letters and digits become ASCII, half-width
    /// kana full-width; the ideographic space U+3000, the most frequent word of real comments, becomes a space, which
    /// is no word. Default: no.
    pub nfkc: bool,
    /// Longest run of a laughing or clapping character that is left as it is; longer ones are cut to it. Those
    /// characters are w, W, ｗ, Ｗ, 草 and 笑 for laughter and 8 and ８ for applause; not where a w has a Latin letter, a digit
    /// other than 8 or a full stop beside it (as in `www.`) or an 8 another digit. At least 1. Default: none is cut.
    pub max_laughter: Option<usize>,
}

impl Normalizer {
    /// Sets [`nfkc`](Self::nfkc).
    #[must_use]
    pub fn nfkc(mut self, yes: bool) -> Self {
        self.nfkc = yes;
        self
    }

    /// Sets [`max_laughter`](Self::max_laughter).
    #[must_use]
    pub fn max_laughter(mut self, characters: impl Into<Option<usize>>) -> Self {
        self.max_laughter = characters.into();
        self
    }

    /// The normalised text; the text itself where there is nothing to change. NFKC comes first.
    #[must_use]
    pub fn normalize<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = if self.nfkc && is_nfkc_quick(text.chars()) != IsNormalized::Yes {
            Cow::Owned(text.nfkc().collect())
        } else {
            Cow::Borrowed(text)
        };
        match self.max_laughter.map(|max| cut_laughter(&text, max.max(1))) {
            Some(Some(cut)) => Cow::Owned(cut),
            _ => text,
        }
    }
}

/// Cuts runs of laughter and applause, or gives `None` if none is too long.
fn cut_laughter(text: &str, max: usize) -> Option<String> {
    let mut cut = String::new();
    let mut kept = 0; // bytes of the text that `cut` has or leaves out
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut len = 1;
        while chars.next_if(|&(_, next)| next == c).is_some() {
            len += 1;
        }
        let after = chars.peek().copied();
        if len > max && is_laughter(c, before, after.map(|(_, c)| c)) {
            cut.push_str(&text[kept..start + max * c.len_utf8()]);
            kept = after.map_or(text.len(), |(at, _)| at);
        }
        before = Some(c);
    }
    (kept > 0).then(|| cut + &text[kept..])
}

fn is_laughter(c: char, before: Option<char>, after: Option<char>) -> bool {
    let neither = |kind: fn(char) -> bool| !before.is_some_and(kind) && !after.is_some_and(kind);
    match c {
        'w' | 'W' => neither(|c| (c.is_ascii_alphanumeric() && c != '8') || c == '.'),
        '8' | '８' => neither(|c| c.is_ascii_digit() || ('０'..='９').contains(&c)),
        'ｗ' | 'Ｗ' | '草' | '笑' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laughter_is_cut_and_nothing_else() {
        let normalizer = Normalizer::default().max_laughter(3);
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
        assert_eq!(
            Normalizer::default().max_laughter(0).normalize("ｗｗ"),
            "ｗ"
        );
    }

    #[test]
    fn nfkc_comes_first() {
        let normalizer = Normalizer::default().nfkc(true).max_laughter(2);
        assert_eq!(normalizer.normalize("ﾜﾛﾀ　ｗｗｗｗ８８８８"), "ワロタ ww88");
        assert!(matches!(normalizer.normalize("ここすき"), Cow::Borrowed(_)));
    }
}
