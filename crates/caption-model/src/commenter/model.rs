use std::{path::Path, sync::Arc};

use burn::tensor::Device;
use jp_tokenize::Pieces;

use super::{
    background_ngrams::BackgroundNgrams,
    folder::{CommenterConfig, CommenterFolder},
    match_batch::{MatchBatch, MatchMoment},
    matcher::CommentMatcher,
    network::CommenterNetwork,
    ngrams::NgramHasher,
    stream::{CommentStyle, EventKind, Stream, StreamEvent},
    stream_ngrams::{Recalled, StreamNgrams},
    window::{Inputs, StreamBatch, StreamTokens, StreamWindow, WindowEvent, num_tokens},
};
use crate::{error::Error, host::to_host};

/// Tokens of the past that are read for candidates.
const CONTEXT_TOKENS: usize = 768;
/// Tokens of candidates that are read at a time.
const CANDIDATE_TOKENS: usize = 1_536;

/// A trained commenter: what fits a moment of a video, from what was said and what others wrote.
#[derive(Debug)]
pub struct Commenter {
    config: CommenterConfig,
    pieces: Pieces,
    hasher: NgramHasher,
    tokens: StreamTokens,
    matcher: Option<CommentMatcher>,
    /// What each row of n-grams counts for the matcher.
    weights: Vec<f32>,
    network: Option<CommenterNetwork>,
    background: Arc<BackgroundNgrams>,
}

impl Commenter {
    /// Loads a commenter's folder onto a device. A network that was not trained yet is not there.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one is missing, damaged or does not fit the others.
    #[doc(alias = "load")]
    #[doc(alias = "open")]
    pub fn from_dir(dir: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        let folder = CommenterFolder::new(dir.as_ref());
        let config = folder.config()?;
        let pieces = folder.pieces(&config)?;
        let matcher = folder.matcher(&config, device)?;
        let weights = match &matcher {
            Some(matcher) => to_host(matcher.rarity.val())?,
            None => Vec::new(),
        };
        let rows = u32::try_from(config.matcher.num_rows).unwrap_or(u32::MAX);
        Ok(Self {
            hasher: NgramHasher::new(rows),
            tokens: StreamTokens::new(u32::try_from(pieces.len()).unwrap_or(u32::MAX)),
            network: folder.network(&config, device)?,
            background: Arc::new(folder.background(&config)?),
            weights,
            matcher,
            pieces,
            config,
        })
    }

    /// Its configuration.
    pub fn config(&self) -> &CommenterConfig {
        &self.config
    }

    /// Its pieces of text.
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    /// What hashes its n-grams.
    pub fn hasher(&self) -> NgramHasher {
        self.hasher
    }

    /// The network that says which comment fits a moment, if it was trained.
    pub fn matcher(&self) -> Option<&CommentMatcher> {
        self.matcher.as_ref()
    }

    /// The network that says how probable each word is, if it was trained.
    pub fn network(&self) -> Option<&CommenterNetwork> {
        self.network.as_ref()
    }

    /// The tokens of its network.
    pub fn tokens(&self) -> StreamTokens {
        self.tokens
    }

    /// Counts of the n-grams of a video of which nothing was read yet.
    pub fn ngrams(&self) -> StreamNgrams {
        StreamNgrams::new(Arc::clone(&self.background))
    }

    /// An event of a stream in the commenter's pieces and n-grams.
    pub fn event(
        &self,
        millis: i64,
        kind: EventKind,
        author: Option<u32>,
        text: &str,
    ) -> StreamEvent {
        StreamEvent::new(millis, kind, author, text, &self.pieces, self.hasher)
    }

    /// How well each candidate fits a moment; greater is better, and only the differences between
    /// candidates of one call mean something. None if the matcher was not trained.
    ///
    /// # Errors
    ///
    /// Fails if the device does.
    pub fn match_scores(
        &self,
        stream: &Stream,
        moment: &MatchMoment<'_>,
        candidates: &[&str],
    ) -> Result<Option<Vec<f64>>, Error> {
        let Some(matcher) = &self.matcher else {
            return Ok(None);
        };
        if candidates.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let ngrams: Vec<Vec<u32>> = candidates
            .iter()
            .map(|text| self.hasher.rows(text))
            .collect();
        let ngrams: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
        let batch = MatchBatch::new(stream, std::slice::from_ref(moment), &ngrams, &self.weights);
        let scores = to_host(matcher.forward(&batch).flatten::<1>(0, 1))?;
        Ok(Some(scores.into_iter().map(f64::from).collect()))
    }

    /// The logarithm of the probability of each candidate at a moment, typed in the plainest style
    /// by a viewer who had written nothing, its end included; nats. None if the network was not
    /// trained.
    ///
    /// All candidates read the same past, which is computed once.
    ///
    /// # Errors
    ///
    /// Fails if the device does.
    pub fn log_likelihoods(
        &self,
        stream: &Stream,
        moment: &MatchMoment<'_>,
        candidates: &[&str],
    ) -> Result<Option<Vec<f64>>, Error> {
        let ngrams = self.ngrams_at(stream, moment);
        self.log_likelihoods_at(stream, &ngrams, moment, candidates)
    }

