//! Counts of the n-grams that were read in a video.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use foldhash::fast::FixedState;
use jp_tokenize::{BOS, EOS};

use super::{
    background_ngrams::BackgroundNgrams,
    recalling::{NUM_CONTEXTS, NUM_ORDERS},
    stream::{EventKind, StreamEvent},
    token_sequence::mixed,
    window::MAX_PIECES,
};

/// Tokens that are remembered: the latest.
const MOST_TOKENS: usize = 1 << 16;
/// What a line begins with, where comments have [`BOS`].
const LINE: u32 = u32::MAX;

/// What was counted before a token: for contexts of no token to three, how often it followed in what
/// was learnt from, and then in the video.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recalled {
    pub(super) contexts: [RecalledContext; NUM_CONTEXTS],
}

/// A context of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RecalledContext {
    /// How often the token followed it.
    pub(super) token: u32,
    /// How often anything did.
    pub(super) any: u32,
    /// How many different tokens did.
    pub(super) kinds: u32,
}

/// Counts of the n-grams of what was said and written in a video so far: an unbounded cache as by
/// Grave, Cisse and Joulin, "Unbounded cache model for online language modeling with open
/// vocabulary" (2017), of contexts in place of states.
///
/// Texts are counted piece by piece after the up to three pieces before each, within an event. Of
/// very long videos the latest 65,536 tokens are remembered. Beside them stand the counts of what
/// was learnt from.
#[derive(Clone, Debug, Default)]
pub struct StreamNgrams {
    background: Arc<BackgroundNgrams>,
    contexts: HashMap<u64, Context, FixedState>,
    /// What was read, each with its beginning and its end.
    read: VecDeque<Box<[u32]>>,
    tokens: usize,
}

/// What followed a context in the video.
#[derive(Clone, Debug, Default)]
struct Context {
    /// How often anything did.
    count: u32,
    /// Tokens in order, and how often each did.
    next: Vec<(u32, u32)>,
}

/// What follows a context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Followers<'a> {
    /// How often anything does.
    pub(super) count: u32,
    /// Tokens in order, and how often each does.
    pub(super) next: &'a [(u32, u32)],
}

impl StreamNgrams {
    /// Of a video of which nothing was read, beside what was counted in others.
    #[must_use]
    pub fn new(background: Arc<BackgroundNgrams>) -> Self {
        Self {
            background,
            ..Self::default()
        }
    }

    /// Counts what an event says. Pictures say nothing.
    pub fn read(&mut self, event: &StreamEvent) {
        if event.kind == EventKind::Picture {
            return;
        }
        let tokens = event_tokens(event);
        self.tokens += tokens.len();
        self.count(&tokens, Context::add);
        self.read.push_back(tokens);
        while self.tokens > MOST_TOKENS {
            let Some(oldest) = self.read.pop_front() else {
                break;
            };
            self.tokens -= oldest.len();
            self.count(&oldest, Context::take);
        }
    }

    fn count(&mut self, tokens: &[u32], change: fn(&mut Context, u32)) {
        for at in 1..tokens.len() {
            for context in context_hashes(&tokens[..at]) {
                let entry = self.contexts.entry(context);
                let context_counts = entry.or_default();
                change(context_counts, tokens[at]);
                if context_counts.count == 0 {
                    self.contexts.remove(&context);
                }
            }
        }
    }

    /// Of each token of an event, its beginning first, what was counted before the event: of the
    /// beginning nothing.
    #[must_use]
    pub fn recall(&self, event: &StreamEvent) -> Vec<Recalled> {
        if event.kind == EventKind::Picture {
            return vec![Recalled::default()];
        }
        let tokens = event_tokens(event);
        let of_token = |at: usize| {
            if at == 0 {
                return Recalled::default();
            }
            let of = |followers: Option<Followers<'_>>| followers.map(|all| all.of(tokens[at]));
            Recalled {
                contexts: (self.followers(&tokens[..at])).map(|one| of(one).unwrap_or_default()),
            }
        };
        (0..tokens.len()).map(of_token).collect()
    }

    /// What follows the contexts of a comment's next token after these pieces.
    pub(super) fn after(&self, pieces: &[u32]) -> [Option<Followers<'_>>; NUM_CONTEXTS] {
        let latest = &pieces[pieces.len().saturating_sub(NUM_ORDERS)..];
        let mut tokens = Vec::with_capacity(NUM_ORDERS + 1);
        if latest.len() == pieces.len() {
            tokens.push(BOS);
        }
        tokens.extend(latest);
        self.followers(&tokens)
    }

    /// What follows the contexts of what comes after tokens: in what was learnt from, the shortest
    /// context first, and then in the video.
    fn followers(&self, before: &[u32]) -> [Option<Followers<'_>>; NUM_CONTEXTS] {
        let mut followers = [None; NUM_CONTEXTS];
        for (order, context) in context_hashes(before).enumerate() {
            followers[order] = self.background.after(context);
            followers[NUM_ORDERS + order] = self.contexts.get(&context).map(Context::followers);
        }
        followers
    }
}

impl Context {
    fn add(&mut self, token: u32) {
        self.count += 1;
        match self.next.binary_search_by_key(&token, |next| next.0) {
            Ok(at) => self.next[at].1 += 1,
            Err(at) => self.next.insert(at, (token, 1)),
        }
    }

