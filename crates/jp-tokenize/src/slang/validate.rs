use super::corpus::Corpus;
use super::ngram::NgramModel;

/// The order of the n-gram model that foretells one half of the texts from the other.
const ORDER: usize = 3;

/// The bits that each text takes after the texts of the other half, every second one, split at `begins`.
pub(super) fn bits(texts: &[&str], begins: &[bool], corpus: &Corpus) -> Vec<f64> {
    let half = |odd: usize| {
        let words = |number: usize| words(texts[number], &begins[corpus.text(number)]);
        let mut model = NgramModel::new(ORDER);
        for number in (0..texts.len()).filter(|number| number % 2 != odd) {
            model.add(words(number));
        }
        let told = (0..texts.len()).filter(|number| number % 2 == odd);
        told.map(|number| model.bits(words(number)))
            .collect::<Vec<_>>()
    };
    let (even, odd) = std::thread::scope(|scope| {
        let even = scope.spawn(|| half(0));
        let odd = half(1);
        (even.join().unwrap_or_default(), odd)
    });
    let mut halves = [even.into_iter(), odd.into_iter()];
    (0..texts.len())
        .map(|number| halves[number % 2].next().unwrap_or(0.0))
        .collect()
}

/// The parts of a text that begin where `begins` says, by character.
fn words<'a>(text: &'a str, begins: &[bool]) -> impl Iterator<Item = &'a str> {
    let mut starts = text
        .char_indices()
        .zip(begins)
        .filter(|(_, begins)| **begins)
        .map(|((at, _), _)| at);
    let mut next = starts.next().map(|_| 0);
    let starts: Vec<usize> = starts.collect();
    let mut starts = starts.into_iter();
    std::iter::from_fn(move || {
        let start = next?;
        next = starts.next();
        Some(&text[start..next.unwrap_or(text.len())])
    })
}
