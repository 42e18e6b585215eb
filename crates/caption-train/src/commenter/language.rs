//! Learning how probable the words of comments are after what was said and written.

use std::{ops::Range, sync::Arc};

use burn::module::ParamGroup;
use caption_model::{
    CommenterFolder,
    commenter::{
        BackgroundNgrams, CommenterNetwork, Inputs, Recalled, Stream, StreamBatch, StreamEvent,
        StreamNgrams, StreamTokens, StreamWindow, WindowEvent, num_tokens,
    },
    to_host,
};
use rand::{
    RngExt, SeedableRng, distr::Distribution, distr::weighted::WeightedIndex, seq::IndexedRandom,
};
use rand_chacha::ChaCha8Rng;

use super::{
    config::FitConfig,
    fit::{StepLoss, Task},
    trainer::CommenterData,
};
use crate::error::Error;

/// Windows of dev, the same after every round, and the seed by which they are drawn.
const DEV_WINDOWS: usize = 48;
const DEV_SEED: u64 = 0;
/// The name of what measures.
const DEV: &str = "dev";

/// What of a [`CommenterNetwork`] is learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learns {
    /// All but what copies and recalls.
    Transformer,
    /// The heads, which copy and recall, from the states of a transformer that was trained.
    Heads,
}

/// The task of a [`CommenterNetwork`].
pub(super) struct Language<'a> {
    learns: Learns,
    train: Vec<&'a Stream>,
    dev: Vec<&'a Stream>,
    /// How often each stream is drawn: by its tokens.
    train_shares: WeightedIndex<usize>,
    dev_shares: WeightedIndex<usize>,
    tokens: StreamTokens,
    config: &'a FitConfig,
    /// Counts of what the transformer learnt from.
    background: Arc<BackgroundNgrams>,
    folder: &'a CommenterFolder,
}

impl<'a> Language<'a> {
    /// Fails if there is nothing to learn from, or nothing to measure on.
    pub(super) fn new(
        learns: Learns,
        data: &CommenterData<'a>,
        background: &Arc<BackgroundNgrams>,
        config: &'a FitConfig,
        folder: &'a CommenterFolder,
    ) -> Result<Self, Error> {
        let shares = |streams: &[&Stream], set| {
            let sizes = streams.iter().map(|stream| {
                let events = stream.events().iter();
                match events.clone().any(StreamEvent::is_comment) {
                    true => events.map(num_tokens).sum(),
                    false => 0, // there is nothing to be foretold
                }
            });
            WeightedIndex::new(sizes.collect::<Vec<usize>>()).map_err(|_| match streams {
                [_, ..] if set == DEV => Error::NoComments,
                _ => Error::NoPairs(set),
            })
        };
        let (train, dev) = match learns {
            Learns::Transformer => (Vec::from_iter(data.train), Vec::from_iter(data.dev)),
            Learns::Heads => videos_of_heads(data),
        };
        let pieces = u32::try_from(data.pieces.len()).unwrap_or(u32::MAX);
        let task = Self {
            learns,
            train_shares: shares(&train, "training")?,
            dev_shares: shares(&dev, DEV)?,
            train,
            dev,
            tokens: StreamTokens::new(pieces),
            config,
            background: Arc::clone(background),
            folder,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(DEV_SEED);
        let has_comments = (0..DEV_WINDOWS).any(|_| {
            let stream = task.dev[task.dev_shares.sample(&mut rng)];
            let window = task.events_of_window(stream, &mut rng);
            stream.events()[window].iter().any(StreamEvent::is_comment)
        });
        match has_comments {
            true => Ok(task),
            false => Err(Error::NoComments),
        }
    }

    /// A window that begins at any event of a stream.
    fn window(&self, stream: &Stream, inputs: Inputs, rng: &mut ChaCha8Rng) -> StreamWindow {
        let read = self.events_of_window(stream, rng);
        self.window_of(stream, read, inputs)
    }

    fn window_of(&self, stream: &Stream, read: Range<usize>, inputs: Inputs) -> StreamWindow {
        let events = stream.events();
        let Range {
            start: first,
            end: last,
        } = read;
        let own: Vec<Vec<u32>> = (first..last).map(|event| stream.own(event)).collect();
        let recalled = match self.learns {
            Learns::Transformer => vec![Vec::new(); last - first],
            Learns::Heads => self.recalled(&events[..last], first, inputs),
        };
        let read: Vec<WindowEvent<'_>> = (events[first..last].iter())
            .zip(own.iter().zip(&recalled))
            .map(|(event, (own, recalled))| WindowEvent {
                event,
                own,
                recalled,
                is_target: event.is_comment(),
                is_candidate: false,
            })
            .collect();
        StreamWindow::new(self.tokens, &read, inputs)
    }

    fn train_batch(&self, seed: u64) -> StreamBatch {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let dropout = self.config.input_dropout;
        let mut windows: Vec<StreamWindow> = (0..self.config.batch_size)
            .map(|_| {
                let stream = self.train[self.train_shares.sample(&mut rng)];
                let inputs = Inputs {
                    comments: !rng.random_bool(dropout),
                    lines: !rng.random_bool(dropout),
                    own: !rng.random_bool(dropout),
                    pictures: !rng.random_bool(dropout),
                };
                self.window(stream, inputs, &mut rng)
            })
            .collect();
        let batch = StreamBatch::new(&windows);
        if batch.num_targets() > 0 {
            return batch;
        }
        // Nothing but dialogue and pictures: one window begins with a comment instead.
        let stream = self.train[self.train_shares.sample(&mut rng)];
        let events = stream.events();
        let comments = (0..events.len()).filter(|at| events[*at].is_comment());
        let comments = comments.collect::<Vec<_>>();
        let first = *comments
            .choose(&mut rng)
            .expect("streams without comments are not drawn");
        let read = self.events_from(stream, first);
        windows[0] = self.window_of(stream, read, Inputs::default());
        StreamBatch::new(&windows)
    }

    /// The events of a window that begins at any event of a stream.
    fn events_of_window(&self, stream: &Stream, rng: &mut ChaCha8Rng) -> Range<usize> {
        let events = stream.events();
        let last = events.len() - self.fitting(events.iter().rev());
        self.events_from(stream, rng.random_range(0..=last.min(events.len() - 1)))
    }

    fn events_from(&self, stream: &Stream, first: usize) -> Range<usize> {
        first..first + self.fitting(stream.events()[first..].iter())
    }

    /// How many of these events a window takes.
    fn fitting<'e>(&self, events: impl Iterator<Item = &'e StreamEvent>) -> usize {
        let mut tokens = 0;
        let fits = |event: &&StreamEvent| {
            tokens += num_tokens(event);
            tokens <= self.config.window_tokens
        };
        events.take_while(fits).count()
    }

