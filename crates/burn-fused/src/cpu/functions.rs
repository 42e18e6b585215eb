//! Exponential functions of vectors.

use pulp::Simd;

/// `exp(x)`, relative error under 2⁻²²; below −87 it is as good as zero (10⁻³⁸).
///
/// `x = n ln 2 + r` with `|r| ≤ ln 2 / 2`: `exp(r)` from its Taylor series to the sixth power, `2ⁿ`
/// added to the exponent.
#[inline(always)]
pub(crate) fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    // 1.5 · 2²³: adding it rounds to the nearest integer, which is then found in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // This order of arguments lets NaN pass.
    let x = simd.min_f32s(
        simd.splat_f32s(88.0),
        simd.max_f32s(simd.splat_f32s(-87.0), x),
    );
    let shifted = simd.mul_add_f32s(
        x,
        simd.splat_f32s(std::f32::consts::LOG2_E),
        simd.splat_f32s(ROUND),
    );
    let n = simd.sub_f32s(shifted, simd.splat_f32s(ROUND));
    let r = simd.mul_add_f32s(n, simd.splat_f32s(-LN_2_HIGH), x);
    let r = simd.mul_add_f32s(n, simd.splat_f32s(-LN_2_LOW), r);
    let mut sum = simd.splat_f32s(1.0 / 720.0);
    for coefficient in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = simd.mul_add_f32s(sum, r, simd.splat_f32s(coefficient));
    }
    let exponent =
        simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
    simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(sum), exponent))
}

/// `tanh(x) = 1 − 2 / (exp(2x) + 1)`, absolute error under 2⁻²².
#[inline(always)]
pub(crate) fn tanh<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let one = simd.splat_f32s(1.0);
    let exp = exp(simd, simd.add_f32s(x, x));
    let part = simd.div_f32s(simd.splat_f32s(2.0), simd.add_f32s(exp, one));
    simd.sub_f32s(one, part)
}

/// `σ(x) = 1 / (1 + exp(−x))`.
#[inline(always)]
pub(crate) fn sigmoid<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let one = simd.splat_f32s(1.0);
    let exp = exp(simd, simd.neg_f32s(x));
    simd.div_f32s(one, simd.add_f32s(exp, one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Arch, WithSimd};

    struct All<'a>(&'a [f32], [&'a mut [f32]; 3]);

    impl WithSimd for All<'_> {
        type Output = ();
        fn with_simd<S: Simd>(self, simd: S) {
            let inputs = S::as_simd_f32s(self.0).0;
            let [e, t, s] = self.1.map(|values| S::as_mut_simd_f32s(values).0);
            for (i, &x) in inputs.iter().enumerate() {
                e[i] = exp(simd, x);
                t[i] = tanh(simd, x);
                s[i] = sigmoid(simd, x);
            }
        }
    }

    /// 4,096 numbers from −90 to 87 beside the same functions in double precision.
    #[test]
    fn functions_agree_with_double_precision() {
        let inputs: Vec<f32> = (0..4096u16).map(|i| f32::from(i) * 0.0432 - 90.0).collect();
        let [mut e, mut t, mut s] = [(); 3].map(|()| vec![0.0; inputs.len()]);
        Arch::new().dispatch(All(&inputs, [&mut e, &mut t, &mut s]));
        for (i, &x) in inputs.iter().enumerate() {
            let x = f64::from(x);
            let exact = x.exp();
            assert!(
                (f64::from(e[i]) - exact).abs() <= 4e-7 * exact + 2e-38,
                "exp {x}"
            );
            assert!((f64::from(t[i]) - x.tanh()).abs() < 3e-7, "tanh {x}");
            assert!(
                (f64::from(s[i]) - 1.0 / (1.0 + (-x).exp())).abs() < 3e-7,
                "σ {x}"
            );
        }
    }

    /// A loss that is no number must stay none.
    #[test]
    fn nan_stays_nan() {
        let inputs = [f32::NAN; 64];
        let [mut e, mut t, mut s] = [[0.0; 64]; 3];
        Arch::new().dispatch(All(&inputs, [&mut e, &mut t, &mut s]));
        assert!([e, t, s].concat().iter().all(|value| value.is_nan()));
    }
}