    /// How much likelier the moment makes each candidate, nats: its
    /// [`log_likelihoods`](Self::log_likelihoods), less the same at no moment of the video in
    /// particular, where what was said and written so far is recalled, and nothing is read.
    ///
    /// # Errors
    ///
    /// Fails if the device does.
    pub fn likelihood_gains(
        &self,
        stream: &Stream,
        moment: &MatchMoment<'_>,
        candidates: &[&str],
    ) -> Result<Option<Vec<f64>>, Error> {
        let ngrams = self.ngrams_at(stream, moment);
        let here = self.log_likelihoods_at(stream, &ngrams, moment, candidates)?;
        let usual = self.usual_log_likelihoods(&ngrams, moment.millis, candidates)?;
        let gains = here.zip(usual).map(|(here, usual)| {
            let both = here.into_iter().zip(usual);
            both.map(|(here, usual)| here - usual).collect()
        });
        Ok(gains)
    }

    fn log_likelihoods_at(
        &self,
        stream: &Stream,
        ngrams: &StreamNgrams,
        moment: &MatchMoment<'_>,
        candidates: &[&str],
    ) -> Result<Option<Vec<f64>>, Error> {
        let mut tokens = 0;
        let latest = Self::past(stream, moment).rev().take_while(|event| {
            tokens += num_tokens(event);
            tokens <= CONTEXT_TOKENS
        });
        let mut past: Vec<&StreamEvent> = latest.collect();
        past.reverse();
        self.log_likelihoods_after(&past, ngrams, moment, candidates)
    }

    /// The same where nothing is read, and what was counted so far is recalled.
    pub(super) fn usual_log_likelihoods(
        &self,
        ngrams: &StreamNgrams,
        millis: i64,
        candidates: &[&str],
    ) -> Result<Option<Vec<f64>>, Error> {
        let nothing = MatchMoment {
            millis,
            excluded: &[],
            inputs: Inputs::NOTHING,
        };
        self.log_likelihoods_after(&[], ngrams, &nothing, candidates)
    }

    fn log_likelihoods_after(
        &self,
        past: &[&StreamEvent],
        ngrams: &StreamNgrams,
        moment: &MatchMoment<'_>,
        candidates: &[&str],
    ) -> Result<Option<Vec<f64>>, Error> {
        let Some(network) = &self.network else {
            return Ok(None);
        };
        let kind = EventKind::Comment(CommentStyle::default());
        let events: Vec<StreamEvent> = candidates
            .iter()
            .map(|text| self.event(moment.millis, kind, None, text))
            .collect();
        let recalled: Vec<Vec<Recalled>> =
            events.iter().map(|event| ngrams.recall(event)).collect();
        let mut likelihoods = vec![0.0; candidates.len()];
        let mut first = 0;
        while first < events.len() {
            let mut tokens = 0;
            let fits = |event: &&StreamEvent| {
                tokens += num_tokens(event);
                tokens <= CANDIDATE_TOKENS
            };
            let count = events[first..].iter().take_while(fits).count().max(1);
            let some = first..first + count;
            let before = past.iter().map(|event| WindowEvent {
                event,
                own: &[],
                recalled: &[],
                is_target: false,
                is_candidate: false,
            });
            let candidates = some.map(|number| WindowEvent {
                event: &events[number],
                own: &[],
                recalled: &recalled[number],
                is_target: true,
                is_candidate: true,
            });
            let window: Vec<WindowEvent<'_>> = before.chain(candidates).collect();
            let window = StreamWindow::new(self.tokens, &window, moment.inputs);
            let batch = StreamBatch::new(std::slice::from_ref(&window));
            let losses = to_host(network.mixed_losses(&batch))?;
            for (target, loss) in window.targets.iter().zip(losses) {
                if !target.is_style {
                    likelihoods[first + target.event - past.len()] -= f64::from(loss);
                }
            }
            first += count;
        }
        Ok(Some(likelihoods))
    }

    /// What was counted in all that may be read at a moment.
    fn ngrams_at(&self, stream: &Stream, moment: &MatchMoment<'_>) -> StreamNgrams {
        let mut ngrams = self.ngrams();
        Self::past(stream, moment).for_each(|event| ngrams.read(event));
        ngrams
    }

    /// The events that may be read at a moment.
    fn past<'a>(
        stream: &'a Stream,
        moment: &MatchMoment<'_>,
    ) -> impl DoubleEndedIterator<Item = &'a StreamEvent> {
        let events = &stream.events()[..stream.end_at(moment.millis)];
        let may_be_read = move |event: &&StreamEvent| {
            let is_own = |author: u32| moment.excluded.contains(&author);
            moment.inputs.includes(event.kind) && !event.author.is_some_and(is_own)
        };
        events.iter().filter(may_be_read)
    }
}
