//! Reading a stream event by event, and drafts of what comes next.

use std::sync::Arc;

use burn::tensor::{Int, Tensor};
use burn_fused::{Bags, ItemRelations, Relations, exp};
use jp_tokenize::{BOS, EOS};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{
    copying::{Copied, CopyCache},
    network::{CommenterNetwork, StreamCache},
    recalling::{NUM_CONTEXTS, mix},
    stream::{CommentStyle, EventKind, StreamEvent},
    stream_ngrams::StreamNgrams,
    token_sequence::TokenSequence,
    window::{Inputs, MAX_PIECES, PictureInputs, StreamBatch, StreamTokens, class_of, num_tokens},
};
use crate::{error::Error, generate::Sampling, host::to_host};

/// Tokens that are kept when there are too many: the latest.
const KEPT_TOKENS: usize = 640;
/// Tokens that are read before the earliest are forgotten.
const MOST_TOKENS: usize = 1_280;
/// The first id of a piece that is no special word and no byte.
const FIRST_TEXT_PIECE: usize = 260;

/// A comment that could be written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    /// What it is like.
    pub(super) style: CommentStyle,
    /// Its text.
    pub(super) pieces: Vec<u32>,
    /// The logarithm of its probability, its end included, nats.
    pub(super) log_probability: f64,
    /// Whether it came to its end.
    pub(super) is_whole: bool,
}

/// Who writes, and how drafts are drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct DraftOptions<'a> {
    /// When, milliseconds of the video.
    pub(super) millis: i64,
    /// Who writes.
    pub(super) author: Option<u32>,
    /// Pieces of the writer's latest comments.
    pub(super) own: &'a [u32],
    /// Number of drafts.
    pub(super) drafts: usize,
    /// Most pieces of a draft.
    pub(super) max_pieces: usize,
    /// How pieces are drawn.
    pub(super) sampling: &'a Sampling,
}

/// A stream as it comes: each event is read once, and the earliest are forgotten.
#[derive(Clone, Debug)]
pub(super) struct StreamReader {
    tokens: StreamTokens,
    events: Vec<ReadEvent>,
    /// The features of the latest picture.
    shown: Option<Arc<[f32]>>,
    /// How many of them are in the cache.
    read: usize,
    cache: StreamCache,
    /// The event of each token in the cache.
    event_of: Vec<u32>,
    /// Of the last token, `[1, d_model]`.
    last_state: Option<Tensor<2>>,
    copies: CopyCache,
    /// Of what is recalled, also of what is forgotten otherwise.
    ngrams: StreamNgrams,
}

/// An event as it is read.
#[derive(Clone, Debug)]
struct ReadEvent {
    event: StreamEvent,
    /// Pieces of what its writer had written before.
    own: Vec<u32>,
    /// The features of the picture that was shown; none of lines.
    shown: Option<Arc<[f32]>>,
    /// Whether it was written here.
    is_ours: bool,
}

impl StreamReader {
    /// `ngrams`: of a video of which nothing was read.
    pub(super) fn new(tokens: StreamTokens, ngrams: StreamNgrams) -> Self {
        Self {
            tokens,
            events: Vec::new(),
            shown: None,
            read: 0,
            cache: StreamCache::default(),
            event_of: Vec::new(),
            last_state: None,
            copies: CopyCache::default(),
            ngrams,
        }
    }

    /// Adds the next event; what was written here is neither recalled nor copied.
    pub(super) fn push(&mut self, event: StreamEvent, own: Vec<u32>, is_ours: bool) {
        if !is_ours {
            self.ngrams.read(&event);
        }
        if event.kind == EventKind::Picture {
            self.shown.clone_from(&event.features);
        }
        let shown = self.shown.clone().filter(|_| !event.is_line());
        self.events.push(ReadEvent {
            event,
            own,
            shown,
            is_ours,
        });
    }

    /// Counts of what was read.
    pub(super) fn ngrams(&self) -> &StreamNgrams {
        &self.ngrams
    }

    fn events(&self) -> impl DoubleEndedIterator<Item = &StreamEvent> {
        self.events.iter().map(|read| &read.event)
    }

