use std::{collections::HashMap, sync::Arc};

use jp_tokenize::Pieces;

use super::ngrams::NgramHasher;

/// Pieces of one's own earlier comments that are remembered.
const OWN_PIECES: usize = 60;
/// Farthest time that a writer tells apart, milliseconds: differences of two can be reckoned with.
const FARTHEST: i64 = 1 << 50;

/// Where on the picture a comment stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CommentPlace {
    /// It moves from right to left.
    #[default]
    Scrolling,
    /// It stands at the top.
    Top,
    /// It stands at the bottom.
    Bottom,
}

/// How large a comment is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CommentSize {
    /// The usual size.
    #[default]
    Medium,
    /// Small.
    Small,
    /// Big.
    Big,
}

/// What a comment is like, besides its text: what its writer chose before writing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CommentStyle {
    /// Whether it was chosen with one tap from a list instead of typed.
    pub is_one_tap: bool,
    /// Where it stands.
    pub place: CommentPlace,
    /// How large it is.
    pub size: CommentSize,
    /// Whether it has a colour of its own.
    pub is_colored: bool,
}

impl CommentStyle {
    /// How many there are.
    pub const COUNT: usize = 36;

    /// All of them, by their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self::of_number)
    }

    /// Its number among all of them; 0 is the plainest.
    #[must_use]
    pub fn number(self) -> usize {
        let place = self.place as usize;
        let size = self.size as usize;
        ((usize::from(self.is_one_tap) * 2 + usize::from(self.is_colored)) * 3 + size) * 3 + place
    }

    fn of_number(number: usize) -> Self {
        let places = [
            CommentPlace::Scrolling,
            CommentPlace::Top,
            CommentPlace::Bottom,
        ];
        let sizes = [CommentSize::Medium, CommentSize::Small, CommentSize::Big];
        Self {
            place: places[number % 3],
            size: sizes[number / 3 % 3],
            is_colored: number / 9 % 2 == 1,
            is_one_tap: number / 18 % 2 == 1,
        }
    }
}

/// What an event of a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A picture, at the time at which it is shown.
    Picture,
    /// A line of dialogue, at the time at which it begins.
    Line,
    /// A comment.
    Comment(CommentStyle),
}

/// An event of a video: a picture, a line of dialogue or a comment.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamEvent {
    /// When, milliseconds of the video.
    pub millis: i64,
    /// What it is.
    pub kind: EventKind,
    /// Who wrote it: a number; none where nobody knows.
    pub author: Option<u32>,
    /// Its text in pieces.
    pub pieces: Box<[u32]>,
    /// The rows of its n-grams ([`NgramHasher`](crate::NgramHasher)).
    pub ngrams: Box<[u32]>,
    /// A picture's features; none of what has a text.
    pub features: Option<Arc<[f32]>>,
}

impl StreamEvent {
    /// An event of this text.
    #[must_use]
    pub fn new(
        millis: i64,
        kind: EventKind,
        author: Option<u32>,
        text: &str,
        pieces: &Pieces,
        hasher: NgramHasher,
    ) -> Self {
        Self {
            millis,
            kind,
            author,
            pieces: pieces.encode(text).into(),
            ngrams: hasher.rows(text).into(),
            features: None,
        }
    }

    /// A picture by its features: a row of a feature store.
    #[must_use]
    pub fn picture(millis: i64, features: impl Into<Arc<[f32]>>) -> Self {
        Self {
            millis,
            kind: EventKind::Picture,
            author: None,
            pieces: Box::default(),
            ngrams: Box::default(),
            features: Some(features.into()),
        }
    }

    /// Whether it is a comment.
    #[must_use]
    pub fn is_comment(&self) -> bool {
        matches!(self.kind, EventKind::Comment(_))
    }

    /// Whether it is a line of dialogue.
    #[must_use]
    pub fn is_line(&self) -> bool {
        self.kind == EventKind::Line
    }

    /// Whether it is a comment that was typed, and not chosen with one tap.
    #[must_use]
    pub fn is_typed(&self) -> bool {
        matches!(self.kind, EventKind::Comment(style) if !style.is_one_tap)
    }

    /// What comes first: the earlier event, and of one time pictures and lines, which may be read
    /// by comments of that time.
    fn order(&self) -> (i64, bool) {
        (self.millis, self.is_comment())
    }
}

/// The events of a video in the order of time.
///
/// What is read at a moment are the events before [`end_at`](Self::end_at): nothing that comes
/// later can change it.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    events: Vec<StreamEvent>,
    /// Of each event, the one before it by the same author.
    previous: Vec<Option<u32>>,
    /// The latest event of each author.
    latest: HashMap<u32, u32>,
}

