//! Any text is split into words that lie in order and leave out nothing but spaces, each time in
//! the same way.

#![no_main]

#[path = "common/small.rs"]
mod small;

use std::sync::LazyLock;

use jp_tokenize::{Tokenizer, VocabularyBuilder};
use libfuzzer_sys::fuzz_target;

static TOKENIZER: LazyLock<Tokenizer> =
    LazyLock::new(|| Tokenizer::new(small::dictionary()).expect("it has the category SPACE"));

fuzz_target!(|text: &str| {
    let is_space = |c| " \t\n".contains(c);
    let mut worker = TOKENIZER.worker();
    let mut builder = VocabularyBuilder::new();
    let mut end = 0;
    let mut words = Vec::new();
    for token in worker.tokenize(text) {
        assert_eq!(&text[token.range.clone()], token.surface);
        assert!(!token.surface.is_empty());
        assert!(text[end..token.range.start].chars().all(is_space));
        end = token.range.end;
        builder.add(token.surface, token.part_of_speech());
        words.push(token.surface);
    }
    assert!(text[end..].chars().all(is_space));
    // Buffers that were used give the same as new ones.
    assert_eq!(TOKENIZER.words(text), words);
    assert!(worker.tokenize(text).map(|token| token.surface).eq(words.iter().copied()));

    let mut counter = TOKENIZER.counter();
    counter.add(text);
    let vocabulary = builder.build(None, 1);
    assert_eq!(counter.into_builder().build(None, 1), vocabulary);
    assert_eq!(vocabulary.coverage(words.iter().copied()).total, words.len() as u64);
});
