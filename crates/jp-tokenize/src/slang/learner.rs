use std::collections::HashMap;
use std::fmt;

use foldhash::fast::RandomState;

use super::base_split::BaseSplit;
use super::candidates;
use super::corpus::Corpus;
use super::lexicon::{Lexicon, LexiconEntry};
use super::options::SlangOptions;
use super::selection::select;
use super::word_costs::word_costs;
use crate::error::Error;
use crate::tokenizer::Tokenizer;

/// Longest text learnt from at once, in characters: longer ones are cut. Also what a tokenizer
/// splits at once.
const MAX_TEXT: usize = 1_024;

/// Unsupervised learning of words that the dictionary lacks, from the texts that use them.
///
/// # Method
///
/// Sequences of characters that are frequent and whose neighbours vary on both sides, by branching
/// entropy (Jin and Tanaka-Ishii, "Unsupervised segmentation of Chinese text by use of branching
/// entropy", 2006), compete with the dictionary's words for the shortest description of the texts,
/// as do the words of Zhikov, Takamura and Okumura, "An efficient algorithm for unsupervised word
/// segmentation with branching entropy and MDL" (2010). The texts are split anew with those that
/// are left, in turn, as Kudo, "Subword regularization" (2018), prunes his unigram model. What
/// saves bits to an n-gram model on texts that it did not learn from stays (two-fold
/// cross-validation).
///
/// Each word gets the part of speech and the connection ids of the dictionary's commonest noun, and
/// the cost at which it comes out where it was a word and, as far as one cost can tell, not
/// elsewhere.
///
/// A run of three or more of a character, such as laughter, is no part of a word: cut runs with a
/// [`Normalizer`](crate::Normalizer) before, and after. Neither are spaces and control characters.
/// What is learnt depends on the texts and how often each was added, not on their order.
///
/// # Limits
///
/// Connection ids are those that tokens have: in a dictionary whose ids vibrato has mapped, which
/// compiling from sources does not do, they are not those that a user lexicon is read with.
///
/// ```
/// use jp_tokenize::{Dictionary, SlangLearner, SlangOptions, Tokenizer};
///
/// let sources = || Dictionary::from_sources(
///     "草,0,0,10,名詞,一般\n",
///     "1 1\n0 0 0\n",
///     "DEFAULT 0 0 1\nSPACE 0 1 0\n0x0020 SPACE\n",
///     "DEFAULT,0,0,100,名詞,一般\nSPACE,0,0,100,記号,空白\n",
/// );
/// let plain = Tokenizer::new(sources()?)?;
/// let options = SlangOptions::default().min_held_out_gain(None); // too few texts to hold any out
/// let mut learner = SlangLearner::new(&plain, options)?;
/// let after = "右左上下前後東西南北内外".chars();
/// for (before, after) in "赤青黄緑黒白朝昼夜春夏秋".chars().zip(after) {
///     learner.add(&format!("{before}うぽつ{after}"));
/// }
/// let lexicon = learner.learn();
/// assert_eq!(lexicon.entries()[0].surface, "うぽつ");
///
/// let tokenizer = Tokenizer::new(sources()?.with_user_lexicon(&lexicon.to_csv())?)?;
/// let mut worker = tokenizer.worker();
/// let words: Vec<&str> = worker.tokenize("草うぽつ").map(|token| token.surface).collect();
/// assert_eq!(words, ["草", "うぽつ"]);
/// # Ok::<(), jp_tokenize::Error>(())
/// ```
pub struct SlangLearner<'t> {
    tokenizer: &'t Tokenizer,
    options: SlangOptions,
    texts: HashMap<Box<str>, u32, RandomState>,
    num_chars: usize,
    num_skipped: u64,
}

impl<'t> SlangLearner<'t> {
    /// Makes a learner of what `tokenizer`'s dictionary lacks; it should have no user lexicon.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if an option is out of its range.
    pub fn new(tokenizer: &'t Tokenizer, options: SlangOptions) -> Result<Self, Error> {
        options.check()?;
        Ok(Self {
            tokenizer,
            options,
            texts: HashMap::default(),
            num_chars: 0,
            num_skipped: 0,
        })
    }

    /// Adds a text, such as a comment. Its lines are texts of their own, of which very long ones
    /// are cut.
    pub fn add(&mut self, text: &str) {
        for line in text.split(['\n', '\r']) {
            let mut rest = line.trim();
            while !rest.is_empty() {
                let end = rest.char_indices().nth(MAX_TEXT);
                let (part, others) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
                rest = others;
                self.add_part(part);
            }
        }
    }

    fn add_part(&mut self, text: &str) {
        if let Some(times) = self.texts.get_mut(text) {
            *times = times.saturating_add(1);
            return;
        }
        let chars = text.chars().count() + 1;
        if self.num_chars + chars <= self.options.max_corpus_chars {
            self.num_chars += chars;
            self.texts.insert(text.into(), 1);
        } else {
            self.num_skipped += 1;
        }
    }

    /// How many lines were left out because the limit of [`SlangOptions::max_corpus_chars`] was
    /// reached.
    #[must_use]
    pub fn num_skipped(&self) -> u64 {
        self.num_skipped
    }

    /// Learns words from the texts added so far.
    #[must_use]
    pub fn learn(&self) -> Lexicon {
        let (corpus, texts) = Corpus::new(&self.texts);
        let candidates = candidates::find(&corpus, &self.options);
        let base = BaseSplit::new(self.tokenizer, &corpus, &texts);
        let selection = select(&corpus, &texts, &base, &candidates, &self.options);
        let costs = word_costs(&corpus, &base, &candidates, &selection);
        let (part_of_speech, left_id, right_id) = &base.noun;
        let entries = selection.chosen.iter().zip(costs).map(|(chosen, cost)| {
            let candidate = &candidates.list[chosen.candidate as usize];
            let start = candidate.start as usize;
            let surface = &corpus.chars[start..start + candidate.len as usize];
            LexiconEntry {
                surface: surface.iter().collect(),
                left_id: *left_id,
                right_id: *right_id,
                cost,
                part_of_speech: part_of_speech.clone(),
                count: u64::from(chosen.used),
                branching_entropy: candidate.branching_entropy,
                bits_saved: chosen.bits_saved,
                gain: chosen.gain,
            }
        });
        Lexicon::new(entries.collect())
    }
}

impl fmt::Debug for SlangLearner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlangLearner")
            .field("options", &self.options)
            .field("texts", &self.texts.len())
            .finish_non_exhaustive()
    }
}
