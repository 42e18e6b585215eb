use super::corpus::Corpus;
use super::ngram::NgramModel;

/// The order of the n-gram model that is trained on one half of the texts and tried on the other.
const ORDER: usize = 3;

/// Two-fold cross-validation of a split: the bits of each text to a model that learnt from the
/// other half of them, every second one. Words begin where `begins` says.
pub(super) fn bits(texts: &[&str], begins: &[bool], corpus: &Corpus) -> Vec<f64> {
    let half = |odd: usize| {
        let words = |number: usize| words(texts[number], &begins[corpus.text(number)]);
        let mut model = NgramModel::new(ORDER);
        for number in (0..texts.len()).filter(|number| number % 2 != odd) {
            model.add(words(number));
        }
        let held_out = (0..texts.len()).filter(|number| number % 2 == odd);
        held_out
            .map(|number| model.bits(words(number)))
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
