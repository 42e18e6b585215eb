//! Which of several comments was written at a moment.

use burn::{
    config::Config,
    module::{Initializer, Module, Param},
    nn::{Linear, LinearConfig},
    tensor::{Device, Int, Tensor, activation},
};
use burn_fused::{embedding_bag, linear};

use super::{
    lexical::NUM_LEXICAL,
    match_batch::{MatchBatch, MatchContext, NUM_LAGS},
};
use crate::files::{layer, matrix, sum};

/// Added to the score of what does not stand there.
const NEVER: f32 = -1e4;
/// What is mixed of a candidate: its n-grams in common, and its likeness to near comments and
/// lines, to lines alone, to far comments, to far lines, and its popularity.
const NUM_FEATURES: usize = NUM_LEXICAL + 5;

/// Configuration of [`CommentMatcher`]; [`init`](Self::init) makes the network.
#[derive(Config, Debug, PartialEq)]
pub struct CommentMatcherConfig {
    /// Rows of the table of hashed n-grams.
    #[config(default = 65_536)]
    pub num_rows: usize,
    /// Size of a text's vector.
    #[config(default = 96)]
    pub d_model: usize,
    /// Hidden units of the layers that make a number of a vector and of features.
    #[config(default = 48)]
    pub d_hidden: usize,
}

/// Scores comments by how well they fit a moment: what of it was said and written just before, and
/// not always.
///
/// A text is the weighted mean of the vectors of its hashed n-grams, and a residual layer of it. A
/// candidate's likeness to what is read is the log of the sum, over near comments and lines, of
/// `exp(a · cos(query, key) + bias[lag])`; likeness to far ones tells what is usual in the video.
/// These, the n-grams in common with each span of the past weighed by how rare they are, and the
/// candidate's popularity are mixed by a layer. It learns to tell the true comment from others of
/// the video.
#[derive(Module, Debug)]
pub struct CommentMatcher {
    /// `[rows, d_model]`.
    pub table: Param<Tensor<2>>,
    /// `[rows]`: logarithms of what each row counts within a text.
    pub log_weights: Param<Tensor<1>>,
    /// `[rows]`: inverse document frequencies, which are counted and not learnt.
    pub rarity: Param<Tensor<1>>,
    /// First layer of the residual.
    pub widen: Linear,
    /// Second layer of the residual.
    pub narrow: Linear,
    /// From a candidate to what comments are compared with.
    pub to_comments: Linear,
    /// From a candidate to what lines are compared with.
    pub to_lines: Linear,
    /// `[34]`: by how long ago something was read.
    pub lags: Param<Tensor<1>>,
    /// `[4]`: scales of likeness to near comments, near lines, far comments, far lines.
    pub scales: Param<Tensor<1>>,
    /// `[4]`: scores of nothing among what is near, near lines, far comments, far lines.
    pub nothing: Param<Tensor<1>>,
    /// `[2]`: what far comments and far lines count.
    pub far: Param<Tensor<1>>,
    /// First layer of the popularity.
    pub popularity: Linear,
    /// Second layer of the popularity.
    pub popularity_out: Linear,
    /// First layer of the mixture.
    pub mix: Linear,
    /// Second layer of the mixture.
    pub mix_out: Linear,
}

impl CommentMatcherConfig {
    pub(super) fn sizes(&self) -> [usize; 4] {
        let table = self.num_rows.saturating_mul(self.d_model).div_ceil(64);
        [self.num_rows, self.d_model, self.d_hidden, table]
    }

    /// Numbers of the weights, to be found in a file before a network of these sizes is made.
    pub(super) fn num_weights(&self) -> u128 {
        let (d, hidden) = (self.d_model, self.d_hidden);
        sum([
            matrix(self.num_rows, d),
            matrix(self.num_rows, 2),
            layer(d, d.saturating_mul(2)),
            layer(d.saturating_mul(2), d),
            layer(d, d).saturating_mul(2),
            (NUM_LAGS + 4 + 4 + 2) as u128,
            layer(d, hidden),
            layer(NUM_FEATURES, hidden),
            layer(hidden, 1).saturating_mul(2),
        ])
    }

    /// Makes the network; `rarity` has a number for each row
    /// ([`ngram_weights`](super::ngram_weights)).
    ///
    /// # Panics
    ///
    /// Panics if it has not.
    #[must_use]
    pub fn init(&self, rarity: &[f32], device: &Device) -> CommentMatcher {
        assert_eq!(rarity.len(), self.num_rows, "a weight for each row");
        let (d, hidden) = (self.d_model, self.d_hidden);
        let filled = |values: &[f32]| Param::from_tensor(Tensor::from_floats(values, device));
        let near = |std: f64| Initializer::Normal { mean: 0.0, std };
        let identity = || Linear {
            weight: Param::from_tensor(Tensor::eye(d, device)),
            bias: Some(Initializer::Zeros.init([d], device)),
        };
        let small = |from: usize, to: usize| {
            LinearConfig::new(from, to)
                .with_initializer(near(0.02))
                .init(device)
        };
        CommentMatcher {
            table: near(0.3).init([self.num_rows, d], device),
            log_weights: Initializer::Zeros.init([self.num_rows], device),
            rarity: filled(rarity).set_require_grad(false),
            widen: LinearConfig::new(d, 2 * d).init(device),
            narrow: small(2 * d, d),
            to_comments: identity(),
            to_lines: identity(),
            lags: Initializer::Zeros.init([NUM_LAGS], device),
            scales: filled(&[6.0; 4]),
            nothing: filled(&[0.0, 0.0, 3.0, 3.0]),
            far: filled(&[-0.1, -0.1]),
            popularity: LinearConfig::new(d, hidden).init(device),
            popularity_out: LinearConfig::new(hidden, 1).init(device),
            mix: LinearConfig::new(NUM_FEATURES, hidden).init(device),
            mix_out: small(hidden, 1),
        }
    }
}

