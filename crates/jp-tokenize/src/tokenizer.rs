mod chunks;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use vibrato::dictionary::{LexType, WordIdx};

use self::chunks::first_chunk;
use crate::{Dictionary, DictionaryOptions, Error, PartOfSpeech, Schema, WordCounter};

/// Longest run of unknown characters of one kind that MeCab makes one word, without its first character.
const MAX_GROUPING_LEN: usize = 24;

/// Longest texts of a worker's buffers, in bytes. At every text vibrato clears room for the longest that it has seen, so
/// that short texts have buffers of their own, or one long text would slow all later ones; still longer texts, which are
/// rare, get buffers that are thrown away.
const LONGEST: [usize; 2] = [160, 2_048];

/// Splits text into words as MeCab does.
///
/// Cheap to clone and shared between threads; each thread takes a [`worker`](Self::worker), which keeps buffers.
///
/// # What a word is
///
/// The path of least cost, as MeCab finds it with the same dictionary: spaces, tabs and line breaks (the category
/// `SPACE` of `char.def`) part words and are none, while the ideographic space U+3000 is a word; a run of
/// unknown characters of one kind is a word if it has at most 25. Texts of more than 8,192 characters, which
/// no comment has, are split part by part, cut after a line break or else the end of a sentence.
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
}

/// Splits texts one after the other, with buffers that are used again. Made by [`Tokenizer::worker`].
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

/// A word in a text.
///
/// ```
/// use jp_tokenize::{Dictionary, Tokenizer};
///
/// # let dictionary = Dictionary::from_sources(
/// #     "すき,0,0,10,名詞,形容動詞語幹,*,*,*,*,すき,スキ,スキ\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
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
    /// The word as it stands in the text.
    pub surface: &'a str,
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
    /// The dictionary's description: part of speech, inflection, base form, reading and so on, separated by commas.
    pub features: &'a str,
    /// Whether the dictionary does not have the word; its features then are those of its kind of characters.
    pub is_unknown: bool,
}

impl<'a> Token<'a> {
    /// Its part of speech, from its features.
    #[must_use]
    pub fn part_of_speech(&self) -> PartOfSpeech<'a> {
        PartOfSpeech::parse(self.features)
    }

    /// Its base form, where its features have one: 走る for 走っ. See [`Schema`].
    #[must_use]
    pub fn base_form(&self) -> Option<Cow<'a, str>> {
        Schema::of(self.features).base_form(self.features)
    }

    /// Its reading in katakana, where its features have one. See [`Schema`].
    #[must_use]
    pub fn reading(&self) -> Option<Cow<'a, str>> {
        Schema::of(self.features).reading(self.features)
    }
}

impl Tokenizer {
    /// Makes a tokenizer for a dictionary.
    ///
    /// # Errors
    ///
    /// [`Error::Dictionary`] if the dictionary's `char.def` has no category `SPACE`.
    pub fn new(dictionary: Dictionary) -> Result<Self, Error> {
        let inner = vibrato::Tokenizer::new(dictionary.into_inner())
            .ignore_space(true)
            .map_err(|_| Error::dictionary(Path::new("char.def"), "has no category SPACE"))?
            .max_grouping_len(MAX_GROUPING_LEN);
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Says which dictionary to take and where to keep it; [`DictionaryOptions::tokenizer`] then makes the tokenizer.
    ///
    /// ```no_run
    /// use jp_tokenize::Tokenizer;
    ///
    /// let tokenizer = Tokenizer::builder().user_lexicon("slang.csv").tokenizer()?;
    /// assert_eq!(tokenizer.words("ココアかわいい"), ["ココア", "かわいい"]);
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    #[must_use]
    pub fn builder() -> DictionaryOptions {
        DictionaryOptions::default()
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

    /// Makes a worker that counts words, one for each thread.
    #[must_use]
    pub fn counter(&self) -> WordCounter<'_> {
        WordCounter::new(self)
    }

    /// The words of a single text. For many texts a [`worker`](Self::worker), which keeps its buffers, is faster.
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
        f.debug_struct("Tokenizer").finish_non_exhaustive()
    }
}

impl<'t> Worker<'t> {
    /// The words of a text, from its first to its last.
    ///
    /// Any text will do, an empty or very long one too. Words do not overlap and come in order; what lies between them
    /// is spaces. They borrow from the text and from the tokenizer, not from the worker.
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
/// A NUL marks the end of a word in vibrato's dictionary, where the text of a comment must not get to: U+0001, which is as long
/// and no part of any word either, takes its place.
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

/// The words of a text, as [`Worker::tokenize`] gives them.
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

impl<'t: 'a, 'a> Iterator for Tokens<'_, 't, 'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
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
        Some(Token {
            surface: &self.text[range.clone()],
            range,
            features: token.feature(),
            is_unknown: token.lex_type() == LexType::Unknown,
        })
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