    /// Reads what was not read yet.
    fn read(&mut self, network: &CommenterNetwork) {
        let all: usize = self.events().map(num_tokens).sum();
        if all > MOST_TOKENS {
            self.forget();
        }
        if self.read == self.events.len() {
            return;
        }
        let mut batch = Tokens::default();
        for (number, read) in self.events.iter().enumerate().skip(self.read) {
            if let Some(features) = &read.shown {
                batch.pictures.push(batch.tokens.len() as i64, features);
            }
            let mut before = [BOS; 2];
            for (place, token) in self.tokens.of(&read.event).enumerate() {
                let own = if place == 0 { read.own.as_slice() } else { &[] };
                batch.push(token, place, before, own);
                before = [before[1], token];
                self.event_of
                    .push(u32::try_from(number).unwrap_or(u32::MAX));
            }
        }
        let events: Vec<&StreamEvent> = self.events().collect();
        let relations = relations(&self.event_of, classes(&events, self.events.len()));
        let batch = batch.upload(relations);
        let states = network.states_after(&batch, &mut self.cache);
        let [rows, _] = states.dims();
        if let Some(head) = &network.copy {
            // Of the first token ever, its own state stands for the one before.
            let first = self.last_state.take();
            let first = first.unwrap_or_else(|| states.clone().narrow(0, 0, 1));
            let before = Tensor::cat(vec![first, states.clone()], 0).narrow(0, 0, rows);
            let events = &self.event_of[self.event_of.len() - rows..];
            let is_ours = |row: usize| self.events[events[row] as usize].is_ours;
            head.read(&mut self.copies, before, &batch.tokens.tokens, is_ours);
        }
        self.last_state = Some(states.narrow(0, rows - 1, 1));
        self.read = self.events.len();
    }

    /// Keeps the latest events and reads them again.
    fn forget(&mut self) {
        let mut tokens = 0;
        let kept = self.events().rev().take_while(|event| {
            tokens += num_tokens(event);
            tokens <= KEPT_TOKENS
        });
        let first = self.events.len() - kept.count();
        self.events.drain(..first);
        *self = Self {
            events: std::mem::take(&mut self.events),
            shown: self.shown.take(),
            ..Self::new(self.tokens, std::mem::take(&mut self.ngrams))
        };
    }

    /// Drafts of the next comment. What is read of the stream is the same for all of them. They are
    /// drawn by the transformer and from what others wrote and said, and as probable as all of the
    /// network says: with pieces that are recalled a draft soon makes no sense any more.
    pub(super) fn drafts(
        &mut self,
        network: &CommenterNetwork,
        options: &DraftOptions<'_>,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<Draft>, Error> {
        self.read(network);
        let style = self.style(network, rng)?;
        let drafted = StreamEvent {
            millis: options.millis,
            kind: EventKind::Comment(style),
            author: options.author,
            pieces: Box::default(),
            ngrams: Box::default(),
            features: None,
        };
        let drafted = std::iter::repeat_n(&drafted, options.drafts);
        let events: Vec<&StreamEvent> = self.events().chain(drafted).collect();
        let classes = classes(&events, self.events.len());
        let empty = Draft {
            style,
            pieces: Vec::new(),
            log_probability: 0.0,
            is_whole: false,
        };
        let mut drafts = vec![empty; options.drafts];
        let (mut cache, mut copies) = (self.cache.clone(), self.copies.clone());
        let seen = match &network.recall {
            Some(head) => to_host(head.seen.val().flatten::<1>(0, 1))?,
            None => Vec::new(),
        };
        // Of each open draft, the state before its next token.
        let mut before = self
            .last_state
            .clone()
            .map(|state| state.repeat(&[options.drafts, 1]));
        let mut event_of = self.event_of.clone();
        let mut open: Vec<usize> = (0..drafts.len()).collect();
        // After the last piece allowed comes one step more, in which a draft ends or is cut.
        let most = options.max_pieces.min(MAX_PIECES);
        for place in 0..=most {
            let mut batch = Tokens::default();
            for &number in &open {
                let draft = &drafts[number];
                let start = self.tokens.start(EventKind::Comment(style));
                if let (0, Some(features)) = (place, &self.shown) {
                    batch.pictures.push(batch.tokens.len() as i64, features);
                }
                match *draft.pieces {
                    [] => batch.push(start, 0, [BOS; 2], options.own),
                    [piece] => batch.push(piece, place, [BOS, start], &[]),
                    [first, piece] => batch.push(piece, place, [start, first], &[]),
                    [.., second, first, piece] => batch.push(piece, place, [second, first], &[]),
                }
                let event = self.events.len() + number;
                event_of.push(u32::try_from(event).unwrap_or(u32::MAX));
            }
            let batch = batch.upload(relations(&event_of, classes.clone()));
            let states = network.states_after(&batch, &mut cache);
            let logits = network.logits(states.clone());
            // By which pieces are drawn, and how probable they are.
            let [drawn, logits] = match &network.copy {
                Some(head) => {
                    let read = before.take().unwrap_or_else(|| states.clone());
                    head.read(&mut copies, read, &batch.tokens.tokens, |_| true);
                    let copied = [Copied::OfOthers, Copied::All];
                    let (states, relations) = (states.clone(), &batch.relations);
                    head.log_probabilities(&copies, copied, states, logits, relations)
                }
                None => [logits.clone(), logits],
            };
            let drawn = to_host(drawn.flatten::<1>(0, 1))?;
            let mut logits = to_host(logits.flatten::<1>(0, 1))?;
            let width = logits.len() / open.len();
            if let Some(head) = &network.recall {
                let shares = to_host(head.shares(states.clone()).flatten::<1>(0, 1))?;
                let rows = logits.chunks_exact_mut(width).zip(&open);
                for ((row, number), shares) in rows.zip(shares.chunks_exact(NUM_CONTEXTS)) {
                    let contexts = self.ngrams.after(&drafts[*number].pieces);
                    recall(row, |row| mix(row, contexts, shares, &seen));
                }
            }
            let mut still_open = Vec::with_capacity(open.len());
            let mut rows = Vec::with_capacity(open.len());
            let scores = drawn.chunks_exact(width).zip(logits.chunks_exact(width));
            for (row, (&number, (drawn, logits))) in (0..).zip(open.iter().zip(scores)) {
                let point = rng.random();
                let piece = self.draw(drawn, place, options.sampling, point);
                if piece != EOS && place == most {
                    continue;
                }
                let draft = &mut drafts[number];
                draft.log_probability += log_probability(logits, piece);
                if piece == EOS {
                    draft.is_whole = true;
                } else {
                    draft.pieces.push(piece);
                    still_open.push(number);
                    rows.push(row);
                }
            }
            open = still_open;
            if open.is_empty() {
                break;
            }
            let rows = Tensor::<1, Int>::from_data(&rows[..], &states.device());
            before = Some(states.select(0, rows));
        }
        Ok(drafts)
    }

