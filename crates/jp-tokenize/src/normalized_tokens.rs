use std::ops::Range;

use crate::normalizer::Normalized;
use crate::token::Token;
use crate::tokenizer::Worker;

impl<'t> Worker<'t> {
    /// Splits a normalized text into words; gives each with its byte range in the original text.
    ///
    /// ```
    /// use std::num::NonZero;
    /// use jp_tokenize::{Dictionary, Normalizer, Tokenizer};
    ///
    /// # let dictionary = Dictionary::from_sources(
    /// #     "ワロタ,0,0,10,感動詞\nw,0,0,10,記号,一般\n",
    /// #     "1 1\n0 0 0\n", "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
    /// #     "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
    /// # )?;
    /// let tokenizer = Tokenizer::new(dictionary)?;
    /// let comment = "ﾜﾛﾀ ｗｗｗｗ";
    /// let normalizer = Normalizer::default().nfkc(true).max_laughter(NonZero::new(1));
    /// let normalized = normalizer.align(comment);
    /// let mut worker = tokenizer.worker();
    /// let words = worker.tokenize_normalized(&normalized);
    /// let words: Vec<_> = words.map(|(token, range)| (token.surface, &comment[range])).collect();
    /// assert_eq!(words, [("ワロタ", "ﾜﾛﾀ"), ("w", "ｗｗｗｗ")]);
    /// # Ok::<(), jp_tokenize::Error>(())
    /// ```
    pub fn tokenize_normalized<'w, 'a>(
        &'w mut self,
        normalized: &'a Normalized,
    ) -> impl Iterator<Item = (Token<'a>, Range<usize>)> + use<'w, 't, 'a>
    where
        't: 'a,
    {
        self.tokenize(normalized.text()).map(|token| {
            let range = normalized.original_range(token.range.clone());
            (token, range)
        })
    }
}
