//! Events as tokens: what the network reads, and what it foretells.

use std::sync::Arc;

use burn_fused::{Bags, ItemRelations, Relations};
use jp_tokenize::{BOS, EOS};

use super::{
    stream::{CommentStyle, EventKind, StreamEvent},
    stream_ngrams::Recalled,
    token_sequence::TokenSequence,
};

/// Pieces of an event that are read and foretold; what is longer is cut.
pub const MAX_PIECES: usize = 62;
/// Places within an event: its beginning, its pieces and its end.
pub(super) const NUM_PLACES: usize = MAX_PIECES + 2;
/// Buckets of the time between two events.
pub(super) const NUM_LAGS: u8 = 8;
/// Classes of a pair of events: the same one; a comment of another, of the same viewer, a line, a
/// picture.
pub(super) const NUM_CLASSES: usize = 1 + 4 * NUM_LAGS as usize;

/// The tokens of a commenter: pieces of text, and the beginnings of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamTokens {
    num_pieces: u32,
}

impl StreamTokens {
    /// Tokens of a vocabulary of so many pieces.
    #[must_use]
    pub fn new(num_pieces: u32) -> Self {
        Self { num_pieces }
    }

    /// Number of pieces.
    pub(super) fn num_pieces(self) -> usize {
        self.num_pieces as usize
    }

    /// Number of tokens: the pieces, the 36 styles, the beginning of a line, and a picture.
    #[must_use]
    pub fn num_tokens(self) -> usize {
        self.num_pieces as usize + CommentStyle::COUNT + 2
    }

    /// The token with which an event begins.
    #[must_use]
    pub fn start(self, kind: EventKind) -> u32 {
        let number = match kind {
            EventKind::Comment(style) => style.number(),
            EventKind::Line => CommentStyle::COUNT,
            EventKind::Picture => CommentStyle::COUNT + 1,
        };
        self.num_pieces + u32::try_from(number).unwrap_or(0)
    }

    /// The tokens of an event: its beginning, its pieces, its end; of a picture one.
    pub(super) fn of(self, event: &StreamEvent) -> impl Iterator<Item = u32> {
        let is_text = event.kind != EventKind::Picture;
        let pieces = event.pieces.iter().copied();
        std::iter::once(self.start(event.kind))
            .chain(pieces.take(if is_text { MAX_PIECES } else { 0 }))
            .chain(is_text.then_some(EOS))
    }
}

/// Number of tokens of an event.
#[must_use]
pub fn num_tokens(event: &StreamEvent) -> usize {
    match event.kind {
        EventKind::Picture => 1,
        _ => event.pieces.len().min(MAX_PIECES) + 2,
    }
}

/// Which inputs may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Comments of others.
    pub comments: bool,
    /// Dialogue.
    pub lines: bool,
    /// What the writer wrote before.
    pub own: bool,
    /// Pictures.
    pub pictures: bool,
}

impl Inputs {
    /// None of them.
    pub const NOTHING: Self = Self {
        comments: false,
        lines: false,
        own: false,
        pictures: false,
    };
}

impl Inputs {
    /// Whether what others wrote, what was said, or what was shown is read: an event of this kind.
    #[must_use]
    pub fn includes(self, kind: EventKind) -> bool {
        match kind {
            EventKind::Picture => self.pictures,
            EventKind::Line => self.lines,
            EventKind::Comment(_) => self.comments,
        }
    }
}

impl Default for Inputs {
    fn default() -> Self {
        Self {
            comments: true,
            lines: true,
            own: true,
            pictures: true,
        }
    }
}

/// What is to be foretold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The position whose state foretells it.
    pub position: usize,
    /// The token.
    pub token: u32,
    /// The event that it is of, by its number in the window.
    pub event: usize,
    /// Whether it is the beginning of a comment, which says its style, and not of its text.
    pub is_style: bool,
}

/// An event with what its writer had written before the window and in it.
#[derive(Clone, Copy, Debug)]
pub struct WindowEvent<'a> {
    /// The event.
    pub event: &'a StreamEvent,
    /// Pieces of the writer's latest comments.
    pub own: &'a [u32],
    /// Of each of its tokens, what was counted in the video before it
    /// ([`StreamNgrams::recall`](super::StreamNgrams::recall)); empty where nothing is recalled.
    pub recalled: &'a [Recalled],
    /// Whether its text is to be foretold.
    pub is_target: bool,
    /// Candidates are read by nobody but themselves.
    pub is_candidate: bool,
}

