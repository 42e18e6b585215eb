use serde::Serialize;

/// Length penalty of beam search: log-probabilities, which fall with every word, are divided by it.
/// `|Y|` is the number of words predicted, `<eos>` counted.
///
/// ```
/// use caption_model::LengthPenalty;
///
/// assert_eq!(LengthPenalty::None.divisor(9), 1.0);
/// assert_eq!(LengthPenalty::Wu { alpha: 1.0 }.divisor(7), 2.0); // (5 + 7) / (5 + 1)
/// assert_eq!(LengthPenalty::Power { alpha: 0.5 }.divisor(9), 3.0); // the root of 9
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LengthPenalty {
    /// 1: short comments win.
    None,
    /// `((5 + |Y|) / 6)^α`: Wu et al. 2016, "Google's Neural Machine Translation System", equation
    /// 14.
    Wu {
        /// 0 to 1: the larger, the longer comments become.
        alpha: f64,
    },
    /// `|Y|^α`; with α = 1 the mean log-probability of a word.
    Power {
        /// 0 to 1: the larger, the longer comments become.
        alpha: f64,
    },
}

impl LengthPenalty {
    /// The divisor for `length` predicted words.
    #[must_use]
    pub fn divisor(self, length: usize) -> f64 {
        let length = length as f64;
        match self {
            Self::None => 1.0,
            Self::Wu { alpha } => ((5.0 + length) / 6.0).powf(alpha),
            Self::Power { alpha } => length.powf(alpha),
        }
    }

    pub(super) fn exponent(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Wu { alpha } | Self::Power { alpha } => alpha,
        }
    }
}

/// Beam search: after each word the `width` most probable beginnings of a comment are kept.
///
/// ```
/// use caption_model::{Beam, GenerateOptions, LengthPenalty};
///
/// let options = GenerateOptions::beam(Beam::new(4).length_penalty(LengthPenalty::None));
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Beam {
    /// Beginnings kept, 1 to 4096.
    pub width: usize,
    /// Length penalty. Default: Wu et al.'s with α = 0.6.
    pub length_penalty: LengthPenalty,
}

impl Beam {
    /// A beam of this width.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self {
            width,
            length_penalty: LengthPenalty::Wu { alpha: 0.6 },
        }
    }

    /// Sets [`length_penalty`](Self::length_penalty).
    #[must_use]
    pub fn length_penalty(mut self, penalty: LengthPenalty) -> Self {
        self.length_penalty = penalty;
        self
    }
}
