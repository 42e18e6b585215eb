use std::collections::VecDeque;

use caption_metrics::{CharacterNgram, CharacterUnigram, Estimate, NgramCache};
use rayon::prelude::*;
use serde::Serialize;

use crate::stream::{Episode, EpisodeComment};

/// How far back the cache reads, milliseconds.
const CACHE: i64 = 15_000;
/// Shares of the cache that are tried; none first.
const SHARES: [f64; 9] = [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];
/// What is chosen is chosen on every tenth of the episodes learnt from; of fewer on the last one.
const TUNED_ON: usize = 10;

/// Bits a character of typed comments, their ends included, with intervals over episodes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct BitsReport {
    /// Comments measured on.
    pub comments: u64,
    /// Their characters.
    pub characters: u64,
    /// By the frequencies of characters.
    pub unigram: Estimate,
    /// By a 4-gram model of characters.
    pub four_gram: Estimate,
    /// By the same with a cache of others' comments of the past 15 s.
    pub with_cache: Estimate,
    /// The share of the cache, chosen on episodes learnt from.
    pub cache_share: f64,
    /// By the same 4-gram model with a cache of all that was typed in the episode before.
    pub with_memory: Estimate,
    /// The share of that, chosen on episodes learnt from.
    pub memory_share: f64,
}

