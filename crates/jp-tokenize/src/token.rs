use std::borrow::Cow;
use std::ops::Range;

use crate::part_of_speech::PartOfSpeech;
use crate::schema::Schema;

/// A token: a word in a text, with its place and its dictionary features.
///
/// ```
/// use jp_tokenize::{Dictionary, Tokenizer};
///
/// # let dictionary = Dictionary::from_sources(
/// #     "すき,0,0,10,名詞,形容動詞語幹,*,*,*,*,すき,スキ,スキ\n",
/// #     "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
/// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
/// # )?;
/// let tokenizer = Tokenizer::new(dictionary)?;
/// let mut worker = tokenizer.worker();
/// let tokens: Vec<_> = worker.tokenize(" すき♪").collect();
/// assert_eq!((tokens[0].surface, tokens[0].range.clone()), ("すき", 1..7));
/// assert_eq!(tokens[0].features, "名詞,形容動詞語幹,*,*,*,*,すき,スキ,スキ");
/// assert_eq!(tokens[0].part_of_speech().as_str(), "名詞,形容動詞語幹");
/// assert_eq!(tokens[0].reading().as_deref(), Some("スキ"));
/// assert!(tokens[1].is_unknown && tokens[1].base_form().is_none());
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Token<'a> {
    /// The surface: the word as it stands in the text.
    pub surface: &'a str,
    /// Byte range of the word in the text.
    pub range: Range<usize>,
    /// The dictionary features of the word: part of speech, inflection, base form, reading and so
    /// on, separated by commas.
    pub features: &'a str,
    /// Whether it is an unknown word: the dictionary does not have it, and its features then are
    /// those of its kind of characters.
    pub is_unknown: bool,
}

impl<'a> Token<'a> {
    /// Its part of speech, from its features.
    #[must_use]
    pub fn part_of_speech(&self) -> PartOfSpeech<'a> {
        PartOfSpeech::parse(self.features)
    }

    /// Its base form, where its features have one: 走る for 走っ. That is IPADIC's 原形, or
    /// UniDic's `orthBase`, which keeps the spelling, rather than its lemma.
    #[must_use]
    pub fn base_form(&self) -> Option<Cow<'a, str>> {
        Schema::of(self.features).base_form(self.features)
    }

    /// Its reading in katakana, where its features have one: ハシッ for 走っ. That is IPADIC's
    /// 読み, or UniDic's `pron`, which writes long vowels as ー.
    #[must_use]
    pub fn reading(&self) -> Option<Cow<'a, str>> {
        Schema::of(self.features).reading(self.features)
    }
}
