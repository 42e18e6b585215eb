use std::collections::HashSet;

use caption_metrics::folded_text;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{
    echoes::Echoes,
    match_batch::MatchMoment,
    model::Commenter,
    network::CommenterNetwork,
    reader::{Draft, DraftOptions, StreamReader},
    stream::{CommentStyle, EventKind, Stream, StreamEvent},
    window::{Inputs, MAX_PIECES},
};
use crate::{error::Error, generate::Sampling};

/// How a commenter writes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WritingOptions {
    /// Drafts of a comment, of which the best is taken: 1 to 64. Default: 12.
    pub drafts: usize,
    /// How pieces are drawn. Default: temperature 0.9 and a nucleus of 0.95.
    pub sampling: Sampling,
    /// Most pieces of a comment, 1 to 62. Default: 24.
    pub max_pieces: usize,
    /// What the gain in likelihood, in nats, counts beside the matcher's score. Default: 0.3.
    pub likelihood: f64,
    /// Seed of what is drawn. Default: 1.
    pub seed: u64,
}

impl Default for WritingOptions {
    fn default() -> Self {
        Self {
            drafts: 12,
            sampling: Sampling::default().temperature(0.9).top_p(0.95),
            max_pieces: 24,
            likelihood: 0.3,
            seed: 1,
        }
    }
}

impl WritingOptions {
    /// Sets [`drafts`](Self::drafts).
    #[must_use]
    pub fn drafts(mut self, drafts: usize) -> Self {
        self.drafts = drafts;
        self
    }

    /// Sets [`sampling`](Self::sampling).
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Sets [`max_pieces`](Self::max_pieces).
    #[must_use]
    pub fn max_pieces(mut self, pieces: usize) -> Self {
        self.max_pieces = pieces;
        self
    }

    /// Sets [`likelihood`](Self::likelihood).
    #[must_use]
    pub fn likelihood(mut self, weight: f64) -> Self {
        self.likelihood = weight;
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Refuses values that cannot work.
    ///
    /// # Errors
    ///
    /// [`Error::Option`], with the name of the option, its value and what is expected.
    pub fn check(&self) -> Result<(), Error> {
        let count = |option, value: usize, most: usize, expected| {
            if (1..=most).contains(&value) {
                return Ok(());
            }
            Err(Error::Option {
                option,
                value: value.to_string(),
                expected,
            })
        };
        count("drafts", self.drafts, 64, "1 to 64")?;
        count("max_pieces", self.max_pieces, MAX_PIECES, "1 to 62")?;
        if !self.likelihood.is_finite() {
            return Err(Error::Option {
                option: "likelihood",
                value: self.likelihood.to_string(),
                expected: "a number",
            });
        }
        self.sampling.check()
    }
}

/// A comment that was written for a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamComment {
    /// What it says.
    pub text: String,
    /// What it is like.
    pub style: CommentStyle,
    /// What its rank among the drafts was decided by; greater is better.
    pub score: f64,
}

/// Writes comments for a video as its events come.
///
/// What is read and written is kept in order of time; the same events, in the same order, give the
/// same comments. An event that comes late, as a line does that somebody has to transcribe first,
/// counts as coming with the last one: what was read before it stays as it was.
///
/// It keeps the texts of all that it has read, a few hundred bytes an event, and the features of
/// the latest pictures alone. Who writes for a stream without an end begins with a new one now and
/// then, which reads the latest events again.
///
/// ```no_run
/// use burn::tensor::Device;
/// use caption_model::{
///     Commenter,
///     commenter::{CommentWriter, EventKind, WritingOptions},
/// };
///
/// let commenter = Commenter::from_dir("commenter", &Device::flex())?;
/// let mut writer = CommentWriter::new(&commenter, WritingOptions::default())?;
/// for (millis, line) in [(61_000, "おはよう"), (64_200, "元気？")] {
///     writer.read(commenter.event(millis, EventKind::Line, None, line));
///     if let Some(comment) = writer.write(millis + 2_000, 7)? {
///         println!("viewer 7: {}", comment.text);
///     }
/// }
/// # Ok::<(), caption_model::Error>(())
/// ```
#[derive(Debug)]
pub struct CommentWriter<'a> {
    commenter: &'a Commenter,
    network: &'a CommenterNetwork,
    /// All that was read and written.
    stream: Stream,
    /// What was not written here.
    read: Stream,
    reader: StreamReader,
    echoes: Echoes,
    options: WritingOptions,
    asked: u64,
}

impl<'a> CommentWriter<'a> {
    /// A writer that has read nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::NotTrained`] if the commenter has no transformer; fails if an option cannot work.
    pub fn new(commenter: &'a Commenter, options: WritingOptions) -> Result<Self, Error> {
        options.check()?;
        Ok(Self {
            commenter,
            network: commenter.transformer()?,
            stream: Stream::default(),
            read: Stream::default(),
            reader: StreamReader::new(commenter.tokens(), commenter.ngrams()),
            echoes: Echoes::default(),
            options,
            asked: 0,
        })
    }

    /// Reads what somebody wrote, what was said ([`Commenter::event`]), or what is shown
    /// ([`StreamEvent::picture`]).
    pub fn read(&mut self, event: StreamEvent) {
        self.see(event, false);
    }

