//! Corpora that nothing can be learnt from are refused.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use jp_tokenize::{Dictionary, Pieces, Tokenizer, UNK};
use nico_comments::{Comment, Comments, ReadOptions, Vpos};
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

/// Pieces are learnt from the training comments alone, and say every comment: there is no unknown
/// word on either side.
#[test]
fn pieces_know_every_comment() {
    let comments: Vec<String> = (0..120)
        .map(|second| match second % 3 {
            0 => "ここすき".to_owned(),
            1 => "ここ好き！".to_owned(),
            _ => String::from(char::from_u32(0x4E00 + second).unwrap()),
        })
        .collect();
    let times: Vec<f64> = (0..120).map(f64::from).collect();
    let video = || CorpusVideo {
        comments: (0..)
            .zip(&comments)
            .map(|(second, body)| Comment::new(Vpos(100 * second), body))
            .collect(),
        row_times: &times,
        start: 0.0,
    };
    let options = CorpusOptions::default().split("seconds".parse().unwrap());
    let corpus = Corpus::with_pieces(vec![video()], 400, &options).unwrap();
    let vocabulary = &corpus.vocabulary;
    assert!(vocabulary.has_pieces());
    assert!(vocabulary.len() <= 400);
    assert_eq!(vocabulary.count(UNK), 0);
    assert!(vocabulary.id("ここすき").is_some());
    let mut said = 0;
    for pairs in [&corpus.train, &corpus.dev] {
        for pair in pairs.iter() {
            let text = vocabulary.decode(pair.words);
            assert!(comments.contains(&text), "{text}");
            said += 1;
        }
    }
    assert_eq!(said, comments.len());

    // Training that begins with them has the same words of the same comments.
    let pieces = Pieces::from_vocabulary(vocabulary).unwrap().unwrap();
    let given = vocabulary.clone();
    let again = Corpus::with_vocabulary(vec![video()], &pieces, &options, given).unwrap();
    assert!(again.train.iter().eq(corpus.train.iter()));
    assert!(Corpus::with_pieces(vec![video()], 259, &options).is_err());
}