    fn take(&mut self, token: u32) {
        self.count -= 1;
        if let Ok(at) = self.next.binary_search_by_key(&token, |next| next.0) {
            self.next[at].1 -= 1;
            if self.next[at].1 == 0 {
                self.next.remove(at);
            }
        }
    }

    fn followers(&self) -> Followers<'_> {
        Followers {
            count: self.count,
            next: &self.next,
        }
    }
}

impl Followers<'_> {
    fn of(&self, token: u32) -> RecalledContext {
        let at = self.next.binary_search_by_key(&token, |next| next.0);
        RecalledContext {
            token: at.map_or(0, |at| self.next[at].1),
            any: self.count,
            kinds: u32::try_from(self.next.len()).unwrap_or(u32::MAX),
        }
    }
}

/// The tokens of a text: its beginning, its pieces, and its end if it is whole.
pub(super) fn event_tokens(event: &StreamEvent) -> Box<[u32]> {
    let first = if event.is_line() { LINE } else { BOS };
    let end = (event.pieces.len() <= MAX_PIECES).then_some(EOS);
    let pieces = event.pieces.iter().copied().take(MAX_PIECES);
    std::iter::once(first).chain(pieces).chain(end).collect()
}

/// Hashes of the last none to three tokens, as far as there are so many.
pub(super) fn context_hashes(before: &[u32]) -> impl Iterator<Item = u64> {
    let mut hash = 0;
    let longer = before.iter().rev().take(NUM_ORDERS - 1).map(move |token| {
        hash = mixed(hash, *token);
        hash
    });
    std::iter::once(0).chain(longer)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::commenter::CommentStyle;

    /// A comment in the plainest style.
    pub(in crate::commenter) fn comment(pieces: &[u32]) -> StreamEvent {
        StreamEvent {
            millis: 0,
            kind: EventKind::Comment(CommentStyle::default()),
            author: None,
            pieces: pieces.into(),
            ngrams: Box::default(),
            features: None,
        }
    }

    #[test]
    fn what_followed_is_counted() {
        let mut ngrams = StreamNgrams::default();
        for pieces in [&[300, 301][..], &[300, 302], &[301]] {
            ngrams.read(&comment(pieces));
        }
        let recalled = ngrams.recall(&comment(&[300, 301]));
        let counts = |at: usize| {
            let video = recalled[at].contexts[NUM_ORDERS..].iter();
            Vec::from_iter(video.map(|one| [one.token, one.any, one.kinds]))
        };
        assert_eq!(recalled.len(), 4);
        assert_eq!(recalled[0], Recalled::default());
        // Of eight tokens two are 300; two of three comments begin so.
        assert_eq!(counts(1), [[2, 8, 4], [2, 3, 2], [0; 3], [0; 3]]);
        assert_eq!(counts(2), [[2, 8, 4], [1, 2, 2], [1, 2, 2], [0; 3]]);
        assert_eq!(counts(3), [[3, 8, 4], [2, 2, 1], [1, 1, 1], [1, 1, 1]]);
        let after = ngrams.after(&[300]);
        assert_eq!(after[NUM_ORDERS + 1].unwrap().next, [(301, 1), (302, 1)]);
        assert_eq!(after[NUM_ORDERS + 2].unwrap().count, 2);
        assert!(after[NUM_ORDERS + 3].is_none());
    }

    /// Lines tell what is talked about, and not how comments begin.
    #[test]
    fn lines_begin_otherwise() {
        let mut ngrams = StreamNgrams::default();
        ngrams.read(&StreamEvent {
            kind: EventKind::Line,
            ..comment(&[300, 301])
        });
        let recalled = ngrams.recall(&comment(&[300, 301]));
        assert_eq!(
            recalled[1].contexts[NUM_ORDERS + 1],
            RecalledContext::default()
        );
        assert_eq!(recalled[2].contexts[NUM_ORDERS + 1].token, 1);
    }

    /// What was learnt from stands beside what was read, and is not forgotten.
    #[test]
    fn others_are_counted_apart() {
        let learnt_from = [
            comment(&[300, 301]),
            comment(&[300, 301]),
            comment(&[300, 302]),
        ];
        let background = BackgroundNgrams::count(learnt_from.iter());
        let mut ngrams = StreamNgrams::new(Arc::new(background));
        ngrams.read(&comment(&[300, 302]));
        let recalled = ngrams.recall(&comment(&[300, 302]))[2].contexts;
        let counts = |order: usize| [recalled[order].token, recalled[order].any];
        assert_eq!(counts(1), [0, 2]); // what stands there once is not kept
        assert_eq!(counts(NUM_ORDERS + 1), [1, 1]);
        assert_eq!(ngrams.after(&[300])[2].unwrap().next, [(301, 2)]);
    }

    /// What is forgotten is as if it had not been read.
    #[test]
    fn the_latest_is_remembered() {
        let mut ngrams = StreamNgrams::default();
        let text = |number: u32| comment(&vec![300 + number % 7; 1 + number as usize % 50]);
        for number in 0..5_000 {
            ngrams.read(&text(number));
        }
        assert!(ngrams.tokens <= MOST_TOKENS);
        let kept = ngrams.read.len();
        let mut alone = StreamNgrams::default();
        for number in 5_000 - u32::try_from(kept).unwrap()..5_000 {
            alone.read(&text(number));
        }
        assert_eq!(alone.contexts.len(), ngrams.contexts.len());
        for number in 0..50 {
            assert_eq!(ngrams.recall(&text(number)), alone.recall(&text(number)));
        }
    }
}
