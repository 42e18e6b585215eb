use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::tokenizer::{Tokenizer, Worker};
use crate::vocabulary::VocabularyBuilder;
use crate::word_counter::WordCounter;

/// Texts that a thread takes at once: few enough that all end together, enough that taking them
/// costs nothing.
const BATCH: usize = 512;

impl Tokenizer {
    /// Maps texts in parallel: calls `f` with a worker and each text, on all cores; gives the
    /// results in the order of the texts.
    ///
    /// A result may borrow from the texts and from the tokenizer, as tokens do.
    ///
    /// ```
    /// # use jp_tokenize::{Dictionary, Tokenizer};
    /// # let dictionary = Dictionary::from_sources(
    /// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
    /// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
    /// # )?;
    /// # let tokenizer = Tokenizer::new(dictionary)?;
    /// let comments = ["草", "草♪", ""];
    /// let nouns = tokenizer.map_texts(&comments, |worker, comment| {
    ///     let nouns = worker.tokenize(comment).filter(|token| token.part_of_speech().is_noun());
    ///     nouns.map(|token| token.surface).collect::<Vec<_>>()
    /// });
    /// assert_eq!(nouns, [vec!["草"], vec!["草"], vec![]]);
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `f` does.
    pub fn map_texts<'t, 'i, T: Sync, R: Send>(
        &'t self,
        texts: &'i [T],
        f: impl Fn(&mut Worker<'t>, &'i T) -> R + Sync,
    ) -> Vec<R> {
        let (results, _) = map_on_all_cores(texts, || self.worker(), f, drop);
        results
    }

    /// Maps texts and counts their words in parallel: calls `f` with a word counter and each text,
    /// on all cores; gives the results in the order of the texts, and all that was counted.
    ///
    /// What is counted is what `f` lets the counter count.
    ///
    /// ```
    /// # use jp_tokenize::{Dictionary, Tokenizer};
    /// # let dictionary = Dictionary::from_sources(
    /// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
    /// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
    /// # )?;
    /// # let tokenizer = Tokenizer::new(dictionary)?;
    /// // The words of all comments; those of comments to learn from make the vocabulary.
    /// let comments = [("草草", true), ("草♪", false)];
    /// let (words, counts) = tokenizer.map_and_count(&comments, |counter, &(comment, learn)| {
    ///     if learn {
    ///         counter.tokenize(comment).map(|token| token.surface).collect::<Vec<_>>()
    ///     } else {
    ///         counter.worker().tokenize(comment).map(|token| token.surface).collect()
    ///     }
    /// });
    /// assert_eq!(words, [["草", "草"], ["草", "♪"]]);
    /// assert_eq!(counts.table(|_| true), [("草", 2)]);
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `f` does.
    pub fn map_and_count<'t, 'i, T: Sync, R: Send>(
        &'t self,
        texts: &'i [T],
        f: impl Fn(&mut WordCounter<'t>, &'i T) -> R + Sync,
    ) -> (Vec<R>, VocabularyBuilder) {
        let (results, counts) =
            map_on_all_cores(texts, || self.counter(), f, WordCounter::into_builder);
        let merged = counts.into_iter().reduce(|mut all, one| {
            all.merge(one);
            all
        });
        (results, merged.unwrap_or_default())
    }

    /// Counts the words of texts in parallel, on all cores.
    ///
    /// ```
    /// # use jp_tokenize::{Dictionary, Tokenizer};
    /// # let dictionary = Dictionary::from_sources(
    /// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
    /// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
    /// # )?;
    /// # let tokenizer = Tokenizer::new(dictionary)?;
    /// let vocabulary = tokenizer.count_words(&["草", "草草", "♪"]).build(Some(30_000), 1);
    /// assert_eq!(vocabulary.count(4), 3);
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    #[must_use]
    pub fn count_words<T: AsRef<str> + Sync>(&self, texts: &[T]) -> VocabularyBuilder {
        let (_, counts) = self.map_and_count(texts, |counter, text| counter.add(text.as_ref()));
        counts
    }
}

/// Calls `f` with each item and what `start` makes for each thread, on as many threads as are of
/// use; gives the results in the order of the items, and what `finish` makes of each thread's.
fn map_on_all_cores<'i, T: Sync, S, R: Send, O: Send>(
    items: &'i [T],
    start: impl Fn() -> S + Sync,
    f: impl Fn(&mut S, &'i T) -> R + Sync,
    finish: impl Fn(S) -> O + Sync,
) -> (Vec<R>, Vec<O>) {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(items.len().div_ceil(BATCH)).max(1);
    let next = AtomicUsize::new(0);
    let run = || {
        let mut state = start();
        let mut batches = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = items.chunks(BATCH).nth(number) else {
                return (batches, finish(state));
            };
            let results: Vec<R> = batch.iter().map(|item| f(&mut state, item)).collect();
            batches.push((number, results));
        }
    };
    let (mut batches, finished) = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let (mut batches, own) = run();
        let mut finished = vec![own];
        for other in others {
            match other.join() {
                Ok((more, its)) => {
                    batches.extend(more);
                    finished.push(its);
                }
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        (batches, finished)
    });
    batches.sort_unstable_by_key(|&(number, _)| number);
    let results = batches.into_iter().flat_map(|(_, results)| results);
    (results.collect(), finished)
}
