//! Figures as people read them: no minus before zero, a dash where nothing was measured.

use caption_metrics::Estimate;

/// What stands where there was nothing to measure.
const NOTHING: &str = "–";

/// A number with so many digits after the point; what rounds to zero has no minus.
pub(crate) fn fixed(number: f64, digits: usize) -> String {
    let text = format!("{number:.digits$}");
    match text.strip_prefix('-') {
        Some(zero) if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => zero.to_owned(),
        _ => text,
    }
}

/// A number that is a mean over `of` things: a dash where there are none.
pub(crate) fn mean_over(of: usize, number: f64, digits: usize) -> String {
    if of == 0 {
        return NOTHING.to_owned();
    }
    fixed(number, digits)
}

/// A share as a percentage.
pub(crate) fn percent(share: f64) -> String {
    format!("{} %", fixed(100.0 * share, 1))
}

/// A share of `of` things as a percentage: a dash where there are none.
pub(crate) fn percent_of(of: usize, share: f64) -> String {
    if of == 0 {
        return NOTHING.to_owned();
    }
    percent(share)
}

/// A figure with its interval over `of` things: a dash where there are none. Where resampling gives
/// always the same, as of a single thing or of things that lie in one span of time, there is no
/// interval.
pub(crate) fn estimate_over(of: usize, estimate: Estimate, digits: usize) -> String {
    match of {
        0 => NOTHING.to_owned(),
        _ if has_no_interval(of, estimate) => fixed(estimate.value, digits),
        _ => format!("{estimate:.digits$}"),
    }
}

fn has_no_interval(of: usize, estimate: Estimate) -> bool {
    of == 1 || estimate.low == estimate.high
}

/// As [`estimate_over`], with the signs of a difference.
pub(crate) fn difference_over(of: usize, estimate: Estimate, digits: usize) -> String {
    let text = match of {
        0 => return NOTHING.to_owned(),
        _ if has_no_interval(of, estimate) => fixed(estimate.value, digits),
        _ => return format!("{estimate:+.digits$}"),
    };
    let is_above = text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) && !text.starts_with('-');
    if is_above { format!("+{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_dash_and_one_thing_has_no_interval() {
        let estimate = Estimate {
            value: -0.01,
            low: -2.0,
            high: 3.0,
        };
        let over = |of| {
            (
                estimate_over(of, estimate, 1),
                difference_over(of, estimate, 2),
            )
        };
        assert_eq!(over(0), ("–".into(), "–".into()));
        assert_eq!(over(1), ("0.0".into(), "-0.01".into()));
        assert_eq!(
            over(2),
            ("0.0 [-2.0, 3.0]".into(), "-0.01 [-2.00, +3.00]".into())
        );
        let one_span = Estimate {
            value: 16.4,
            low: 16.4,
            high: 16.4,
        };
        assert_eq!(estimate_over(4, one_span, 1), "16.4");
        assert_eq!(difference_over(1, estimate.scaled(-100.0), 1), "+1.0");
        assert_eq!(
            (percent_of(0, 0.0), percent_of(4, 0.25)),
            ("–".into(), "25.0 %".into())
        );
        assert_eq!(
            (mean_over(0, 0.0, 3), fixed(-0.0004, 3)),
            ("–".into(), "0.000".into())
        );
    }
}
