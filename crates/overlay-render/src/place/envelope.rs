//! The highest of many lines at each time.

/// A line over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) slope: f64,
    pub(super) at_zero: f64,
}

impl Line {
    fn at(self, time: f64) -> f64 {
        self.at_zero + self.slope * time
    }
}

/// The highest of some lines at each time, as the lines that are highest somewhere, in the order of
/// time (their slopes rise): the upper envelope.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelope(Vec<Line>);

impl Envelope {
    /// The envelope of lines.
    pub(super) fn of(mut lines: Vec<Line>) -> Self {
        lines.sort_unstable_by(|one, other| {
            let slopes = one.slope.total_cmp(&other.slope);
            slopes.then(one.at_zero.total_cmp(&other.at_zero))
        });
        Self::of_sorted(lines)
    }

    /// The envelope of the lines of two.
    pub(super) fn joined(&self, other: &Self) -> Self {
        Self::of([self.0.as_slice(), &other.0].concat())
    }

    fn of_sorted(lines: Vec<Line>) -> Self {
        let mut kept: Vec<Line> = Vec::new();
        for line in lines {
            while let Some(&last) = kept.last() {
                let hidden = match kept.len().checked_sub(2).map(|at| kept[at]) {
                    _ if last.slope == line.slope => true, // and it is no higher
                    None => false,
                    // Where the new one overtakes the one before the last, the last is not higher.
                    Some(before) => {
                        (line.at_zero - before.at_zero) * (last.slope - before.slope)
                            >= (last.at_zero - before.at_zero) * (line.slope - before.slope)
                    }
                };
                if !hidden {
                    break;
                }
                kept.pop();
            }
            kept.push(line);
        }
        Self(kept)
    }

    /// The height at a time; of no lines −∞.
    pub(super) fn at(&self, time: f64) -> f64 {
        let (mut from, mut to) = (0, self.0.len());
        while to - from > 1 {
            let middle = from.midpoint(to);
            if self.0[middle].at(time) >= self.0[middle - 1].at(time) {
                from = middle;
            } else {
                to = middle;
            }
        }
        self.0
            .get(from)
            .map_or(f64::NEG_INFINITY, |line| line.at(time))
    }

    /// How large the numbers are that heights are sums of, at a time that counts from a base.
    pub(super) fn magnitude(&self, time: f64, base: f64) -> f64 {
        let size = |line: &Line| line.at_zero.abs() + line.slope.abs() * (time.abs() + base.abs());
        self.0.iter().map(size).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_is_as_high_as_the_highest(
            lines in prop::collection::vec((-9_i8..9, -1000_i16..1000), 1..40),
            cut in 0_usize..40,
        ) {
            let lines: Vec<Line> = lines
                .into_iter()
                .map(|(slope, at_zero)| Line { slope: f64::from(slope), at_zero: f64::from(at_zero) })
                .collect();
            let (one, other) = lines.split_at(cut.min(lines.len()));
            let envelope = Envelope::of(one.to_vec()).joined(&Envelope::of(other.to_vec()));
            prop_assert!(envelope.0.len() <= 18);
            for time in -300..300 {
                let time = f64::from(time) / 2.0;
                let highest = lines.iter().map(|line| line.at(time)).fold(f64::NEG_INFINITY, f64::max);
                prop_assert_eq!(envelope.at(time), highest);
            }
        }
    }
}