/// A window of a stream: tokens and what each may see.
#[derive(Clone, Debug, Default)]
pub struct StreamWindow {
    pub(super) tokens: TokenSequence,
    pub(super) event_of: Vec<u32>,
    pub(super) classes: Vec<u8>,
    /// Positions of beginnings that know what was written before, and those pieces.
    pub(super) own: Vec<(usize, Vec<u32>)>,
    /// Positions of pictures and of the beginnings of comments, and the features of the picture that is
    /// shown there.
    pub(super) pictures: Vec<(usize, Arc<[f32]>)>,
    /// Of each token, the position before it: of a candidate's first one the last one of the past.
    pub(super) before: Vec<usize>,
    /// What is to be foretold, in order.
    pub targets: Vec<Target>,
    /// What was counted before each target.
    pub(super) recalled: Vec<Recalled>,
}

impl StreamWindow {
    /// The tokens of events in the order of time.
    #[must_use]
    pub fn new(tokens: StreamTokens, events: &[WindowEvent<'_>], inputs: Inputs) -> Self {
        let mut window = Self::default();
        let mut last_of_past = 0;
        let mut shown = None;
        for (number, read) in events.iter().enumerate() {
            let event = read.event;
            let id = u32::try_from(number).unwrap_or(u32::MAX);
            let first = window.tokens.len();
            let mut before = [BOS; 2];
            let whole = event.pieces.len() <= MAX_PIECES;
            for (place, token) in tokens.of(event).enumerate() {
                if read.is_target && (place > 0 || first > 0) && (token != EOS || whole) {
                    window.targets.push(Target {
                        position: (first + place).saturating_sub(1),
                        token,
                        event: number,
                        is_style: place == 0,
                    });
                    let recalled = read.recalled.get(place).copied();
                    window.recalled.push(recalled.unwrap_or_default());
                }
                window.before.push(match place {
                    0 => last_of_past,
                    _ => first + place - 1,
                });
                window.tokens.push(token, place, before);
                window.event_of.push(id);
                before = [before[1], token];
            }
            if !read.is_candidate {
                last_of_past = window.len() - 1;
            }
            if inputs.own && !read.own.is_empty() {
                window.own.push((first, read.own.to_vec()));
            }
            if event.kind == EventKind::Picture {
                shown = event.features.as_ref();
            }
            if let (true, false, Some(features)) = (inputs.pictures, event.is_line(), shown) {
                window.pictures.push((first, features.clone()));
            }
        }
        window.classes = vec![Relations::HIDDEN; events.len() * events.len()];
        for (query, row) in window
            .classes
            .chunks_exact_mut(events.len().max(1))
            .enumerate()
        {
            for (key, class) in row[..=query].iter_mut().enumerate() {
                *class = match query == key {
                    true => 0,
                    false if events[key].is_candidate => Relations::HIDDEN,
                    false => class_of(events[query].event, events[key].event, inputs),
                };
            }
        }
        window
    }

    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }
}

pub(super) fn class_of(query: &StreamEvent, key: &StreamEvent, inputs: Inputs) -> u8 {
    let lag = lag(query.millis.saturating_sub(key.millis));
    let own = query.author.is_some() && query.author == key.author;
    match key.kind {
        EventKind::Comment(_) if own && inputs.own => 1 + NUM_LAGS + lag,
        EventKind::Comment(_) if !own && inputs.comments => 1 + lag,
        EventKind::Line if inputs.lines => 1 + 2 * NUM_LAGS + lag,
        EventKind::Picture if inputs.pictures => 1 + 3 * NUM_LAGS + lag,
        _ => Relations::HIDDEN,
    }
}

/// Up to half a second, one, two, four, … 32 s, and more.
fn lag(millis: i64) -> u8 {
    let half_seconds = u64::try_from(millis).unwrap_or(0) / 500;
    let bucket = (half_seconds + 1).ilog2();
    u8::try_from(bucket).unwrap_or(u8::MAX).min(NUM_LAGS - 1)
}

