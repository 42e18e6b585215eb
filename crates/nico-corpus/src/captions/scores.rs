use caption_metrics::{CaptionHypothesis, CaptionScores};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::set::CaptionSet;
use crate::evaluate::Table;

/// Scores of captions beside their baselines.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CaptionReport {
    /// Number of captions, each of a picture.
    pub captions: usize,
    /// Pictures that have references and no caption.
    pub without_caption: usize,
    /// Of the captions.
    pub scores: CaptionScores,
    /// Of the same captions, each against the references of another picture: what a caption is
    /// worth that has nothing to do with its picture. `None` with one picture.
    pub other_pictures: Option<CaptionScores>,
    /// Of the first reference against the others, over the pictures that have several.
    pub people: Option<CaptionScores>,
    /// Of each caption by itself, in the order of the file, where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pictures: Option<Vec<PictureScores>>,
}

/// Scores of one picture's caption.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PictureScores {
    /// The picture.
    pub image_id: String,
    /// Its scores; CIDEr-D weighs words by all pictures.
    #[serde(flatten)]
    pub scores: CaptionScores,
}

impl CaptionReport {
    /// Scores the captions of a set, split into words; `seed` draws which other picture each is
    /// compared with.
    #[must_use]
    pub fn new(set: &CaptionSet, captions: &[CaptionHypothesis], seed: u64) -> Self {
        let others = (captions.len() > 1).then(|| of_other_pictures(captions, seed));
        Self {
            captions: captions.len(),
            without_caption: set.without_caption,
            scores: CaptionScores::measure(captions),
            other_pictures: others.map(|others| CaptionScores::measure(&others)),
            people: people(captions),
            pictures: None,
        }
    }

    /// Adds the scores of each picture.
    #[must_use]
    pub fn per_picture(mut self, set: &CaptionSet, captions: &[CaptionHypothesis]) -> Self {
        let each = CaptionScores::measure_each(captions).into_iter();
        let named = set
            .pictures
            .iter()
            .zip(each)
            .filter_map(|(picture, scores)| {
                Some(PictureScores {
                    image_id: picture.id.clone(),
                    scores: scores?,
                })
            });
        self.pictures = Some(named.collect());
        self
    }

    /// The scores as a table in Markdown; a figure that does not exist is a dash.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = Table::new([
            "", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr-D",
        ]);
        let mut row = |name: &str, scores: &CaptionScores| {
            let [one, two, three, four] = scores.bleu.map(|score| format!("{score:.3}"));
            let cider_d = scores.cider_d.map(|score| format!("{score:.3}"));
            table.row([
                name.to_owned(),
                one,
                two,
                three,
                four,
                format!("{:.3}", scores.meteor),
                format!("{:.3}", scores.rouge_l),
                cider_d.unwrap_or_else(|| "–".to_owned()),
            ]);
        };
        row("the captions", &self.scores);
        if let Some(others) = &self.other_pictures {
            row("the same, of other pictures", others);
        }
        if let Some(people) = &self.people {
            row("a person against the others", people);
        }
        for picture in self.pictures.iter().flatten() {
            let id = picture.image_id.replace(['\n', '\r', '|'], " ");
            row(&id, &picture.scores);
        }
        let mut text = match self.captions {
            1 => "1 caption\n\n".to_owned(),
            captions => format!("{captions} captions\n\n"),
        };
        table.write(&mut text);
        text
    }
}

/// Each caption with the references of another picture, the pictures in one random circle.
fn of_other_pictures(captions: &[CaptionHypothesis], seed: u64) -> Vec<CaptionHypothesis> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut others: Vec<usize> = (0..captions.len()).collect();
    // Sattolo's algorithm: no caption keeps its own picture.
    for last in (1..others.len()).rev() {
        others.swap(last, rng.random_range(0..last));
    }
    let moved = captions
        .iter()
        .zip(others)
        .map(|(caption, other)| CaptionHypothesis {
            hypothesis: caption.hypothesis.clone(),
            references: captions[other].references.clone(),
        });
    moved.collect()
}

/// The first reference of each picture against its others.
fn people(captions: &[CaptionHypothesis]) -> Option<CaptionScores> {
    let several = captions.iter().filter_map(|caption| {
        let (first, others) = caption.references.split_first()?;
        (!others.is_empty()).then(|| CaptionHypothesis {
            hypothesis: first.clone(),
            references: others.to_vec(),
        })
    });
    let several: Vec<CaptionHypothesis> = several.collect();
    (!several.is_empty()).then(|| CaptionScores::measure(&several))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A caption that is its own reference scores fully; moved to another picture it has nothing in
    /// common with it.
    #[test]
    fn no_caption_keeps_its_picture() {
        let captions: Vec<CaptionHypothesis> = (0..20)
            .map(|at| {
                let text = format!("a{at} b{at} c{at} d{at}");
                CaptionHypothesis::from_texts(&text, &[&text])
            })
            .collect();
        assert_eq!(CaptionScores::measure(&captions).bleu[3], 1.0);
        let moved = of_other_pictures(&captions, 1);
        assert_eq!(CaptionScores::measure(&moved).rouge_l, 0.0);
        assert!(people(&captions).is_none());
    }
}
