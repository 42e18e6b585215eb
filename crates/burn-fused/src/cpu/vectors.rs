//! Slices of any length as vectors, the last one filled up with zeros.

use pulp::Simd;

/// Vectors that hold `len` numbers.
#[inline(always)]
pub(crate) fn count<S: Simd>(len: usize) -> usize {
    len.div_ceil(S::F32_LANES)
}

/// Vector `number` of `values`.
#[inline(always)]
pub(crate) fn load<S: Simd>(simd: S, values: &[f32], number: usize) -> S::f32s {
    let rest = &values[number * S::F32_LANES..];
    if rest.len() >= S::F32_LANES {
        S::as_simd_f32s(&rest[..S::F32_LANES]).0[0]
    } else {
        simd.partial_load_f32s(rest)
    }
}

/// Writes vector `number` of `values`, fillers left out.
#[inline(always)]
pub(crate) fn store<S: Simd>(simd: S, values: &mut [f32], number: usize, vector: S::f32s) {
    let rest = &mut values[number * S::F32_LANES..];
    if rest.len() >= S::F32_LANES {
        S::as_mut_simd_f32s(&mut rest[..S::F32_LANES]).0[0] = vector;
    } else {
        simd.partial_store_f32s(rest, vector);
    }
}

/// `Σ a b`.
#[inline(always)]
pub(crate) fn dot<S: Simd>(simd: S, a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [simd.splat_f32s(0.0); 4];
    for number in 0..count::<S>(a.len()) {
        let sum = &mut sums[number % 4];
        *sum = simd.mul_add_f32s(load(simd, a, number), load(simd, b, number), *sum);
    }
    let [a, b, c, d] = sums;
    simd.reduce_sum_f32s(simd.add_f32s(simd.add_f32s(a, b), simd.add_f32s(c, d)))
}

/// `sum += factor · values`.
#[inline(always)]
pub(crate) fn add_scaled<S: Simd>(simd: S, sum: &mut [f32], factor: f32, values: &[f32]) {
    let factor = simd.splat_f32s(factor);
    for number in 0..count::<S>(sum.len()) {
        let old = load(simd, sum, number);
        let new = simd.mul_add_f32s(factor, load(simd, values, number), old);
        store(simd, sum, number, new);
    }
}
