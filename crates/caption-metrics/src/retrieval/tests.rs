use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

/// A video of two minutes: comments at random, the last 20 seconds held out.
struct World {
    texts: Vec<String>,
    words: Vec<Vec<u32>>,
    times: Vec<f64>,
}

impl World {
    fn new(comments: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut world = Self {
            texts: Vec::new(),
            words: Vec::new(),
            times: Vec::new(),
        };
        for _ in 0..comments {
            let length = rng.random_range(1..4);
            let words: Vec<u32> = (0..length).map(|_| rng.random_range(4..20)).collect();
            let letters = words
                .iter()
                .map(|&word| char::from_u32(word + 0x3041).unwrap());
            world.texts.push(letters.collect());
            world.words.push(words);
            world.times.push(rng.random_range(0.0..120.0));
        }
        world
    }

    fn comments(&self) -> Vec<PoolComment<'_>> {
        let comment = |at: usize| PoolComment {
            time: self.times[at],
            text: &self.texts[at],
            words: &self.words[at],
            subset: match self.times[at] {
                ..98.0 => PoolSubset::Train,
                ..100.0 => PoolSubset::Guard,
                _ => PoolSubset::Dev,
            },
        };
        (0..self.texts.len()).map(comment).collect()
    }
}

#[test]
fn candidates_are_as_the_protocol_says() {
    let world = World::new(4_000);
    let comments = world.comments();
    let pool = CandidatePool::new(&comments);
    assert_eq!(pool.seconds(), (100..120).collect::<Vec<_>>());
    for second in pool.seconds() {
        let set = pool.draw(second, &CandidateOptions::default()).unwrap();
        let of = |kind| set.candidates.iter().filter(move |one| one.kind == kind);
        assert_eq!(set.candidates.len(), 100);
        assert_eq!(set.num_true(), 5);
        assert_eq!(of(CandidateKind::Popular).count(), 20);
        assert_eq!(of(CandidateKind::Plausible).count(), 20);
        assert_eq!(of(CandidateKind::Random).count(), 55);
        let second = second as f64;
        let said = |at: usize| (second..second + 1.0).contains(&comments[at].time);
        let own: Vec<&[u32]> = (0..comments.len())
            .filter(|&at| said(at))
            .map(|at| comments[at].words)
            .collect();
        let mut words: Vec<&[u32]> = Vec::new();
        for one in &set.candidates {
            let comment = &comments[one.comment];
            assert_eq!(one.is_true(), comment.subset == PoolSubset::Dev);
            assert_eq!(one.is_true(), own.contains(&comment.words));
            words.push(comment.words);
        }
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 100, "no two are the same comment");
        let rarest = of(CandidateKind::Popular)
            .map(|one| pool.popularity(comments[one.comment].words))
            .min()
            .unwrap();
        assert!(
            of(CandidateKind::Random)
                .all(|one| pool.popularity(comments[one.comment].words) <= rarest)
        );
    }
}

