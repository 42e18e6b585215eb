use serde::{Deserialize, Serialize};

/// A caption to be judged and the references that people wrote for its picture.
///
/// ```
/// use caption_metrics::CaptionHypothesis;
///
/// let captioned = CaptionHypothesis::from_texts("a cat sits", &["a cat is sitting", "the cat"]);
/// assert_eq!(captioned.references[1], ["the", "cat"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptionHypothesis {
    /// Words of the caption to judge.
    pub hypothesis: Vec<String>,
    /// Words of each reference.
    pub references: Vec<Vec<String>>,
}

impl CaptionHypothesis {
    /// Splits texts at white space.
    #[must_use]
    pub fn from_texts(hypothesis: &str, references: &[&str]) -> Self {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Self {
            hypothesis: words(hypothesis),
            references: references.iter().map(|text| words(text)).collect(),
        }
    }
}
