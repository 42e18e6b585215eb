use std::borrow::Cow;
use std::fmt;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::Filter;
use crate::Comment;

/// Comparison of NG words with bodies: case and width.
///
/// What the service does is not written down. Lists that viewers published hold the wide and the
/// narrow form of the same word, so the player of their time told widths apart; ZenzaWatch, a
/// player of viewers' making, ignores the case and nothing else. Its way is the default.
///
/// ```
/// use nico_comments::{Comment, Filter, NgMatching, NgWords, Vpos};
///
/// let keeps = |matching, body: &str| {
///     NgWords::new(["ＶＩＰ"]).matching(matching).keeps(&Comment::new(Vpos(0), body))
/// };
/// assert!(!keeps(NgMatching::IgnoreCase, "ｖｉｐ") && keeps(NgMatching::Exact, "ｖｉｐ"));
/// assert!(!keeps(NgMatching::IgnoreCaseAndWidth, "VIP") && keeps(NgMatching::IgnoreCase, "VIP"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NgMatching {
    /// Letter by letter.
    Exact,
    /// Upper and lower case are the same, of wide letters too.
    #[default]
    IgnoreCase,
    /// Upper and lower case, wide and narrow are the same: both sides take the compatibility form
    /// NFKC and lower case. `ｱ` is `ア`, `①` is 1, U+3000 is a space; hiragana and katakana stay
    /// different.
    IgnoreCaseAndWidth,
}

impl NgMatching {
    fn fold(self, text: &str) -> Cow<'_, str> {
        let lower = |text: &str| text.chars().any(|c| !c.to_lowercase().eq([c]));
        match self {
            Self::Exact => text.into(),
            Self::IgnoreCase if !lower(text) => text.into(),
            Self::IgnoreCase => text.chars().flat_map(char::to_lowercase).collect(),
            Self::IgnoreCaseAndWidth
                if is_nfkc_quick(text.chars()) == IsNormalized::Yes && !lower(text) =>
            {
                text.into()
            }
            Self::IgnoreCaseAndWidth => text.nfkc().flat_map(char::to_lowercase).collect(),
        }
    }
}

/// Filter that removes the comments whose body contains one of many words, anywhere.
///
/// All words are looked for at once (Aho and Corasick, "Efficient string matching: an aid to
/// bibliographic search", 1975), so a comment costs the same time with ten words as with ten
/// thousand. Empty words are left out, and so are words of more than 65,536 bytes, which is more
/// than a comment may have.
///
/// ```
/// use nico_comments::{Comment, Filter, NgWords, Vpos};
///
/// let filter = NgWords::new(["うざ", "NG"]);
/// assert!(!filter.keeps(&Comment::new(Vpos(0), "ngした")));
/// assert!(filter.keeps(&Comment::new(Vpos(0), "かわいい")));
/// ```
#[derive(Clone)]
pub struct NgWords {
    words: Vec<String>,
    matching: NgMatching,
    automata: Vec<AhoCorasick>,
}

/// Longest word, in bytes.
const MAX_WORD: usize = 1 << 16;
/// Bytes of words in one automaton: far from the 2³¹ states at which it could not be built.
const MAX_AUTOMATON: usize = 1 << 24;

impl NgWords {
    /// Looks for these words, ignoring the case.
    #[must_use]
    pub fn new<S: Into<String>>(words: impl IntoIterator<Item = S>) -> Self {
        let fits = |word: &String| (1..=MAX_WORD).contains(&word.len());
        let words = words.into_iter().map(Into::into).filter(fits).collect();
        Self {
            words,
            matching: NgMatching::default(),
            automata: Vec::new(),
        }
        .built()
    }

    /// Sets how words are compared.
    #[must_use]
    pub fn matching(mut self, matching: NgMatching) -> Self {
        self.matching = matching;
        self.built()
    }

    fn built(mut self) -> Self {
        let folded: Vec<_> = self.words.iter().map(|w| self.matching.fold(w)).collect();
        let mut automata = Vec::new();
        let mut rest = &folded[..];
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |word: &&Cow<'_, str>| {
                bytes += word.len();
                bytes <= MAX_AUTOMATON
            };
            let (now, later) = rest.split_at(rest.iter().take_while(fits).count().max(1));
            rest = later;
            let automaton = AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::ContiguousNFA)) // a DFA costs a kilobyte a letter
                .build(now.iter().map(|word| word.as_bytes()));
            automata.push(automaton.expect("far fewer states than there are numbers for them"));
        }
        self.automata = automata;
        self
    }

    /// Whether one of the words is in the text.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        let text = self.matching.fold(text);
        self.automata
            .iter()
            .any(|automaton| automaton.is_match(text.as_bytes()))
    }
}

impl Filter for NgWords {
    fn keeps(&self, comment: &Comment) -> bool {
        !self.is_in(&comment.body)
    }
}

impl fmt::Debug for NgWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NgWords")
            .field("words", &self.words)
            .field("matching", &self.matching)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_word_is_in_nothing() {
        assert!(!NgWords::new([""]).is_in(""));
        assert!(!NgWords::new(Vec::<String>::new()).is_in("草"));
        assert!(!NgWords::new(["草".repeat(MAX_WORD)]).is_in("草"));
    }

    #[test]
    fn half_width_kana_are_kana() {
        let wide = NgWords::new(["バカ"]);
        assert!(!wide.is_in("ﾊﾞｶ"));
        assert!(wide.matching(NgMatching::IgnoreCaseAndWidth).is_in("ﾊﾞｶ"));
    }

    proptest! {
        /// All at once finds what one after the other finds.
        #[test]
        fn words_are_found_anywhere(words in prop::collection::vec("[aAｱあ草]{1,3}", 0..8), body in "[aAｱあ草\n]{0,12}") {
            let exact = NgWords::new(words.clone()).matching(NgMatching::Exact);
            prop_assert_eq!(exact.is_in(&body), words.iter().any(|word| body.contains(word)));
            let lower = body.to_lowercase();
            prop_assert_eq!(NgWords::new(words.clone()).is_in(&body), words.iter().any(|word| lower.contains(&word.to_lowercase())));
        }

        /// Who ignores more finds at least as much, and folding never fails.
        #[test]
        fn ignoring_more_finds_more(word: String, before: String, after: String) {
            prop_assume!(!word.is_empty());
            let words = NgWords::new([word.clone()]).matching(NgMatching::Exact);
            let body = format!("{before}{word}{after}");
            prop_assert!(words.is_in(&body));
            prop_assert!(words.clone().matching(NgMatching::IgnoreCase).is_in(&body));
            prop_assert!(words.matching(NgMatching::IgnoreCaseAndWidth).is_in(&word));
        }
    }
}
