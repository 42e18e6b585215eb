use burn::tensor::{Device, Tensor};
use frame_features::FeatureStore;
use jp_tokenize::Vocabulary;

use super::{
    GenerateOptions, Search, WordAttention,
    decoder::Decoder,
    rules::Rules,
    search,
    words::{self, Task, Written},
};
use crate::{data::load_features, error::Error, model::Network};

/// A comment that was written.
///
/// ```
/// let generated = caption_model::Generated { request: 0, row: 12, words: vec![4, 9], attention: None };
/// assert_eq!(generated.words.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// Which of the requested rows, or pictures, it belongs to: an index into them.
    pub request: usize,
    /// Its frame's row of the feature store; of pictures, the same as [`request`](Self::request).
    pub row: usize,
    /// Its word ids, without `<bos>` and `<eos>`.
    pub words: Vec<u32>,
    /// Where the model looked before each of the words, if that was asked for and the model has attention.
    pub attention: Option<Vec<WordAttention>>,
}

/// Writes comments for rows of a feature store, a batch at a time: an iterator in the order of the rows.
///
/// Made by [`Captioner::generate`](crate::Captioner::generate). A row that stands several times among the requests gets as
/// many comments. After an error the iterator ends.
#[derive(Debug)]
pub struct Generator<'a> {
    network: &'a Network,
    store: &'a FeatureStore,
    rows: &'a [usize],
    options: GenerateOptions,
    device: Device,
    rules: Rules,
    next: usize,
    ready: std::vec::IntoIter<Generated>,
}

impl<'a> Generator<'a> {
    pub(crate) fn new(
        network: &'a Network,
        vocabulary: &Vocabulary,
        store: &'a FeatureStore,
        rows: &'a [usize],
        options: GenerateOptions,
        device: &Device,
    ) -> Result<Self, Error> {
        options.check()?;
        Ok(Self {
            network,
            store,
            rows,
            rules: Rules::new(vocabulary, &options),
            options,
            device: device.clone(),
            next: 0,
            ready: Vec::new().into_iter(),
        })
    }

    fn write_batch(&mut self) -> Result<Vec<Generated>, Error> {
        let start = self.next;
        let end = (start + self.options.comments_at_once()).min(self.rows.len());
        self.next = end;
        let rows = &self.rows[start..end];
        let features = load_features(self.store, rows, &self.device)?;
        let task = Task {
            rules: &self.rules,
            options: &self.options,
            device: &self.device,
            first: start,
        };
        let written = decode(self.network, self.network.start(features), rows.len(), task)?;
        let numbered = (start..end).zip(rows).zip(written);
        Ok(numbered
            .map(|((request, &row), written)| generated(request, row, written, &self.options))
            .collect())
    }
}

impl Iterator for Generator<'_> {
    type Item = Result<Generated, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(comment) = self.ready.next() {
                return Some(Ok(comment));
            }
            if self.next >= self.rows.len() {
                return None;
            }
            match self.write_batch() {
                Ok(comments) => self.ready = comments.into_iter(),
                Err(error) => {
                    self.next = self.rows.len();
                    return Some(Err(error));
                }
            }
        }
    }
}

impl std::iter::FusedIterator for Generator<'_> {}

/// Writes a comment for each of some pictures' features; `batch(range)` gives those of a range, `[pictures, locations, d]`.
pub(crate) fn write_features(
    network: &Network,
    vocabulary: &Vocabulary,
    pictures: usize,
    options: &GenerateOptions,
    device: &Device,
    mut batch: impl FnMut(std::ops::Range<usize>) -> Result<Tensor<3>, Error>,
) -> Result<Vec<Generated>, Error> {
    options.check()?;
    let rules = Rules::new(vocabulary, options);
    let mut comments = Vec::with_capacity(pictures);
    while comments.len() < pictures {
        let first = comments.len();
        let end = (first + options.comments_at_once()).min(pictures);
        let state = network.start(batch(first..end)?);
        let task = Task {
            rules: &rules,
            options,
            device,
            first,
        };
        let written = decode(network, state, end - first, task)?;
        comments.extend(
            (first..)
                .zip(written)
                .map(|(index, written)| generated(index, index, written, options)),
        );
    }
    Ok(comments)
}

/// Writes `comments` comments by whatever way the options ask for; `state` has a row for each.
pub(super) fn decode<D: Decoder>(
    decoder: &D,
    state: D::State,
    comments: usize,
    task: Task<'_>,
) -> Result<Vec<Written>, Error> {
    match &task.options.search {
        Search::Beam(beam) => search::write(decoder, state, comments, beam, task),
        Search::Greedy | Search::Sample(_) => words::write(decoder, state, comments, task),
    }
}

fn generated(request: usize, row: usize, written: Written, options: &GenerateOptions) -> Generated {
    let looked = options.attention && written.looks.len() == written.words.len();
    Generated {
        request,
        row,
        attention: (looked && !written.words.is_empty()).then_some(written.looks),
        words: written.words,
    }
}
