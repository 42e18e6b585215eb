//! Drawing viewers: half of them, or as many as wrote so many comments.

use std::collections::HashMap;

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use crate::stream::{Episode, EpisodeComment};

/// The viewers of an episode in a random order, each with its comments; where nobody knows who
/// wrote a comment, it has a viewer of its own.
struct Viewers {
    /// The viewer of each comment.
    of_comment: Vec<usize>,
    /// Viewers and their numbers of comments, shuffled.
    order: Vec<(usize, usize)>,
}

impl Viewers {
    fn shuffled(episode: &Episode, seed: u64) -> Self {
        let mut numbers = HashMap::new();
        let mut counts: Vec<(usize, usize)> = Vec::new();
        let mut viewer = |comment: EpisodeComment<'_>| {
            let new = counts.len();
            let number = comment
                .user
                .map_or(new, |user| *numbers.entry(user).or_insert(new));
            if number == new {
                counts.push((new, 0));
            }
            counts[number].1 += 1;
            number
        };
        let of_comment = episode.comments().map(&mut viewer).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        counts.shuffle(&mut rng);
        Self {
            of_comment,
            order: counts,
        }
    }

    /// The episode with the comments of some viewers.
    fn keep(&self, episode: &Episode, chosen: impl IntoIterator<Item = usize>) -> Episode {
        let mut is_chosen = vec![false; self.order.len()];
        chosen.into_iter().for_each(|one| is_chosen[one] = true);
        episode.keeping(|comment| is_chosen[self.of_comment[comment.index]])
    }
}

/// The comments of two halves of the viewers, drawn one by one for the side that has fewer
/// comments.
pub(in crate::commenting) fn halves(episode: &Episode, seed: u64) -> [Episode; 2] {
    let viewers = Viewers::shuffled(episode, seed);
    let mut sides = [(0, Vec::new()), (0, Vec::new())];
    for (viewer, comments) in &viewers.order {
        let side = usize::from(sides[1].0 < sides[0].0);
        sides[side].0 += comments;
        sides[side].1.push(*viewer);
    }
    sides.map(|(_, chosen)| viewers.keep(episode, chosen))
}

/// The comments of viewers who are drawn until they wrote `comments`, or of all. Who would go
/// beyond that by more than is missing is passed over.
pub(super) fn of_some_viewers(episode: &Episode, comments: usize, seed: u64) -> Episode {
    let viewers = Viewers::shuffled(episode, seed);
    let mut drawn = 0usize;
    let chosen = viewers.order.iter().filter(|(_, more)| {
        let missing = comments.saturating_sub(drawn);
        let fits = *more <= missing.saturating_mul(2) && missing > 0;
        drawn += if fits { *more } else { 0 };
        fits
    });
    let chosen: Vec<usize> = chosen.map(|(viewer, _)| *viewer).collect();
    viewers.keep(episode, chosen)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::Dialogue;

    /// Forty viewers of one to four comments each, and twenty comments of nobody.
    fn episode() -> Episode {
        let known = (0..100).map(|at| {
            let user = (at % 40).min(at % 13);
            Comment::new(Vpos(at * 7), format!("{at}")).user(format!("u{user}"))
        });
        let unknown = (0..20).map(|at| Comment::new(Vpos(at), format!("x{at}")));
        Episode::new("a/01", known.chain(unknown), Dialogue::default())
    }

    #[test]
    fn halves_share_no_viewer_and_lose_no_comment() {
        let episode = episode();
        let [a, b] = halves(&episode, 1);
        assert_eq!(a.len() + b.len(), episode.len());
        assert!(a.len().abs_diff(b.len()) <= 12, "{} {}", a.len(), b.len());
        let users = |half: &Episode| -> HashSet<u32> {
            half.comments().filter_map(|one| one.user).collect()
        };
        assert!(users(&a).is_disjoint(&users(&b)));
        let texts = |half: &Episode| -> Vec<String> {
            half.comments().map(|one| one.text.to_owned()).collect()
        };
        assert_eq!(texts(&halves(&episode, 1)[0]), texts(&a));
        assert_ne!(texts(&halves(&episode, 2)[0]), texts(&a));
    }

    #[test]
    fn viewers_are_drawn_whole() {
        let episode = episode();
        for comments in [0, 10, 50, 500] {
            let some = of_some_viewers(&episode, comments, 3);
            assert!(
                some.len().abs_diff(comments.min(120)) <= 12,
                "{}",
                some.len()
            );
            for comment in some.comments().filter(|one| one.user.is_some()) {
                let whole = episode.comments().filter(|one| one.user == comment.user);
                let kept = some.comments().filter(|one| one.user == comment.user);
                assert_eq!(whole.count(), kept.count());
            }
        }
    }
}