    /// Of the events from `first` on, what was counted in the stream before each.
    fn recalled(&self, events: &[StreamEvent], first: usize, inputs: Inputs) -> Vec<Vec<Recalled>> {
        let mut ngrams = StreamNgrams::new(Arc::clone(&self.background));
        let mut recalled = Vec::with_capacity(events.len() - first);
        for (number, event) in events.iter().enumerate() {
            if number >= first {
                recalled.push(ngrams.recall(event));
            }
            if inputs.includes(event.kind) {
                ngrams.read(event);
            }
        }
        recalled
    }
}

/// Whether what copies and recalls learns from videos that the transformer did not learn from.
pub(super) fn heads_learn_apart(data: &CommenterData<'_>) -> bool {
    data.dev.len() > 1
}

/// The videos from which the heads learn, and those that measure them. On videos that it learnt from
/// the transformer foretells better than on any other: what is mixed with it would learn to trust it
/// too much. So the heads have every other one of the kept-aside videos, if there are several.
fn videos_of_heads<'a>(data: &CommenterData<'a>) -> (Vec<&'a Stream>, Vec<&'a Stream>) {
    if !heads_learn_apart(data) {
        return (Vec::from_iter(data.train), Vec::from_iter(data.dev));
    }
    let half = |first: usize| data.dev.iter().skip(first).step_by(2).collect();
    (half(0), half(1))
}

impl Task for Language<'_> {
    type Network = CommenterNetwork;

    fn name(&self) -> &'static str {
        match self.learns {
            Learns::Transformer => "network",
            Learns::Heads => "heads",
        }
    }

    fn matrices(&self) -> ParamGroup {
        ParamGroup::from_predicates(vec!["blocks", ".weight"])
    }

    fn loss(&self, network: &CommenterNetwork, seed: u64) -> StepLoss {
        let batch = self.train_batch(seed);
        let (loss, nll) = match self.learns {
            Learns::Transformer => {
                let losses = network.losses(&batch);
                (losses.loss, losses.nll)
            }
            Learns::Heads => {
                let losses = network.mixed_losses(&batch);
                (losses.clone(), losses)
            }
        };
        StepLoss {
            objective: loss.mean(),
            nll: nll.inner().sum(),
            count: batch.num_targets(),
        }
    }

    fn measure(&self, network: &CommenterNetwork) -> Result<f64, Error> {
        let mut rng = ChaCha8Rng::seed_from_u64(DEV_SEED);
        let (mut sum, mut count) = (0.0, 0usize);
        for _ in 0..DEV_WINDOWS {
            let stream = self.dev[self.dev_shares.sample(&mut rng)];
            let window = self.window(stream, Inputs::default(), &mut rng);
            let batch = StreamBatch::new(&[window]);
            let losses = to_host(match self.learns {
                Learns::Transformer => network.losses(&batch).nll,
                Learns::Heads => network.mixed_losses(&batch),
            })?;
            count += losses.len();
            sum += losses.into_iter().map(f64::from).sum::<f64>();
        }
        Ok(sum / count.max(1) as f64)
    }

    fn keep(&self, network: &CommenterNetwork) -> Result<(), Error> {
        Ok(self.folder.save_network(network)?)
    }

    fn replaces_start(&self) -> bool {
        self.learns == Learns::Heads
    }
}
