use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use vibrato::dictionary::{LexType, WordIdx};

use crate::chunks::first_chunk;
use crate::dictionary::Dictionary;
use crate::error::{DictionaryErrorKind, Error};
use crate::identity::TokenizerIdentity;
use crate::token::Token;

/// Longest run of unknown characters of one kind that MeCab makes one word, without its first
/// character.
const MAX_GROUPING_LEN: usize = 24;

/// Longest texts of a worker's buffers, in bytes. At every text vibrato clears room for the longest
/// that it has seen, so that short texts have buffers of their own, or one long text would slow all
/// later ones; still longer texts, which are rare, get buffers that are thrown away.
const LONGEST: [usize; 2] = [160, 2_048];

/// A tokenizer: splits text into words as MeCab does, with the same dictionary.
///
/// Cheap to clone and shared between threads; each thread takes a [`worker`](Self::worker), which
/// keeps buffers.
///
/// # What a word is
///
/// The path of least cost, as MeCab finds it with the same dictionary: spaces, tabs and line breaks
/// (the category `SPACE` of `char.def`) part words and are none, while the ideographic space U+3000
/// is a word; a run of unknown characters of one kind is a word if it has at most 25. Texts of more
/// than 8,192 characters, which no comment has, are split part by part, cut after a line break or
/// else the end of a sentence.
///
/// ```
/// use jp_tokenize::{Dictionary, Tokenizer};
///
/// # let dictionary = Dictionary::from_sources(
/// #     "ここ,0,0,10,名詞,代名詞\nすき,0,0,10,名詞,一般\n",
/// #     "1 1\n0 0 0\n",
/// #     "DEFAULT 0 1 0\nSPACE 0 1 0\nALPHA 1 1 0\n0x0020 SPACE\n0x0061..0x007A ALPHA\n",
/// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\nALPHA,0,0,100,名詞,一般\n",
/// # )?;
/// // let dictionary = Dictionary::system()?; // IPADIC
/// let tokenizer = Tokenizer::new(dictionary)?;
/// let mut worker = tokenizer.worker();
/// let words: Vec<&str> = worker.tokenize("ここすき www").map(|token| token.surface).collect();
/// assert_eq!(words, ["ここ", "すき", "www"]);
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
#[derive(Clone)]
pub struct Tokenizer {
    inner: Arc<vibrato::Tokenizer>,
    identity: Arc<TokenizerIdentity>,
}

/// A tokenizer for one thread, whose buffers are used again from text to text. Made by
/// [`Tokenizer::worker`].
///
/// ```
/// use jp_tokenize::{Dictionary, Tokenizer, VocabularyBuilder};
///
/// # let dictionary = Dictionary::from_sources(
/// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
/// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
/// # )?;
/// let tokenizer = Tokenizer::new(dictionary)?;
/// let mut worker = tokenizer.worker();
/// let mut builder = VocabularyBuilder::new();
/// for comment in ["草", "草 草"] {
///     for token in worker.tokenize(comment) {
///         builder.add(token.surface, token.part_of_speech());
///     }
/// }
/// assert_eq!(builder.table(|part_of_speech| part_of_speech.is_noun()), [("草", 3)]);
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
pub struct Worker<'t> {
    tokenizer: &'t Tokenizer,
    kept: [vibrato::tokenizer::worker::Worker<'t>; 2],
}

impl Tokenizer {
    /// Makes a tokenizer for a dictionary.
    ///
    /// # Errors
    ///
    /// [`Error::Dictionary`] if the dictionary's `char.def` has no category `SPACE`.
    pub fn new(dictionary: Dictionary) -> Result<Self, Error> {
        let identity = Arc::new(dictionary.identity());
        let inner = vibrato::Tokenizer::new(dictionary.into_inner())
            .ignore_space(true)
            .map_err(|_| Error::dictionary(Path::new("char.def"), DictionaryErrorKind::NoSpace))?
            .max_grouping_len(MAX_GROUPING_LEN);
        Ok(Self {
            inner: Arc::new(inner),
            identity,
        })
    }

    /// With what this tokenizer splits, to be kept and compared.
    #[must_use]
    pub fn identity(&self) -> &TokenizerIdentity {
        &self.identity
    }

    pub(crate) fn vibrato(&self) -> &vibrato::Tokenizer {
        &self.inner
    }

    /// Makes a worker, one for each thread.
    #[must_use]
    pub fn worker(&self) -> Worker<'_> {
        Worker {
            tokenizer: self,
            kept: LONGEST.map(|_| self.inner.new_worker()),
        }
    }

    /// Splits a single text into words. For many texts a [`worker`](Self::worker), which keeps its
    /// buffers, is faster.
    ///
    /// ```
    /// # use jp_tokenize::{Dictionary, Tokenizer};
    /// # let dictionary = Dictionary::from_sources(
    /// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
    /// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
    /// # )?;
    /// # let tokenizer = Tokenizer::new(dictionary)?;
    /// assert_eq!(tokenizer.words("草 草♪"), ["草", "草", "♪"]);
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    #[must_use]
    pub fn words<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let mut words = Vec::new();
        for token in self.worker().tokenize(text) {
            words.push(&text[token.range]);
        }
        words
    }
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer")
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