    /// Reads a comment that was written here, as [`write`](Self::write) does.
    ///
    /// Later comments may answer it. But it is no evidence of what people say: if drafts were matched
    /// with it, and if it was copied and recalled, a crowd would soon say one thing over and over.
    pub fn wrote(&mut self, event: StreamEvent) {
        self.see(event, true);
    }

    fn see(&mut self, mut event: StreamEvent, is_ours: bool) {
        event.millis = self.stream.next_at(event.millis, event.kind);
        let own = event
            .author
            .map_or_else(Vec::new, |author| self.stream.written_by(author));
        if matches!(event.kind, EventKind::Comment(_)) {
            let text = folded_text(&self.commenter.pieces().decode(&event.pieces));
            self.echoes.push(event.millis, text, is_ours);
        }
        self.reader.push(event.clone(), own, is_ours);
        event.features = None; // those of pictures are the reader's, which forgets them
        if !is_ours {
            self.read.push(event.clone());
        }
        self.stream.push(event);
    }

    /// Writes a comment of a viewer for a moment, and reads it. None if all drafts were empty, cut,
    /// or what the viewer had written before.
    ///
    /// # Errors
    ///
    /// Fails if the device does.
    ///
    /// # Panics
    ///
    /// As [`ranked`](Self::ranked).
    pub fn write(&mut self, millis: i64, viewer: u32) -> Result<Option<StreamComment>, Error> {
        let best = self.ranked(millis, viewer)?.into_iter().next();
        if let Some(best) = &best {
            let kind = EventKind::Comment(best.style);
            self.wrote(self.commenter.event(millis, kind, Some(viewer), &best.text));
        }
        Ok(best)
    }

    /// Drafts of a viewer's comment for a moment, the best first: none that are empty, cut, or what
    /// the viewer had written before. Where a fifth of the latest comments repeated one of the past
    /// minute (people: 5 to 26 %), drafts that do so come last. None of them is read;
    /// whoever takes one tells so ([`wrote`](Self::wrote)). A moment before what was read or
    /// written last counts as that of the last one.
    ///
    /// # Errors
    ///
    /// Fails if the device does.
    ///
    /// # Panics
    ///
    /// Panics if the transformer reads pictures, and one that was read has not as many features.
    pub fn ranked(&mut self, millis: i64, viewer: u32) -> Result<Vec<StreamComment>, Error> {
        let kind = EventKind::Comment(CommentStyle::default());
        let millis = self.stream.next_at(millis, kind);
        let mut rng = ChaCha8Rng::seed_from_u64(self.options.seed);
        rng.set_stream(self.asked);
        self.asked += 1;
        let own = self.stream.written_by(viewer);
        let drafts = self.reader.drafts(
            self.network,
            &DraftOptions {
                millis,
                author: Some(viewer),
                own: &own,
                drafts: self.options.drafts,
                max_pieces: self.options.max_pieces,
                sampling: &self.options.sampling,
            },
            &mut rng,
        )?;
        self.by_score(drafts, millis, viewer)
    }

    /// The drafts that are no repeats of the viewer's own, the one that fits best first.
    fn by_score(
        &self,
        drafts: Vec<Draft>,
        millis: i64,
        viewer: u32,
    ) -> Result<Vec<StreamComment>, Error> {
        let mut seen: HashSet<String> = self.own_texts(viewer).collect();
        let mut texts = Vec::new();
        for draft in drafts.into_iter().filter(|draft| draft.is_whole) {
            let text = self.commenter.pieces().decode(&draft.pieces);
            let folded = folded_text(&text);
            if !folded.is_empty() && seen.insert(folded) {
                texts.push((text, draft));
            }
        }
        let candidates: Vec<&str> = texts.iter().map(|(text, _)| text.as_str()).collect();
        let moment = MatchMoment {
            millis,
            excluded: &[viewer],
            inputs: Inputs::default(),
        };
        let commenter = self.commenter;
        let matched = match commenter.matcher() {
            Some(_) => commenter.match_scores(&self.read, &moment, &candidates)?,
            None => vec![0.0; candidates.len()],
        };
        let ngrams = self.reader.ngrams();
        let usual = commenter.usual_log_likelihoods(ngrams, millis, &candidates)?;
        let scores = matched.into_iter().zip(usual);
        let scored = texts.into_iter().zip(scores);
        let scored = scored.map(|((text, draft), (matched, usual))| {
            let gain = draft.log_probability - usual;
            StreamComment {
                text,
                style: draft.style,
                score: matched + self.options.likelihood * gain,
            }
        });
        let mut ranked: Vec<StreamComment> = scored.collect();
        // No number is worse than any; stable: of equal ones the earliest.
        let worth = |one: &StreamComment| match one.score.is_nan() {
            true => f64::NEG_INFINITY,
            false => one.score,
        };
        ranked.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
        if self.echoes.are_enough() {
            ranked
                .sort_by_cached_key(|draft| self.echoes.is_echo(millis, &folded_text(&draft.text)));
        }
        Ok(ranked)
    }

    fn own_texts(&self, viewer: u32) -> impl Iterator<Item = String> {
        let own = self.stream.events_by(viewer);
        own.map(|event| folded_text(&self.commenter.pieces().decode(&event.pieces)))
    }
}
