use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::corpus::Corpus;
use crate::part_of_speech::PartOfSpeech;
use crate::tokenizer::{Tokenizer, split};

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
pub(super) struct BaseSplit {
    pub(super) tokens: Vec<BaseToken>,
    /// Where the tokens of each text begin; one more than there are texts.
    pub(super) starts: Vec<usize>,
    pub(super) num_words: usize,
    /// Words of one character.
    pub(super) single: HashMap<char, u32, RandomState>,
    /// The description of the commonest kind of noun and its connection ids, left and right.
    pub(super) noun: (String, u16, u16),
}

impl BaseSplit {
    pub(super) fn new(tokenizer: &Tokenizer, corpus: &Corpus, texts: &[&str]) -> Self {
        let mut base = Self::default();
        let mut words: HashMap<&str, u32, RandomState> = HashMap::default();
        let mut kinds: HashMap<(&str, u16, u16), u64, RandomState> = HashMap::default();
        let mut worker = tokenizer.vibrato().new_worker();
        for (number, text) in texts.iter().enumerate() {
            base.starts.push(base.tokens.len());
            let start = corpus.starts[number];
            split(&mut worker, text);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::Dictionary;

    /// A NUL means the end of a word to vibrato's dictionary: it must not get there.
    #[test]
    fn texts_with_a_nul_are_split_as_the_tokenizer_splits_them() {
        let dictionary = Dictionary::from_sources(
            "草,0,0,100,名詞,一般\n草原,0,0,100,名詞,一般\nすき,0,0,100,名詞,一般\n",
            "1 1\n0 0 0\n",
            "DEFAULT 0 1 0\nSPACE 0 1 0\nOTHER 0 1 0\n0x0020 SPACE\n0x3041..0x9FFF OTHER\n",
            "DEFAULT,0,0,500,名詞,一般\nSPACE,0,0,500,記号,空白\nOTHER,0,0,500,名詞,一般\n",
        );
        let tokenizer = Tokenizer::new(dictionary.unwrap()).unwrap();
        let text = "草\0すき\0\0草";
        let texts = HashMap::from_iter([(Box::from(text), 1)]);
        let (corpus, texts) = Corpus::new(&texts);
        let base = BaseSplit::new(&tokenizer, &corpus, &texts);
        let chars: Vec<char> = text.chars().collect();
        let words: Vec<String> = base
            .tokens
            .iter()
            .map(|token| {
                chars[token.start as usize..token.end as usize]
                    .iter()
                    .collect()
            })
            .collect();
        assert_eq!(words, tokenizer.words(text));
        assert_eq!(words, ["草", "\0", "すき", "\0\0", "草"]);
    }
}