impl CommentMatcher {
    /// The score of each candidate at each moment, `[moments, candidates]`; greater is likelier.
    ///
    /// # Panics
    ///
    /// Panics if the batch has n-grams of a larger table.
    #[must_use]
    pub fn forward(&self, batch: &MatchBatch) -> Tensor<2> {
        let device = self.table.device();
        let texts = self.texts(batch);
        let candidates = texts.clone().select(0, ints(&batch.candidates, &device));
        let keys = unit(texts);
        let likeness = |layer: &Linear| {
            let queries = unit(linear(layer, candidates.clone()));
            keys.clone().matmul(queries.transpose()) // [texts, candidates]
        };
        let (to_comments, to_lines) = (likeness(&self.to_comments), likeness(&self.to_lines));
        let lags = self.lags_and_nothing(&device);
        let read = |likeness: &Tensor<2>, context: &MatchContext, scale: usize| {
            self.read(likeness, context, scale, &lags, batch)
        };
        let lines = read(&to_lines, &batch.lines, 1);
        let near = read(&to_comments, &batch.comments, 0);
        let near = log_sum_exp([near, lines.clone(), self.no_text(0, batch)]);
        let lines = log_sum_exp([lines, self.no_text(1, batch)]);
        let far_comments = read(&to_comments, &batch.far_comments, 2);
        let far_comments = log_sum_exp([far_comments, self.no_text(2, batch)]);
        let far_lines = read(&to_lines, &batch.far_lines, 3);
        let far_lines = log_sum_exp([far_lines, self.no_text(3, batch)]);
        let hidden = activation::relu(linear(&self.popularity, candidates));
        let popularity = linear(&self.popularity_out, hidden).transpose(); // [1, candidates]
        let popularity = popularity.expand(near.dims());
        let far = |place: usize| self.far.val().narrow(0, place, 1).unsqueeze::<2>();
        let sum = near.clone()
            + far_comments.clone() * far(0)
            + far_lines.clone() * far(1)
            + popularity.clone();
        sum + self.mixed([near, lines, far_comments, far_lines, popularity], batch)
    }

    /// `[texts, d_model]`.
    fn texts(&self, batch: &MatchBatch) -> Tensor<2> {
        let texts = embedding_bag(self.table.val(), self.log_weights.val(), &batch.texts);
        let wide = activation::gelu(linear(&self.widen, texts.clone()));
        texts + linear(&self.narrow, wide)
    }

    fn lags_and_nothing(&self, device: &Device) -> Tensor<1> {
        let mut never = [0.0; NUM_LAGS];
        never[0] = NEVER;
        self.lags.val() + Tensor::<1>::from_floats(never, device)
    }

    /// The scores of all that is read, `[moments, width, candidates]`.
    fn read(
        &self,
        likeness: &Tensor<2>,
        context: &MatchContext,
        scale: usize,
        lags: &Tensor<1>,
        batch: &MatchBatch,
    ) -> Tensor<3> {
        let device = self.table.device();
        let scale = self.scales.val().narrow(0, scale, 1).unsqueeze::<2>();
        let scores = likeness.clone().select(0, ints(&context.texts, &device)) * scale;
        let lags = lags.clone().select(0, ints(&context.lags, &device));
        let scores = scores + lags.unsqueeze_dim::<2>(1);
        scores.reshape([batch.moments, context.width, batch.num_candidates()])
    }

    fn no_text(&self, place: usize, batch: &MatchBatch) -> Tensor<3> {
        let score = self.nothing.val().narrow(0, place, 1).unsqueeze::<3>();
        score.expand([batch.moments, 1, batch.num_candidates()])
    }

    fn mixed(&self, features: [Tensor<2>; 5], batch: &MatchBatch) -> Tensor<2> {
        let dims = features[0].dims();
        let rows = dims[0] * dims[1];
        let lexical = Tensor::<1>::from_floats(&batch.lexical[..], &self.table.device());
        let mut columns = vec![lexical.reshape([rows, NUM_LEXICAL])];
        columns.extend(features.map(|feature| feature.reshape([rows, 1])));
        let hidden = activation::relu(linear(&self.mix, Tensor::cat(columns, 1)));
        linear(&self.mix_out, hidden).reshape(dims)
    }
}

fn ints(values: &[i64], device: &Device) -> Tensor<1, Int> {
    Tensor::from_data(values, device)
}

fn unit(vectors: Tensor<2>) -> Tensor<2> {
    let norm = vectors.clone().square().sum_dim(1).add_scalar(1e-8).sqrt();
    vectors / norm
}

/// Over all that is read.
fn log_sum_exp<const N: usize>(scores: [Tensor<3>; N]) -> Tensor<2> {
    let scores = Tensor::cat(scores.to_vec(), 1);
    let highest = scores.clone().detach().max_dim(1);
    let sum = (scores - highest.clone()).exp().sum_dim(1);
    (sum.log() + highest).squeeze_dim::<2>(1)
}
