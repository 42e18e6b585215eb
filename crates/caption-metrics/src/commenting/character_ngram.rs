use std::collections::HashMap;

use super::unit_ngram::{CONTEXT, Context, END, UnitNgram, contexts, shortened};

/// Language model of characters: 4-grams with interpolated Kneser-Ney smoothing.
///
/// Chen and Goodman (1999), section 2.7: each order gives up a discount `D = n₁ / (n₁ + 2 n₂)` of
/// every count to the order below, whose counts are of distinct characters before a run instead of
/// its occurrences. Below the shortest context all characters of Unicode are equally likely, so
/// that no text is impossible.
///
/// ```
/// use caption_metrics::CharacterNgram;
///
/// let model = CharacterNgram::fit(["かわいい", "かわいい", "草"]);
/// let (known, strange) = (model.bits("かわいい"), model.bits("い草わか"));
/// assert!(known < strange && strange.is_finite());
/// ```
#[derive(Clone, Debug)]
pub struct CharacterNgram(UnitNgram);

/// All code points that are characters.
const CHARACTERS: usize = 1_112_064;

impl CharacterNgram {
    /// Fits to texts.
    #[must_use]
    pub fn fit<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let events = texts.into_iter().flat_map(character_contexts);
        Self(UnitNgram::fit_events(events, CONTEXT + 1, CHARACTERS))
    }

    /// Probability of a character, or of the end of the text where there is none, behind others.
    #[must_use]
    pub fn probability(&self, before: &str, character: Option<char>) -> f64 {
        let (context, _) = character_contexts(before)
            .last()
            .expect("a text has an end");
        self.0.after(context, character.map_or(END, u32::from))
    }

    /// Probabilities of the characters of a text and of its end, each behind those before it.
    #[must_use]
    pub fn probabilities(&self, text: &str) -> Vec<f64> {
        character_contexts(text)
            .map(|(context, character)| self.0.after(context, character))
            .collect()
    }

    /// Bits of a text, its end included: −log₂ of its probability.
    #[must_use]
    pub fn bits(&self, text: &str) -> f64 {
        let probabilities = self.probabilities(text);
        probabilities.iter().map(|p| -p.log2()).sum()
    }
}

/// Runs of characters in the comments just before a moment: what others have said is said again.
///
/// Kuhn and De Mori (1990), with contexts of up to three characters, interpolated by Witten-Bell
/// over the probabilities of a model.
///
/// ```
/// use caption_metrics::{CharacterNgram, NgramCache};
///
/// let model = CharacterNgram::fit(["かわいい", "草"]);
/// let mut cache = NgramCache::default();
/// cache.add("ここ好き");
/// let own = model.probabilities("ここ好き");
/// let said = cache.probabilities("ここ好き", &own);
/// assert!(said.iter().zip(&own).all(|(said, own)| said > own));
/// cache.remove("ここ好き"); // the window moves on
/// assert_eq!(cache.probabilities("ここ好き", &own), own);
/// ```
#[derive(Clone, Debug, Default)]
pub struct NgramCache {
    orders: [HashMap<Context, Behind>; CONTEXT + 1],
}

/// What came behind a context, and how often in all.
#[derive(Clone, Debug, Default)]
struct Behind {
    sum: u32,
    counts: HashMap<u32, u32>,
}

impl NgramCache {
    /// Adds a text.
    pub fn add(&mut self, text: &str) {
        for (context, character) in character_contexts(text) {
            for (length, order) in self.orders.iter_mut().enumerate() {
                let behind = order.entry(shortened(context, length)).or_default();
                behind.sum += 1;
                *behind.counts.entry(character).or_default() += 1;
            }
        }
    }

    /// Removes a text that was added; another one changes nothing but what they have in common.
    pub fn remove(&mut self, text: &str) {
        for (context, character) in character_contexts(text) {
            for (length, order) in self.orders.iter_mut().enumerate() {
                let context = shortened(context, length);
                let Some(behind) = order.get_mut(&context) else {
                    continue;
                };
                let Some(count) = behind.counts.get_mut(&character) else {
                    continue;
                };
                *count -= 1;
                behind.sum -= 1;
                if *count == 0 {
                    behind.counts.remove(&character);
                }
                if behind.sum == 0 {
                    order.remove(&context);
                }
            }
        }
    }

