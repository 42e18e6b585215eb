use unicode_normalization::UnicodeNormalization;

/// A comment as it is compared with others: compatibility forms (NFKC), lower case, no blanks, and
/// at most two of a character in a row, so that `ＷＷＷＷ`, `w w w` and `ww` are equal.
///
/// ```
/// use caption_metrics::folded_text;
///
/// assert_eq!(folded_text("ＷＷＷ ｗ"), "ww");
/// assert_eq!(folded_text("８８８８８８　ナイス！！！"), "88ナイス!!");
/// ```
#[must_use]
pub fn folded_text(text: &str) -> String {
    let lower: String = text.nfkc().collect::<String>().to_lowercase();
    let mut folded = String::with_capacity(lower.len());
    let (mut last, mut run) = (None, 0);
    for character in lower.chars().filter(|c| !is_blank(*c)) {
        run = if last == Some(character) { run + 1 } else { 1 };
        last = Some(character);
        if run <= 2 {
            folded.push(character);
        }
    }
    folded
}

/// White space of Unicode, and the four separators of ASCII.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}
