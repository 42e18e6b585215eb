//! What the matcher reads of a stream at its moments.

use std::collections::HashMap;

use burn_fused::Bags;

use super::{lexical::LexicalCounts, stream::Stream, window::Inputs};

/// Near comments: of the last 30 s, the latest 64.
const NEAR: Reach = Reach {
    millis: 30_000,
    most: 64,
    first_lag: 1,
    num_lags: 12,
    scale: 2.4,
};
/// Comments before those, every other one, as many as 96 in three minutes.
const FAR: Reach = Reach {
    millis: 180_000,
    most: 96,
    first_lag: 13,
    num_lags: 6,
    scale: 0.8,
};
/// The latest 6 lines of the last 20 s.
const LINES: Reach = Reach {
    millis: 20_000,
    most: 6,
    first_lag: 20,
    num_lags: 12,
    scale: 2.4,
};
/// The 40 lines before those.
const FAR_LINES: Reach = Reach {
    millis: 300_000,
    most: 40,
    first_lag: 33,
    num_lags: 1,
    scale: 1.0,
};
/// Kinds of what is read by how long ago, and nothing.
pub(super) const NUM_LAGS: usize = 34;

/// How far back is read.
struct Reach {
    millis: i64,
    most: usize,
    first_lag: i64,
    num_lags: i64,
    /// Lags an octave of seconds.
    scale: f64,
}

impl Reach {
    fn lag(&self, ago: i64) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "it is small")]
        let lag = ((1.0 + ago.max(0) as f64 / 1_000.0).log2() * self.scale) as i64;
        self.first_lag + lag.min(self.num_lags - 1)
    }
}

/// A moment of a stream at which a comment is looked for.
#[derive(Clone, Copy, Debug)]
pub struct MatchMoment<'a> {
    /// When, milliseconds of the video.
    pub millis: i64,
    /// Authors whose comments are not read: those who write at the moment.
    pub excluded: &'a [u32],
    /// What may be read.
    pub inputs: Inputs,
}

/// Texts that each of several moments reads.
#[derive(Clone, Debug)]
pub(super) struct MatchContext {
    /// Texts of each moment.
    pub(super) width: usize,
    /// `[moments, width]`, numbers of texts.
    pub(super) texts: Vec<i64>,
    /// `[moments, width]`, how long ago; 0 is nothing.
    pub(super) lags: Vec<i64>,
}

impl MatchContext {
    fn new(reach: &Reach) -> Self {
        Self {
            width: reach.most,
            texts: Vec::new(),
            lags: Vec::new(),
        }
    }

    fn push(&mut self, read: &[(i64, i64)]) {
        self.texts.extend(read.iter().map(|one| one.0));
        self.lags.extend(read.iter().map(|one| one.1));
        let filler = self.width - read.len();
        self.texts.extend(std::iter::repeat_n(0, filler));
        self.lags.extend(std::iter::repeat_n(0, filler));
    }
}

/// Moments of a stream, and the candidates that are looked for at each of them.
#[derive(Clone, Debug)]
pub struct MatchBatch {
    pub(super) moments: usize,
    pub(super) texts: Bags,
    /// Numbers of texts.
    pub(super) candidates: Vec<i64>,
    pub(super) comments: MatchContext,
    pub(super) lines: MatchContext,
    pub(super) far_comments: MatchContext,
    pub(super) far_lines: MatchContext,
    /// `[moments, candidates, NUM_LEXICAL]`
    pub(super) lexical: Vec<f32>,
}

