//! Which of two scores is better.

/// Scores closer than this, relative to scores above 1, are equal: rounding, such as another order
/// of a sum, decides nothing.
const TIE: f64 = 1e-12;

/// Whether a score is better than the best one before. Equal ones are not, so that of equally good
/// epochs the earliest is the best; what is no number is worse than any number.
pub(super) fn surpasses(score: f64, best: f64) -> bool {
    if best.is_nan() {
        return !score.is_nan();
    }
    score - best > TIE * best.abs().max(1.0) || (best == f64::NEG_INFINITY && score > best)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three tenths summed in two orders differ in the last bit and are the same score.
    #[test]
    fn rounding_makes_no_score_better() {
        let (one, other) = (0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1);
        assert!(one != other);
        assert!(!surpasses(one, other) && !surpasses(other, one));
        assert!(surpasses(0.6 + 1e-9, 0.6) && !surpasses(0.6, 0.6 + 1e-9));
        assert!(!surpasses(1e9 + 1e-6, 1e9) && surpasses(1e9 + 1.0, 1e9));
    }

    #[test]
    fn no_number_is_never_better() {
        assert!(!surpasses(f64::NAN, -1.0) && surpasses(-1.0, f64::NAN));
        assert!(!surpasses(f64::NAN, f64::NAN));
        assert!(surpasses(-1.0, f64::NEG_INFINITY));
        assert!(!surpasses(f64::NEG_INFINITY, f64::NEG_INFINITY));
        assert!(surpasses(f64::INFINITY, 1.0) && !surpasses(f64::INFINITY, f64::INFINITY));
    }
}
