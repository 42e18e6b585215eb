use caption_metrics::Estimate;
use caption_model::{
    Commenter,
    commenter::{
        Inputs, MAX_PIECES, Recalled, Stream, StreamBatch, StreamWindow, WindowEvent, num_tokens,
    },
    to_host,
};
use serde::Serialize;

use super::streams::{StreamForm, text_lengths};
use crate::{error::Error, stream::Episode};

/// Tokens of a window: half of them were read already, the others are foretold.
const WINDOW: usize = 1_024;

/// Bits a character that a commenter needs for typed comments, with an interval over episodes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct CommenterBits {
    /// Comments measured on.
    pub comments: u64,
    /// Their characters.
    pub characters: u64,
    /// Comments of more pieces than the network reads, which are left out.
    pub too_long: u64,
    /// Bits a character, the ends of comments included and their styles not.
    pub bits: Estimate,
}

/// Measures the transformer on the typed comments of every `every`-th window of episodes, reading
/// `inputs`. None if it was not trained, or if there is nothing to measure on.
///
/// # Errors
///
/// Fails if the device does.
pub fn commenter_bits(
    commenter: &Commenter,
    episodes: &[Episode],
    inputs: Inputs,
    every: usize,
    seed: u64,
) -> Result<Option<CommenterBits>, Error> {
    let mut sums = CommenterBits {
        comments: 0,
        characters: 0,
        too_long: 0,
        bits: Estimate::ratio(&[0.0], &[1.0], seed),
    };
    let (mut bits, mut characters) = (Vec::new(), Vec::new());
    let mut number = 0usize;
    for episode in episodes {
        let stream = StreamForm::of(commenter).stream(episode)?;
        let lengths = text_lengths(episode, &stream);
        let (mut own_bits, mut own_characters) = (0.0, 0u64);
        let mut ngrams = commenter.ngrams();
        for span in spans(&stream) {
            number += 1;
            let is_measured = number.is_multiple_of(every.max(1));
            let mut recalled = Vec::new();
            for event in &stream.events()[span.clone()] {
                if is_measured {
                    recalled.push(ngrams.recall(event));
                }
                if inputs.includes(event.kind) {
                    ngrams.read(event);
                }
            }
            if !is_measured {
                continue;
            }
            let Some(losses) = losses(commenter, &stream, span.clone(), &recalled, inputs)? else {
                return Ok(None);
            };
            for (event, loss) in span.zip(losses) {
                if !stream.events()[event].is_typed() {
                    continue;
                }
                if stream.events()[event].pieces.len() > MAX_PIECES {
                    sums.too_long += 1;
                    continue;
                }
                own_bits += loss / std::f64::consts::LN_2;
                own_characters += lengths[event];
                sums.comments += 1;
            }
        }
        sums.characters += own_characters;
        if own_characters > 0 {
            bits.push(own_bits);
            characters.push(own_characters as f64);
        }
    }
    if sums.characters == 0 {
        return Ok(None);
    }
    sums.bits = Estimate::ratio(&bits, &characters, seed);
    Ok(Some(sums))
}

/// Spans of events of half a window each.
fn spans(stream: &Stream) -> Vec<std::ops::Range<usize>> {
    let (mut spans, mut start, mut tokens) = (Vec::new(), 0, 0);
    for (number, event) in stream.events().iter().enumerate() {
        if tokens + num_tokens(event) > WINDOW / 2 {
            spans.push(start..number);
            (start, tokens) = (number, 0);
        }
        tokens += num_tokens(event);
    }
    spans.push(start..stream.events().len());
    spans
}

/// The negative log-likelihood of each event's text in a span, nats, after half a window of what
/// came before it, and of what was counted in all that came before it.
fn losses(
    commenter: &Commenter,
    stream: &Stream,
    span: std::ops::Range<usize>,
    recalled: &[Vec<Recalled>],
    inputs: Inputs,
) -> Result<Option<Vec<f64>>, Error> {
    let Some(network) = commenter.network() else {
        return Ok(None);
    };
    let events = stream.events();
    let mut tokens = 0;
    let before = events[..span.start].iter().rev().take_while(|event| {
        tokens += num_tokens(event);
        tokens <= WINDOW / 2
    });
    let first = span.start - before.count();
    let own: Vec<Vec<u32>> = (first..span.end).map(|event| stream.own(event)).collect();
    let read: Vec<WindowEvent<'_>> = (first..span.end)
        .zip(&own)
        .map(|(event, own)| WindowEvent {
            event: &events[event],
            own,
            recalled: match event.checked_sub(span.start) {
                Some(number) => &recalled[number],
                None => &[],
            },
            is_target: event >= span.start && events[event].is_comment(),
            is_candidate: false,
        })
        .collect();
    let window = StreamWindow::new(commenter.tokens(), &read, inputs);
    let batch = StreamBatch::new(std::slice::from_ref(&window));
    let each = to_host(network.mixed_losses(&batch))?;
    let mut losses = vec![0.0; span.len()];
    for (target, loss) in window.targets.iter().zip(each) {
        if !target.is_style {
            losses[first + target.event - span.start] += f64::from(loss);
        }
    }
    Ok(Some(losses))
}
