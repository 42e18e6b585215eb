use burn::tensor::{Device, Distribution, Int, Tensor, TensorData};
use proptest::prelude::*;

use super::{
    CopyDistribution, CopyLogLikelihood, NO_COPY, copy_distribution, copy_log_likelihood, plain,
};
use crate::{
    ItemRelations, Relations,
    test_support::{assert_repeats, relations, seeded},
};

type Way =
    fn(Tensor<3>, Tensor<3>, Tensor<2, Int>, Tensor<2, Int>, &Relations) -> CopyLogLikelihood;

#[derive(Clone)]
struct Inputs {
    query: Tensor<3>,
    key: Tensor<3>,
    tokens: Tensor<2, Int>,
    targets: Tensor<2, Int>,
}

impl Inputs {
    /// `size`: of the numbers of queries and keys.
    fn new(relations: &Relations, d: usize, num_tokens: usize, size: f64) -> Self {
        let device = Device::flex();
        let _drawing = seeded(&device, 5);
        let (batch, length) = (relations.batch(), relations.length());
        let normal = Distribution::Normal(0.0, size);
        let random = || Tensor::random([batch, length, d], normal, &device);
        let ids = |factor: usize| {
            let ids = (0..batch * length).map(|i| i64::try_from(i * i * factor / 3 % num_tokens));
            let ids: Vec<i64> = ids.map(Result::unwrap).collect();
            Tensor::from_data(TensorData::new(ids, [batch, length]), &device)
        };
        Self {
            query: random(),
            key: random(),
            tokens: ids(7),
            targets: ids(11),
        }
    }

    fn run(&self, way: Way, relations: &Relations) -> CopyLogLikelihood {
        let Self {
            query,
            key,
            tokens,
            targets,
        } = self.clone();
        way(query, key, tokens, targets, relations)
    }

    /// Both outputs and the gradients of a sum that weighs them at random.
    fn outcome(&self, way: Way, relations: &Relations) -> Vec<Vec<f32>> {
        let tracked = Self {
            query: self.query.clone().autodiff().require_grad(),
            key: self.key.clone().autodiff().require_grad(),
            ..self.clone()
        };
        let copy = tracked.run(way, relations);
        let device = self.query.device();
        let _drawing = seeded(&device, 6);
        let sizes = [relations.batch(), relations.length()];
        let random = || Tensor::random(sizes, Distribution::Normal(0.0, 1.0), &device).autodiff();
        let sum = (copy.target.clone() * random()).sum() + (copy.none.clone() * random()).sum();
        let gradients = sum.backward();
        vec![
            values(copy.target),
            values(copy.none),
            values(tracked.query.grad(&gradients).unwrap()),
            values(tracked.key.grad(&gradients).unwrap()),
        ]
    }

