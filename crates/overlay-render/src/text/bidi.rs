//! Right-to-left text: the order in which the parts of a line stand.

use std::ops::Range;

use unicode_bidi::{BidiInfo, Level};

/// Whether a line may have anything that runs from right to left: letters of such scripts, or
/// controls that ask for it. All others stand as they are written.
pub(crate) fn may_reorder(line: &str) -> bool {
    line.chars().any(is_right_to_left)
}

/// Whether a character may make others of its line run from right to left.
pub(super) fn is_right_to_left(c: char) -> bool {
    c >= '\u{590}'
        && matches!(
            c,
            // Hebrew, Arabic, Syriac, Thaana, NKo, Samaritan, Mandaic and their extensions.
            '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFE}'
                | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}'
                // Marks, embeddings, overrides and isolates.
                | '\u{200F}' | '\u{202B}' | '\u{202E}' | '\u{2067}'
        )
}

/// A part of a line that runs in one direction.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DirectedRun {
    /// In bytes of the line.
    pub(super) range: Range<usize>,
    pub(super) right_to_left: bool,
}

/// The parts of a line from left to right, by Unicode's bidirectional algorithm (UAX #9) in a
/// paragraph from left to right, as a browser's canvas has it.
pub(super) fn visual_runs(line: &str) -> Vec<DirectedRun> {
    let info = BidiInfo::new(line, Some(Level::ltr()));
    let mut all = Vec::new();
    for paragraph in &info.paragraphs {
        let (levels, runs) = info.visual_runs(paragraph, paragraph.range.clone());
        all.extend(runs.into_iter().map(|range| DirectedRun {
            right_to_left: levels[range.start].is_rtl(),
            range,
        }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(line: &str) -> Vec<(&str, bool)> {
        let runs = visual_runs(line).into_iter();
        runs.map(|run| (&line[run.range], run.right_to_left))
            .collect()
    }

    #[test]
    fn lines_without_right_to_left_text_stay_as_they_are() {
        for line in [
            "草ｗ abc!",
            "e\u{301}\u{200D}👩",
            "\u{202D}a\u{202C}\u{2066}b\u{2069}",
        ] {
            assert!(!may_reorder(line), "{line:?}");
        }
        assert!(may_reorder("abc ש") && may_reorder("\u{202E}さかさま") && may_reorder("ﷺ"));
    }

    /// The second is the example of numbers behind Hebrew: they stand left of it.
    #[test]
    fn parts_stand_as_a_browser_has_them() {
        assert_eq!(runs("שלום עולם"), [("שלום עולם", true)]);
        assert_eq!(
            runs("abc שלום 123"),
            [("abc ", false), ("123", false), ("שלום ", true)]
        );
        assert_eq!(runs("שלום!"), [("שלום", true), ("!", false)]);
        assert_eq!(
            runs("あ\u{202E}いう\u{202C}え"),
            [("あ\u{202E}", false), ("いう\u{202C}", true), ("え", false)]
        );
        // An isolate of kana stands reversed within one from right to left only as a whole.
        let isolates = runs("\u{2067}\u{5D0}\u{2066}ab\u{2069}\u{5D1}\u{2069}え");
        let letters: Vec<String> = isolates
            .iter()
            .map(|(text, _)| text.chars().filter(|c| c.is_alphabetic()).collect())
            .filter(|text: &String| !text.is_empty())
            .collect();
        assert_eq!(letters, ["\u{5D1}", "ab", "\u{5D0}", "え"]);
    }
}
