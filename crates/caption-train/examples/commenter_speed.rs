//! How fast the commenter of two cores learns, scores and writes, with random weights on a drawn
//! stream. `benches/commenter/run.sh` runs it beside PyTorch.
//!
//! usage: commenter_speed [--steps N] [--cases N] [--comments N]

#![expect(
    clippy::cast_possible_truncation,
    reason = "numbers of a bench are small"
)]

use std::{ops::ControlFlow, time::Instant};

use burn::tensor::Device;
use caption_model::{
    Commenter, CommenterConfig, CommenterFolder, NgramHasher, Sampling,
    commenter::{
        BackgroundNgrams, CommentStyle, CommentWriter, EventKind, Inputs, MatchMoment, Stream,
        StreamEvent, WritingOptions, ngram_weights,
    },
};
use caption_train::{
    CommenterData, CommenterEvent, CommenterTrainer, FitConfig, FitOptimizer, TrainingLength,
};
use jp_tokenize::{PieceOptions, Pieces};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Pieces of the vocabulary, as many as `nico train` learns unless told.
const PIECES: usize = 8_000;
/// Events of a stream, and milliseconds between two.
const EVENTS: usize = 6_000;
const APART: i64 = 450;
/// Steps before the clock starts.
const WARM_UP: usize = 10;
/// Tokens of a step: four windows of 1,024, of which the last event may leave some out.
const TOKENS: usize = 4_096;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut counts = [30, 20, 60];
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let place = ["--steps", "--cases", "--comments"]
            .iter()
            .position(|name| *name == argument);
        let number = arguments.next().and_then(|number| number.parse().ok());
        let (Some(place), Some(number)) = (place, number) else {
            return Err("usage: commenter_speed [--steps N] [--cases N] [--comments N]".into());
        };
        counts[place] = number;
    }
    let [steps, cases, comments] = counts;
    let pieces = pieces()?;
    let config = CommenterConfig::tiny(&pieces);
    let hasher = NgramHasher::new(u32::try_from(config.matcher.num_rows)?);
    let streams: Vec<Stream> = (0..3).map(|seed| stream(seed, &pieces, hasher)).collect();
    for (name, optimizer) in [("Adam", FitOptimizer::Adam), ("Muon", FitOptimizer::Muon)] {
        if steps == 0 {
            break;
        }
        let seconds = train(&config, &pieces, &streams, optimizer, steps)?;
        println!(
            "training, {name}: {:.0} tokens/s",
            (steps * TOKENS) as f64 / seconds
        );
    }
    let folder = tempfile::tempdir()?;
    let commenter = untrained(&config, &pieces, &streams, &folder)?;
    println!(
        "scoring: {:.1} cases/s",
        score(&commenter, &streams[0], cases)?
    );
    let mut millis = write(&commenter, &streams[1], comments)?;
    millis.sort_by(f64::total_cmp);
    let at = |share: f64| millis[((millis.len() - 1) as f64 * share) as usize];
    println!(
        "writing: {:.1} ms a comment, 95 % within {:.1} ms",
        at(0.5),
        at(0.95)
    );
    Ok(())
}

/// So many pieces of a text of drawn characters.
fn pieces() -> Result<Pieces, jp_tokenize::Error> {
    let texts: Vec<String> = (0..40_000).map(|number| text(number, 12)).collect();
    let texts = texts.iter().map(String::as_str);
    Pieces::learn(texts, &PieceOptions::default().size(PIECES))
}

/// Characters of which some are much more frequent than others.
fn text(number: u64, length: usize) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let uniform = (state >> 11) as f64 / (1u64 << 53) as f64;
        (uniform * uniform * uniform * 900.0) as u32
    };
    let character = |_| char::from_u32(0x4e00 + draw()).unwrap_or('一');
    (0..length).map(character).collect()
}

