use std::collections::HashMap;

/// Longest context, units.
pub(super) const CONTEXT: usize = 3;
/// Stands before a text.
const START: u32 = u32::MAX;
/// Stands for the end of a text.
pub(super) const END: u32 = u32::MAX - 1;
/// Stands where a context is shorter.
const NOTHING: u32 = u32::MAX - 2;

/// The last units before one; shorter ones begin with nothing.
pub(super) type Context = [u32; CONTEXT];

/// N-gram language model of the units of texts, such as words or pieces, by their numbers, with
/// interpolated Kneser-Ney smoothing.
///
/// Chen and Goodman (1999), section 2.7: each order gives up a discount `D = n₁ / (n₁ + 2 n₂)` of
/// every count to the order below, whose counts are of distinct units before a run instead of its
/// occurrences. Below the shortest context all units are equally likely, so that no text is
/// impossible.
///
/// ```
/// use caption_metrics::UnitNgram;
///
/// let texts = [[4, 5, 6], [4, 5, 7]];
/// let bigram = UnitNgram::fit(&texts, 2, 8); // 0 to 7
/// assert!(bigram.bits(&[4, 5, 6]) < bigram.bits(&[6, 5, 4]));
/// ```
#[derive(Clone, Debug)]
pub struct UnitNgram {
    /// By length of the context, from 0.
    orders: Vec<Order>,
    /// Probability of a unit, or of the end, below the shortest context.
    uniform: f64,
}

#[derive(Clone, Debug, Default)]
struct Order {
    /// Of each context and unit.
    runs: HashMap<(Context, u32), u32>,
    /// Of each context: the sum of the counts behind it, and of how many units.
    contexts: HashMap<Context, (u64, u64)>,
    discount: f64,
}

impl UnitNgram {
    /// Fits to texts as their units' numbers, of which there are `units`; `order` 2 reads the unit
    /// before.
    ///
    /// # Panics
    ///
    /// Panics if the order is not 1 to 4.
    #[must_use]
    pub fn fit<T: AsRef<[u32]>>(
        texts: impl IntoIterator<Item = T>,
        order: usize,
        units: usize,
    ) -> Self {
        let events = texts.into_iter().flat_map(|text| {
            let events: Vec<_> = contexts(text.as_ref().iter().copied()).collect();
            events
        });
        Self::fit_events(events, order, units)
    }

    pub(super) fn fit_events(
        events: impl Iterator<Item = (Context, u32)>,
        order: usize,
        units: usize,
    ) -> Self {
        assert!(
            (1..=CONTEXT + 1).contains(&order),
            "order {order}, expected 1 to 4"
        );
        let longest = order - 1;
        let mut runs: Vec<HashMap<(Context, u32), u32>> = vec![HashMap::new(); order];
        for (context, unit) in events {
            let run = (shortened(context, longest), unit);
            *runs[longest].entry(run).or_default() += 1;
        }
        // Lower orders count in how many ways a run goes on to the left.
        for length in (0..longest).rev() {
            let mut lefts = HashMap::<(Context, u32), u32>::new();
            for (context, unit) in runs[length + 1].keys() {
                *lefts
                    .entry((shortened(*context, length), *unit))
                    .or_default() += 1;
            }
            runs[length] = lefts;
        }
        Self {
            orders: runs.into_iter().map(Order::new).collect(),
            uniform: 1.0 / (units as f64 + 1.0),
        }
    }

    pub(super) fn after(&self, context: Context, unit: u32) -> f64 {
        let mut probability = self.uniform;
        for (length, order) in self.orders.iter().enumerate() {
            probability = order.after(shortened(context, length), unit, probability);
        }
        probability
    }

    /// Probabilities of the units of a text and of its end, each behind those before it.
    #[must_use]
    pub fn probabilities(&self, text: &[u32]) -> Vec<f64> {
        contexts(text.iter().copied())
            .map(|(context, unit)| self.after(context, unit))
            .collect()
    }

