//! How comments are decoded, on the command line.

use std::str::FromStr;

use caption_model::{Beam, Decoding, GenerateOptions, LengthPenalty, Sampling, SymbolRule};
use clap::{ValueEnum, builder::RangedU64ValueParser};

/// How words are chosen: shared by `comment`, `attend` and `run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct DecodingArgs {
    /// How words are chosen: `original` draws the first word and takes the most probable ones after
    /// it; `greedy` takes the most probable ones from the first on; `beam` looks for the most
    /// probable comment; `sample` draws every word.
    #[arg(long, value_enum, default_value_t = Decode::Original)]
    decode: Decode,
    /// Draws the first word also for greedy and beam search: without it a frame gets the same
    /// comment every time.
    #[arg(long)]
    draw_first: bool,
    /// Width of the beam.
    #[arg(long, value_name = "N", default_value_t = 4)]
    beam: usize,
    /// How a beam weighs long comments: none, wu:ALPHA (Wu et al. 2016) or power:ALPHA; a larger
    /// ALPHA makes them longer.
    #[arg(long, value_name = "KIND", default_value = "wu:0.6")]
    length_penalty: Penalty,
    /// Where words are drawn: below 1 probable ones come more often, above 1 less.
    #[arg(long, value_name = "T", default_value_t = 1.0)]
    temperature: f32,
    /// Where words are drawn: only the N most probable ones.
    #[arg(long, value_name = "N")]
    top_k: Option<usize>,
    /// Where words are drawn: only the most probable ones that together have this probability.
    #[arg(long, value_name = "P", default_value_t = 1.0)]
    top_p: f32,
    /// Writes no run of N words twice in a comment.
    #[arg(long, value_name = "N")]
    no_repeat: Option<usize>,
    /// Makes words that were written before rarer: their log-probabilities are multiplied with
    /// this.
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    repetition_penalty: f32,
    /// Where punctuation and other symbols may stand.
    #[arg(long, value_enum, default_value_t = SymbolsName::NotFirst)]
    symbols: SymbolsName,
    /// Lets the unknown word be written.
    #[arg(long)]
    unknown: bool,
    /// Fewest words of a comment.
    #[arg(long, value_name = "N", default_value_t = 1)]
    min_words: usize,
    /// Most words of a comment, 1 to 1,000.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = RangedU64ValueParser::<usize>::new().range(1..=GenerateOptions::MAX_WORDS as u64))]
    max_words: usize,
    /// Seed of what is drawn. Default: the seed the model was trained with.
    #[arg(long, value_name = "N")]
    writing_seed: Option<u64>,
}

/// A way of choosing words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Decode {
    Original,
    Greedy,
    Beam,
    Sample,
}

/// A place for symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SymbolsName {
    Everywhere,
    NotFirst,
    Nowhere,
}

/// A length penalty with its exponent.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Penalty(LengthPenalty);

impl FromStr for Penalty {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected none, wu:ALPHA or power:ALPHA".to_owned();
        let (kind, alpha) = text.split_once(':').unwrap_or((text, ""));
        let alpha = || {
            let alpha = alpha.parse::<f64>().ok();
            alpha.filter(|alpha| alpha.is_finite()).ok_or_else(expected)
        };
        Ok(Self(match kind {
            "none" if text == "none" => LengthPenalty::None,
            "wu" => LengthPenalty::Wu { alpha: alpha()? },
            "power" => LengthPenalty::Power { alpha: alpha()? },
            _ => return Err(expected()),
        }))
    }
}

impl DecodingArgs {
    /// The library's options; `seed` is the model's.
    pub(crate) fn options(&self, seed: u64) -> GenerateOptions {
        let sampling = Sampling::default()
            .temperature(self.temperature)
            .top_k(self.top_k)
            .top_p(self.top_p);
        let first = self.draw_first || self.decode == Decode::Original;
        let decoding = match self.decode {
            Decode::Original | Decode::Greedy => Decoding::Greedy,
            Decode::Beam => {
                Decoding::Beam(Beam::new(self.beam).length_penalty(self.length_penalty.0))
            }
            Decode::Sample => Decoding::Sample(sampling.clone()),
        };
        GenerateOptions::default()
            .decoding(decoding)
            .first_word(first.then_some(sampling))
            .symbols(match self.symbols {
                SymbolsName::Everywhere => SymbolRule::Everywhere,
                SymbolsName::NotFirst => SymbolRule::NotFirst,
                SymbolsName::Nowhere => SymbolRule::Nowhere,
            })
            .unknown(self.unknown)
            .no_repeat_ngram(self.no_repeat)
            .repetition_penalty(self.repetition_penalty)
            .min_words(self.min_words)
            .max_words(self.max_words)
            .seed(self.seed(seed))
    }

    /// The seed of what is drawn; `seed` is the model's.
    pub(crate) fn seed(&self, seed: u64) -> u64 {
        self.writing_seed.unwrap_or(seed)
    }
}
