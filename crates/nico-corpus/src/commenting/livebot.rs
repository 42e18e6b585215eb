use std::collections::HashMap;

use caption_metrics::{CandidateOptions, CandidatePool, PoolComment, PoolSubset};

use super::{
    cases::{ChoiceCase, ChoiceTruth, candidate},
    draw::{ChoiceOptions, draw_choices},
};
use crate::stream::Episode;

/// Seconds between the beginnings of two episodes on the one line of time that they stand on.
const EPISODE: f64 = 1e7;
/// When comments that were learnt from are written: near no moment.
const NEVER: f64 = -1e7;

/// The moments of [`draw_choices`] with candidates as in Ma et al., "LiveBot" (2019), section 5.2:
/// of 100, up to five true ones, 20 that are popular in `train`, 20 from it that are like what was
/// written around the moment, and the rest drawn from it. Exact duplicates are dropped.
///
/// Nothing in them is of the same episode but the true ones, so that a show's names and style tell a
/// good deal: a score that reads nothing of the moment does well here.
#[must_use]
pub fn draw_livebot_choices(
    train: &[Episode],
    episodes: &[Episode],
    options: &ChoiceOptions,
) -> (Vec<ChoiceCase>, Vec<ChoiceTruth>) {
    // Each different text once, with a number that stands for its words.
    let mut numbers = HashMap::<String, usize>::new();
    let mut texts: Vec<&str> = Vec::new();
    let mut said: Vec<(f64, usize, PoolSubset)> = Vec::new();
    let starts = (0..).map(|number| f64::from(number) * EPISODE);
    let all = train.iter().map(|episode| (episode, None));
    for (episode, start) in all.chain(episodes.iter().zip(starts.clone().map(Some))) {
        for comment in episode.comments() {
            let Some(folded) = candidate(comment.text) else {
                continue;
            };
            let number = *numbers.entry(folded).or_insert_with(|| {
                texts.push(comment.text);
                texts.len() - 1
            });
            said.push(match start {
                None => (NEVER, number, PoolSubset::Train),
                Some(start) => (
                    start + comment.millis.max(0) as f64 / 1_000.0,
                    number,
                    PoolSubset::Dev,
                ),
            });
        }
    }
    let words: Vec<u32> = (0..texts.len())
        .map(|number| u32::try_from(number).unwrap_or(u32::MAX))
        .collect();
    let comments: Vec<PoolComment<'_>> = said
        .iter()
        .map(|&(time, number, subset)| PoolComment {
            time,
            text: texts[number],
            words: std::slice::from_ref(&words[number]),
            subset,
        })
        .collect();
    let pool = CandidatePool::new(&comments);
    let candidates = CandidateOptions::default()
        .max_true(options.most_true)
        .seed(options.seed);
    let starts: HashMap<&str, f64> = episodes.iter().map(Episode::name).zip(starts).collect();
    let drawn = draw_choices(episodes, options).0.into_iter();
    drawn
        .filter_map(|case| {
            let second = starts.get(&*case.episode)? + case.time;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a second of a case is not negative"
            )]
            let set = pool.draw(second as u64, &candidates)?;
            let is_true = (0..set.candidates.len()).filter(|at| set.candidates[*at].is_true());
            let truth = ChoiceTruth {
                id: case.id,
                is_true: is_true.collect(),
            };
            let texts = set.candidates.iter().map(|one| comments[one.comment].text);
            let candidates = texts.map(str::to_owned).collect();
            Some((ChoiceCase { candidates, ..case }, truth))
        })
        .unzip()
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::Dialogue;

    /// Ten comments a second for 100 seconds, five different ones each.
    fn episode(name: &str, word: &str) -> Episode {
        let comments = (0..1_000i64).map(|at| {
            let (second, number) = (at / 10, at % 10);
            let text = format!("{word}{second}の{}", number % 5);
            Comment::new(Vpos(second * 100 + number), text).no(at)
        });
        Episode::new(name, comments, Dialogue::default())
    }

    #[test]
    fn only_true_candidates_are_of_the_episode() {
        let train = [episode("a/01", "猫")];
        let episodes = [episode("b/01", "犬"), episode("b/02", "鳥")];
        let options = ChoiceOptions::default().per_episode(3);
        let (cases, truths) = draw_livebot_choices(&train, &episodes, &options);
        assert_eq!((cases.len(), truths.len()), (6, 6));
        for (case, truth) in cases.iter().zip(&truths) {
            let word = if case.episode == "b/01" { "犬" } else { "鳥" };
            assert_eq!((case.candidates.len(), truth.is_true.len()), (100, 5));
            for (at, text) in case.candidates.iter().enumerate() {
                let own = format!("{word}{}の", case.time);
                assert_eq!(
                    truth.is_true.contains(&at),
                    text.starts_with(&own),
                    "{text}"
                );
                assert!(text.starts_with(&own) || text.starts_with('猫'), "{text}");
            }
        }
        assert_eq!(
            draw_livebot_choices(&train, &episodes, &options),
            (cases, truths)
        );
    }
}