/// Learns the language models from typed comments of `train` and measures them on those of `dev`.
/// One-tap comments are neither learnt from nor measured. Shares are chosen on every tenth episode
/// of `train`, of fewer than ten on the last one, by what the others say; one alone chooses none.
#[must_use]
pub fn measure_bits(train: &[Episode], dev: &[Episode], seed: u64) -> BitsReport {
    let (tuned_on, rest): (Vec<_>, Vec<_>) = train
        .iter()
        .enumerate()
        .partition(|(at, _)| is_tuned_on(*at, train.len()));
    let fit = |episodes: &mut dyn Iterator<Item = &Episode>| {
        let typed = episodes.flat_map(typed).map(|comment| comment.text);
        CharacterNgram::fit(typed)
    };
    let frequencies = train.iter().flat_map(typed).map(|comment| comment.text);
    let unigram = CharacterUnigram::fit(frequencies);
    let model = fit(&mut rest.iter().map(|(_, episode)| *episode));
    let tuned: Vec<Counts> = tuned_on
        .par_iter()
        .map(|(_, episode)| count(episode, &unigram, &model))
        .collect();
    let best = |bits: &dyn Fn(&Counts) -> [f64; SHARES.len()]| {
        let sum = |at: usize| tuned.iter().map(|one| bits(one)[at]).sum::<f64>();
        (0..SHARES.len())
            .min_by(|a, b| sum(*a).total_cmp(&sum(*b)))
            .unwrap_or(0)
    };
    let (cache, memory) = (best(&|one| one.cache), best(&|one| one.memory));
    let model = fit(&mut train.iter());
    let counts: Vec<Counts> = dev
        .par_iter()
        .map(|episode| count(episode, &unigram, &model))
        .collect();
    let characters: Vec<f64> = counts.iter().map(|one| one.characters as f64).collect();
    let ratio = |bits: &dyn Fn(&Counts) -> f64| {
        let bits: Vec<f64> = counts.iter().map(bits).collect();
        Estimate::ratio(&bits, &characters, seed)
    };
    BitsReport {
        comments: counts.iter().map(|one| one.comments).sum(),
        characters: counts.iter().map(|one| one.characters).sum(),
        unigram: ratio(&|one| one.unigram),
        four_gram: ratio(&|one| one.cache[0]),
        with_cache: ratio(&|one| one.cache[cache]),
        cache_share: SHARES[cache],
        with_memory: ratio(&|one| one.memory[memory]),
        memory_share: SHARES[memory],
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    comments: u64,
    characters: u64,
    unigram: f64,
    /// By the 4-gram model mixed with each of [`SHARES`] of what was typed in the past 15 s.
    cache: [f64; SHARES.len()],
    /// And of all that was typed in the episode before.
    memory: [f64; SHARES.len()],
}

/// Bits of the typed comments of an episode. The cache of a comment is what others typed in the
/// 15 s before it.
fn count(episode: &Episode, unigram: &CharacterUnigram, model: &CharacterNgram) -> Counts {
    let mut counts = Counts::default();
    let (mut cache, mut memory) = (NgramCache::default(), NgramCache::default());
    let mut window = VecDeque::<EpisodeComment<'_>>::new();
    for comment in typed(episode) {
        while let Some(first) = window.front()
            && first.millis < comment.millis.saturating_sub(CACHE)
        {
            cache.remove(first.text);
            window.pop_front();
        }
        let is_own =
            |other: &&EpisodeComment<'_>| comment.user.is_some() && other.user == comment.user;
        window
            .iter()
            .filter(is_own)
            .for_each(|own| cache.remove(own.text));
        let own = model.probabilities(comment.text);
        let said = cache.probabilities(comment.text, &own);
        add_mixed(&mut counts.cache, &own, &said);
        let remembered = memory.probabilities(comment.text, &own);
        add_mixed(&mut counts.memory, &own, &remembered);
        window
            .iter()
            .filter(is_own)
            .for_each(|own| cache.add(own.text));
        counts.comments += 1;
        counts.characters += comment.text.chars().count() as u64;
        counts.unigram += unigram.bits(comment.text);
        cache.add(comment.text);
        memory.add(comment.text);
        window.push_back(comment);
    }
    counts
}

/// Adds the bits of a text by a model mixed with each of [`SHARES`] of another.
fn add_mixed(bits: &mut [f64; SHARES.len()], model: &[f64], other: &[f64]) {
    for (bits, share) in bits.iter_mut().zip(SHARES) {
        let mixed = model.iter().zip(other);
        *bits -= mixed
            .map(|(model, other)| (share * other + (1.0 - share) * model).log2())
            .sum::<f64>();
    }
}

/// Whether an episode learnt from, by its number among so many, is one that choices are made on.
pub(super) fn is_tuned_on(number: usize, episodes: usize) -> bool {
    match episodes {
        0 | 1 => false,
        2..TUNED_ON => number + 1 == episodes,
        _ => number % TUNED_ON == TUNED_ON - 1,
    }
}

/// The comments that were typed.
pub(super) fn typed(episode: &Episode) -> impl Iterator<Item = EpisodeComment<'_>> {
    episode.comments().filter(|comment| !comment.is_one_tap)
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::Dialogue;

    #[test]
    fn choices_are_made_on_every_tenth_episode_or_the_last() {
        let tuned_on = |episodes: usize| -> Vec<usize> {
            (0..episodes)
                .filter(|number| is_tuned_on(*number, episodes))
                .collect()
        };
        assert_eq!((tuned_on(0), tuned_on(1)), (vec![], vec![]));
        assert_eq!((tuned_on(2), tuned_on(9)), (vec![1], vec![8]));
        assert_eq!((tuned_on(10), tuned_on(25)), (vec![9], vec![9, 19]));
    }

    /// Each of three episodes says a thing of its own over and over.
    #[test]
    fn few_episodes_are_enough_to_choose_a_cache() {
        let episode = |text: &str| {
            let comments = (0..40).map(|second| Comment::new(Vpos(100 * second), text));
            Episode::new(text, comments, Dialogue::default())
        };
        let train = ["ああああ", "いいいい", "うううう"].map(episode);
        let report = measure_bits(&train, &["ええええ"].map(episode), 1);
        assert!(
            report.cache_share > 0.0 && report.memory_share > 0.0,
            "{report:?}"
        );
        assert!(
            report.with_cache.value < report.four_gram.value,
            "{report:?}"
        );
    }
}
