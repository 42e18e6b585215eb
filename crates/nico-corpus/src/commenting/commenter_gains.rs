use std::ops::Range;

use caption_metrics::Estimate;
use caption_model::{
    Commenter,
    commenter::{
        CommenterNetwork, EventKind, Inputs, MAX_PIECES, Recalled, Stream, StreamBatch,
        StreamEvent, StreamNgrams, StreamWindow, WindowEvent, num_tokens,
    },
    to_host,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::streams::{StreamForm, text_lengths};
use crate::{error::Error, stream::Episode};

/// Span of the comments that are foretold together, milliseconds.
const SPAN: i64 = 5_000;
/// Tokens of the past that are read.
const CONTEXT: usize = 640;
/// Nothing of the first minute, whose past is short; and another moment is at least so far away.
const APART: i64 = 60_000;
/// Draws of a moment before it is given up.
const TRIES: usize = 20;

/// What each input of a commenter is worth: bits a character of typed comments with that input
/// taken from another moment of the episode, less those with the true one. Intervals over
/// episodes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CommenterGains {
    /// Comments measured on.
    pub comments: u64,
    /// Their characters.
    pub characters: u64,
    /// Bits a character with all true inputs, of the past before the span of 5 s.
    pub bits: Estimate,
    /// Gain of others' comments.
    pub others: Estimate,
    /// Gain of the dialogue, on episodes that have some.
    pub dialogue: Option<Estimate>,
    /// Gain of what the writer wrote before.
    pub own: Estimate,
    /// Gain of the pictures, on episodes that have some, if the commenter reads them.
    pub pictures: Option<Estimate>,
}

/// What is taken from another moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Swap {
    Nothing,
    Others,
    Dialogue,
    Own,
    Pictures,
}

impl Swap {
    const ALL: [Self; 5] = [
        Self::Nothing,
        Self::Others,
        Self::Dialogue,
        Self::Own,
        Self::Pictures,
    ];
}

/// Measures what each input is worth, on `spans` spans of each episode. None if the transformer was
/// not trained, or if there is nothing to measure on.
///
/// # Errors
///
/// Fails if the device does.
pub fn commenter_gains(
    commenter: &Commenter,
    episodes: &[Episode],
    spans: usize,
    seed: u64,
) -> Result<Option<CommenterGains>, Error> {
    let Some(network) = commenter.network() else {
        return Ok(None);
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sums = Vec::new();
    for episode in episodes {
        let stream = StreamForm::of(commenter).stream(episode)?;
        let lengths = text_lengths(episode, &stream);
        let mut events = stream.events().iter();
        let mut sum = Sums {
            has_pictures: events.any(|event| event.kind == EventKind::Picture),
            ..Sums::default()
        };
        for _ in 0..spans {
            if let Some(span) = Span::draw(&stream, &mut rng) {
                sum.add(commenter, network, &span, &lengths)?;
            }
        }
        if sum.characters > 0.0 {
            sums.push(sum);
        }
    }
    if sums.is_empty() {
        return Ok(None);
    }
    let ratio = |sums: &[&Sums], bits: fn(&Sums) -> f64| {
        let bits: Vec<f64> = sums.iter().map(|sum| bits(sum)).collect();
        let characters: Vec<f64> = sums.iter().map(|sum| sum.characters).collect();
        Estimate::ratio(&bits, &characters, seed)
    };
    let all: Vec<&Sums> = sums.iter().collect();
    let spoken: Vec<&Sums> = sums.iter().filter(|sum| sum.has_lines).collect();
    let seen: Vec<&Sums> = sums.iter().filter(|sum| sum.has_pictures).collect();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was counted"
    )]
    let characters = sums.iter().map(|sum| sum.characters as u64).sum();
    Ok(Some(CommenterGains {
        comments: sums.iter().map(|sum| sum.comments).sum(),
        characters,
        bits: ratio(&all, |sum| sum.bits[0]),
        others: ratio(&all, |sum| sum.bits[1] - sum.bits[0]),
        dialogue: (!spoken.is_empty()).then(|| ratio(&spoken, |sum| sum.bits[2] - sum.bits[0])),
        own: ratio(&all, |sum| sum.bits[3] - sum.bits[0]),
        pictures: (!seen.is_empty()).then(|| ratio(&seen, |sum| sum.bits[4] - sum.bits[0])),
    }))
}

