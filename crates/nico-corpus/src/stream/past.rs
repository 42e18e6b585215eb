use super::{
    dialogue::DialogueLine,
    episode::{Episode, EpisodeComment},
    pictures::EpisodePicture,
};

/// All that may be read of an episode at a moment: earlier comments, lines that have begun, and
/// pictures that have been shown.
///
/// What comes later cannot be reached through it.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    episode: &'a Episode,
    num_comments: usize,
    num_lines: usize,
    num_pictures: usize,
    millis: i64,
}

impl<'a> Past<'a> {
    pub(super) fn new(episode: &'a Episode, num_comments: usize, millis: i64) -> Self {
        let lines = episode.dialogue().lines();
        Self {
            episode,
            num_comments,
            num_lines: lines.partition_point(|line| line.start_ms <= millis),
            num_pictures: episode.pictures().map_or(0, |all| all.num_shown(millis)),
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

    /// The comments before it that a user wrote, the latest first: what a viewer remembers of its
    /// own.
    pub fn own(&self, user: u32) -> impl Iterator<Item = EpisodeComment<'a>> + use<'a> {
        self.comments()
            .filter(move |comment| comment.user == Some(user))
    }

    /// The comments before it that others than a user wrote, or nobody knows who, the latest
    /// first.
    pub fn others(&self, user: u32) -> impl Iterator<Item = EpisodeComment<'a>> + use<'a> {
        self.comments()
            .filter(move |comment| comment.user != Some(user))
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

    /// The pictures that have been shown, the latest first: none where nobody knows what is seen.
    pub fn pictures(&self) -> impl Iterator<Item = EpisodePicture<'a>> + use<'a> {
        let pictures = self.episode.pictures();
        (0..self.num_pictures)
            .rev()
            .filter_map(move |row| pictures?.picture(row))
    }

    /// The pictures that were shown in the last so many milliseconds, the latest first.
    pub fn pictures_within(
        &self,
        millis: i64,
    ) -> impl Iterator<Item = EpisodePicture<'a>> + use<'a> {
        let since = self.millis.saturating_sub(millis);
        self.pictures()
            .take_while(move |picture| picture.millis >= since)
    }
}

#[cfg(test)]
mod tests {
    use frame_features::{EncoderId, Layer, MemoryFeatures};
    use nico_comments::{Comment, Vpos};
    use proptest::prelude::*;

    use super::*;
    use crate::stream::{Dialogue, EpisodePictures};

    type Event = (i64, u8);
    /// Times and texts.
    type Seen = Vec<(i64, String)>;

    /// Texts of even numbers are by user `u`, the others by `v`.
    fn episode(comments: &[Event], lines: &[Event]) -> Episode {
        let comments = comments.iter().zip(0..).map(|(&(time, text), no)| {
            Comment::new(Vpos(time), format!("c{text}"))
                .no(no)
                .user(if text % 2 == 0 { "u" } else { "v" })
        });
        let lines = lines.iter().map(|&(time, text)| DialogueLine {
            start_ms: time * 10,
            end_ms: time * 10 + 5,
            text: format!("l{text}"),
        });
        Episode::new("show/01", comments, Dialogue::new(lines))
    }

    /// Pictures at these times, each a row of one number.
    fn pictures(shown: &[Event]) -> EpisodePictures {
        let encoder = EncoderId::new("mine", "0".repeat(64), Layer::Output, 32);
        let mut shown = shown.to_vec();
        shown.sort_unstable();
        let values: Vec<f32> = shown.iter().map(|one| f32::from(one.1)).collect();
        let rows = MemoryFeatures::from_f32(encoder, [1], &values).unwrap();
        EpisodePictures::new(rows, shown.iter().map(|one| one.0 * 10)).unwrap()
    }

    /// Comments, lines and pictures.
    fn seen(past: Past<'_>) -> [Seen; 3] {
        let comments = past.comments();
        let lines = past.lines();
        let pictures = past.pictures().map(|picture| {
            let mut values = Vec::new();
            picture.append_to(&mut values).unwrap();
            (picture.millis, format!("{values:?}"))
        });
        [
            comments
                .map(|one| (one.millis, one.text.to_owned()))
                .collect(),
            lines.map(|one| (one.start_ms, one.text.clone())).collect(),
            pictures.collect(),
        ]
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
            shown in prop::collection::vec((0i64..100, any::<u8>()), 0..20),
            to_come in prop::collection::vec((100i64..200, any::<u8>()), 1..20),
        ) {
            let earlier: Vec<Event> = lines.iter().copied().filter(|line| line.0 < 100).collect();
            let one = episode(&[&before[..], &after[..]].concat(), &lines)
                .with_pictures(pictures(&[&shown[..], &to_come[..]].concat()));
            let two = episode(&[&before[..], &other[..]].concat(), &earlier)
                .with_pictures((!shown.is_empty()).then(|| pictures(&shown)));
            prop_assert_eq!(seen(one.past_at(999)), seen(two.past_at(999)));
            for index in 0..before.len() {
                prop_assert_eq!(seen(one.past_of(index)), seen(two.past_of(index)));
            }
            let [comments, _, pictures] = seen(one.past_at(999));
            prop_assert_eq!((comments.len(), pictures.len()), (before.len(), shown.len()));
            let user = one.user("u").unwrap_or(9);
            let past = one.past_at(999);
            let own = before.iter().filter(|one| one.1 % 2 == 0).count();
            prop_assert_eq!(past.own(user).count(), own);
            prop_assert_eq!(past.others(user).count(), before.len() - own);
        }
    }

    #[test]
    fn a_moment_reads_what_came_before_it_and_lines_that_begin_with_it() {
        let episode = episode(&[(10, 1), (20, 2), (20, 3), (30, 4)], &[(20, 1), (21, 2)]);
        let texts = |past: Past<'_>| {
            let [comments, ..] = seen(past);
            comments.into_iter().map(|one| one.1).collect::<Vec<_>>()
        };
        assert_eq!(texts(episode.past_at(200)), ["c1"]);
        assert_eq!(texts(episode.past_of(2)), ["c2", "c1"]); // ties by number
        assert_eq!(seen(episode.past_at(200))[1].len(), 1);
        assert_eq!(episode.past_at(300).comments_within(100).count(), 2);
        assert_eq!(episode.past_at(300).lines_within(90).count(), 1);
    }

    #[test]
    fn a_picture_is_read_from_its_moment_on() {
        let episode =
            episode(&[(30, 1)], &[]).with_pictures(pictures(&[(10, 7), (20, 8), (21, 9)]));
        let rows = |past: Past<'_>| past.pictures().map(|one| one.row).collect::<Vec<_>>();
        assert_eq!(rows(episode.past_at(99)), Vec::<usize>::new());
        assert_eq!(rows(episode.past_at(200)), [1, 0]);
        assert_eq!(rows(episode.past_of(0)), [2, 1, 0]);
        assert_eq!(episode.past_of(0).pictures_within(90).count(), 1);
        assert_eq!(seen(episode.past_at(200))[2][0], (200, "[8.0]".to_owned()));
    }
}
