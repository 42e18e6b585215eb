//! Causal attention beside plain tensor operations that do the same, on one and on all cores: a
//! forward pass, a forward pass with the gradients of all inputs, and a step of one position with
//! cached keys and values.
//!
//! usage: `cargo bench -p burn-fused --bench causal_attention -- [--rounds N] [--without-plain]
//! [--cpu-time]`
//!
//! `--cpu-time`: one core, and the time that its thread ran instead of the time that went by, for a
//! machine that does other things as well (Linux).
//!
//! In each round both run for a tenth of a second, one after the other; times are medians of the
//! rounds and the ratio is the median of the rounds' ratios. Operations are those of the products
//! over the pairs of a query and a key not after it, two each for a multiplication and an addition:
//! two products forward, five more backward. Their number by second is given as a share of what a
//! core reaches that multiplies and adds in registers, measured in the same rounds.

use std::hint::black_box;

use burn::tensor::{Device, Distribution, Int, Tensor, activation};
use burn_fused::{ItemRelations, Relations, causal_attention};

mod common;
use common::Bench;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Classes of pairs.
const CLASSES: usize = 25;
/// Tokens of an event.
const EVENT: usize = 12;

fn main() -> Result<(), String> {
    Bench::for_cores(|bench| {
        for sizes in [[4, 1024, 4, 48], [8, 512, 4, 48]] {
            whole(bench, sizes);
        }
        step(bench, [16, 1024, 4, 48]);
    })
}

/// All positions at once, `[batch, length, heads, d]`.
fn whole(bench: &Bench, sizes: [usize; 4]) {
    let [batch, length, heads, d] = sizes;
    let relations = relations(batch, length);
    let inputs = Inputs::new(sizes, length);
    // Burn's operations get what they make of the relations once, as a model would keep it.
    let pairs = Pairs::new(&relations, length);
    let pairs_of_tokens = batch * heads * length * (length + 1) / 2;
    let product = 2.0 * (pairs_of_tokens * d) as f64 / 1e9;
    bench.row(
        &format!("{sizes:?} | forward"),
        2.0 * product,
        || drop(black_box(inputs.fused(&relations).into_data())),
        || drop(black_box(inputs.plain(&pairs).into_data())),
    );
    let tracked = inputs.tracked();
    let upstream = Tensor::<4>::random(sizes, Distribution::Default, &Device::flex());
    let upstream = upstream.autodiff();
    let backward =
        |output: Tensor<4>| drop(black_box((output * upstream.clone()).sum().backward()));
    bench.row(
        &format!("{sizes:?} | forward and backward"),
        7.0 * product,
        || backward(tracked.fused(&relations)),
        || backward(tracked.plain(&pairs)),
    );
}

/// The last position.
fn step(bench: &Bench, sizes: [usize; 4]) {
    let [batch, length, heads, d] = sizes;
    let relations = relations(batch, length);
    let inputs = Inputs::new(sizes, 1);
    let pairs = Pairs::new(&relations, 1);
    bench.row(
        &format!("{sizes:?} | one position, forward"),
        4.0 * (batch * heads * length * d) as f64 / 1e9,
        || drop(black_box(inputs.fused(&relations).into_data())),
        || drop(black_box(inputs.plain(&pairs).into_data())),
    );
}

/// One window a row, all of it visible; classes by how many events ago.
fn relations(batch: usize, length: usize) -> Relations {
    let num_events = length.div_ceil(EVENT);
    let event = |position: usize| u32::try_from(position / EVENT).expect("it is small");
    let class = |pair: usize| {
        let ago = (pair / num_events).abs_diff(pair % num_events);
        u8::try_from(ago.min(CLASSES - 1)).expect("it is small")
    };
    let item = ItemRelations {
        event_of: (0..length).map(event).collect(),
        classes: (0..num_events * num_events).map(class).collect(),
    };
    Relations::new(vec![item; batch]).expect("they fit")
}

struct Inputs {
    query: Tensor<4>,
    key: Tensor<4>,
    value: Tensor<4>,
    bias: Tensor<2>,
}

impl Inputs {
    fn new([batch, length, heads, d]: [usize; 4], new: usize) -> Self {
        let device = Device::flex();
        device.seed(0);
        let normal = Distribution::Normal(0.0, 1.0);
        let keys = [batch, length, heads, d];
        Self {
            query: Tensor::random([batch, new, heads, d], normal, &device),
            key: Tensor::random(keys, normal, &device),
            value: Tensor::random(keys, normal, &device),
            bias: Tensor::random([heads, CLASSES], normal, &device),
        }
    }

    fn tracked(&self) -> Self {
        Self {
            query: self.query.clone().autodiff().require_grad(),
            key: self.key.clone().autodiff().require_grad(),
            value: self.value.clone().autodiff().require_grad(),
            bias: self.bias.clone().autodiff().require_grad(),
        }
    }

    fn fused(&self, relations: &Relations) -> Tensor<4> {
        let [query, key, value] = [&self.query, &self.key, &self.value].map(Tensor::clone);
        causal_attention(query, key, value, self.bias.clone(), relations)
    }

    fn plain(&self, pairs: &Pairs) -> Tensor<4> {
        let [batch, new, heads, d] = self.query.dims();
        let length = self.key.dims()[1];
        let bias = self.bias.clone().select(1, pairs.classes.clone());
        let bias = bias.reshape([heads, batch, new, length]).swap_dims(0, 1);
        let hidden = pairs.hidden.clone().expand([batch, heads, new, length]);
        let [query, key, value] =
            [&self.query, &self.key, &self.value].map(|tensor| tensor.clone().swap_dims(1, 2));
        let query = query.div_scalar((d as f64).sqrt());
        let scores = query.matmul(key.swap_dims(2, 3)) + bias;
        let weights = activation::softmax(scores.mask_fill(hidden, -1e30), 3);
        weights.matmul(value).swap_dims(1, 2)
    }
}

/// What plain operations need of relations.
struct Pairs {
    classes: Tensor<1, Int>,
    /// `[1, 1, new, length]`: later keys; none else is hidden here.
    hidden: Tensor<4, burn::tensor::Bool>,
}

impl Pairs {
    fn new(relations: &Relations, new: usize) -> Self {
        let (batch, length) = (relations.batch(), relations.length());
        let device = Device::flex();
        let event = |position: usize| position / EVENT;
        let queries = length - new..length;
        let mut classes = Vec::with_capacity(batch * new * length);
        for _ in 0..batch {
            for query in queries.clone() {
                let class = |key| event(query).abs_diff(event(key)).min(CLASSES - 1);
                classes.extend((0..length).map(|key| i64::try_from(class(key)).expect("small")));
            }
        }
        let hidden: Vec<bool> = queries
            .flat_map(|query| (0..length).map(move |key| key > query))
            .collect();
        let hidden = burn::tensor::TensorData::new(hidden, [1, 1, new, length]);
        Self {
            classes: Tensor::from_ints(&classes[..], &device),
            hidden: Tensor::from_data(hidden, &device),
        }
    }
}
