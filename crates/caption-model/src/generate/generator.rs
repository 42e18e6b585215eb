use std::fmt;

use burn::tensor::{Device, Tensor};
use frame_features::FeatureSource;
use jp_tokenize::Vocabulary;

use super::{
    attention::WordAttention,
    constraints::Constraints,
    decode_batch::{DecodeBatch, Generated},
    options::GenerateOptions,
    write::write,
};
use crate::{batch::load_features, error::Error, model::Network};

/// A generated comment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Caption {
    /// Which of the requested rows, or pictures, it belongs to: an index into them.
    pub request: usize,
    /// Its frame's row of the feature store; of pictures, the same as [`request`](Self::request).
    pub row: usize,
    /// The comment.
    pub text: String,
    /// Its word ids, without `<bos>` and `<eos>`.
    pub words: Vec<u32>,
    /// Where the model looked before each of the words, if that was asked for and the model has
    /// attention.
    pub attention: Option<Vec<WordAttention>>,
}

/// Iterator over generated comments for rows of a feature source, in the order of the rows; made a
/// batch at a time.
///
/// Made by [`Captioner::generate`](crate::Captioner::generate). A row that stands several times
/// among the requests gets as many comments. After an error the iterator ends.
pub struct Generator<'a> {
    task: DecodeBatch<'a, Network>,
    vocabulary: &'a Vocabulary,
    store: &'a dyn FeatureSource,
    rows: &'a [usize],
    next: usize,
    ready: std::vec::IntoIter<Caption>,
}

impl fmt::Debug for Generator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generator")
            .field("options", &self.task.options)
            .field("rows", &self.rows.len())
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl<'a> Generator<'a> {
    pub(crate) fn new(
        network: &'a Network,
        vocabulary: &'a Vocabulary,
        store: &'a dyn FeatureSource,
        rows: &'a [usize],
        options: &GenerateOptions,
        device: &Device,
    ) -> Result<Self, Error> {
        let constraints = Constraints::new(vocabulary, options);
        Ok(Self {
            task: DecodeBatch::new(network, constraints, options, device)?,
            vocabulary,
            store,
            rows,
            next: 0,
            ready: Vec::new().into_iter(),
        })
    }

    fn write_batch(&mut self) -> Result<Vec<Caption>, Error> {
        let start = self.next;
        let task = &self.task;
        let end = (start + task.options.comments_at_once()).min(self.rows.len());
        self.next = end;
        let rows = &self.rows[start..end];
        let state = task
            .decoder
            .start(load_features(self.store, rows, &task.device)?);
        let written = write(task, state, rows.len(), start)?;
        let numbered = (start..end).zip(rows).zip(written);
        Ok(numbered
            .map(|((request, &row), written)| {
                caption(request, row, written, &task.options, self.vocabulary)
            })
            .collect())
    }
}

impl Iterator for Generator<'_> {
    type Item = Result<Caption, Error>;

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

    /// At most the comments that are left; an error ends them early.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.ready.len() + (self.rows.len() - self.next);
        (left.min(1), Some(left))
    }
}

impl std::iter::FusedIterator for Generator<'_> {}

/// Generates a comment for each of some pictures' features; `batch(range)` gives those of a range,
/// `[pictures, locations, d]`.
///
/// # Errors
///
/// Fails if an option has a value that cannot work, and with the errors of `batch`.
pub fn write_features(
    network: &Network,
    vocabulary: &Vocabulary,
    pictures: usize,
    options: &GenerateOptions,
    device: &Device,
    mut batch: impl FnMut(std::ops::Range<usize>) -> Result<Tensor<3>, Error>,
) -> Result<Vec<Caption>, Error> {
    let constraints = Constraints::new(vocabulary, options);
    let task = DecodeBatch::new(network, constraints, options, device)?;
    let mut comments = Vec::with_capacity(pictures);
    while comments.len() < pictures {
        let first = comments.len();
        let end = (first + options.comments_at_once()).min(pictures);
        let written = write(&task, network.start(batch(first..end)?), end - first, first)?;
        comments.extend(
            (first..)
                .zip(written)
                .map(|(index, written)| caption(index, index, written, options, vocabulary)),
        );
    }
    Ok(comments)
}

pub(super) fn caption(
    request: usize,
    row: usize,
    written: Generated,
    options: &GenerateOptions,
    vocabulary: &Vocabulary,
) -> Caption {
    let looked = options.attention && written.looks.len() == written.words.len();
    Caption {
        request,
        row,
        text: vocabulary.decode(&written.words),
        attention: (looked && !written.words.is_empty()).then_some(written.looks),
        words: written.words,
    }
}
