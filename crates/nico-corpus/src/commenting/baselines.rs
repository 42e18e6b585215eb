use std::collections::HashMap;

use caption_metrics::{TextSimilarity, folded_text};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::cases::{ChoiceCase, ChoiceScores, candidate};
use crate::stream::Episode;

/// How far back others' comments are read, milliseconds.
const COMMENTS: i64 = 15_000;
/// How far back dialogue is read, milliseconds.
const DIALOGUE: i64 = 12_000;

/// What finds the true comment without a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Baseline {
    /// Nothing: a random order.
    Random,
    /// How often the comment was written in the episodes learnt from.
    Popularity,
    /// Similarity to others' comments of the past 15 s.
    Comments,
    /// Similarity to the dialogue of the past 12 s.
    Dialogue,
}

impl Baseline {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Random,
        Self::Popularity,
        Self::Comments,
        Self::Dialogue,
    ];

    /// Its name: `random`, `popularity`, `tf-idf-comments`, `tf-idf-dialogue`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Popularity => "popularity",
            Self::Comments => "tf-idf-comments",
            Self::Dialogue => "tf-idf-dialogue",
        }
    }
}

/// The baselines of a set of episodes learnt from: counts of its comments.
#[derive(Clone, Debug)]
pub struct CommentBaselines {
    counts: HashMap<String, u64>,
    similarity: TextSimilarity,
}

impl CommentBaselines {
    /// Counts the comments of episodes.
    #[must_use]
    pub fn fit(episodes: &[Episode]) -> Self {
        let mut counts = HashMap::<String, u64>::new();
        let mut texts = Vec::new();
        for comment in episodes.iter().flat_map(Episode::comments) {
            if let Some(text) = candidate(comment.text) {
                *counts.entry(text.clone()).or_default() += 1;
                texts.push(text);
            }
        }
        Self {
            counts,
            similarity: TextSimilarity::fit(texts.iter().map(String::as_str)),
        }
    }

    /// The scores of a case's candidates; `episode` is the case's, `seed` draws random orders.
    #[must_use]
    pub fn score(
        &self,
        baseline: Baseline,
        case: &ChoiceCase,
        episode: &Episode,
        seed: u64,
    ) -> ChoiceScores {
        let candidates: Vec<String> = case.candidates.iter().map(|text| folded_text(text)).collect();
        let past = case.past(episode);
        let similar = |read: &[String]| {
            let read = self.similarity.vector(read.iter().map(String::as_str));
            let scores = candidates.iter();
            scores
                .map(|text| self.similarity.vector([text.as_str()]).cosine(&read))
                .collect()
        };
        let scores: Vec<f64> = match baseline {
            Baseline::Random => {
                let mut rng = ChaCha8Rng::seed_from_u64(seed ^ case.id);
                candidates.iter().map(|_| rng.random()).collect()
            }
            Baseline::Popularity => candidates
                .iter()
                .map(|text| (self.counts.get(text).copied().unwrap_or(0) as f64).ln_1p())
                .collect(),
            Baseline::Comments => {
                let excluded = case.excluded(episode);
                let others = past.comments_within(COMMENTS).filter(|comment| {
                    comment.user.is_none_or(|user| !excluded.contains(&user))
                });
                let texts: Vec<String> =
                    others.filter_map(|comment| candidate(comment.text)).collect();
                similar(&texts)
            }
            Baseline::Dialogue => {
                let lines = past.lines_within(DIALOGUE);
                let texts: Vec<String> = lines.map(|line| folded_text(&line.text)).collect();
                similar(&texts)
            }
        };
        ChoiceScores {
            id: case.id,
            scores,
        }
    }
}
