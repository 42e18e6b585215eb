//! English captions as words, as the COCO caption evaluation splits them.

mod abbreviations;
mod rules;

use self::rules::longest_match;

/// Tokens that the COCO caption evaluation takes for punctuation and leaves out. Brackets stand
/// there in capitals, while tokens are in lower case: `-lrb-` is kept, as it is by the evaluation.
const PUNCTUATION: [&str; 18] = [
    "''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--",
    "...", ";", "",
];

/// Splits an English caption into words as the COCO caption evaluation does (pycocoevalcap): Penn
/// Treebank tokens in lower case, without punctuation.
///
/// These are the tokens of Stanford's `PTBTokenizer` 3.4.1 for what stands in captions: clitics
/// (`it 's`, `ca n't`), abbreviations, numbers, fractions, compounds, currencies, brackets
/// (`-lrb-`), quotation marks, dashes. The tests compare with what the evaluation itself gives. Not
/// so exact are mark-up, telephone numbers and smileys beyond the usual ones.
///
/// ```
/// use caption_metrics::ptb_words;
///
/// assert_eq!(ptb_words("A cat sits on the mat."), ["a", "cat", "sits", "on", "the", "mat"]);
/// assert_eq!(ptb_words("It can't see Mr. Fox's hat!"), [
///     "it", "ca", "n't", "see", "mr.", "fox", "'s", "hat",
/// ]);
/// ```
#[must_use]
pub fn ptb_words(caption: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = caption;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let plain = plain_word(rest);
        let length = match plain {
            Some(word) => {
                words.push(word.to_lowercase());
                word.len()
            }
            None => {
                let (length, token) = longest_match(rest);
                words.push(token.to_lowercase());
                length.max(first.len_utf8())
            }
        };
        rest = &rest[length..];
    }
    words.retain(|word| !PUNCTUATION.contains(&word.as_str()));
    words
}

/// The first word of a text if it is nothing but letters between spaces, as most are, and none that
/// falls into two.
fn plain_word(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let alone = !word.is_empty() && (rest.is_empty() || rest.starts_with(' '));
    (alone && !rules::is_contraction(word)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_ends_and_every_letter_stays() {
        for text in [
            "",
            " ",
            "\u{0}\u{FFFF}",
            "😀",
            "a\u{301}",
            "((((",
            "''''",
            "-",
            "日本、の",
        ] {
            let words = ptb_words(text).concat();
            let letters = text.chars().filter(|c| c.is_alphabetic());
            assert!(
                letters.clone().all(|c| words.contains(c)),
                "{text:?}: {words:?}"
            );
        }
    }
}
