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
            part: match self.times[at] {
                ..98.0 => PoolPart::Train,
                ..100.0 => PoolPart::Guard,
                _ => PoolPart::Dev,
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
    assert_eq!(pool.moments(), (100..120).collect::<Vec<_>>());
    for second in pool.moments() {
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
            assert_eq!(one.is_true(), comment.part == PoolPart::Dev);
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
    for second in pool.moments() {
        let set = pool.draw(second, &CandidateOptions::default()).unwrap();
        assert!(set.num_true() >= 1 && set.candidates.len() < 60);
    }
    assert_eq!(pool.draw(3, &CandidateOptions::default()), None); // learnt from, not held out
    let nothing = CandidatePool::new(&[]);
    assert_eq!(nothing.draw(0, &CandidateOptions::default()), None);
}

/// Who is handed the answer always has a true one first: R@1 is 100 % and the mean rank 1. Who orders at random scores chance:
/// over the 20 moments times 200 orders the mean rank is within 0.5 of 16.83.
#[test]
fn the_answer_scores_full_marks_and_no_answer_chance() {
    let world = World::new(4_000);
    let comments = world.comments();
    let pool = CandidatePool::new(&comments);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (mut handed, mut random) = (Vec::new(), Vec::new());
    for second in pool.moments() {
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
    let handed = Ranking::of(&handed, 1);
    assert_eq!(
        (
            handed.recall_1.value,
            handed.recall_1.low,
            handed.mean_rank.value
        ),
        (1.0, 1.0, 1.0)
    );
    let random = Ranking::of(&random, 1);
    assert!((random.mean_rank.value - chance(5, 100).mean_rank).abs() < 0.5);
    assert!(
        random.mean_rank.low < chance(5, 100).mean_rank
            && chance(5, 100).mean_rank < random.mean_rank.high
    );
}

/// Moments differ far more than orders do: every second moment is hard (rank 60), the other easy (rank 4), and one order is always two
/// ranks better. Its own interval holds the other's mean; that of the differences is exactly −2.
#[test]
fn orders_of_the_same_moments_are_compared_moment_by_moment() {
    let others: Vec<usize> = (0..40).map(|at| if at % 2 == 0 { 60 } else { 4 }).collect();
    let ranks: Vec<usize> = others.iter().map(|rank| rank - 2).collect();
    let alone = Ranking::of(&ranks, 1).mean_rank;
    assert!(alone.low < 32.0 && 32.0 < alone.high);
    let paired = Ranking::difference(&ranks, &others, 1);
    assert_eq!((paired.mean_rank.low, paired.mean_rank.high), (-2.0, -2.0));
    assert!(paired.recall_1.value == 0.0 && paired.recall_5.value == 0.0 && paired.mrr.low > 0.0);
    let back = Ranking::difference(&others, &ranks, 1);
    assert_eq!(back.mean_rank.value, 2.0);
}
