use crate::times::TimeFit;

/// Which tables are made, and how.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TableOptions {
    /// Rows of each table. Default: 30.
    pub top: usize,
    /// Words of the vocabulary whose cut is told; the others become the unknown word. Default:
    /// 30,000.
    pub vocabulary: usize,
    /// How times of comments are stretched to the video. Default: not at all.
    pub fit: TimeFit,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            top: 30,
            vocabulary: 30_000,
            fit: TimeFit::Unchanged,
        }
    }
}

impl TableOptions {
    /// Sets [`top`](Self::top).
    #[must_use]
    pub fn top(mut self, rows: usize) -> Self {
        self.top = rows;
        self
    }

    /// Sets [`vocabulary`](Self::vocabulary).
    #[must_use]
    pub fn vocabulary(mut self, words: usize) -> Self {
        self.vocabulary = words;
        self
    }

    /// Sets [`fit`](Self::fit).
    #[must_use]
    pub fn fit(mut self, fit: TimeFit) -> Self {
        self.fit = fit;
        self
    }
}
