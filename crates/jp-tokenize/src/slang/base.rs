use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::corpus::Corpus;
use crate::{PartOfSpeech, Tokenizer};

/// A word of the dictionary's own split.
#[derive(Clone, Copy, Debug)]
pub(super) struct BaseToken {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) word: u32,
    /// The cost of the best path up to its end.
    pub(super) total_cost: i32,
    pub(super) word_cost: i16,
    pub(super) left_id: u16,
    pub(super) right_id: u16,
}

/// How the dictionary splits the texts now.
#[derive(Debug, Default)]
pub(super) struct Base {
    pub(super) tokens: Vec<BaseToken>,
    /// Where the tokens of each text begin; one more than there are texts.
    pub(super) starts: Vec<usize>,
    pub(super) num_words: usize,
    /// Words of one character.
    pub(super) single: HashMap<char, u32, RandomState>,
    /// The description of the commonest kind of noun and its connection ids, left and right.
    pub(super) noun: (String, u16, u16),
}

impl Base {
    pub(super) fn new(tokenizer: &Tokenizer, corpus: &Corpus, texts: &[&str]) -> Self {
        let mut base = Self::default();
        let mut words: HashMap<&str, u32, RandomState> = HashMap::default();
        let mut kinds: HashMap<(&str, u16, u16), u64, RandomState> = HashMap::default();
        let mut worker = tokenizer.vibrato().new_worker();
        for (number, text) in texts.iter().enumerate() {
            base.starts.push(base.tokens.len());
            let start = corpus.starts[number];
            worker.reset_sentence(text);
            worker.tokenize();
            for at in 0..worker.num_tokens() {
                let token = worker.token(at);
                let surface = &text[token.range_byte()];
                let next = u32::try_from(words.len()).unwrap_or(u32::MAX);
                let word = *words.entry(surface).or_insert(next);
                let mut chars = surface.chars();
                if let (Some(c), None) = (chars.next(), chars.next()) {
                    base.single.insert(c, word);
                }
                let part = PartOfSpeech::parse(token.feature()).as_str();
                *kinds
                    .entry((part, token.left_id(), token.right_id()))
                    .or_default() += 1;
                let place = token.range_char();
                let offset =
                    |at: usize| start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
                base.tokens.push(BaseToken {
                    start: offset(place.start),
                    end: offset(place.end),
                    word,
                    total_cost: token.total_cost(),
                    word_cost: token.word_cost(),
                    left_id: token.left_id(),
                    right_id: token.right_id(),
                });
            }
        }
        base.starts.push(base.tokens.len());
        base.num_words = words.len();
        let rank = |part: &str| match part {
            "名詞,一般" | "名詞,普通名詞,一般" => 2,
            _ if part.starts_with("名詞") => 1,
            _ => 0,
        };
        let noun = kinds
            .iter()
            .max_by_key(|&(&kind, &count)| (rank(kind.0), count, kind));
        if let Some((&(part, left, right), _)) = noun {
            base.noun = (part.to_owned(), left, right);
        }
        base
    }

    /// For each character whether a word begins there, or a character between words.
    pub(super) fn begins(&self, corpus: &Corpus) -> Vec<bool> {
        let mut begins = vec![true; corpus.chars.len()];
        for token in &self.tokens {
            begins[token.start as usize + 1..token.end as usize].fill(false);
        }
        begins
    }

    pub(super) fn of_text(&self, number: usize) -> &[BaseToken] {
        &self.tokens[self.starts[number]..self.starts[number + 1]]
    }
}
