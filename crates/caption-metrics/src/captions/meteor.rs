use std::collections::HashMap;

use super::porter::porter_stem;

/// Weight of recall in the harmonic mean.
const ALPHA: f64 = 0.9;
/// Exponent and weight of the penalty of fragments.
const BETA: f64 = 3.0;
const GAMMA: f64 = 0.5;

/// METEOR with exact and stem matches, 0 to 1: the best score over the references (Lavie and
/// Agarwal 2007, section 2, α = 0.9, β = 3, γ = 0.5).
///
/// Words are compared in lower case. First equal words are matched, then words of equal Porter
/// stem, each word of the hypothesis from the last to the first with the last free word of the
/// reference, which is how NLTK's `meteor_score` aligns them; its synonyms from WordNet are left
/// out. Words that are not English keep their form, so for Japanese only equal words match.
///
/// ```
/// use caption_metrics::meteor;
///
/// // Two of two words in one chunk: P = R = 1, penalty 0.5 · (1/2)³.
/// let score = meteor(&["cats", "run"], &[["Cat", "running"]]);
/// assert!((score - 0.9375).abs() < 1e-12);
/// ```
#[must_use]
pub fn meteor<W: AsRef<str>, R: AsRef<[W]>>(hypothesis: &[W], references: &[R]) -> f64 {
    let hypothesis = Forms::of(hypothesis);
    references
        .iter()
        .map(|reference| score(&hypothesis, &Forms::of(reference.as_ref())))
        .fold(0.0, f64::max)
}

/// Words in lower case and their stems.
struct Forms {
    words: Vec<String>,
    stems: Vec<String>,
}

impl Forms {
    fn of<W: AsRef<str>>(words: &[W]) -> Self {
        let lower = |word: &W| word.as_ref().to_lowercase();
        let words: Vec<String> = words.iter().map(lower).collect();
        let stems = words.iter().map(|word| porter_stem(word)).collect();
        Self { words, stems }
    }
}

fn score(hypothesis: &Forms, reference: &Forms) -> f64 {
    let mut matched = vec![None; hypothesis.words.len()];
    let mut taken = vec![false; reference.words.len()];
    align(
        &hypothesis.words,
        &reference.words,
        &mut matched,
        &mut taken,
    );
    align(
        &hypothesis.stems,
        &reference.stems,
        &mut matched,
        &mut taken,
    );
    let matches = matched.iter().flatten().count() as f64;
    if matches == 0.0 {
        return 0.0;
    }
    let precision = matches / hypothesis.words.len() as f64;
    let recall = matches / reference.words.len() as f64;
    let mean = precision * recall / (ALPHA * precision + (1.0 - ALPHA) * recall);
    let penalty = GAMMA * (chunks(&matched) as f64 / matches).powf(BETA);
    mean * (1.0 - penalty)
}

/// Matches what is not matched yet, the last words first.
fn align(
    hypothesis: &[String],
    reference: &[String],
    matched: &mut [Option<usize>],
    taken: &mut [bool],
) {
    let mut free: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, word) in reference.iter().enumerate().filter(|&(at, _)| !taken[at]) {
        free.entry(word).or_default().push(place);
    }
    for (word, matched) in hypothesis.iter().zip(matched).rev() {
        if matched.is_none() {
            *matched = free.get_mut(word.as_str()).and_then(Vec::pop);
            if let Some(place) = *matched {
                taken[place] = true;
            }
        }
    }
}

/// The fewest runs of matches that are adjacent on both sides.
fn chunks(matched: &[Option<usize>]) -> usize {
    let mut chunks = 0;
    let mut before = None;
    for &place in matched {
        let continues =
            matches!((before, place), (Some(before), Some(place)) if place == before + 1);
        chunks += usize::from(place.is_some() && !continues);
        before = place;
    }
    chunks
}
