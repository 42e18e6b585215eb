use std::{num::NonZero, thread};

use jp_tokenize::{PartOfSpeech, Pieces, Tokenizer, VocabularyBuilder};

/// Splits texts into the words of a vocabulary: a dictionary's [`Tokenizer`] does, and so do
/// [`Pieces`], whose names are words.
pub trait SplitWords: Sync {
    /// Makes what splits texts in one thread: called with a text, it calls back with each word and
    /// its part of speech, in order.
    fn worker(&self) -> SplitWorker<'_>;
}

/// Splits texts in one thread; made by [`SplitWords::worker`].
pub type SplitWorker<'a> = Box<dyn FnMut(&str, &mut dyn FnMut(&str, PartOfSpeech<'_>)) + 'a>;

impl SplitWords for Tokenizer {
    fn worker(&self) -> SplitWorker<'_> {
        let mut worker = self.worker();
        Box::new(move |text, give| {
            for token in worker.tokenize(text) {
                give(token.surface, token.part_of_speech());
            }
        })
    }
}

impl SplitWords for Pieces {
    fn worker(&self) -> SplitWorker<'_> {
        let mut ids = Vec::new();
        Box::new(move |text, give| {
            ids.clear();
            self.encode_into(text, &mut ids);
            for &id in &ids {
                if let Some(name) = self.name(id) {
                    give(&name, self.part_of_speech(id));
                }
            }
        })
    }
}

/// The words of many texts, packed; made by [`split_words`].
#[derive(Clone, Debug, Default)]
pub struct TextWords {
    /// Every word of all texts, one after the other, without the text between.
    words: Vec<String>,
    /// Where each text's words end.
    ends: Vec<usize>,
}

impl TextWords {
    /// Number of texts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The words of text `index`.
    ///
    /// # Panics
    ///
    /// Panics if there is no such text.
    #[must_use]
    pub fn get(&self, index: usize) -> &[String] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.words[start..self.ends[index]]
    }
}

/// Splits texts into words on all cores. `count` says which texts' words are counted for a
/// vocabulary.
///
/// Given texts, scored by a captioner as comments on the frame of row 30; each has to have a word:
///
/// ```no_run
/// use burn::tensor::Device;
/// use caption_model::{Captioner, ScoreOptions};
/// use frame_features::FeatureStore;
/// use jp_tokenize::DictionaryOptions;
/// use nico_corpus::{LearntWith, split_words};
///
/// let captioner = Captioner::from_dir("model", &Device::flex())?;
/// let record = LearntWith::read("model")?.expect("it learnt from a corpus");
/// let tokenizer = record.tokenizer(DictionaryOptions::default().open()?)?;
/// let texts = ["ルリきた", "かわいい"];
/// let (words, _) = split_words(&tokenizer, &texts, |_| false);
/// let ids = |text| captioner.vocabulary().encode(words.get(text).iter().map(String::as_str));
/// let comments: Vec<(usize, Vec<u32>)> = (0..texts.len()).map(|text| (30, ids(text))).collect();
/// let store = FeatureStore::open("features")?;
/// let scored = captioner.score(&store, &comments, &ScoreOptions::default())?;
/// for (text, scored) in texts.iter().zip(scored) {
///     println!("{text}: {:.2} nats", scored.nll());
/// }
/// # Ok::<(), nico_corpus::Error>(())
/// ```
#[must_use]
pub fn split_words(
    splitter: &dyn SplitWords,
    texts: &[&str],
    count: impl Fn(usize) -> bool + Sync,
) -> (TextWords, VocabularyBuilder) {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = texts.len().div_ceil(threads).max(1);
    let parts: Vec<(TextWords, VocabularyBuilder)> = thread::scope(|scope| {
        let workers: Vec<_> = texts
            .chunks(share)
            .enumerate()
            .map(|(part, texts)| {
                let count = &count;
                scope.spawn(move || split_part(splitter, texts, |i| count(part * share + i)))
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("splitting into words does not panic"))
            .collect()
    });
    let mut whole = TextWords::default();
    let mut counts = VocabularyBuilder::new();
    for (part, counted) in parts {
        let offset = whole.words.len();
        whole.words.extend(part.words);
        whole
            .ends
            .extend(part.ends.into_iter().map(|end| offset + end));
        counts.merge(counted);
    }
    (whole, counts)
}

fn split_part(
    splitter: &dyn SplitWords,
    texts: &[&str],
    count: impl Fn(usize) -> bool,
) -> (TextWords, VocabularyBuilder) {
    let mut worker = splitter.worker();
    let mut split = TextWords::default();
    let mut counts = VocabularyBuilder::new();
    for (index, text) in texts.iter().enumerate() {
        let counted = count(index);
        worker(text, &mut |word, part_of_speech| {
            if counted {
                counts.add(word, part_of_speech);
            }
            split.words.push(word.to_owned());
        });
        split.ends.push(split.words.len());
    }
    (split, counts)
}
