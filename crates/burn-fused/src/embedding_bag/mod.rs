mod bags;
#[cfg(feature = "flex")]
mod cpu;
#[cfg(feature = "flex")]
mod simd;

pub use bags::Bags;

use burn::tensor::{IndexingUpdateOp, Int, Tensor};

/// Weighted means of rows of a table, one for each bag of rows: an embedding bag with learned
/// weights.
///
/// `out_b = Σ exp(w_r) table_r / Σ exp(w_r)` over the rows `r` of bag `b`, as often as they stand
/// in it; a bag of nothing gives zeros. A text is the bag of its hashed n-grams (Bojanowski et al.,
/// "Enriching word vectors with subword information", 2017), and the weights learn which of them
/// say something. On the CPU nothing of the size of all rows of all bags is ever in memory.
///
/// # Shapes
///
/// - `table`: `[rows, d]`
/// - `log_weights`: `[rows]`
/// - returned: `[bags, d]`
///
/// # Panics
///
/// Panics if there are not as many weights as rows, or a bag holds a row that is not there.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use burn_fused::{Bags, embedding_bag};
///
/// let device = Device::flex();
/// let table = Tensor::<2>::from_floats([[1.0, 0.0], [0.0, 1.0]], &device);
/// let mut bags = Bags::default();
/// bags.push([0, 0, 0, 1]);
/// let mean = embedding_bag(table, Tensor::zeros([2], &device), &bags);
/// assert_eq!(mean.into_data().try_into_vec::<f32>().unwrap(), [0.75, 0.25]);
/// ```
#[must_use]
pub fn embedding_bag(table: Tensor<2>, log_weights: Tensor<1>, bags: &Bags) -> Tensor<2> {
    let [rows, _] = table.dims();
    assert_eq!(log_weights.dims(), [rows], "a weight for each row");
    if let Some(highest) = bags.highest() {
        assert!((highest as usize) < rows, "row {highest} of {rows}");
    }
    #[cfg(feature = "flex")]
    if let Some(means) = cpu::embedding_bag(&table, &log_weights, bags) {
        return means;
    }
    plain(table, log_weights, bags)
}

/// The same in plain tensor operations, for any device.
fn plain(table: Tensor<2>, log_weights: Tensor<1>, bags: &Bags) -> Tensor<2> {
    let ([_, d], device) = (table.dims(), table.device());
    let zeros = Tensor::zeros([bags.len(), d + 1], &device);
    if bags.rows().is_empty() {
        return zeros.narrow(1, 0, d);
    }
    let ints = |values: Vec<i64>| Tensor::<1, Int>::from_data(values.as_slice(), &device);
    let rows = ints(bags.rows().iter().map(|row| i64::from(*row)).collect());
    let owners = ints(bags.owners());
    let weights = log_weights
        .select(0, rows.clone())
        .exp()
        .unsqueeze_dim::<2>(1);
    let weighted = table.select(0, rows) * weights.clone();
    let sums = zeros.select_assign(
        0,
        owners,
        Tensor::cat(vec![weighted, weights], 1),
        IndexingUpdateOp::Add,
    );
    let total = sums.clone().narrow(1, d, 1).clamp_min(f32::MIN_POSITIVE);
    sums.narrow(1, 0, d) / total
}

#[cfg(all(test, feature = "flex"))]
#[expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]
mod tests {
    use super::*;
    use crate::test_support::{assert_repeats, seeded};
    use burn::tensor::{Device, Distribution};

    type Way = fn(Tensor<2>, Tensor<1>, &Bags) -> Tensor<2>;

    fn bags(count: usize, rows: usize) -> Bags {
        let mut bags = Bags::default();
        for bag in 0..count {
            let len = (bag * 7) % 5; // every fifth is empty
            bags.push((0..len).map(|at| u32::try_from((bag * 31 + at * at * 13) % rows).unwrap()));
        }
        bags
    }

    /// The output and the gradients of a sum that weighs it at random.
    fn outcome(way: Way, [rows, d, count]: [usize; 3]) -> [Vec<f32>; 3] {
        let device = Device::flex().autodiff();
        let _drawing = seeded(&device, 5);
        let normal = Distribution::Normal(0.0, 1.0);
        let table = Tensor::<2>::random([rows, d], normal, &device).require_grad();
        let weights = Tensor::<1>::random([rows], normal, &device).require_grad();
        let means = way(table.clone(), weights.clone(), &bags(count, rows));
        let upstream = Tensor::<2>::random([count, d], normal, &device);
        let gradients = (means.clone() * upstream).sum().backward();
        [
            values(means),
            values(table.grad(&gradients).unwrap()),
            values(weights.grad(&gradients).unwrap()),
        ]
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().unwrap()
    }

    #[test]
    fn agrees_with_plain_operations() {
        for sizes in [[1, 1, 2], [9, 5, 40], [50, 64, 300], [7, 96, 3]] {
            let (ours, expected) = (outcome(embedding_bag, sizes), outcome(plain, sizes));
            for (ours, expected) in ours.iter().zip(&expected) {
                assert_eq!(ours.len(), expected.len());
                for (a, b) in ours.iter().zip(expected) {
                    assert!(
                        (a - b).abs() < 1e-4 * b.abs().max(1.0),
                        "{sizes:?}: {a} {b}"
                    );
                }
            }
        }
    }

    #[test]
    fn repeats_whatever_the_number_of_threads() {
        assert_repeats(|| outcome(embedding_bag, [200, 96, 3_000]));
    }

    #[test]
    fn a_large_weight_is_all_that_counts() {
        let device = Device::flex();
        let table = Tensor::<2>::from_floats([[1.0], [5.0]], &device);
        let mut bags = Bags::default();
        bags.push([0, 1]);
        bags.push([]);
        let mean = embedding_bag(table, Tensor::from_floats([0.0, 90.0], &device), &bags);
        assert_eq!(values(mean), [5.0, 0.0]);
    }
}
