use std::fmt;

use super::{TokenizerIdentity, UserLexicon};
use crate::normalizer::Normalizer;

/// How a tokenizer differs from the one that was expected. Made by
/// [`TokenizerIdentity::difference`].
///
/// Its text names what was found and what was expected of all that differs:
///
/// ```
/// use jp_tokenize::{Dictionary, Normalizer, Tokenizer};
///
/// # let dictionary = Dictionary::from_sources(
/// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
/// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
/// # )?;
/// let tokenizer = Tokenizer::new(dictionary)?;
/// let expected = tokenizer.identity().clone().normalizer(Normalizer::default().nfkc(true));
/// let difference = tokenizer.identity().difference(&expected).expect("one normalizes");
/// assert_eq!(difference.to_string(), "no normalization, expected NFKC");
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct TokenizerDifference {
    /// What there is.
    pub found: Box<TokenizerIdentity>,
    /// What was expected.
    pub expected: Box<TokenizerIdentity>,
}

impl TokenizerDifference {
    pub(super) fn new(found: &TokenizerIdentity, expected: &TokenizerIdentity) -> Option<Self> {
        (found != expected).then(|| Self {
            found: Box::new(found.clone()),
            expected: Box::new(expected.clone()),
        })
    }
}

impl std::error::Error for TokenizerDifference {}

impl fmt::Display for TokenizerDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (found, expected) = (&self.found, &self.expected);
        let mut parts = Vec::new();
        if found.dictionary != expected.dictionary {
            parts.push(format!(
                "the dictionary {}, expected {}",
                found.dictionary, expected.dictionary
            ));
        }
        if found.user_lexicon != expected.user_lexicon {
            parts.push(lexicons(&found.user_lexicon, &expected.user_lexicon));
        }
        if found.normalizer != expected.normalizer {
            let found = steps(&found.normalizer).unwrap_or_else(|| "no normalization".to_owned());
            let expected = steps(&expected.normalizer).unwrap_or_else(|| "none".to_owned());
            parts.push(format!("{found}, expected {expected}"));
        }
        f.write_str(&parts.join("; "))
    }
}

fn lexicons(found: &UserLexicon, expected: &UserLexicon) -> String {
    let named = |lexicon: &UserLexicon| {
        let words = lexicon.entries().len();
        let plural = if words == 1 { "" } else { "s" };
        let sha256 = lexicon.sha256().short();
        (words > 0).then(|| format!("of {words} word{plural} (SHA-256 {sha256}…)"))
    };
    match (named(found), named(expected)) {
        (None, expected) => format!(
            "no user lexicon, expected one {}",
            expected.unwrap_or_default()
        ),
        (Some(found), None) => format!("a user lexicon {found}, expected none"),
        (Some(found), Some(expected)) => format!("a user lexicon {found}, expected one {expected}"),
    }
}

/// What a normalizer does, in words; `None` if nothing.
fn steps(normalizer: &Normalizer) -> Option<String> {
    let limit = |name: &str, limit: Option<std::num::NonZero<usize>>| {
        limit.map(|most| format!("at most {most} {name} in a row"))
    };
    let steps = [
        normalizer.nfkc.then(|| "NFKC".to_owned()),
        normalizer.lowercase.then(|| "lower case".to_owned()),
        limit("of laughter", normalizer.max_laughter),
        limit("prolonged marks", normalizer.max_prolonged),
        limit("of a kana", normalizer.max_kana),
    ];
    let steps: Vec<String> = steps.into_iter().flatten().collect();
    (!steps.is_empty()).then(|| steps.join(" and "))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Checksum, DictionaryIdentity};
    use super::*;

    fn identity(dictionary: &str, words: &[&str]) -> TokenizerIdentity {
        let dictionary =
            DictionaryIdentity::new(Path::new(dictionary), Checksum::of(dictionary.as_bytes()));
        let words = words.iter().map(|word| format!("{word},0,0,1")).collect();
        TokenizerIdentity::new(dictionary, UserLexicon::new(words))
    }

    #[test]
    fn all_that_differs_is_named_with_both_values() {
        let normalizer = Normalizer::default()
            .lowercase(true)
            .max_kana(std::num::NonZero::new(3));
        let found = identity("unidic", &["草", "木"]).normalizer(normalizer);
        let text = found
            .difference(&identity("ipadic", &["草"]))
            .unwrap()
            .to_string();
        for part in [
            "the dictionary unidic (SHA-256 ",
            ", expected ipadic (SHA-256 ",
            "; a user lexicon of 2 words (SHA-256 ",
            ", expected one of 1 word (SHA-256 ",
            "; lower case and at most 3 of a kana in a row, expected none",
        ] {
            assert!(text.contains(part), "{part:?} in {text:?}");
        }
        let text = found
            .difference(&identity("unidic", &[]))
            .unwrap()
            .to_string();
        assert!(
            text.starts_with("a user lexicon of 2 words (SHA-256"),
            "{text}"
        );
        assert!(text.contains("expected none; lower case"), "{text}");
    }

    #[test]
    fn names_are_not_compared_and_everything_else_changes_the_checksum() {
        let one = identity("ipadic", &["草"]);
        let mut renamed = one.clone();
        renamed.dictionary.name = "copy".to_owned();
        assert!(renamed.difference(&one).is_none());
        assert_eq!(renamed.sha256(), one.sha256());
        for other in [
            identity("unidic", &["草"]),
            identity("ipadic", &["木"]),
            identity("ipadic", &["草", "木"]),
            identity("ipadic", &[]),
            one.clone().normalizer(Normalizer::default().nfkc(true)),
            one.clone()
                .normalizer(Normalizer::default().lowercase(true)),
            one.clone()
                .normalizer(Normalizer::default().max_laughter(std::num::NonZero::new(2))),
            one.clone()
                .normalizer(Normalizer::default().max_prolonged(std::num::NonZero::new(2))),
        ] {
            assert_ne!(other.sha256(), one.sha256());
            assert!(other.difference(&one).is_some());
        }
    }
}