    /// Probabilities of the characters of a text and of its end, given those of a model.
    #[must_use]
    pub fn probabilities(&self, text: &str, model: &[f64]) -> Vec<f64> {
        let runs = character_contexts(text).zip(model);
        runs.map(|((context, character), &model)| self.after(context, character, model))
            .collect()
    }

    fn after(&self, context: Context, character: u32, model: f64) -> f64 {
        let mut probability = model;
        for (length, order) in self.orders.iter().enumerate() {
            let Some(behind) = order.get(&shortened(context, length)) else {
                break;
            };
            let (sum, distinct) = (f64::from(behind.sum), behind.counts.len() as f64);
            let count = f64::from(behind.counts.get(&character).copied().unwrap_or(0));
            probability = (count + distinct * probability) / (sum + distinct);
        }
        probability
    }
}

/// Each character of a text, and its end, with the characters before it.
fn character_contexts(text: &str) -> impl Iterator<Item = (Context, u32)> + '_ {
    contexts(text.chars().map(u32::from))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The characters that a model has seen.
    fn seen(model: &CharacterNgram) -> HashSet<char> {
        model
            .0
            .seen()
            .into_iter()
            .filter_map(char::from_u32)
            .collect()
    }

    const TEXTS: [&str; 6] = ["かわいい", "かわいすぎ", "草", "草草", "88888", "かわいい"];

    /// Behind every context, seen or not, all characters together have a probability of 1: those
    /// seen anywhere, and the others with the equal share that is left for each.
    #[test]
    fn probabilities_sum_to_one() {
        let model = CharacterNgram::fit(TEXTS);
        let seen = seen(&model);
        for before in ["", "か", "かわ", "かわい", "草草", "zz", "い草"] {
            let known: f64 = seen
                .iter()
                .map(|&c| model.probability(before, Some(c)))
                .sum();
            let known = known + model.probability(before, None);
            let unseen = model.probability(before, Some('z')) * (CHARACTERS - seen.len()) as f64;
            assert!(
                (known + unseen - 1.0).abs() < 1e-9,
                "{before}: {known} {unseen}"
            );
        }
    }

    /// What is in the cache is likelier, and all characters together keep a probability of 1.
    #[test]
    fn what_others_have_just_said_is_likelier() {
        let model = CharacterNgram::fit(TEXTS);
        let mut cache = NgramCache::default();
        cache.add("ここ好き");
        cache.add("草");
        cache.add("ここ好き");
        let own = model.probabilities("ここ好き");
        let said = cache.probabilities("ここ好き", &own);
        assert!(said.iter().zip(&own).all(|(said, own)| said > own));
        let mut known = seen(&model);
        known.extend("ここ好き".chars());
        let sum = |before: &str| -> f64 {
            let texts = known.iter().map(|c| format!("{before}{c}"));
            let at = before.chars().count();
            let of = |text: &str| cache.probabilities(text, &model.probabilities(text))[at];
            let one = |c: char| of(&format!("{before}{c}"));
            let unseen = one('z') * (CHARACTERS - known.len()) as f64;
            texts.map(|text| of(&text)).sum::<f64>() + of(before) + unseen
        };
        for before in ["", "こ", "ここ", "草", "x"] {
            assert!(
                (sum(before) - 1.0).abs() < 1e-6,
                "{before}: {}",
                sum(before)
            );
        }
    }

    /// Of a thousand equal texts of one character, the two events of each are all but certain.
    #[test]
    fn what_never_varies_costs_nothing() {
        let model = CharacterNgram::fit(std::iter::repeat_n("草", 1_000));
        assert!(model.bits("草") < 0.01, "{}", model.bits("草"));
    }
}
