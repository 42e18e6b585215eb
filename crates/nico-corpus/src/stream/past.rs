use super::{
    dialogue::DialogueLine,
    episode::{Episode, EpisodeComment},
};

/// All that may be read of an episode at a moment: earlier comments, and lines that have begun.
///
/// What comes later cannot be reached through it.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    episode: &'a Episode,
    num_comments: usize,
    num_lines: usize,
    millis: i64,
}

impl<'a> Past<'a> {
    pub(super) fn new(episode: &'a Episode, num_comments: usize, millis: i64) -> Self {
        let lines = episode.dialogue().lines();
        Self {
            episode,
            num_comments,
            num_lines: lines.partition_point(|line| line.start_ms <= millis),
            millis,
        }
    }

    /// The moment, milliseconds of the video.
    #[must_use]
    pub fn millis(&self) -> i64 {
        self.millis
    }

    /// The comments before it, the latest first.
    pub fn comments(&self) -> impl Iterator<Item = EpisodeComment<'a>> + use<'a> {
        let episode = self.episode;
        (0..self.num_comments)
            .rev()
            .map(|index| episode.comment(index))
    }

    /// The comments of the last so many milliseconds before it, the latest first.
    pub fn comments_within(
        &self,
        millis: i64,
    ) -> impl Iterator<Item = EpisodeComment<'a>> + use<'a> {
        let since = self.millis.saturating_sub(millis);
        self.comments()
            .take_while(move |comment| comment.millis >= since)
    }

    /// The lines that have begun, the latest first.
    pub fn lines(&self) -> impl Iterator<Item = &'a DialogueLine> + use<'a> {
        self.episode.dialogue().lines()[..self.num_lines]
            .iter()
            .rev()
    }

    /// The lines that began in the last so many milliseconds, the latest first.
    pub fn lines_within(&self, millis: i64) -> impl Iterator<Item = &'a DialogueLine> + use<'a> {
        let since = self.millis.saturating_sub(millis);
        self.lines().take_while(move |line| line.start_ms >= since)
    }
}

#[cfg(test)]
mod tests {
    use nico_comments::{Comment, Vpos};
    use proptest::prelude::*;

    use super::*;
    use crate::stream::Dialogue;

    type Event = (i64, u8);
    /// Times and texts.
    type Seen = Vec<(i64, String)>;

    fn episode(comments: &[Event], lines: &[Event]) -> Episode {
        let comments = comments.iter().zip(0..).map(|(&(time, text), no)| {
            Comment::new(Vpos(time), format!("c{text}"))
                .no(no)
                .user("u")
        });
        let lines = lines.iter().map(|&(time, text)| DialogueLine {
            start_ms: time * 10,
            end_ms: time * 10 + 5,
            text: format!("l{text}"),
        });
        Episode::new("show/01", comments, Dialogue::new(lines))
    }

    fn seen(past: Past<'_>) -> (Seen, Seen) {
        let comments = past.comments();
        let lines = past.lines();
        (
            comments
                .map(|one| (one.millis, one.text.to_owned()))
                .collect(),
            lines.map(|one| (one.start_ms, one.text.clone())).collect(),
        )
    }

    proptest! {
        /// Whatever comes at a moment or later may change, vanish or be added: what may be read at
        /// the moment stays the same.
        #[test]
        fn the_future_changes_nothing(
            before in prop::collection::vec((0i64..100, any::<u8>()), 0..20),
            after in prop::collection::vec((100i64..200, any::<u8>()), 0..20),
            other in prop::collection::vec((100i64..200, any::<u8>()), 0..20),
            lines in prop::collection::vec((0i64..200, any::<u8>()), 0..20),
        ) {
            let earlier: Vec<Event> = lines.iter().copied().filter(|line| line.0 < 100).collect();
            let one = episode(&[&before[..], &after[..]].concat(), &lines);
            let two = episode(&[&before[..], &other[..]].concat(), &earlier);
            prop_assert_eq!(seen(one.past_at(999)), seen(two.past_at(999)));
            for index in 0..before.len() {
                prop_assert_eq!(seen(one.past_of(index)), seen(two.past_of(index)));
            }
            prop_assert!(seen(one.past_at(1_000)).0.len() == before.len());
        }
    }

    #[test]
    fn a_moment_reads_what_came_before_it_and_lines_that_begin_with_it() {
        let episode = episode(&[(10, 1), (20, 2), (20, 3), (30, 4)], &[(20, 1), (21, 2)]);
        let texts = |past: Past<'_>| {
            seen(past)
                .0
                .into_iter()
                .map(|one| one.1)
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(episode.past_at(200)), ["c1"]);
        assert_eq!(texts(episode.past_of(2)), ["c2", "c1"]); // ties by number
        assert_eq!(seen(episode.past_at(200)).1.len(), 1);
        assert_eq!(episode.past_at(300).comments_within(100).count(), 2);
        assert_eq!(episode.past_at(300).lines_within(90).count(), 1);
    }
}
