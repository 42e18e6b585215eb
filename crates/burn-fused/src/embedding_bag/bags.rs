/// Bags of rows of a table, on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bags {
    rows: Vec<u32>,
    /// Where each bag begins, and where the last one ends.
    starts: Vec<usize>,
}

impl Default for Bags {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            starts: vec![0],
        }
    }
}

impl Bags {
    /// Adds a bag of these rows.
    pub fn push(&mut self, rows: impl IntoIterator<Item = u32>) {
        self.rows.extend(rows);
        self.starts.push(self.rows.len());
    }

    /// Number of bags.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of a bag.
    ///
    /// # Panics
    ///
    /// Panics if there are not so many.
    #[must_use]
    pub fn get(&self, bag: usize) -> &[u32] {
        &self.rows[self.starts[bag]..self.starts[bag + 1]]
    }

    /// All rows, bag after bag.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    pub(super) fn highest(&self) -> Option<u32> {
        self.rows.iter().copied().max()
    }

    /// The bag of each of [`rows`](Self::rows).
    pub(super) fn owners(&self) -> Vec<i64> {
        let lengths = self.starts.windows(2).map(|ends| ends[1] - ends[0]);
        (0..)
            .zip(lengths)
            .flat_map(|(bag, len)| std::iter::repeat_n(bag, len))
            .collect()
    }
}