    /// A piece of text, or the end, which no comment begins with.
    fn draw(&self, logits: &[f32], place: usize, sampling: &Sampling, point: f64) -> u32 {
        let mut scores = logits.to_vec();
        let pieces = self.tokens.num_pieces();
        for (token, score) in scores.iter_mut().enumerate() {
            let is_text = (FIRST_TEXT_PIECE..pieces).contains(&token);
            let is_end = token == EOS as usize && place > 0;
            if !(is_text || is_end) {
                *score = f32::NEG_INFINITY;
            }
        }
        sampling.draw(&scores, point).unwrap_or(EOS)
    }

    /// A style, the same for all drafts: among several the choice of the best would favour the rare
    /// ones.
    fn style(
        &self,
        network: &CommenterNetwork,
        rng: &mut ChaCha8Rng,
    ) -> Result<CommentStyle, Error> {
        let Some(state) = self.last_state.clone() else {
            return Ok(CommentStyle::default());
        };
        let logits = to_host(network.logits(state).flatten::<1>(0, 1))?;
        let first = self.tokens.num_pieces();
        let styles = &logits[first..first + CommentStyle::COUNT];
        let drawn = Sampling::default().draw(styles, rng.random());
        let drawn = drawn.and_then(|number| CommentStyle::all().nth(number as usize));
        Ok(drawn.unwrap_or_default())
    }
}

/// Turns scores into probabilities for what changes them, and back.
fn recall(scores: &mut [f32], change: impl FnOnce(&mut [f32])) {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score -= highest);
    exp(scores);
    let sum: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
    change(scores);
    scores.iter_mut().for_each(|score| *score = score.ln());
}

fn log_probability(logits: &[f32], token: u32) -> f64 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut shifted: Vec<f32> = logits.iter().map(|logit| logit - highest).collect();
    let own = shifted
        .get(token as usize)
        .copied()
        .unwrap_or(f32::NEG_INFINITY);
    exp(&mut shifted);
    let sum: f64 = shifted.into_iter().map(f64::from).sum();
    f64::from(own) - sum.ln()
}

