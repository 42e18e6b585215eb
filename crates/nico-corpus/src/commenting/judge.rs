use std::collections::HashMap;

use caption_metrics::{Ranking, first_true_rank};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::cases::{ChoiceCase, ChoiceScores, ChoiceTruth};
use crate::error::Error;

/// Recall at 1, 5 and 10, mean rank and mean reciprocal rank of the first true candidate, with
/// intervals over episodes. Candidates of equal score come in an order that `seed` draws.
///
/// # Errors
///
/// Fails if a case has no truth or no scores, or not one for each candidate, or no true candidate.
pub fn judge_choices(
    cases: &[ChoiceCase],
    truths: &[ChoiceTruth],
    scores: &[ChoiceScores],
    seed: u64,
) -> Result<Ranking, Error> {
    let truths: HashMap<u64, &[usize]> = truths
        .iter()
        .map(|truth| (truth.id, &*truth.is_true))
        .collect();
    let scores: HashMap<u64, &[f64]> = scores.iter().map(|one| (one.id, &*one.scores)).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut numbers = HashMap::new();
    let (mut ranks, mut episodes) = (Vec::new(), Vec::new());
    for case in cases {
        let wrong = |what| Error::Case { id: case.id, what };
        let truth = truths.get(&case.id).ok_or_else(|| wrong("has no truth"))?;
        let scores = scores.get(&case.id).ok_or_else(|| wrong("has no scores"))?;
        if scores.len() != case.candidates.len() {
            return Err(wrong("has not one score for each candidate"));
        }
        let mut order: Vec<(f64, bool)> = scores
            .iter()
            .enumerate()
            .map(|(at, score)| (*score, truth.contains(&at)))
            .collect();
        order.shuffle(&mut rng);
        let rank = first_true_rank(&order).ok_or_else(|| wrong("has no true candidate"))?;
        ranks.push(rank);
        let next = numbers.len();
        episodes.push(*numbers.entry(case.episode.as_str()).or_insert(next));
    }
    Ok(Ranking::from_grouped_ranks(&ranks, &episodes, seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: u64) -> ChoiceCase {
        ChoiceCase {
            id,
            episode: format!("show/{}", id % 2),
            time: 30.0,
            exclude: Vec::new(),
            candidates: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
        }
    }

    fn truth(id: u64, is_true: &[usize]) -> ChoiceTruth {
        ChoiceTruth {
            id,
            is_true: is_true.to_vec(),
        }
    }

    fn scored(id: u64, scores: [f64; 4]) -> ChoiceScores {
        ChoiceScores {
            id,
            scores: scores.to_vec(),
        }
    }

    #[test]
    fn ranks_are_those_of_the_first_true_candidate() {
        let cases = [case(1), case(2)];
        let truths = [truth(1, &[2, 3]), truth(2, &[0])];
        let scores = [
            scored(1, [3.0, 0.0, 2.0, 1.0]),
            scored(2, [1.0, 0.0, 0.0, 0.0]),
        ];
        let ranking = judge_choices(&cases, &truths, &scores, 1).unwrap();
        assert_eq!(ranking.mrr.value, 0.75);
        assert_eq!(ranking.recall_1.value, 0.5);
    }

    /// Of four candidates of equal score a true one has an expected reciprocal rank of
    /// (1 + 1/2 + 1/3 + 1/4) / 4.
    #[test]
    fn candidates_of_equal_score_have_no_order() {
        let cases: Vec<_> = (0..4_000).map(case).collect();
        let truths: Vec<_> = (0..4_000).map(|id| truth(id, &[0])).collect();
        let scores: Vec<_> = (0..4_000).map(|id| scored(id, [0.0; 4])).collect();
        let mrr = judge_choices(&cases, &truths, &scores, 1)
            .unwrap()
            .mrr
            .value;
        assert!((mrr - 25.0 / 48.0).abs() < 0.02, "{mrr}");
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = judge_choices(&[case(7)], &[truth(7, &[0])], &[], 1).unwrap_err();
        assert_eq!(error.to_string(), "case 7 has no scores");
        let error = judge_choices(&[case(7)], &[truth(7, &[])], &[scored(7, [0.0; 4])], 1);
        assert_eq!(
            error.unwrap_err().to_string(),
            "case 7 has no true candidate"
        );
    }
}
