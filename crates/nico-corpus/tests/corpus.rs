//! Corpora that nothing can be learnt from are refused.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use jp_tokenize::{Dictionary, Tokenizer};
use nico_comments::{Comments, ReadOptions};
use nico_corpus::{Corpus, CorpusOptions, CorpusVideo, Error};

/// Every character is a word of its own.
fn tokenizer() -> Tokenizer {
    let dictionary = Dictionary::from_sources(
        "草,0,0,10,名詞\n",
        "1 1\n0 0 0\n",
        "DEFAULT 0 0 1\nSPACE 0 1 0\n0x0020 SPACE\n",
        "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
    );
    Tokenizer::new(dictionary.unwrap()).unwrap()
}

/// A comment a second, each with two words that no other has.
fn corpus(min_count: u64) -> Result<Corpus, Error> {
    let comment = |second: u32| {
        let words: String = [0, 1]
            .map(|word| char::from_u32(0x4E00 + 2 * second + word).unwrap())
            .iter()
            .collect();
        format!("<chat vpos='{}'>{words}</chat>", 100 * second)
    };
    let file: String = (0..60).map(comment).collect();
    let comments = Comments::new(file.as_bytes(), ReadOptions::default());
    let times: Vec<f64> = (0..60).map(f64::from).collect();
    let video = CorpusVideo {
        comments: comments.collect::<Result<_, _>>().unwrap(),
        row_times: &times,
        start: 0.0,
    };
    let options = CorpusOptions::default().min_count(min_count);
    Corpus::new(vec![video], &tokenizer(), &options)
}

#[test]
fn a_vocabulary_without_words_is_refused() {
    let error = corpus(2).unwrap_err();
    let Error::EmptyVocabulary {
        min_count,
        words,
        distinct,
        most_frequent,
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!((min_count, most_frequent), (2, 1));
    assert_eq!(words, u64::try_from(distinct).unwrap());
    assert!(distinct > 0);
    let told = error.to_string();
    assert!(told.contains("a vocabulary of 0 words"), "{told}");
    assert!(told.contains("was said 2 times"), "{told}");

    let learnt = corpus(1).unwrap();
    assert_eq!(learnt.vocabulary.num_words(), distinct);
}
