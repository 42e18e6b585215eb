//! Exact fractions, for times and frame rates.

use std::fmt;

/// A fraction such as 30000/1001, exact as the container has it.
///
/// # Example
///
/// ```
/// use frame_features::Rational;
///
/// let rate = Rational::new(30000, 1001);
/// assert_eq!(rate.to_string(), "30000/1001");
/// assert!((rate.to_f64() - 29.97).abs() < 0.001);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Rational {
    /// Numerator.
    pub numerator: i64,
    /// Denominator; 0 stands for unknown.
    pub denominator: i64,
}

impl Rational {
    /// `numerator / denominator`, not reduced.
    #[must_use]
    pub const fn new(numerator: i64, denominator: i64) -> Self {
        Self {
            numerator,
            denominator,
        }
    }

    /// The nearest floating-point number; 0 if the denominator is 0.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        if self.denominator == 0 {
            return 0.0;
        }
        self.numerator as f64 / self.denominator as f64
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}
