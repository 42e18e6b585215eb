//! Makes a vocabulary of the texts of a file, one a line, and says how much of them it covers:
//! `vocabulary TEXTS OUT [MAX_WORDS [MIN_COUNT]]`.

use std::error::Error;

use jp_tokenize::{Dictionary, Tokenizer};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [texts, out, limits @ ..] = &arguments[..] else {
        return Err("usage: vocabulary TEXTS OUT [MAX_WORDS [MIN_COUNT]]".into());
    };
    let max_words: usize = limits.first().map_or(Ok(30_000), |text| text.parse())?;
    let min_count: u64 = limits.get(1).map_or(Ok(2), |text| text.parse())?;
    let texts = std::fs::read_to_string(texts)?;
    let texts: Vec<&str> = texts.lines().collect();

    let tokenizer = Tokenizer::new(Dictionary::system()?)?;
    let (words, counts) = tokenizer.map_and_count(&texts, |counter, text| {
        counter
            .tokenize(text)
            .map(|token| token.surface)
            .collect::<Vec<_>>()
    });
    let vocabulary = counts.build(Some(max_words), min_count);
    vocabulary.save(out)?;

    let unknown = 100.0
        * vocabulary
            .coverage(words.into_iter().flatten())
            .unknown_share();
    println!(
        "{} of {} words, {unknown:.1} % of the texts are unknown",
        vocabulary.num_words(),
        counts.num_words()
    );
    for word in vocabulary.words().take(10) {
        println!("{:>8} {} {}", word.count, word.word, word.part_of_speech);
    }
    Ok(())
}
