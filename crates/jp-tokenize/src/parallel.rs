use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::{Tokenizer, VocabularyBuilder, WordCounter, Worker};

/// Texts that a thread takes at once: few enough that all end together, enough that taking them costs nothing.
const BATCH: usize = 512;

impl Tokenizer {
    /// Calls `f` with each text and a worker, on all cores; gives the results in the order of the texts.
    ///
    /// ```
    /// # use jp_tokenize::{Dictionary, Tokenizer};
    /// # let dictionary = Dictionary::from_sources(
    /// #     "草,0,0,10,名詞,一般\n", "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
    /// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
    /// # )?;
    /// # let tokenizer = Tokenizer::new(dictionary)?;
    /// let comments = ["草", "草草", ""];
    /// let lengths = tokenizer.map_texts(&comments, |worker, comment| worker.tokenize(comment).count());
    /// assert_eq!(lengths, [1, 2, 0]);
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `f` does.
    pub fn map_texts<T: Sync, R: Send>(
        &self,
        texts: &[T],
        f: impl Fn(&mut Worker<'_>, &T) -> R + Sync,
    ) -> Vec<R> {
        let mut batches: Vec<(usize, Vec<R>)> = on_all_cores(texts, |take| {
            let mut worker = self.worker();
            let mut batches = Vec::new();
            while let Some((number, batch)) = take() {
                batches.push((
                    number,
                    batch.iter().map(|text| f(&mut worker, text)).collect(),
                ));
            }
            batches
        })
        .into_iter()
        .flatten()
        .collect();
        batches.sort_unstable_by_key(|&(number, _)| number);
        batches.into_iter().flat_map(|(_, batch)| batch).collect()
    }

    /// Counts the words of texts on all cores.
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
        let counted = on_all_cores(texts, |take| {
            let mut counter = WordCounter::new(self);
            while let Some((_, batch)) = take() {
                batch.iter().for_each(|text| counter.add(text.as_ref()));
            }
            counter.into_builder()
        });
        let merged = counted.into_iter().reduce(|mut all, one| {
            all.merge(one);
            all
        });
        merged.unwrap_or_default()
    }
}

/// Runs `work` on as many threads as are of use, each taking numbered batches until none is left.
fn on_all_cores<'i, T: Sync, R: Send>(
    items: &'i [T],
    work: impl Fn(&mut dyn FnMut() -> Option<(usize, &'i [T])>) -> R + Sync,
) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(items.len().div_ceil(BATCH)).max(1);
    let next = AtomicUsize::new(0);
    let run = || {
        let mut take = || {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let batch = items.chunks(BATCH).nth(number)?;
            Some((number, batch))
        };
        work(&mut take)
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut results = vec![run()];
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}