/// Pictures that are read, each at its position and at the beginnings of comments that were written while
/// it was shown.
#[derive(Clone, Debug, Default)]
pub(super) struct PictureInputs {
    pub(super) at: Vec<i64>,
    /// `[pictures, d_picture]`: their features, each picture's divided by their root mean square.
    pub(super) features: Vec<f32>,
}

impl PictureInputs {
    pub(super) fn push(&mut self, position: i64, features: &[f32]) {
        self.at.push(position);
        let squares: f32 = features.iter().map(|value| value * value).sum();
        let scale = (squares / features.len().max(1) as f32 + 1e-6)
            .sqrt()
            .recip();
        self.features
            .extend(features.iter().map(|value| value * scale));
    }
}

/// Windows of a batch, filled up to the length of the longest.
#[derive(Clone, Debug)]
pub struct StreamBatch {
    pub(super) batch: usize,
    pub(super) length: usize,
    pub(super) tokens: TokenSequence,
    pub(super) own_at: Vec<i64>,
    pub(super) own: Bags,
    pub(super) pictures: PictureInputs,
    /// Of each token, the position of the state before it.
    pub(super) key_at: Vec<i64>,
    pub(super) relations: Relations,
    /// Positions, in `[batch * length]`, whose states foretell something.
    pub(super) positions: Vec<i64>,
    pub(super) targets: Vec<i64>,
    /// What was counted before each of them.
    pub(super) recalled: Vec<Recalled>,
}

impl StreamBatch {
    /// Puts windows together.
    #[must_use]
    pub fn new(windows: &[StreamWindow]) -> Self {
        let length = windows.iter().map(StreamWindow::len).max().unwrap_or(0);
        let mut batch = Self {
            batch: windows.len(),
            length,
            tokens: TokenSequence::default(),
            own_at: Vec::new(),
            own: Bags::default(),
            pictures: PictureInputs::default(),
            key_at: Vec::new(),
            relations: Relations::causal(0, 0),
            positions: Vec::new(),
            targets: Vec::new(),
            recalled: Vec::new(),
        };
        let mut items = Vec::new();
        for (number, window) in windows.iter().enumerate() {
            let first = number * length;
            let filler = length - window.len();
            let index = |position: usize| i64::try_from(first + position).unwrap_or(i64::MAX);
            batch
                .key_at
                .extend(window.before.iter().map(|at| index(*at)));
            batch.key_at.extend((window.len()..length).map(index));
            batch.tokens.extend(&window.tokens);
            batch.tokens.fill(filler);
            for (position, pieces) in &window.own {
                batch.own_at.push(index(*position));
                batch.own.push(pieces.iter().copied());
            }
            for (position, features) in &window.pictures {
                batch.pictures.push(index(*position), features);
            }
            for target in &window.targets {
                batch.positions.push(index(target.position));
                batch.targets.push(i64::from(target.token));
            }
            batch.recalled.extend(&window.recalled);
            items.push(filled(window, filler));
        }
        batch.relations = Relations::new(items).expect("windows are made so");
        batch
    }

    /// Tokens, fillers included.
    #[must_use]
    pub fn num_tokens(&self) -> usize {
        self.batch * self.length
    }

    /// What is to be foretold.
    #[must_use]
    pub fn num_targets(&self) -> usize {
        self.targets.len()
    }
}

/// The relations of a window with an event of fillers at its end that sees itself alone.
fn filled(window: &StreamWindow, filler: usize) -> ItemRelations {
    let mut event_of = window.event_of.clone();
    let events = window.classes.len().isqrt();
    if filler == 0 {
        return ItemRelations {
            event_of,
            classes: window.classes.clone(),
        };
    }
    event_of.extend(std::iter::repeat_n(
        u32::try_from(events).unwrap_or(u32::MAX),
        filler,
    ));
    let mut classes = Vec::with_capacity((events + 1) * (events + 1));
    for row in window.classes.chunks_exact(events.max(1)) {
        classes.extend_from_slice(row);
        classes.push(Relations::HIDDEN);
    }
    classes.extend(std::iter::repeat_n(Relations::HIDDEN, events));
    classes.push(0);
    ItemRelations { event_of, classes }
}
