use burn::tensor::{Device, Distribution, Tensor};
use proptest::prelude::*;

use super::{causal_attention, plain};
use crate::{
    ItemRelations, Relations,
    test_support::{assert_repeats, relations, seeded},
};

type Way = fn(Tensor<4>, Tensor<4>, Tensor<4>, Tensor<2>, &Relations) -> Tensor<4>;

/// Queries, keys, values and bias, drawn alike for the same sizes.
#[derive(Clone)]
struct Inputs {
    query: Tensor<4>,
    key: Tensor<4>,
    value: Tensor<4>,
    bias: Tensor<2>,
}

impl Inputs {
    /// `size`: of the numbers of queries and keys.
    fn new(relations: &Relations, [new, heads, d]: [usize; 3], size: f64, device: &Device) -> Self {
        let _drawing = seeded(device, 5);
        let normal = |size| Distribution::Normal(0.0, size);
        let keys = [relations.batch(), relations.length(), heads, d];
        let queries = [relations.batch(), new, heads, d];
        let classes = [heads, relations.num_classes() + 1];
        Self {
            query: Tensor::random(queries, normal(size), device),
            key: Tensor::random(keys, normal(size), device),
            value: Tensor::random(keys, normal(1.0), device),
            bias: Tensor::random(classes, normal(1.5), device),
        }
    }

    fn run(&self, way: Way, relations: &Relations) -> Tensor<4> {
        let Self {
            query,
            key,
            value,
            bias,
        } = self.clone();
        way(query, key, value, bias, relations)
    }

