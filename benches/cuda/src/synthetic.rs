//! Features, comments and words of the original's size that mean nothing.

use std::fmt;

use burn::tensor::f16;
use caption_metrics::Pairs;
use frame_features::{EncoderId, Error, FeatureSource, Layer};
use jp_tokenize::{PartOfSpeech, Vocabulary, VocabularyBuilder};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Numbers of words of 20,000 real comments, `words<TAB>comments` a line.
const LENGTHS: &str = include_str!("../../captioner/lengths.tsv");

/// Most words of a comment, as in training.
pub(crate) const CUT: usize = 30;

/// Random rows: windows of one pool of numbers, so that the host needs little memory for them.
pub(crate) struct Features {
    encoder: EncoderId,
    rows: usize,
    shape: Vec<usize>,
    pool: Vec<f16>,
}

impl Features {
    pub(crate) fn new(rows: usize, shape: Vec<usize>) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let len = shape.iter().product::<usize>() + rows.max(1);
        // As after a ReLU: half of them zero.
        let number = |_| f16::from_f32(rng.random_range(-1.0f32..1.0).max(0.0));
        let layer = if shape.len() == 1 {
            Layer::Relu7
        } else {
            Layer::Conv5_3
        };
        Self {
            encoder: EncoderId::new("random", "", layer, 224),
            rows,
            shape,
            pool: (0..len).map(number).collect(),
        }
    }
}

impl fmt::Debug for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} random rows of {:?}", self.rows, self.shape)
    }
}

impl FeatureSource for Features {
    fn num_rows(&self) -> usize {
        self.rows
    }

    fn row_shape(&self) -> &[usize] {
        &self.shape
    }

    fn encoder(&self) -> &EncoderId {
        &self.encoder
    }

    fn borrow_rows(&self, indices: &[usize]) -> Result<Vec<&[f16]>, Error> {
        let len: usize = self.shape.iter().product();
        Ok(indices
            .iter()
            .map(|&row| &self.pool[row..][..len])
            .collect())
    }
}

/// Random words in comments of real lengths on random frames.
pub(crate) fn comments(count: usize, frames: usize, num_words: usize, seed: u64) -> Pairs {
    let lengths = lengths();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut pairs = Pairs::new(CUT);
    let last = u32::try_from(num_words).unwrap_or(u32::MAX);
    for _ in 0..count {
        let length = lengths[rng.random_range(0..lengths.len())];
        let words: Vec<u32> = (0..length).map(|_| rng.random_range(4..last)).collect();
        pairs.push(rng.random_range(0..frames), &words);
    }
    pairs
}

/// A vocabulary of this many words, the special ones included.
pub(crate) fn vocabulary(num_words: usize) -> Vocabulary {
    let mut builder = VocabularyBuilder::new();
    for word in 4..num_words {
        builder.add(&format!("語{word}"), PartOfSpeech::parse("名詞,一般"));
    }
    builder.build(None, 1)
}

/// A length for each of the comments that were counted.
fn lengths() -> Vec<usize> {
    LENGTHS
        .lines()
        .filter_map(|line| {
            let (words, comments) = line.split_once('\t')?;
            Some((words.parse().ok()?, comments.parse().ok()?))
        })
        .flat_map(|(words, comments): (usize, usize)| std::iter::repeat_n(words, comments))
        .collect()
}