impl<'t> Worker<'t> {
    /// Splits a text into words, from its first to its last.
    ///
    /// Any text will do, an empty or very long one too. Words do not overlap and come in order;
    /// what lies between them is spaces. They borrow from the text and from the tokenizer, not from
    /// the worker.
    pub fn tokenize<'w, 'a>(&'w mut self, text: &'a str) -> Tokens<'w, 't, 'a>
    where
        't: 'a,
    {
        let buffers = match LONGEST.iter().position(|&longest| text.len() <= longest) {
            Some(place) => Buffers::Kept(&mut self.kept[place]),
            None => Buffers::Own(Box::new(self.tokenizer.inner.new_worker())),
        };
        Tokens {
            buffers,
            text,
            chunk: 0..0,
            next: 0,
        }
    }

    /// Calls `f` with each word's surface, features and place in its lexicon.
    pub(crate) fn for_each(&mut self, text: &str, mut f: impl FnMut(&str, &'t str, WordIdx)) {
        let mut own;
        let worker = match LONGEST.iter().position(|&longest| text.len() <= longest) {
            Some(place) => &mut self.kept[place],
            None => {
                own = self.tokenizer.inner.new_worker();
                &mut own
            }
        };
        let mut rest = text;
        while !rest.is_empty() {
            let chunk = first_chunk(rest);
            split(worker, chunk);
            for token in (0..worker.num_tokens()).map(|i| worker.token(i)) {
                f(
                    &chunk[token.range_byte()],
                    token.feature(),
                    token.word_idx(),
                );
            }
            rest = &rest[chunk.len()..];
        }
    }
}

/// Splits a text that is short enough.
///
/// A NUL marks the end of a word in vibrato's dictionary, where the text of a comment must not get
/// to: U+0001, which is as long and no part of any word either, takes its place.
pub(crate) fn split(worker: &mut vibrato::tokenizer::worker::Worker<'_>, chunk: &str) {
    let plain = match chunk.contains('\0') {
        false => Cow::Borrowed(chunk),
        true => Cow::Owned(chunk.replace('\0', "\u{1}")),
    };
    worker.reset_sentence(plain);
    worker.tokenize();
}

impl fmt::Debug for Worker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

/// An iterator over the words of a text. Made by [`Worker::tokenize`].
///
/// ```
/// # use jp_tokenize::{Dictionary, Tokenizer};
/// # let dictionary = Dictionary::from_sources(
/// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
/// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
/// # )?;
/// # let tokenizer = Tokenizer::new(dictionary)?;
/// assert_eq!(tokenizer.worker().tokenize("草草草").count(), 3);
/// assert_eq!(tokenizer.worker().tokenize("  ").next(), None);
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
pub struct Tokens<'w, 't, 'a> {
    buffers: Buffers<'w, 't>,
    text: &'a str,
    chunk: Range<usize>, // bytes of the text that are split
    next: usize,         // word of the chunk that comes next
}

enum Buffers<'w, 't> {
    Kept(&'w mut vibrato::tokenizer::worker::Worker<'t>),
    Own(Box<vibrato::tokenizer::worker::Worker<'t>>),
}

impl<'t: 'a, 'a> Tokens<'_, 't, 'a> {
    /// The next word, with its features, which last as long as the tokenizer, and its place in its
    /// lexicon.
    pub(crate) fn next_indexed(&mut self) -> Option<(Token<'a>, &'t str, WordIdx)> {
        let worker = match &mut self.buffers {
            Buffers::Kept(worker) => &mut **worker,
            Buffers::Own(worker) => worker,
        };
        while self.chunk.is_empty() || self.next == worker.num_tokens() {
            let rest = &self.text[self.chunk.end..];
            if rest.is_empty() {
                return None;
            }
            let chunk = first_chunk(rest);
            split(worker, chunk);
            self.chunk = self.chunk.end..self.chunk.end + chunk.len();
            self.next = 0;
        }
        let token = worker.token(self.next);
        self.next += 1;
        let place = token.range_byte();
        let range = self.chunk.start + place.start..self.chunk.start + place.end;
        let features = token.feature();
        let found = Token {
            surface: &self.text[range.clone()],
            range,
            features,
            is_unknown: token.lex_type() == LexType::Unknown,
        };
        Some((found, features, token.word_idx()))
    }
}

impl<'t: 'a, 'a> Iterator for Tokens<'_, 't, 'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.next_indexed().map(|(token, ..)| token)
    }
}

impl<'t: 'a, 'a> std::iter::FusedIterator for Tokens<'_, 't, 'a> {}

impl fmt::Debug for Tokens<'_, '_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}
