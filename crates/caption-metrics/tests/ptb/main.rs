//! Words are those of the COCO caption evaluation: `ptb.py` recorded what it gives.

use caption_metrics::ptb_words;

const CAPTIONS: &str = include_str!("captions.txt");
const EXPECTED: &str = include_str!("expected.txt");

#[test]
fn captions_are_split_as_pycocoevalcap_splits_them() {
    let pairs = CAPTIONS.lines().zip(EXPECTED.lines());
    let mut compared = 0;
    for (caption, expected) in pairs {
        compared += 1;
        assert_eq!(ptb_words(caption).join(" "), expected, "{caption}");
    }
    assert!(compared > 400, "{compared} captions");
    assert_eq!(CAPTIONS.lines().count(), EXPECTED.lines().count());
}
