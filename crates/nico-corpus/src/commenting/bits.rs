use caption_metrics::{CharacterNgram, CharacterUnigram, Estimate, NgramCache};
use rayon::prelude::*;
use serde::Serialize;

use crate::stream::{Episode, EpisodeComment};

/// How far back the cache reads, milliseconds.
const CACHE: i64 = 15_000;
/// Shares of the cache that are tried.
const SHARES: [f64; 6] = [0.1, 0.15, 0.2, 0.25, 0.3, 0.4];
/// The share of the cache is chosen on every tenth of the episodes learnt from.
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
}

/// Learns the language models from typed comments of `train` and measures them on those of `dev`.
/// One-tap comments are neither learnt from nor measured.
#[must_use]
pub fn measure_bits(train: &[Episode], dev: &[Episode], seed: u64) -> BitsReport {
    let (tuned_on, rest): (Vec<_>, Vec<_>) = train
        .iter()
        .enumerate()
        .partition(|(at, _)| at % TUNED_ON == TUNED_ON - 1);
    let fit = |episodes: &mut dyn Iterator<Item = &Episode>| {
        let typed = episodes.flat_map(typed).map(|comment| comment.text);
        CharacterNgram::fit(typed)
    };
    let frequencies = train.iter().flat_map(typed).map(|comment| comment.text);
    let unigram = CharacterUnigram::fit(frequencies);
    let model = fit(&mut rest.iter().map(|(_, episode)| *episode));
    let share = SHARES
        .into_iter()
        .map(|share| {
            let bits: f64 = tuned_on
                .par_iter()
                .map(|(_, episode)| count(episode, &unigram, &model, share).with_cache)
                .sum();
            (bits, share)
        })
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(SHARES[0], |best| best.1);
    let model = fit(&mut train.iter());
    let counts: Vec<Counts> = dev
        .par_iter()
        .map(|episode| count(episode, &unigram, &model, share))
        .collect();
    let characters: Vec<f64> = counts.iter().map(|one| one.characters).collect();
    let ratio = |bits: fn(&Counts) -> f64| {
        let bits: Vec<f64> = counts.iter().map(bits).collect();
        Estimate::ratio(&bits, &characters, seed)
    };
    BitsReport {
        comments: counts.iter().map(|one| one.comments).sum(),
        characters: counts.iter().map(|one| one.characters as u64).sum(),
        unigram: ratio(|one| one.unigram),
        four_gram: ratio(|one| one.alone),
        with_cache: ratio(|one| one.with_cache),
        cache_share: share,
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    comments: u64,
    characters: f64,
    unigram: f64,
    alone: f64,
    with_cache: f64,
}

/// Bits of the typed comments of an episode. The cache of a comment is what others wrote in the
/// 15 s before it.
fn count(
    episode: &Episode,
    unigram: &CharacterUnigram,
    model: &CharacterNgram,
    share: f64,
) -> Counts {
    let mut counts = Counts::default();
    for comment in typed(episode) {
        let past = episode.past_of(comment.index).comments_within(CACHE);
        let others = past.filter(|other| {
            !other.is_one_tap && (other.user.is_none() || other.user != comment.user)
        });
        let cache = NgramCache::of(others.map(|other| other.text));
        counts.comments += 1;
        counts.characters += comment.text.chars().count() as f64;
        counts.unigram += unigram.bits(comment.text);
        counts.alone += model.bits(comment.text);
        counts.with_cache += model.bits_with(comment.text, &cache, share);
    }
    counts
}

fn typed(episode: &Episode) -> impl Iterator<Item = EpisodeComment<'_>> {
    episode.comments().filter(|comment| !comment.is_one_tap)
}