#[test]
fn a_seed_repeats_and_another_one_differs() {
    let world = World::new(2_000);
    let comments = world.comments();
    let pool = CandidatePool::new(&comments);
    let draw = |seed| {
        pool.draw(110, &CandidateOptions::default().seed(seed))
            .unwrap()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn few_comments_make_few_candidates_and_none_make_none() {
    let world = World::new(60);
    let comments = world.comments();
    let pool = CandidatePool::new(&comments);
    for second in pool.seconds() {
        let set = pool.draw(second, &CandidateOptions::default()).unwrap();
        assert!(set.num_true() >= 1 && set.candidates.len() < 60);
    }
    assert_eq!(pool.draw(3, &CandidateOptions::default()), None); // learnt from, not held out
    let nothing = CandidatePool::new(&[]);
    assert_eq!(nothing.draw(0, &CandidateOptions::default()), None);
}

/// Who is handed the answer always has a true one first: R@1 is 100 % and the mean rank 1. Who
/// orders at random scores chance: over the 20 moments times 200 orders the mean rank is within 0.5
/// of 16.83.
#[test]
fn the_answer_scores_full_marks_and_no_answer_chance() {
    let world = World::new(4_000);
    let comments = world.comments();
    let pool = CandidatePool::new(&comments);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut handed, mut random) = (Vec::new(), Vec::new());
    for second in pool.seconds() {
        let set = pool.draw(second, &CandidateOptions::default()).unwrap();
        let scored = |score: &mut dyn FnMut(&Candidate) -> f64| -> Vec<(f64, bool)> {
            set.candidates
                .iter()
                .map(|one| (score(one), one.is_true()))
                .collect()
        };
        handed.extend(first_true_rank(&scored(&mut |one| {
            f64::from(u8::from(one.is_true()))
        })));
        for _ in 0..200 {
            random.extend(first_true_rank(&scored(&mut |_| rng.random())));
        }
    }
    let handed = Ranking::from_ranks(&handed, 1);
    assert_eq!(
        (
            handed.recall_1.value,
            handed.recall_1.low,
            handed.mean_rank.value
        ),
        (1.0, 1.0, 1.0)
    );
    let random = Ranking::from_ranks(&random, 1);
    assert!((random.mean_rank.value - chance(5, 100).mean_rank).abs() < 0.5);
    assert!(
        random.mean_rank.low < chance(5, 100).mean_rank
            && chance(5, 100).mean_rank < random.mean_rank.high
    );
}

/// One order finds the true comment one place earlier than the other in all but a few moments,
/// which are easy to hopeless for both. The intervals of the mean ranks overlap widely; that of the
/// difference excludes 0. Its standard error is that of 60 values of 0 or −1: √(0.9 · 0.1 / 60) =
/// 0.039 about a mean of −0.9, so the interval reaches 1.96 · 0.039 = 0.076 to either side.
#[test]
fn paired_intervals_are_clear_where_others_overlap() {
    let others: Vec<usize> = (0..60).map(|moment| 2 + moment * 7 % 60).collect();
    let better = |moment: usize| usize::from(!moment.is_multiple_of(10));
    let ranks: Vec<usize> = others
        .iter()
        .enumerate()
        .map(|(at, rank)| rank - better(at))
        .collect();
    let spans: Vec<usize> = (0..60).collect();
    let [own, other] = [&ranks, &others].map(|ranks| Ranking::from_ranks(ranks, 1).mean_rank);
    assert!(
        own.high > other.value && other.low < own.value,
        "{own} {other}"
    );
    let difference = Ranking::difference(&ranks, &others, &spans, 1).mean_rank;
    assert!((difference.value + 0.9).abs() < 1e-12);
    assert!((difference.low + 0.976).abs() < 0.02, "{difference}");
    assert!((difference.high + 0.824).abs() < 0.02, "{difference}");
    let same = Ranking::difference(&ranks, &ranks, &spans, 1);
    assert_eq!(
        (same.mean_rank.low, same.mean_rank.high, same.mrr.high),
        (0.0, 0.0, 0.0)
    );
}

/// Ten moments of a scene that all win say as much as one of them: with four scenes of which one
/// wins, not even the sign is certain.
#[test]
fn moments_of_a_span_are_drawn_together() {
    let others = [5; 40];
    let ranks: Vec<usize> = (0..40)
        .map(|moment| if moment < 10 { 1 } else { 5 })
        .collect();
    let alone: Vec<usize> = (0..40).collect();
    let scenes: Vec<usize> = alone.iter().map(|moment| moment / 10).collect();
    let by = |spans: &[usize]| Ranking::difference(&ranks, &others, spans, 1).recall_1;
    assert_eq!(by(&alone).value, 0.25);
    assert!(by(&alone).low > 0.0);
    assert_eq!((by(&scenes).value, by(&scenes).low), (0.25, 0.0));
}
