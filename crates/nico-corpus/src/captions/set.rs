use serde::{Deserialize, Serialize};

/// Captions of pictures with the references that people wrote for them.
///
/// ```
/// use nico_corpus::{CaptionReport, CaptionSet, CaptionText, CaptionWords, CaptionedPicture};
///
/// let picture = |id: &str, caption: &str, reference: &str| CaptionedPicture {
///     id: id.to_owned(),
///     hypothesis: CaptionText::Text(caption.to_owned()),
///     references: vec![CaptionText::Text(reference.to_owned())],
/// };
/// let set = CaptionSet {
///     pictures: vec![
///         picture("1", "A cat sits.", "a cat sits"),
///         picture("2", "Two dogs!", "two dogs run"),
///     ],
///     without_caption: 0,
/// };
/// let captions = set.split(&CaptionWords::PennTreebank);
/// let report = CaptionReport::new(&set, &captions, 1);
/// assert_eq!(report.captions, 2);
/// assert!((report.scores.bleu[0] - (1.0_f64 - 6.0 / 5.0).exp()).abs() < 1e-12); // 5 words of 6
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaptionSet {
    /// The pictures that have a caption.
    pub pictures: Vec<CaptionedPicture>,
    /// Pictures that have references and no caption, which are not scored.
    pub without_caption: usize,
}

/// A picture's caption and its references.
#[derive(Clone, Debug, PartialEq)]
pub struct CaptionedPicture {
    /// What the files call it: `image_id`, or the number of its line.
    pub id: String,
    /// The caption to judge.
    pub hypothesis: CaptionText,
    /// What people wrote, at least one.
    pub references: Vec<CaptionText>,
}

/// A caption as it stands in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of words")]
pub enum CaptionText {
    /// A text, still to be split into words.
    Text(String),
    /// Words.
    Words(Vec<String>),
}