impl Stream {
    /// A stream of these events. Those of one time stay in their order, pictures and lines before
    /// comments.
    #[must_use]
    pub fn new(events: impl IntoIterator<Item = StreamEvent>) -> Self {
        let mut events: Vec<StreamEvent> = events.into_iter().collect();
        events.sort_by_key(StreamEvent::order);
        let mut stream = Self::default();
        for event in events {
            stream.push(event);
        }
        stream
    }

    /// Adds the next event.
    ///
    /// # Panics
    ///
    /// Panics if it comes before the last one; of one time comments come after pictures and lines.
    pub fn push(&mut self, event: StreamEvent) {
        if let Some(last) = self.events.last() {
            assert!(
                last.order() <= event.order(),
                "events come in the order of time"
            );
        }
        let number =
            u32::try_from(self.events.len()).expect("fewer events than that are in memory");
        let author = event.author;
        self.previous
            .push(author.and_then(|author| self.latest.insert(author, number)));
        self.events.push(event);
    }

    /// When an event of this kind, at a time in milliseconds, can be the next one: at that time, or
    /// where it is late, as early as the order allows. Times that no video has are brought nearer.
    pub(super) fn next_at(&self, millis: i64, kind: EventKind) -> i64 {
        let millis = millis.clamp(-FARTHEST, FARTHEST);
        let is_comment = matches!(kind, EventKind::Comment(_));
        self.events.last().map_or(millis, |last| {
            millis.max(last.millis + i64::from(last.is_comment() && !is_comment))
        })
    }

    /// All events in order.
    #[must_use]
    pub fn events(&self) -> &[StreamEvent] {
        &self.events
    }

    /// Number of events that may be read at a moment, milliseconds: comments that were written
    /// before it, lines that have begun, and pictures that have been shown.
    #[must_use]
    pub fn end_at(&self, millis: i64) -> usize {
        self.events
            .partition_point(|event| event.order() <= (millis, false))
    }

    /// What the author of an event had written before it: pieces of the latest comments, at most
    /// 60, in their order.
    ///
    /// # Panics
    ///
    /// Panics if there are not so many events.
    #[must_use]
    pub fn own(&self, event: usize) -> Vec<u32> {
        self.pieces_back_from(self.previous[event])
    }

    /// What somebody has written: pieces of the latest comments, at most 60, in their order.
    #[must_use]
    pub fn written_by(&self, author: u32) -> Vec<u32> {
        self.pieces_back_from(self.latest.get(&author).copied())
    }

    /// What somebody has written, the latest first.
    pub fn events_by(&self, author: u32) -> impl Iterator<Item = &StreamEvent> {
        self.back_from(self.latest.get(&author).copied())
    }

    fn back_from(&self, latest: Option<u32>) -> impl Iterator<Item = &StreamEvent> {
        let before = |at: &u32| self.previous[*at as usize];
        std::iter::successors(latest, before).map(|at| &self.events[at as usize])
    }

    fn pieces_back_from(&self, latest: Option<u32>) -> Vec<u32> {
        let pieces = self
            .back_from(latest)
            .flat_map(|event| event.pieces.iter().rev());
        let mut pieces: Vec<u32> = pieces.take(OWN_PIECES).copied().collect();
        pieces.reverse();
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_have_numbers() {
        assert_eq!(CommentStyle::default().number(), 0);
        for (number, style) in CommentStyle::all().enumerate() {
            assert_eq!(style.number(), number);
        }
        let distinct: std::collections::HashSet<_> = CommentStyle::all().collect();
        assert_eq!(distinct.len(), CommentStyle::COUNT);
    }

    fn event(millis: i64, author: Option<u32>, pieces: &[u32]) -> StreamEvent {
        StreamEvent {
            millis,
            kind: author.map_or(EventKind::Line, |_| {
                EventKind::Comment(CommentStyle::default())
            }),
            author,
            pieces: pieces.into(),
            ngrams: Box::default(),
            features: None,
        }
    }

    #[test]
    fn what_is_read_came_before() {
        let stream = Stream::new([
            event(20, Some(1), &[7]),
            event(10, Some(2), &[8, 9]),
            event(20, None, &[5]),
            event(30, Some(2), &[6]),
            event(31, Some(2), &[4]),
        ]);
        let pieces: Vec<&[u32]> = stream.events().iter().map(|event| &*event.pieces).collect();
        assert_eq!(pieces, [&[8, 9][..], &[5], &[7], &[6], &[4]]);
        assert_eq!([9, 10, 20, 21].map(|at| stream.end_at(at)), [0, 0, 2, 3]);
        assert_eq!(stream.own(4), [8, 9, 6]);
        assert!(stream.own(2).is_empty());
    }

    #[test]
    fn only_the_latest_of_ones_own_is_remembered() {
        let long: Vec<u32> = (0..50).collect();
        let stream = Stream::new((0..3).map(|at| event(at, Some(1), &long)));
        let own = stream.own(2);
        assert_eq!((own.len(), own[0], own[59]), (60, 40, 49));
    }
}
