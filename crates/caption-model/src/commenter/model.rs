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
use crate::{
    error::{Error, check_weights},
    host::to_host,
};

/// Tokens of the past that are read for candidates.
const CONTEXT_TOKENS: usize = 768;
/// Tokens of candidates that are read at a time.
const CANDIDATE_TOKENS: usize = 1_536;

/// A trained commenter: what fits a moment of a video, from what was said and what others wrote.
///
/// Threads can share one; each [`CommentWriter`](super::CommentWriter) is of one stream.
///
/// ```no_run
/// use burn::tensor::Device;
/// use caption_model::{
///     Commenter,
///     commenter::{CommentStyle, EventKind, Inputs, MatchMoment, Stream},
/// };
///
/// let commenter = Commenter::from_dir("commenter", &Device::flex())?;
/// let typed = EventKind::Comment(CommentStyle::default());
/// let stream = Stream::new([
///     commenter.event(61_000, EventKind::Line, None, "おはよう"),
///     commenter.event(62_500, typed, Some(3), "おはよー"),
/// ]);
/// let moment = MatchMoment { millis: 63_000, excluded: &[7], inputs: Inputs::default() };
/// let scores = commenter.match_scores(&stream, &moment, &["おはよ", "8888"])?;
/// println!("{scores:?}"); // the greater one fits better
/// # Ok::<(), caption_model::Error>(())
/// ```
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
    /// Puts a commenter together from its parts, on the device of the networks. A network that was
    /// not trained is `None`.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use caption_model::{
    ///     Commenter, CommenterConfig,
    ///     commenter::{BackgroundNgrams, CommentWriter, WritingOptions},
    /// };
    /// use jp_tokenize::{PieceOptions, Pieces};
    ///
    /// let device = Device::flex();
    /// let pieces = Pieces::learn(["草", "かわいい"], &PieceOptions::default().size(280))?;
    /// let mut config = CommenterConfig::tiny(&pieces);
    /// config.network = config.network.with_d_model(16).with_num_ngrams(64);
    /// let network = config.network.init(&device); // random weights
    /// let background = BackgroundNgrams::default();
    /// let commenter = Commenter::new(config, pieces, None, Some(network), background)?;
    /// assert!(CommentWriter::new(&commenter, WritingOptions::default()).is_ok());
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// commenter.save(folder)?;
    /// assert!(Commenter::from_dir(folder, &device)?.matcher().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the configuration has not the pieces' tokens, and if a network has not as many
    /// weights as one of the configuration.
    pub fn new(
        config: CommenterConfig,
        pieces: Pieces,
        matcher: Option<CommentMatcher>,
        network: Option<CommenterNetwork>,
        background: BackgroundNgrams,
    ) -> Result<Self, Error> {
        let tokens = StreamTokens::new(u32::try_from(pieces.len()).unwrap_or(u32::MAX));
        if tokens.num_tokens() != config.network.num_tokens {
            return Err(Error::VocabularySize {
                vocabulary: tokens.num_tokens(),
                network: config.network.num_tokens,
            });
        }
        if let Some(network) = &network {
            check_weights(network, config.network.num_weights())?;
        }
        let weights = match &matcher {
            Some(matcher) => {
                check_weights(matcher, config.matcher.num_weights())?;
                to_host(matcher.rarity.val())?
            }
            None => Vec::new(),
        };
        let rows = u32::try_from(config.matcher.num_rows).unwrap_or(u32::MAX);
        Ok(Self {
            hasher: NgramHasher::new(rows.max(1)),
            tokens,
            background: Arc::new(background),
            weights,
            matcher,
            network,
            pieces,
            config,
        })
    }

    /// Writes a commenter's folder, each of its files whole or not at all. Another commenter's
    /// weights go first: a program that ends between leaves a folder without networks.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one cannot be written, or would hold what cannot be loaded, and
    /// with [`Error::Busy`] if another program writes into the folder.
    pub fn save(&self, dir: impl AsRef<Path>) -> Result<(), Error> {
        let folder = CommenterFolder::new(dir);
        folder.check(&self.config, &self.pieces)?;
        let _one_writer = folder.lock()?;
        folder.remove_networks()?;
        folder.create(&self.config, &self.pieces)?;
        if let Some(matcher) = &self.matcher {
            folder.save_matcher(matcher)?;
        }
        if let Some(network) = &self.network {
            if self.config.network.recalls {
                folder.save_background(&self.background)?;
            }
            folder.save_network(network)?;
        }
        Ok(())
    }

    /// Loads a commenter's folder onto a device. A network that was not trained yet is not there.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one is missing, damaged or does not fit the others.
    #[doc(alias = "load")]
    #[doc(alias = "open")]
    pub fn from_dir(dir: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        let folder = CommenterFolder::new(dir);
        let config = folder.config()?;
        let pieces = folder.pieces(&config)?;
        let matcher = folder.matcher(&config, device)?;
        let network = folder.network(&config, device)?;
        let background = folder.background(&config)?;
        Self::new(config, pieces, matcher, network, background)
    }

    /// Its configuration.
    #[must_use]
    pub fn config(&self) -> &CommenterConfig {
        &self.config
    }

    /// Its pieces of text.
    #[must_use]
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    /// What hashes its n-grams.
    #[must_use]
    pub fn hasher(&self) -> NgramHasher {
        self.hasher
    }

    /// The network that says which comment fits a moment, if it was trained.
    #[must_use]
    pub fn matcher(&self) -> Option<&CommentMatcher> {
        self.matcher.as_ref()
    }

    /// The network that says how probable each word is, if it was trained.
    #[must_use]
    pub fn network(&self) -> Option<&CommenterNetwork> {
        self.network.as_ref()
    }

    /// The tokens of its network.
    #[must_use]
    pub fn tokens(&self) -> StreamTokens {
        self.tokens
    }

    /// Counts of the n-grams of a video of which nothing was read yet.
    #[must_use]
    pub fn ngrams(&self) -> StreamNgrams {
        StreamNgrams::new(Arc::clone(&self.background))
    }

    /// An event of a stream in the commenter's pieces and n-grams: a comment or a line. Pictures
    /// are made by [`StreamEvent::picture`].
    #[must_use]
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
    /// candidates of one call mean something.
    ///
    /// # Errors
    ///
    /// [`Error::NotTrained`] without a matcher; fails if the device does.
    pub fn match_scores(
        &self,
        stream: &Stream,
        moment: &MatchMoment<'_>,
        candidates: &[&str],
    ) -> Result<Vec<f64>, Error> {
        let matcher = self.matcher.as_ref();
        let matcher = matcher.ok_or(Error::NotTrained { network: "matcher" })?;
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let ngrams: Vec<Vec<u32>> = candidates
            .iter()
            .map(|text| self.hasher.rows(text))
            .collect();
        let ngrams: Vec<&[u32]> = ngrams.iter().map(Vec::as_slice).collect();
        let batch = MatchBatch::new(stream, std::slice::from_ref(moment), &ngrams, &self.weights);
        let scores = to_host(matcher.forward(&batch).flatten::<1>(0, 1))?;
        Ok(scores.into_iter().map(f64::from).collect())
    }

    /// The transformer, if it was trained.
    pub(super) fn transformer(&self) -> Result<&CommenterNetwork, Error> {
        let network = "transformer";
        self.network.as_ref().ok_or(Error::NotTrained { network })
    }

    /// The logarithm of the probability of each candidate at a moment, typed in the plainest style
    /// by a viewer who had written nothing, its end included; nats. Of a candidate of more than
    /// [`MAX_PIECES`](super::MAX_PIECES) pieces it is that of its first ones, without an end.
    ///
    /// All candidates read the same past, which is computed once.
    ///
    /// # Errors
    ///
    /// [`Error::NotTrained`] without a transformer; fails if the device does.
    ///
    /// # Panics
    ///
    /// Panics if the transformer reads pictures, and a picture of the stream has not as many
    /// features.
    pub fn log_likelihoods(
        &self,
        stream: &Stream,
        moment: &MatchMoment<'_>,
        candidates: &[&str],
    ) -> Result<Vec<f64>, Error> {
        let ngrams = self.ngrams_at(stream, moment);
        self.log_likelihoods_at(stream, &ngrams, moment, candidates)
    }

    /// How much likelier the moment makes each candidate, nats: its
    /// [`log_likelihoods`](Self::log_likelihoods), less the same at no moment of the video in
    /// particular, where what was said and written so far is recalled, and nothing is read.
    ///
    /// # Errors
    ///
    /// As [`log_likelihoods`](Self::log_likelihoods).
    ///
    /// # Panics
    ///
    /// As [`log_likelihoods`](Self::log_likelihoods).
    pub fn likelihood_gains(
        &self,
        stream: &Stream,
        moment: &MatchMoment<'_>,
        candidates: &[&str],
    ) -> Result<Vec<f64>, Error> {
        let ngrams = self.ngrams_at(stream, moment);
        let here = self.log_likelihoods_at(stream, &ngrams, moment, candidates)?;
        let usual = self.usual_log_likelihoods(&ngrams, moment.millis, candidates)?;
        let both = here.into_iter().zip(usual);
        Ok(both.map(|(here, usual)| here - usual).collect())
    }

    fn log_likelihoods_at(
        &self,
        stream: &Stream,
        ngrams: &StreamNgrams,
        moment: &MatchMoment<'_>,
        candidates: &[&str],
    ) -> Result<Vec<f64>, Error> {
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
    ) -> Result<Vec<f64>, Error> {
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
    ) -> Result<Vec<f64>, Error> {
        let network = self.transformer()?;
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
        Ok(likelihoods)
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