/// The classes of all pairs of events; those from `first_draft` on do not see each other.
fn classes(events: &[&StreamEvent], first_draft: usize) -> Vec<u8> {
    let mut classes = vec![Relations::HIDDEN; events.len() * events.len()];
    for (query, row) in classes.chunks_exact_mut(events.len().max(1)).enumerate() {
        for (key, class) in row[..=query].iter_mut().enumerate() {
            if key == query {
                *class = 0;
            } else if key < first_draft {
                *class = class_of(events[query], events[key], Inputs::default());
            }
        }
    }
    classes
}

fn relations(event_of: &[u32], classes: Vec<u8>) -> Relations {
    let item = ItemRelations {
        event_of: event_of.to_vec(),
        classes,
    };
    Relations::new(vec![item]).expect("each event sees itself")
}

/// Tokens that are read at once.
#[derive(Default)]
struct Tokens {
    tokens: TokenSequence,
    own_at: Vec<i64>,
    own: Bags,
    pictures: PictureInputs,
}

impl Tokens {
    fn push(&mut self, token: u32, place: usize, before: [u32; 2], own: &[u32]) {
        if !own.is_empty() {
            self.own_at.push(self.tokens.len() as i64);
            self.own.push(own.iter().copied());
        }
        self.tokens.push(token, place, before);
    }

