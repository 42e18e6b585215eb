use std::fmt;

use vibrato::dictionary::{LexType, WordIdx};

use crate::part_of_speech::PartOfSpeech;
use crate::token::Token;
use crate::tokenizer::{Tokenizer, Worker};
use crate::vocabulary::VocabularyBuilder;

/// A worker that counts words: the fast way to a [`VocabularyBuilder`]. Made by
/// [`Tokenizer::counter`].
///
/// It counts what [`VocabularyBuilder::add`] would for every token. A word of the dictionary is
/// counted by its number there, without looking at its letters, so that counting takes a small part
/// of the time that splitting takes.
///
/// ```
/// use jp_tokenize::{Dictionary, Tokenizer};
///
/// # let dictionary = Dictionary::from_sources(
/// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
/// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
/// # )?;
/// let tokenizer = Tokenizer::new(dictionary)?;
/// let mut counter = tokenizer.counter();
/// for comment in ["草", "草 草", "♪"] {
///     counter.add(comment);
/// }
/// let builder = counter.into_builder();
/// assert_eq!(builder.table(|_| true), [("草", 3), ("♪", 1)]);
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
pub struct WordCounter<'t> {
    worker: Worker<'t>,
    counts: Counts<'t>,
}

impl Tokenizer {
    /// Makes a worker that counts words, one for each thread.
    #[must_use]
    pub fn counter(&self) -> WordCounter<'_> {
        WordCounter {
            worker: self.worker(),
            counts: Counts::default(),
        }
    }
}

impl<'t> WordCounter<'t> {
    /// Counts the words of a text.
    pub fn add(&mut self, text: &str) {
        let Self { worker, counts } = self;
        worker.for_each(text, |surface, features, word| {
            counts.add(surface, features, word);
        });
    }

    /// Splits a text into words and counts each as it is given.
    ///
    /// ```
    /// use jp_tokenize::{Dictionary, Tokenizer};
    ///
    /// # let dictionary = Dictionary::from_sources(
    /// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 0 1\nSPACE 0 1 0\n0x0020 SPACE\n",
    /// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
    /// # )?;
    /// let tokenizer = Tokenizer::new(dictionary)?;
    /// let mut counter = tokenizer.counter();
    /// let words: Vec<&str> = counter.tokenize("草♪草").map(|token| token.surface).collect();
    /// assert_eq!(words, ["草", "♪", "草"]);
    /// assert_eq!(counter.into_builder().total(), 3);
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    pub fn tokenize<'w, 'a>(
        &'w mut self,
        text: &'a str,
    ) -> impl Iterator<Item = Token<'a>> + use<'w, 't, 'a>
    where
        't: 'a,
    {
        let Self { worker, counts } = self;
        let mut tokens = worker.tokenize(text);
        std::iter::from_fn(move || {
            let (token, features, word) = tokens.next_indexed()?;
            counts.add(token.surface, features, word);
            Some(token)
        })
    }

    /// The worker, for texts whose words are not to be counted.
    pub fn worker(&mut self) -> &mut Worker<'t> {
        &mut self.worker
    }

    /// Ends counting; the builder has all that was counted.
    #[must_use]
    pub fn into_builder(self) -> VocabularyBuilder {
        let mut builder = self.counts.unknown;
        for word in self
            .counts
            .known
            .into_iter()
            .flat_map(|lexicon| lexicon.words)
        {
            let part_of_speech = PartOfSpeech::parse(word.features);
            builder.add_times(&word.surface, part_of_speech, word.count);
        }
        builder
    }
}

impl fmt::Debug for WordCounter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WordCounter").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Counts<'t> {
    known: [KnownWords<'t>; 2], // of the dictionary, of user lexicons
    unknown: VocabularyBuilder,
}

impl<'t> Counts<'t> {
    fn add(&mut self, surface: &str, features: &'t str, word: WordIdx) {
        match word.lex_type {
            LexType::System => self.known[0].add(word.word_id, surface, features),
            LexType::User => self.known[1].add(word.word_id, surface, features),
            LexType::Unknown => self.unknown.add(surface, PartOfSpeech::parse(features)),
        }
    }
}

/// Words of a lexicon, counted by their numbers in it.
#[derive(Default)]
struct KnownWords<'t> {
    places: Vec<u32>, // by number: 1 + place in `words`, or 0
    words: Vec<KnownWord<'t>>,
}

struct KnownWord<'t> {
    surface: Box<str>,
    features: &'t str,
    count: u64,
}

impl<'t> KnownWords<'t> {
    fn add(&mut self, number: u32, surface: &str, features: &'t str) {
        let number = number as usize;
        if number >= self.places.len() {
            self.places.resize(number + 1, 0);
        }
        let place = &mut self.places[number];
        match self.words.get_mut((*place as usize).wrapping_sub(1)) {
            Some(word) => word.count += 1,
            None => {
                self.words.push(KnownWord {
                    surface: surface.into(),
                    features,
                    count: 1,
                });
                *place = u32::try_from(self.words.len()).expect("numbers of words are u32");
            }
        }
    }
}