fn stream(seed: u64, pieces: &Pieces, hasher: NgramHasher) -> Stream {
    Stream::new((0..EVENTS as u64).map(|number| {
        let text = text(seed * 100_000 + number, 4 + (number % 11) as usize);
        let millis = number as i64 * APART;
        let (kind, author) = match number % 8 {
            0 => (EventKind::Line, None),
            _ => (
                EventKind::Comment(CommentStyle::default()),
                Some((number % 97) as u32),
            ),
        };
        StreamEvent::new(millis, kind, author, &text, pieces, hasher)
    }))
}

/// Seconds of so many steps, what is read and drawn for them included.
fn train(
    config: &CommenterConfig,
    pieces: &Pieces,
    streams: &[Stream],
    optimizer: FitOptimizer,
    steps: usize,
) -> Result<f64, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let all = steps + WARM_UP;
    let fit = FitConfig::network()
        .optimizer(optimizer)
        .length(TrainingLength::Steps(all))
        .steps_a_round(all);
    let (train, dev) = streams.split_at(2);
    let data = CommenterData { train, dev, pieces };
    let (mut start, mut seconds) = (None, 0.0);
    CommenterTrainer::new(config.clone(), folder.path())
        .matcher(None)
        .network(Some(fit))
        .heads(None)
        .run(data, &Device::flex(), |event| {
            match event {
                CommenterEvent::Step { step, .. } if step == WARM_UP => {
                    start = Some(Instant::now());
                }
                CommenterEvent::Step { step, .. } if step == all => {
                    seconds = start.map_or(0.0, |start| start.elapsed().as_secs_f64());
                }
                _ => {}
            }
            ControlFlow::Continue(())
        })?;
    Ok(seconds)
}

fn untrained(
    config: &CommenterConfig,
    pieces: &Pieces,
    streams: &[Stream],
    folder: &tempfile::TempDir,
) -> Result<Commenter, Box<dyn std::error::Error>> {
    let device = Device::flex();
    device.seed(1);
    let ngrams = streams[0].events().iter().map(|event| &*event.ngrams);
    let weights = ngram_weights(config.matcher.num_rows, ngrams);
    let folder = CommenterFolder::new(folder.path());
    folder.create(config, pieces)?;
    folder.save_matcher(&config.matcher.init(&weights, &device))?;
    folder.save_network(&config.network.init(&device))?;
    folder.save_background(&BackgroundNgrams::default())?;
    Ok(Commenter::from_dir(folder.path(), &device)?)
}

/// Cases a second, each of 100 candidates that read the same past.
fn score(
    commenter: &Commenter,
    stream: &Stream,
    cases: usize,
) -> Result<f64, Box<dyn std::error::Error>> {
    let candidates: Vec<String> = (0..100)
        .map(|number| text(number, 4 + number as usize % 11))
        .collect();
    let candidates: Vec<&str> = candidates.iter().map(String::as_str).collect();
    let case = |number: usize| {
        let moment = MatchMoment {
            millis: 300_000 + number as i64 * 5_000,
            excluded: &[],
            inputs: Inputs::default(),
        };
        commenter.log_likelihoods(stream, &moment, &candidates)
    };
    case(0)?;
    let start = Instant::now();
    for number in 0..cases {
        case(number)?;
    }
    Ok(cases as f64 / start.elapsed().as_secs_f64())
}

/// Milliseconds of comments of twelve pieces, the best of sixteen drafts each, in a stream in
/// which others write as well.
fn write(
    commenter: &Commenter,
    stream: &Stream,
    comments: usize,
) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    let options = WritingOptions::default()
        .drafts(16)
        .max_pieces(12)
        .sampling(Sampling::default());
    let mut writer = CommentWriter::new(commenter, options)?;
    let mut events = stream.events().iter();
    let mut times = Vec::new();
    for number in 0..comments + 100 {
        let Some(event) = events.next() else { break };
        writer.read(event.clone());
        if number < 100 {
            continue; // a past to read
        }
        let start = Instant::now();
        writer.write(event.millis + 1, 1_000_000 + number as u32 % 7)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(times)
}