impl MatchBatch {
    /// Reads a stream at some moments for candidates, given by their n-grams; `weights` say how
    /// much each row of n-grams counts ([`ngram_weights`]).
    #[must_use]
    pub fn new(
        stream: &Stream,
        moments: &[MatchMoment<'_>],
        candidates: &[&[u32]],
        weights: &[f32],
    ) -> Self {
        let mut texts = Texts::default();
        let candidate = |ngrams: &&[u32]| texts.push(ngrams);
        let mut batch = Self {
            moments: moments.len(),
            candidates: candidates.iter().map(candidate).collect(),
            texts: Bags::default(),
            comments: MatchContext::new(&NEAR),
            lines: MatchContext::new(&LINES),
            far_comments: MatchContext::new(&FAR),
            far_lines: MatchContext::new(&FAR_LINES),
            lexical: Vec::new(),
        };
        let mut counts = LexicalCounts::new(weights.len());
        for moment in moments {
            batch.read(stream, moment, &mut texts);
            counts.read(stream, moment, weights);
            for ngrams in candidates {
                counts.append(ngrams, weights, &mut batch.lexical);
            }
        }
        batch.texts = texts.bags;
        batch
    }

    fn read(&mut self, stream: &Stream, moment: &MatchMoment<'_>, texts: &mut Texts) {
        let end = stream.end_at(moment.millis);
        let (mut near, mut far) = (Vec::new(), Vec::new());
        let (mut lines, mut far_lines) = (Vec::new(), Vec::new());
        let mut passed = 0usize;
        for (number, event) in stream.events()[..end].iter().enumerate().rev() {
            let ago = moment.millis.saturating_sub(event.millis);
            if ago > FAR_LINES.millis {
                break;
            }
            let read = |reach: &Reach, ago: i64| (number, reach.lag(ago));
            if event.is_line() {
                if moment.inputs.lines {
                    if ago <= LINES.millis && lines.len() < LINES.most {
                        lines.push(read(&LINES, ago));
                    } else if far_lines.len() < FAR_LINES.most {
                        far_lines.push(read(&FAR_LINES, ago));
                    }
                }
                continue;
            }
            let is_own = |author: u32| moment.excluded.contains(&author);
            if !event.is_comment() || !moment.inputs.comments || event.author.is_some_and(is_own) {
                continue;
            }
            if ago <= NEAR.millis {
                if near.len() < NEAR.most {
                    near.push(read(&NEAR, ago));
                }
            } else if ago <= FAR.millis {
                passed += 1;
                if passed.is_multiple_of(2) && far.len() < FAR.most {
                    far.push(read(&FAR, ago - NEAR.millis));
                }
            }
        }
        let mut numbers = |read: Vec<(usize, i64)>| {
            let numbers = read.into_iter();
            numbers
                .map(|(event, lag)| (texts.of_event(stream, event), lag))
                .collect::<Vec<_>>()
        };
        self.comments.push(&numbers(near));
        self.far_comments.push(&numbers(far));
        self.lines.push(&numbers(lines));
        self.far_lines.push(&numbers(far_lines));
    }

    /// Number of candidates.
    #[must_use]
    pub fn num_candidates(&self) -> usize {
        self.candidates.len()
    }
}

/// Each text once, however many moments read it.
#[derive(Default)]
struct Texts {
    bags: Bags,
    numbers: HashMap<usize, i64>,
}

impl Texts {
    fn push(&mut self, ngrams: &[u32]) -> i64 {
        let number = i64::try_from(self.bags.len()).unwrap_or(i64::MAX);
        self.bags.push(ngrams.iter().copied());
        number
    }

    fn of_event(&mut self, stream: &Stream, event: usize) -> i64 {
        if let Some(number) = self.numbers.get(&event) {
            return *number;
        }
        let number = self.push(&stream.events()[event].ngrams);
        self.numbers.insert(event, number);
        number
    }
}

/// How much each of `rows` rows of n-grams counts: the logarithm of the share of comments without
/// it, inverted (inverse document frequency).
#[must_use]
pub fn ngram_weights<'a>(rows: usize, comments: impl IntoIterator<Item = &'a [u32]>) -> Vec<f32> {
    let (mut counts, mut all) = (vec![0u32; rows], 0u32);
    for ngrams in comments {
        let mut distinct = ngrams.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        all += 1;
        for row in distinct {
            if let Some(count) = counts.get_mut(row as usize) {
                *count += 1;
            }
        }
    }
    let all = f64::from(all.max(1));
    let weight = |count: u32| (all / (f64::from(count) + 1.0)).ln().max(0.0);
    #[expect(clippy::cast_possible_truncation, reason = "precise enough")]
    counts
        .into_iter()
        .map(|count| weight(count) as f32)
        .collect()
}
