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
        let candidates: Vec<String> = case
            .candidates
            .iter()
            .map(|text| folded_text(text))
            .collect();
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
                let others = past
                    .comments_within(COMMENTS)
                    .filter(|comment| comment.user.is_none_or(|user| !excluded.contains(&user)));
                let texts: Vec<String> = others
                    .filter_map(|comment| candidate(comment.text))
                    .collect();
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

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::{Dialogue, DialogueLine};

    /// At second 30 someone says 草, someone else かわいい; a line says 先生おはよう. One of them may
    /// not be read.
    fn case() -> (ChoiceCase, Episode) {
        let comment = |time: i64, text: &str, user: &str| Comment::new(Vpos(time), text).user(user);
        let comments = [
            comment(2_000, "かわいい", "a"),
            comment(2_900, "草", "excluded"),
            comment(3_000, "先生", "later"),
        ];
        let line = DialogueLine {
            start_ms: 29_000,
            end_ms: 31_000,
            text: "先生 おはよう".to_owned(),
        };
        let case = ChoiceCase {
            id: 1,
            episode: "a/01".to_owned(),
            time: 30.0,
            exclude: vec!["excluded".to_owned()],
            candidates: ["草", "かわいい！", "先生", "zzz"]
                .map(str::to_owned)
                .to_vec(),
        };
        (case, Episode::new("a/01", comments, Dialogue::new([line])))
    }

    #[test]
    fn others_and_dialogue_of_the_past_are_read_and_nothing_else() {
        let (case, episode) = case();
        let texts = ["ああ", "いい", "うう"].map(|text| Comment::new(Vpos(0), text));
        let learnt = [Episode::new("b/01", texts, Dialogue::default())];
        let baselines = CommentBaselines::fit(&learnt);
        let score = |baseline| baselines.score(baseline, &case, &episode, 1).scores;
        let comments = score(Baseline::Comments);
        assert!(comments[1] > 0.0, "{comments:?}");
        assert_eq!((comments[0], comments[2], comments[3]), (0.0, 0.0, 0.0));
        let dialogue = score(Baseline::Dialogue);
        assert!(dialogue[2] > 0.0 && dialogue[0] == 0.0, "{dialogue:?}");
        assert_eq!(score(Baseline::Popularity), [0.0; 4]);
        assert_eq!(score(Baseline::Random), score(Baseline::Random));
    }

    #[test]
    fn what_is_said_often_is_popular() {
        let (case, episode) = case();
        let texts = ["草", "草", "かわいい!"].map(|text| Comment::new(Vpos(0), text));
        let learnt = [Episode::new("b/01", texts, Dialogue::default())];
        let scores = CommentBaselines::fit(&learnt)
            .score(Baseline::Popularity, &case, &episode, 1)
            .scores;
        assert_eq!(scores, [2f64.ln_1p(), 1f64.ln_1p(), 0.0, 0.0]);
    }
}