    /// The output and the gradients of a sum that weighs it at random.
    fn outcome(&self, way: Way, relations: &Relations) -> Vec<Vec<f32>> {
        let tracked = Self {
            query: self.query.clone().autodiff().require_grad(),
            key: self.key.clone().autodiff().require_grad(),
            value: self.value.clone().autodiff().require_grad(),
            bias: self.bias.clone().autodiff().require_grad(),
        };
        let output = tracked.run(way, relations);
        let device = self.query.device();
        let _drawing = seeded(&device, 6);
        let upstream = Tensor::random(output.dims(), Distribution::Normal(0.0, 1.0), &device);
        let gradients = (output.clone() * upstream.autodiff()).sum().backward();
        vec![
            values(output),
            values(tracked.query.grad(&gradients).unwrap()),
            values(tracked.key.grad(&gradients).unwrap()),
            values(tracked.value.grad(&gradients).unwrap()),
            values(tracked.bias.grad(&gradients).unwrap()),
        ]
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

const NAMES: [&str; 5] = ["output", "query", "key", "value", "bias"];

fn check(relations: &Relations, sizes: [usize; 3]) -> Result<(), TestCaseError> {
    let inputs = Inputs::new(relations, sizes, 1.0, &Device::flex());
    let ours = inputs.outcome(causal_attention, relations);
    let expected = inputs.outcome(plain::causal_attention, relations);
    for (name, (ours, expected)) in NAMES.iter().zip(ours.iter().zip(&expected)) {
        prop_assert_eq!(ours.len(), expected.len());
        let tolerance = if *name == "output" { 1e-5 } else { 1e-4 };
        let size = expected.iter().fold(1f32, |size, v| size.max(v.abs()));
        for (a, b) in ours.iter().zip(expected) {
            prop_assert!((a - b).abs() < tolerance * size, "{}: {} {}", name, a, b);
        }
    }
    let without_graph = values(inputs.run(causal_attention, relations));
    prop_assert_eq!(&without_graph, &ours[0]);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Any events and classes; some of the positions as queries, or in every other case all.
    #[test]
    fn agrees_with_plain_operations(
        relations in relations(),
        heads in 1..4usize,
        d in prop::sample::select(vec![1, 7, 16, 32, 48, 64, 70]),
        share in 0.0..2.0f64,
    ) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
        let new = 1 + (share.min(1.0) * (relations.length() - 1) as f64) as usize;
        check(&relations, [new, heads, d])?;
    }
}

/// Sizes about those of blocks, panels and tiles.
#[test]
fn agrees_at_the_edges_of_blocks() {
    for length in [1, 2, 5, 6, 7, 47, 48, 49, 63, 64, 65, 128, 193] {
        check(&Relations::causal(2, length), [length, 2, 24]).unwrap();
        check(&Relations::causal(1, length), [1, 1, 64]).unwrap();
    }
}

/// Several sequences in a row of 300, each of runs of events, as training has them.
fn packed(batch: usize) -> Relations {
    let item = |number: usize| {
        let length = 7 + number;
        let event_of: Vec<u32> = (0..300)
            .map(|i| u32::try_from(i / length).unwrap())
            .collect();
        let num_events = 300usize.div_ceil(length);
        let class = |query: usize, key: usize| match query / 16 == key / 16 {
            true if key <= query => u8::try_from(query - key).unwrap(),
            _ => Relations::HIDDEN,
        };
        let pairs = (0..num_events * num_events).map(|i| class(i / num_events, i % num_events));
        ItemRelations {
            event_of,
            classes: pairs.collect(),
        }
    };
    Relations::new((0..batch).map(item).collect()).unwrap()
}

#[test]
fn repeats_to_the_last_bit_whatever_the_number_of_threads() {
    for (relations, new) in [(packed(1), 300), (packed(3), 300), (packed(2), 3)] {
        let inputs = Inputs::new(&relations, [new, 3, 20], 1.0, &Device::flex());
        assert_repeats(|| inputs.outcome(causal_attention, &relations));
    }
}

/// What comes after a position, or is hidden from it, changes no bit of its output.
#[test]
fn later_and_hidden_tokens_change_nothing() {
    let relations = packed(1);
    let device = Device::flex();
    let inputs = Inputs::new(&relations, [300, 2, 32], 1.0, &device);
    let before = values(inputs.run(causal_attention, &relations));
    let row = 2 * 32;
    // The second sequence begins with event 16, at position 112.
    for (first, len, same) in [(250, 50, 0..250), (0, 112, 112..300)] {
        let ranges = [0..1, first..first + len, 0..2, 0..32];
        let other = |tensor: Tensor<4>, distribution| {
            let _drawing = seeded(&device, 7);
            let drawn = Tensor::random([1, len, 2, 32], distribution, &device);
            tensor.slice_assign(ranges.clone(), drawn)
        };
        let mut changed = inputs.clone();
        changed.query = other(changed.query, Distribution::Normal(0.0, 3.0));
        changed.key = other(changed.key, Distribution::Normal(0.0, 30.0));
        changed.value = other(changed.value, Distribution::Normal(5.0, 30.0));
        let after = values(changed.run(causal_attention, &relations));
        let kept = same.start * row..same.end * row;
        assert!(
            before[kept.clone()] == after[kept],
            "{first} to {}",
            first + len
        );
        assert_ne!(before[first * row..], after[first * row..]);
    }
}

/// With cached keys and values one, four or five positions at a time give what all positions
/// at once give.
#[test]
fn steps_agree_with_the_whole() {
    let all = packed(2);
    let [heads, d] = [2, 48];
    let inputs = Inputs::new(&all, [300, heads, d], 1.0, &Device::flex());
    let whole = inputs.run(causal_attention, &all);
    for new in [1, 4, 5] {
        for length in (new..300).step_by(23) {
            let items = all.items().iter().map(|item| ItemRelations {
                event_of: item.event_of[..length].to_vec(),
                classes: item.classes.clone(),
            });
            let relations = Relations::new(items.collect()).unwrap();
            let step = Inputs {
                query: inputs.query.clone().narrow(1, length - new, new),
                key: inputs.key.clone().narrow(1, 0, length),
                value: inputs.value.clone().narrow(1, 0, length),
                bias: inputs.bias.clone(),
            };
            let ours = values(step.run(causal_attention, &relations));
            let expected = values(whole.clone().narrow(1, length - new, new));
            for (a, b) in ours.iter().zip(&expected) {
                assert!((a - b).abs() < 1e-5, "{new} of {length}: {a} {b}");
            }
        }
    }
}

/// Only some inputs are differentiated: their gradients are those of all.
#[test]
fn gradients_of_some_inputs_agree_with_those_of_all() {
    let relations = packed(1);
    let inputs = Inputs::new(&relations, [300, 2, 16], 1.0, &Device::flex());
    let all = inputs.outcome(causal_attention, &relations);
    let upstream = {
        let device = Device::flex();
        let _drawing = seeded(&device, 6);
        Tensor::<4>::random([1, 300, 2, 16], Distribution::Normal(0.0, 1.0), &device)
    };
    let mut only = inputs.clone();
    only.value = only.value.autodiff().require_grad();
    let sum = (only.run(causal_attention, &relations) * upstream.clone().autodiff()).sum();
    assert!(values(only.value.grad(&sum.backward()).unwrap()) == all[3]);
    let mut only = inputs;
    only.bias = only.bias.autodiff().require_grad();
    let sum = (only.run(causal_attention, &relations) * upstream.autodiff()).sum();
    assert!(values(only.bias.grad(&sum.backward()).unwrap()) == all[4]);
}

/// Scores of some 10^6 and 10^16: the weights are 0 and 1, nothing overflows.
#[test]
fn large_scores_stay_finite() {
    let relations = packed(1);
    for size in [1e3, 1e8] {
        let inputs = Inputs::new(&relations, [300, 2, 16], size, &Device::flex());
        let outcome = inputs.outcome(causal_attention, &relations);
        for (name, values) in NAMES.iter().zip(outcome) {
            assert!(
                values.iter().all(|value| value.is_finite()),
                "{name}, {size}"
            );
        }
    }
}

/// Half precision takes plain operations on the CPU.
#[test]
fn other_types_take_plain_operations() {
    use burn::tensor::FloatDType;
    let relations = packed(1);
    let inputs = Inputs::new(&relations, [300, 2, 16], 1.0, &Device::flex());
    let half = Inputs {
        query: inputs.query.clone().cast(FloatDType::BF16),
        key: inputs.key.clone().cast(FloatDType::BF16),
        value: inputs.value.clone().cast(FloatDType::BF16),
        bias: inputs.bias.clone().cast(FloatDType::BF16),
    };
    let ours = half.run(causal_attention, &relations);
    assert_eq!(ours.dtype(), burn::tensor::DType::BF16);
    let expected = values(inputs.run(causal_attention, &relations));
    for (a, b) in values(ours.cast(FloatDType::F32)).iter().zip(&expected) {
        assert!((a - b).abs() < 0.1, "{a} {b}");
    }
}

/// No queries: nothing is computed.
#[test]
fn no_queries_have_no_output() {
    let relations = Relations::causal(2, 3);
    let inputs = Inputs::new(&relations, [0, 2, 4], 1.0, &Device::flex());
    assert_eq!(
        inputs.run(causal_attention, &relations).dims(),
        [2, 0, 2, 4]
    );
}

#[test]
#[should_panic(expected = "columns for")]
fn a_class_without_a_bias_panics() {
    let relations = packed(1);
    let mut inputs = Inputs::new(&relations, [300, 1, 4], 1.0, &Device::flex());
    inputs.bias = inputs.bias.narrow(1, 0, 3);
    inputs.run(causal_attention, &relations);
}