    /// Of the last `new` positions.
    fn distribution(
        &self,
        way: fn(Tensor<3>, Tensor<3>, Tensor<2, Int>, usize, &Relations) -> CopyDistribution,
        new: usize,
        num_tokens: usize,
        relations: &Relations,
    ) -> [Vec<f32>; 2] {
        let query = self.query.clone().narrow(1, relations.length() - new, new);
        let (key, tokens) = (self.key.clone(), self.tokens.clone());
        let copy = way(query, key, tokens, num_tokens, relations);
        [values(copy.tokens), values(copy.none)]
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

const NAMES: [&str; 4] = ["target", "none", "query", "key"];

fn check(relations: &Relations, d: usize, num_tokens: usize) -> Result<(), TestCaseError> {
    let inputs = Inputs::new(relations, d, num_tokens, 1.2);
    let ours = inputs.outcome(copy_log_likelihood, relations);
    let expected = inputs.outcome(plain::copy_log_likelihood, relations);
    for (name, (ours, expected)) in NAMES.iter().zip(ours.iter().zip(&expected)) {
        prop_assert_eq!(ours.len(), expected.len());
        let is_output = ["target", "none"].contains(name);
        for (a, b) in ours.iter().zip(expected) {
            // Logarithms of the smallest likelihoods are some tens.
            let tolerance = if is_output {
                1e-5 * b.abs().max(1.0)
            } else {
                1e-4
            };
            prop_assert!((a - b).abs() <= tolerance, "{}: {} {}", name, a, b);
        }
    }
    let without_graph = inputs.run(copy_log_likelihood, relations);
    prop_assert_eq!(&values(without_graph.target), &ours[0]);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Few tokens, of which most have a match, and many.
    #[test]
    fn agrees_with_plain_operations(
        relations in relations(),
        d in prop::sample::select(vec![1, 7, 32, 64, 70]),
        num_tokens in prop::sample::select(vec![2, 17, 1000]),
    ) {
        check(&relations, d, num_tokens)?;
    }

    /// The distribution agrees with plain operations, sums to 1, and gives each target the
    /// probability whose logarithm the likelihood is.
    #[test]
    fn distribution_agrees_with_plain_operations_and_likelihood(
        relations in relations(),
        d in prop::sample::select(vec![3, 32]),
        share in 0.0..1.0f64,
    ) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
        let new = 1 + (share * (relations.length() - 1) as f64) as usize;
        let num_tokens = 20;
        let inputs = Inputs::new(&relations, d, num_tokens, 1.0);
        let [tokens, none] = inputs.distribution(copy_distribution, new, num_tokens, &relations);
        let expected = inputs.distribution(plain::copy_distribution, new, num_tokens, &relations);
        for (ours, expected) in [&tokens, &none].into_iter().zip(&expected) {
            prop_assert_eq!(ours.len(), expected.len());
            for (a, b) in ours.iter().zip(expected) {
                prop_assert!((a - b).abs() < 1e-5, "{} {}", a, b);
            }
        }
        let copy = inputs.run(copy_log_likelihood, &relations);
        let last = |tensor: Tensor<2>| values(tensor.narrow(1, relations.length() - new, new));
        let (likelihoods, nones) = (last(copy.target), last(copy.none));
        let targets = inputs.targets.clone().narrow(1, relations.length() - new, new).into_data();
        for (row, target) in targets.iter::<i64>().enumerate() {
            let tokens = &tokens[row * num_tokens..][..num_tokens];
            prop_assert!((tokens.iter().sum::<f32>() + none[row] - 1.0).abs() < 1e-5);
            prop_assert!((nones[row].exp() - none[row]).abs() < 1e-5);
            let probability = tokens[usize::try_from(target).unwrap()];
            prop_assert!((likelihoods[row].exp() - probability).abs() < 1e-5);
            prop_assert_eq!(likelihoods[row] == NO_COPY, probability == 0.0);
        }
    }
}

#[test]
fn agrees_at_the_edges_of_blocks() {
    for length in [1, 2, 6, 7, 47, 48, 49, 64, 65, 128, 193] {
        check(&Relations::causal(2, length), 24, 9).unwrap();
    }
}

/// Three sequences in a row of 200.
fn packed(batch: usize) -> Relations {
    let item = ItemRelations {
        event_of: (0..200u32).map(|position| position / 70).collect(),
        classes: vec![0, 255, 255, 255, 0, 255, 255, 255, 0],
    };
    Relations::new(vec![item; batch]).unwrap()
}

#[test]
fn repeats_to_the_last_bit_whatever_the_number_of_threads() {
    let relations = packed(2);
    let inputs = Inputs::new(&relations, 20, 30, 1.0);
    assert_repeats(|| inputs.outcome(copy_log_likelihood, &relations));
}

/// What comes after a position, or is hidden from it, changes no bit of its likelihoods; nor does
/// its own token.
#[test]
fn later_and_hidden_tokens_change_nothing() {
    let relations = packed(1);
    let inputs = Inputs::new(&relations, 20, 10, 1.0);
    let before = inputs.run(copy_log_likelihood, &relations);
    let [target, none] = [before.target, before.none].map(values);
    for (first, len, same) in [(100, 100, 0..100), (0, 70, 70..200)] {
        let mut changed = inputs.clone();
        let device = Device::flex();
        let _drawing = seeded(&device, 7);
        let other = Tensor::random([1, len, 20], Distribution::Normal(0.0, 9.0), &device);
        changed.key = changed
            .key
            .slice_assign([0..1, first..first + len, 0..20], other);
        let tokens = Tensor::full([1, len], 3, &device);
        changed.tokens = changed
            .tokens
            .slice_assign([0..1, first..first + len], tokens);
        let after = changed.run(copy_log_likelihood, &relations);
        let [other_target, other_none] = [after.target, after.none].map(values);
        assert!(target[same.clone()] == other_target[same.clone()]);
        assert!(none[same.clone()] == other_none[same]);
        assert_ne!(target, other_target);
    }
}

/// Nothing to copy: the likelihood is `NO_COPY`, its gradient 0, and that of none is left.
#[test]
fn without_a_match_there_is_no_gradient() {
    let relations = Relations::causal(1, 100);
    let mut inputs = Inputs::new(&relations, 8, 10, 1.0);
    inputs.targets = inputs.targets.add_scalar(1000);
    for way in [copy_log_likelihood, plain::copy_log_likelihood] {
        for of_none in [0.0, 1.0] {
            let query = inputs.query.clone().autodiff().require_grad();
            let tracked = Inputs {
                query: query.clone(),
                ..inputs.clone()
            };
            let copy = tracked.run(way, &relations);
            assert_eq!(values(copy.target.clone()), [NO_COPY; 100]);
            let sum = copy.target.sum() + copy.none.sum().mul_scalar(of_none);
            let gradient = values(query.grad(&sum.backward()).unwrap());
            assert_eq!(gradient.iter().all(|value| *value == 0.0), of_none == 0.0);
        }
    }
}

#[test]
fn large_scores_stay_finite() {
    let relations = packed(1);
    for size in [1e3, 1e8] {
        let inputs = Inputs::new(&relations, 16, 5, size);
        for (name, values) in NAMES
            .iter()
            .zip(inputs.outcome(copy_log_likelihood, &relations))
        {
            assert!(
                values.iter().all(|value| value.is_finite()),
                "{name}, {size}"
            );
        }
        let [tokens, none] = inputs.distribution(copy_distribution, 3, 5, &relations);
        assert!(tokens.iter().chain(&none).all(|value| value.is_finite()));
    }
}

#[test]
fn no_positions_have_no_likelihood() {
    let relations = Relations::causal(2, 0);
    let device = Device::flex();
    let vectors = || Tensor::zeros([2, 0, 4], &device);
    let tokens = || Tensor::zeros([2, 0], &device);
    let copy = copy_log_likelihood(vectors(), vectors(), tokens(), tokens(), &relations);
    assert_eq!(copy.target.dims(), [2, 0]);
    let copy = copy_distribution(vectors(), vectors(), tokens(), 9, &relations);
    assert_eq!(copy.tokens.dims(), [2, 0, 9]);
}
