use jp_tokenize::EOS;

/// Training or test pairs of a captioner: for each comment the feature row of its frame and its
/// word ids, packed.
///
/// Half a million pairs take a few tens of megabytes: all word ids lie in one vector.
///
/// ```
/// use caption_metrics::Pairs;
///
/// let mut pairs = Pairs::new(30);
/// pairs.push(7, &[12, 5, 40]); // row 7 of the feature store, three words
/// pairs.push(7, &[9]);
/// assert_eq!(pairs.len(), 2);
/// assert_eq!(pairs.get(0).words, [12, 5, 40]);
/// assert_eq!(pairs.num_targets(), 6); // the words and an <eos> each
/// ```
#[derive(Clone, Debug)]
pub struct Pairs {
    max_words: usize,
    rows: Vec<usize>,
    words: Vec<u32>,
    ends: Vec<usize>,
    truncated: usize,
}

/// One pair of [`Pairs`]: a frame's feature row and a comment's word ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair<'a> {
    /// Row of the feature store.
    pub row: usize,
    /// Word ids of the comment, without `<bos>` and `<eos>`.
    pub words: &'a [u32],
}

impl<'a> Pair<'a> {
    /// Prediction targets: the comment's words and `<eos>`.
    pub fn targets(self) -> impl Iterator<Item = u32> + 'a {
        self.words.iter().copied().chain([EOS])
    }
}

impl Pairs {
    /// No pairs yet; comments will be cut after `max_words` words, so that with 0 none is taken.
    #[must_use]
    pub fn new(max_words: usize) -> Self {
        Self {
            max_words,
            rows: Vec::new(),
            words: Vec::new(),
            ends: Vec::new(),
            truncated: 0,
        }
    }

    /// Adds a comment to the frame with this feature row. A comment of which no word is left is
    /// left out.
    pub fn push(&mut self, row: usize, words: &[u32]) {
        let kept = &words[..words.len().min(self.max_words)];
        if kept.is_empty() {
            return;
        }
        self.truncated += usize::from(kept.len() < words.len());
        self.rows.push(row);
        self.words.extend_from_slice(kept);
        self.ends.push(self.words.len());
    }

    /// Number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no pair.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Pair `index`.
    ///
    /// # Panics
    ///
    /// Panics if there is no such pair.
    #[must_use]
    pub fn get(&self, index: usize) -> Pair<'_> {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Pair {
            row: self.rows[index],
            words: &self.words[start..self.ends[index]],
        }
    }

    /// All pairs in the order they were added.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Pair<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }

    /// Number of words to predict: every comment's words and its `<eos>`.
    #[must_use]
    pub fn num_targets(&self) -> usize {
        self.words.len() + self.len()
    }

    /// How many comments were cut for their length.
    #[must_use]
    pub fn truncated(&self) -> usize {
        self.truncated
    }

    /// Batches of equally long comments, for evaluation: indices of all pairs, shortest comments
    /// first, always the same.
    ///
    /// ```
    /// let mut pairs = caption_metrics::Pairs::new(30);
    /// pairs.push(0, &[9, 9]);
    /// pairs.push(0, &[9]);
    /// assert_eq!(pairs.batches_by_length(8), [[1, 0]]);
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `batch_size` is 0.
    #[must_use]
    pub fn batches_by_length(&self, batch_size: usize) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|&index| self.get(index).words.len());
        order.chunks(batch_size).map(<[usize]>::to_vec).collect()
    }

    /// Hash of the pairs, by which other pairs are told apart: FNV-1a over rows, words and ends.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let numbers = (self.rows.iter().map(|&row| row as u64))
            .chain(self.words.iter().map(|&word| u64::from(word)))
            .chain(self.ends.iter().map(|&end| end as u64));
        numbers
            .flat_map(u64::to_le_bytes)
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
    }

    /// The same comments with their pictures replaced: `row_of` maps the index of a pair and its
    /// row to another row.
    ///
    /// With it a model is asked whether it uses the picture at all (the visual gain).
    #[must_use]
    pub fn with_rows(&self, mut row_of: impl FnMut(usize, usize) -> usize) -> Self {
        let mut copy = self.clone();
        for (index, row) in copy.rows.iter_mut().enumerate() {
            *row = row_of(index, *row);
        }
        copy
    }
}