    fn upload(self, relations: Relations) -> StreamBatch {
        StreamBatch {
            batch: 1,
            length: relations.length(),
            tokens: self.tokens,
            own_at: self.own_at,
            own: self.own,
            pictures: self.pictures,
            key_at: Vec::new(),
            relations,
            positions: Vec::new(),
            targets: Vec::new(),
            recalled: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::{module::Param, nn::LinearConfig, tensor::Device};
    use rand::SeedableRng;

    use super::*;
    use crate::commenter::{
        BackgroundNgrams, CommenterNetworkConfig, CopyHead, StreamWindow, WindowEvent,
    };

    /// Pieces 260 to 299 are text.
    const PIECES: u32 = 300;

    /// Of a viewer, or a line; every fifth one is a picture.
    fn event(second: i64, author: Option<u32>) -> StreamEvent {
        if second % 5 == 4 {
            let features = [0.5 + second as f32, -1.0, 2.0];
            return StreamEvent::picture(second * 1_000, features);
        }
        let pieces = (0..second % 5 + 1).map(|at| 260 + u32::try_from(second + at).unwrap() % 40);
        StreamEvent {
            millis: second * 1_000,
            kind: match author {
                Some(_) => EventKind::Comment(CommentStyle::default()),
                None => EventKind::Line,
            },
            author,
            pieces: pieces.collect(),
            ngrams: Box::default(),
            features: None,
        }
    }

    fn smallest() -> (StreamTokens, CommenterNetwork) {
        let tokens = StreamTokens::new(PIECES);
        let config = CommenterNetworkConfig::new(tokens.num_tokens())
            .with_d_model(8)
            .with_num_layers(1)
            .with_num_heads(1);
        (tokens, config.init(&Device::flex()))
    }

    /// Drafts that were made piece by piece with a cache, of events that came one by one, have the
    /// probability that the whole of it has in one pass, for as long as nothing is forgotten.
    #[test]
    fn drafts_are_as_probable_as_in_one_pass() {
        let device = Device::flex();
        device.seed(11);
        let tokens = StreamTokens::new(PIECES);
        let mut network = CommenterNetworkConfig::new(tokens.num_tokens())
            .with_d_model(16)
            .with_num_layers(2)
            .with_num_heads(2)
            .with_d_picture(3)
            .init(&device);
        // A head that copies a good deal.
        let layer = || LinearConfig::new(16, 8).init(&device);
        network.copy = Some(CopyHead {
            query: layer(),
            key: layer(),
        });
        let learnt_from: Vec<StreamEvent> = (0..12).map(|second| event(second, Some(0))).collect();
        let background = BackgroundNgrams::count(learnt_from.iter().chain(&learnt_from));
        let mut ngrams = StreamNgrams::new(Arc::new(background));
        let mut reader = StreamReader::new(tokens, ngrams.clone());
        let mut read = Vec::new();
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        for second in 0..12i64 {
            let author = (second % 3 > 0).then_some(u32::try_from(second % 2).unwrap());
            let own = if second > 6 {
                vec![265, 270]
            } else {
                Vec::new()
            };
            read.push((event(second, author), own.clone()));
            ngrams.read(&event(second, author));
            reader.push(event(second, author), own, false);
            if second % 4 < 3 {
                continue;
            }
            let options = DraftOptions {
                millis: second * 1_000 + 400,
                author: Some(1),
                own: &[280, 281],
                drafts: 3,
                max_pieces: 6,
                sampling: &Sampling::default(),
            };
            let drafts = reader.drafts(&network, &options, &mut rng).unwrap();
            assert_eq!(drafts.len(), 3);
            for draft in drafts.iter().filter(|draft| draft.is_whole) {
                let drafted = StreamEvent {
                    millis: options.millis,
                    kind: EventKind::Comment(draft.style),
                    author: options.author,
                    pieces: draft.pieces.as_slice().into(),
                    ngrams: Box::default(),
                    features: None,
                };
                let recalled = ngrams.recall(&drafted);
                let before = read.iter().map(|(event, own)| WindowEvent {
                    event,
                    own,
                    recalled: &[],
                    is_target: false,
                    is_candidate: false,
                });
                let drafted = WindowEvent {
                    event: &drafted,
                    own: options.own,
                    recalled: &recalled,
                    is_target: true,
                    is_candidate: false,
                };
                let all: Vec<WindowEvent<'_>> = before.chain([drafted]).collect();
                let window = StreamWindow::new(tokens, &all, Inputs::default());
                let batch = StreamBatch::new(std::slice::from_ref(&window));
                let losses = to_host(network.mixed_losses(&batch)).unwrap();
                let texts = window.targets.iter().zip(losses);
                let whole: f64 = texts
                    .filter(|(target, _)| !target.is_style)
                    .map(|(_, loss)| -f64::from(loss))
                    .sum();
                let found = draft.log_probability;
                assert!((found - whole).abs() < 1e-3, "{found} {whole}: {draft:?}");
            }
        }
    }

    /// What was written here is neither recalled, nor copied into drafts.
    #[test]
    fn what_was_written_here_is_no_evidence() {
        let (tokens, network) = smallest();
        let [theirs, ours] = [1, 2].map(|second| event(second, Some(1)));
        let mut reader = StreamReader::new(tokens, StreamNgrams::default());
        reader.push(theirs.clone(), Vec::new(), false);
        reader.push(ours.clone(), Vec::new(), true);
        reader.read(&network);
        let (copied, not) = reader.copies.of_others.split_at(num_tokens(&theirs));
        let written: Vec<i64> = tokens.of(&theirs).map(i64::from).collect();
        assert_eq!(copied, written);
        assert_eq!(not, vec![i64::from(BOS); num_tokens(&ours)]);
        let mut ngrams = StreamNgrams::default();
        ngrams.read(&theirs);
        assert_eq!(reader.ngrams().recall(&ours), ngrams.recall(&ours));
    }

    /// All drafts have the style that is likely after what was read, one tap or typed.
    #[test]
    fn drafts_have_the_likely_style() {
        let (tokens, mut network) = smallest();
        let style = CommentStyle {
            is_one_tap: true,
            ..CommentStyle::default()
        };
        let likely = tokens.start(EventKind::Comment(style)) as usize;
        let scores: Vec<f32> = (0..tokens.num_tokens())
            .map(|token| if token == likely { 50.0 } else { 0.0 })
            .collect();
        network.bias = Param::from_tensor(Tensor::from_floats(&scores[..], &Device::flex()));
        let mut reader = StreamReader::new(tokens, StreamNgrams::default());
        reader.push(event(1, Some(1)), Vec::new(), false);
        let options = DraftOptions {
            millis: 2_000,
            author: Some(2),
            own: &[],
            drafts: 4,
            max_pieces: 3,
            sampling: &Sampling::default(),
        };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let drafts = reader.drafts(&network, &options, &mut rng).unwrap();
        assert_eq!(drafts.len(), 4);
        assert!(drafts.iter().all(|draft| draft.style == style));
    }

    /// Tokens of a long stream stay as many as a window has room for.
    #[test]
    fn a_long_stream_is_forgotten() {
        let (tokens, network) = smallest();
        let mut reader = StreamReader::new(tokens, StreamNgrams::default());
        for second in 0..900 {
            reader.push(event(second, Some(1)), Vec::new(), false);
            if second % 100 == 0 {
                reader.read(&network);
                assert!(reader.event_of.len() <= MOST_TOKENS);
            }
        }
        reader.read(&network);
        assert!((KEPT_TOKENS / 2..=MOST_TOKENS).contains(&reader.event_of.len()));
        assert!(reader.events.len() < 400);
    }
}