/// Of an episode: bits with each [`Swap`], with that of pictures only where it has some.
#[derive(Default)]
struct Sums {
    comments: u64,
    characters: f64,
    bits: [f64; Swap::ALL.len()],
    has_lines: bool,
    has_pictures: bool,
}

impl Sums {
    fn add(
        &mut self,
        commenter: &Commenter,
        network: &CommenterNetwork,
        span: &Span<'_>,
        lengths: &[u64],
    ) -> Result<(), Error> {
        let events = span.stream.events();
        let mut read = span.context.iter();
        self.has_lines |= read.any(|event| events[*event].kind == EventKind::Line);
        for (bits, swap) in self.bits.iter_mut().zip(Swap::ALL) {
            if swap != Swap::Pictures || self.has_pictures {
                *bits += span.bits(commenter, network, swap)?;
            }
        }
        self.comments += span.targets.len() as u64;
        let characters: u64 = span.targets.iter().map(|event| lengths[*event]).sum();
        self.characters += characters as f64;
        Ok(())
    }
}

/// Comments of five seconds, what came before them, and another moment of the episode.
struct Span<'a> {
    stream: &'a Stream,
    millis: i64,
    targets: Vec<usize>,
    context: Vec<usize>,
    other_millis: i64,
    other_context: Vec<usize>,
    /// The event at the other moment from which each target's own comments are taken.
    other_own: Vec<usize>,
}

impl<'a> Span<'a> {
    fn draw(stream: &'a Stream, rng: &mut ChaCha8Rng) -> Option<Self> {
        let end = stream.events().last()?.millis - SPAN;
        if end <= 2 * APART {
            return None;
        }
        let millis = rng.random_range(APART..end);
        let typed = |range: Range<i64>| -> Vec<usize> {
            (stream.end_at(range.start)..stream.end_at(range.end))
                .filter(|event| is_measured(&stream.events()[*event]))
                .collect()
        };
        let targets = typed(millis..millis + SPAN);
        let (other_millis, others) = (0..TRIES).find_map(|_| {
            let other = rng.random_range(APART..end);
            let there = typed(other..other + SPAN);
            ((other - millis).abs() >= APART && !there.is_empty()).then_some((other, there))
        })?;
        if targets.is_empty() {
            return None;
        }
        Some(Self {
            other_own: targets
                .iter()
                .map(|_| others[rng.random_range(0..others.len())])
                .collect(),
            context: context(stream, millis),
            other_context: context(stream, other_millis),
            stream,
            millis,
            targets,
            other_millis,
        })
    }

    /// What was counted in all of the past; of what is `moved`, in the past of the other moment, but
    /// for what lies about the span: that would tell what is to be foretold.
    fn ngrams(
        &self,
        mut ngrams: StreamNgrams,
        moved: impl Fn(&StreamEvent) -> bool,
    ) -> StreamNgrams {
        for event in self.stream.events() {
            let is_read = match moved(event) {
                true => {
                    let about = (event.millis - self.millis).abs() < APART;
                    event.millis < self.other_millis && !about
                }
                false => event.millis < self.millis,
            };
            if is_read {
                ngrams.read(event);
            }
        }
        ngrams
    }

    /// Bits of the targets' texts.
    fn bits(
        &self,
        commenter: &Commenter,
        network: &CommenterNetwork,
        swap: Swap,
    ) -> Result<f64, Error> {
        let events = self.stream.events();
        let writers: Vec<Option<u32>> = self
            .targets
            .iter()
            .map(|event| events[*event].author)
            .collect();
        let is_own =
            |event: &StreamEvent| event.author.is_some() && writers.contains(&event.author);
        let is_others = |event: &StreamEvent| event.is_comment() && !is_own(event);
        let moved = |event: &StreamEvent| match swap {
            Swap::Others => is_others(event),
            Swap::Dialogue => event.is_line(),
            Swap::Pictures => event.kind == EventKind::Picture,
            Swap::Nothing | Swap::Own => false,
        };
        let here = self.context.iter().map(|event| &events[*event]);
        let mut read: Vec<StreamEvent> = here.filter(|event| !moved(event)).cloned().collect();
        let there = self.other_context.iter().map(|event| &events[*event]);
        read.extend(there.filter(|event| moved(event)).map(|event| {
            let mut event = event.clone();
            event.millis += self.millis - self.other_millis;
            event
        }));
        read.sort_by_key(|event| (event.millis, event.is_comment()));
        let targets: Vec<(StreamEvent, Vec<u32>)> = (self.targets.iter().zip(&self.other_own))
            .map(|(event, other)| {
                let mut target = events[*event].clone();
                if swap == Swap::Own {
                    target.author = events[*other].author;
                    return (target, self.stream.own(*other));
                }
                (target, self.stream.own(*event))
            })
            .collect();
        let ngrams = self.ngrams(commenter.ngrams(), moved);
        let recalled: Vec<Vec<Recalled>> = (targets.iter())
            .map(|(event, _)| ngrams.recall(event))
            .collect();
        let past = read.iter().map(|event| WindowEvent {
            event,
            own: &[],
            recalled: &[],
            is_target: false,
            is_candidate: false,
        });
        let foretold = targets.iter().zip(&recalled);
        let foretold = foretold.map(|((event, own), recalled)| WindowEvent {
            event,
            own,
            recalled,
            is_target: true,
            is_candidate: true,
        });
        let window: Vec<WindowEvent<'_>> = past.chain(foretold).collect();
        let window = StreamWindow::new(commenter.tokens(), &window, Inputs::default());
        let batch = StreamBatch::new(std::slice::from_ref(&window));
        let losses = to_host(network.mixed_losses(&batch))?;
        let texts = window
            .targets
            .iter()
            .zip(losses)
            .filter(|(target, _)| !target.is_style);
        Ok(texts.map(|(_, loss)| f64::from(loss)).sum::<f64>() / std::f64::consts::LN_2)
    }
}

