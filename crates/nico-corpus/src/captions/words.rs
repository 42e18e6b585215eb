use caption_metrics::{CaptionHypothesis, ptb_words};
use jp_tokenize::Tokenizer;

use super::set::{CaptionSet, CaptionText};
use crate::words::split_words;

/// How captions are split into words. Lists of words are taken as they are.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum CaptionWords {
    /// At white space.
    #[default]
    Spaces,
    /// As published scores of English captions have it: [`ptb_words`].
    PennTreebank,
    /// By a dictionary, for Japanese.
    Dictionary(Tokenizer),
}

impl CaptionSet {
    /// Splits all captions into words, in the order of the pictures.
    #[must_use]
    pub fn split(&self, words: &CaptionWords) -> Vec<CaptionHypothesis> {
        let texts = self
            .pictures
            .iter()
            .flat_map(|picture| std::iter::once(&picture.hypothesis).chain(&picture.references));
        let mut split = words.split(&texts.collect::<Vec<_>>()).into_iter();
        let mut captions = Vec::with_capacity(self.pictures.len());
        for picture in &self.pictures {
            captions.push(CaptionHypothesis {
                hypothesis: split.next().unwrap_or_default(),
                references: split.by_ref().take(picture.references.len()).collect(),
            });
        }
        captions
    }

    /// Whether a text has capitals or punctuation that would be told from the same words without,
    /// as splitting at white space does.
    #[must_use]
    pub fn has_punctuation(&self) -> bool {
        let mut texts = self
            .pictures
            .iter()
            .flat_map(|picture| std::iter::once(&picture.hypothesis).chain(&picture.references));
        texts.any(|text| match text {
            CaptionText::Text(text) => {
                let text = text.trim_end();
                text.contains(|c: char| c.is_ascii_uppercase())
                    || text.ends_with(|c: char| c.is_ascii_punctuation())
            }
            CaptionText::Words(_) => false,
        })
    }
}

impl CaptionWords {
    fn split(&self, texts: &[&CaptionText]) -> Vec<Vec<String>> {
        let by = |split: &dyn Fn(&str) -> Vec<String>| {
            let words = texts.iter().map(|text| match text {
                CaptionText::Words(words) => words.clone(),
                CaptionText::Text(text) => split(text),
            });
            words.collect()
        };
        match self {
            Self::Spaces => by(&|text| text.split_whitespace().map(str::to_owned).collect()),
            Self::PennTreebank => by(&|text| ptb_words(text)),
            Self::Dictionary(tokenizer) => {
                let whole = texts.iter().map(|text| match text {
                    CaptionText::Text(text) => text.as_str(),
                    CaptionText::Words(_) => "",
                });
                let (split, _) = split_words(tokenizer, &whole.collect::<Vec<_>>(), |_| false);
                let words = texts.iter().enumerate().map(|(index, text)| match text {
                    CaptionText::Words(words) => words.clone(),
                    CaptionText::Text(_) => split.get(index).to_vec(),
                });
                words.collect()
            }
        }
    }
}