    /// Bits of a text, its end included: −log₂ of its probability.
    #[must_use]
    pub fn bits(&self, text: &[u32]) -> f64 {
        let probabilities = self.probabilities(text);
        probabilities.iter().map(|p| -p.log2()).sum()
    }

    /// The units that the model has seen, for tests of its sums.
    #[cfg(test)]
    pub(super) fn seen(&self) -> std::collections::HashSet<u32> {
        self.orders[0].runs.keys().map(|(_, unit)| *unit).collect()
    }
}

impl Order {
    fn new(runs: HashMap<(Context, u32), u32>) -> Self {
        let mut contexts = HashMap::<Context, (u64, u64)>::new();
        let (mut once, mut twice) = (0.0, 0.0);
        for (&(context, _), &count) in &runs {
            let (sum, distinct) = contexts.entry(context).or_default();
            *sum += u64::from(count);
            *distinct += 1;
            match count {
                1 => once += 1.0,
                2 => twice += 1.0,
                _ => {}
            }
        }
        let discount = if once + twice > 0.0 {
            once / (once + 2.0 * twice)
        } else {
            0.0
        };
        Self {
            runs,
            contexts,
            // All of a count must never go: few texts can have runs that were seen once only.
            discount: f64::clamp(discount, 0.1, 0.95),
        }
    }

    fn after(&self, context: Context, unit: u32, lower: f64) -> f64 {
        let Some(&(sum, distinct)) = self.contexts.get(&context) else {
            return lower;
        };
        let count = self.runs.get(&(context, unit)).copied().unwrap_or(0);
        let kept = (f64::from(count) - self.discount).max(0.0);
        (kept + self.discount * distinct as f64 * lower) / sum as f64
    }
}

/// Each unit of a text, and its end, with the units before it.
pub(super) fn contexts(units: impl Iterator<Item = u32>) -> impl Iterator<Item = (Context, u32)> {
    let mut context = [START; CONTEXT];
    units.chain([END]).map(move |unit| {
        let run = (context, unit);
        context = [context[1], context[2], unit];
        run
    })
}

/// The last `length` units.
pub(super) fn shortened(mut context: Context, length: usize) -> Context {
    context[..CONTEXT - length].fill(NOTHING);
    context
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Behind every context, at every order, all units and the end have a probability of 1
    /// together.
    #[test]
    fn probabilities_sum_to_one() {
        let texts: [&[u32]; 4] = [&[1, 2, 2, 3], &[1, 2], &[], &[3, 3, 3, 3, 1]];
        for order in 1..=4 {
            let model = UnitNgram::fit(texts, order, 6);
            for before in [&[][..], &[1], &[1, 2], &[3, 3, 3], &[5, 0]] {
                let after =
                    |unit: &[u32]| model.probabilities(&[before, unit].concat())[before.len()];
                let sum: f64 = (0..6).map(|unit| after(&[unit])).sum::<f64>() + after(&[]);
                assert!((sum - 1.0).abs() < 1e-9, "order {order}, {before:?}: {sum}");
            }
        }
    }

    /// Bigrams of "a b", twice, and "a c", by hand.
    #[test]
    fn a_bigram_is_as_computed_by_hand() {
        let model = UnitNgram::fit([[1, 2], [1, 2], [1, 3]], 2, 3);
        // n1 = {a c, c end}, n2 = {a b, b end}: D = 2 / (2 + 4) = 1/3.
        // Below: start a, a b, a c, b end, c end: counts 1, 1, 1, 2, so D = 3 / (3 + 2) = 0.6.
        let uniform = 0.25;
        let b = (1.0 - 0.6 + 0.6 * 4.0 * uniform) / 5.0;
        let expected = (2.0 - 1.0 / 3.0 + 1.0 / 3.0 * 2.0 * b) / 3.0;
        assert!((model.probabilities(&[1, 2])[1] - expected).abs() < 1e-12);
    }
}