/// Whether it is typed, and read to its end.
fn is_measured(event: &StreamEvent) -> bool {
    event.is_typed() && event.pieces.len() <= MAX_PIECES
}

/// The latest events before a moment.
fn context(stream: &Stream, millis: i64) -> Vec<usize> {
    let mut tokens = 0;
    let mut context: Vec<usize> = (0..stream.end_at(millis))
        .rev()
        .take_while(|event| {
            tokens += num_tokens(&stream.events()[*event]);
            tokens <= CONTEXT
        })
        .collect();
    context.reverse();
    context
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use caption_model::{CommenterConfig, CommenterFolder, commenter::BackgroundNgrams};
    use frame_features::{EncoderId, Layer, MemoryFeatures};
    use jp_tokenize::{PieceOptions, Pieces};
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::{Dialogue, EpisodePictures};

    fn encoder() -> EncoderId {
        EncoderId::new("numbers", "0".repeat(64), Layer::Output, 32)
    }

    /// A commenter that has learnt nothing and reads pictures.
    fn commenter(folder: &std::path::Path) -> Commenter {
        let pieces = Pieces::learn(["草草", "草草"], &PieceOptions::default().size(261)).unwrap();
        let mut config = CommenterConfig::tiny(&pieces).pictures(encoder(), 2);
        config.matcher = config.matcher.with_num_rows(512).with_d_model(8);
        config.network = (config.network)
            .with_d_model(16)
            .with_num_layers(1)
            .with_num_heads(2);
        let folder = CommenterFolder::new(folder);
        folder.create(&config, &pieces).unwrap();
        let device = Device::flex();
        device.seed(7);
        folder.save_network(&config.network.init(&device)).unwrap();
        folder
            .save_background(&BackgroundNgrams::default())
            .unwrap();
        Commenter::from_dir(folder.path(), &device).unwrap()
    }

    /// Pictures of the last quarter alone: spans before them are part of the bits with pictures of
    /// another moment as well, so that it costs a network that has learnt nothing next to nothing.
    #[test]
    fn pictures_that_begin_late_are_not_worth_the_bits_before_them() {
        let folder = tempfile::tempdir().unwrap();
        let commenter = commenter(folder.path());
        let episode = |name: &str| {
            let comments = (0..200).map(|second| {
                let user = format!("user{}", second % 7);
                Comment::new(Vpos(100 * second), "草").user(user)
            });
            let rows = MemoryFeatures::from_f32(encoder(), [2], &[0.5; 100]).unwrap();
            let times = (150..200).map(|second| 1_000 * second);
            let pictures = EpisodePictures::new(rows, times).unwrap();
            Episode::new(name, comments, Dialogue::default()).with_pictures(pictures)
        };
        let episodes = ["show/01", "show/02", "show/03"].map(episode);
        let gains = commenter_gains(&commenter, &episodes, 6, 1)
            .unwrap()
            .unwrap();
        let pictures = gains.pictures.unwrap();
        assert!(pictures.value.abs() < 0.2 * gains.bits.value, "{gains:?}");
        assert!(gains.dialogue.is_none(), "{gains:?}");
    }
}
